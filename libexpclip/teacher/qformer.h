/* SPDX-License-Identifier: MIT */
/*
 * qformer.h - BLIP-2's Q-Former: what its queries read from an image.
 */
#ifndef EXPCLIP_TEACHER_QFORMER_H
#define EXPCLIP_TEACHER_QFORMER_H

#include "teacher/bert_layer.h"
#include "teacher/blip2_config.h"

typedef struct expclip__qformer {
    const expclip__blip2_config *config; /* borrowed */
    tensor *queries;                     /* [1, n_queries, width], normed */
    expclip__bert_layer *layers;         /* [layers] */
} expclip__qformer;

/** Failures are kept in the loader, whose device is fp32 (as LAVIS'). */
void expclip__qformer_load(expclip__qformer *out, expclip__loader *l,
                           const expclip__blip2_config *config);
void expclip__qformer_clear(expclip__qformer *q);
/** seen [n, t, vision width] -> [n, n_queries, width]. */
tensor *expclip__qformer_forward(tensor_scope *s, const expclip__qformer *q,
                                 const tensor *seen);

#endif
