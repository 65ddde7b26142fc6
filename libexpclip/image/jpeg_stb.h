/* SPDX-License-Identifier: MIT */
/*
 * jpeg_stb.h - JPEG through stb_image, where the build has no libjpeg-turbo.
 */
#ifndef EXPCLIP_JPEG_STB_H
#define EXPCLIP_JPEG_STB_H

#include "image/encoded.h"
#include "image/jpeg.h"

/**
 * Decode a file that expclip__jpeg_check() has let pass; `jpeg` is what it
 * found.
 *
 * @return EXPCLIP_OK or EXPCLIP_ERROR_{TRUNCATED, FORMAT, UNSUPPORTED, LIMIT,
 *         MEMORY}
 */
expclip_status expclip__jpeg_stb(expclip__image *out, const expclip__jpeg *jpeg,
                                 const expclip__encoded *in,
                                 expclip_error *err);

#endif
