/* SPDX-License-Identifier: MIT */
/*
 * bert_layer.h - a layer of BERT, which the Q-Former has too: attention and two
 * linear maps, each with a residual and the norm after it.
 */
#ifndef EXPCLIP_TEACHER_BERT_LAYER_H
#define EXPCLIP_TEACHER_BERT_LAYER_H

#include "encoders/loader.h"

/** What a family of models calls the parts of its layers. */
typedef struct expclip__bert_names {
    const char *prefix; /* before "encoder.layer.N." */
    const char *self;   /* such as "attention.self" */
    const char *fc;     /* such as "intermediate.dense" */
    const char *out;    /* before ".dense" and ".LayerNorm" */
} expclip__bert_names;

typedef struct expclip__bert_sizes {
    int64_t width;
    int64_t mlp;
    int64_t read_width; /* of what a cross-attention reads; 0 = it has none */
} expclip__bert_sizes;

typedef struct expclip__bert_attention {
    tensor_linear *query; /* width -> width */
    tensor_linear *key;   /* of what is read -> width; NULL: there is none */
    tensor_linear *value;
    tensor_linear *out; /* width -> width */
    expclip__norm norm;
} expclip__bert_attention;

typedef struct expclip__bert_layer {
    expclip__bert_attention self;
    expclip__bert_attention cross; /* in some layers of a Q-Former */
    tensor_linear *fc;             /* width -> mlp, then GELU */
    tensor_linear *out;            /* mlp -> width */
    expclip__norm norm;
} expclip__bert_layer;

/** Failures are kept in the loader. */
void expclip__bert_layer_load(expclip__bert_layer *out, expclip__loader *l,
                              const expclip__bert_names *names, int32_t layer,
                              const expclip__bert_sizes *sizes);
void expclip__bert_layer_clear(expclip__bert_layer *layer);
/** x [n, t, width] -> the same; `seen` [n, u, read_width] or NULL. */
tensor *expclip__bert_layer_forward(tensor_scope *s,
                                    const expclip__bert_layer *layer,
                                    const tensor *x, const tensor *seen,
                                    int64_t heads, double eps);

#endif
