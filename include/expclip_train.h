/* SPDX-License-Identifier: MIT */
/*
 * expclip_train.h - training: the head is learned from unlabelled faces, by
 * aligning the image encoder's features with what a language model says of the
 * same faces.
 *
 *     expclip_rows_create_features(...), step by step  -> the file F
 *     expclip_rows_create_targets(...), step by step   -> the file T
 *     expclip_trainer_create(&trainer, "F", "T", NULL, &err)
 *     while (expclip_trainer_step_count(trainer) <
 *            expclip_trainer_total_steps(trainer))
 *         expclip_trainer_step(trainer, NULL, &err)
 *     expclip_trainer_save_head(trainer, "head.safetensors", &err)
 *
 * This header is a draft until 1.0. The rules at the top of expclip.h hold here
 * too.
 */
#ifndef EXPCLIP_TRAIN_H
#define EXPCLIP_TRAIN_H

#include "expclip_rows.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Training -------------------------------------------------------- */

/**
 * The training of the paper (Exp-CLIP, train.py). The features F of a batch are
 * projected by the head, P = F W^T; the rows of P and of the targets are scaled
 * to unit length; and the loss is the symmetric cross-entropy of their scaled
 * cosines. Only the head W [target dim, feature dim] is learned. One thread at
 * a time may use a trainer.
 */
typedef struct expclip_trainer expclip_trainer;

typedef struct expclip_trainer_options {
    size_t struct_size;
    const char *optimizer;    /* "sgd" or "adamw", as in torch.optim. Default:
                                 "sgd" */
    const char *schedule;     /* of the learning rate: "constant", or "cosine",
                                 which falls to 0 over all steps.
                                 Default: "constant" */
    const char *checkpoints;  /* folder for checkpoints, from which a later
                                 trainer continues; it is created when it is
                                 missing; "" = none. Default: "" */
    int32_t epochs;           /* 0 leaves the head as it starts. Default: 5 */
    int32_t batch;            /* rows per step, at least 2; an incomplete batch
                                 at the end of an epoch is dropped.
                                 Default: 512 */
    int32_t checkpoint_steps; /* steps between checkpoints, in addition to the
                                 one at the end of each epoch; 0 = none.
                                 Default: 0 */
    int32_t threads;          /* 0 = one per core. Default: 0 */
    double learning_rate;     /* Default: 0.001 */
    double momentum;          /* of "sgd", 0 to less than 1. Default: 0.9 */
    double weight_decay;      /* Default: 0.0001 */
    double logit_scale;       /* factor of the cosines; 0 = the one in the file
                                 of features, or else 100. Default: 0 */
    int64_t seed;             /* of the head at the start and of the order of
                                 the rows, not negative. Default: 1 */
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
 * Start training, or continue from the newest checkpoint that is intact.
 * Training may be interrupted at any moment: on the same machine and with the
 * same number of threads, the head is still the same to the last bit.
 *
 * @param features  [n, d], embeddings before the head: the cache file of
 *                  features, a .npy file (float32 or float16), or safetensors
 *                  with one matrix (float32, float16 or bfloat16). Instead of
 *                  one file FILE there may be shards, FILE-00001-of-0000N and
 *                  so on
 * @param targets   [n, D], the teacher's rows in the same order: the file of
 *                  targets, or any of the above. Rows that failed in either
 *                  file are left out
 * @return EXPCLIP_OK or EXPCLIP_ERROR_{NOT_FOUND, IO, FORMAT, TRUNCATED,
 *         UNSUPPORTED, SHAPE (the numbers of rows differ), STATE (fewer rows
 *         than a batch; a checkpoint of other data or options; a folder that
 *         another trainer uses), NONFINITE, BACKEND}
 */
EXPCLIP_API expclip_status expclip_trainer_create(
    expclip_trainer **out, const char *features, const char *targets,
    const expclip_trainer_options *options, expclip_error *err);
/**
 * Do one step; when all are done it does nothing. When `cancel` is raised, a
 * checkpoint is written before the call returns.
 *
 * @return EXPCLIP_OK or EXPCLIP_ERROR_{CANCELLED, NONFINITE (the loss is not a
 *         finite number; the head stays as before the step), IO, BACKEND}
 */
EXPCLIP_API expclip_status expclip_trainer_step(expclip_trainer *trainer,
                                                const expclip_cancel *cancel,
                                                expclip_error *err);
/** Number of steps in all epochs. */
EXPCLIP_API int64_t expclip_trainer_total_steps(const expclip_trainer *trainer);
/** Number of steps that are done, including those before a checkpoint. */
EXPCLIP_API int64_t expclip_trainer_step_count(const expclip_trainer *trainer);
/** Number of steps in an epoch. */
EXPCLIP_API int64_t expclip_trainer_epoch_steps(const expclip_trainer *trainer);
/** Loss of the last step, before it changed the head; NaN before the first. */
EXPCLIP_API double expclip_trainer_loss(const expclip_trainer *trainer);
/** Retrieval accuracy of the last step: the fraction of its rows, 0..1, whose
 * own target was the nearest in the batch. By chance it is 1 / batch. */
EXPCLIP_API double expclip_trainer_accuracy(const expclip_trainer *trainer);
/** Learning rate of the last step; before the first step, that of the first. */
EXPCLIP_API double
expclip_trainer_learning_rate(const expclip_trainer *trainer);
/** Columns of the features, d. */
EXPCLIP_API int32_t expclip_trainer_feature_dim(const expclip_trainer *trainer);
/** Columns of the targets, D. */
EXPCLIP_API int32_t expclip_trainer_target_dim(const expclip_trainer *trainer);
/** What was unusual at the start, such as a damaged checkpoint, else ""; owned
 * by the trainer. */
EXPCLIP_API const char *expclip_trainer_note(const expclip_trainer *trainer);
/** Copy the head: float [D, d]. */
EXPCLIP_API expclip_status
expclip_trainer_copy_head(float *head, size_t head_size,
                          const expclip_trainer *trainer, expclip_error *err);
/**
 * Make a model that has the trainer's head, as it is now, instead of the head
 * of `model`; for example, to measure rates after each epoch. It shares all
 * other weights with `model`.
 *
 * @param[out] out  a new model for expclip_model_free()
 * @param model     the model whose encoder made the features
 * @return EXPCLIP_OK or EXPCLIP_ERROR_{SHAPE (embedding_dim is not
 *         feature_dim), STATE (the features are of another encoder, pixels or
 *         dtype, as their file says), FORK, BACKEND}
 */
EXPCLIP_API expclip_status expclip_trainer_model(expclip_model **out,
                                                 const expclip_trainer *trainer,
                                                 const expclip_model *model,
                                                 expclip_error *err);
/** Write the head for expclip_load_options.head: a safetensors file with
 * mlp.weight, the preset "expclip" and where the head came from. An existing
 * file is replaced only when the new one is complete. */
EXPCLIP_API expclip_status expclip_trainer_save_head(
    const expclip_trainer *trainer, const char *path, expclip_error *err);
/** Write a checkpoint now. Fails with STATE when there is no folder for
 * checkpoints. */
EXPCLIP_API expclip_status expclip_trainer_checkpoint(expclip_trainer *trainer,
                                                      expclip_error *err);
EXPCLIP_API void expclip_trainer_free(expclip_trainer *trainer);

#ifdef __cplusplus
}
#endif

#endif /* EXPCLIP_TRAIN_H */
