/* SPDX-License-Identifier: MIT */
/*
 * expclip.h - zero-shot facial expression recognition with CLIP and Exp-CLIP.
 *
 *     expclip_model *model = NULL;
 *     expclip_prompts *prompts = NULL;
 *     expclip_classes *classes = NULL;
 *     expclip_batch *batch = NULL;
 *     expclip_error err;
 *     float logits[7];
 *
 *     if (expclip_model_load(&model, "demo", NULL, &err) ||
 *         expclip_prompts_builtin(&prompts, "type3", 7, &err) ||
 *         expclip_classes_create(&classes, model, prompts, NULL, NULL, &err) ||
 *         expclip_batch_create(&batch, model, &err) ||
 *         expclip_batch_add_file(batch, "face.jpg", NULL, &err) ||
 *         expclip_model_score_images(logits, 7, model, classes, batch, NULL,
 *                                    &err))
 *         puts(err.message);
 *     else
 *         puts(expclip_classes_name(classes,
 *                                   expclip_logits_argmax(logits, 7)));
 *
 * Rules that hold everywhere
 *   - A function that can fail returns an expclip_status, 0 when it succeeded,
 *     and writes the reason to *err, the last parameter, which may be NULL.
 *     After a failure the out-parameters and output arrays are untouched,
 *     unless a function says otherwise, and every object is as usable as
 *     before. ARGUMENT, MEMORY and INTERNAL can come from every function and
 *     are not listed again.
 *   - `options` and `cancel` may be NULL: the defaults, and no cancelling. NULL
 *     where it is not allowed is ARGUMENT; a function without a status then
 *     returns 0 or "". An array may be NULL when its size is 0. Sizes must
 *     be exact unless said otherwise: `x_size` counts the elements of the array
 *     x (bytes of text). Dimensions and counts are never negative.
 *   - Options start from their _INIT macro or _init() function; zeroed ones are
 *     not the defaults. A smaller struct_size, of a program built with an older
 *     header, is completed with the defaults; a larger one is ARGUMENT.
 *   - Free objects in any order and from any thread, but not while another
 *     thread's call uses them: children keep what they need of their parents
 *     alive (a batch its model's weights). Every free function takes NULL.
 *   - Strings are UTF-8, ended by NUL; paths go to the system as they are.
 *     Inputs, also what options point to, are read during the call only.
 *   - After fork() calls with the parent's models fail with FORK. Start workers
 *     with spawn, or load in the child with threads = 1.
 *   - libtorch, 2.10 or newer, is loaded with the first model: the one that the
 *     process has already, else that of the folder $EXPCLIP_TORCH, else of the
 *     build's folder, else of the system. A host's thread settings stay.
 *   - The library never prints, exits, installs a signal handler or touches a
 *     network, and it writes only the files it is asked to write.
 *   - Method: Exp-CLIP, Zhao et al., WACV 2025, arXiv 2405.19100.
 *     Scores say what a picture resembles, never what a person feels.
 */
#ifndef EXPCLIP_H
#define EXPCLIP_H

#include "expclip_base.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Model ----------------------------------------------------------- */

/** Weights, vocabulary and head. Immutable; share between threads. */
typedef struct expclip_model expclip_model;
typedef struct expclip_load_options {
    size_t struct_size;     /* set by INIT; later versions append fields */
    const char *head;       /* "auto" = the one in the model file, if any; or
                               "none" = plain CLIP; or a path, or the name
                               of a download: .pth or safetensors with
                               mlp.weight [out, dim]. Default: "auto" */
    const char *preprocess; /* "expclip", "clip", "clip-squash" or "auto" = as
                               the files say, else "expclip" with a head and
                               "clip" without. Default: "auto" */
    const char *activation; /* "quick_gelu", "gelu" or "auto" = as the files
                               say, else "quick_gelu". Default: "auto" */
    const char *device;     /* "cpu", "cuda" or "cuda:N". Default: "cpu" */
    const char *dtype;      /* of the encoders: "fp32" or "bf16". Default:
                               "fp32" */
    int32_t threads;        /* in one call; 0 = one a core. Default: 0 */
    int32_t deterministic;  /* 1 = no result depends on its neighbours in a
                               batch, to the last bit; slower. Default: 0 */
    int32_t portable;       /* 1 = plain operations on the CPU, no packed
                               weights: slower. Default: 0 */
    int32_t image_size;     /* pixels; another than the file's interpolates the
                               position embeddings; 0 = no. Default: 0 */
    int32_t check_finite;   /* 1 = refuse weights with NaN or infinity.
                               Default: 1 */
    int32_t reserved;       /* 0 */
} expclip_load_options;
#define EXPCLIP_LOAD_OPTIONS_INIT                                              \
    { sizeof(expclip_load_options), "auto", "auto", "auto", "cpu", "fp32", 0,  \
      0, 0, 0, 1, 0 }

/** Write EXPCLIP_LOAD_OPTIONS_INIT to *options; options_size is its sizeof. */
EXPCLIP_API void expclip_load_options_init(expclip_load_options *options,
                                           size_t options_size);

/**
 * Load a CLIP model, with its Exp-CLIP head when there is one. The format is
 * recognised by content and the architecture by tensor shapes: OpenAI archives,
 * torch state dicts (zip, or the format before torch 1.6) and safetensors (one
 * file, or an index of shards, or a folder that holds them) with tensors named
 * as by OpenAI, open_clip or Hugging Face, and the files of
 * expclip_model_convert().
 *
 * The model may lie in dictionaries ("state_dict", "model") and its names may
 * have words before them ("module.", "_orig_mod.", "clip."). Of two models in
 * one file, such as "model" and "model_ema", the one in "state_dict", else in
 * "model_state_dict", else in "model" is meant; any other two are refused as
 * UNSUPPORTED, with their names.
 *
 * @param[out] out  a new model for expclip_model_free()
 * @param path      "demo", the small model of drawn faces inside the library
 *                  (write "./demo" for a file); a file or folder; or the name
 *                  of a download, such as "ViT-B/32": ViT-B-32.pt in
 *                  $EXPCLIP_CACHE, else ~/.cache/expclip
 * @return EXPCLIP_OK or EXPCLIP_ERROR_{NOT_FOUND, IO, FORMAT, TRUNCATED,
 *         UNSUPPORTED, UNSAFE, LIMIT, SHAPE, NONFINITE, BACKEND}
 */
EXPCLIP_API expclip_status expclip_model_load(
    expclip_model **out, const char *path, const expclip_load_options *options,
    expclip_error *err);
EXPCLIP_API void expclip_model_free(expclip_model *model);

/** Length of an embedding before the head, for example 512. */
EXPCLIP_API int32_t expclip_model_embedding_dim(const expclip_model *model);
/** Length after the head; equal to embedding_dim when there is none. */
EXPCLIP_API int32_t expclip_model_projected_dim(const expclip_model *model);
/** Width and height in pixels of what the image encoder sees. */
EXPCLIP_API int32_t expclip_model_image_size(const expclip_model *model);
/** Tokens in a text at most, start and end included: 77. */
EXPCLIP_API int32_t expclip_model_context_length(const expclip_model *model);
/** Number of token ids. */
EXPCLIP_API int32_t expclip_model_vocabulary_size(const expclip_model *model);
/** 1 when the model has an Exp-CLIP head, else 0. */
EXPCLIP_API int32_t expclip_model_has_head(const expclip_model *model);
/** Factor of the cosines, exp(logit_scale); about 100 in OpenAI's models. */
EXPCLIP_API float expclip_model_logit_scale(const expclip_model *model);
/** What was loaded, such as "ViT-B/32"; owned by the model. */
EXPCLIP_API const char *expclip_model_name(const expclip_model *model);
/** The preset in use: "expclip", "clip" or "clip-squash"; static text. */
EXPCLIP_API const char *expclip_model_preprocess(const expclip_model *model);
/**
 * 16 hexadecimal digits that change with the weights, the head, the activation,
 * the preset, the image size and the dtype, not with device or threads:
 * embeddings of equal fingerprints and equal `projected` may be compared.
 * Owned by the model.
 */
EXPCLIP_API const char *expclip_model_fingerprint(const expclip_model *model);
/** The model's fingerprint without its head: features of one model serve every
 * model of an equal one. Owned by the model. */
EXPCLIP_API const char *
expclip_model_encoder_fingerprint(const expclip_model *model);

/* ---- Images: a batch holds pictures, made ready for the encoder ------ */

/** Pictures for one call. One thread at a time, also when only read. */
typedef struct expclip_batch expclip_batch;
typedef struct expclip_image_options {
    size_t struct_size;
    int32_t box_x;           /* face box in pixels, after an EXIF turn; what */
    int32_t box_y;           /* is outside the picture is cut off. Default: */
    int32_t box_width;       /* 0, 0, 0, 0 = the whole picture; else width */
    int32_t box_height;      /* and height are above 0 */
    float box_margin;        /* added on each side, 0..1 of the box's width and
                                height. Default: 0 */
    int32_t exif;            /* 1 = turn as the EXIF tag says. Default: 0, as
                                the paper's reference */
    int32_t allow_truncated; /* 1 = use what a cut file has. Default: 0 */
    int64_t max_pixels;      /* width times height. Default: 67108864 */
} expclip_image_options;
#define EXPCLIP_IMAGE_OPTIONS_INIT \
    { sizeof(expclip_image_options), 0, 0, 0, 0, 0.0f, 0, 0, 67108864 }

/** As expclip_load_options_init(). */
EXPCLIP_API void expclip_image_options_init(expclip_image_options *options,
                                            size_t options_size);

/** Layout of raw pixels: 8 bits a channel, rows from the top. */
enum {
    EXPCLIP_PIXELS_RGB = 0,
    EXPCLIP_PIXELS_BGR = 1,
    EXPCLIP_PIXELS_RGBA = 2, /* alpha is dropped, as Pillow's convert("RGB") */
    EXPCLIP_PIXELS_BGRA = 3,
    EXPCLIP_PIXELS_GREY = 4
};

/** Create an empty batch for a model. */
EXPCLIP_API expclip_status expclip_batch_create(expclip_batch **out,
                                                const expclip_model *model,
                                                expclip_error *err);
EXPCLIP_API void expclip_batch_free(expclip_batch *batch);
/** Remove all items; memory is kept for the next ones. */
EXPCLIP_API void expclip_batch_clear(expclip_batch *batch);

/*
 * The add functions decode (JPEG, PNG, BMP, GIF's first frame, WebP where the
 * build has it), convert to RGB (of 16 bits a sample the high 8), cut the box,
 * resize as the preset says. That takes 3 bytes a pixel beside the file, and 6
 * to 9 for a JPEG in several scans (progressive), whose coefficients wait for
 * the last one; LIMIT where it is above 6 for each of max_pixels. A bad
 * picture becomes an item with its status, so that item numbers match the
 * inputs; ARGUMENT, FORK, and MEMORY for the batch itself add none:
 * expclip_batch_count() tells. Fail with NOT_FOUND, IO, FORMAT, TRUNCATED,
 * FORK, BACKEND, UNSUPPORTED, LIMIT (max_pixels, a side over 1048576, a box
 * outside).
 */

/** Add the picture in a file. */
EXPCLIP_API expclip_status
expclip_batch_add_file(expclip_batch *batch, const char *path,
                       const expclip_image_options *options,
                       expclip_error *err);
/** Add the picture in a file's bytes. */
EXPCLIP_API expclip_status
expclip_batch_add_bytes(expclip_batch *batch, const uint8_t *bytes,
                        size_t bytes_size, const expclip_image_options *options,
                        expclip_error *err);
/**
 * Add raw pixels: `height` rows of `width` pixels, both at least 1. exif and
 * allow_truncated mean nothing here.
 *
 * @param pixels_size  at least (height - 1) * stride + width * channels
 * @param stride       bytes from row to row, not negative; 0 = no padding
 * @param layout       EXPCLIP_PIXELS_...
 */
EXPCLIP_API expclip_status
expclip_batch_add_pixels(expclip_batch *batch, const uint8_t *pixels,
                         size_t pixels_size, int32_t width, int32_t height,
                         int64_t stride, int32_t layout,
                         const expclip_image_options *options,
                         expclip_error *err);

/** Number of items, failed ones included. */
EXPCLIP_API size_t expclip_batch_count(const expclip_batch *batch);
/** EXPCLIP_OK or the code of item `index`; ARGUMENT when there is none. It is
 * data, not this call's own status, so its type is int32_t. */
EXPCLIP_API int32_t expclip_batch_status(const expclip_batch *batch,
                                         size_t index);
/** Why item `index` failed, else ""; valid until clear or free. */
EXPCLIP_API const char *expclip_batch_message(const expclip_batch *batch,
                                              size_t index);
/**
 * Copy what the image encoder sees of item `index`: float [3, S, S], RGB, S the
 * model's image size; pixels_size is 3 * S * S. Fails with the item's status.
 */
EXPCLIP_API expclip_status expclip_batch_copy_pixels(
    float *pixels, size_t pixels_size, const expclip_batch *batch, size_t index,
    expclip_error *err);

/* ---- Prompts and classes --------------------------------------------- */

/** Class names and their prompts, in order. One thread at a time. */
typedef struct expclip_prompts expclip_prompts;
/** Class prompts, embedded by a model. Immutable; share between threads. */
typedef struct expclip_classes expclip_classes;

/** Create an empty list. */
EXPCLIP_API expclip_status expclip_prompts_create(expclip_prompts **out,
                                                  expclip_error *err);
/**
 * The prompts of the paper's reference (models/Text.py).
 *
 * @param set        "type1" class name, "type2" an expression of, "type3" a
 *                   photo of a face with, "type4" 5 and "type5" 10 prompts
 * @param n_classes  7, 8 or 11: the first ones of happiness, sadness, neutral,
 *                   anger, surprise, disgust, fear, contempt, anxiety,
 *                   helplessness, disappointment
 * @return EXPCLIP_OK or EXPCLIP_ERROR_NOT_FOUND
 */
EXPCLIP_API expclip_status
expclip_prompts_builtin(expclip_prompts **out, const char *set,
                        int32_t n_classes, expclip_error *err);
/**
 * Read a file: either a JSON object {"class": ["prompt", ...], ...} in order,
 * or lines "class<TAB>prompt". Fails with NOT_FOUND, IO, FORMAT, UNSUPPORTED,
 * LIMIT; the message holds the line number.
 */
EXPCLIP_API expclip_status expclip_prompts_load(expclip_prompts **out,
                                                const char *path,
                                                expclip_error *err);
/**
 * Add one prompt to a class, and the class when it is new. Empty text and text
 * that is not UTF-8 is ARGUMENT.
 */
EXPCLIP_API expclip_status expclip_prompts_add(expclip_prompts *prompts,
                                               const char *class_name,
                                               const char *prompt,
                                               expclip_error *err);
/**
 * Add a class to the list, prompted as the sets do: in "type1" to "type5" with
 * the literal prompts for the 11 classes of the paper and the same wording for
 * any other; or in a template, every "{}" of which becomes the class name. A
 * class that is there already is ARGUMENT. Fails with NOT_FOUND (no such set).
 */
EXPCLIP_API expclip_status expclip_prompts_add_class(
    expclip_prompts *prompts, const char *class_name,
    const char *set_or_template, expclip_error *err);
/** Number of classes. */
EXPCLIP_API size_t
expclip_prompts_class_count(const expclip_prompts *prompts);
/** Name of a class, "" when there is none; valid until the next change. */
EXPCLIP_API const char *
expclip_prompts_class_name(const expclip_prompts *prompts, size_t class_index);
/** Number of prompts of a class. */
EXPCLIP_API size_t expclip_prompts_count(const expclip_prompts *prompts,
                                         size_t class_index);
/** A prompt of a class, "" when there is none; valid as the name. */
EXPCLIP_API const char *expclip_prompts_text(const expclip_prompts *prompts,
                                             size_t class_index, size_t index);
EXPCLIP_API void expclip_prompts_free(expclip_prompts *prompts);

/** How a class with several prompts gets one score. */
enum {
    EXPCLIP_POOLING_LOGITS = 0,    /* mean of the prompts' logits: the paper */
    EXPCLIP_POOLING_EMBEDDINGS = 1 /* unit mean of the embeddings: open_clip */
};

typedef struct expclip_classes_options {
    size_t struct_size;
    int32_t pooling;  /* EXPCLIP_POOLING_... Default: LOGITS */
    int32_t reserved; /* 0 */
} expclip_classes_options;
#define EXPCLIP_CLASSES_OPTIONS_INIT \
    { sizeof(expclip_classes_options), EXPCLIP_POOLING_LOGITS, 0 }

/** As expclip_load_options_init(). */
EXPCLIP_API void expclip_classes_options_init(expclip_classes_options *options,
                                              size_t options_size);

/**
 * Embed the prompts with the model's text encoder and head.
 *
 * @param[out] out  a new class set for expclip_classes_free()
 * @param prompts   at least one class; prompts are cut at the context length
 * @return EXPCLIP_OK or EXPCLIP_ERROR_{CANCELLED, FORK, NONFINITE, BACKEND}
 */
EXPCLIP_API expclip_status expclip_classes_create(
    expclip_classes **out, const expclip_model *model,
    const expclip_prompts *prompts, const expclip_classes_options *options,
    const expclip_cancel *cancel, expclip_error *err);
/**
 * Classes of other prompts or another pooling, without the text encoder: every
 * prompt's text must be one of `classes`, of whichever class. Of classes from a
 * file it is not known which prompts were cut, so the count is theirs. Fails
 * with NOT_FOUND, NONFINITE.
 */
EXPCLIP_API expclip_status expclip_classes_select(
    expclip_classes **out, const expclip_classes *classes,
    const expclip_prompts *prompts, const expclip_classes_options *options,
    expclip_error *err);
/**
 * Write names, prompts and vectors to a file, replaced only when all is
 * written; scoring with it needs no text encoder. Fails with NOT_FOUND, IO.
 */
EXPCLIP_API expclip_status expclip_classes_save(const expclip_classes *classes,
                                                const char *path,
                                                expclip_error *err);
/** Read such a file. Fails with NOT_FOUND, IO, FORMAT, TRUNCATED, UNSUPPORTED,
 * LIMIT, SHAPE, NONFINITE. */
EXPCLIP_API expclip_status expclip_classes_load(expclip_classes **out,
                                                const char *path,
                                                expclip_error *err);
/** Number of classes. */
EXPCLIP_API size_t expclip_classes_count(const expclip_classes *classes);
/** Name of class `index`, "" when there is none; owned by the classes. */
EXPCLIP_API const char *expclip_classes_name(const expclip_classes *classes,
                                             size_t index);
/** Number of prompts that were longer than the context and were cut. */
EXPCLIP_API size_t
expclip_classes_truncated_count(const expclip_classes *classes);
/** A copy of the names and prompts that they were made of. */
EXPCLIP_API expclip_status expclip_classes_prompts(
    expclip_prompts **out, const expclip_classes *classes, expclip_error *err);
/** Length of the rows that expclip_classes_score_embeddings() takes. */
EXPCLIP_API int32_t expclip_classes_dim(const expclip_classes *classes);
/** Fingerprint of the model that embedded them; owned by the classes. */
EXPCLIP_API const char *
expclip_classes_model_fingerprint(const expclip_classes *classes);
EXPCLIP_API void expclip_classes_free(expclip_classes *classes);

/* ---- Scores ---------------------------------------------------------- */

/**
 * Score every item of a batch: logits [n, C] = logit_scale * cosine, pooled
 * over the prompts of a class. Rows of failed items are NaN; a call in which
 * all items failed still succeeds.
 *
 * @param[out] logits  n = expclip_batch_count() rows of C =
 *                     expclip_classes_count() numbers
 * @param logits_size  n * C
 * @return EXPCLIP_OK or EXPCLIP_ERROR_{STATE (classes or batch of another
 *         fingerprint), CANCELLED, FORK, NONFINITE, BACKEND}
 */
EXPCLIP_API expclip_status expclip_model_score_images(
    float *logits, size_t logits_size, const expclip_model *model,
    const expclip_classes *classes, const expclip_batch *batch,
    const expclip_cancel *cancel, expclip_error *err);
/**
 * Score n embeddings made earlier with `projected` = 1, normalised or not. A
 * row that holds NaN, as of a failed item, gives a row of NaN.
 *
 * @param logits_size        n * expclip_classes_count()
 * @param embeddings_size    n * expclip_classes_dim()
 * @param model_fingerprint  of the model that made them, checked against the
 *                           classes'; NULL = you know that they belong together
 * @return EXPCLIP_OK or EXPCLIP_ERROR_{STATE, NONFINITE (infinity or all zero)}
 */
EXPCLIP_API expclip_status expclip_classes_score_embeddings(
    float *logits, size_t logits_size, const expclip_classes *classes,
    const float *embeddings, size_t embeddings_size,
    const char *model_fingerprint, expclip_error *err);
/**
 * Softmax of one row of logits divided by a temperature; in place is allowed. A
 * row that holds NaN gives NaN.
 *
 * @param temperature  above 0; 1 leaves the logits as they are, more makes the
 *                     answer less sure
 */
EXPCLIP_API expclip_status expclip_logits_softmax(
    float *probabilities, size_t probabilities_size, const float *logits,
    size_t logits_size, float temperature, expclip_error *err);
/** Index of the largest logit, the first of equals; logits_size, which is no
 * class, when there is none (NULL, size 0, or all NaN). */
EXPCLIP_API size_t expclip_logits_argmax(const float *logits,
                                         size_t logits_size);
/** Indices of the `top_size` <= logits_size largest logits, largest first;
 * equals in their order, NaN last. */
EXPCLIP_API expclip_status expclip_logits_top_k(
    int32_t *top, size_t top_size, const float *logits, size_t logits_size,
    expclip_error *err);

/* ---- Embeddings ------------------------------------------------------ */

typedef struct expclip_embed_options {
    size_t struct_size;
    int32_t projected; /* 1 = after the head, 0 = CLIP's own. Default: 1 */
    int32_t normalize; /* 1 = unit length. Default: 1 */
} expclip_embed_options;
#define EXPCLIP_EMBED_OPTIONS_INIT { sizeof(expclip_embed_options), 1, 1 }

/** As expclip_load_options_init(). */
EXPCLIP_API void expclip_embed_options_init(expclip_embed_options *options,
                                            size_t options_size);

/**
 * Embed every item of a batch: float [n, d]. Rows of failed items are NaN.
 *
 * @param embeddings_size  n * d, d the model's projected_dim or embedding_dim
 * @return as expclip_model_score_images()
 */
EXPCLIP_API expclip_status expclip_model_embed_images(
    float *embeddings, size_t embeddings_size, const expclip_model *model,
    const expclip_batch *batch, const expclip_embed_options *options,
    const expclip_cancel *cancel, expclip_error *err);
/**
 * Embed texts: float [n, d]. Each is cut at the context length; invalid UTF-8
 * is read as U+FFFD.
 *
 * @param embeddings_size  n * d, n = texts_size
 * @param[out] truncated   1 for each text that was cut, else 0; truncated_size
 *                         is n, or 0 with NULL
 * @return EXPCLIP_OK or EXPCLIP_ERROR_{LIMIT (a text over 16 MB), CANCELLED,
 *         FORK, NONFINITE, BACKEND}
 */
EXPCLIP_API expclip_status expclip_model_embed_texts(
    float *embeddings, size_t embeddings_size, int32_t *truncated,
    size_t truncated_size, const expclip_model *model, const char *const *texts,
    size_t texts_size, const expclip_embed_options *options,
    const expclip_cancel *cancel, expclip_error *err);

#ifdef __cplusplus
}
#endif

#endif /* EXPCLIP_H */
