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
        OPT_CHOICE(type, f.sampling, "sampling", "spread|exact|all",           \
                   "Which frames count: the middles of N equal parts; the"     \
                   " same as the paper's reference, which takes the first"     \
                   " frame alone of N or fewer; or all. Default: spread"),     \
        OPT_INT(type, f.options.n_samples, "frames", 1, 65536,                 \
                "N of spread and exact."),                                     \
        OPT_CHOICE(type, f.order, "order", "natural|string",                   \
                   "How a folder's files are sorted: 2 before 10, or as the"   \
                   " paper's reference 10 before 2."),                         \
        OPT_DOUBLE(type, f.options.start, "start", "SECONDS", 0, 1e9,          \
                   "Leave out the frames before."),                            \
        OPT_DOUBLE(type, f.options.end, "end", "SECONDS", 0, 1e9,              \
                   "Leave out the frames from then on; 0 = none."),            \
        OPT_DOUBLE(type, f.options.frame_rate, "frame-rate", "X", 1e-3, 1e6,   \
                   "Frames per second of a folder."),                          \
        OPT_OFF(type, f.options.rotate, "no-rotate", 0,                        \
                "Leave a video as it lies, whatever its metadata says.")

/**
 * Translate, or report what does not fit.
 *
 * @param all  1 = a timeline needs all frames
 * @return 0 or EXIT_USAGE
 */
int frames_settings_read(expclip_frames_options *out, const frames_settings *s,
                         int all);

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
        OPT_TEXT(type, t.files, "timeline", 0, "FILE[,FILE...]",               \
                 "Score each frame of the clip and write its scores over"      \
                 " time. The ending says how: .csv, .jsonl, .vtt (segments as" \
                 " subtitles), or a plot: .svg .pdf .png"),                    \
        OPT_CHOICE(type, t.smooth, "smooth", "ema|median|none",                \
                   "How scores of neighbouring frames are joined."),           \
        OPT_DOUBLE(type, t.options.ema_seconds, "ema", "SECONDS", 1e-6, 1e6,   \
                   "After this time an old frame weighs 1/e."),                \
        OPT_INT(type, t.options.median_frames, "median", 1, 999,               \
                "Of N frames around, an odd number."),                         \
        OPT_DOUBLE(type, t.options.enter, "enter", "SHARE", 0, 1,              \
                   "A segment begins when its class is the best, with this"    \
                   " share at least."),                                        \
        OPT_DOUBLE(type, t.options.leave, "leave", "SHARE", 0, 1,              \
                   "It ends when its class falls below."),                     \
        OPT_DOUBLE(type, t.options.min_seconds, "min-segment", "SECONDS", 0,   \
                   1e6, "Shorter segments are dropped.")

/** As frames_settings_read(). */
int timeline_settings_read(expclip_timeline_options *out,
                           const timeline_settings *s, float temperature);

#endif
