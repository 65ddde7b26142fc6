/* SPDX-License-Identifier: MIT */
/*
 * decode.c - which format is it, and who decodes it?
 *
 * Each format has its own file. Colours become those of Pillow's
 * convert("RGB"): alpha is dropped, palettes are looked up, of 16 bits the high
 * 8 are kept, and grey of 16 bits is cut off at 255.
 */
#include <stdint.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/foreign.h"
#include "base/io.h"
#include "image/encoded.h"
#include "image/exif.h"
#include "image/pixels.h"

#define MAX_FILE (64u << 20) /* bytes */

typedef struct format {
    size_t offset;
    size_t size;
    const char *magic;
    const char *name;              /* what a message says */
    expclip__decoder_of *decode;   /* NULL: named, and refused */
    expclip__orientation_of *turn; /* NULL: it has no EXIF */
} format;

#define JPEG expclip__decode_jpeg, expclip__jpeg_orientation
#define PNG expclip__decode_png, expclip__png_orientation
#define BMP expclip__decode_bmp, NULL
#define GIF expclip__decode_gif, NULL
#define WEBP expclip__decode_webp, expclip__webp_orientation
#define FOREIGN NULL, NULL

/* Told by their first bytes; the first line that fits counts. */
static const format formats[] = {
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

/* NULL when none fits. */
static const format *find_format(const uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
        const format *f = &formats[i];

        if (size >= f->offset + f->size &&
            memcmp(bytes + f->offset, f->magic, f->size) == 0)
            return f;
    }
    return NULL;
}

static int is_readable(const format *f)
{
    return f->decode &&
           (f->decode != expclip__decode_webp || expclip__has_webp);
}

/* Why a file is not taken. */
static expclip_status refuse(const format *f, const uint8_t *bytes, size_t size,
                             expclip_error *err)
{
    const char *expected = expclip__has_webp ? "JPEG, PNG, BMP, GIF or WebP"
                                             : "JPEG, PNG, BMP or GIF";
    const expclip__foreign *foreign;

    if (f)
        return expclip__fail(err, EXPCLIP_ERROR_UNSUPPORTED,
                             "picture: %s, expected %s; convert it to JPEG or "
                             "PNG",
                             f->name, expected);
    foreign = expclip__foreign_find(bytes, size);
    if (foreign)
        return expclip__fail(
            err, size < 16 ? EXPCLIP_ERROR_FORMAT : EXPCLIP_ERROR_UNSUPPORTED,
            "picture: %s, expected %s; %s", foreign->name, expected,
            foreign->cure);
    return expclip__fail(
        err, size < 16 ? EXPCLIP_ERROR_FORMAT : EXPCLIP_ERROR_UNSUPPORTED,
        "picture: %zu bytes of no known format, expected %s; convert it to "
        "JPEG or PNG",
        size, expected);
}

int expclip__image_probe(const uint8_t *bytes, size_t size)
{
    const format *f = find_format(bytes, size);

    /* Two letters begin many a text; a text has no NUL byte, and the pixels of
     * a BMP begin before the 16 millionth. */
    if (!f || (f->size == 2 && (size < 14 || bytes[13] != 0)))
        return 0;
    return is_readable(f) ? 1 : -1;
}

expclip_status expclip__image_decode(expclip__image *out, const uint8_t *bytes,
                                     size_t size,
                                     const expclip_image_options *options,
                                     const expclip_cancel *cancel,
                                     expclip_error *err)
{
    const expclip__encoded in = { bytes, size, options, cancel };
    const format *f = find_format(bytes, size);
    expclip__image image = { 0 };
    expclip_status status;

    if (size > MAX_FILE)
        return expclip__fail(err, EXPCLIP_ERROR_LIMIT,
                             "picture: %zu bytes, expected at most %u", size,
                             MAX_FILE);
    if (!f || !is_readable(f))
        return refuse(f, bytes, size, err);
    status = f->decode(&image, &in, err);
    if (!status && options->exif && f->turn)
        status = expclip__image_turn(&image, f->turn(bytes, size), err);
    if (!status)
        status = expclip__image_cut(&image, options, err);
    if (status)
        expclip__image_clear(&image);
    else
        *out = image;
    return status;
}

expclip_status expclip__image_load(expclip__image *out, const char *path,
                                   const expclip_image_options *options,
                                   const expclip_cancel *cancel,
                                   expclip_error *err)
{
    uint8_t *bytes = NULL;
    size_t size;
    expclip_error why;
    expclip_status status =
        expclip__read_file(&bytes, &size, path, MAX_FILE, err);

    if (status)
        return status;
    status = expclip__image_decode(out, bytes, size, options, cancel, &why);
    if (status)
        status = expclip__fail(err, status, "%s: %s", path, why.message);
    expclip__free(bytes);
    return status;
}
