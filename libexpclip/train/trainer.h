/* SPDX-License-Identifier: MIT */
/*
 * trainer.h - steps that teach the head, one batch each.
 */
#ifndef EXPCLIP_TRAIN_TRAINER_H
#define EXPCLIP_TRAIN_TRAINER_H

#include <expclip_train.h>

#include "expression/model.h"
#include "rows/matrix.h"
#include "train/alignment.h"
#include "train/checkpoint.h"
#include "train/optimizer.h"

struct expclip_trainer {
    uint64_t fork_generation;
    tensor_device *device;
    expclip__matrix features;
    expclip__matrix targets;
    expclip__alignment alignment;
    expclip__optimizer optimizer;
    expclip__checkpoints *checkpoints; /* NULL = none */
    char *identity;                    /* data and options, for checkpoints */
    char *note;                        /* what was odd at the start, or NULL */
    uint64_t seed;
    int64_t epoch_steps;
    int64_t total_steps;
    int64_t checkpoint_steps; /* 0 = at the end of epochs only */
    int64_t step;             /* steps done */
    int64_t epoch;            /* that `order` is of, -1 = none */
    int64_t *rows;            /* [n_rows] those that failed in neither file */
    int64_t n_rows;
    int64_t *order; /* [n_rows] of this epoch */
    double logit_scale;
    float *head;           /* [D, d] */
    float *gradient;       /* [D, d] */
    float *batch_features; /* [B, d] */
    float *batch_targets;  /* [B, D] */
    expclip__alignment_result last;
};

/** As the functions of expclip_train.h, arguments checked. */
expclip_status expclip__trainer_create(expclip_trainer **out,
                                       const char *features,
                                       const char *targets,
                                       const expclip_trainer_options *options,
                                       expclip_error *err);
expclip_status expclip__trainer_step(expclip_trainer *t,
                                     const expclip_cancel *cancel,
                                     expclip_error *err);
expclip_status expclip__trainer_checkpoint(expclip_trainer *t,
                                           expclip_error *err);
expclip_status expclip__trainer_save_head(const expclip_trainer *t,
                                          const char *path, expclip_error *err);
expclip_status expclip__trainer_model(expclip_model **out,
                                      const expclip_trainer *t,
                                      const expclip_model *model,
                                      expclip_error *err);
void expclip__trainer_free(expclip_trainer *t);

#endif
