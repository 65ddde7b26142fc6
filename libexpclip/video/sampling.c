/* SPDX-License-Identifier: MIT */
/*
 * sampling.c - which frames of a clip stand for it.
 *
 * Of n > T frames both rules take the middles of T equal parts, as the
 * reference computes them (video_dataloader.py):
 *
 *     tick = n / float(T)
 *     int(tick / 2.0 + tick * i)    for i = 0 .. T - 1
 *
 * Of n <= T frames the reference takes frame 0 alone, T times, also when n is
 * T; SPREAD takes all of them, and the last one for those that are missing.
 */
#include "video/sampling.h"

/* Frame `i` of the T samples when n > T; in double, as Python does. */
static int64_t middle(const expclip__sampling *s, int64_t i)
{
    const double tick = (double)s->n_frames / (double)s->n_samples;

    return (int64_t)(tick / 2.0 + tick * (double)i);
}

static int is_short(const expclip__sampling *s)
{
    return s->n_frames <= s->n_samples;
}

int64_t expclip__sampling_count(const expclip__sampling *s)
{
    if (s->rule == EXPCLIP_SAMPLING_ALL)
        return s->n_frames;
    if (!is_short(s))
        return s->n_samples;
    return s->rule == EXPCLIP_SAMPLING_EXACT ? 1 : s->n_frames;
}

int64_t expclip__sampling_index(const expclip__sampling *s, int64_t i)
{
    return s->rule == EXPCLIP_SAMPLING_ALL || is_short(s) ? i : middle(s, i);
}

int32_t expclip__sampling_weight(const expclip__sampling *s, int64_t i)
{
    if (s->rule == EXPCLIP_SAMPLING_ALL || !is_short(s))
        return 1;
    if (s->rule == EXPCLIP_SAMPLING_EXACT)
        return s->n_samples;
    return i + 1 < s->n_frames ? 1 : (int32_t)(s->n_samples - i);
}

void expclip__sampling_list(const expclip__sampling *s, int32_t *indices)
{
    const int64_t n = expclip__sampling_count(s);
    int32_t at = 0;

    for (int64_t i = 0; i < n; i++)
        for (int32_t w = expclip__sampling_weight(s, i); w > 0; w--)
            indices[at++] = (int32_t)expclip__sampling_index(s, i);
}
