/* SPDX-License-Identifier: MIT */
/*
 * exif.c - the orientation that stands beside the pixels (EXIF 2.32, section
 * 4.5): a TIFF header and the entries of its first directory. A JPEG has it in
 * APP1, a PNG in the chunk eXIf, a WebP in EXIF. Without it XMP's tag counts,
 * as for Pillow.
 */
#include "image/exif.h"

#include <string.h>

#include "base/bytes.h"
#include "image/jpeg_walk.h"

#define ORIENTATION 0x0112
#define XMP_NAME "http://ns.adobe.com/xap/1.0/"

/* A part of the file; NULL when it is not there. */
typedef struct part {
    const uint8_t *bytes;
    size_t size;
} part;

/* ---- EXIF ---- */

typedef struct tiff {
    part all;
    int big_endian;
} tiff;

/* The number types of TIFF 6.0: their bytes. */
static const uint8_t type_sizes[] = {
    [3] = 2, [4] = 4, [6] = 1, [8] = 2, [9] = 4, [13] = 4,
};

static uint32_t number(const tiff *t, size_t at, size_t n)
{
    uint32_t value = 0;

    for (size_t i = 0; i < n; i++)
        value = value << 8 | t->all.bytes[at + (t->big_endian ? i : n - 1 - i)];
    return value;
}

/* The first value of the entry at `at`; 0 when it has none. */
static uint32_t first_value(const tiff *t, size_t at)
{
    const uint32_t type = number(t, at + 2, 2), n = number(t, at + 4, 4);
    const uint64_t size =
        type < sizeof(type_sizes) ? (uint64_t)type_sizes[type] * n : 0;
    uint64_t from = at + 8;

    if (size > 4)
        from = number(t, at + 8, 4);
    if (size == 0 || from > t->all.size || size > t->all.size - from)
        return 0;
    return number(t, (size_t)from, type_sizes[type]);
}

/* 0 when it says nothing. Of several entries the last counts. */
static uint32_t read_tiff(part exif)
{
    tiff t = { exif, 0 };
    uint32_t found = 0;
    size_t directory, n;

    for (int i = 0; i < 2; i++)
        if (t.all.size >= 6 && memcmp(t.all.bytes, "Exif\0\0", 6) == 0) {
            t.all.bytes += 6;
            t.all.size -= 6;
        }
    if (t.all.size < 8 || (memcmp(t.all.bytes, "II*\0", 4) != 0 &&
                           memcmp(t.all.bytes, "MM\0*", 4) != 0))
        return 0;
    t.big_endian = t.all.bytes[0] == 'M';
    directory = number(&t, 4, 4);
    if (directory > t.all.size || t.all.size - directory < 2)
        return 0;
    n = number(&t, directory, 2);
    for (size_t i = 0; i < n; i++) {
        const size_t at = directory + 2 + 12 * i;

        if (at + 12 > t.all.size)
            break;
        if (number(&t, at, 2) == ORIENTATION && first_value(&t, at))
            found = first_value(&t, at);
    }
    return found;
}

/* ---- XMP ---- */

/* tiff:Orientation="6" or <tiff:Orientation>6<; 0 when there is none. */
static uint32_t read_xmp(part xmp)
{
    static const char name[] = "tiff:Orientation";
    const size_t n = sizeof(name) - 1;

    for (size_t i = 0; xmp.size >= n + 3 && i <= xmp.size - n - 3; i++) {
        const uint8_t *p = xmp.bytes + i;

        if (*p != 't' || memcmp(p, name, n) != 0)
            continue;
        p += n;
        if (*p == '>' && p[1] >= '0' && p[1] <= '9')
            return p[1] - (uint32_t)'0';
        if (*p == '=' && p[1] == '"' && p[2] >= '0' && p[2] <= '9')
            return p[2] - (uint32_t)'0';
    }
    return 0;
}

static int orientation(part exif, part xmp)
{
    uint32_t found = exif.bytes ? read_tiff(exif) : 0;

    if (!found && xmp.bytes)
        found = read_xmp(xmp);
    return found >= 1 && found <= 8 ? (int)found : 1;
}

/* ---- where they are ---- */

static int begins(part p, const char *with, size_t size)
{
    return p.size >= size && memcmp(p.bytes, with, size) == 0;
}

int expclip__jpeg_orientation(const uint8_t *bytes, size_t size)
{
    part exif = { 0 }, xmp = { 0 };
    expclip__jpeg_segment s;
    size_t at = 2;

    if (size < 4 || bytes[0] != 0xff || bytes[1] != 0xd8)
        return 1;
    while (!expclip__jpeg_next(&s, bytes, size, &at, NULL) && s.marker &&
           s.marker != EXPCLIP__JPEG_EOI && s.marker != EXPCLIP__JPEG_SOS) {
        const part found = { s.data, s.size };

        if (s.marker != EXPCLIP__JPEG_APP1)
            continue;
        if (!exif.bytes && begins(found, "Exif\0\0", 6))
            exif = found;
        if (begins(found, XMP_NAME, sizeof(XMP_NAME)))
            xmp = found;
    }
    return orientation(exif, xmp);
}

/* Anywhere among the chunks; the last counts. */
int expclip__png_orientation(const uint8_t *bytes, size_t size)
{
    static const char xmp_name[] = "XML:com.adobe.xmp\0"; /* not compressed */
    part exif = { 0 }, xmp = { 0 };
    size_t at = 8;

    while (at < size && size - at >= 12) {
        const size_t n = expclip__big_endian(bytes + at, 4);
        const part found = { bytes + at + 8, n };

        if (n > size - at - 12 || memcmp(bytes + at + 4, "IEND", 4) == 0)
            break;
        if (memcmp(bytes + at + 4, "eXIf", 4) == 0)
            exif = found;
        if (memcmp(bytes + at + 4, "iTXt", 4) == 0 &&
            begins(found, xmp_name, sizeof(xmp_name)))
            xmp = found;
        at += 12 + n;
    }
    return orientation(exif, xmp);
}

/* Chunks of an extended file, each filled up to an even number of bytes. */
int expclip__webp_orientation(const uint8_t *bytes, size_t size)
{
    part exif = { 0 }, xmp = { 0 };
    size_t at = 12;

    if (size < 16 || memcmp(bytes + 12, "VP8X", 4) != 0)
        return 1;
    while (at < size && size - at >= 8) {
        const uint8_t *p = bytes + at;
        const size_t n = expclip__little_endian(p + 4, 4);
        const part found = { p + 8, n };

        if (n > size - at - 8)
            break;
        if (!exif.bytes && memcmp(p, "EXIF", 4) == 0)
            exif = found;
        if (!xmp.bytes && memcmp(p, "XMP ", 4) == 0)
            xmp = found;
        at += 8 + n;
        at += n % 2 && at < size;
    }
    return orientation(exif, xmp);
}
