/* SPDX-License-Identifier: MIT */
/*
 * encoded.h - what every format's decoder gets, and what it keeps to.
 *
 * A decoder reads width and height, has expclip__image_create() judge them
 * before it allocates anything that grows with them, and looks at `cancel`
 * inside its longest loop.
 */
#ifndef EXPCLIP_ENCODED_H
#define EXPCLIP_ENCODED_H

#include "image/image.h"

/** A file in memory, and how the caller wants it. */
typedef struct expclip__encoded {
    const uint8_t *bytes;
    size_t size;
    const expclip_image_options *options;
    const expclip_cancel *cancel; /* or NULL */
    int32_t least_side;  /* as expclip__image_decode_reduced() has it */
    expclip__size *full; /* what a decoder writes that made it smaller */
} expclip__encoded;

/** @return EXPCLIP_OK, or LIMIT when the options allow no image so large */
expclip_status expclip__image_check_size(int64_t width, int64_t height,
                                         const expclip_image_options *options,
                                         expclip_error *err);
/** An image of that size, black; the size is checked. */
expclip_status expclip__image_create(expclip__image *out, int64_t width,
                                     int64_t height,
                                     const expclip_image_options *options,
                                     expclip_error *err);

/** Writes *out on success only. */
typedef expclip_status expclip__decoder_of(expclip__image *out,
                                           const expclip__encoded *in,
                                           expclip_error *err);

expclip__decoder_of expclip__decode_jpeg;
expclip__decoder_of expclip__decode_png;
expclip__decoder_of expclip__decode_bmp;
expclip__decoder_of expclip__decode_gif;
expclip__decoder_of expclip__decode_webp;

/** Has the build libwebp? Without it expclip__decode_webp() is UNSUPPORTED. */
extern const int expclip__has_webp;

#endif
