/* SPDX-License-Identifier: MIT */
/*
 * bert_encoder.c - a BERT (transformers BertModel) on one text.
 *
 *     x = norm(words[ids] + positions[0..n] + types[0])
 *     each layer: see bert_layer.c
 */
#include "teacher/bert_encoder.h"

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"

#define WORDS "embeddings.word_embeddings.weight"

static const char *prefix_of(const expclip__weights *ws)
{
    static const char *const prefixes[] = { "", "bert." };
    char name[EXPCLIP__NAME_SIZE];

    for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
        snprintf(name, sizeof(name), "%s" WORDS, prefixes[i]);
        if (expclip__weights_find(ws, name))
            return prefixes[i];
    }
    return NULL;
}

int expclip__bert_is(const expclip__weights *ws)
{
    return prefix_of(ws) != NULL;
}

/* ---- dimensions ---- */

static void check_word(expclip__dimensions *d, const char *key,
                       const char *expected)
{
    const char *found = json_string_value(json_object_get(d->config, key));

    if (!d->status && found && strcmp(found, expected) != 0)
        d->status = expclip__fail(d->err, EXPCLIP_ERROR_UNSUPPORTED,
                                  "config.json: %s is \"%.40s\", expected "
                                  "\"%s\"",
                                  key, found, expected);
}

expclip_status expclip__bert_config_read(expclip__bert_config *out,
                                         const expclip__weights *ws,
                                         expclip_error *err)
{
    expclip__bert_config c = { .prefix = prefix_of(ws) };
    char layers[EXPCLIP__NAME_SIZE];
    expclip__dimensions d;
    expclip_status status;

    expclip__dimensions_open(&d, ws, err);
    check_word(&d, "hidden_act", "gelu");
    check_word(&d, "position_embedding_type", "absolute");
    c.vocabulary = expclip__dimension(&d, c.prefix, WORDS, 2, 0);
    c.width = expclip__dimension(&d, c.prefix, WORDS, 2, 1);
    c.positions = expclip__dimension(
        &d, c.prefix, "embeddings.position_embeddings.weight", 2, 0);
    c.mlp = expclip__dimension(
        &d, c.prefix, "encoder.layer.0.intermediate.dense.weight", 2, 0);
    snprintf(layers, sizeof(layers), "%sencoder.layer.", c.prefix);
    c.layers = expclip__dimension_layers(&d, layers, NULL, "num_hidden_layers");
    c.heads = expclip__dimension_number(&d, NULL, "num_attention_heads", 12);
    c.eps = expclip__dimension_real(&d, NULL, "layer_norm_eps", 1e-12);
    expclip__dimension_heads(&d, "BERT", c.width, c.heads);
    status = expclip__dimensions_close(&d);
    if (!status)
        *out = c;
    return status;
}

/* ---- loading ---- */

static const char *name_of(char out[EXPCLIP__NAME_SIZE], const expclip__bert *b,
                           const char *part)
{
    snprintf(out, EXPCLIP__NAME_SIZE, "%sembeddings.%s", b->config.prefix,
             part);
    return out;
}

/* All tokens are of type 0, so its vector is added once, here. */
static void load_positions(expclip__bert *b, expclip__loader *l)
{
    const int64_t n = b->config.positions, width = b->config.width;
    const int64_t shape[] = { n, width }, types[] = { 2, width };
    char name[EXPCLIP__NAME_SIZE];
    float *positions = expclip__loader_read(
        l, name_of(name, b, "position_embeddings.weight"), 0, 2, shape);
    const float *type = expclip__loader_read(
        l, name_of(name, b, "token_type_embeddings.weight"), n * width, 2,
        types);

    if (!type)
        return;
    positions = l->values; /* the buffer may have moved */
    for (int64_t i = 0; i < n * width; i++)
        positions[i] += type[i % width];
    b->positions = expclip__loader_keep(l, positions, 2, shape);
}

static void load_embeddings(expclip__bert *b, expclip__loader *l)
{
    const int64_t shape[] = { b->config.vocabulary, b->config.width };
    char name[EXPCLIP__NAME_SIZE];
    const float *words = expclip__loader_read(
        l, name_of(name, b, "word_embeddings.weight"), 0, 2, shape);

    if (words)
        b->words = expclip__loader_keep(l, words, 2, shape);
    load_positions(b, l);
    b->norm = expclip__loader_norm(l, b->config.prefix, "embeddings.LayerNorm",
                                   shape[1]);
}

void expclip__bert_load(expclip__bert *out, expclip__loader *l,
                        const expclip__bert_config *config)
{
    const expclip__bert_names names = { config->prefix, "attention.self",
                                        "intermediate.dense", "output" };
    const expclip__bert_sizes sizes = { config->width, config->mlp, 0 };

    memset(out, 0, sizeof(*out));
    out->config = *config;
    out->layers =
        expclip__loader_layers(l, config->layers, sizeof(*out->layers));
    if (!out->layers)
        return;
    load_embeddings(out, l);
    for (int32_t i = 0; i < config->layers; i++)
        expclip__bert_layer_load(&out->layers[i], l, &names, i, &sizes);
}

void expclip__bert_clear(expclip__bert *b)
{
    for (int32_t i = 0; b->layers && i < b->config.layers; i++)
        expclip__bert_layer_clear(&b->layers[i]);
    expclip__free(b->layers);
    tensor_free(b->words);
    tensor_free(b->positions);
    expclip__norm_clear(&b->norm);
    memset(b, 0, sizeof(*b));
}

/* ---- forward ---- */

tensor *expclip__bert_forward(tensor_scope *s, const expclip__bert *b,
                              const int64_t *ids, int64_t n)
{
    const expclip__bert_config *c = &b->config;
    const int64_t shape[] = { 1, n, c->width };
    tensor *x = tensor_rows(s, b->words, tensor_from_i64(s, ids, n));
    size_t mark;

    x = tensor_add(s, x, tensor_narrow(s, b->positions, 0, 0, n));
    x = expclip__norm_apply(s, &b->norm, tensor_reshape(s, x, 3, shape),
                            c->eps);
    mark = tensor_scope_mark(s);
    for (int32_t i = 0; i < c->layers; i++) {
        x = expclip__bert_layer_forward(s, &b->layers[i], x, NULL, c->heads,
                                        c->eps);
        tensor_scope_release(s, mark, x);
    }
    return x;
}
