/* SPDX-License-Identifier: MIT */
/*
 * api_score.c - scores and embeddings.
 */
#include <expclip_batcher.h>
#include <math.h>
#include <string.h>

#include "api/check.h"
#include "base/alloc.h"
#include "base/error.h"
#include "expression/score.h"
#include "metrics/logits.h"

/* ---- scores ---- */

expclip_status expclip__check_belongs(const expclip_model *model,
                                      const expclip_batch *batch,
                                      expclip_error *err)
{
    if (strcmp(batch->model->fingerprint, model->fingerprint) == 0)
        return EXPCLIP_OK;
    return expclip__fail(err, EXPCLIP_ERROR_STATE,
                         "batch: made for the model %s, expected %s",
                         batch->model->fingerprint, model->fingerprint);
}

expclip_status expclip__check_classes(const expclip_classes *classes,
                                      const char *fingerprint,
                                      expclip_error *err)
{
    if (strcmp(classes->fingerprint, fingerprint) == 0)
        return EXPCLIP_OK;
    return expclip__fail(err, EXPCLIP_ERROR_STATE,
                         "classes: embedded by the model %s, expected %s; "
                         "other weights, head, preset or dtype",
                         classes->fingerprint, fingerprint);
}

static expclip_status
score_images(float *logits, size_t logits_size, const expclip_model *model,
             expclip_batcher *batcher, const expclip_classes *classes,
             const expclip_batch *batch, const expclip_cancel *cancel,
             expclip_error *err)
{
    expclip__encoder encoder = { NULL, batcher };
    expclip_model *held;
    expclip_status status;

    if ((status = expclip__check_array(logits, logits_size, "logits", err)) ||
        (status = expclip__check_pointer(model, "model", err)) ||
        (status = expclip__check_pointer(classes, "classes", err)) ||
        (status = expclip__check_pointer(batch, "batch", err)) ||
        (status = expclip__check_size(
             logits_size, batch->n_items * classes->prompts->n_classes,
             "logits_size", err)) ||
        (status = expclip__check_belongs(model, batch, err)) ||
        (status = expclip__check_classes(classes, model->fingerprint, err)))
        return status;
    held = expclip__model_retain(model);
    encoder.model = held;
    status =
        expclip__score_batch(logits, &encoder, classes, batch, cancel, err);
    expclip__model_release(held);
    return status;
}

expclip_status expclip_model_score_images(float *logits, size_t logits_size,
                                          const expclip_model *model,
                                          const expclip_classes *classes,
                                          const expclip_batch *batch,
                                          const expclip_cancel *cancel,
                                          expclip_error *err)
{
    return expclip__returned(score_images(logits, logits_size, model, NULL,
                                          classes, batch, cancel, err),
                             err);
}

expclip_status expclip_batcher_score_images(float *logits, size_t logits_size,
                                            expclip_batcher *batcher,
                                            const expclip_classes *classes,
                                            const expclip_batch *batch,
                                            const expclip_cancel *cancel,
                                            expclip_error *err)
{
    expclip_status status = expclip__check_pointer(batcher, "batcher", err);

    if (status)
        return status;
    return expclip__returned(score_images(logits, logits_size,
                                          expclip__batcher_model(batcher),
                                          batcher, classes, batch, cancel, err),
                             err);
}

expclip_status expclip_classes_score_embeddings(
    float *logits, size_t logits_size, const expclip_classes *classes,
    const float *embeddings, size_t embeddings_size,
    const char *model_fingerprint, expclip_error *err)
{
    size_t n, dim;
    expclip_status status;

    if ((status = expclip__check_array(logits, logits_size, "logits", err)) ||
        (status = expclip__check_pointer(classes, "classes", err)) ||
        (status = expclip__check_array(embeddings, embeddings_size,
                                       "embeddings", err)))
        return status;
    dim = (size_t)classes->dim;
    n = embeddings_size / dim;
    if (n * dim != embeddings_size)
        return expclip__fail(err, EXPCLIP_ERROR_ARGUMENT,
                             "embeddings_size: %zu, expected rows of %zu",
                             embeddings_size, dim);
    if ((status =
             expclip__check_size(logits_size, n * classes->prompts->n_classes,
                                 "logits_size", err)) ||
        (model_fingerprint &&
         (status = expclip__check_classes(classes, model_fingerprint, err))))
        return status;
    return expclip__returned(
        expclip__score_rows(logits, classes, embeddings, n, err), err);
}

expclip_status expclip_logits_softmax(float *probabilities,
                                      size_t probabilities_size,
                                      const float *logits, size_t logits_size,
                                      float temperature, expclip_error *err)
{
    expclip_status status;

    if ((status = expclip__check_array(probabilities, probabilities_size,
                                       "probabilities", err)) ||
        (status = expclip__check_array(logits, logits_size, "logits", err)) ||
        (status = expclip__check_size(probabilities_size, logits_size,
                                      "probabilities_size", err)) ||
        (status =
             expclip__check_positive((double)temperature, "temperature", err)))
        return status;
    expclip__softmax(probabilities, logits, logits_size, temperature);
    return expclip__returned(EXPCLIP_OK, err);
}

size_t expclip_logits_argmax(const float *logits, size_t logits_size)
{
    return logits ? expclip__argmax(logits, logits_size) : logits_size;
}

expclip_status expclip_logits_top_k(int32_t *top, size_t top_size,
                                    const float *logits, size_t logits_size,
                                    expclip_error *err)
{
    expclip_status status;

    if ((status = expclip__check_array(top, top_size, "top", err)) ||
        (status = expclip__check_array(logits, logits_size, "logits", err)))
        return status;
    if (top_size > logits_size || logits_size > INT32_MAX)
        return expclip__fail(err, EXPCLIP_ERROR_ARGUMENT,
                             "top_size: %zu, expected at most logits_size %zu",
                             top_size, logits_size);
    expclip__top(top, top_size, logits, logits_size);
    return expclip__returned(EXPCLIP_OK, err);
}

/* ---- embeddings ---- */

expclip_status
expclip__check_embed_options(expclip_embed_options *out,
                             const expclip_embed_options *options,
                             expclip_error *err)
{
    expclip_status status;

    *out = (expclip_embed_options)EXPCLIP_EMBED_OPTIONS_INIT;
    if ((status = expclip__check_options(out, sizeof(*out), options, "options",
                                         err)) ||
        (status = expclip__check_flag(out->projected, "projected", err)))
        return status;
    return expclip__check_flag(out->normalize, "normalize", err);
}

static expclip_status
embed_images(float *embeddings, size_t embeddings_size,
             const expclip_model *model, expclip_batcher *batcher,
             const expclip_batch *batch, const expclip_embed_options *options,
             const expclip_cancel *cancel, expclip_error *err)
{
    expclip__encoder encoder = { NULL, batcher };
    expclip_embed_options o;
    expclip_model *held;
    expclip_status status;

    if ((status = expclip__check_array(embeddings, embeddings_size,
                                       "embeddings", err)) ||
        (status = expclip__check_pointer(model, "model", err)) ||
        (status = expclip__check_pointer(batch, "batch", err)) ||
        (status = expclip__check_embed_options(&o, options, err)) ||
        (status = expclip__check_size(
             embeddings_size,
             batch->n_items * expclip__model_dim(model, o.projected),
             "embeddings_size", err)) ||
        (status = expclip__check_belongs(model, batch, err)))
        return status;
    held = expclip__model_retain(model);
    encoder.model = held;
    status = expclip__embed_batch(embeddings, &encoder, batch, &o, cancel, err);
    expclip__model_release(held);
    return status;
}

expclip_status expclip_model_embed_images(
    float *embeddings, size_t embeddings_size, const expclip_model *model,
    const expclip_batch *batch, const expclip_embed_options *options,
    const expclip_cancel *cancel, expclip_error *err)
{
    return expclip__returned(embed_images(embeddings, embeddings_size, model,
                                          NULL, batch, options, cancel, err),
                             err);
}

expclip_status expclip_batcher_embed_images(
    float *embeddings, size_t embeddings_size, expclip_batcher *batcher,
    const expclip_batch *batch, const expclip_embed_options *options,
    const expclip_cancel *cancel, expclip_error *err)
{
    expclip_status status = expclip__check_pointer(batcher, "batcher", err);

    if (status)
        return status;
    return expclip__returned(embed_images(embeddings, embeddings_size,
                                          expclip__batcher_model(batcher),
                                          batcher, batch, options, cancel, err),
                             err);
}

/* Borrowed from the caller's array. */
static expclip_status list_texts(expclip__input_text **out,
                                 const char *const *texts, size_t n,
                                 expclip_error *err)
{
    const expclip_status status = expclip__check_texts(texts, n, "texts", err);
    expclip__input_text *list;

    if (status)
        return status;
    list = expclip__alloc_zero(n, sizeof(*list));
    if (!list)
        return expclip__fail_memory(err, "texts");
    for (size_t i = 0; i < n; i++) {
        list[i].text = texts[i];
        list[i].size = strlen(texts[i]);
    }
    *out = list;
    return EXPCLIP_OK;
}

/* Into memory of our own, so that a failure leaves the caller's untouched. */
static expclip_status embed_list(float *out, int32_t *truncated,
                                 const expclip_model *model,
                                 expclip__input_text *list, size_t n,
                                 const expclip_embed_options *options,
                                 const expclip_cancel *cancel,
                                 expclip_error *err)
{
    const size_t size = n * expclip__model_dim(model, options->projected);
    float *rows = expclip__alloc(size, sizeof(*rows));
    expclip_status status;

    if (!rows)
        return expclip__fail_memory(err, "embeddings");
    status =
        expclip__model_embed_texts(model, rows, list, n, options, cancel, err);
    if (!status && n) {
        memcpy(out, rows, size * sizeof(*rows));
        for (size_t i = 0; truncated && i < n; i++)
            truncated[i] = list[i].truncated;
    }
    expclip__free(rows);
    return status;
}

expclip_status expclip_model_embed_texts(
    float *embeddings, size_t embeddings_size, int32_t *truncated,
    size_t truncated_size, const expclip_model *model, const char *const *texts,
    size_t texts_size, const expclip_embed_options *options,
    const expclip_cancel *cancel, expclip_error *err)
{
    expclip__input_text *list = NULL;
    expclip_embed_options o;
    expclip_model *held;
    expclip_status status;

    if ((status = expclip__check_array(embeddings, embeddings_size,
                                       "embeddings", err)) ||
        (status = expclip__check_pointer(model, "model", err)) ||
        (status = expclip__check_array(texts, texts_size, "texts", err)) ||
        (status = expclip__check_embed_options(&o, options, err)) ||
        (status = expclip__check_size(
             embeddings_size,
             texts_size * expclip__model_dim(model, o.projected),
             "embeddings_size", err)) ||
        (truncated && (status = expclip__check_size(truncated_size, texts_size,
                                                    "truncated_size", err))) ||
        (status = list_texts(&list, texts, texts_size, err)))
        return status;
    held = expclip__model_retain(model);
    status = embed_list(embeddings, truncated, held, list, texts_size, &o,
                        cancel, err);
    expclip__model_release(held);
    expclip__free(list);
    return expclip__returned(status, err);
}
