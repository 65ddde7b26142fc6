/* SPDX-License-Identifier: MIT */
/*
 * bytes.c - numbers in files, byte by byte.
 */
#include "base/bytes.h"

uint64_t expclip__big_endian(const uint8_t *bytes, size_t n)
{
    uint64_t value = 0;

    for (size_t i = 0; i < n; i++)
        value = value << 8 | bytes[i];
    return value;
}

uint64_t expclip__little_endian(const uint8_t *bytes, size_t n)
{
    uint64_t value = 0;

    while (n-- > 0)
        value = value << 8 | bytes[n];
    return value;
}
