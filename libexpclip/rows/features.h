/* SPDX-License-Identifier: MIT */
/*
 * features.h - embeddings of a data set's items before the head, done once.
 */
#ifndef EXPCLIP_ROWS_FEATURES_H
#define EXPCLIP_ROWS_FEATURES_H

#include <pthread.h>

#include "base/threads.h"
#include "datasets/dataset.h"
#include "expression/batch.h"
#include "expression/classes.h"
#include "rows/row_store.h"

/** Pictures that a second thread makes ready while a step computes. */
typedef struct expclip__ahead {
    pthread_t thread;
    int running;
    expclip_cancel own;           /* of the thread: raised to end it soon */
    const expclip_cancel *cancel; /* the one that is looked at */
    const expclip_features *features;
    size_t first; /* item, and how many */
    size_t n;
    expclip_batch *batch;
    expclip_batch *taken;  /* the other one: they take turns */
    expclip_status status; /* of the batch itself, not of its pictures */
    expclip_error err;
} expclip__ahead;

/** What scoring needs of one head, made with the first scores. */
typedef struct expclip__head_view {
    uint64_t hash;   /* of the head */
    int made;        /* 0 = nothing is here yet */
    double *lengths; /* [n] of the projected rows; NaN where an item failed */
    float *turned;   /* [d, D] the head, transposed; NULL without a head */
} expclip__head_view;

struct expclip_features {
    expclip_model *model;             /* retained */
    expclip_dataset *dataset;         /* retained */
    expclip_features_options options; /* `cache` is not kept */
    expclip__row_store store;
    expclip__ahead ahead;
    expclip__head_view head;
};

/** As the functions of expclip_eval.h, arguments checked. */
expclip_status expclip__features_create(expclip_features **out,
                                        const expclip_model *model,
                                        const expclip_dataset *dataset,
                                        const expclip_features_options *options,
                                        expclip_error *err);
expclip_status expclip__features_step(expclip_features *f,
                                      const expclip_cancel *cancel,
                                      expclip_error *err);
void expclip__features_free(expclip_features *f);
/** Items of the step that begins at `first`: a clip, or the pictures up to the
 * next border of a batch. */
size_t expclip__features_step_size(const expclip_features *f, size_t first);
/** How an item's picture or frames are read. */
expclip_image_options
expclip__features_image_options(const expclip_features *f,
                                const expclip__item *item);
/** The next step's pictures, valid until the next call; those of the step after
 * it are begun. */
expclip_status expclip__ahead_take(const expclip_batch **out,
                                   expclip_features *f,
                                   const expclip_cancel *cancel,
                                   expclip_error *err);
void expclip__ahead_end(expclip__ahead *a);

/** STATE unless all items are done and the model's encoder made them. */
expclip_status expclip__features_check(const expclip_features *f,
                                       const expclip_model *model,
                                       expclip_error *err);
/** [n, dim] as the options say. */
expclip_status expclip__features_embed(float *out, const expclip_features *f,
                                       const expclip_model *model,
                                       const expclip_embed_options *options,
                                       expclip_error *err);
/** [n, classes]. */
expclip_status expclip__features_score(float *logits, expclip_features *f,
                                       const expclip_model *model,
                                       const expclip_classes *classes,
                                       expclip_error *err);

#endif
