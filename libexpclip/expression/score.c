/* SPDX-License-Identifier: MIT */
/*
 * score.c - embeddings to logits.
 *
 *     logit of class c = logit_scale * cosine of the image and the class
 *
 * A handful of dot products an image: plain C in double, the same to the last
 * bit on every machine.
 */
#include "expression/score.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"

/* ---- batches ---- */

/* Rows of good items to the places of their items; the others become NaN. */
static void spread(float *out, const float *rows, const expclip_batch *batch,
                   size_t width)
{
    for (size_t i = 0; i < batch->n_items; i++) {
        const expclip__batch_item *item = &batch->items[i];

        for (size_t j = 0; j < width; j++)
            out[i * width + j] =
                item->status ? NAN : rows[item->slot * width + j];
    }
}

/* The good items of a batch: [n_slots, dim], for expclip__free(). */
static expclip_status embed_slots(float **out, const expclip__encoder *encoder,
                                  const expclip_batch *batch,
                                  const expclip_embed_options *options,
                                  const expclip_cancel *cancel,
                                  expclip_error *err)
{
    const expclip_model *m = encoder->model;
    const size_t n = batch->n_slots;
    const size_t dim = expclip__model_dim(m, options->projected);
    float *plain = expclip__alloc(n, expclip__model_dim(m, 0) * sizeof(*plain));
    float *rows = expclip__alloc(n, dim * sizeof(*rows));
    expclip_status status;

    if (!plain || !rows)
        status = expclip__fail_memory(err, "embeddings");
    else if (encoder->batcher)
        status = expclip__batcher_encode(encoder->batcher, plain, batch->pixels,
                                         n, cancel, err);
    else
        status = expclip__model_encode_images(m, plain, batch->pixels, n,
                                              cancel, err);
    if (!status)
        status = expclip__model_finish(m, rows, plain, n, options, err);
    expclip__free(plain);
    if (status)
        expclip__free(rows);
    else
        *out = rows;
    return status;
}

expclip_status expclip__embed_batch(float *out, const expclip__encoder *encoder,
                                    const expclip_batch *batch,
                                    const expclip_embed_options *options,
                                    const expclip_cancel *cancel,
                                    expclip_error *err)
{
    const size_t dim = expclip__model_dim(encoder->model, options->projected);
    float *rows = NULL;
    expclip_status status =
        embed_slots(&rows, encoder, batch, options, cancel, err);

    if (!status) {
        spread(out, rows, batch, dim);
        expclip__free(rows);
    }
    return status;
}

expclip_status
expclip__score_batch(float *logits, const expclip__encoder *encoder,
                     const expclip_classes *classes, const expclip_batch *batch,
                     const expclip_cancel *cancel, expclip_error *err)
{
    const expclip_embed_options options = EXPCLIP_EMBED_OPTIONS_INIT;
    const size_t n = batch->n_slots, width = classes->prompts->n_classes;
    float *rows = NULL, *scores;
    expclip_status status =
        embed_slots(&rows, encoder, batch, &options, cancel, err);

    if (status)
        return status;
    scores = expclip__alloc(n, width * sizeof(*scores));
    if (!scores)
        status = expclip__fail_memory(err, "logits");
    else
        status = expclip__score_rows(scores, classes, rows, n, err);
    if (!status)
        spread(logits, scores, batch, width);
    expclip__free(scores);
    expclip__free(rows);
    return status;
}

/* ---- rows ---- */

static double dot(const float *a, const float *b, size_t n)
{
    double sum = 0.0;

    for (size_t i = 0; i < n; i++)
        sum += (double)a[i] * (double)b[i];
    return sum;
}

expclip_status expclip__score_rows(float *logits,
                                   const expclip_classes *classes,
                                   const float *rows, size_t n,
                                   expclip_error *err)
{
    const size_t dim = (size_t)classes->dim;
    const size_t n_classes = classes->prompts->n_classes;

    for (size_t i = 0; i < n; i++) {
        const float *row = rows + i * dim;
        const double length = sqrt(dot(row, row, dim));

        if (length <= 0.0 || isinf(length)) /* NaN passes: a failed item */
            return expclip__fail(err, EXPCLIP_ERROR_NONFINITE,
                                 "embedding %zu: length %g, expected a finite "
                                 "one above 0",
                                 i, length);
    }
    for (size_t i = 0; i < n; i++) {
        const float *row = rows + i * dim;
        const double factor =
            (double)classes->logit_scale / sqrt(dot(row, row, dim));

        for (size_t c = 0; c < n_classes; c++)
            logits[i * n_classes + c] =
                (float)(factor *
                        dot(row, classes->class_vectors + c * dim, dim));
    }
    return EXPCLIP_OK;
}
