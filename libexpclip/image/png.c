/* SPDX-License-Identifier: MIT */
/*
 * png.c - PNG: the chunks, their order and checksums, and the data inflated
 * with zlib (PNG 1.2, chapters 3 to 5 and 10).
 *
 * As strict as Pillow, and stricter where pixels are concerned: the checksums
 * of all chunks up to the end of the data count, and the one of the data
 * themselves. What stands behind the data must only be whole, as far as it
 * goes: the last chunk may be missing.
 */
#include <string.h>
#include <zlib.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/error.h"
#include "base/threads.h"
#include "image/encoded.h"
#include "image/png_rows.h"

#define SIGNATURE 8
#define MAX_CHUNKS 65536

/* Chunks that Pillow reads, with the bytes that it wants at least. */
static const struct {
    char name[5];
    size_t size;
} least_sizes[] = {
    { "IHDR", 13 }, { "gAMA", 4 }, { "cHRM", 32 }, { "sRGB", 1 },
    { "pHYs", 9 },  { "acTL", 8 }, { "fcTL", 26 }, { "fdAT", 4 },
};

typedef struct chunk {
    size_t n; /* its number */
    size_t at;
    const uint8_t *name;
    const uint8_t *data;
    size_t size;
} chunk;

typedef struct decoder {
    const expclip__encoded *in;
    expclip__png png;
    expclip__image image;
    expclip__png_rows rows;
    z_stream z;
    uint64_t most; /* bytes that the data may inflate to */
    int inflating; /* z and rows are there */
    int ended;     /* the compressed data are, with the right checksum */
    int behind;    /* a chunk after the data was met */
} decoder;

static int is(const chunk *c, const char *name)
{
    return memcmp(c->name, name, 4) == 0;
}

/* ---- the header ---- */

static expclip_status read_header(decoder *d, const chunk *c,
                                  expclip_error *err)
{
    const uint8_t *p = c->data;
    int64_t width = 0, height = 0;

    if (c->size >= 13) {
        width = (int64_t)expclip__big_endian(p, 4);
        height = (int64_t)expclip__big_endian(p + 4, 4);
    }
    if (!width || !height || p[10] || p[11] || p[12] > 1 ||
        !expclip__png_channels(p[8], p[9]))
        return expclip__fail(err, EXPCLIP_ERROR_FORMAT,
                             "PNG: its header of %zu bytes is damaged",
                             c->size);
    d->png.depth = p[8];
    d->png.colour = p[9];
    d->png.interlaced = p[12];
    if (expclip__image_check_size(width, height, d->in->options, err))
        return EXPCLIP_ERROR_LIMIT;
    d->png.width = (int32_t)width;
    d->png.height = (int32_t)height;
    return EXPCLIP_OK;
}

static void read_palette(decoder *d, const chunk *c)
{
    const size_t most = sizeof(d->png.palette);

    memset(d->png.palette, 0, most);
    memcpy(d->png.palette, c->data, c->size / 3 * 3 < most ? c->size : most);
    d->png.has_palette = 1;
}

/* ---- the data ---- */

/* Room for the pixels is taken when the first data come. */
static expclip_status begin_data(decoder *d, expclip_error *err)
{
    const expclip__png *png = &d->png;
    expclip_status status;

    if (png->colour == 3 && !png->has_palette)
        return expclip__fail(err, EXPCLIP_ERROR_FORMAT,
                             "PNG: it has no palette before its data");
    status = expclip__image_create(&d->image, png->width, png->height,
                                   d->in->options, err);
    if (status)
        return status;
    d->z = (z_stream){ .zalloc = expclip__zlib_alloc,
                       .zfree = expclip__zlib_free };
    if (inflateInit(&d->z) != Z_OK)
        return expclip__fail_memory(err, "image");
    d->inflating = 1;
    /* 8 bytes per pixel at most, and a byte for each of at most 2 * height rows
     * of the seven passes, which round up to whole bytes. */
    d->most = 8 * (uint64_t)png->width * (uint64_t)png->height +
              16 * ((uint64_t)png->height + 8);
    return expclip__png_rows_begin(&d->rows, png, d->image.rgb, err);
}

static expclip_status fail_data(const chunk *c, expclip_error *err)
{
    return expclip__fail(err, EXPCLIP_ERROR_FORMAT,
                         "PNG: the data in chunk %zu at byte %zu are damaged",
                         c->n, c->at);
}

/* At the end of the data zlib compares its checksum. */
static expclip_status inflate_chunk(decoder *d, const chunk *c,
                                    expclip_error *err)
{
    uint8_t piece[1 << 15];
    int result = Z_OK;

    d->z.next_in = (z_const Bytef *)c->data;
    d->z.avail_in = (uInt)c->size;
    d->z.avail_out = 1;
    while (result == Z_OK && (d->z.avail_in || !d->z.avail_out)) {
        if (expclip__cancel_check(d->in->cancel, err))
            return EXPCLIP_ERROR_CANCELLED;
        d->z.next_out = piece;
        d->z.avail_out = sizeof(piece);
        result = inflate(&d->z, Z_NO_FLUSH);
        if (result == Z_MEM_ERROR)
            return expclip__fail_memory(err, "image");
        if ((result != Z_OK && result != Z_STREAM_END &&
             result != Z_BUF_ERROR) ||
            d->z.total_out > d->most ||
            !expclip__png_rows_add(&d->rows, piece,
                                   sizeof(piece) - d->z.avail_out))
            return fail_data(c, err);
    }
    d->ended = result == Z_STREAM_END;
    return EXPCLIP_OK;
}

static expclip_status read_data(decoder *d, const chunk *c, expclip_error *err)
{
    expclip_status status = EXPCLIP_OK;

    if (!d->inflating)
        status = begin_data(d, err);
    return status || d->ended ? status : inflate_chunk(d, c, err);
}

/* ---- chunks ---- */

static int is_word(const uint8_t *name)
{
    for (int i = 0; i < 4; i++)
        if (!((name[i] | 32) >= 'a' && (name[i] | 32) <= 'z') &&
            !(name[i] >= '0' && name[i] <= '9') && name[i] != '_')
            return 0;
    return 1;
}

static expclip_status check_chunk(const decoder *d, const chunk *c,
                                  expclip_error *err)
{
    if (!d->behind && crc32(0, c->name, (uInt)c->size + 4) !=
                          expclip__big_endian(c->data + c->size, 4))
        return expclip__fail(err, EXPCLIP_ERROR_FORMAT,
                             "PNG: chunk %zu at byte %zu has a wrong checksum",
                             c->n, c->at);
    if (!d->behind && ((c->n == 0) != is(c, "IHDR") || !is_word(c->name)))
        return expclip__fail(err, EXPCLIP_ERROR_FORMAT,
                             "PNG: chunk %zu at byte %zu is out of order", c->n,
                             c->at);
    for (size_t i = 0; i < sizeof(least_sizes) / sizeof(least_sizes[0]); i++)
        if (is(c, least_sizes[i].name) && c->size < least_sizes[i].size)
            return expclip__fail(
                err, EXPCLIP_ERROR_FORMAT, "PNG: %s of %zu bytes, expected %zu",
                least_sizes[i].name, c->size, least_sizes[i].size);
    return EXPCLIP_OK;
}

static expclip_status read_chunk(decoder *d, const chunk *c, expclip_error *err)
{
    expclip_status status;

    if (d->inflating && !is(c, "IDAT"))
        d->behind = 1;
    status = check_chunk(d, c, err);
    if (status || d->behind)
        return status;
    if (is(c, "IHDR"))
        return read_header(d, c, err);
    if (is(c, "IDAT"))
        return read_data(d, c, err);
    if (is(c, "PLTE"))
        read_palette(d, c);
    return EXPCLIP_OK;
}

/* The chunk at `at`. @return 0 when the file ends in it or before */
static int find_chunk(chunk *out, const expclip__encoded *in, size_t at)
{
    out->at = at;
    out->name = in->bytes + at + 4;
    if (in->size - at < 12)
        return 0;
    out->data = out->name + 4;
    out->size = expclip__big_endian(in->bytes + at, 4);
    return out->size <= in->size - at - 12;
}

static expclip_status read_chunks(decoder *d, expclip_error *err)
{
    const expclip__encoded *in = d->in;
    size_t at = SIGNATURE;
    chunk c = { 0 };

    for (; c.n < MAX_CHUNKS; c.n++, at += 12 + c.size) {
        expclip_status status;

        /* A name that is none ends the file, as for Pillow. */
        if (d->ended && (in->size - at < 8 || !is_word(in->bytes + at + 4)))
            return EXPCLIP_OK;
        if (!find_chunk(&c, in, at))
            return d->ended && is(&c, "IEND")
                       ? EXPCLIP_OK
                       : expclip__fail(err, EXPCLIP_ERROR_TRUNCATED,
                                       "PNG: ends in chunk %zu at byte %zu",
                                       c.n, at);
        if (is(&c, "IEND"))
            return EXPCLIP_OK;
        status = read_chunk(d, &c, err);
        if (status)
            return status;
    }
    return expclip__fail(err, EXPCLIP_ERROR_LIMIT, "PNG: more than %d chunks",
                         MAX_CHUNKS);
}

/* Of what is cut, the part before is used when that is allowed. */
static expclip_status check_end(const decoder *d, expclip_status status,
                                expclip_error *err)
{
    const int has_rows =
        d->inflating && (d->rows.y > 0 || d->rows.pass % 7 > 0);

    if (status && status != EXPCLIP_ERROR_TRUNCATED)
        return status;
    if (!status && d->ended && d->rows.done)
        return EXPCLIP_OK;
    if (has_rows && d->in->options->allow_truncated)
        return EXPCLIP_OK;
    return status ? status
                  : expclip__fail(err, EXPCLIP_ERROR_TRUNCATED,
                                  "PNG: its data end too early; "
                                  "allow_truncated uses what there is");
}

expclip_status expclip__decode_png(expclip__image *out,
                                   const expclip__encoded *in,
                                   expclip_error *err)
{
    decoder d = { .in = in };
    expclip_status status = check_end(&d, read_chunks(&d, err), err);

    if (d.inflating)
        inflateEnd(&d.z);
    expclip__png_rows_end(&d.rows);
    if (status)
        expclip__image_clear(&d.image);
    else
        *out = d.image;
    return status;
}
