/* SPDX-License-Identifier: MIT */
/*
 * classes_file.c - class sets as files: a safetensors file whose metadata
 * holds names and prompts, and whose one tensor "prompts" [n, dim] holds their
 * vectors. Scoring with it needs no text encoder.
 */
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/text.h"
#include "expression/classes.h"
#include "weights/writer.h"

#define FORMAT "expclip-classes"
#define MAX_DIM (1 << 20)

/* ---- writing ---- */

/* {"class": ["prompt", ...], ...} as text, for free(). */
static char *prompts_json(const expclip_prompts *p)
{
    json_t *root = json_object();
    char *text;

    for (size_t i = 0; i < p->n_classes; i++) {
        json_t *list = json_array();

        for (size_t j = 0; j < p->classes[i].n_prompts; j++)
            json_array_append_new(list, json_string(p->classes[i].prompts[j]));
        json_object_set_new(root, p->classes[i].name, list);
    }
    text = json_dumps(root, JSON_COMPACT);
    json_decref(root);
    return text;
}

static expclip_status describe(expclip__tensors_writer *w,
                               const expclip_classes *c, const char *prompts,
                               int64_t n, expclip_error *err)
{
    const int64_t vectors[] = { n, c->dim };
    char truncated[24];
    const char *pooling =
        c->pooling == EXPCLIP_POOLING_LOGITS ? "logits" : "embeddings";
    const char *const metadata[][2] = {
        { "format", FORMAT },        { "format_version", "1" },
        { "prompts", prompts },      { "pooling", pooling },
        { "model", c->fingerprint }, { "library", EXPCLIP_VERSION },
        { "truncated", truncated },
    };
    expclip_status status = EXPCLIP_OK;

    snprintf(truncated, sizeof(truncated), "%zu", c->n_truncated);
    for (size_t i = 0; !status && i < sizeof(metadata) / sizeof(metadata[0]);
         i++)
        status =
            expclip__tensors_metadata(w, metadata[i][0], metadata[i][1], err);
    if (!status)
        status = expclip__tensors_describe(w, "logit_scale", EXPCLIP__F32, 0,
                                           NULL, err);
    if (!status)
        status = expclip__tensors_describe(w, "prompts", EXPCLIP__F32, 2,
                                           vectors, err);
    return status;
}

expclip_status expclip__classes_save(const expclip_classes *classes,
                                     const char *path, expclip_error *err)
{
    const int64_t n = (int64_t)expclip__prompts_total(classes->prompts);
    expclip__tensors_writer *w = NULL;
    char *prompts = prompts_json(classes->prompts);
    expclip_status status;

    if (!prompts)
        return expclip__fail_memory(err, "class set");
    if ((status = expclip__tensors_create(&w, path, err)) ||
        (status = describe(w, classes, prompts, n, err)) ||
        (status =
             expclip__tensors_write_f32(w, &classes->logit_scale, 1, err)) ||
        (status = expclip__tensors_write_f32(w, classes->prompt_vectors,
                                             n * classes->dim, err)))
        goto done;
    status = expclip__tensors_commit(w, err);
done:
    expclip__tensors_free(w);
    free(prompts); /* jansson's own memory */
    return status;
}

/* ---- reading ---- */

static expclip_status read_metadata(expclip_classes *c,
                                    const expclip__weights *ws,
                                    const char *path, expclip_error *err)
{
    const char *format = expclip__weights_metadata(ws, "format");
    const char *prompts = expclip__weights_metadata(ws, "prompts");
    const char *pooling = expclip__weights_metadata(ws, "pooling");
    const char *model = expclip__weights_metadata(ws, "model");
    const char *truncated = expclip__weights_metadata(ws, "truncated");

    if (!format || strcmp(format, FORMAT) != 0 || !prompts || !pooling ||
        !model || strlen(model) != 16)
        return expclip__fail(err, EXPCLIP_ERROR_FORMAT,
                             "%s: not a class set: metadata \"format\" is "
                             "\"%s\", expected \"" FORMAT "\"",
                             path, format ? format : "");
    memcpy(c->fingerprint, model, sizeof(c->fingerprint));
    c->pooling = strcmp(pooling, "logits") == 0 ? EXPCLIP_POOLING_LOGITS
                                                : EXPCLIP_POOLING_EMBEDDINGS;
    c->n_truncated = truncated ? strtoull(truncated, NULL, 10) : 0;
    return expclip__prompts_parse(&c->prompts, prompts, strlen(prompts), path,
                                  err);
}

static expclip_status read_vectors(expclip_classes *c,
                                   const expclip__weights *ws, const char *path,
                                   expclip_error *err)
{
    const int64_t n = (int64_t)expclip__prompts_total(c->prompts);
    const expclip__weight *scale = expclip__weights_find(ws, "logit_scale");
    const expclip__weight *vectors = expclip__weights_find(ws, "prompts");
    expclip_status status;

    if (!scale || scale->n_elements != 1 || !vectors || vectors->n_dims != 2 ||
        vectors->shape[0] != n || vectors->shape[1] < 1 ||
        vectors->shape[1] > MAX_DIM)
        return expclip__fail(err, EXPCLIP_ERROR_SHAPE,
                             "%s: expected tensors \"logit_scale\" [] and "
                             "\"prompts\" [%lld, dim]",
                             path, (long long)n);
    c->dim = (int32_t)vectors->shape[1];
    c->prompt_vectors =
        expclip__alloc((size_t)vectors->n_elements, sizeof(float));
    if (!c->prompt_vectors)
        return expclip__fail_memory(err, "class set");
    status = expclip__weights_read_f32(ws, scale, &c->logit_scale, 1, 1, err);
    if (!status)
        status = expclip__weights_read_f32(ws, vectors, c->prompt_vectors,
                                           vectors->n_elements, 1, err);
    return status;
}

expclip_status expclip__classes_load(expclip_classes **out, const char *path,
                                     expclip_error *err)
{
    expclip__weights *ws = NULL;
    expclip_classes *c = expclip__alloc_zero(1, sizeof(*c));
    expclip_status status;

    if (!c)
        return expclip__fail_memory(err, "class set");
    if (!(status = expclip__weights_open(&ws, path, err)) &&
        !(status = read_metadata(c, ws, path, err)) &&
        !(status = read_vectors(c, ws, path, err)))
        status = expclip__classes_pool(c, err);
    expclip__weights_free(ws);
    if (status)
        expclip__classes_free(c);
    else
        *out = c;
    return status;
}
