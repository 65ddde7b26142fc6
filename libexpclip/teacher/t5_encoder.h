/* SPDX-License-Identifier: MIT */
/*
 * t5_encoder.h - the encoder of T5 1.1 (flan-t5): the language model whose
 * knowledge is taught.
 */
#ifndef EXPCLIP_TEACHER_T5_ENCODER_H
#define EXPCLIP_TEACHER_T5_ENCODER_H

#include "encoders/loader.h"
#include "teacher/t5_config.h"

typedef struct expclip__t5_block {
    tensor *norm_1;       /* [width] */
    tensor_linear *query; /* width -> inner; no bias anywhere in T5 */
    tensor_linear *key;
    tensor_linear *value;
    tensor_linear *out;  /* inner -> width */
    tensor *norm_2;      /* [width] */
    tensor_linear *gate; /* width -> mlp, then GELU */
    tensor_linear *fc;   /* width -> mlp */
    tensor_linear *proj; /* mlp -> width */
} expclip__t5_block;

typedef struct expclip__t5 {
    const expclip__t5_config *config; /* borrowed */
    tensor_activation activation;
    tensor *positions;         /* [1, heads, n_tokens, n_tokens], added to the
                                  scores */
    expclip__t5_block *blocks; /* [layers] */
    tensor *norm;              /* [width] */
} expclip__t5;

/** "gelu" or "gelu_new". */
tensor_activation expclip__t5_activation(const char *word);
/**
 * @param activation  TENSOR_GELU as LAVIS sets it, or TENSOR_GELU_TANH as
 *                    flan-t5 was trained ("gelu_new")
 * @param n_tokens    of an input, at most
 */
void expclip__t5_load(expclip__t5 *out, expclip__loader *l,
                      const expclip__t5_config *config,
                      tensor_activation activation, int64_t n_tokens);
void expclip__t5_clear(expclip__t5 *t);
/** The token table, kept: [vocabulary, width]. */
tensor *expclip__t5_load_words(expclip__loader *l,
                               const expclip__t5_config *config);
/** Rows of the token table: out [n_ids, width]. ARGUMENT for an id that is
 * not there. */
void expclip__t5_embed(float *out, expclip__loader *l,
                       const expclip__t5_config *config, const int32_t *ids,
                       size_t n_ids);
/** x [n, t, width] -> the same, after the last norm. */
tensor *expclip__t5_forward(tensor_scope *s, const expclip__t5 *t,
                            const tensor *x);
/** Bucket of a relative position (t5 _relative_position_bucket, both ways). */
int32_t expclip__t5_bucket(int64_t distance, int32_t buckets,
                           int32_t max_distance);

#endif
