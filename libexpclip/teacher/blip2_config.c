/* SPDX-License-Identifier: MIT */
/*
 * blip2_config.c - the dimensions of a BLIP-2 with a T5.
 */
#include "teacher/blip2_config.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"

enum { MOST = 1 << 20 }; /* of any dimension */

typedef struct reading {
    const expclip__weights *ws;
    expclip_status status;
    expclip_error *err;
} reading;

/* Size of one dimension of a tensor, which has n_dims; kept failures. */
static int32_t size_of(reading *r, const char *name, int32_t n_dims,
                       int32_t dim)
{
    const expclip__weight *w;

    if (r->status)
        return 1;
    w = expclip__weights_find(r->ws, name);
    if (w && w->n_dims == n_dims && w->shape[dim] >= 1 && w->shape[dim] <= MOST)
        return (int32_t)w->shape[dim];
    r->status = expclip__fail(r->err, EXPCLIP_ERROR_SHAPE,
                              "tensor \"%s\": %s, expected %d dimensions", name,
                              w ? "another shape" : "missing", (int)n_dims);
    return 1;
}

/* Layers that are there, by a tensor that each has. */
static int32_t count_layers(const reading *r, const char *format)
{
    char name[128];
    int32_t n = 0;

    for (;; n++) {
        snprintf(name, sizeof(name), format, (int)n);
        if (!expclip__weights_find(r->ws, name))
            return n;
    }
}

static int32_t number(const json_t *config, const char *part, const char *key,
                      int32_t missing)
{
    const json_t *value = json_object_get(json_object_get(config, part), key);

    return json_is_integer(value) && json_integer_value(value) >= 1 &&
                   json_integer_value(value) <= MOST
               ? (int32_t)json_integer_value(value)
               : missing;
}

static double real(const json_t *config, const char *part, const char *key,
                   double missing)
{
    const json_t *value = json_object_get(json_object_get(config, part), key);
    const double x = json_is_number(value) ? json_number_value(value) : missing;

    return x > 0.0 && x < 1.0 ? x : missing;
}

static void read_vision(expclip__blip2_config *c, reading *r,
                        const json_t *config)
{
    static const char patch[] =
        "vision_model.embeddings.patch_embedding.weight";
    static const char positions[] =
        "vision_model.embeddings.position_embedding";
    const int32_t n = size_of(r, positions, 3, 1) - 1;

    c->vision.width = size_of(r, patch, 4, 0);
    c->vision.patch = size_of(r, patch, 4, 2);
    c->vision.grid = (int32_t)lround(sqrt((double)n));
    c->vision.image_size = c->vision.grid * c->vision.patch;
    c->vision.mlp =
        size_of(r, "vision_model.encoder.layers.0.mlp.fc1.weight", 2, 0);
    c->vision.layers =
        count_layers(r, "vision_model.encoder.layers.%d.layer_norm1.weight");
    c->vision.heads =
        number(config, "vision_config", "num_attention_heads", 16);
    c->vision.eps = real(config, "vision_config", "layer_norm_eps", 1e-6);
    if (!r->status && c->vision.grid * c->vision.grid != n)
        r->status = expclip__fail(r->err, EXPCLIP_ERROR_SHAPE,
                                  "tensor \"%s\": %d positions, expected a "
                                  "square and one",
                                  positions, (int)n + 1);
}

static void read_qformer(expclip__blip2_config *c, reading *r,
                         const json_t *config)
{
    c->qformer.n_queries = size_of(r, "query_tokens", 3, 1);
    c->qformer.width = size_of(r, "query_tokens", 3, 2);
    c->qformer.mlp = size_of(
        r, "qformer.encoder.layer.0.intermediate_query.dense.weight", 2, 0);
    c->qformer.layers = count_layers(
        r, "qformer.encoder.layer.%d.attention.output.dense.weight");
    c->qformer.heads =
        number(config, "qformer_config", "num_attention_heads", 12);
    c->qformer.eps = real(config, "qformer_config", "layer_norm_eps", 1e-12);
}

static void read_t5(expclip__blip2_config *c, reading *r, const json_t *config)
{
    static const char bias[] = "language_model.encoder.block.0.layer.0."
                               "SelfAttention.relative_attention_bias.weight";
    static const char query[] =
        "language_model.encoder.block.0.layer.0.SelfAttention.q.weight";
    static const char gate[] =
        "language_model.encoder.block.0.layer.1.DenseReluDense.wi_0.weight";

    if (!r->status && !expclip__weights_find(r->ws, bias)) {
        r->status = expclip__fail(r->err, EXPCLIP_ERROR_UNSUPPORTED,
                                  "language model: not a T5, expected a BLIP-2 "
                                  "with flan-t5");
        return;
    }
    c->t5.buckets = size_of(r, bias, 2, 0);
    c->t5.heads = size_of(r, bias, 2, 1);
    c->t5.inner = size_of(r, query, 2, 0);
    c->t5.width = size_of(r, query, 2, 1);
    c->t5.mlp = size_of(r, gate, 2, 0);
    c->t5.vocabulary = size_of(r, "language_model.shared.weight", 2, 0);
    c->t5.layers = count_layers(
        r, "language_model.encoder.block.%d.layer.0.layer_norm.weight");
    c->t5.max_distance =
        number(config, "text_config", "relative_attention_max_distance", 128);
    c->t5.eps = real(config, "text_config", "layer_norm_epsilon", 1e-6);
}

static void check_heads(reading *r, const char *part, int32_t width,
                        int32_t heads)
{
    if (!r->status && width % heads != 0)
        r->status = expclip__fail(r->err, EXPCLIP_ERROR_SHAPE,
                                  "%s: width %d, expected a multiple of its %d "
                                  "heads",
                                  part, (int)width, (int)heads);
}

/* config.json beside the weights; an empty object without one. */
static json_t *read_json(reading *r)
{
    char *text = NULL;
    size_t size = 0;
    json_t *config;

    r->status = expclip__weights_read_beside(&text, &size, r->ws, "config.json",
                                             r->err);
    config = text ? json_loadb(text, size, 0, NULL) : json_object();
    if (!r->status && !config)
        r->status =
            expclip__fail(r->err, EXPCLIP_ERROR_FORMAT, "config.json: no JSON");
    expclip__free(text);
    return config;
}

expclip_status expclip__blip2_config_read(expclip__blip2_config *out,
                                          const expclip__weights *ws,
                                          expclip_error *err)
{
    expclip__blip2_config c = { 0 };
    reading r = { ws, EXPCLIP_OK, err };
    json_t *config = read_json(&r);

    read_vision(&c, &r, config);
    read_qformer(&c, &r, config);
    read_t5(&c, &r, config);
    json_decref(config);
    check_heads(&r, "vision_model", c.vision.width, c.vision.heads);
    check_heads(&r, "qformer", c.qformer.width, c.qformer.heads);
    check_heads(&r, "language_model", c.t5.inner, c.t5.heads);
    if (!r.status)
        *out = c;
    return r.status;
}
