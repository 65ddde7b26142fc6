/* SPDX-License-Identifier: MIT */
/*
 * frame_mean.h - one embedding of many frames: their weighted mean.
 */
#ifndef EXPCLIP_FRAME_MEAN_H
#define EXPCLIP_FRAME_MEAN_H

#include <expclip_clips.h>

#include "expression/batch.h"
#include "expression/classes.h"

struct expclip_clip {
    expclip_model *model; /* retained */
    double *sum;          /* [d], of the encoder's embeddings */
    double weight;        /* of all that is in it */
    int64_t n_frames;
    int64_t n_failed;
    expclip_error first_failure;
};

expclip_status expclip__frame_mean_create(expclip_clip **out,
                                          const expclip_model *model,
                                          expclip_error *err);
void expclip__frame_mean_clear(expclip_clip *clip);
void expclip__frame_mean_free(expclip_clip *clip);

/** Add a batch's items; weights may be NULL, all 1. Nothing is added when it
 * fails. */
expclip_status expclip__frame_mean_add(expclip_clip *clip,
                                       const expclip_batch *batch,
                                       const int32_t *weights,
                                       const expclip_cancel *cancel,
                                       expclip_error *err);
/** Add frames to their end; `choice` as in expclip__batch_add_frames(). */
expclip_status expclip__frame_mean_add_frames(
    expclip_clip *clip, expclip_frames *frames,
    const expclip_image_options *options, const expclip__face_choice *choice,
    const expclip_cancel *cancel, expclip_error *err);
/** The embedding: [dim]. */
expclip_status expclip__frame_mean_embed(float *out, const expclip_clip *clip,
                                         const expclip_embed_options *options,
                                         expclip_error *err);
/** Its logits: [classes]. */
expclip_status expclip__frame_mean_score(float *logits,
                                         const expclip_clip *clip,
                                         const expclip_classes *classes,
                                         expclip_error *err);

#endif
