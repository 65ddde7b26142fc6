/* SPDX-License-Identifier: MIT */
/*
 * config.h - what kind of CLIP a file holds: dimensions and conventions.
 *
 * Dimensions come from tensor shapes, as in OpenAI's build_model() (CLIP
 * model.py:399). What shapes cannot say (activation, heads, pixels) comes from
 * the file's metadata, else from a configuration beside it (all keys of
 * which are known: config_keys.h), else from what is usual.
 */
#ifndef EXPCLIP_CONFIG_H
#define EXPCLIP_CONFIG_H

#include "image/preprocess.h"
#include "tensor/tensor.h"
#include "weights/weights.h"

/** Whose tensor names a file uses. */
typedef enum expclip__naming {
    EXPCLIP__NAMING_OPENAI, /* also open_clip */
    EXPCLIP__NAMING_HUGGING_FACE
} expclip__naming;

/** One transformer. */
typedef struct expclip__tower_config {
    int32_t width;
    int32_t layers;
    int32_t heads;
    int32_t mlp_width;
} expclip__tower_config;

#define EXPCLIP__PREFIX_SIZE 96

typedef struct expclip__config {
    expclip__naming naming;
    char prefix[EXPCLIP__PREFIX_SIZE];      /* of names, such as "module." */
    char text_prefix[EXPCLIP__PREFIX_SIZE]; /* of the text tower's names */
    expclip__tower_config vision;
    expclip__tower_config text;
    int32_t patch_size; /* pixels */
    int32_t grid;       /* patches a side, of the file's own image size */
    int32_t image_size; /* grid * patch_size */
    int32_t embed_dim;  /* d, of both towers */
    int32_t context_length;
    int32_t vocabulary_size;
    int32_t quick_gelu; /* 1 = x * sigmoid(1.702 x), 0 = exact GELU */
    double layer_norm_eps;
    const char *source; /* of the conventions: a file's name, "metadata", or
                           NULL when they are OpenAI's by assumption */
    int32_t has_preset; /* 1 when the files name a preset for plain CLIP */
    expclip__preset preset;
    float mean[3];
    float std[3];
} expclip__config;

/**
 * Recognise the model in a set of weights.
 *
 * @return OK, SHAPE (a tensor is missing or has an impossible shape),
 *         UNSUPPORTED (not a CLIP with a vision transformer), FORMAT or IO (a
 *         config file is damaged)
 */
expclip_status expclip__config_read(expclip__config *out,
                                    const expclip__weights *ws,
                                    expclip_error *err);

/** "ViT-B/32" and the like, from the dimensions. */
void expclip__config_name(char *out, size_t out_size,
                          const expclip__config *config);

#endif
