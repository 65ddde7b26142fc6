/* SPDX-License-Identifier: MIT */
/*
 * clip_settings.c - the options that say which frames of a clip are read, and
 * what becomes of scores over time.
 */
#include "clip_settings.h"

#include <string.h>

#include "console.h"

static int32_t sampling_of(const char *name)
{
    return strcmp(name, "all") == 0     ? EXPCLIP_SAMPLING_ALL
           : strcmp(name, "exact") == 0 ? EXPCLIP_SAMPLING_EXACT
                                        : EXPCLIP_SAMPLING_SPREAD;
}

int frames_settings_read(expclip_frames_options *out, const frames_settings *s,
                         int all)
{
    if (all && s->sampling && strcmp(s->sampling, "all") != 0) {
        console_error("--timeline needs --sampling all, found %s", s->sampling);
        return EXIT_USAGE;
    }
    if (s->end > 0.0 && s->end <= s->start) {
        console_error("--end: found %g, expected more than --start %g", s->end,
                      s->start);
        return EXIT_USAGE;
    }
    expclip_frames_options_init(out, sizeof(*out));
    out->sampling = all           ? EXPCLIP_SAMPLING_ALL
                    : s->sampling ? sampling_of(s->sampling)
                                  : EXPCLIP_SAMPLING_SPREAD;
    out->n_samples = s->n_samples;
    out->order = strcmp(s->order, "string") == 0 ? EXPCLIP_ORDER_STRING
                                                 : EXPCLIP_ORDER_NATURAL;
    out->rotate = !s->no_rotate;
    out->start = s->start;
    out->end = s->end;
    out->frame_rate = s->frame_rate;
    return 0;
}

int timeline_settings_read(expclip_timeline_options *out,
                           const timeline_settings *s, float temperature)
{
    if (s->median % 2 == 0) {
        console_error("--median: found %d, expected an odd number",
                      (int)s->median);
        return EXIT_USAGE;
    }
    if (s->leave > s->enter) {
        console_error("--leave: found %g, expected at most --enter %g",
                      s->leave, s->enter);
        return EXIT_USAGE;
    }
    expclip_timeline_options_init(out, sizeof(*out));
    out->smoothing = strcmp(s->smooth, "median") == 0 ? EXPCLIP_SMOOTHING_MEDIAN
                     : strcmp(s->smooth, "none") == 0 ? EXPCLIP_SMOOTHING_NONE
                                                      : EXPCLIP_SMOOTHING_EMA;
    out->median_frames = s->median;
    out->ema_seconds = s->ema;
    out->temperature = (double)temperature;
    out->enter = s->enter;
    out->leave = s->leave;
    out->min_seconds = s->min_segment;
    return 0;
}
