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

/** The layer that is read. */
typedef struct place {
    const expclip__bert_names *names;
    int32_t layer;
} place;

static const char *name_of(char out[EXPCLIP__NAME_SIZE], place at,
                           const char *part, const char *leaf)
{
    snprintf(out, EXPCLIP__NAME_SIZE, "%sencoder.layer.%d.%s.%s",
             at.names->prefix, (int)at.layer, part, leaf);
    return out;
}

static tensor_linear *load_linear(expclip__loader *l, place at,
                                  const char *part, int64_t n_out, int64_t n_in)
{
    char weight[EXPCLIP__NAME_SIZE], bias[EXPCLIP__NAME_SIZE];

    return expclip__loader_linear(l, name_of(weight, at, part, "weight"),
                                  name_of(bias, at, part, "bias"), n_out, n_in);
}

static tensor *load_vector(expclip__loader *l, place at, const char *part,
                           const char *leaf, int64_t n)
{
    char name[EXPCLIP__NAME_SIZE];

    return expclip__loader_vector(l, name_of(name, at, part, leaf), n);
}

/* `inner` is before ".query", `outer` before ".output"; read_width is of what
 * keys and values come of. */
static void load_attention(expclip__bert_attention *a, expclip__loader *l,
                           place at, const char *inner, const char *outer,
                           int64_t width, int64_t read_width)
{
    char part[64];

    snprintf(part, sizeof(part), "%s.query", inner);
    a->query = load_linear(l, at, part, width, width);
    snprintf(part, sizeof(part), "%s.key", inner);
    a->key = load_linear(l, at, part, width, read_width);
    snprintf(part, sizeof(part), "%s.value", inner);
    a->value = load_linear(l, at, part, width, read_width);
    snprintf(part, sizeof(part), "%s.output.dense", outer);
    a->out = load_linear(l, at, part, width, width);
    snprintf(part, sizeof(part), "%s.output.LayerNorm", outer);
    a->norm_weight = load_vector(l, at, part, "weight", width);
    a->norm_bias = load_vector(l, at, part, "bias", width);
}

void expclip__bert_layer_load(expclip__bert_layer *out, expclip__loader *l,
                              const expclip__bert_names *names, int32_t layer,
                              const expclip__bert_sizes *sizes)
{
    const place at = { names, layer };
    const int64_t width = sizes->width, mlp = sizes->mlp;
    char part[64];

    load_attention(&out->self, l, at, names->self, "attention", width, width);
    if (sizes->read_width)
        load_attention(&out->cross, l, at, "crossattention.attention",
                       "crossattention", width, sizes->read_width);
    out->fc = load_linear(l, at, names->fc, mlp, width);
    snprintf(part, sizeof(part), "%s.dense", names->out);
    out->out = load_linear(l, at, part, width, mlp);
    snprintf(part, sizeof(part), "%s.LayerNorm", names->out);
    out->norm_weight = load_vector(l, at, part, "weight", width);
    out->norm_bias = load_vector(l, at, part, "bias", width);
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

void expclip__bert_layer_clear(expclip__bert_layer *layer)
{
    clear_attention(&layer->self);
    clear_attention(&layer->cross);
    tensor_linear_free(layer->fc);
    tensor_linear_free(layer->out);
    tensor_free(layer->norm_weight);
    tensor_free(layer->norm_bias);
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
    return tensor_layer_norm(s, x, a->norm_weight, a->norm_bias, eps);
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
    return tensor_layer_norm(s, tensor_linear_add(s, layer->out, y, x),
                             layer->norm_weight, layer->norm_bias, eps);
}
