/* SPDX-License-Identifier: MIT */
/*
 * text_encoder.c - CLIP's text encoder (CLIP model.py, encode_text).
 *
 *     x = token embeddings + positions                   [n, t, width]
 *     x = ln_final(blocks(x)), each token seeing those before it
 *     return x[end of text] @ projection                 [n, d]
 *
 * In numbers, the text tower of ViT-B/32, with the names of OpenAI's tensors:
 *
 *     "a photo of a face"         start, 5 words, end: t = 7 tokens
 *     token_embedding             [1, 7, 512]    a row of [49408, 512] each
 *     positional_embedding        [7, 512]       the first 7 of 77 rows
 *     12 blocks, each             [1, 7, 512]    8 heads of 64, MLP 2048 wide
 *     ln_final of token 6         [1, 512]       the end of the text
 *     text_projection             [1, 512]       the embedding
 *
 * OpenAI pads every text to 77 tokens. The tower is causal, so what follows the
 * end of a text cannot change its embedding: t is only as long as the longest
 * text of the call.
 */
#include "encoders/text_encoder.h"

#include <string.h>

void expclip__text_load(expclip__text *out, expclip__loader *l)
{
    const expclip__config *c = l->config;
    const int64_t width = c->text.width;

    memset(out, 0, sizeof(*out));
    out->context_length = c->context_length;
    out->vocabulary_size = c->vocabulary_size;
    out->tokens = expclip__loader_tensor(l, EXPCLIP__TOKEN_EMBEDDING,
                                         c->vocabulary_size, width);
    out->positions = expclip__loader_tensor(l, EXPCLIP__TEXT_POSITIONS,
                                            c->context_length, width);
    expclip__transformer_load(&out->transformer, l, EXPCLIP__TEXT);
    out->ln_final =
        expclip__loader_tower_norm(l, EXPCLIP__LN_FINAL_WEIGHT, width);
    out->projection = expclip__loader_projection(l, EXPCLIP__TEXT_PROJECTION,
                                                 width, c->embed_dim);
}

void expclip__text_clear(expclip__text *t)
{
    tensor_free(t->tokens);
    tensor_free(t->positions);
    expclip__transformer_clear(&t->transformer);
    expclip__norm_clear(&t->ln_final);
    tensor_linear_free(t->projection);
    memset(t, 0, sizeof(*t));
}

/* Row numbers of the end tokens in [n * length, width]. */
static tensor *end_rows(tensor_scope *s, const int64_t *ends, int64_t n,
                        int64_t length)
{
    int64_t rows[EXPCLIP__MAX_FORWARD];

    for (int64_t i = 0; i < n; i++)
        rows[i] = i * length + ends[i];
    return tensor_from_i64(s, rows, n);
}

tensor *expclip__text_forward(tensor_scope *s, const expclip__text *t,
                              const int64_t *ids, const int64_t *ends,
                              int64_t n, int64_t length)
{
    const int64_t width = t->transformer.config.width;
    const int64_t shape[] = { n, length, width };
    const tensor *x;

    x = tensor_rows(s, t->tokens, tensor_from_i64(s, ids, n * length));
    x = tensor_add(s, tensor_reshape(s, x, 3, shape),
                   tensor_narrow(s, t->positions, 0, 0, length));
    x = expclip__transformer_forward(s, &t->transformer, x, 1,
                                     end_rows(s, ends, n, length));
    x = expclip__norm_apply(s, &t->ln_final, x, t->transformer.eps);
    return tensor_linear_apply(s, t->projection, x, TENSOR_IDENTITY);
}
