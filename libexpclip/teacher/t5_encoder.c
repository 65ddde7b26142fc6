/* SPDX-License-Identifier: MIT */
/*
 * t5_encoder.c - the encoder of T5 1.1 (transformers T5Stack).
 *
 *     each block:
 *         x = x + out(softmax(q k^T + position bias) v)   of rms_norm(x)
 *         x = x + proj(gelu(gate(y)) * fc(y)), y = rms_norm(x)
 *     return rms_norm(x)
 *
 * No linear map has a bias, the scores are not scaled, and the position bias is
 * that of the first block in all of them. LAVIS sets the exact GELU
 * (blip2_t5.py: dense_act_fn = "gelu"), flan-t5 itself the one by tanh.
 */
#include "teacher/t5_encoder.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "teacher/heads.h"

/* ---- positions ---- */

int32_t expclip__t5_bucket(int64_t distance, int32_t buckets,
                           int32_t max_distance)
{
    const int32_t half = buckets / 2, exact = half / 2;
    const int32_t base = distance > 0 ? half : 0;
    const int64_t n = distance < 0 ? -distance : distance;
    float large;

    if (n < exact)
        return base + (int32_t)n;
    /* In float, as torch.log is. */
    large = logf((float)n / (float)exact) /
            (float)log((double)max_distance / (double)exact) *
            (float)(half - exact);
    return base + (large < (float)(half - 1 - exact) ? exact + (int32_t)large
                                                     : half - 1);
}

/* The bias of each head, from query i to key j: [1, heads, n, n]. */
static void load_positions(expclip__t5 *t, expclip__loader *l, int64_t n)
{
    const int64_t heads = t->config->heads;
    const int64_t shape[] = { t->config->buckets, heads };
    const int64_t all[] = { 1, heads, n, n };
    char name[EXPCLIP__NAME_SIZE];
    const float *bias;
    float *positions =
        expclip__alloc((size_t)(heads * n * n), sizeof(*positions));

    snprintf(name, sizeof(name),
             "%sencoder.block.0.layer.0.SelfAttention."
             "relative_attention_bias.weight",
             t->config->prefix);
    bias = expclip__loader_read(l, name, 0, 2, shape);
    if (!positions && !l->status)
        l->status = expclip__fail_memory(l->err, "teacher");
    for (int64_t k = 0; !l->status && k < heads * n * n; k++) {
        const int64_t h = k / (n * n), i = k / n % n, j = k % n;

        positions[k] = bias[expclip__t5_bucket(j - i, t->config->buckets,
                                               t->config->max_distance) *
                                heads +
                            h];
    }
    t->positions = expclip__loader_keep(l, positions, 4, all);
    expclip__free(positions);
}

/* ---- loading ---- */

static void load_block(expclip__t5_block *b, expclip__loader *l,
                       const expclip__t5_config *c, int32_t block)
{
    const int64_t width = c->width, inner = c->inner, mlp = c->mlp;
    char at[64];

    snprintf(at, sizeof(at), "%sencoder.block.%d.layer.", c->prefix,
             (int)block);
    b->norm_1 = expclip__loader_vector(l, at, "0.layer_norm", "weight", width);
    b->query = expclip__loader_linear(l, at, "0.SelfAttention.q", inner, width);
    b->key = expclip__loader_linear(l, at, "0.SelfAttention.k", inner, width);
    b->value = expclip__loader_linear(l, at, "0.SelfAttention.v", inner, width);
    b->out = expclip__loader_linear(l, at, "0.SelfAttention.o", width, inner);
    b->norm_2 = expclip__loader_vector(l, at, "1.layer_norm", "weight", width);
    b->gate =
        expclip__loader_linear(l, at, "1.DenseReluDense.wi_0", mlp, width);
    b->fc = expclip__loader_linear(l, at, "1.DenseReluDense.wi_1", mlp, width);
    b->proj = expclip__loader_linear(l, at, "1.DenseReluDense.wo", width, mlp);
}

tensor_activation expclip__t5_activation(const char *word)
{
    return strcmp(word, "gelu") == 0 ? TENSOR_GELU : TENSOR_GELU_TANH;
}

void expclip__t5_load(expclip__t5 *out, expclip__loader *l,
                      const expclip__t5_config *config,
                      tensor_activation activation, int64_t n_tokens)
{
    memset(out, 0, sizeof(*out));
    out->config = config;
    out->activation = activation;
    out->blocks =
        expclip__loader_layers(l, config->layers, sizeof(*out->blocks));
    if (!out->blocks)
        return;
    load_positions(out, l, n_tokens);
    for (int32_t i = 0; i < config->layers; i++)
        load_block(&out->blocks[i], l, config, i);
    out->norm = expclip__loader_vector(
        l, config->prefix, "encoder.final_layer_norm", "weight", config->width);
}

void expclip__t5_clear(expclip__t5 *t)
{
    for (int32_t i = 0; t->blocks && i < t->config->layers; i++) {
        expclip__t5_block *b = &t->blocks[i];

        tensor_free(b->norm_1);
        tensor_linear_free(b->query);
        tensor_linear_free(b->key);
        tensor_linear_free(b->value);
        tensor_linear_free(b->out);
        tensor_free(b->norm_2);
        tensor_linear_free(b->gate);
        tensor_linear_free(b->fc);
        tensor_linear_free(b->proj);
    }
    expclip__free(t->blocks);
    tensor_free(t->positions);
    tensor_free(t->norm);
    memset(t, 0, sizeof(*t));
}

static const float *read_words(expclip__loader *l, const expclip__t5_config *c)
{
    const int64_t shape[] = { c->vocabulary, c->width };
    char name[EXPCLIP__NAME_SIZE];

    snprintf(name, sizeof(name), "%sshared.weight", c->prefix);
    return expclip__loader_read(l, name, 0, 2, shape);
}

tensor *expclip__t5_load_words(expclip__loader *l, const expclip__t5_config *c)
{
    const int64_t shape[] = { c->vocabulary, c->width };
    const float *words = read_words(l, c);

    return words ? expclip__loader_keep(l, words, 2, shape) : NULL;
}

void expclip__t5_embed(float *out, expclip__loader *l,
                       const expclip__t5_config *c, const int32_t *ids,
                       size_t n_ids)
{
    const size_t width = (size_t)c->width;
    const float *words = read_words(l, c);

    for (size_t i = 0; words && i < n_ids; i++) {
        if (ids[i] < 0 || ids[i] >= c->vocabulary) {
            l->status = expclip__fail(l->err, EXPCLIP_ERROR_ARGUMENT,
                                      "token id %d, expected 0 to %d",
                                      (int)ids[i], (int)c->vocabulary - 1);
            return;
        }
        memcpy(out + i * width, words + (size_t)ids[i] * width,
               width * sizeof(*out));
    }
}

/* ---- forward ---- */

static tensor *project(tensor_scope *s, const expclip__t5 *t,
                       const tensor_linear *linear, const tensor *x)
{
    return expclip__heads_split(
        s, tensor_linear_apply(s, linear, x, TENSOR_IDENTITY),
        t->config->heads);
}

static tensor *run_block(tensor_scope *s, const expclip__t5 *t,
                         const expclip__t5_block *b, const tensor *positions,
                         const tensor *x)
{
    const double eps = t->config->eps;
    const tensor *y, *gated;

    y = tensor_rms_norm(s, x, b->norm_1, eps);
    y = tensor_attention_biased(s, project(s, t, b->query, y),
                                project(s, t, b->key, y),
                                project(s, t, b->value, y), positions);
    x = tensor_linear_add(s, b->out, expclip__heads_join(s, y), x);
    y = tensor_rms_norm(s, x, b->norm_2, eps);
    gated =
        tensor_multiply(s, tensor_linear_apply(s, b->gate, y, t->activation),
                        tensor_linear_apply(s, b->fc, y, TENSOR_IDENTITY));
    return tensor_linear_add(s, b->proj, gated, x);
}

tensor *expclip__t5_forward(tensor_scope *s, const expclip__t5 *t,
                            const tensor *x)
{
    const int64_t n = tensor_size(x, 1);
    const tensor *positions =
        tensor_narrow(s, tensor_narrow(s, t->positions, 2, 0, n), 3, 0, n);
    const size_t mark = tensor_scope_mark(s);

    for (int32_t i = 0; i < t->config->layers; i++) {
        x = run_block(s, t, &t->blocks[i], positions, x);
        tensor_scope_release(s, mark, x);
    }
    return tensor_rms_norm(s, x, t->norm, t->config->eps);
}
