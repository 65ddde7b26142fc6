/* SPDX-License-Identifier: MIT */
/*
 * preprocess.h - where pixels become floats: the presets.
 */
#ifndef EXPCLIP_PREPROCESS_H
#define EXPCLIP_PREPROCESS_H

#include "image/image.h"
#include "tensor/tensor.h"

typedef enum expclip__preset {
    EXPCLIP__PRESET_EXPCLIP,    /* squash, bilinear, [0, 1], no mean/std */
    EXPCLIP__PRESET_CLIP,       /* short side bicubic, centre crop, mean/std */
    EXPCLIP__PRESET_CLIP_SQUASH /* squash, bicubic, mean/std */
} expclip__preset;

/** Name to preset. @return 1, or 0 when there is no such preset */
int expclip__preset_find(const char *name, expclip__preset *out);
const char *expclip__preset_name(expclip__preset preset);

/** What a preset does, plus the numbers a model's files may set. */
typedef struct expclip__pixels {
    expclip__preset preset;
    int32_t size; /* S */
    float mean[3];
    float std[3];
} expclip__pixels;

/** The preset with its own mean and std (CLIP's). */
void expclip__pixels_init(expclip__pixels *p, expclip__preset preset,
                          int32_t size);

/** Make [3, S, S] floats, planes in the order R, G, B. */
expclip_status expclip__preprocess(float *out, const expclip__image *image,
                                   const expclip__pixels *how,
                                   tensor_device *device, expclip_error *err);

#endif
