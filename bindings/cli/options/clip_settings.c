/* SPDX-License-Identifier: MIT */
/*
 * clip_settings.c - the options that say which frames of a clip are read, and
 * what becomes of scores over time.
 */
#include "options/clip_settings.h"

#include <string.h>

#include "terminal/console.h"

static int32_t sampling_of(const char *name)
{
    return strcmp(name, "all") == 0     ? EXPCLIP_SAMPLING_ALL
           : strcmp(name, "exact") == 0 ? EXPCLIP_SAMPLING_EXACT
                                        : EXPCLIP_SAMPLING_SPREAD;
}

int frames_settings_read(expclip_frames_options *out, const frames_settings *s,
                         const char *all)
{
    if (all && s->sampling && strcmp(s->sampling, "all") != 0) {
        console_error("%s needs --sampling all, found %s", all, s->sampling);
        return EXIT_USAGE;
    }
    if (s->options.end > 0.0 && s->options.end <= s->options.start) {
        console_error("--end: found %g, expected more than --start %g",
                      s->options.end, s->options.start);
        return EXIT_USAGE;
    }
    *out = s->options;
    if (all)
        out->sampling = EXPCLIP_SAMPLING_ALL;
    else if (s->sampling)
        out->sampling = sampling_of(s->sampling);
    out->order = strcmp(s->order, "string") == 0 ? EXPCLIP_ORDER_STRING
                                                 : EXPCLIP_ORDER_NATURAL;
    return 0;
}

int timeline_settings_read(expclip_timeline_options *out,
                           const timeline_settings *s, float temperature)
{
    if (s->options.median_frames % 2 == 0) {
        console_error("--median: found %d, expected an odd number",
                      (int)s->options.median_frames);
        return EXIT_USAGE;
    }
    if (s->options.leave > s->options.enter) {
        console_error("--leave: found %g, expected at most --enter %g",
                      s->options.leave, s->options.enter);
        return EXIT_USAGE;
    }
    *out = s->options;
    out->smoothing = strcmp(s->smooth, "median") == 0 ? EXPCLIP_SMOOTHING_MEDIAN
                     : strcmp(s->smooth, "none") == 0 ? EXPCLIP_SMOOTHING_NONE
                                                      : EXPCLIP_SMOOTHING_EMA;
    out->temperature = (double)temperature;
    return 0;
}
