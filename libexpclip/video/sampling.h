/* SPDX-License-Identifier: MIT */
/*
 * sampling.h - which frames of a clip stand for it.
 *
 * A rule takes n_samples frames. Frames that are taken more than once come
 * once, with a weight; so a clip is decoded and computed once a frame.
 */
#ifndef EXPCLIP_SAMPLING_H
#define EXPCLIP_SAMPLING_H

#include <expclip_clips.h>

/* Up to here neighbours of n > n_samples frames stay apart in double. */
#define EXPCLIP__MAX_SAMPLES (1 << 20)

typedef struct expclip__sampling {
    int32_t rule;      /* EXPCLIP_SAMPLING_... */
    int32_t n_samples; /* 1 to EXPCLIP__MAX_SAMPLES; not for ALL */
    int64_t n_frames;  /* to choose from, 1 to INT32_MAX; for ALL any number */
} expclip__sampling;

/** How many different frames are taken. */
int64_t expclip__sampling_count(const expclip__sampling *s);
/** The place of the i-th of them; they ascend. */
int64_t expclip__sampling_index(const expclip__sampling *s, int64_t i);
/** How many samples it stands for. */
int32_t expclip__sampling_weight(const expclip__sampling *s, int64_t i);
/** Indices of all n_samples samples, repeated ones too. */
void expclip__sampling_list(const expclip__sampling *s, int32_t *indices);

#endif
