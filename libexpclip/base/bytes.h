/* SPDX-License-Identifier: MIT */
/*
 * bytes.h - numbers in files, byte by byte.
 */
#ifndef EXPCLIP_BASE_BYTES_H
#define EXPCLIP_BASE_BYTES_H

#include <stddef.h>
#include <stdint.h>

/** The number of n <= 8 bytes. */
uint64_t expclip__big_endian(const uint8_t *bytes, size_t n);
uint64_t expclip__little_endian(const uint8_t *bytes, size_t n);

#endif
