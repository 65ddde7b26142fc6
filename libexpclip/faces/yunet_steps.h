/* SPDX-License-Identifier: MIT */
/*
 * yunet_steps.h - how YuNet's units hang together, for yunet.c, which loads
 * them, and yunet_pass.c, which computes them.
 */
#ifndef EXPCLIP_FACES_YUNET_STEPS_H
#define EXPCLIP_FACES_YUNET_STEPS_H

#include <stdint.h>

/* Where maps lie. A and B are used over and over. */
enum {
    NONE,
    A,
    B,
    STRIDE_8,
    STRIDE_16,
    STRIDE_32,
    OUT_8,
    OUT_16,
    OUT_32,
    N_PLACES
};

/* Units in the order in which they are computed, and their input and outputs;
 * `stride` is that of both but of what is pooled. */
typedef struct expclip__yunet_step {
    const char *name; /* NULL: the heads */
    int8_t n_in, n_out, stride;
    int8_t in;    /* NONE: the stem's output */
    int8_t added; /* to the input, twice as high and wide */
    int8_t out, pooled;
} expclip__yunet_step;

/* [EXPCLIP__YUNET_UNITS] */
extern const expclip__yunet_step expclip__yunet_steps[];

enum { STEM_IN = 27, STEM_OUT = 16 }; /* 3 x 3 pixels of 3 colours */

#endif
