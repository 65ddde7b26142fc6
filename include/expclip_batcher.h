/* SPDX-License-Identifier: MIT */
/*
 * expclip_batcher.h - for services: the images of many threads go through the
 * image encoder together.
 *
 *     every request's thread:
 *         expclip_batch_create(&batch, model, &err)
 *         expclip_batch_add_bytes(batch, body, body_size, NULL, &err)
 *         expclip_batcher_score_images(logits, 7, batcher, classes, batch,
 *                                      NULL, &err)
 *
 * The calls do what expclip_model_embed_images() and
 * expclip_model_score_images() do, but the image encoder runs in one worker
 * thread of the batcher, and the calls wait for it. The callers' threads decode
 * the images, apply the head and compute the scores. The rules at the top of
 * expclip.h hold here too.
 */
#ifndef EXPCLIP_BATCHER_H
#define EXPCLIP_BATCHER_H

#include "expclip.h"

#ifdef __cplusplus
extern "C" {
#endif

/** A queue and a worker thread. Threads share it. */
typedef struct expclip_batcher expclip_batcher;
typedef struct expclip_batcher_options {
    size_t struct_size;
    int32_t max_batch;    /* most images in one pass; the encoder computes up to
                             8 of them at a time. Default: 8 */
    int32_t max_delay_us; /* most microseconds that an image waits for others to
                             join its pass. Default: 2000 */
    int32_t queue_size;   /* images that may wait. Default: 64 */
    int32_t reserved;     /* 0 */
} expclip_batcher_options;
#define EXPCLIP_BATCHER_OPTIONS_INIT \
    { sizeof(expclip_batcher_options), 8, 2000, 64, 0 }

/** As expclip_load_options_init(). */
EXPCLIP_API void expclip_batcher_options_init(expclip_batcher_options *options,
                                              size_t options_size);

/**
 * Start a batcher for a model.
 *
 * @return EXPCLIP_OK or EXPCLIP_ERROR_FORK
 */
EXPCLIP_API expclip_status expclip_batcher_create(
    expclip_batcher **out, const expclip_model *model,
    const expclip_batcher_options *options, expclip_error *err);
/** Stop the batcher. No other call may be using it. */
EXPCLIP_API void expclip_batcher_free(expclip_batcher *batcher);

/**
 * Score a batch as expclip_model_score_images() does, together with the images
 * of other callers. More than max_batch images take several passes.
 *
 * @return as expclip_model_score_images(), or EXPCLIP_ERROR_BUSY at once when
 *         the queue has no room for the images
 */
EXPCLIP_API expclip_status expclip_batcher_score_images(
    float *logits, size_t logits_size, expclip_batcher *batcher,
    const expclip_classes *classes, const expclip_batch *batch,
    const expclip_cancel *cancel, expclip_error *err);
/** Embed a batch as expclip_model_embed_images() does, together with the images
 * of other callers; BUSY as above. */
EXPCLIP_API expclip_status expclip_batcher_embed_images(
    float *embeddings, size_t embeddings_size, expclip_batcher *batcher,
    const expclip_batch *batch, const expclip_embed_options *options,
    const expclip_cancel *cancel, expclip_error *err);

/** Passes since the batcher was created, each of max_batch images at most. */
EXPCLIP_API int64_t
expclip_batcher_pass_count(const expclip_batcher *batcher);
/** Images in these passes, failed passes included. */
EXPCLIP_API int64_t
expclip_batcher_image_count(const expclip_batcher *batcher);
/** Images that wait now. */
EXPCLIP_API int64_t
expclip_batcher_waiting_count(const expclip_batcher *batcher);

#ifdef __cplusplus
}
#endif

#endif /* EXPCLIP_BATCHER_H */
