/* SPDX-License-Identifier: MIT */
/*
 * exif.c - the orientation tag of a JPEG: marker APP1, "Exif", a TIFF header,
 * the entries of its first directory (EXIF 2.32, section 4.5).
 */
#include "image/exif.h"

#include <string.h>

#include "image/jpeg_walk.h"

#define ORIENTATION 0x0112
#define SHORT 3

/* Bytes with a place, and the order that the TIFF header gives. */
typedef struct tiff {
    const uint8_t *bytes;
    size_t size;
    int big_endian;
} tiff;

static uint32_t number(const tiff *t, size_t at, size_t n)
{
    uint32_t value = 0;

    for (size_t i = 0; i < n; i++)
        value = value << 8 | t->bytes[at + (t->big_endian ? i : n - 1 - i)];
    return value;
}

static int read_tiff(const uint8_t *bytes, size_t size)
{
    tiff t = { bytes, size, 0 };
    size_t directory, n;

    if (size < 8 ||
        (memcmp(bytes, "II*\0", 4) != 0 && memcmp(bytes, "MM\0*", 4) != 0))
        return 1;
    t.big_endian = bytes[0] == 'M';
    directory = number(&t, 4, 4);
    if (directory > size || size - directory < 2)
        return 1;
    n = number(&t, directory, 2);
    for (size_t i = 0; i < n; i++) {
        const size_t at = directory + 2 + 12 * i;

        if (at + 12 > size)
            return 1;
        if (number(&t, at, 2) == ORIENTATION && number(&t, at + 2, 2) == SHORT)
            return (int)number(&t, at + 8, 2);
    }
    return 1;
}

int expclip__exif_orientation(const uint8_t *bytes, size_t size)
{
    expclip__jpeg_segment s;
    size_t at = 2;
    int found = 1;

    if (size < 4 || bytes[0] != 0xff || bytes[1] != 0xd8)
        return 1;
    while (!expclip__jpeg_next(&s, bytes, size, &at, NULL) && s.marker &&
           s.marker != EXPCLIP__JPEG_EOI && s.marker != EXPCLIP__JPEG_SOS) {
        if (s.marker == EXPCLIP__JPEG_APP1 && s.size >= 6 &&
            memcmp(s.data, "Exif\0\0", 6) == 0) {
            found = read_tiff(s.data + 6, s.size - 6);
            break;
        }
    }
    return found >= 1 && found <= 8 ? found : 1;
}
