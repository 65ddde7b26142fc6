/* SPDX-License-Identifier: MIT */
/*
 * api_clips.c - clips: one embedding and one row of scores for many frames.
 */
#include <expclip_clips.h>

#include "api/check.h"
#include "base/error.h"
#include "expression/frame_mean.h"

expclip_status expclip_clip_create(expclip_clip **out,
                                   const expclip_model *model,
                                   expclip_error *err)
{
    expclip_status status;

    if ((status = expclip__check_pointer(out, "out", err)) ||
        (status = expclip__check_pointer(model, "model", err)))
        return status;
    return expclip__returned(expclip__frame_mean_create(out, model, err), err);
}

/* ---- adding ---- */

static expclip_status check_weights(const int32_t *weights, size_t size,
                                    expclip_error *err)
{
    for (size_t i = 0; i < size; i++)
        if (weights[i] < 1)
            return expclip__fail(err, EXPCLIP_ERROR_ARGUMENT,
                                 "weights[%zu]: %d, expected at least 1", i,
                                 (int)weights[i]);
    return EXPCLIP_OK;
}

expclip_status
expclip_clip_add_images(expclip_clip *clip, const expclip_batch *batch,
                        const int32_t *weights, size_t weights_size,
                        const expclip_cancel *cancel, expclip_error *err)
{
    expclip_status status;

    if ((status = expclip__check_pointer(clip, "clip", err)) ||
        (status = expclip__check_pointer(batch, "batch", err)) ||
        (status =
             expclip__check_array(weights, weights_size, "weights", err)) ||
        (weights && (status = expclip__check_size(weights_size, batch->n_items,
                                                  "weights_size", err))) ||
        (weights && (status = check_weights(weights, weights_size, err))) ||
        (status = expclip__check_belongs(clip->model, batch, err)))
        return status;
    return expclip__returned(
        expclip__frame_mean_add(clip, batch, weights, cancel, err), err);
}

expclip_status expclip_clip_add_frames(expclip_clip *clip,
                                       expclip_frames *frames,
                                       const expclip_image_options *options,
                                       const expclip_cancel *cancel,
                                       expclip_error *err)
{
    expclip_image_options o;
    expclip_status status;

    if ((status = expclip__check_pointer(clip, "clip", err)) ||
        (status = expclip__check_pointer(frames, "frames", err)) ||
        (status = expclip__check_image_options(&o, options, err)) ||
        (status = expclip__fork_check(clip->model->fork_generation, err)))
        return status;
    return expclip__returned(
        expclip__frame_mean_add_frames(clip, frames, &o, NULL, cancel, err),
        err);
}

/* ---- what is in it ---- */

int64_t expclip_clip_frame_count(const expclip_clip *clip)
{
    return clip ? clip->n_frames : 0;
}

int64_t expclip_clip_failed_count(const expclip_clip *clip)
{
    return clip ? clip->n_failed : 0;
}

const char *expclip_clip_message(const expclip_clip *clip)
{
    return clip ? clip->first_failure.message : "";
}

expclip_status expclip_clip_embed(float *embeddings, size_t embeddings_size,
                                  const expclip_clip *clip,
                                  const expclip_embed_options *options,
                                  expclip_error *err)
{
    expclip_embed_options o;
    expclip_status status;

    if ((status = expclip__check_pointer(embeddings, "embeddings", err)) ||
        (status = expclip__check_pointer(clip, "clip", err)) ||
        (status = expclip__check_embed_options(&o, options, err)) ||
        (status = expclip__check_size(
             embeddings_size, expclip__model_dim(clip->model, o.projected),
             "embeddings_size", err)))
        return status;
    return expclip__returned(
        expclip__frame_mean_embed(embeddings, clip, &o, err), err);
}

expclip_status expclip_clip_score(float *logits, size_t logits_size,
                                  const expclip_clip *clip,
                                  const expclip_classes *classes,
                                  expclip_error *err)
{
    expclip_status status;

    if ((status = expclip__check_pointer(logits, "logits", err)) ||
        (status = expclip__check_pointer(clip, "clip", err)) ||
        (status = expclip__check_pointer(classes, "classes", err)) ||
        (status = expclip__check_size(logits_size, classes->prompts->n_classes,
                                      "logits_size", err)) ||
        (status =
             expclip__check_classes(classes, clip->model->fingerprint, err)))
        return status;
    return expclip__returned(
        expclip__frame_mean_score(logits, clip, classes, err), err);
}

void expclip_clip_clear(expclip_clip *clip)
{
    if (clip)
        expclip__frame_mean_clear(clip);
}

void expclip_clip_free(expclip_clip *clip)
{
    expclip__frame_mean_free(clip);
}
