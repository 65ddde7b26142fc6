/* SPDX-License-Identifier: MIT */
/*
 * shrink.h - a smaller image, without tensors and in little memory.
 */
#ifndef EXPCLIP_SHRINK_H
#define EXPCLIP_SHRINK_H

#include "image/image.h"

/**
 * Antialiased, as Pillow's BILINEAR, but first down and then across, each
 * rounded to 8 bits: numbers differ from Pillow's by 1 at most. Takes the
 * memory of `out` and of two rows of `image`, one of them of four bytes a
 * number.
 *
 * @param width, height  1 to those of `image`
 * @param[out] out       for expclip__image_clear(); written on success only
 */
expclip_status expclip__image_shrink(expclip__image *out,
                                     const expclip__image *image, int32_t width,
                                     int32_t height, expclip_error *err);

#endif
