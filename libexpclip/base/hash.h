/* SPDX-License-Identifier: MIT */
/*
 * hash.h - a fast 64-bit fingerprint of what was loaded. Not cryptographic.
 */
#ifndef EXPCLIP_BASE_HASH_H
#define EXPCLIP_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

#define EXPCLIP__HASH_START UINT64_C(0x9e3779b97f4a7c15)

/** Continue a hash over `size` bytes. Depends on how the bytes are cut. */
uint64_t expclip__hash(uint64_t hash, const void *data, size_t size);
/** 16 hexadecimal digits and a NUL. */
void expclip__hash_text(char out[17], uint64_t hash);

#endif
