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
    OPT_CHOICE(type, m.load.preprocess, "preprocess",                          \
               "auto|expclip|clip|clip-squash",                                \
               "How pixels are prepared.; auto = as the model says."),         \
        OPT_CHOICE(type, m.load.activation, "activation",                      \
                   "auto|quick_gelu|gelu",                                     \
                   "Of the encoders; auto = as the files say."),               \
        OPT_CHOICE(type, m.load.dtype, "dtype", "fp32|bf16",                   \
                   "Numbers of the encoders."),                                \
        OPT_INT(type, m.load.image_size, "image-size", 0, 4096,                \
                "Pixels a side that the encoder sees; another number than"     \
                " the file's interpolates its position embeddings; 0 = the"    \
                " file's."),                                                   \
        OPT_TEXT(type, m.load.device, "device", 0, "cpu|cuda|cuda:N",          \
                 "Where to compute."),                                         \
        OPT_INT(type, m.load.threads, "threads", 0, 4096,                      \
                "Threads to compute with; 0 = one per core."),                 \
        OPT_FLAG(type, m.load.deterministic, "deterministic", 0,               \
                 "Results never depend on the batch, to the last bit;"         \
                 " slower."),                                                  \
        OPT_FLAG(type, m.load.portable, "portable", 0,                         \
                 "Do without the packed weights for CPUs.")

/* Rows of a command's option table; `m` is the model_settings in `type`. */
#define MODEL_OPTIONS(type, m)                                                 \
    OPT_HEADING("Model"),                                                      \
        OPT_TEXT(type, m.model, "model", 'm', "FILE|NAME",                     \
                 "Weights: a file or folder, a name fetched by \"expclip"      \
                 " pull\", or \"demo\" for drawn faces."),                     \
        OPT_TEXT(type, m.load.head, "head", 0, "FILE|auto|none",               \
                 "Exp-CLIP head: auto = the model file's own, none = plain"    \
                 " CLIP."),                                                    \
        LOADING_OPTIONS(type, m)

/** Load the model, or report why not. @return 0 or an exit code */
int model_settings_load(expclip_model **out, const model_settings *s);

/** The options of pictures. */
typedef struct picture_settings {
    const char *box; /* NULL = the whole picture */
    expclip_image_options image;
    int32_t recursive;
} picture_settings;

#define PICTURE_SETTINGS_DEFAULT                                               \
    {                                                                          \
        NULL, EXPCLIP_IMAGE_OPTIONS_INIT, 0                                    \
    }

#define PICTURE_OPTIONS(type, p)                                               \
    OPT_HEADING("Pictures"),                                                   \
        OPT_TEXT(type, p.box, "box", 0, "X,Y,W,H[,MARGIN]",                    \
                 "The face, in pixels of each picture; MARGIN 0..1 is added"   \
                 " on each side. A list may give a box a line instead:"        \
                 " path, tab, box."),                                          \
        OPT_FLAG(type, p.image.exif, "exif", 0,                                \
                 "Turn pictures as their EXIF tag says."),                     \
        OPT_FLAG(type, p.image.allow_truncated, "allow-truncated", 0,          \
                 "Use what there is of cut files instead of failing."),        \
        OPT_FLAG(type, p.recursive, "recursive", 'r',                          \
                 "Look into folders of folders too.")

/** The same of a clip's frames, which no list names and no folder nests. */
#define FRAME_PICTURE_OPTIONS(type, p)                                         \
    OPT_TEXT(type, p.box, "box", 0, "X,Y,W,H[,MARGIN]",                        \
             "The face, in pixels of each frame; MARGIN 0..1 is added on each" \
             " side."),                                                        \
        OPT_FLAG(type, p.image.exif, "exif", 0,                                \
                 "Turn a folder's pictures as their EXIF tag says."),          \
        OPT_FLAG(type, p.image.allow_truncated, "allow-truncated", 0,          \
                 "Use what there is of cut files instead of failing.")

/** Translate, or report a wrong box. @return 0 or EXIT_USAGE */
int picture_settings_read(expclip_image_options *out,
                          const picture_settings *s);

#endif
