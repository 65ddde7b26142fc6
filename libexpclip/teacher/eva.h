/* SPDX-License-Identifier: MIT */
/*
 * eva.h - the teacher's eyes: EVA's ViT-g as BLIP-2 uses it.
 */
#ifndef EXPCLIP_TEACHER_EVA_H
#define EXPCLIP_TEACHER_EVA_H

#include "encoders/loader.h"
#include "teacher/blip2_config.h"

typedef struct expclip__eva_block {
    expclip__norm norm_1;
    tensor_linear *qkv; /* width -> 3 * width; no bias for the keys */
    tensor_linear *out; /* width -> width */
    expclip__norm norm_2;
    tensor_linear *fc1; /* width -> mlp, then GELU */
    tensor_linear *fc2; /* mlp -> width */
} expclip__eva_block;

typedef struct expclip__eva {
    const expclip__blip2_config *config; /* borrowed */
    tensor_linear *patches;              /* 3 * p * p -> width */
    tensor *class_token;                 /* [1, 1, width], with position 0 */
    tensor *positions;                   /* [g * g, width] */
    expclip__eva_block *blocks;          /* [layers] */
    expclip__norm norm;
} expclip__eva;

/** Failures are kept in the loader. */
void expclip__eva_load(expclip__eva *out, expclip__loader *l,
                       const expclip__blip2_config *config);
void expclip__eva_clear(expclip__eva *v);
/** pixels [n, 3, S, S] -> [n, g * g + 1, width], all tokens. */
tensor *expclip__eva_forward(tensor_scope *s, const expclip__eva *v,
                             const float *pixels, int64_t n);

#endif
