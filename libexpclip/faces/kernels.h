/* SPDX-License-Identifier: MIT */
/*
 * kernels.h - where a convolutional network spends its time: the matrix product
 * of each pixel, and the 3 x 3 convolution of each channel.
 *
 * Maps are rows of pixels whose channels lie together. Channels are a multiple
 * of EXPCLIP__KERNEL_CHANNELS. A number does not depend on where in a row its
 * pixel lies, so rows may be shared out among threads.
 */
#ifndef EXPCLIP_FACES_KERNELS_H
#define EXPCLIP_FACES_KERNELS_H

#include <stddef.h>

#define EXPCLIP__KERNEL_CHANNELS 16
/** Pixels behind the last one that `point` may read and write. */
#define EXPCLIP__KERNEL_SLACK 8

typedef struct expclip__kernels {
    /** out [n, n_out] = x [n, n_in] weights [n_in, n_out] + bias [n_out]; with
     * relu, nothing below 0. */
    void (*point)(float *out, const float *x, size_t n, size_t n_in,
                  size_t n_out, const float *weights, const float *bias,
                  int relu);
    /** out [n, channels] of three rows [n + 2, channels], one above the other,
     * weights [9, channels], bias [channels]. */
    void (*depth)(float *out, const float *const rows[3], size_t n,
                  size_t channels, const float *weights, const float *bias,
                  int relu);
    /** out [n, channels], the largest numbers of two rows [2 n, channels]. */
    void (*pool)(float *out, const float *above, const float *below, size_t n,
                 size_t channels);
} expclip__kernels;

/** The fastest that this processor can run. */
const expclip__kernels *expclip__kernels_best(void);
/** All that it can run, from 0 on; NULL behind the last one. */
const expclip__kernels *expclip__kernels_at(int index);

#endif
