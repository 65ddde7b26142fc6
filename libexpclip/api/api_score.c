/* SPDX-License-Identifier: MIT */
/*
 * api_score.c - scores and embeddings.
 */
#include <math.h>
#include <string.h>

#include "api/check.h"
#include "base/alloc.h"
#include "base/error.h"
#include "expression/score.h"

/* ---- scores ---- */

static expclip_status check_belongs(const expclip_model *model,
                                    const expclip_batch *batch,
                                    expclip_error *err)
{
    if (strcmp(batch->model->fingerprint, model->fingerprint) == 0)
        return EXPCLIP_OK;
    return expclip__fail(err, EXPCLIP_ERROR_STATE,
                         "batch: made for the model %s, expected %s",
                         batch->model->fingerprint, model->fingerprint);
}

static expclip_status check_classes(const expclip_classes *classes,
                                    const char *fingerprint, expclip_error *err)
{
    if (strcmp(classes->fingerprint, fingerprint) == 0)
        return EXPCLIP_OK;
    return expclip__fail(err, EXPCLIP_ERROR_STATE,
                         "classes: embedded by the model %s, expected %s; "
                         "other weights, head, preset or dtype",
                         classes->fingerprint, fingerprint);
}

expclip_status expclip_score_images(float *logits, size_t logits_size,
                                    const expclip_model *model,
                                    const expclip_classes *classes,
                                    const expclip_batch *batch,
                                    const expclip_cancel *cancel,
                                    expclip_error *err)
{
    expclip_model *held;
    expclip_status status;

    if ((status = expclip__check_pointer(logits, "logits", err)) ||
        (status = expclip__check_pointer(model, "model", err)) ||
        (status = expclip__check_pointer(classes, "classes", err)) ||
        (status = expclip__check_pointer(batch, "batch", err)) ||
        (status = expclip__check_size(
             logits_size, batch->n_items * classes->prompts->n_classes,
             "logits_size", err)) ||
        (status = check_belongs(model, batch, err)) ||
        (status = check_classes(classes, model->fingerprint, err)))
        return status;
    held = expclip__model_retain(model);
    status = expclip__score_batch(logits, held, classes, batch, cancel, err);
    expclip__model_release(held);
    return status;
}

expclip_status expclip_score_embeddings(float *logits, size_t logits_size,
                                        const expclip_classes *classes,
                                        const float *embeddings,
                                        size_t embeddings_size,
                                        const char *model_fingerprint,
                                        expclip_error *err)
{
    size_t n, dim;
    expclip_status status;

    if ((status = expclip__check_pointer(logits, "logits", err)) ||
        (status = expclip__check_pointer(classes, "classes", err)) ||
        (status = expclip__check_pointer(embeddings, "embeddings", err)))
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
         (status = check_classes(classes, model_fingerprint, err))))
        return status;
    return expclip__score_rows(logits, classes, embeddings, n, err);
}

expclip_status expclip_probabilities(float *probabilities,
                                     size_t probabilities_size,
                                     const float *logits, size_t logits_size,
                                     float temperature, expclip_error *err)
{
    expclip_status status;

    if ((status =
             expclip__check_pointer(probabilities, "probabilities", err)) ||
        (status = expclip__check_pointer(logits, "logits", err)) ||
        (status = expclip__check_size(probabilities_size, logits_size,
                                      "probabilities_size", err)))
        return status;
    if (!(temperature > 0.0f) || isinf(temperature))
        return expclip__fail(err, EXPCLIP_ERROR_ARGUMENT,
                             "temperature: %g, expected a finite number above "
                             "0",
                             (double)temperature);
    expclip__softmax(probabilities, logits, logits_size, temperature);
    return EXPCLIP_OK;
}

size_t expclip_best(const float *logits, size_t logits_size)
{
    size_t best = logits ? logits_size : 0;

    for (size_t i = 0; logits && i < logits_size; i++)
        if (!isnan(logits[i]) &&
            (best == logits_size || logits[i] > logits[best]))
            best = i;
    return best;
}

expclip_status expclip_top(int32_t *top, size_t top_size, const float *logits,
                           size_t logits_size, expclip_error *err)
{
    expclip_status status;

    if ((status = expclip__check_pointer(top, "top", err)) ||
        (status = expclip__check_pointer(logits, "logits", err)))
        return status;
    if (top_size > logits_size || logits_size > INT32_MAX)
        return expclip__fail(err, EXPCLIP_ERROR_ARGUMENT,
                             "top_size: %zu, expected at most logits_size %zu",
                             top_size, logits_size);
    expclip__top(top, top_size, logits, logits_size);
    return EXPCLIP_OK;
}

/* ---- embeddings ---- */

void expclip_embed_options_init(expclip_embed_options *options,
                                size_t options_size)
{
    static const expclip_embed_options defaults = EXPCLIP_EMBED_OPTIONS_INIT;

    expclip__write_options(options, options_size, &defaults, sizeof(defaults));
}

static expclip_status check_embed_options(expclip_embed_options *out,
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

expclip_status expclip_embed_images(float *embeddings, size_t embeddings_size,
                                    const expclip_model *model,
                                    const expclip_batch *batch,
                                    const expclip_embed_options *options,
                                    const expclip_cancel *cancel,
                                    expclip_error *err)
{
    expclip_embed_options o;
    expclip_model *held;
    expclip_status status;

    if ((status = expclip__check_pointer(embeddings, "embeddings", err)) ||
        (status = expclip__check_pointer(model, "model", err)) ||
        (status = expclip__check_pointer(batch, "batch", err)) ||
        (status = check_embed_options(&o, options, err)) ||
        (status = expclip__check_size(
             embeddings_size,
             batch->n_items * expclip__model_dim(model, o.projected),
             "embeddings_size", err)) ||
        (status = check_belongs(model, batch, err)))
        return status;
    held = expclip__model_retain(model);
    status = expclip__embed_batch(embeddings, held, batch, &o, cancel, err);
    expclip__model_release(held);
    return status;
}

expclip_status expclip_embed_text(float *embedding, size_t embedding_size,
                                  int32_t *truncated,
                                  const expclip_model *model, const char *text,
                                  size_t text_size,
                                  const expclip_embed_options *options,
                                  expclip_error *err)
{
    expclip__input_text input = { .text = text, .size = text_size };
    expclip_embed_options o;
    expclip_model *held;
    float *row;
    expclip_status status;

    if ((status = expclip__check_pointer(embedding, "embedding", err)) ||
        (status = expclip__check_pointer(model, "model", err)) ||
        (status = expclip__check_pointer(text, "text", err)) ||
        (status = check_embed_options(&o, options, err)) ||
        (status = expclip__check_size(embedding_size,
                                      expclip__model_dim(model, o.projected),
                                      "embedding_size", err)))
        return status;
    row = expclip__alloc(embedding_size, sizeof(*row));
    if (!row)
        return expclip__fail_memory(err, "embedding");
    held = expclip__model_retain(model);
    status = expclip__model_embed_texts(held, row, &input, 1, &o, NULL, err);
    expclip__model_release(held);
    if (!status) {
        memcpy(embedding, row, embedding_size * sizeof(*row));
        if (truncated)
            *truncated = input.truncated;
    }
    expclip__free(row);
    return status;
}
