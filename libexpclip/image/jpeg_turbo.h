/* SPDX-License-Identifier: MIT */
/*
 * jpeg_turbo.h - JPEG through libjpeg-turbo, where the build has it.
 */
#ifndef EXPCLIP_JPEG_TURBO_H
#define EXPCLIP_JPEG_TURBO_H

#include "image/encoded.h"
#include "image/jpeg_walk.h"

/** Does the build have it, and with arithmetic coding? */
extern const int expclip__has_jpeg_turbo;
extern const int expclip__has_jpeg_arithmetic;

/**
 * Decode a file that expclip__jpeg_check() has let pass; `jpeg` is what it
 * found. With allow_truncated what is missing is grey. It may come out smaller
 * (in->least_side); then the whole size is in *in->full.
 *
 * @return EXPCLIP_OK or EXPCLIP_ERROR_{TRUNCATED, FORMAT, LIMIT, MEMORY,
 *         CANCELLED};
 *         UNSUPPORTED when the build has no libjpeg-turbo
 */
expclip_status expclip__jpeg_turbo(expclip__image *out,
                                   const expclip__jpeg *jpeg,
                                   const expclip__encoded *in,
                                   expclip_error *err);

#endif
