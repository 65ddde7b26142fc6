/* SPDX-License-Identifier: MIT */
/*
 * decode.c - who decodes it?
 *
 * formats.c knows the format, and each has its own file. Colours become those
 * of Pillow's convert("RGB"): alpha is dropped, palettes are looked up, of 16
 * bits the high 8 are kept, and grey of 16 bits is cut off at 255.
 */
#include <stdint.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/foreign.h"
#include "base/io.h"
#include "image/encoded.h"
#include "image/exif.h"
#include "shared/formats.h"
#include "image/pixels.h"

#define MAX_FILE (64u << 20) /* bytes */

/* Who decodes each; EXIF's orientation is NULL where a format has none. */
static const struct {
    expclip__decoder_of *decode;
    expclip__orientation_of *turn;
} decoders[EXPCLIP__N_FORMATS] = {
    [EXPCLIP__FORMAT_JPEG] = { expclip__decode_jpeg,
                               expclip__jpeg_orientation },
    [EXPCLIP__FORMAT_PNG] = { expclip__decode_png, expclip__png_orientation },
    [EXPCLIP__FORMAT_BMP] = { expclip__decode_bmp, NULL },
    [EXPCLIP__FORMAT_GIF] = { expclip__decode_gif, NULL },
    [EXPCLIP__FORMAT_WEBP] = { expclip__decode_webp,
                               expclip__webp_orientation },
};

static int is_readable(const expclip__format *f)
{
    return f->kind != EXPCLIP__FORMAT_FOREIGN &&
           (f->kind != EXPCLIP__FORMAT_WEBP || expclip__has_webp);
}

/* Why a file is not taken. */
static expclip_status refuse(const expclip__format *f, const uint8_t *bytes,
                             size_t size, expclip_error *err)
{
    const char *expected = expclip__has_webp ? "JPEG, PNG, BMP, GIF or WebP"
                                             : "JPEG, PNG, BMP or GIF";
    const expclip__foreign *foreign;

    if (f)
        return expclip__fail(err, EXPCLIP_ERROR_UNSUPPORTED,
                             "image: %s, expected %s; convert it to JPEG or "
                             "PNG",
                             f->name, expected);
    foreign = expclip__foreign_find(bytes, size);
    if (foreign)
        return expclip__fail(
            err, size < 16 ? EXPCLIP_ERROR_FORMAT : EXPCLIP_ERROR_UNSUPPORTED,
            "image: %s, expected %s; %s", foreign->name, expected,
            foreign->cure);
    return expclip__fail(
        err, size < 16 ? EXPCLIP_ERROR_FORMAT : EXPCLIP_ERROR_UNSUPPORTED,
        "image: %zu bytes of no known format, expected %s; convert it to "
        "JPEG or PNG",
        size, expected);
}

int expclip__image_probe(const uint8_t *bytes, size_t size)
{
    const expclip__format *f = expclip__format_sure(bytes, size);

    if (!f)
        return 0;
    return is_readable(f) ? 1 : -1;
}

static void swap_sides(expclip__size *size)
{
    *size = (expclip__size){ size->height, size->width };
}

expclip_status expclip__image_decode_reduced(
    expclip__image *out, expclip__size *full, const uint8_t *bytes, size_t size,
    const expclip_image_options *options, int32_t least_side,
    const expclip_cancel *cancel, expclip_error *err)
{
    expclip__size whole = { 0, 0 };
    const expclip__encoded in = { bytes,  size,       options,
                                  cancel, least_side, &whole };
    const expclip__format *f = expclip__format_find(bytes, size);
    expclip__image image = { 0 };
    expclip_status status;
    int turn = 1;

    if (size > MAX_FILE)
        return expclip__fail(err, EXPCLIP_ERROR_LIMIT,
                             "image: %zu bytes, expected at most %u", size,
                             MAX_FILE);
    if (!f || !is_readable(f))
        return refuse(f, bytes, size, err);
    status = decoders[f->kind].decode(&image, &in, err);
    if (!whole.width)
        whole = (expclip__size){ image.width, image.height };
    if (!status && options->exif && decoders[f->kind].turn)
        turn = decoders[f->kind].turn(bytes, size);
    if (!status)
        status = expclip__image_turn(&image, turn, err);
    if (turn >= 5) /* on its side */
        swap_sides(&whole);
    if (!status)
        status = expclip__image_cut_reduced(&image, whole, options, err);
    if (status) {
        expclip__image_clear(&image);
        return status;
    }
    *out = image;
    if (full)
        *full = whole;
    return EXPCLIP_OK;
}

expclip_status expclip__image_decode(expclip__image *out, const uint8_t *bytes,
                                     size_t size,
                                     const expclip_image_options *options,
                                     const expclip_cancel *cancel,
                                     expclip_error *err)
{
    return expclip__image_decode_reduced(out, NULL, bytes, size, options, 0,
                                         cancel, err);
}

expclip_status expclip__image_read(uint8_t **bytes, size_t *size,
                                   const char *path, expclip_error *err)
{
    return expclip__read_file(bytes, size, path, MAX_FILE, err);
}

expclip_status expclip__image_load_reduced(
    expclip__image *out, expclip__size *full, const char *path,
    const expclip_image_options *options, int32_t least_side,
    const expclip_cancel *cancel, expclip_error *err)
{
    uint8_t *bytes = NULL;
    size_t size;
    expclip_error why;
    expclip_status status = expclip__image_read(&bytes, &size, path, err);

    if (status)
        return status;
    status = expclip__image_decode_reduced(out, full, bytes, size, options,
                                           least_side, cancel, &why);
    if (status)
        status = expclip__fail(err, status, "%s: %s", path, why.message);
    expclip__free(bytes);
    return status;
}

expclip_status expclip__image_load(expclip__image *out, const char *path,
                                   const expclip_image_options *options,
                                   const expclip_cancel *cancel,
                                   expclip_error *err)
{
    return expclip__image_load_reduced(out, NULL, path, options, 0, cancel,
                                       err);
}
