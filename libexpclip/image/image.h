/* SPDX-License-Identifier: MIT */
/*
 * image.h - images as 8-bit RGB, from files' bytes or raw pixels.
 *
 * decode.c knows the formats; each has a file of its own (encoded.h), which
 * judges the size and what the file holds before it takes memory for pixels.
 */
#ifndef EXPCLIP_IMAGE_H
#define EXPCLIP_IMAGE_H

#include <expclip.h>

/** Rows from the top, no padding: rgb[(y * width + x) * 3 + channel]. */
typedef struct expclip__image {
    int32_t width;
    int32_t height;
    uint8_t *rgb; /* for expclip__image_clear() */
} expclip__image;

void expclip__image_clear(expclip__image *image);

/** As expclip_image_probe(). */
int expclip__image_probe(const uint8_t *bytes, size_t size);
/** Decode, turn by EXIF and cut the box as the options say; `cancel`, or NULL,
 * is looked at inside. */
expclip_status expclip__image_decode(expclip__image *out, const uint8_t *bytes,
                                     size_t size,
                                     const expclip_image_options *options,
                                     const expclip_cancel *cancel,
                                     expclip_error *err);
/** Convert raw pixels (EXPCLIP_PIXELS_...) and cut the box. */
expclip_status expclip__image_from_pixels(
    expclip__image *out, const uint8_t *pixels, size_t pixels_size,
    int32_t width, int32_t height, int64_t stride, int32_t layout,
    const expclip_image_options *options, expclip_error *err);
/** Read an image file of at most 64 MB; *bytes is for expclip__free(). */
expclip_status expclip__image_read(uint8_t **bytes, size_t *size,
                                   const char *path, expclip_error *err);
/** Read such a file and decode it. */
expclip_status expclip__image_load(expclip__image *out, const char *path,
                                   const expclip_image_options *options,
                                   const expclip_cancel *cancel,
                                   expclip_error *err);

#endif
