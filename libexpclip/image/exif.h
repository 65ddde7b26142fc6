/* SPDX-License-Identifier: MIT */
/*
 * exif.h - which way up was the camera?
 */
#ifndef EXPCLIP_EXIF_H
#define EXPCLIP_EXIF_H

#include <stddef.h>
#include <stdint.h>

/**
 * Orientation 1..8 of a file of that format, as Pillow's exif_transpose() finds
 * it: EXIF's, or else XMP's; 1 when it says nothing or is damaged.
 */
typedef int expclip__orientation_of(const uint8_t *bytes, size_t size);

expclip__orientation_of expclip__jpeg_orientation;
expclip__orientation_of expclip__png_orientation;
expclip__orientation_of expclip__webp_orientation;

#endif
