/* SPDX-License-Identifier: MIT */
/*
 * expclip_train.h - the head learned from unlabelled faces: features of the
 * image encoder are aligned with what a language model says of the same faces.
 *
 *     expclip_rows_create_features(...), step by step  -> the file F
 *     expclip_rows_create_targets(...), step by step   -> the file T
 *     expclip_trainer_create(&trainer, "F", "T", NULL, &err)
 *     while (expclip_trainer_step_count(trainer) <
 *            expclip_trainer_total_steps(trainer))
 *         expclip_trainer_step(trainer, NULL, &err)
 *     expclip_trainer_save_head(trainer, "head.safetensors", &err)
 *
 * This header is a draft until 1.0. The rules at the top of expclip.h hold
 * here too.
 */
#ifndef EXPCLIP_TRAIN_H
#define EXPCLIP_TRAIN_H

#include "expclip_rows.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Training -------------------------------------------------------- */

/**
 * The paper's training (Exp-CLIP, train.py): P = F W^T, rows of unit length
 * against the targets' rows of unit length, symmetric cross-entropy of the
 * scaled cosines in a batch. Only the head W [target dim, feature dim] learns.
 * One thread at a time.
 */
typedef struct expclip_trainer expclip_trainer;

typedef struct expclip_trainer_options {
    size_t struct_size;
    const char *optimizer;    /* "sgd" or "adamw", as torch.optim's. Default:
                                 "sgd" */
    const char *schedule;     /* of the learning rate: "constant", or "cosine"
                                 to 0 over all steps. Default: "constant" */
    const char *checkpoints;  /* folder, made when it is missing, from which a
                                 later trainer goes on; "" = none.
                                 Default: "" */
    int32_t epochs;           /* 0 leaves the head as it begins. Default: 5 */
    int32_t batch;            /* rows a step, at least 2; what is left over at
                                 the end of an epoch is dropped. Default: 512 */
    int32_t checkpoint_steps; /* steps between checkpoints, beside those at the
                                 end of an epoch; 0 = none. Default: 0 */
    int32_t threads;          /* 0 = one a core. Default: 0 */
    double learning_rate;     /* Default: 0.001 */
    double momentum;          /* of "sgd", 0 to less than 1. Default: 0.9 */
    double weight_decay;      /* Default: 0.0001 */
    double logit_scale;       /* factor of the cosines; 0 = the one that is kept
                                 with the features, else 100. Default: 0 */
    int64_t seed;             /* of the first head and of the order of the rows,
                                 not negative. Default: 1 */
} expclip_trainer_options;
#define EXPCLIP_TRAINER_OPTIONS_INIT                                           \
    {                                                                          \
        sizeof(expclip_trainer_options), "sgd", "constant", "", 5, 512, 0, 0,  \
            0.001, 0.9, 0.0001, 0.0, 1                                         \
    }

/** As expclip_load_options_init(). */
EXPCLIP_API void expclip_trainer_options_init(expclip_trainer_options *options,
                                              size_t options_size);

/**
 * Start, or go on from the newest sound checkpoint. Interrupted at any moment,
 * training that went on gives the same head, to the last bit, on the same
 * machine and number of threads.
 *
 * @param features  rows before the head, [n, d]: the cache file of features, or
 *                  .npy, or safetensors with one matrix (float32, float16, and
 *                  in safetensors bfloat16); or shards by the
 *                  name FILE: FILE-00001-of-0000N ...
 * @param targets   rows of the teacher, [n, D], in the same order: the file of
 *                  targets, or as above. Rows that failed in either are left
 *                  out
 * @return EXPCLIP_OK or EXPCLIP_ERROR_{NOT_FOUND, IO, FORMAT, TRUNCATED,
 *         UNSUPPORTED, SHAPE (other numbers of rows), STATE (fewer rows than a
 *         batch; a checkpoint of other data or options; a folder that another
 *         trainer uses), NONFINITE, BACKEND}
 */
EXPCLIP_API expclip_status expclip_trainer_create(
    expclip_trainer **out, const char *features, const char *targets,
    const expclip_trainer_options *options, expclip_error *err);
/**
 * Do one step. Nothing happens when all are done. A token that is raised
 * writes a checkpoint first.
 *
 * @return EXPCLIP_OK or EXPCLIP_ERROR_{CANCELLED, NONFINITE (a loss that is no
 *         number: the head stays as it was before the step), IO, BACKEND}
 */
EXPCLIP_API expclip_status expclip_trainer_step(expclip_trainer *trainer,
                                                const expclip_cancel *cancel,
                                                expclip_error *err);
/** Steps of all epochs. */
EXPCLIP_API int64_t expclip_trainer_total_steps(const expclip_trainer *trainer);
/** Steps done, those before a checkpoint too. */
EXPCLIP_API int64_t expclip_trainer_step_count(const expclip_trainer *trainer);
/** Steps in an epoch. */
EXPCLIP_API int64_t expclip_trainer_epoch_steps(const expclip_trainer *trainer);
/** Loss of the last step, before its change of the head; NaN before one. */
EXPCLIP_API double expclip_trainer_loss(const expclip_trainer *trainer);
/** Of the last step: the share of rows, 0..1, whose own target was nearest. */
EXPCLIP_API double expclip_trainer_accuracy(const expclip_trainer *trainer);
/** Learning rate of the last step, or of the first one before it. */
EXPCLIP_API double
expclip_trainer_learning_rate(const expclip_trainer *trainer);
/** Columns of the features, d. */
EXPCLIP_API int32_t expclip_trainer_feature_dim(const expclip_trainer *trainer);
/** Columns of the targets, D. */
EXPCLIP_API int32_t expclip_trainer_target_dim(const expclip_trainer *trainer);
/** What was odd when it started, such as a damaged checkpoint, else ""; owned
 * by the trainer. */
EXPCLIP_API const char *expclip_trainer_note(const expclip_trainer *trainer);
/** Copy the head: float [D, d]. */
EXPCLIP_API expclip_status
expclip_trainer_copy_head(float *head, size_t head_size,
                          const expclip_trainer *trainer, expclip_error *err);
/**
 * A model of the head as it stands, in place of the model's own, to score with:
 * for rates after each epoch. It shares the other weights with `model`.
 *
 * @param[out] out  a new model for expclip_model_free()
 * @param model     whose encoder the features are of
 * @return EXPCLIP_OK or EXPCLIP_ERROR_{SHAPE (embedding_dim is not
 *         feature_dim), STATE (the features are of another encoder, pixels or
 *         dtype, as their file says), FORK, BACKEND}
 */
EXPCLIP_API expclip_status expclip_trainer_model(expclip_model **out,
                                                 const expclip_trainer *trainer,
                                                 const expclip_model *model,
                                                 expclip_error *err);
/** Write a head for expclip_load_options: safetensors with mlp.weight, the
 * preset "expclip" and where it came from; replaced only when all is written.
 */
EXPCLIP_API expclip_status expclip_trainer_save_head(
    const expclip_trainer *trainer, const char *path, expclip_error *err);
/** Write a checkpoint now. STATE without a folder. */
EXPCLIP_API expclip_status expclip_trainer_checkpoint(expclip_trainer *trainer,
                                                      expclip_error *err);
EXPCLIP_API void expclip_trainer_free(expclip_trainer *trainer);

#ifdef __cplusplus
}
#endif

#endif /* EXPCLIP_TRAIN_H */
