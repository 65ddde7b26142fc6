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

typedef struct expclip__size {
    int32_t width;
    int32_t height;
} expclip__size;

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

/* ---- no larger than needed ---- */

/**
 * As expclip__image_decode(), but a JPEG may come out at 1/2, 1/4 or 1/8 of its
 * size, which takes a fraction of time and memory: as long as the longer side
 * of what is returned stays at least `least_side`. Builds without libjpeg-turbo
 * and other formats give the whole size.
 *
 * The options' box is in pixels of the whole image, as ever. It is what is
 * returned, so `least_side` is then the box's, counted as if all of it lay in
 * the image; all pixels that it touches are kept.
 *
 * @param least_side  0: never smaller
 * @param[out] full   size of the whole image, after any EXIF rotation and
 *                    before the box is cut; NULL allowed. Without a box,
 *                    full->width / out->width is how much smaller `out` is
 */
expclip_status expclip__image_decode_reduced(
    expclip__image *out, expclip__size *full, const uint8_t *bytes, size_t size,
    const expclip_image_options *options, int32_t least_side,
    const expclip_cancel *cancel, expclip_error *err);
/** The same of a file, as expclip__image_load(). */
expclip_status expclip__image_load_reduced(
    expclip__image *out, expclip__size *full, const char *path,
    const expclip_image_options *options, int32_t least_side,
    const expclip_cancel *cancel, expclip_error *err);

#endif
