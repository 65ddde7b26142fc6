/* SPDX-License-Identifier: MIT */
/*
 * expclip_rows.h - what is computed once for each item of a dataset: features
 * by the image encoder of a model, for evaluation and training, and targets by
 * a teacher, for training.
 *
 *     expclip_dataset_open(&data, "RAFDB", "RAF-DB", NULL, 0, NULL, &err)
 *     expclip_rows_create_features(&features, model, data, NULL, &err)
 *     while (expclip_rows_done_count(features) < expclip_dataset_count(data))
 *         expclip_rows_step(features, NULL, &err)
 *     for each prompt set:
 *         expclip_rows_score(logits, n * 7, features, model, classes, &err)
 *         expclip_metrics_compute(&json, logits, n * 7, labels, n, folds, n,
 *                                 names, 7, NULL, NULL, &err)
 *
 * This header is a draft until 1.0. The rules at the top of expclip.h hold here
 * too.
 */
#ifndef EXPCLIP_ROWS_H
#define EXPCLIP_ROWS_H

#include "expclip_eval.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Teacher --------------------------------------------------------- */

/**
 * A language model that knows about faces, in the files that transformers
 * writes: safetensors or .bin, as one file or shards. Its weights tell which of
 * these models it is:
 *
 * - BLIP-2 with flan-t5, up to the encoder of the T5. It sees images. The paper
 *   uses Salesforce/blip2-flan-t5-xl and -xxl.
 * - The encoder of a T5 1.1 (google/flan-t5-...), or a BERT of which sentence
 *   encoders are made (sentence-transformers' all-MiniLM-L6-v2). They read a
 *   description of each image, which is a UTF-8 file beside it: face.txt for
 *   face.png, of at most 64 KiB and 512 tokens (BERT: as many as its
 *   positions).
 *
 * Immutable: threads may share it.
 */
typedef struct expclip_teacher expclip_teacher;

typedef struct expclip_teacher_options {
    size_t struct_size;
    const char *instruction; /* what BLIP-2's language model is asked. The
                                instruction and the queries have at most 512
                                tokens together. Default: the paper's */
    const char *tokenizer;   /* the file spiece.model, or vocab.txt of a BERT;
                                "" = the one beside the weights. Default: "" */
    const char *activation;  /* of the T5: "gelu", which LAVIS sets, or
                                "gelu_new", with which flan-t5 was trained.
                                Default: "gelu" */
    const char *preprocess;  /* "expclip", values 0..1 as in the paper's
                                reference, or "clip-squash", with which BLIP-2
                                was trained. Default: "expclip" */
    const char *device;      /* as in expclip_load_options. Default: "cpu" */
    const char *dtype;       /* of the ViT and the T5: "fp32" or "bf16"; the
                                Q-Former is always fp32. Default: "fp32" */
    int32_t threads;         /* 0 = one per core. Default: 0 */
    int32_t reserved;        /* 0 */
} expclip_teacher_options;
/** The instruction of the paper (runner.sh). */
#define EXPCLIP_TEACHER_INSTRUCTION                                            \
    "Please play the role of a facial action describer. Objectively describe " \
    "the detailed facial actions of the person in the image."
#define EXPCLIP_TEACHER_OPTIONS_INIT                                           \
    { sizeof(expclip_teacher_options), EXPCLIP_TEACHER_INSTRUCTION, "",        \
      "gelu", "expclip", "cpu", "fp32", 0, 0 }

/** As expclip_load_options_init(). */
EXPCLIP_API void expclip_teacher_options_init(expclip_teacher_options *options,
                                              size_t options_size);
/**
 * Load a teacher.
 *
 * @param path  a folder, file or index, as for expclip_model_load()
 * @return EXPCLIP_OK or EXPCLIP_ERROR_{NOT_FOUND, IO, FORMAT, TRUNCATED,
 *         UNSUPPORTED, UNSAFE, LIMIT, SHAPE, NONFINITE, FORK, BACKEND}
 */
EXPCLIP_API expclip_status expclip_teacher_create(
    expclip_teacher **out, const char *path,
    const expclip_teacher_options *options, expclip_error *err);
/** Length of a target: 2048 (xl), 4096 (xxl), 384 (MiniLM). */
EXPCLIP_API int32_t expclip_teacher_dim(const expclip_teacher *teacher);
/** What the teacher reads: "images" or "texts". Static text. */
EXPCLIP_API const char *expclip_teacher_reads(const expclip_teacher *teacher);
/** Number of tokens of the instruction, the end token included; 0 for a teacher
 * that reads texts. */
EXPCLIP_API int32_t expclip_teacher_token_count(const expclip_teacher *teacher);
/** 16 hexadecimal digits that depend on the weights, the instruction and the
 * options; owned by the teacher. */
EXPCLIP_API const char *
expclip_teacher_fingerprint(const expclip_teacher *teacher);
EXPCLIP_API void expclip_teacher_free(expclip_teacher *teacher);

/* ---- Rows ------------------------------------------------------------ */

/**
 * A row of numbers for each item of a dataset, computed in steps and kept in a
 * file. The work may be interrupted at any moment: when it continues from the
 * file, it gives the same bytes as without the interruption. One thread at a
 * time may use it.
 *
 * The rows are either of these:
 *
 * - Features are a model's embeddings before the head. The feature of a clip is
 *   the mean of the features of its frames. The paper's reference takes the
 *   mean after the head; since the head is linear and has no bias, the result
 *   is the same, and one file of features serves every head and every prompt.
 * - Targets are what a teacher says of each image: the mean of its encoder's
 *   last hidden states over all tokens, scaled to unit length. The tokens are
 *   the queries and the instruction (BLIP-2), the text and its end token (T5),
 *   or the text with [CLS] and [SEP] (BERT).
 */
typedef struct expclip_rows expclip_rows;

typedef struct expclip_features_options {
    size_t struct_size;
    const char *cache; /* file that keeps the finished rows; a later object
                          continues from it; "" = none. Default: "" */
    int32_t batch;     /* images per step, 1 to 4096; a clip is one step.
                          Default: 16 */
    int32_t sampling;  /* of a clip's frames, EXPCLIP_SAMPLING_...
                          Default: EXACT */
    int32_t n_samples; /* T of the sampling. Default: 16 */
    int32_t order;     /* of a clip's frames, EXPCLIP_ORDER_...
                          Default: STRING */
    int32_t policy;    /* for items that fail, EXPCLIP_POLICY_...
                          Default: SKIP */
    int32_t exif;      /* as in expclip_image_options. Default: 0 */
    int32_t faces;     /* which face of an image or of a frame is cut out,
                          EXPCLIP_FACES_NONE, LARGEST or AUTO; an item with a
                          box is taken by its box. An image without a face
                          fails as NO_FACE; in a clip such frames are left out.
                          EXIF is then always applied. Default: NONE */
    float crop_side;   /* as `side` in expclip_crop_options. Default: 0 */
    float crop_up;     /* as `up` in expclip_crop_options. Default: 0 */
    int32_t upright;   /* as in expclip_crop_options. Default: 0 */
} expclip_features_options;
#define EXPCLIP_FEATURES_OPTIONS_INIT                                          \
    {                                                                          \
        sizeof(expclip_features_options), "", 16, EXPCLIP_SAMPLING_EXACT, 16,  \
            EXPCLIP_ORDER_STRING, EXPCLIP_POLICY_SKIP, 0, EXPCLIP_FACES_NONE,  \
            0.0f, 0.0f, 0                                                      \
    }

/** As expclip_load_options_init(). */
EXPCLIP_API void
expclip_features_options_init(expclip_features_options *options,
                              size_t options_size);

/**
 * Start features, or continue from the cache file.
 *
 * @return EXPCLIP_OK or EXPCLIP_ERROR_{STATE (the file was made with another
 *         model, dataset or option, or another process writes it; the message
 *         says which), IO, FORMAT, FORK; under STOP also the code of an item
 *         that failed before}
 */
EXPCLIP_API expclip_status expclip_rows_create_features(
    expclip_rows **out, const expclip_model *model,
    const expclip_dataset *dataset, const expclip_features_options *options,
    expclip_error *err);
/**
 * Start targets, or continue from the file.
 *
 * @param path  the file, which expclip_trainer_create() takes
 * @return EXPCLIP_OK or EXPCLIP_ERROR_{STATE (the dataset holds a clip; the
 *         file was made with another teacher or dataset, with images' files of
 *         other sizes, or with other descriptions; or it is in use), IO,
 *         FORMAT, FORK}
 */
EXPCLIP_API expclip_status expclip_rows_create_targets(
    expclip_rows **out, const expclip_teacher *teacher,
    const expclip_dataset *dataset, const char *path, expclip_error *err);
/** Compute the next rows: at most a batch of features, or a few targets. It
 * does nothing when all are done. Fails with CANCELLED, IO, NONFINITE,
 * BACKEND, FORK or, under STOP, with the code of an item. */
EXPCLIP_API expclip_status expclip_rows_step(expclip_rows *rows,
                                             const expclip_cancel *cancel,
                                             expclip_error *err);
/** Number of items that are done, failed ones included. */
EXPCLIP_API size_t expclip_rows_done_count(const expclip_rows *rows);
/** Number of items that failed; training leaves them out. */
EXPCLIP_API size_t expclip_rows_failed_count(const expclip_rows *rows);
/** EXPCLIP_OK, or why item `index` failed; STATE when it is not done. */
EXPCLIP_API int32_t expclip_rows_status(const expclip_rows *rows, size_t index);
/** Why item `index` failed, or how many frames of a clip were left out, else
 * ""; without the item's path. Owned by the rows. */
EXPCLIP_API const char *expclip_rows_message(const expclip_rows *rows,
                                             size_t index);
/**
 * Copy row `index`: float [d]; a feature is copied as it is before the head.
 * Fails with STATE when it is not done, or with the item's status.
 *
 * @param embeddings_size  expclip_model_embedding_dim() or
 *                         expclip_teacher_dim()
 */
EXPCLIP_API expclip_status expclip_rows_copy(float *embeddings,
                                             size_t embeddings_size,
                                             const expclip_rows *rows,
                                             size_t index, expclip_error *err);
/**
 * Copy the embeddings of all items: float [n, d]; the row of a failed item is
 * NaN. Fails with STATE when not all items are done, and with ARGUMENT when the
 * rows are targets.
 *
 * @param model  the model whose head is applied. It may differ from the model
 *               that made the features if encoder, preset and dtype are equal
 */
EXPCLIP_API expclip_status
expclip_rows_embed(float *embeddings, size_t embeddings_size,
                   const expclip_rows *rows, const expclip_model *model,
                   const expclip_embed_options *options, expclip_error *err);
/** Score all items: logits [n, C]; the row of a failed item is NaN. The classes
 * must be of `model`. Fails with STATE, NONFINITE, BACKEND, and with ARGUMENT
 * when the rows are targets. */
EXPCLIP_API expclip_status expclip_rows_score(float *logits, size_t logits_size,
                                              expclip_rows *rows,
                                              const expclip_model *model,
                                              const expclip_classes *classes,
                                              expclip_error *err);
EXPCLIP_API void expclip_rows_free(expclip_rows *rows);

#ifdef __cplusplus
}
#endif

#endif /* EXPCLIP_ROWS_H */
