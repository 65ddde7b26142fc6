/* SPDX-License-Identifier: MIT */
/*
 * bmp.c - BMP of Windows and OS/2: rows from below or from above, palettes of
 * 1, 4 and 8 bits, 16, 24 and 32 bits, bit fields, run lengths.
 *
 * As Pillow reads it: the same headers, bit fields and places, and of run
 * lengths that end early it shows nothing.
 */
#include "image/bmp.h"

#include <string.h>

#include "base/error.h"
#include "base/threads.h"

enum { RAW = 0, RLE8 = 1, RLE4 = 2, BITFIELDS = 3 };

#define BYTES(r, g, b)                                                         \
    {                                                                          \
        { r, 255 }, { g, 255 },                                                \
        {                                                                      \
            b, 255                                                             \
        }                                                                      \
    }

/* The bit fields that Pillow knows. */
static const expclip__bmp_layout layouts[] = {
    { 32, { 0xff0000, 0xff00, 0xff, 0 }, BYTES(16, 8, 0) },
    { 32, { 0xff000000, 0xff0000, 0xff00, 0 }, BYTES(24, 16, 8) },
    { 32, { 0xff000000, 0xff00, 0xff, 0 }, BYTES(24, 8, 0) },
    { 32, { 0xff000000, 0xff0000, 0xff00, 0xff }, BYTES(24, 16, 8) },
    { 32, { 0xff, 0xff00, 0xff0000, 0xff000000 }, BYTES(0, 8, 16) },
    { 32, { 0xff0000, 0xff00, 0xff, 0xff000000 }, BYTES(16, 8, 0) },
    { 32, { 0xff000000, 0xff00, 0xff, 0xff0000 }, BYTES(24, 8, 0) },
    { 32, { 0, 0, 0, 0 }, BYTES(16, 8, 0) },
    { 24, { 0xff0000, 0xff00, 0xff, 0 }, BYTES(16, 8, 0) },
    { 16, { 0xf800, 0x7e0, 0x1f, 0 }, { { 11, 31 }, { 5, 63 }, { 0, 31 } } },
    { 16, { 0x7c00, 0x3e0, 0x1f, 0 }, { { 10, 31 }, { 5, 31 }, { 0, 31 } } },
};

/* Those of files that name none. */
static const expclip__bmp_layout plain[] = {
    { 16, { 0 }, { { 10, 31 }, { 5, 31 }, { 0, 31 } } },
    { 24, { 0 }, BYTES(16, 8, 0) },
    { 32, { 0 }, BYTES(16, 8, 0) },
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static uint32_t number(const uint8_t *p, size_t n)
{
    uint32_t value = 0;

    while (n-- > 0)
        value = value << 8 | p[n];
    return value;
}

/* ---- headers ---- */

/* The pixels' size and kind. `p` is the header of `size` bytes. */
static expclip_status read_header(expclip__bmp *b, const uint8_t *p,
                                  uint32_t size, expclip_error *err)
{
    static const uint32_t sizes[] = { 12, 40, 52, 56, 64, 108, 124 };
    int known = 0;

    for (size_t i = 0; i < COUNT(sizes); i++)
        known = known || size == sizes[i];
    if (!known)
        return expclip__fail(err, EXPCLIP_ERROR_UNSUPPORTED,
                             "BMP: a header of %lu bytes, expected 12, 40, 52, "
                             "56, 64, 108 or 124",
                             (unsigned long)size);
    if (b->in->size < 14 + (size_t)size)
        return expclip__fail(err, EXPCLIP_ERROR_TRUNCATED,
                             "BMP: ends in its header");
    if (size == 12) {
        b->width = number(p + 4, 2);
        b->height = number(p + 6, 2);
        b->bits = number(p + 10, 2);
        b->colour_size = 3;
    } else {
        b->top_down = p[11] == 0xff;
        b->width = number(p + 4, 4);
        b->height =
            b->top_down ? 0x100000000 - number(p + 8, 4) : number(p + 8, 4);
        b->bits = number(p + 14, 2);
        b->compression = number(p + 16, 4);
        b->n_colours = number(p + 32, 4);
        b->colour_size = 4;
    }
    if (!b->n_colours && b->bits <= 8)
        b->n_colours = 1u << b->bits;
    return EXPCLIP_OK;
}

static int same_masks(const expclip__bmp_layout *a, unsigned bits,
                      const uint32_t masks[4])
{
    return a->bits == bits &&
           memcmp(a->masks, masks, bits == 32 ? 16 : 12) == 0;
}

/* Bit fields stand in the header, or behind one of 40 bytes; then `*at` moves
 * behind them. */
static expclip_status read_fields(expclip__bmp *b, size_t *at, uint32_t size,
                                  expclip_error *err)
{
    uint32_t masks[4] = { 0 };
    const size_t n = size >= 56 ? 4 : 3;

    if (size == 12 || b->in->size < 54 + 4 * n)
        return expclip__fail(err, EXPCLIP_ERROR_TRUNCATED,
                             "BMP: ends in its bit fields");
    for (size_t i = 0; i < n; i++)
        masks[i] = number(b->in->bytes + 54 + 4 * i, 4);
    if (size < 52)
        *at += 12;
    for (size_t i = 0; i < COUNT(layouts); i++)
        if (same_masks(&layouts[i], b->bits, masks))
            b->layout = &layouts[i];
    if (b->layout)
        return EXPCLIP_OK;
    return expclip__fail(err, EXPCLIP_ERROR_UNSUPPORTED,
                         "BMP: bit fields 0x%lx, 0x%lx, 0x%lx of %u bits; "
                         "save it with 24 bits",
                         (unsigned long)masks[0], (unsigned long)masks[1],
                         (unsigned long)masks[2], b->bits);
}

static expclip_status read_kind(expclip__bmp *b, size_t *at, uint32_t header,
                                expclip_error *err)
{
    const int indexed = b->bits == 1 || b->bits == 4 || b->bits == 8;

    if (b->compression == BITFIELDS)
        return read_fields(b, at, header, err);
    for (size_t i = 0; i < COUNT(plain); i++)
        if (b->compression == RAW && plain[i].bits == b->bits)
            b->layout = &plain[i];
    if (b->layout || (indexed && b->compression == RAW) ||
        (b->bits == 8 && b->compression == RLE8) ||
        (b->bits == 4 && b->compression == RLE4))
        return EXPCLIP_OK;
    return expclip__fail(err, EXPCLIP_ERROR_UNSUPPORTED,
                         "BMP: compression %lu with %u bits; save it as PNG",
                         (unsigned long)b->compression, b->bits);
}

/* A palette that is only a ramp of greys goes on behind its end. */
static expclip_status read_palette(expclip__bmp *b, size_t at,
                                   expclip_error *err)
{
    const uint64_t bytes = (uint64_t)b->n_colours * b->colour_size;
    int is_ramp = 1;

    if (b->n_colours > 65536)
        return expclip__fail(err, EXPCLIP_ERROR_FORMAT,
                             "BMP: a palette of %lu colours",
                             (unsigned long)b->n_colours);
    if (bytes > b->in->size - at)
        return expclip__fail(err, EXPCLIP_ERROR_TRUNCATED,
                             "BMP: ends in its palette");
    for (uint32_t i = 0; i < 256; i++) {
        const uint8_t *p =
            b->in->bytes + at + (i * b->colour_size) * (i < b->n_colours);

        memset(b->palette[i], is_ramp ? (int)i : 0, 3);
        for (size_t c = 0; c < 3 && i < b->n_colours; c++) {
            b->palette[i][c] = p[2 - c];
            is_ramp = is_ramp && p[2 - c] == i;
        }
    }
    return EXPCLIP_OK;
}

/* All before the pixels. */
static expclip_status read_head(expclip__bmp *b, expclip_error *err)
{
    const uint8_t *bytes = b->in->bytes;
    size_t at;
    uint32_t header;
    expclip_status status;

    if (b->in->size < 26)
        return expclip__fail(err, EXPCLIP_ERROR_TRUNCATED,
                             "BMP: ends in its header");
    header = number(bytes + 14, 4);
    at = 14 + (size_t)header;
    b->pixels = number(bytes + 10, 4);
    if ((status = read_header(b, bytes + 14, header, err)) ||
        (status = read_kind(b, &at, header, err)))
        return status;
    if (b->layout) {
        if (!b->pixels)
            b->pixels = at;
        return EXPCLIP_OK;
    }
    if ((status = read_palette(b, at, err)))
        return status;
    at += b->colour_size * b->n_colours;
    /* Some writers forget the palette when they say where the pixels are. */
    if (!b->pixels || b->pixels == 14 + (size_t)header)
        b->pixels = at;
    return EXPCLIP_OK;
}

/* ---- pixels ---- */

uint8_t *expclip__bmp_row(const expclip__bmp *b, expclip__image *image,
                          int64_t y)
{
    const int64_t from_top = b->top_down ? y : b->height - 1 - y;

    return image->rgb + from_top * b->width * 3;
}

static void show_indexed(uint8_t *rgb, const expclip__bmp *b,
                         const uint8_t *row)
{
    const unsigned in_byte = 8 / b->bits, mask = (1u << b->bits) - 1;

    for (size_t x = 0; x < (size_t)b->width; x++, rgb += 3) {
        const unsigned shift = 8 - b->bits * (unsigned)(x % in_byte + 1);

        memcpy(rgb, b->palette[(unsigned)row[x / in_byte] >> shift & mask], 3);
    }
}

static void show_direct(uint8_t *rgb, const expclip__bmp *b, const uint8_t *row)
{
    const size_t size = b->bits / 8;

    for (int64_t x = 0; x < b->width; x++, rgb += 3, row += size) {
        const uint32_t value = number(row, size);

        for (int c = 0; c < 3; c++) {
            const unsigned most = b->layout->at[c].most;

            rgb[c] = (uint8_t)((value >> b->layout->at[c].shift & most) * 255 /
                               most);
        }
    }
}

/* The file must hold all rows: they are stored as they are. */
static expclip_status show_rows(const expclip__bmp *b, expclip__image *out,
                                expclip_error *err)
{
    const expclip__encoded *in = b->in;
    const uint64_t stride = ((uint64_t)b->width * b->bits + 31) / 32 * 4;
    const uint64_t there = b->pixels < in->size ? in->size - b->pixels : 0;
    const uint64_t needed = stride * (uint64_t)b->height;
    expclip_status status;

    if (needed > there && (!in->options->allow_truncated || there < stride))
        return expclip__fail(err, EXPCLIP_ERROR_TRUNCATED,
                             "BMP: %llu bytes of pixels, expected %llu for "
                             "%lld x %lld of %u bits",
                             (unsigned long long)there,
                             (unsigned long long)needed, (long long)b->width,
                             (long long)b->height, b->bits);
    status = expclip__image_create(out, b->width, b->height, in->options, err);
    for (int64_t y = 0; !status && y < b->height; y++) {
        const uint64_t at = stride * (uint64_t)y;

        if (at + stride > there)
            break;
        status = expclip__cancel_check(in->cancel, err);
        (b->layout ? show_direct : show_indexed)(expclip__bmp_row(b, out, y), b,
                                                 in->bytes + b->pixels + at);
    }
    return status;
}

expclip_status expclip__decode_bmp(expclip__image *out,
                                   const expclip__encoded *in,
                                   expclip_error *err)
{
    expclip__bmp b = { .in = in };
    expclip__image image = { 0 };
    expclip_status status = read_head(&b, err);

    if (!status && (b.width < 1 || b.height < 1))
        status =
            expclip__fail(err, EXPCLIP_ERROR_FORMAT, "BMP: %lld x %lld pixels",
                          (long long)b.width, (long long)b.height);
    if (!status)
        status = expclip__image_check_size(b.width, b.height, in->options, err);
    if (!status)
        status = b.compression == RLE8 || b.compression == RLE4
                     ? expclip__bmp_runs(&image, &b, err)
                     : show_rows(&b, &image, err);
    if (status)
        expclip__image_clear(&image);
    else
        *out = image;
    return status;
}
