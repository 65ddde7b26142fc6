/* SPDX-License-Identifier: MIT */
/*
 * qformer.h - BLIP-2's Q-Former: what its queries read from a picture.
 */
#ifndef EXPCLIP_TEACHER_QFORMER_H
#define EXPCLIP_TEACHER_QFORMER_H

#include "clip/loader.h"
#include "teacher/blip2_config.h"

/** Attention of BERT: the norm comes after the residual. */
typedef struct expclip__bert_attention {
    tensor_linear *query; /* width -> width */
    tensor_linear *key;   /* of what is read -> width; NULL: there is none */
    tensor_linear *value;
    tensor_linear *out;  /* width -> width */
    tensor *norm_weight; /* [width] */
    tensor *norm_bias;   /* [width] */
} expclip__bert_attention;

typedef struct expclip__qformer_layer {
    expclip__bert_attention self;
    expclip__bert_attention cross; /* every second layer reads the picture */
    tensor_linear *fc;             /* width -> mlp, then GELU */
    tensor_linear *out;            /* mlp -> width */
    tensor *norm_weight;           /* [width] */
    tensor *norm_bias;             /* [width] */
} expclip__qformer_layer;

typedef struct expclip__qformer {
    const expclip__blip2_config *config; /* borrowed */
    tensor *queries;                     /* [1, n_queries, width], normed */
    expclip__qformer_layer *layers;      /* [layers] */
} expclip__qformer;

/** Failures are kept in the loader, whose device is fp32 (as LAVIS'). */
void expclip__qformer_load(expclip__qformer *out, expclip__loader *l,
                           const expclip__blip2_config *config);
void expclip__qformer_clear(expclip__qformer *q);
/** seen [n, t, vision width] -> [n, n_queries, width]. */
tensor *expclip__qformer_forward(tensor_scope *s, const expclip__qformer *q,
                                 const tensor *seen);

#endif
