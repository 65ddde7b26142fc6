/* SPDX-License-Identifier: MIT */
/*
 * png.h - is a PNG file whole?
 */
#ifndef EXPCLIP_PNG_H
#define EXPCLIP_PNG_H

#include <expclip.h>

/**
 * Check the chunks (bounds, order, checksums) and the compressed data (all
 * there, its checksum) of a file that begins as a PNG does.
 *
 * @return EXPCLIP_OK or EXPCLIP_ERROR_{TRUNCATED, FORMAT, UNSUPPORTED, LIMIT,
 *         MEMORY}
 */
expclip_status expclip__png_check(const uint8_t *bytes, size_t size,
                                  int32_t width, int32_t height,
                                  expclip_error *err);

/**
 * The same picture with a palette of 256 colours, black after its own, when it
 * has a shorter one; else *out is as before.
 *
 * @param bytes     a file that expclip__png_check() accepted
 * @param[out] out  for expclip__free()
 * @return EXPCLIP_OK or EXPCLIP_ERROR_MEMORY
 */
expclip_status expclip__png_fill_palette(uint8_t **out, size_t *out_size,
                                         const uint8_t *bytes, size_t size,
                                         expclip_error *err);

#endif
