/* SPDX-License-Identifier: MIT */
/*
 * text_encoder.h - CLIP's text encoder: a causal transformer.
 */
#ifndef EXPCLIP_TEXT_ENCODER_H
#define EXPCLIP_TEXT_ENCODER_H

#include "encoders/transformer.h"

typedef struct expclip__text {
    int32_t context_length;
    int32_t vocabulary_size;
    tensor *tokens;    /* [vocabulary, width] */
    tensor *positions; /* [context, width] */
    expclip__transformer transformer;
    expclip__norm ln_final;
    tensor_linear *projection; /* width -> d, no bias */
} expclip__text;

/** Read the tower; failures are in the loader. */
void expclip__text_load(expclip__text *out, expclip__loader *l);
void expclip__text_clear(expclip__text *t);

/**
 * ids [n, length], every row from the start token to the end token and then
 * padding, n <= EXPCLIP__MAX_FORWARD -> embeddings [n, d], of any length.
 *
 * @param ends  [n], where the end token of each row is
 */
tensor *expclip__text_forward(tensor_scope *s, const expclip__text *t,
                              const int64_t *ids, const int64_t *ends,
                              int64_t n, int64_t length);

#endif
