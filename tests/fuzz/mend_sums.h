/* SPDX-License-Identifier: MIT */
/*
 * mend_sums.h - libFuzzer's mutations with the checksums made right after them,
 * so that they reach what a wrong checksum keeps away.
 *
 * One input in eight keeps its wrong ones. A replay has no mutations.
 */
#ifndef EXPCLIP_FUZZ_MEND_SUMS_H
#define EXPCLIP_FUZZ_MEND_SUMS_H

#include <stdint.h>
#include <string.h>
#include <zlib.h>

/* Of libFuzzer; weak, because a replay is linked without it. */
__attribute__((weak)) size_t LLVMFuzzerMutate(uint8_t *data, size_t size,
                                              size_t max_size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size,
                               unsigned seed);

/* Mend in place. */
typedef void mend_function(uint8_t *data, size_t size);

static inline size_t mend_mutate(uint8_t *data, size_t size, size_t max_size,
                                 unsigned seed, mend_function *mend)
{
    size = LLVMFuzzerMutate(data, size, max_size);
    if (seed % 8)
        mend(data, size);
    return size;
}

static inline uint32_t mend_read(const uint8_t *p, int n)
{
    uint32_t value = 0;

    for (int i = 0; i < n; i++)
        value |= (uint32_t)p[i] << (8 * i);
    return value;
}

/* Write the CRC of an entry that is stored to both of its headers. */
static inline void mend_entry(uint8_t *data, size_t size, uint8_t *central)
{
    const size_t at = mend_read(central + 42, 4),
                 n = mend_read(central + 20, 4);
    size_t start;
    uint32_t crc;

    if (size < 30 || at > size - 30 || mend_read(central + 10, 2) != 0)
        return;
    start =
        at + 30 + mend_read(data + at + 26, 2) + mend_read(data + at + 28, 2);
    if (start > size || n > size - start)
        return;
    crc = (uint32_t)crc32_z(0, data + start, n);
    for (int i = 0; i < 4; i++)
        central[16 + i] = data[at + 14 + (size_t)i] = (uint8_t)(crc >> (8 * i));
}

/** The CRCs of a zip file's entries, found by their directory. */
static inline void mend_zip(uint8_t *data, size_t size)
{
    for (size_t i = 0; i + 46 <= size; i++)
        if (memcmp(data + i, "PK\1\2", 4) == 0)
            mend_entry(data, size, data + i);
}

/** The CRCs of a PNG file's chunks. */
static inline void mend_png(uint8_t *data, size_t size)
{
    size_t at = 8, n;
    uint32_t crc;

    if (size < 8 || memcmp(data, "\x89PNG", 4) != 0)
        return;
    while (size - at >= 12) {
        n = (size_t)data[at] << 24 | (size_t)data[at + 1] << 16 |
            (size_t)data[at + 2] << 8 | data[at + 3];
        if (n > size - at - 12)
            return;
        crc = (uint32_t)crc32_z(0, data + at + 4, n + 4);
        for (int i = 0; i < 4; i++)
            data[at + 8 + n + (size_t)i] = (uint8_t)(crc >> (24 - 8 * i));
        at += n + 12;
    }
}

#endif
