/* SPDX-License-Identifier: MIT */
/*
 * frame_mean.c - one embedding of many frames, as the reference makes it
 * (Exp_CLIP.py): the mean of the frames' embeddings after the head, before they
 * get unit length.
 *
 * The head is linear and has no bias, so the mean before it is the mean after
 * it: sums are of the encoder's short rows, and the head is applied once.
 */
#include "expression/frame_mean.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "expression/score.h"

#define FRAMES_AT_ONCE 8 /* one pass of the encoder; memory for so many */

/* ---- life ---- */

expclip_status expclip__frame_mean_create(expclip_clip **out,
                                          const expclip_model *model,
                                          expclip_error *err)
{
    expclip_clip *clip = expclip__alloc_zero(1, sizeof(*clip));

    if (!clip)
        return expclip__fail_memory(err, "clip");
    clip->sum =
        expclip__alloc_zero(expclip__model_dim(model, 0), sizeof(*clip->sum));
    if (!clip->sum) {
        expclip__free(clip);
        return expclip__fail_memory(err, "clip");
    }
    clip->model = expclip__model_retain(model);
    *out = clip;
    return EXPCLIP_OK;
}

void expclip__frame_mean_clear(expclip_clip *clip)
{
    memset(clip->sum, 0,
           expclip__model_dim(clip->model, 0) * sizeof(*clip->sum));
    clip->weight = 0.0;
    clip->n_frames = 0;
    clip->n_failed = 0;
    clip->first_failure.message[0] = '\0';
}

void expclip__frame_mean_free(expclip_clip *clip)
{
    if (!clip)
        return;
    expclip__model_release(clip->model);
    expclip__free(clip->sum);
    expclip__free(clip);
}

/* ---- adding ---- */

static void add_failed(expclip_clip *clip, const expclip__batch_item *item)
{
    if (clip->n_failed++ == 0)
        expclip__fail(&clip->first_failure, item->status, "%s",
                      item->message ? item->message : "");
}

static void add_row(expclip_clip *clip, const float *row, int32_t weight)
{
    const size_t dim = expclip__model_dim(clip->model, 0);

    for (size_t j = 0; j < dim; j++)
        clip->sum[j] += (double)weight * (double)row[j];
    clip->weight += (double)weight;
    clip->n_frames++;
}

expclip_status expclip__frame_mean_add(expclip_clip *clip,
                                       const expclip_batch *batch,
                                       const int32_t *weights,
                                       const expclip_cancel *cancel,
                                       expclip_error *err)
{
    const size_t dim = expclip__model_dim(clip->model, 0);
    float *rows = expclip__alloc(batch->n_slots, dim * sizeof(*rows));
    expclip_status status;

    if (!rows)
        return expclip__fail_memory(err, "embeddings");
    status = expclip__model_encode_images(clip->model, rows, batch->pixels,
                                          batch->n_slots, cancel, err);
    for (size_t i = 0; !status && i < batch->n_items; i++) {
        const expclip__batch_item *item = &batch->items[i];

        if (item->status)
            add_failed(clip, item);
        else
            add_row(clip, rows + item->slot * dim, weights ? weights[i] : 1);
    }
    expclip__free(rows);
    return status;
}

/* The frames of a batch, in the order in which they were read. */
static expclip_status add_read(expclip_clip *clip, const expclip_batch *batch,
                               const expclip_frames *frames,
                               const expclip_cancel *cancel, expclip_error *err)
{
    int32_t weights[FRAMES_AT_ONCE];

    for (size_t i = 0; i < batch->n_items; i++)
        weights[i] = expclip__frames_noted(frames, i)->weight;
    return expclip__frame_mean_add(clip, batch, weights, cancel, err);
}

expclip_status
expclip__frame_mean_add_frames(expclip_clip *clip, expclip_frames *frames,
                               const expclip_image_options *options,
                               const expclip__face_choice *choice,
                               const expclip_cancel *cancel, expclip_error *err)
{
    expclip_batch *batch = NULL;
    size_t n = 1;
    expclip_status status = expclip__batch_create(&batch, clip->model, err);

    while (!status && n) {
        expclip__batch_clear(batch);
        status = expclip__batch_add_frames(&n, batch, frames, FRAMES_AT_ONCE,
                                           options, choice, cancel, err);
        if (!status)
            status = add_read(clip, batch, frames, cancel, err);
    }
    expclip__batch_free(batch);
    return status;
}

/* ---- the embedding ---- */

expclip_status expclip__frame_mean_embed(float *out, const expclip_clip *clip,
                                         const expclip_embed_options *options,
                                         expclip_error *err)
{
    const size_t dim = expclip__model_dim(clip->model, 0);
    float *mean;
    expclip_status status;

    if (clip->n_frames == 0)
        return expclip__fail(
            err, EXPCLIP_ERROR_STATE, "clip: no frame in it, %lld failed%s%s",
            (long long)clip->n_failed, clip->n_failed ? ": " : "",
            clip->n_failed ? clip->first_failure.message : "");
    mean = expclip__alloc(dim, sizeof(*mean));
    if (!mean)
        return expclip__fail_memory(err, "embedding");
    for (size_t j = 0; j < dim; j++)
        mean[j] = (float)(clip->sum[j] / clip->weight);
    status = expclip__model_finish(clip->model, out, mean, 1, options, err);
    expclip__free(mean);
    return status;
}

expclip_status expclip__frame_mean_score(float *logits,
                                         const expclip_clip *clip,
                                         const expclip_classes *classes,
                                         expclip_error *err)
{
    const expclip_embed_options options = EXPCLIP_EMBED_OPTIONS_INIT;
    const size_t dim = expclip__model_dim(clip->model, options.projected);
    float *row = expclip__alloc(dim, sizeof(*row));
    expclip_status status =
        row ? expclip__frame_mean_embed(row, clip, &options, err)
            : expclip__fail_memory(err, "embedding");

    if (!status)
        status = expclip__score_rows(logits, classes, row, 1, err);
    expclip__free(row);
    return status;
}
