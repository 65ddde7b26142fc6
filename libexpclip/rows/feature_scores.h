/* SPDX-License-Identifier: MIT */
/*
 * feature_scores.h - what a model's head makes of features that are there.
 */
#ifndef EXPCLIP_ROWS_FEATURE_SCORES_H
#define EXPCLIP_ROWS_FEATURE_SCORES_H

#include "expression/classes.h"
#include "expression/model.h"
#include "rows/row_store.h"

/** What scoring needs of one head, made with the first scores. */
typedef struct expclip__head_view {
    uint64_t hash;   /* of the head */
    int made;        /* 0 = nothing is here yet */
    double *lengths; /* [n] of the projected rows; NaN where an item failed */
    float *turned;   /* [d, D] the head, transposed; NULL without a head */
} expclip__head_view;

/** Embeddings [n, dim] of rows in memory, as the options say. */
expclip_status expclip__features_embed(float *out, const expclip__row_store *s,
                                       const expclip_model *model,
                                       const expclip_embed_options *options,
                                       expclip_error *err);
/** Scores [n, classes]. The view, zeroed before the first, is kept for the
 * next. */
expclip_status expclip__features_score(float *logits, expclip__head_view *v,
                                       const expclip__row_store *s,
                                       const expclip_model *model,
                                       const expclip_classes *classes,
                                       expclip_error *err);
void expclip__head_view_clear(expclip__head_view *v);

#endif
