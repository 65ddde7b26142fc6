/* SPDX-License-Identifier: MIT */
/*
 * bert_layer.c - a layer of BERT (transformers BertLayer, Blip2QFormerLayer).
 *
 *     x = norm(x + out(attention(x, x)))
 *     x = norm(x + out(attention(x, image)))   in some layers of a Q-Former
 *     x = norm(x + out(gelu(fc(x))))
 */
#include "teacher/bert_layer.h"

#include <stdio.h>
#include <string.h>

#include "teacher/heads.h"

/* ---- loading ---- */

/* `inner` is before "query", `outer` before "dense"; read_width is of what keys
 * and values come of. */
static void load_attention(expclip__bert_attention *a, expclip__loader *l,
                           const char *layer, const char *inner,
                           const char *outer, int64_t width, int64_t read_width)
{
    char at[EXPCLIP__NAME_SIZE];

    snprintf(at, sizeof(at), "%s%s.", layer, inner);
    a->query = expclip__loader_affine(l, at, "query", width, width);
    a->key = expclip__loader_affine(l, at, "key", width, read_width);
    a->value = expclip__loader_affine(l, at, "value", width, read_width);
    snprintf(at, sizeof(at), "%s%s.output.", layer, outer);
    a->out = expclip__loader_affine(l, at, "dense", width, width);
    a->norm = expclip__loader_norm(l, at, "LayerNorm", width);
}

void expclip__bert_layer_load(expclip__bert_layer *out, expclip__loader *l,
                              const expclip__bert_names *names, int32_t layer,
                              const expclip__bert_sizes *sizes)
{
    const int64_t width = sizes->width, mlp = sizes->mlp;
    char at[64], end[EXPCLIP__NAME_SIZE];

    snprintf(at, sizeof(at), "%sencoder.layer.%d.", names->prefix, (int)layer);
    load_attention(&out->self, l, at, names->self, "attention", width, width);
    if (sizes->read_width)
        load_attention(&out->cross, l, at, "crossattention.attention",
                       "crossattention", width, sizes->read_width);
    out->fc = expclip__loader_affine(l, at, names->fc, mlp, width);
    snprintf(end, sizeof(end), "%s%s.", at, names->out);
    out->out = expclip__loader_affine(l, end, "dense", width, mlp);
    out->norm = expclip__loader_norm(l, end, "LayerNorm", width);
}

static void clear_attention(expclip__bert_attention *a)
{
    tensor_linear_free(a->query);
    tensor_linear_free(a->key);
    tensor_linear_free(a->value);
    tensor_linear_free(a->out);
    expclip__norm_clear(&a->norm);
}

void expclip__bert_layer_clear(expclip__bert_layer *layer)
{
    clear_attention(&layer->self);
    clear_attention(&layer->cross);
    tensor_linear_free(layer->fc);
    tensor_linear_free(layer->out);
    expclip__norm_clear(&layer->norm);
    memset(layer, 0, sizeof(*layer));
}

/* ---- forward ---- */

/* x asks, `read` answers. */
static tensor *attend(tensor_scope *s, const expclip__bert_attention *a,
                      const tensor *x, const tensor *read, int64_t heads,
                      double eps)
{
    const tensor *query = tensor_linear_apply(s, a->query, x, TENSOR_IDENTITY);
    const tensor *key = tensor_linear_apply(s, a->key, read, TENSOR_IDENTITY);
    const tensor *value =
        tensor_linear_apply(s, a->value, read, TENSOR_IDENTITY);
    const tensor *mixed =
        tensor_attention(s, expclip__heads_split(s, query, heads),
                         expclip__heads_split(s, key, heads),
                         expclip__heads_split(s, value, heads), 0);

    x = tensor_linear_add(s, a->out, expclip__heads_join(s, mixed), x);
    return expclip__norm_apply(s, &a->norm, x, eps);
}

tensor *expclip__bert_layer_forward(tensor_scope *s,
                                    const expclip__bert_layer *layer,
                                    const tensor *x, const tensor *seen,
                                    int64_t heads, double eps)
{
    const tensor *y;

    x = attend(s, &layer->self, x, x, heads, eps);
    if (layer->cross.query)
        x = attend(s, &layer->cross, x, seen, heads, eps);
    y = tensor_linear_apply(s, layer->fc, x, TENSOR_GELU);
    return expclip__norm_apply(s, &layer->norm,
                               tensor_linear_add(s, layer->out, y, x), eps);
}
