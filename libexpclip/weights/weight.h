/* SPDX-License-Identifier: MIT */
/*
 * weight.h - one tensor of a file, and the set that it belongs to.
 */
#ifndef EXPCLIP_WEIGHTS_WEIGHT_H
#define EXPCLIP_WEIGHTS_WEIGHT_H

#include <stdint.h>

#include "base/dtype.h"

#define EXPCLIP__MAX_DIMS 8

/** One tensor, as the file describes it. Owned by its set. */
typedef struct expclip__weight {
    const char *name; /* UTF-8 without NUL inside */
    expclip__dtype dtype;
    int32_t n_dims; /* 0 for a scalar */
    int64_t shape[EXPCLIP__MAX_DIMS];
    int64_t n_elements;
    /* For the reader that made it: */
    int32_t source;                    /* which file */
    uint64_t offset;                   /* bytes into the file */
    int64_t stride[EXPCLIP__MAX_DIMS]; /* elements; torch stores views */
    int32_t storage;                   /* torch: which archive entry */
} expclip__weight;

/** Immutable; share between threads. What it is made of: set.h. */
typedef struct expclip__weights expclip__weights;

#endif
