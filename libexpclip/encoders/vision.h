/* SPDX-License-Identifier: MIT */
/*
 * vision.h - CLIP's image encoder: a vision transformer.
 */
#ifndef EXPCLIP_VISION_H
#define EXPCLIP_VISION_H

#include "encoders/transformer.h"

typedef struct expclip__vision {
    int32_t image_size; /* S */
    int32_t patch_size;
    int32_t grid;           /* patches a side: S / patch_size */
    tensor_linear *patches; /* 3 * patch * patch -> width, no bias */
    tensor *class_token;    /* [1, 1, width], its position added */
    tensor *positions;      /* [grid * grid, width], of the patches */
    expclip__norm ln_pre;
    expclip__transformer transformer;
    expclip__norm ln_post;
    tensor_linear *projection; /* width -> d, no bias */
} expclip__vision;

/** Read the tower for images of `image_size`; failures are in the loader. */
void expclip__vision_load(expclip__vision *out, expclip__loader *l,
                          int32_t image_size);
void expclip__vision_clear(expclip__vision *v);

/**
 * pixels [n, 3, S, S], floats in memory, n <= EXPCLIP__MAX_FORWARD ->
 * embeddings [n, d], of any length.
 */
tensor *expclip__vision_forward(tensor_scope *s, const expclip__vision *v,
                                const float *pixels, int64_t n);

#endif
