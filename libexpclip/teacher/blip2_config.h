/* SPDX-License-Identifier: MIT */
/*
 * blip2_config.h - the dimensions of a BLIP-2 with a T5, as transformers stores
 * it: from the tensors' shapes, and from config.json what no shape tells.
 */
#ifndef EXPCLIP_BLIP2_CONFIG_H
#define EXPCLIP_BLIP2_CONFIG_H

#include "teacher/t5_config.h"

typedef struct expclip__blip2_config {
    struct {
        int32_t image_size, patch, grid, width, mlp, layers, heads;
        double eps;
    } vision; /* EVA ViT-g: 224, 14, 16, 1408, 6144, 39, 16 */
    struct {
        int32_t n_queries, width, mlp, layers, heads;
        int32_t cross_every; /* layers 0, n, 2 n ... read the image */
        double eps;
    } qformer; /* 32, 768, 3072, 12, 12, 2 */
    expclip__t5_config t5;
} expclip__blip2_config;

/** SHAPE names a tensor that is missing; UNSUPPORTED: another language model
 * than T5 with gated activations. */
expclip_status expclip__blip2_config_read(expclip__blip2_config *out,
                                          const expclip__weights *ws,
                                          expclip_error *err);

#endif
