/* SPDX-License-Identifier: MIT */
/*
 * expclip_batcher.h - for services: the pictures of many threads' calls go
 * through the image encoder together.
 *
 *     every request's thread:
 *         expclip_batch_create(&batch, model, &err)
 *         expclip_batch_add_bytes(batch, body, body_size, NULL, &err)
 *         expclip_batcher_score_images(logits, 7, batcher, classes, batch,
 *                                      NULL, &err)
 *
 * The calls mean what expclip_model_embed_images() and
 * expclip_model_score_images() mean, but wait while one worker thread of the
 * batcher computes. Decoding, the head and the scores stay in the callers'
 * threads. The rules at the top of expclip.h hold here too.
 */
#ifndef EXPCLIP_BATCHER_H
#define EXPCLIP_BATCHER_H

#include "expclip.h"

#ifdef __cplusplus
extern "C" {
#endif

/** A queue and a worker thread. Share it between threads. */
typedef struct expclip_batcher expclip_batcher;
typedef struct expclip_batcher_options {
    size_t struct_size;
    int32_t max_batch;    /* pictures in one pass; the encoder computes up to
                             8 of them at a time. Default: 8 */
    int32_t max_delay_us; /* microseconds that a picture may wait for company
                             before its pass. Default: 2000 */
    int32_t queue_size;   /* pictures that may wait. Default: 64 */
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
/** Stop it. No call may use it any more. */
EXPCLIP_API void expclip_batcher_free(expclip_batcher *batcher);

/**
 * As expclip_model_score_images(), together with the pictures of other callers.
 * More than max_batch pictures take several passes.
 *
 * @return as expclip_model_score_images(), or EXPCLIP_ERROR_BUSY, at once, when
 *         the pictures do not fit in the queue beside those that wait already
 */
EXPCLIP_API expclip_status expclip_batcher_score_images(
    float *logits, size_t logits_size, expclip_batcher *batcher,
    const expclip_classes *classes, const expclip_batch *batch,
    const expclip_cancel *cancel, expclip_error *err);
/** As expclip_model_embed_images(), in the same way; BUSY as above. */
EXPCLIP_API expclip_status expclip_batcher_embed_images(
    float *embeddings, size_t embeddings_size, expclip_batcher *batcher,
    const expclip_batch *batch, const expclip_embed_options *options,
    const expclip_cancel *cancel, expclip_error *err);

/** Passes since it was created, of max_batch pictures at most. */
EXPCLIP_API int64_t
expclip_batcher_pass_count(const expclip_batcher *batcher);
/** Pictures in these passes, failed passes included. */
EXPCLIP_API int64_t
expclip_batcher_image_count(const expclip_batcher *batcher);
/** Pictures that wait now. */
EXPCLIP_API int64_t
expclip_batcher_waiting_count(const expclip_batcher *batcher);

#ifdef __cplusplus
}
#endif

#endif /* EXPCLIP_BATCHER_H */
