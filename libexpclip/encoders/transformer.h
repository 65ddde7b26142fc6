/* SPDX-License-Identifier: MIT */
/*
 * transformer.h - the residual attention blocks that both towers are made of.
 */
#ifndef EXPCLIP_TRANSFORMER_H
#define EXPCLIP_TRANSFORMER_H

#include "encoders/loader.h"

/** Images or texts in one forward pass at most. */
#define EXPCLIP__MAX_FORWARD 64

/** One block: x + attention(ln_1 x), then x + mlp(ln_2 x). */
typedef struct expclip__block {
    expclip__norm ln_1;
    tensor_linear *qkv; /* width -> 3 * width */
    tensor_linear *out; /* width -> width */
    expclip__norm ln_2;
    tensor_linear *fc;   /* width -> mlp_width, then the activation */
    tensor_linear *proj; /* mlp_width -> width */
} expclip__block;

typedef struct expclip__transformer {
    expclip__tower_config config;
    tensor_activation activation;
    double eps;
    expclip__block *blocks; /* [config.layers] */
} expclip__transformer;

/** Read all blocks; failures are kept in the loader. */
void expclip__transformer_load(expclip__transformer *out, expclip__loader *l,
                               expclip__tower tower);
void expclip__transformer_clear(expclip__transformer *t);

/**
 * Run x [n, t, width] through all blocks and return rows [n_rows, width] of
 * the result, viewed as [n * t, width]. The last block's output map and MLP
 * are computed for these rows only: nothing else of it is used.
 */
tensor *expclip__transformer_forward(tensor_scope *s,
                                     const expclip__transformer *t,
                                     const tensor *x, int causal,
                                     const tensor *rows);

#endif
