/* SPDX-License-Identifier: MIT */
/*
 * score.h - embeddings to logits, logits to probabilities and ranks.
 */
#ifndef EXPCLIP_SCORE_H
#define EXPCLIP_SCORE_H

#include "expression/batch.h"
#include "expression/batcher.h"
#include "expression/classes.h"

/** Who runs the image encoder. */
typedef struct expclip__encoder {
    const expclip_model *model;
    expclip_batcher *batcher; /* of this model; NULL = the caller's thread */
} expclip__encoder;

/** Embed a batch, rows of failed items NaN: [items, dim]. */
expclip_status expclip__embed_batch(float *out, const expclip__encoder *encoder,
                                    const expclip_batch *batch,
                                    const expclip_embed_options *options,
                                    const expclip_cancel *cancel,
                                    expclip_error *err);
/** Score a batch, rows of failed items NaN: [items, classes]. */
expclip_status
expclip__score_batch(float *logits, const expclip__encoder *encoder,
                     const expclip_classes *classes, const expclip_batch *batch,
                     const expclip_cancel *cancel, expclip_error *err);
/** Score rows of any length but 0: [n, classes]. */
expclip_status expclip__score_rows(float *logits,
                                   const expclip_classes *classes,
                                   const float *rows, size_t n,
                                   expclip_error *err);

#endif
