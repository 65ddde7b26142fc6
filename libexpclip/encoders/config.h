/* SPDX-License-Identifier: MIT */
/*
 * config.h - what kind of CLIP a file holds: dimensions and conventions.
 */
#ifndef EXPCLIP_ENCODERS_CONFIG_H
#define EXPCLIP_ENCODERS_CONFIG_H

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

#endif
