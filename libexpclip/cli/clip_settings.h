/* SPDX-License-Identifier: MIT */
/*
 * clip_settings.h - the options that say which frames of a clip are read, and
 * what becomes of scores over time.
 */
#ifndef EXPCLIP_CLI_CLIP_SETTINGS_H
#define EXPCLIP_CLI_CLIP_SETTINGS_H

#include <expclip_clips.h>

#include "command.h"

typedef struct frames_settings {
    const char *sampling; /* NULL = not given */
    int32_t n_samples;
    const char *order;
    double start;
    double end;
    double frame_rate;
    int32_t no_rotate;
} frames_settings;

#define FRAMES_SETTINGS_DEFAULT                                                \
    {                                                                          \
        .n_samples = 16, .order = "natural", .frame_rate = 25.0                \
    }

#define FRAMES_OPTIONS(type, f)                                                \
    OPT_HEADING("Frames"),                                                     \
        OPT_CHOICE(type, f.sampling, "sampling", "spread|exact|all",           \
                   "Which frames count: the middles of N equal parts; the"     \
                   " same as the paper's reference, which takes the first"     \
                   " frame alone of N or fewer; or all. Default: spread"),     \
        OPT_INT(type, f.n_samples, "frames", 1, 65536,                         \
                "N of spread and exact. Default: 16"),                         \
        OPT_CHOICE(type, f.order, "order", "natural|string",                   \
                   "How a folder's files are sorted: 2 before 10, or as the"   \
                   " paper's reference 10 before 2. Default: natural"),        \
        OPT_DOUBLE(type, f.start, "start", "SECONDS", 0, 1e9,                  \
                   "Leave out the frames before. Default: 0"),                 \
        OPT_DOUBLE(type, f.end, "end", "SECONDS", 0, 1e9,                      \
                   "Leave out the frames from then on. Default: 0, none"),     \
        OPT_DOUBLE(type, f.frame_rate, "frame-rate", "X", 1e-3, 1e6,           \
                   "Frames a second of a folder. Default: 25"),                \
        OPT_FLAG(type, f.no_rotate, "no-rotate", 0,                            \
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
    double ema;
    int32_t median;
    double enter;
    double leave;
    double min_segment;
} timeline_settings;

#define TIMELINE_SETTINGS_DEFAULT                                              \
    {                                                                          \
        .smooth = "ema", .ema = 0.5, .median = 5, .enter = 0.6, .leave = 0.4,  \
        .min_segment = 0.2                                                     \
    }

#define TIMELINE_OPTIONS(type, t)                                              \
    OPT_HEADING("Timeline"),                                                   \
        OPT_TEXT(type, t.files, "timeline", 0, "FILE[,FILE...]",               \
                 "Score each frame of the clip and write its scores over"      \
                 " time. The ending says how: .csv, .jsonl, .vtt (segments as" \
                 " subtitles), or a plot: .svg .pdf .png"),                    \
        OPT_CHOICE(type, t.smooth, "smooth", "ema|median|none",                \
                   "How scores of neighbouring frames are joined. Default:"    \
                   " ema"),                                                    \
        OPT_DOUBLE(type, t.ema, "ema", "SECONDS", 1e-6, 1e6,                   \
                   "After this time an old frame weighs 1/e. Default: 0.5"),   \
        OPT_INT(type, t.median, "median", 1, 999,                              \
                "Of N frames around, an odd number. Default: 5"),              \
        OPT_DOUBLE(type, t.enter, "enter", "SHARE", 0, 1,                      \
                   "A segment begins when its class is the best, with this"    \
                   " share at least. Default: 0.6"),                           \
        OPT_DOUBLE(type, t.leave, "leave", "SHARE", 0, 1,                      \
                   "It ends when its class falls below. Default: 0.4"),        \
        OPT_DOUBLE(type, t.min_segment, "min-segment", "SECONDS", 0, 1e6,      \
                   "Shorter segments are dropped. Default: 0.2")

/** As frames_settings_read(). */
int timeline_settings_read(expclip_timeline_options *out,
                           const timeline_settings *s, float temperature);

#endif
