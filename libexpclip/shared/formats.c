/* SPDX-License-Identifier: MIT */
/*
 * formats.c - which image format is it, by the first bytes or by the name?
 */
#define _GNU_SOURCE /* O_CLOEXEC */
#include "shared/formats.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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

size_t expclip__format_bytes(uint8_t out[EXPCLIP__FORMAT_BYTES],
                             const char *path)
{
    struct stat s;
    ssize_t n;
    int fd;

    /* A FIFO would be waited for. */
    if (stat(path, &s) != 0 || !S_ISREG(s.st_mode) ||
        (fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)) < 0)
        return 0;
    n = read(fd, out, EXPCLIP__FORMAT_BYTES);
    close(fd);
    return n > 0 ? (size_t)n : 0;
}

/* ASCII only: no locale. */
int expclip__ends_in(const char *name, const char *ending)
{
    const size_t size = strlen(name), n = strlen(ending);

    for (size_t i = 0; i < n; i++) {
        char c = size > n ? name[size - n + i] : '\0';

        if (c >= 'A' && c <= 'Z')
            c = (char)(c - 'A' + 'a');
        if (c != ending[i])
            return 0;
    }
    return 1;
}

expclip__image_name expclip__image_name_of(const char *name)
{
    static const struct {
        const char *ending;
        expclip__image_name is;
    } endings[] = {
        { ".jpg", EXPCLIP__NAME_CERTAINLY },
        { ".jpeg", EXPCLIP__NAME_CERTAINLY },
        { ".jpe", EXPCLIP__NAME_CERTAINLY },
        { ".jfif", EXPCLIP__NAME_CERTAINLY },
        { ".png", EXPCLIP__NAME_CERTAINLY },
        { ".bmp", EXPCLIP__NAME_CERTAINLY },
        { ".gif", EXPCLIP__NAME_PERHAPS },
        { ".webp", EXPCLIP__NAME_PERHAPS },
        { ".tif", EXPCLIP__NAME_FOREIGN },
        { ".tiff", EXPCLIP__NAME_FOREIGN },
        { ".heic", EXPCLIP__NAME_FOREIGN },
        { ".avif", EXPCLIP__NAME_FOREIGN },
    };

    for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++)
        if (expclip__ends_in(name, endings[i].ending))
            return endings[i].is;
    return EXPCLIP__NAME_OTHER;
}

int expclip__is_image_name(const char *name)
{
    return expclip__image_name_of(name) == EXPCLIP__NAME_CERTAINLY;
}

int expclip__is_frame_name(const char *name)
{
    return expclip__image_name_of(name) >= EXPCLIP__NAME_PERHAPS;
}
