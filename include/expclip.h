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
 * The method is Exp-CLIP (Zhao et al., WACV 2025, arXiv 2405.19100). A score
 * says which description an image resembles, never what a person feels.
 *
 * Rules that hold everywhere
 *
 * Errors. A function that can fail returns an expclip_status, which is 0 on
 * success. On failure it writes the reason to *err, its last parameter; err may
 * be NULL. Output parameters and arrays are then left untouched, unless the
 * function says otherwise, and every object stays usable. Any function may fail
 * with ARGUMENT, MEMORY or INTERNAL, so its description does not list them.
 *
 * Parameters. `options` may be NULL, which means the defaults, and `cancel` may
 * be NULL, which means that the call cannot be cancelled. Any other NULL where
 * an object is needed is an ARGUMENT error; a function that returns no status
 * returns 0 or "" in that case. `x_size` is the number of elements of the array
 * `x`, or the number of bytes of a text, and must be exact unless the function
 * says otherwise. An array may be NULL when its size is 0. Dimensions and
 * counts are never negative.
 *
 * Options. Fill an options struct with its _INIT macro or its _init() function
 * before you set fields: a struct of zeros does not hold the defaults. If
 * struct_size is smaller than the library's, because the program was built
 * with an older header, the library takes the defaults for the missing fields;
 * if it is larger, the call fails with ARGUMENT.
 *
 * Ownership. Objects may be freed in any order and from any thread, but not
 * while another thread uses them. An object keeps alive what it needs of
 * others: a batch, for example, its model's weights. Every free function takes
 * NULL. Inputs, including what options point to, are read during the call only.
 *
 * Strings are UTF-8 and end in NUL. Paths are passed to the system unchanged.
 *
 * Processes. After fork(), calls with the parent's models fail with FORK. Start
 * workers by spawn instead, or load a model in the child with threads = 1.
 *
 * libtorch 2.10 or newer is loaded together with the first model. The library
 * takes the libtorch that the process has loaded already, or else looks in the
 * folder $EXPCLIP_TORCH, then in the folder named at build time, then where the
 * system looks. It does not change the thread settings of its host.
 *
 * The library never prints, exits, installs a signal handler or uses the
 * network, and it writes only the files that it is asked to write.
 */
#ifndef EXPCLIP_H
#define EXPCLIP_H

#include "expclip_base.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Model ----------------------------------------------------------- */

/**
 * The weights of both encoders, the vocabulary and, if there is one, the
 * Exp-CLIP head. A model is immutable: threads may share it.
 */
typedef struct expclip_model expclip_model;
typedef struct expclip_load_options {
    size_t struct_size;     /* set by INIT; later versions append fields */
    const char *head;       /* the Exp-CLIP head: "auto" takes the one in the
                               model file, if there is one; "none" loads plain
                               CLIP; anything else is a path or the name of a
                               download, a .pth or safetensors file with the
                               matrix mlp.weight [out, dim]. Default: "auto" */
    const char *preprocess; /* how an image becomes the square that the encoder
                               sees. "expclip": both sides are resized
                               (bilinear), values are 0..1, as in the paper's
                               reference. "clip": the shorter side is resized
                               (bicubic), the centre is cropped, mean and
                               deviation are normalised, as in OpenAI's CLIP.
                               "clip-squash": as "clip", but both sides are
                               resized and nothing is cropped. "auto": what the
                               files say, or else "expclip" with a head and
                               "clip" without one. Default: "auto" */
    const char *activation; /* "quick_gelu" or "gelu"; "auto" takes what the
                               files say, or else "quick_gelu", OpenAI's.
                               Default: "auto" */
    const char *device;     /* "cpu", "cuda" or "cuda:N". Default: "cpu" */
    const char *dtype;      /* number type in which the encoders compute: "fp32"
                               or "bf16". Default: "fp32" */
    int32_t threads;        /* number of threads that one call uses; 0 = one per
                               core. Default: 0 */
    int32_t deterministic;  /* 1 = a result is the same to the last bit whatever
                               else is in its batch; slower. Default: 0 */
    int32_t portable;       /* 1 = compute by libtorch's general operations
                               instead of its packed CPU kernels; slower, for
                               comparing machines. Default: 0 */
    int32_t image_size;     /* side, in pixels, of the square that the encoder
                               sees; a size other than the file's interpolates
                               the position embeddings; 0 = the file's.
                               Default: 0 */
    int32_t check_finite;   /* 1 = refuse weights that hold NaN or infinity.
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
 * Load a CLIP model, and its Exp-CLIP head when there is one.
 *
 * The file format is recognised by its content and the architecture by the
 * shapes of its tensors. These can be loaded: OpenAI's archives; torch state
 * dicts, as zip archives or in the format before torch 1.6; safetensors, as one
 * file, as an index of shards, or as a folder that holds either; and the files
 * that expclip_weights_convert() writes. Tensors may be named as OpenAI,
 * open_clip or Hugging Face name them.
 *
 * The tensors may be inside dictionaries, as training programs write them
 * ("state_dict", "model"), and their names may have prefixes ("module.",
 * "_orig_mod.", "clip."). When a file holds two models, such as "model" and
 * "model_ema", the library loads the one in "state_dict", or else the one in
 * "model_state_dict", or else the one in "model". When the file has none of
 * these, it is refused as UNSUPPORTED, and the message names both models.
 *
 * @param[out] out  a new model for expclip_model_free()
 * @param path      "demo" is the small model of drawn faces inside the library
 *                  (write "./demo" for a file of that name). Otherwise a file,
 *                  a folder, or the name of a download: "ViT-B/32", for
 *                  example, is the file ViT-B-32.pt in $EXPCLIP_CACHE or, when
 *                  that is not set, in ~/.cache/expclip
 * @return EXPCLIP_OK or EXPCLIP_ERROR_{NOT_FOUND, IO, FORMAT, TRUNCATED,
 *         UNSUPPORTED, UNSAFE, LIMIT, SHAPE, NONFINITE, BACKEND}
 */
EXPCLIP_API expclip_status expclip_model_load(
    expclip_model **out, const char *path, const expclip_load_options *options,
    expclip_error *err);
EXPCLIP_API void expclip_model_free(expclip_model *model);

/** Length d of an embedding before the head, for example 512. */
EXPCLIP_API int32_t expclip_model_embedding_dim(const expclip_model *model);
/** Length of an embedding after the head, for example 4096; without a head it
 * equals expclip_model_embedding_dim(). */
EXPCLIP_API int32_t expclip_model_projected_dim(const expclip_model *model);
/** Width and height in pixels of what the image encoder sees. */
EXPCLIP_API int32_t expclip_model_image_size(const expclip_model *model);
/** Largest number of tokens of a text, start and end tokens included: 77. */
EXPCLIP_API int32_t expclip_model_context_length(const expclip_model *model);
/** Number of token ids. */
EXPCLIP_API int32_t expclip_model_vocabulary_size(const expclip_model *model);
/** 1 when the model has an Exp-CLIP head, else 0. */
EXPCLIP_API int32_t expclip_model_has_head(const expclip_model *model);
/** The factor by which cosines become logits: exp(logit_scale), which is about
 * 100 in OpenAI's models. */
EXPCLIP_API float expclip_model_logit_scale(const expclip_model *model);
/** The architecture that was loaded, such as "ViT-B/32"; owned by the model. */
EXPCLIP_API const char *expclip_model_name(const expclip_model *model);
/** The side of crops for a model, in heights of a face's box. */
EXPCLIP_API float expclip_model_crop_side(const expclip_model *model);
/** How many heights of a face's box crops for a model lie above it. */
EXPCLIP_API float expclip_model_crop_up(const expclip_model *model);
/** The preset in use: "expclip", "clip" or "clip-squash"; static text. */
EXPCLIP_API const char *expclip_model_preprocess(const expclip_model *model);
/**
 * 16 hexadecimal digits that identify what the model computes. They depend on
 * the weights, the head, the activation, the preset, the image size and the
 * dtype, but not on the device or the number of threads. Embeddings may be
 * compared when their fingerprints and their `projected` options are equal.
 * Owned by the model.
 */
EXPCLIP_API const char *expclip_model_fingerprint(const expclip_model *model);
/** The fingerprint without the head. The features of one model serve every
 * model whose encoder fingerprint is equal. Owned by the model. */
EXPCLIP_API const char *
expclip_model_encoder_fingerprint(const expclip_model *model);

/* ---- Images: a batch holds images that are ready for the encoder ----- */

/** The images of one call. Only one thread at a time may use it, even to read.
 */
typedef struct expclip_batch expclip_batch;
typedef struct expclip_image_options {
    size_t struct_size;
    int32_t box_x;           /* left edge of the face box, in pixels of the
                                image after any EXIF rotation. Default: 0 */
    int32_t box_y;           /* upper edge of the box. Default: 0 */
    int32_t box_width;       /* width of the box, above 0; when all four numbers
                                are 0, the box is the whole image. Parts of the
                                box outside the image are cut off. Default: 0 */
    int32_t box_height;      /* height of the box, as box_width. Default: 0 */
    float box_margin;        /* widens the box on each side by this fraction,
                                0..1, of its width and height. Default: 0 */
    int32_t exif;            /* 1 = rotate the image as its EXIF tag says.
                                Default: 0, as in the paper's reference */
    int32_t allow_truncated; /* 1 = use what can be read of a truncated file;
                                the rest is grey. Default: 0 */
    int64_t max_pixels;      /* largest width times height of an image.
                                Default: 67108864 */
} expclip_image_options;
#define EXPCLIP_IMAGE_OPTIONS_INIT \
    { sizeof(expclip_image_options), 0, 0, 0, 0, 0.0f, 0, 0, 67108864 }

/** As expclip_load_options_init(). */
EXPCLIP_API void expclip_image_options_init(expclip_image_options *options,
                                            size_t options_size);

/**
 * Tell from the first bytes of a file whether it is an image; 16 bytes suffice.
 *
 * @return 1 = an image of a format that the library reads, -1 = an image of
 *         another format, such as TIFF, 0 = no image that the library knows
 */
EXPCLIP_API int32_t expclip_image_probe(const uint8_t *bytes,
                                        size_t bytes_size);

/** Layout of raw pixels: 8 bits per channel, rows from the top. */
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
 * The add functions decode an image (JPEG, PNG, BMP, the first frame of a GIF,
 * and WebP where the build has it), convert it to RGB, cut out the box, and
 * resize it as the preset says. Of 16-bit samples they keep the high 8 bits.
 *
 * Decoding needs 3 bytes of memory per pixel in addition to the file. A
 * progressive JPEG needs 6 to 9 bytes per pixel, since its coefficients are
 * kept until the last scan is read; one that needs more than 6 * max_pixels
 * bytes is refused as LIMIT.
 *
 * A bad image becomes an item that carries its status, so that the numbers of
 * items match those of the inputs. Only a call that fails with ARGUMENT, with
 * FORK, or with MEMORY for the batch itself adds no item; expclip_batch_count()
 * tells whether one was added. The functions fail with
 * NOT_FOUND, IO, FORMAT, TRUNCATED, FORK, BACKEND, UNSUPPORTED, and LIMIT (more
 * than max_pixels, a side over 1048576, or a box outside the image).
 */

/** Add the image in a file. */
EXPCLIP_API expclip_status
expclip_batch_add_file(expclip_batch *batch, const char *path,
                       const expclip_image_options *options,
                       expclip_error *err);
/** Add the image in a file's bytes. */
EXPCLIP_API expclip_status
expclip_batch_add_bytes(expclip_batch *batch, const uint8_t *bytes,
                        size_t bytes_size, const expclip_image_options *options,
                        expclip_error *err);
/**
 * Add raw pixels: `height` rows of `width` pixels, both at least 1. The options
 * exif and allow_truncated have no effect here.
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
/** EXPCLIP_OK, or why item `index` failed; ARGUMENT when there is no such item.
 * This is data and not the status of the call, so its type is int32_t. */
EXPCLIP_API int32_t expclip_batch_status(const expclip_batch *batch,
                                         size_t index);
/** The message of item `index` when it failed, else ""; valid until the batch
 * is cleared or freed. */
EXPCLIP_API const char *expclip_batch_message(const expclip_batch *batch,
                                              size_t index);
/**
 * Copy the preprocessed pixels of item `index`, as the image encoder sees them:
 * float [3, S, S], the channels R, G, B, where S is the model's image size.
 * pixels_size is 3 * S * S. Fails with the status of the item.
 */
EXPCLIP_API expclip_status expclip_batch_copy_pixels(
    float *pixels, size_t pixels_size, const expclip_batch *batch, size_t index,
    expclip_error *err);

/* ---- Faces of a photograph as items: a detector has found them --------- */

/** An image and the faces that were found in it. */
typedef struct expclip_faces expclip_faces;

/**
 * A crop is a square around a face's box. Which one suits depends on what a
 * model was trained with, so files of models and heads can say it (metadata
 * "crop.side" and "crop.up"). Where no file does, the side is 1.4 and `up` 0.
 */
typedef struct expclip_crop_options {
    size_t struct_size;
    float side;       /* side of the square in heights of the box, 0.5 to 4; 0
                         = side and up are those of the model, or 1.4 and 0
                         where there is no model. Default: 0 */
    float up;         /* how many heights of the box the square's centre lies
                         above the box's, -1 to 1; only with a side.
                         Default: 0 */
    int32_t upright;  /* 1 = turn the crop so that the eyes are level, when they
                         are tilted by more than 15 degrees. Default: 0 */
    int32_t reserved; /* 0 */
} expclip_crop_options;
#define EXPCLIP_CROP_OPTIONS_INIT \
    { sizeof(expclip_crop_options), 0.0f, 0.0f, 0, 0 }

/** As expclip_load_options_init(). */
EXPCLIP_API void expclip_crop_options_init(expclip_crop_options *options,
                                           size_t options_size);

/** Which faces of an image are added; 0 and above is the index of one. */
enum {
    EXPCLIP_FACES_LARGEST = -1, /* as expclip_faces_largest() */
    EXPCLIP_FACES_ALL = -2,     /* each becomes an item */
    EXPCLIP_FACES_AUTO = -3,    /* the whole image when it shows one close face,
                                   at least 0.45 times as wide as the image;
                                   else the largest */
    EXPCLIP_FACES_NONE = -4     /* none is looked for, and the image is taken
                                   whole; where an option asks for faces */
};

/**
 * Add faces to a batch, each as its crop. An image without a face becomes one
 * item with the status NO_FACE, a damaged frame one with its status, so that
 * the other items are unharmed.
 *
 * @param[out] n_added  number of items added, failed ones included, also when
 *                      the call fails
 * @param which         LARGEST, ALL, AUTO or the index of a face
 * @return EXPCLIP_OK or EXPCLIP_ERROR_{NO_FACE, ARGUMENT (no such face; then no
 *         item is added)}, or as for finding
 */
EXPCLIP_API expclip_status expclip_batch_add_faces(
    size_t *n_added, expclip_batch *batch, const expclip_faces *faces,
    int32_t which, const expclip_crop_options *options, expclip_error *err);
/** The image of item `index`: the number of images that were added before it,
 * each counted once however many faces it gave; -1 when there is no such item.
 */
EXPCLIP_API int64_t expclip_batch_image(const expclip_batch *batch,
                                        size_t index);
/** The face of item `index`, as in expclip_faces_get(); -1 when the item is not
 * the crop of a face. */
EXPCLIP_API int32_t expclip_batch_face(const expclip_batch *batch,
                                       size_t index);

/* ---- Prompts and classes --------------------------------------------- */

/** Class names and their prompts, in order. One thread at a time may use it. */
typedef struct expclip_prompts expclip_prompts;
/** Class prompts that a model has embedded. Immutable: threads may share it. */
typedef struct expclip_classes expclip_classes;

/** Create an empty list of classes. */
EXPCLIP_API expclip_status expclip_prompts_create(expclip_prompts **out,
                                                  expclip_error *err);
/**
 * Create the prompts of the paper's reference (models/Text.py).
 *
 * @param set        "type1" is the class name, "type2" "an expression of ...",
 *                   "type3" "a photo of a face with an expression of ...";
 *                   "type4" has 5 prompts per class, and "type5" has 10
 * @param n_classes  7, 8 or 11, the first ones of: happiness, sadness, neutral,
 *                   anger, surprise, disgust, fear, contempt, anxiety,
 *                   helplessness, disappointment
 * @return EXPCLIP_OK or EXPCLIP_ERROR_NOT_FOUND
 */
EXPCLIP_API expclip_status
expclip_prompts_builtin(expclip_prompts **out, const char *set,
                        int32_t n_classes, expclip_error *err);
/**
 * Read prompts from a file: either a JSON object {"class": ["prompt", ...],
 * ...}, whose order counts, or lines "class<TAB>prompt". Fails with NOT_FOUND,
 * IO, FORMAT, UNSUPPORTED, LIMIT; the message gives the line number.
 */
EXPCLIP_API expclip_status expclip_prompts_load(expclip_prompts **out,
                                                const char *path,
                                                expclip_error *err);
/**
 * Add one prompt to a class; a new class is added first. Empty text and text
 * that is not UTF-8 are refused as ARGUMENT.
 */
EXPCLIP_API expclip_status expclip_prompts_add(expclip_prompts *prompts,
                                               const char *class_name,
                                               const char *prompt,
                                               expclip_error *err);
/**
 * Add a class together with its prompts.
 *
 * @param set_or_template  a set, "type1" to "type5", or a template, in which
 *                         the class name replaces every "{}". A set gives one
 *                         of the paper's 11 classes its literal prompts, and
 *                         any other class prompts of the same wording
 * @return EXPCLIP_OK or EXPCLIP_ERROR_NOT_FOUND (no such set); ARGUMENT also
 *         when the class exists already
 */
EXPCLIP_API expclip_status expclip_prompts_add_class(
    expclip_prompts *prompts, const char *class_name,
    const char *set_or_template, expclip_error *err);
/** Number of classes. */
EXPCLIP_API size_t
expclip_prompts_class_count(const expclip_prompts *prompts);
/** Name of a class, "" when there is none; valid until the list changes. */
EXPCLIP_API const char *
expclip_prompts_class_name(const expclip_prompts *prompts, size_t class_index);
/** Number of prompts of a class. */
EXPCLIP_API size_t expclip_prompts_count(const expclip_prompts *prompts,
                                         size_t class_index);
/** A prompt of a class, "" when there is none; valid until the list changes. */
EXPCLIP_API const char *expclip_prompts_text(const expclip_prompts *prompts,
                                             size_t class_index, size_t index);
EXPCLIP_API void expclip_prompts_free(expclip_prompts *prompts);

/** How the several prompts of a class give one score. */
enum {
    EXPCLIP_POOLING_LOGITS = 0,    /* the mean of the prompts' logits, as in the
                                      paper */
    EXPCLIP_POOLING_EMBEDDINGS = 1 /* the logit of the mean of the prompts'
                                      embeddings, scaled to unit length, as in
                                      open_clip */
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
 * @param prompts   at least one class; a prompt longer than the model's context
 *                  length is cut there
 * @return EXPCLIP_OK or EXPCLIP_ERROR_{CANCELLED, FORK, NONFINITE, BACKEND}
 */
EXPCLIP_API expclip_status expclip_classes_create(
    expclip_classes **out, const expclip_model *model,
    const expclip_prompts *prompts, const expclip_classes_options *options,
    const expclip_cancel *cancel, expclip_error *err);
/**
 * Make classes of other prompts or with another pooling, without the text
 * encoder. Every prompt must be a prompt of `classes`, of whichever class. A
 * file does not say which prompts were cut; when `classes` came from a file,
 * expclip_classes_truncated_count() is therefore that of `classes`. Fails with
 * NOT_FOUND, NONFINITE.
 */
EXPCLIP_API expclip_status expclip_classes_select(
    expclip_classes **out, const expclip_classes *classes,
    const expclip_prompts *prompts, const expclip_classes_options *options,
    expclip_error *err);
/**
 * Write names, prompts and embeddings to a file, so that later runs can score
 * without the text encoder. An existing file is replaced only when the new one
 * is complete. Fails with NOT_FOUND, IO.
 */
EXPCLIP_API expclip_status expclip_classes_save(const expclip_classes *classes,
                                                const char *path,
                                                expclip_error *err);
/** Read a file that expclip_classes_save() wrote. Fails with NOT_FOUND, IO,
 * FORMAT, TRUNCATED, UNSUPPORTED, LIMIT, SHAPE, NONFINITE. */
EXPCLIP_API expclip_status expclip_classes_load(expclip_classes **out,
                                                const char *path,
                                                expclip_error *err);
/** Number of classes. */
EXPCLIP_API size_t expclip_classes_count(const expclip_classes *classes);
/** Name of class `index`, "" when there is none; owned by the classes. */
EXPCLIP_API const char *expclip_classes_name(const expclip_classes *classes,
                                             size_t index);
/** Number of prompts that were cut at the context length. */
EXPCLIP_API size_t
expclip_classes_truncated_count(const expclip_classes *classes);
/** Copy the names and prompts that the classes were made of. */
EXPCLIP_API expclip_status expclip_classes_prompts(
    expclip_prompts **out, const expclip_classes *classes, expclip_error *err);
/** Length of the rows that expclip_classes_score_embeddings() takes. */
EXPCLIP_API int32_t expclip_classes_dim(const expclip_classes *classes);
/** Fingerprint of the model that embedded the classes; owned by them. */
EXPCLIP_API const char *
expclip_classes_model_fingerprint(const expclip_classes *classes);
EXPCLIP_API void expclip_classes_free(expclip_classes *classes);

/* ---- Scores ---------------------------------------------------------- */

/**
 * Score every item of a batch. A logit is logit_scale times the cosine between
 * the image's embedding and a prompt's, pooled over the prompts of the class.
 * The row of a failed item is NaN; the call succeeds even if all items failed.
 *
 * @param[out] logits  [n, C], n = expclip_batch_count(),
 *                     C = expclip_classes_count()
 * @param logits_size  n * C
 * @return EXPCLIP_OK or EXPCLIP_ERROR_{STATE (the classes or the batch are
 *         of another fingerprint), CANCELLED, FORK, NONFINITE, BACKEND}
 */
EXPCLIP_API expclip_status expclip_model_score_images(
    float *logits, size_t logits_size, const expclip_model *model,
    const expclip_classes *classes, const expclip_batch *batch,
    const expclip_cancel *cancel, expclip_error *err);
/**
 * Score n embeddings that were made with `projected` = 1, normalised or not. A
 * row that holds a NaN, as that of a failed item does, gives a row of NaN.
 *
 * @param logits_size        n * expclip_classes_count()
 * @param embeddings_size    n * expclip_classes_dim()
 * @param model_fingerprint  of the model that made the embeddings, which must
 *                           be that of the classes; NULL skips this check
 * @return EXPCLIP_OK or EXPCLIP_ERROR_{STATE, NONFINITE (infinity or all zero)}
 */
EXPCLIP_API expclip_status expclip_classes_score_embeddings(
    float *logits, size_t logits_size, const expclip_classes *classes,
    const float *embeddings, size_t embeddings_size,
    const char *model_fingerprint, expclip_error *err);
/**
 * Divide one row of logits by a temperature and take the softmax. The two
 * arrays may be the same. A row that holds a NaN gives NaN.
 *
 * @param temperature  above 0; 1 leaves the logits as they are, and a larger
 *                     one makes the probabilities more even
 */
EXPCLIP_API expclip_status expclip_logits_softmax(
    float *probabilities, size_t probabilities_size, const float *logits,
    size_t logits_size, float temperature, expclip_error *err);
/** Index of the largest logit, the first one among equals. When there is none
 * (NULL, size 0, or all NaN) it returns logits_size, the index of no class. */
EXPCLIP_API size_t expclip_logits_argmax(const float *logits,
                                         size_t logits_size);
/** Indices of the top_size largest logits, the largest first; top_size is at
 * most logits_size. Equal logits keep their order, and NaN comes last. */
EXPCLIP_API expclip_status expclip_logits_top_k(
    int32_t *top, size_t top_size, const float *logits, size_t logits_size,
    expclip_error *err);

/* ---- Embeddings ------------------------------------------------------ */

typedef struct expclip_embed_options {
    size_t struct_size;
    int32_t projected; /* 1 = after the head, 0 = before it, CLIP's own.
                          Default: 1 */
    int32_t normalize; /* 1 = scale each embedding to unit length. Default: 1 */
} expclip_embed_options;
#define EXPCLIP_EMBED_OPTIONS_INIT { sizeof(expclip_embed_options), 1, 1 }

/** As expclip_load_options_init(). */
EXPCLIP_API void expclip_embed_options_init(expclip_embed_options *options,
                                            size_t options_size);

/**
 * Embed every item of a batch: float [n, d]. The row of a failed item is NaN.
 *
 * @param embeddings_size  n * d, where d is expclip_model_projected_dim(), or
 *                         expclip_model_embedding_dim() with projected = 0
 * @return as expclip_model_score_images()
 */
EXPCLIP_API expclip_status expclip_model_embed_images(
    float *embeddings, size_t embeddings_size, const expclip_model *model,
    const expclip_batch *batch, const expclip_embed_options *options,
    const expclip_cancel *cancel, expclip_error *err);
/**
 * Embed texts: float [n, d]. A text longer than the model's context length is
 * cut there. Invalid UTF-8 is read as U+FFFD.
 *
 * @param embeddings_size  n * d, n = texts_size
 * @param[out] truncated   [n], 1 for each text that was cut, else 0; or NULL
 *                         with truncated_size 0
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
