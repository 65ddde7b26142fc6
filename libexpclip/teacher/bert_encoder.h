/* SPDX-License-Identifier: MIT */
/*
 * bert_encoder.h - a BERT, such as a sentence encoder is made of.
 */
#ifndef EXPCLIP_TEACHER_BERT_ENCODER_H
#define EXPCLIP_TEACHER_BERT_ENCODER_H

#include "teacher/bert_layer.h"
#include "teacher/dimensions.h"

typedef struct expclip__bert_config {
    const char *prefix; /* of its tensors' names: "" or "bert." */
    int32_t width, mlp, layers, heads, vocabulary, positions;
    double eps;
} expclip__bert_config; /* MiniLM-L6: 384, 1536, 6, 12, 30522, 512 */

typedef struct expclip__bert {
    expclip__bert_config config;
    tensor *words;     /* [vocabulary, width] */
    tensor *positions; /* [positions, width], type 0 added */
    expclip__norm norm;
    expclip__bert_layer *layers; /* [layers] */
} expclip__bert;

/** 1 when the file holds a BERT. */
int expclip__bert_is(const expclip__weights *ws);
/** UNSUPPORTED: another activation than GELU, or relative positions. */
expclip_status expclip__bert_config_read(expclip__bert_config *out,
                                         const expclip__weights *ws,
                                         expclip_error *err);
/** Failures are kept in the loader. */
void expclip__bert_load(expclip__bert *out, expclip__loader *l,
                        const expclip__bert_config *config);
void expclip__bert_clear(expclip__bert *b);
/** ids [n] below the vocabulary, n at most config.positions -> [1, n, width],
 * the last states. */
tensor *expclip__bert_forward(tensor_scope *s, const expclip__bert *b,
                              const int64_t *ids, int64_t n);

#endif
