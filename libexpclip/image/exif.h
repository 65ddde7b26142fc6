/* SPDX-License-Identifier: MIT */
/*
 * exif.h - which way up was the camera?
 */
#ifndef EXPCLIP_EXIF_H
#define EXPCLIP_EXIF_H

#include <stddef.h>
#include <stdint.h>

/** Orientation 1..8 of a JPEG file; 1 when it says nothing or is damaged. */
int expclip__exif_orientation(const uint8_t *bytes, size_t size);

#endif
