/* SPDX-License-Identifier: MIT */
/*
 * model_settings.h - the options that say which model runs, and how.
 */
#ifndef EXPCLIP_CLI_MODEL_SETTINGS_H
#define EXPCLIP_CLI_MODEL_SETTINGS_H

#include "commands/command.h"

typedef struct model_settings {
    const char *model;
    expclip_load_options load;
} model_settings;

#define MODEL_SETTINGS_DEFAULT                                                 \
    {                                                                          \
        "demo", EXPCLIP_LOAD_OPTIONS_INIT                                      \
    }

/* Of what works before any head: the encoder alone, with the pixels that the
 * head will see. The rest is INIT's, which tests/abi checks. */
#define ENCODER_SETTINGS_DEFAULT                                               \
    {                                                                          \
        "demo",                                                                \
        {                                                                      \
            sizeof(expclip_load_options), "none", "expclip", "auto", "cpu",    \
                "fp32", 0, 0, 0, 0, 1, 0                                       \
        }                                                                      \
    }

/* How a model is loaded, whichever it is; the rows come after those. */
#define LOADING_OPTIONS(type, m)                                               \
    OPT_CHOICE(                                                                \
        type, m.load.preprocess, "preprocess",                                 \
        "auto|expclip|clip|clip-squash",                                       \
        "How the pixels of an image are prepared. clip resizes the shorter "   \
        "side and crops the middle, as CLIP was trained; clip-squash resizes " \
        "both sides without a crop; expclip does so without normalization, "   \
        "as the paper's heads were trained; auto does what the files say, "    \
        "otherwise expclip with a head and clip without."),                    \
        OPT_CHOICE(type, m.load.activation, "activation",                      \
                   "auto|quick_gelu|gelu",                                     \
                   "The activation function of the encoders. auto is what "    \
                   "the files say, otherwise quick_gelu."),                    \
        OPT_CHOICE(type, m.load.dtype, "dtype", "fp32|bf16",                   \
                   "The number type that the encoders compute with. bf16 "     \
                   "needs half the memory and is less exact."),                \
        OPT_INT(type, m.load.image_size, "image-size", 0, 4096,                \
                "The side, in pixels, of the square that the image encoder "   \
                "sees. A size other than the file's interpolates the "         \
                "position embeddings; 0 means the file's."),                   \
        OPT_TEXT(type, m.load.device, "device", 0, "cpu|cuda|cuda:N",          \
                 "The device that computes."),                                 \
        OPT_INT(type, m.load.threads, "threads", 0, 4096,                      \
                "How many threads compute; 0 means one per core."),            \
        OPT_FLAG(type, m.load.deterministic, "deterministic", 0,               \
                 "Make results independent of the batch, to the last bit. "    \
                 "This is slower."),                                           \
        OPT_FLAG(type, m.load.portable, "portable", 0,                         \
                 "Use plain matrix operations on the CPU instead of weights "  \
                 "repacked for this CPU. This is slower.")

/* Rows of a command's option table; `m` is the model_settings in `type`. */
#define MODEL_OPTIONS(type, m)                                                 \
    OPT_HEADING("Model"),                                                      \
        OPT_TEXT(type, m.model, "model", 'm', "FILE|NAME",                     \
                 "The weights: a file or a folder, a name that \"expclip "     \
                 "pull\" has fetched, or demo, a small model for drawn faces " \
                 "that cannot read photographs."),                             \
        OPT_TEXT(type, m.load.head, "head", 0, "FILE|auto|none",               \
                 "The Exp-CLIP head: a file, a name that \"expclip pull\" "    \
                 "has fetched, auto for the model file's own, or none for "    \
                 "plain CLIP."),                                               \
        LOADING_OPTIONS(type, m)

/** Load the model, or report why not. @return 0 or an exit code */
int model_settings_load(expclip_model **out, const model_settings *s);

/* A guard against small files of huge images. */
#define MAX_PIXELS_OPTION(type, p)                                             \
    OPT_LONG(type, p.image.max_pixels, "max-pixels", 1, 1e12,                  \
             "Images of more pixels, width times height, are refused.")

/** The options of images. */
typedef struct image_settings {
    const char *box; /* NULL = the whole image */
    expclip_image_options image;
    int32_t recursive;
} image_settings;

#define IMAGE_SETTINGS_DEFAULT                                                 \
    {                                                                          \
        NULL, EXPCLIP_IMAGE_OPTIONS_INIT, 0                                    \
    }

#define IMAGE_OPTIONS(type, p)                                                 \
    OPT_HEADING("Images"),                                                     \
        OPT_TEXT(type, p.box, "box", 0, "X,Y,W,H[,MARGIN]",                    \
                 "The face, in pixels of each image. MARGIN, from 0 to 1, is " \
                 "added on each side, relative to the size of the box. A "     \
                 "list may give one box per line instead: path, tab, box."),   \
        OPT_FLAG(type, p.image.exif, "exif", 0,                                \
                 "Rotate images as their EXIF tag says."),                     \
        OPT_FLAG(type, p.image.allow_truncated, "allow-truncated", 0,          \
                 "Use what can be read of truncated image files, instead of "  \
                 "failing."),                                                  \
        MAX_PIXELS_OPTION(type, p),                                            \
        OPT_FLAG(                                                              \
            type, p.recursive, "recursive", 'r',                               \
            "Look into subfolders too. Links to folders are not followed.")

/** The same of a clip's frames, which no list names and no folder nests. */
#define FRAME_IMAGE_OPTIONS(type, p)                                           \
    OPT_TEXT(type, p.box, "box", 0, "X,Y,W,H[,MARGIN]",                        \
             "The face, in pixels of each frame. MARGIN, from 0 to 1, is "     \
             "added on each side, relative to the size of the box."),          \
        OPT_FLAG(type, p.image.exif, "exif", 0,                                \
                 "Rotate the images of a folder as their EXIF tag says."),     \
        OPT_FLAG(type, p.image.allow_truncated, "allow-truncated", 0,          \
                 "Use what can be read of truncated image files, instead of "  \
                 "failing."),                                                  \
        MAX_PIXELS_OPTION(type, p)

/** Translate, or report a wrong box. @return 0 or EXIT_USAGE */
int image_settings_read(expclip_image_options *out, const image_settings *s);

#endif
