/* SPDX-License-Identifier: MIT */
/*
 * jpeg.h - may stb_image have this JPEG?
 */
#ifndef EXPCLIP_JPEG_H
#define EXPCLIP_JPEG_H

#include <expclip.h>

/**
 * Check the segments of a file that begins as a JPEG does: their bounds, the
 * kind of coding, the number of colours, the Huffman tables.
 *
 * @return EXPCLIP_OK or EXPCLIP_ERROR_{TRUNCATED, FORMAT, UNSUPPORTED}
 */
expclip_status expclip__jpeg_check(const uint8_t *bytes, size_t size,
                                   int allow_truncated, expclip_error *err);

#endif
