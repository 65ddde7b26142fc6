/* SPDX-License-Identifier: MIT */
/*
 * qformer.c - BLIP-2's Q-Former (transformers Blip2QFormerModel, queries only).
 *
 *     x = norm(queries), the same for every picture  [n, n_queries, width]
 *     each layer:
 *         x = norm(x + out(attention(x, x)))
 *         x = norm(x + out(attention(x, picture)))   every second layer
 *         x = norm(x + out(gelu(fc(x))))
 */
#include "teacher/qformer.h"

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "teacher/heads.h"

/* ---- loading ---- */

static const char *name_of(char out[EXPCLIP__NAME_SIZE], int32_t layer,
                           const char *part, const char *leaf)
{
    snprintf(out, EXPCLIP__NAME_SIZE, "qformer.encoder.layer.%d.%s.%s",
             (int)layer, part, leaf);
    return out;
}

static tensor_linear *load_linear(expclip__loader *l, int32_t layer,
                                  const char *part, int64_t n_out, int64_t n_in)
{
    char weight[EXPCLIP__NAME_SIZE], bias[EXPCLIP__NAME_SIZE];

    return expclip__loader_linear(l, name_of(weight, layer, part, "weight"),
                                  name_of(bias, layer, part, "bias"), n_out,
                                  n_in);
}

static tensor *load_vector(expclip__loader *l, int32_t layer, const char *part,
                           const char *leaf, int64_t n)
{
    char name[EXPCLIP__NAME_SIZE];

    return expclip__loader_vector(l, name_of(name, layer, part, leaf), n);
}

/* `which` is "attention" or "crossattention"; read_width what keys come of. */
static void load_attention(expclip__bert_attention *a, expclip__loader *l,
                           int32_t layer, const char *which, int64_t width,
                           int64_t read_width)
{
    char part[64];

    snprintf(part, sizeof(part), "%s.attention.query", which);
    a->query = load_linear(l, layer, part, width, width);
    snprintf(part, sizeof(part), "%s.attention.key", which);
    a->key = load_linear(l, layer, part, width, read_width);
    snprintf(part, sizeof(part), "%s.attention.value", which);
    a->value = load_linear(l, layer, part, width, read_width);
    snprintf(part, sizeof(part), "%s.output.dense", which);
    a->out = load_linear(l, layer, part, width, width);
    snprintf(part, sizeof(part), "%s.output.LayerNorm", which);
    a->norm_weight = load_vector(l, layer, part, "weight", width);
    a->norm_bias = load_vector(l, layer, part, "bias", width);
}

static void load_layer(expclip__qformer_layer *out, expclip__loader *l,
                       const expclip__blip2_config *c, int32_t layer)
{
    const int64_t width = c->qformer.width, mlp = c->qformer.mlp;
    char name[EXPCLIP__NAME_SIZE];

    load_attention(&out->self, l, layer, "attention", width, width);
    if (expclip__weights_find(
            l->ws,
            name_of(name, layer, "crossattention.attention.query", "weight")))
        load_attention(&out->cross, l, layer, "crossattention", width,
                       c->vision.width);
    out->fc = load_linear(l, layer, "intermediate_query.dense", mlp, width);
    out->out = load_linear(l, layer, "output_query.dense", width, mlp);
    out->norm_weight =
        load_vector(l, layer, "output_query.LayerNorm", "weight", width);
    out->norm_bias =
        load_vector(l, layer, "output_query.LayerNorm", "bias", width);
}

/* The queries' norm does not depend on the picture: it is done here. */
static void load_queries(expclip__qformer *q, expclip__loader *l)
{
    const int64_t width = q->config->qformer.width;
    const int64_t shape[] = { 1, q->config->qformer.n_queries, width };
    tensor *weight =
        expclip__loader_vector(l, "qformer.layernorm.weight", width);
    tensor *bias = expclip__loader_vector(l, "qformer.layernorm.bias", width);
    const float *queries = expclip__loader_read(l, "query_tokens", 0, 3, shape);

    if (queries) {
        tensor_scope *s = tensor_scope_begin(l->device, l->err);
        tensor *x = tensor_layer_norm(s, tensor_from_f32(s, queries, 3, shape),
                                      weight, bias, q->config->qformer.eps);

        q->queries = tensor_keep(s, x);
        l->status = tensor_scope_end(s);
    }
    tensor_free(weight);
    tensor_free(bias);
}

void expclip__qformer_load(expclip__qformer *out, expclip__loader *l,
                           const expclip__blip2_config *config)
{
    memset(out, 0, sizeof(*out));
    out->config = config;
    if (l->status)
        return;
    out->layers = expclip__alloc_zero((size_t)config->qformer.layers,
                                      sizeof(*out->layers));
    if (!out->layers) {
        l->status = expclip__fail_memory(l->err, "teacher");
        return;
    }
    load_queries(out, l);
    for (int32_t i = 0; i < config->qformer.layers; i++)
        load_layer(&out->layers[i], l, config, i);
}

static void clear_attention(expclip__bert_attention *a)
{
    tensor_linear_free(a->query);
    tensor_linear_free(a->key);
    tensor_linear_free(a->value);
    tensor_linear_free(a->out);
    tensor_free(a->norm_weight);
    tensor_free(a->norm_bias);
}

void expclip__qformer_clear(expclip__qformer *q)
{
    for (int32_t i = 0; q->layers && i < q->config->qformer.layers; i++) {
        expclip__qformer_layer *layer = &q->layers[i];

        clear_attention(&layer->self);
        clear_attention(&layer->cross);
        tensor_linear_free(layer->fc);
        tensor_linear_free(layer->out);
        tensor_free(layer->norm_weight);
        tensor_free(layer->norm_bias);
    }
    expclip__free(q->layers);
    tensor_free(q->queries);
    memset(q, 0, sizeof(*q));
}

/* ---- forward ---- */

static tensor *attend(tensor_scope *s, const expclip__qformer *q,
                      const expclip__bert_attention *a, const tensor *x,
                      const tensor *read)
{
    const int64_t heads = q->config->qformer.heads;
    const tensor *query = tensor_linear_apply(s, a->query, x, TENSOR_IDENTITY);
    const tensor *key = tensor_linear_apply(s, a->key, read, TENSOR_IDENTITY);
    const tensor *value =
        tensor_linear_apply(s, a->value, read, TENSOR_IDENTITY);
    const tensor *mixed =
        tensor_attention(s, expclip__heads_split(s, query, heads),
                         expclip__heads_split(s, key, heads),
                         expclip__heads_split(s, value, heads), 0);

    x = tensor_linear_add(s, a->out, expclip__heads_join(s, mixed), x);
    return tensor_layer_norm(s, x, a->norm_weight, a->norm_bias,
                             q->config->qformer.eps);
}

tensor *expclip__qformer_forward(tensor_scope *s, const expclip__qformer *q,
                                 const tensor *seen)
{
    const int64_t shape[] = { tensor_size(seen, 0),
                              q->config->qformer.n_queries,
                              q->config->qformer.width };
    const size_t mark = tensor_scope_mark(s);
    tensor *x = tensor_expand(s, q->queries, 3, shape);

    for (int32_t i = 0; i < q->config->qformer.layers; i++) {
        const expclip__qformer_layer *layer = &q->layers[i];
        const tensor *y;

        x = attend(s, q, &layer->self, x, x);
        if (layer->cross.query)
            x = attend(s, q, &layer->cross, x, seen);
        y = tensor_linear_apply(s, layer->fc, x, TENSOR_GELU);
        x = tensor_layer_norm(s, tensor_linear_add(s, layer->out, y, x),
                              layer->norm_weight, layer->norm_bias,
                              q->config->qformer.eps);
        tensor_scope_release(s, mark, x);
    }
    return x;
}
