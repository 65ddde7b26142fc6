/* SPDX-License-Identifier: MIT */
/*
 * hash.c - a fast 64-bit fingerprint of what was loaded.
 *
 * Multiply and fold, eight bytes per step (the constants are those of wyhash):
 * 150 million weights take about a tenth of a second.
 */
#include "base/hash.h"

#include <string.h>

static uint64_t mix(uint64_t a, uint64_t b)
{
    __extension__ typedef unsigned __int128 u128;
    u128 product = (u128)a * b;

    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

uint64_t expclip__hash(uint64_t hash, const void *data, size_t size)
{
    const unsigned char *p = data;
    uint64_t word;

    hash ^= mix(size ^ UINT64_C(0xa0761d6478bd642f), hash);
    for (; size >= 8; p += 8, size -= 8) {
        memcpy(&word, p, 8);
        hash = mix(hash ^ word, UINT64_C(0xe7037ed1a0b428db));
    }
    word = 0;
    memcpy(&word, p, size);
    return mix(hash ^ word, UINT64_C(0x8ebc6af09c88c6e3));
}

void expclip__hash_text(char out[17], uint64_t hash)
{
    for (int i = 0; i < 16; i++)
        out[i] = "0123456789abcdef"[(hash >> (60 - 4 * i)) & 15];
    out[16] = '\0';
}
