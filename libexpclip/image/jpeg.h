/* SPDX-License-Identifier: MIT */
/*
 * jpeg.h - may a decoder have this JPEG, and what will it cost?
 */
#ifndef EXPCLIP_JPEG_H
#define EXPCLIP_JPEG_H

#include "image/jpeg_walk.h"

/**
 * Check the segments of a file that begins as a JPEG does: their bounds, the
 * kind of coding, the number of colours, the tables, a scan for each colour.
 * Sizes are told, not judged.
 *
 * @return EXPCLIP_OK or EXPCLIP_ERROR_{TRUNCATED, FORMAT, UNSUPPORTED}
 */
expclip_status expclip__jpeg_check(expclip__jpeg *out, const uint8_t *bytes,
                                   size_t size, int allow_truncated,
                                   expclip_error *err);

/**
 * Refuse bytes too few for the pixels, and what costs more than both are worth:
 * `work` above 16 times their sum, or memory above twice the largest image
 * allowed.
 *
 * @return EXPCLIP_OK or EXPCLIP_ERROR_{TRUNCATED, LIMIT}
 */
expclip_status expclip__jpeg_check_cost(const expclip__jpeg *jpeg, size_t size,
                                        int64_t max_pixels, int allow_truncated,
                                        expclip_error *err);

#endif
