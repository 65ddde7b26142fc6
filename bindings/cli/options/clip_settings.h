/* SPDX-License-Identifier: MIT */
/*
 * clip_settings.h - the options that say which frames of a clip are read, and
 * what becomes of scores over time.
 */
#ifndef EXPCLIP_CLI_CLIP_SETTINGS_H
#define EXPCLIP_CLI_CLIP_SETTINGS_H

#include <expclip_clips.h>

#include "commands/command.h"

typedef struct frames_settings {
    const char *sampling; /* NULL = not given */
    const char *order;
    expclip_frames_options options;
} frames_settings;

#define FRAMES_SETTINGS_DEFAULT                                                \
    {                                                                          \
        NULL, "natural", EXPCLIP_FRAMES_OPTIONS_INIT                           \
    }

#define FRAMES_OPTIONS(type, f)                                                \
    OPT_HEADING("Frames"),                                                     \
        OPT_CHOICE(                                                            \
            type, f.sampling, "sampling", "spread|exact|all",                  \
            "Which frames are used. spread takes the middles of N equal "      \
            "parts of the clip, or all of fewer frames; exact is the rule of " \
            "the paper's reference code, which takes only the first frame of " \
            "clips of N frames or fewer; all takes all. Default: spread"),     \
        OPT_INT(type, f.options.n_samples, "frames", 1, 65536,                 \
                "The N of spread and exact."),                                 \
        OPT_CHOICE(type, f.order, "order", "natural|string",                   \
                   "How the files of a folder are sorted: natural has 2 "      \
                   "before 10; string compares bytes, so 10 comes before 2, "  \
                   "as in the paper's reference code."),                       \
        OPT_DOUBLE(type, f.options.start, "start", "SECONDS", 0, 1e9,          \
                   "Leave out the frames before this time."),                  \
        OPT_DOUBLE(type, f.options.end, "end", "SECONDS", 0, 1e9,              \
                   "Leave out the frames from this time on; 0 means none."),   \
        OPT_DOUBLE(type, f.options.frame_rate, "frame-rate", "X", 1e-3, 1e6,   \
                   "The frames per second of a folder."),                      \
        OPT_OFF(type, f.options.rotate, "no-rotate", 0,                        \
                "Do not rotate a video as its metadata says.")

/**
 * Translate, or report what does not fit.
 *
 * @param all  the option that needs all frames, "--timeline", or NULL
 * @return 0 or EXIT_USAGE
 */
int frames_settings_read(expclip_frames_options *out, const frames_settings *s,
                         const char *all);

typedef struct timeline_settings {
    const char *files; /* NULL = no timeline */
    const char *smooth;
    expclip_timeline_options options;
} timeline_settings;

#define TIMELINE_SETTINGS_DEFAULT                                              \
    {                                                                          \
        NULL, "ema", EXPCLIP_TIMELINE_OPTIONS_INIT                             \
    }

#define TIMELINE_OPTIONS(type, t)                                              \
    OPT_HEADING("Timeline"),                                                   \
        OPT_TEXT(                                                              \
            type, t.files, "timeline", 0, "FILE[,FILE...]",                    \
            "Also score each frame of the clip and write its probabilities "   \
            "over time. The ending of the name selects the format: .csv has "  \
            "one row per frame; .jsonl has one object per frame and one per "  \
            "segment in which a class is probable; .vtt has the segments as "  \
            "subtitles; .svg, .pdf and .png are plots. Of several faces each " \
            "has a plot of its own, with its number in the name: faces.svg "   \
            "becomes faces-0.svg, faces-1.svg ..."),                           \
        OPT_CHOICE(type, t.smooth, "smooth", "ema|median|none",                \
                   "How the scores of neighbouring frames are combined: ema "  \
                   "is an exponential moving average over time, median the "   \
                   "median of the frames around, none leaves them alone."),    \
        OPT_DOUBLE(                                                            \
            type, t.options.ema_seconds, "ema", "SECONDS", 1e-6, 1e6,          \
            "The time constant of ema: a frame of this age weighs 1/e."),      \
        OPT_INT(type, t.options.median_frames, "median", 1, 999,               \
                "The number of frames of median, which must be odd."),         \
        OPT_DOUBLE(type, t.options.enter, "enter", "P", 0, 1,                  \
                   "A segment begins when its class is the best and has at "   \
                   "least this probability."),                                 \
        OPT_DOUBLE(type, t.options.leave, "leave", "P", 0, 1,                  \
                   "A segment ends when its class falls below this "           \
                   "probability, or when another class begins a segment."),    \
        OPT_DOUBLE(type, t.options.min_seconds, "min-segment", "SECONDS", 0,   \
                   1e6, "Drop segments that are shorter.")

/** As frames_settings_read(). */
int timeline_settings_read(expclip_timeline_options *out,
                           const timeline_settings *s, float temperature);

#endif
