/* SPDX-License-Identifier: MIT */
/*
 * png.c - is a PNG file whole? stb_image looks at no checksum, neither the
 * chunks' nor the one of the data in them, and stops reading when it has what
 * it wants. So a file is walked once before (PNG 1.2, chapters 3 and 5).
 */
#include "image/png.h"

#include <string.h>
#include <zlib.h>

#include "base/alloc.h"
#include "base/error.h"

#define SIGNATURE 8
#define MAX_CHUNKS 65536

static uint32_t big_endian(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 |
           p[3];
}

static voidpf zlib_alloc(voidpf opaque, uInt count, uInt size)
{
    (void)opaque;
    return expclip__alloc(count, size);
}

static void zlib_free(voidpf opaque, voidpf p)
{
    (void)opaque;
    expclip__free(p);
}

/*
 * Inflate a piece of the data into nothing. At the end of the data zlib
 * compares its checksum. @return as inflate()
 */
static int inflate_piece(z_stream *z, const uint8_t *piece, size_t size,
                         uint64_t most)
{
    uint8_t nothing[1 << 15];
    int result = Z_OK;

    z->next_in = (z_const Bytef *)piece;
    z->avail_in = (uInt)size;
    while (result == Z_OK && (z->avail_in || !z->avail_out)) {
        z->next_out = nothing;
        z->avail_out = sizeof(nothing);
        result = inflate(z, Z_NO_FLUSH);
        if (z->total_out > most)
            return Z_DATA_ERROR;
    }
    return result == Z_BUF_ERROR ? Z_OK : result;
}

/* The walk: what was seen so far. */
typedef struct walk {
    z_stream z;
    uint64_t most; /* bytes that the data may inflate to */
    int inflated;  /* as inflate() returned */
    int data;      /* 0 = before the IDAT chunks, 1 = in them, 2 = after */
} walk;

/* One chunk of `length` bytes, whole, at byte `at`. */
static expclip_status check_chunk(walk *w, const uint8_t *chunk, size_t length,
                                  size_t n, size_t at, expclip_error *err)
{
    const int is_data = memcmp(chunk + 4, "IDAT", 4) == 0;

    if (crc32(0, chunk + 4, (uInt)length + 4) != big_endian(chunk + 8 + length))
        return expclip__fail(err, EXPCLIP_ERROR_FORMAT,
                             "PNG: chunk %zu at byte %zu has a wrong checksum",
                             n, at);
    if ((n == 0) != (memcmp(chunk + 4, "IHDR", 4) == 0) ||
        (is_data && w->data == 2))
        return expclip__fail(err, EXPCLIP_ERROR_FORMAT,
                             "PNG: chunk %zu at byte %zu is out of order", n,
                             at);
    /* Legal, but stb_image would add to a null pointer; nobody writes it. */
    if (is_data && w->data == 0 && length == 0)
        return expclip__fail(err, EXPCLIP_ERROR_UNSUPPORTED,
                             "PNG: the first data chunk, at byte %zu, is empty",
                             at);
    if (is_data)
        w->data = 1;
    else if (w->data == 1)
        w->data = 2;
    if (is_data && w->inflated == Z_OK)
        w->inflated = inflate_piece(&w->z, chunk + 8, length, w->most);
    if (w->inflated == Z_MEM_ERROR)
        return expclip__fail_memory(err, "picture");
    if (w->inflated != Z_OK && w->inflated != Z_STREAM_END)
        return expclip__fail(err, EXPCLIP_ERROR_FORMAT,
                             "PNG: the data in chunk %zu at byte %zu is "
                             "damaged",
                             n, at);
    return EXPCLIP_OK;
}

static expclip_status walk_chunks(walk *w, const uint8_t *bytes, size_t size,
                                  expclip_error *err)
{
    size_t at = SIGNATURE;

    for (size_t n = 0; n < MAX_CHUNKS; n++) {
        size_t length;
        expclip_status status;

        if (size - at < 12)
            return expclip__fail(err, EXPCLIP_ERROR_TRUNCATED,
                                 "PNG: ends in chunk %zu at byte %zu", n, at);
        length = big_endian(bytes + at);
        if (length > size - at - 12)
            return expclip__fail(err, EXPCLIP_ERROR_TRUNCATED,
                                 "PNG: chunk %zu at byte %zu has %zu bytes, "
                                 "the file ends before",
                                 n, at, length);
        status = check_chunk(w, bytes + at, length, n, at, err);
        if (status)
            return status;
        if (memcmp(bytes + at + 4, "IEND", 4) != 0) {
            at += 12 + length;
            continue;
        }
        return w->inflated == Z_STREAM_END
                   ? EXPCLIP_OK
                   : expclip__fail(err, EXPCLIP_ERROR_TRUNCATED,
                                   "PNG: its data ends too early");
    }
    return expclip__fail(err, EXPCLIP_ERROR_LIMIT, "PNG: more than %d chunks",
                         MAX_CHUNKS);
}

expclip_status expclip__png_check(const uint8_t *bytes, size_t size,
                                  int32_t width, int32_t height,
                                  expclip_error *err)
{
    walk w = { .z = { .zalloc = zlib_alloc, .zfree = zlib_free } };
    expclip_status status;

    /* 8 bytes a pixel at most, and a byte for each of at most 2 * height rows
     * of the seven passes, which round up to whole bytes. */
    w.most =
        8 * (uint64_t)width * (uint64_t)height + 16 * ((uint64_t)height + 8);
    if (inflateInit(&w.z) != Z_OK)
        return expclip__fail_memory(err, "picture");
    status = walk_chunks(&w, bytes, size, err);
    inflateEnd(&w.z);
    return status;
}

/*
 * stb_image has room for 256 colours on its stack, fills what the palette
 * gives, and reads what a pixel asks for: a pixel beyond the palette would show
 * what was there before. libpng, and so Pillow, has black there.
 */
expclip_status expclip__png_fill_palette(uint8_t **out, size_t *out_size,
                                         const uint8_t *bytes, size_t size,
                                         expclip_error *err)
{
    const size_t full = 256 * 3;
    size_t at = SIGNATURE, length, rest;
    uint8_t *filled;

    while (memcmp(bytes + at + 4, "PLTE", 4) != 0) {
        if (memcmp(bytes + at + 4, "IEND", 4) == 0)
            return EXPCLIP_OK;
        at += 12 + big_endian(bytes + at);
    }
    length = big_endian(bytes + at);
    if (length >= full)
        return EXPCLIP_OK;
    filled = expclip__alloc_zero(size + full - length, 1);
    if (!filled)
        return expclip__fail_memory(err, "picture");
    rest = at + 8 + length; /* the old checksum stays; nobody asks now */
    memcpy(filled, bytes, rest);
    filled[at + 2] = (uint8_t)(full >> 8);
    filled[at + 3] = (uint8_t)full;
    memcpy(filled + at + 8 + full, bytes + rest, size - rest);
    *out = filled;
    *out_size = size + full - length;
    return EXPCLIP_OK;
}
