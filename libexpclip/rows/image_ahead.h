/* SPDX-License-Identifier: MIT */
/*
 * image_ahead.h - the next step's images are decoded while a step computes.
 */
#ifndef EXPCLIP_ROWS_IMAGE_AHEAD_H
#define EXPCLIP_ROWS_IMAGE_AHEAD_H

#include <pthread.h>

#include "base/threads.h"
#include "datasets/dataset.h"
#include "expression/batch.h"

/** Images that a second thread makes ready while a step computes. */
typedef struct expclip__ahead {
    const expclip_model *model; /* these outlive it */
    const expclip_dataset *dataset;
    int32_t exif;                       /* as in expclip_image_options */
    const expclip__face_choice *choice; /* outlives it, too */
    pthread_t thread;
    int running;
    expclip_cancel own;           /* of the thread: raised to end it soon */
    const expclip_cancel *cancel; /* the one that is looked at */
    size_t first;                 /* item, and how many */
    size_t n;
    expclip_batch *batch;
    expclip_batch *taken;  /* the other one: they take turns */
    expclip_status status; /* of the batch itself, not of its images */
    expclip_error err;
} expclip__ahead;

/**
 * The n images from item `first` on, valid until the next call; the n_next
 * after them are begun.
 */
expclip_status expclip__ahead_take(const expclip_batch **out, expclip__ahead *a,
                                   size_t first, size_t n, size_t n_next,
                                   const expclip_cancel *cancel,
                                   expclip_error *err);
void expclip__ahead_end(expclip__ahead *a);

#endif
