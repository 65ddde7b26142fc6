/* SPDX-License-Identifier: MIT */
/*
 * formats.c - which format is it, by the first bytes?
 */
#include "shared/formats.h"

#include <string.h>

#define JPEG EXPCLIP__FORMAT_JPEG
#define PNG EXPCLIP__FORMAT_PNG
#define BMP EXPCLIP__FORMAT_BMP
#define GIF EXPCLIP__FORMAT_GIF
#define WEBP EXPCLIP__FORMAT_WEBP
#define FOREIGN EXPCLIP__FORMAT_FOREIGN

/* Told by their first bytes; the first line that fits counts. */
static const expclip__format formats[] = {
    { 0, 3, "\xff\xd8\xff", "JPEG", JPEG },
    { 0, 16, "\x89PNG\r\n\x1a\n\0\0\0\4CgBI", "a PNG of Apple's own (CgBI)",
      FOREIGN },
    { 0, 8, "\x89PNG\r\n\x1a\n", "PNG", PNG },
    { 0, 2, "BM", "BMP", BMP },
    { 0, 6, "GIF87a", "GIF", GIF },
    { 0, 6, "GIF89a", "GIF", GIF },
    { 8, 4, "WEBP", "WebP", WEBP },
    { 4, 8, "ftypheic", "HEIC", FOREIGN },
    { 4, 8, "ftypheix", "HEIC", FOREIGN },
    { 4, 8, "ftypheim", "HEIC", FOREIGN },
    { 4, 8, "ftypheis", "HEIC", FOREIGN },
    { 4, 8, "ftyphevc", "HEIC", FOREIGN },
    { 4, 8, "ftyphevx", "HEIC", FOREIGN },
    { 4, 8, "ftypmif1", "HEIF", FOREIGN },
    { 4, 8, "ftypmsf1", "HEIF", FOREIGN },
    { 4, 8, "ftypavif", "AVIF", FOREIGN },
    { 4, 8, "ftypavis", "AVIF", FOREIGN },
    { 0, 2, "\xff\x0a", "JPEG XL", FOREIGN },
    { 0, 12, "\0\0\0\x0cJXL \r\n\x87\n", "JPEG XL", FOREIGN },
    { 0, 12, "\0\0\0\x0cjP  \r\n\x87\n", "JPEG 2000", FOREIGN },
    { 0, 4, "\xff\x4f\xff\x51", "JPEG 2000", FOREIGN },
    { 0, 4, "II*\0", "TIFF", FOREIGN },
    { 0, 4, "MM\0*", "TIFF", FOREIGN },
    { 0, 4, "II+\0", "TIFF", FOREIGN },
    { 0, 4, "MM\0+", "TIFF", FOREIGN },
    { 0, 4, "\0\0\1\0", "ICO", FOREIGN },
    { 0, 4, "8BPS", "PSD", FOREIGN },
    { 0, 10, "#?RADIANCE", "HDR", FOREIGN },
    { 0, 4, "\x53\x80\xf6\x34", "PIC", FOREIGN },
    { 0, 4, "%PDF", "PDF", FOREIGN },
    { 0, 4, "<svg", "SVG", FOREIGN },
    { 0, 5, "<?xml", "XML, perhaps SVG", FOREIGN },
    { 0, 4, "\x76\x2f\x31\x01", "OpenEXR", FOREIGN },
    { 0, 2, "P1", "PBM", FOREIGN },
    { 0, 2, "P2", "PGM", FOREIGN },
    { 0, 2, "P3", "PPM", FOREIGN },
    { 0, 2, "P4", "PBM", FOREIGN },
    { 0, 2, "P5", "PGM", FOREIGN },
    { 0, 2, "P6", "PPM", FOREIGN },
    { 4, 4, "ftyp", "a video or HEIF", FOREIGN },
};

const expclip__format *expclip__format_find(const uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
        const expclip__format *f = &formats[i];

        if (size >= f->offset + f->size &&
            memcmp(bytes + f->offset, f->magic, f->size) == 0)
            return f;
    }
    return NULL;
}

const expclip__format *expclip__format_sure(const uint8_t *bytes, size_t size)
{
    const expclip__format *f = expclip__format_find(bytes, size);

    /* A text has no NUL byte, and the pixels of a BMP begin before the 16
     * millionth. */
    return f && f->size == 2 && (size < 14 || bytes[13] != 0) ? NULL : f;
}
