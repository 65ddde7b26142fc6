/* SPDX-License-Identifier: MIT */
/*
 * zip_maker.h - zip files made to order, with defects where a test wants them.
 */
#ifndef EXPCLIP_TEST_ZIP_MAKER_H
#define EXPCLIP_TEST_ZIP_MAKER_H

#include "unit/scratch.h"

#include <zlib.h>

#include "base/text.h"

#define ZIP_MOST 8

typedef struct zip_maker {
    expclip__buffer b;
    struct {
        const char *name;
        size_t header; /* where the local header is */
        size_t size;
        uint32_t crc;
    } entries[ZIP_MOST];
    size_t n;
    size_t directory; /* where it begins */
    size_t end;       /* where the end record begins */
    int wide;         /* sizes and places in zip64 fields */
} zip_maker;

static inline void zip_number(zip_maker *z, uint64_t value, size_t n)
{
    uint8_t raw[8];

    for (size_t i = 0; i < n; i++)
        raw[i] = (uint8_t)(value >> (8 * i));
    expclip__buffer_add(&z->b, raw, n);
}

/* The fields that local and central headers share. */
static inline void zip_fields(zip_maker *z, size_t i, size_t extra)
{
    const uint64_t size = z->wide ? UINT32_MAX : z->entries[i].size;

    zip_number(z, 0, 8); /* flags, method, time, date */
    zip_number(z, z->entries[i].crc, 4);
    zip_number(z, size, 4);
    zip_number(z, size, 4);
    zip_number(z, strlen(z->entries[i].name), 2);
    zip_number(z, z->wide ? extra : 0, 2);
}

/* A field that means nothing, then zip64's: two or three values. */
static inline void zip_wide_fields(zip_maker *z, size_t i, int with_place)
{
    if (!z->wide)
        return;
    expclip__buffer_add(&z->b, "FB\2\0ZZ\1\0", 8);
    zip_number(z, with_place ? 24 : 16, 2);
    zip_number(z, z->entries[i].size, 8);
    zip_number(z, z->entries[i].size, 8);
    if (with_place)
        zip_number(z, z->entries[i].header, 8);
}

static inline void zip_add(zip_maker *z, const char *name, const void *bytes,
                           size_t size)
{
    const size_t i = z->n++;

    assert_true(i < ZIP_MOST);
    z->entries[i].name = name;
    z->entries[i].header = z->b.size;
    z->entries[i].size = size;
    z->entries[i].crc = (uint32_t)crc32_z(0, bytes, size);
    expclip__buffer_add(&z->b, "PK\3\4\24\0", 6);
    zip_fields(z, i, 26);
    expclip__buffer_add_string(&z->b, name);
    zip_wide_fields(z, i, 0);
    expclip__buffer_add(&z->b, bytes, size);
}

static inline void zip_finish(zip_maker *z)
{
    z->directory = z->b.size;
    for (size_t i = 0; i < z->n; i++) {
        expclip__buffer_add(&z->b, "PK\1\2\24\0\24\0", 8);
        zip_fields(z, i, 34);
        zip_number(z, 0, 8); /* comment, disk, attributes */
        zip_number(z, 0, 2);
        zip_number(z, z->wide ? UINT32_MAX : z->entries[i].header, 4);
        expclip__buffer_add_string(&z->b, z->entries[i].name);
        zip_wide_fields(z, i, 1);
    }
    z->end = z->b.size;
    expclip__buffer_add(&z->b, "PK\5\6\0\0\0\0", 8);
    zip_number(z, z->n, 2);
    zip_number(z, z->n, 2);
    zip_number(z, z->end - z->directory, 4);
    zip_number(z, z->directory, 4);
    zip_number(z, 0, 2);
    assert_false(z->b.failed);
}

/** Where entry `i` stands in the directory. */
static inline size_t zip_central(const zip_maker *z, size_t i)
{
    size_t at = z->directory;

    for (size_t k = 0; k < i; k++)
        at += 46 + strlen(z->entries[k].name) + (z->wide ? 34 : 0);
    return at;
}

#endif
