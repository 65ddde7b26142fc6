/* SPDX-License-Identifier: MIT */
/*
 * blip2.c - what a BLIP-2's language model says of a face (reference
 * BLIP2_T5.py, LAVIS blip2_t5.py).
 *
 *     seen = ViT-g(pixels)                             [n, 257, 1408]
 *     read = projection(Q-Former(seen))                [n, 32, width]
 *     x = read, then the instruction's tokens          [n, 32 + ids, width]
 *     target = mean over tokens of T5's encoder(x), unit length
 *
 * Two quirks of the reference are options: pixels in [0, 1] without mean and
 * std, where BLIP-2 was trained with them, and the exact GELU in T5. Its
 * dropout, which makes the paper's targets noisy, is left out.
 */
#include "teacher/blip2.h"

#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/text.h"
#include "teacher/unit_mean.h"
#include "tokens/t5_tokens.h"

int expclip__blip2_is(const expclip__weights *ws)
{
    return expclip__weights_find(ws, "query_tokens") != NULL;
}

/* ---- the instruction ---- */

static expclip_status read_instruction(expclip__blip2 *b, const char *tokenizer,
                                       const char *instruction, int32_t **ids,
                                       expclip_error *err)
{
    const size_t n_queries = (size_t)b->config.qformer.n_queries;
    const size_t most =
        n_queries < EXPCLIP__T5_TOKENS ? EXPCLIP__T5_TOKENS - n_queries : 0;
    expclip__t5_tokens *tokens = NULL;
    expclip_status status = expclip__t5_tokens_load(&tokens, tokenizer, err);

    if (!status)
        status =
            expclip__t5_tokens_encode(ids, &b->n_ids, tokens, instruction, err);
    expclip__t5_tokens_free(tokens);
    if (status || b->n_ids <= most)
        return status;
    return expclip__fail(err, EXPCLIP_ERROR_LIMIT,
                         "instruction: %zu tokens, expected at most %zu",
                         b->n_ids, most);
}

static void embed_instruction(expclip__blip2 *b, expclip__loader *l,
                              const int32_t *ids)
{
    if (l->status)
        return;
    b->instruction = expclip__alloc(b->n_ids, (size_t)b->config.t5.width *
                                                  sizeof(*b->instruction));
    if (b->instruction)
        expclip__t5_embed(b->instruction, l, &b->config.t5, ids, b->n_ids);
    else
        l->status = expclip__fail_memory(l->err, "instruction");
}

/* ---- loading ---- */

/* The parts in the order of the data; one buffer for all of them. */
static void load_parts(expclip__blip2 *b, expclip__loader *l,
                       const expclip__teacher_devices *devices,
                       tensor_activation activation, const int32_t *ids)
{
    const expclip__blip2_config *c = &b->config;

    expclip__eva_load(&b->eva, l, c);
    l->device = devices->plain;
    expclip__qformer_load(&b->qformer, l, c);
    l->device = devices->main;
    b->projection = expclip__loader_affine(l, "", "language_projection",
                                           c->t5.width, c->qformer.width);
    expclip__t5_load(&b->t5, l, &c->t5, activation,
                     c->qformer.n_queries + (int64_t)b->n_ids);
    embed_instruction(b, l, ids);
}

expclip_status expclip__blip2_load(expclip__blip2 *b, uint64_t *hash,
                                   const expclip__weights *ws,
                                   const char *tokenizer,
                                   const expclip__teacher_devices *devices,
                                   const expclip_teacher_options *o,
                                   expclip_error *err)
{
    expclip__preset preset = EXPCLIP__PRESET_EXPCLIP;
    int32_t *ids = NULL;
    expclip__loader l;
    expclip_status status = expclip__blip2_config_read(&b->config, ws, err);

    if (!status)
        status = read_instruction(b, tokenizer, o->instruction, &ids, err);
    if (!status) {
        expclip__preset_find(o->preprocess, &preset);
        expclip__pixels_init(&b->pixels, preset, b->config.vision.image_size);
        expclip__loader_init(&l, ws, NULL, devices->main, 1, err);
        load_parts(b, &l, devices, expclip__t5_activation(o->activation), ids);
        *hash =
            expclip__hash(l.hash, o->instruction, strlen(o->instruction) + 1);
        *hash = expclip__hash(*hash, o->preprocess, strlen(o->preprocess) + 1);
        status = expclip__loader_end(&l);
    }
    expclip__free(ids);
    return status;
}

void expclip__blip2_clear(expclip__blip2 *b)
{
    expclip__eva_clear(&b->eva);
    expclip__qformer_clear(&b->qformer);
    tensor_linear_free(b->projection);
    expclip__t5_clear(&b->t5);
    expclip__free(b->instruction);
    memset(b, 0, sizeof(*b));
}

/* ---- forward ---- */

/* Numbers of one scope go to another of another type through memory. */
static expclip_status see(const expclip__blip2 *b, float *seen,
                          const float *pixels, int64_t n,
                          const expclip__teacher_devices *devices,
                          expclip_error *err)
{
    const int64_t g = b->config.vision.grid;
    tensor_scope *s = tensor_scope_begin(devices->main, err);

    tensor_to_f32(s, expclip__eva_forward(s, &b->eva, pixels, n), seen,
                  n * (g * g + 1) * b->config.vision.width);
    return tensor_scope_end(s);
}

static expclip_status read_queries(const expclip__blip2 *b, float *queries,
                                   const float *seen, int64_t n,
                                   const expclip__teacher_devices *devices,
                                   expclip_error *err)
{
    const int64_t g = b->config.vision.grid;
    const int64_t shape[] = { n, g * g + 1, b->config.vision.width };
    tensor_scope *s = tensor_scope_begin(devices->plain, err);
    const tensor *x = tensor_from_f32(s, seen, 3, shape);

    tensor_to_f32(s, expclip__qformer_forward(s, &b->qformer, x), queries,
                  n * b->config.qformer.n_queries * b->config.qformer.width);
    return tensor_scope_end(s);
}

static expclip_status think(const expclip__blip2 *b, float *states,
                            const float *queries, int64_t n,
                            const expclip__teacher_devices *devices,
                            expclip_error *err)
{
    const int64_t width = b->config.t5.width, n_ids = (int64_t)b->n_ids;
    const int64_t n_queries = b->config.qformer.n_queries;
    const int64_t shape[] = { n, n_queries, b->config.qformer.width };
    const int64_t one[] = { 1, n_ids, width }, all[] = { n, n_ids, width };
    tensor_scope *s = tensor_scope_begin(devices->main, err);
    const tensor *x = tensor_from_f32(s, queries, 3, shape);
    const tensor *words = tensor_from_f32(s, b->instruction, 3, one);

    x = tensor_linear_apply(s, b->projection, x, TENSOR_IDENTITY);
    x = tensor_concat(s, x, tensor_expand(s, words, 3, all), 1);
    tensor_to_f32(s, expclip__t5_forward(s, &b->t5, x), states,
                  n * (n_queries + n_ids) * width);
    return tensor_scope_end(s);
}

expclip_status expclip__blip2_encode(const expclip__blip2 *b, float *out,
                                     const float *pixels, size_t n,
                                     const expclip__teacher_devices *devices,
                                     expclip_error *err)
{
    const expclip__blip2_config *c = &b->config;
    const size_t g = (size_t)c->vision.grid, width = (size_t)c->t5.width;
    const size_t tokens = (size_t)c->qformer.n_queries + b->n_ids;
    float *seen = expclip__alloc(n * (g * g + 1),
                                 (size_t)c->vision.width * sizeof(*seen));
    float *queries =
        expclip__alloc(n * (size_t)c->qformer.n_queries,
                       (size_t)c->qformer.width * sizeof(*queries));
    float *states = expclip__alloc(n * tokens, width * sizeof(*states));
    expclip_status status;

    if (!seen || !queries || !states)
        status = expclip__fail_memory(err, "targets");
    else
        status = see(b, seen, pixels, (int64_t)n, devices, err);
    if (!status)
        status = read_queries(b, queries, seen, (int64_t)n, devices, err);
    if (!status)
        status = think(b, states, queries, (int64_t)n, devices, err);
    for (size_t i = 0; !status && i < n; i++)
        status = expclip__unit_mean(
            out + i * width, states + i * tokens * width, tokens, width, err);
    expclip__free(seen);
    expclip__free(queries);
    expclip__free(states);
    return status;
}
