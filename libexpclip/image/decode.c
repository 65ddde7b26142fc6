/* SPDX-License-Identifier: MIT */
/*
 * decode.c - the guard around stb_image and libjpeg-turbo.
 *
 * stb_image takes what strangers send as it comes: it returns success for most
 * cut files, allocates whatever a header asks for, and checks no checksum. So
 * before it sees a byte the format is known, the size is within the limits and
 * the chunks of a PNG are whole; while it decodes its memory has a budget, and
 * a read past the end of the file is noticed. A JPEG goes to jpeg_turbo.c when
 * the build has libjpeg-turbo, and its segments are checked (jpeg.c) for both.
 *
 * Colours become those of Pillow's convert("RGB"): alpha is dropped, palettes
 * are looked up, of 16 bits the high 8 are kept. One difference is meant: the
 * same holds for grey of 16 bits, where Pillow turns all above 255 to white.
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/io.h"
#include "image/exif.h"
#include "image/image.h"
#include "image/jpeg.h"
#include "image/jpeg_turbo.h"
#include "image/pixels.h"
#include "image/png.h"

#define MAX_FILE (64u << 20) /* bytes */
#define MAX_SIDE 16384

/* ---- stb_image, with a budget ---- */

/*
 * Bytes that the decode in this thread may still allocate: stb_image hands its
 * allocator no context. Memory that ran out is told from a budget that did.
 */
static _Thread_local size_t budget;
static _Thread_local int memory_is_out;

/* Blocks remember their size, so that realloc() and free() can give it back. */
typedef union block {
    size_t size;
    max_align_t alignment;
} block;

/* Zeroed: before 2.28 stb_image reads Huffman tables that no file gave it. */
static void *budget_malloc(size_t size)
{
    block *b;

    if (size > budget || size > SIZE_MAX - sizeof(*b))
        return NULL;
    b = expclip__alloc_zero(1, sizeof(*b) + size);
    if (!b) {
        memory_is_out = 1;
        return NULL;
    }
    budget -= size;
    b->size = size;
    return b + 1;
}

static void budget_free(void *p)
{
    if (!p)
        return;
    budget += ((block *)p - 1)->size;
    expclip__free((block *)p - 1);
}

static void *budget_realloc(void *p, size_t size)
{
    void *grown;
    size_t old;

    if (!p)
        return budget_malloc(size);
    old = ((block *)p - 1)->size;
    grown = budget_malloc(size);
    if (!grown)
        return NULL;
    memcpy(grown, p, old < size ? old : size);
    budget_free(p);
    return grown;
}

#define STBI_MALLOC(size) budget_malloc(size)
#define STBI_REALLOC(p, size) budget_realloc(p, size)
#define STBI_FREE(p) budget_free(p)
#define STBI_ASSERT(x) ((void)0)
#define STBI_ONLY_JPEG
#define STBI_ONLY_PNG
#define STBI_ONLY_BMP
#define STBI_NO_STDIO
#define STBI_NO_HDR
#define STBI_NO_LINEAR
#define STBI_NO_FAILURE_STRINGS
#define STB_IMAGE_STATIC
#define STB_IMAGE_IMPLEMENTATION
/* Functions of the formats left out. */
#pragma GCC diagnostic ignored "-Wunused-function"
#include <stb/stb_image.h>

/*
 * The file as stb_image reads it; `past` is set when it asks for more. What is
 * missing from a cut JPEG may be replaced by the mark of its end, once: then
 * stb_image shows what there is.
 */
typedef struct reader {
    const uint8_t *bytes;
    size_t size;
    size_t at;
    int past;
    int add_end;
} reader;

static int read_some(void *user, char *out, int n)
{
    reader *r = user;
    const size_t left = r->size - r->at;
    const size_t now = (size_t)n < left ? (size_t)n : left;

    memcpy(out, r->bytes + r->at, now);
    r->at += now;
    if (now > 0 || n < 2)
        return (int)now;
    r->past = 1;
    if (!r->add_end)
        return 0;
    r->add_end = 0;
    memcpy(out, "\xff\xd9", 2);
    return 2;
}

static void skip_some(void *user, int n)
{
    reader *r = user;

    if (n < 0 && (size_t)-n <= r->at) {
        r->at -= (size_t)-n;
    } else if (n >= 0 && (size_t)n <= r->size - r->at) {
        r->at += (size_t)n;
    } else {
        r->at = r->size;
        r->past = 1;
    }
}

static int at_end(void *user)
{
    const reader *r = user;

    return r->at == r->size;
}

static const stbi_io_callbacks callbacks = { read_some, skip_some, at_end };

/* ---- formats ---- */

typedef enum format { JPEG, PNG, BMP, FOREIGN } format;

/* Told by their first bytes; the last column is what a message says. */
static const struct {
    size_t offset;
    size_t size;
    const char *magic;
    format format;
    const char *name;
} formats[] = {
    { 0, 3, "\xff\xd8\xff", JPEG, "JPEG" },
    { 0, 8, "\x89PNG\r\n\x1a\n", PNG, "PNG" },
    { 0, 2, "BM", BMP, "BMP" },
    { 0, 4, "GIF8", FOREIGN, "GIF" },
    { 8, 4, "WEBP", FOREIGN, "WebP" },
    { 4, 8, "ftypheic", FOREIGN, "HEIC" },
    { 4, 8, "ftypmif1", FOREIGN, "HEIF" },
    { 4, 8, "ftypavif", FOREIGN, "AVIF" },
    { 0, 4, "II*\0", FOREIGN, "TIFF" },
    { 0, 4, "MM\0*", FOREIGN, "TIFF" },
    { 0, 4, "8BPS", FOREIGN, "PSD" },
    { 0, 10, "#?RADIANCE", FOREIGN, "HDR" },
    { 0, 4, "\x53\x80\xf6\x34", FOREIGN, "PIC" },
    { 0, 4, "%PDF", FOREIGN, "PDF" },
    { 0, 4, "\x76\x2f\x31\x01", FOREIGN, "OpenEXR" },
    { 0, 2, "P1", FOREIGN, "PBM" },
    { 0, 2, "P2", FOREIGN, "PGM" },
    { 0, 2, "P3", FOREIGN, "PPM" },
    { 0, 2, "P4", FOREIGN, "PBM" },
    { 0, 2, "P5", FOREIGN, "PGM" },
    { 0, 2, "P6", FOREIGN, "PPM" },
    { 4, 4, "ftyp", FOREIGN, "a video or HEIF" },
};

static expclip_status find_format(format *out, const uint8_t *bytes,
                                  size_t size, expclip_error *err)
{
    for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
        const size_t end = formats[i].offset + formats[i].size;

        if (size < end || memcmp(bytes + formats[i].offset, formats[i].magic,
                                 formats[i].size) != 0)
            continue;
        if (formats[i].format == FOREIGN)
            return expclip__fail(err, EXPCLIP_ERROR_UNSUPPORTED,
                                 "picture: %s, expected JPEG, PNG or BMP",
                                 formats[i].name);
        *out = formats[i].format;
        return EXPCLIP_OK;
    }
    return expclip__fail(
        err, size < 16 ? EXPCLIP_ERROR_FORMAT : EXPCLIP_ERROR_UNSUPPORTED,
        "picture: %zu bytes of no known format, expected JPEG, PNG or BMP",
        size);
}

int expclip__image_probe(const uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
        const size_t end = formats[i].offset + formats[i].size;

        if (size < end || memcmp(bytes + formats[i].offset, formats[i].magic,
                                 formats[i].size) != 0)
            continue;
        /* Two letters begin many a text; a text has no NUL byte, and the
         * pixels of a BMP begin before the 16 millionth. */
        if (formats[i].size == 2 && (size < 14 || bytes[13] != 0))
            continue;
        return formats[i].format == FOREIGN ? -1 : 1;
    }
    return 0;
}

/* ---- checks of one format ---- */

/*
 * A BMP's pixels are stored as they are, so the file must hold them all. The
 * depth stands at byte 24 in the oldest headers, of 12 bytes, else at 28.
 */
static expclip_status check_bmp(const uint8_t *bytes, size_t size,
                                int32_t width, int32_t height,
                                expclip_error *err)
{
    const size_t at = size > 14 && bytes[14] == 12 ? 24 : 28;
    const unsigned bits =
        size < at + 2 ? 0 : bytes[at] | (unsigned)bytes[at + 1] << 8;
    const uint64_t needed = (uint64_t)width * (uint64_t)height * bits / 8;

    if (needed <= size)
        return EXPCLIP_OK;
    return expclip__fail(err, EXPCLIP_ERROR_TRUNCATED,
                         "BMP: %zu bytes, expected %llu for %d x %d pixels of "
                         "%u bits",
                         size, (unsigned long long)needed, (int)width,
                         (int)height, bits);
}

/* ---- decoding ---- */

static void start_budget(size_t bytes)
{
    budget = bytes;
    memory_is_out = 0;
}

/* Why stb_image gave nothing. */
static expclip_status failed_decode(const reader *r, expclip_error *err)
{
    if (memory_is_out)
        return expclip__fail_memory(err, "picture");
    if (r->past)
        return expclip__fail(err, EXPCLIP_ERROR_TRUNCATED,
                             "picture: ends too early, after %zu bytes",
                             r->size);
    return expclip__fail(err, EXPCLIP_ERROR_FORMAT,
                         "picture: damaged, at or before byte %zu", r->at);
}

static expclip_status check_size(int width, int height,
                                 const expclip_image_options *o,
                                 expclip_error *err)
{
    if (width <= MAX_SIDE && height <= MAX_SIDE &&
        (int64_t)width * height <= o->max_pixels)
        return EXPCLIP_OK;
    return expclip__fail(err, EXPCLIP_ERROR_LIMIT,
                         "picture: %d x %d, expected sides of at most %d and "
                         "max_pixels of at least %lld",
                         width, height, MAX_SIDE, (long long)width * height);
}

/* Width and height from the header of a PNG or BMP. */
static expclip_status read_size(int *width, int *height, const uint8_t *bytes,
                                size_t size, expclip_error *err)
{
    reader r = { bytes, size, 0, 0, 0 };
    int channels;

    start_budget(4u << 20);
    /* stb_image has negative widths for some BMP files. */
    if (!stbi_info_from_callbacks(&callbacks, &r, width, height, &channels) ||
        *width < 1 || *height < 1)
        return failed_decode(&r, err);
    return EXPCLIP_OK;
}

/* The pixels, copied out of stb_image's own memory. */
static expclip_status run_stb_image(expclip__image *out, format kind,
                                    const uint8_t *bytes, size_t size,
                                    int width, int height,
                                    const expclip_image_options *o,
                                    expclip_error *err)
{
    const size_t pixels = (size_t)width * (size_t)height;
    reader r = { bytes, size, 0, 0, kind == JPEG && o->allow_truncated };
    int w = 0, h = 0, channels;
    expclip_status status = EXPCLIP_OK;
    uint8_t *rgb;

    /* Progressive JPEG keeps 16-bit coefficients of three colours beside the
     * planes; PNG of 16 bits keeps two pictures of 8 bytes a pixel. */
    start_budget(pixels * 20 + size + (8u << 20));
    rgb = stbi_load_from_callbacks(&callbacks, &r, &w, &h, &channels, 3);
    if (!rgb)
        status = failed_decode(&r, err);
    else if (w != width || h != height)
        status = expclip__fail(err, EXPCLIP_ERROR_FORMAT,
                               "picture: %d x %d, its header says %d x %d", w,
                               h, width, height);
    else if (r.past && !o->allow_truncated)
        status = expclip__fail(err, EXPCLIP_ERROR_TRUNCATED,
                               "picture: ends too early, after %zu bytes; "
                               "allow_truncated uses what there is",
                               size);
    if (!status && !(out->rgb = expclip__alloc(pixels, 3)))
        status = expclip__fail_memory(err, "picture");
    if (!status) {
        memcpy(out->rgb, rgb, pixels * 3);
        out->width = width;
        out->height = height;
    }
    budget_free(rgb);
    return status;
}

/* What stb_image has no tables for, or other colours than Pillow. */
static expclip_status check_stb_jpeg(const expclip__jpeg *jpeg,
                                     expclip_error *err)
{
    if (jpeg->n_components == 4)
        return expclip__fail(err, EXPCLIP_ERROR_UNSUPPORTED,
                             "JPEG: four colours (CMYK), which need a build "
                             "with libjpeg-turbo; convert it to RGB");
    if (jpeg->standard_tables)
        return expclip__fail(err, EXPCLIP_ERROR_FORMAT,
                             "JPEG: a Huffman table in use is not defined");
    return EXPCLIP_OK;
}

static expclip_status decode_jpeg(expclip__image *out, const uint8_t *bytes,
                                  size_t size, const expclip_image_options *o,
                                  expclip_error *err)
{
    expclip__jpeg jpeg;
    expclip_status status =
        expclip__jpeg_check(&jpeg, bytes, size, o->allow_truncated, err);

    if (status || (status = check_size(jpeg.width, jpeg.height, o, err)) ||
        (status = expclip__jpeg_check_cost(&jpeg, size, o->max_pixels,
                                           o->allow_truncated, err)))
        return status;
    if (expclip__has_jpeg_turbo)
        return expclip__jpeg_turbo(out, &jpeg, bytes, size, o->allow_truncated,
                                   err);
    status = check_stb_jpeg(&jpeg, err);
    return status ? status
                  : run_stb_image(out, JPEG, bytes, size, jpeg.width,
                                  jpeg.height, o, err);
}

static expclip_status decode_png(expclip__image *out, const uint8_t *bytes,
                                 size_t size, const expclip_image_options *o,
                                 expclip_error *err)
{
    uint8_t *filled = NULL;
    size_t filled_size = 0;
    int width = 0, height = 0;
    expclip_status status;

    /* Of a cut one stb_image gives nothing. */
    if ((status = read_size(&width, &height, bytes, size, err)) ||
        (status = check_size(width, height, o, err)) ||
        (status = expclip__png_check(bytes, size, width, height, err)) ||
        (status = expclip__png_fill_palette(&filled, &filled_size, bytes, size,
                                            err)))
        return status;
    status = run_stb_image(out, PNG, filled ? filled : bytes,
                           filled ? filled_size : size, width, height, o, err);
    expclip__free(filled);
    return status;
}

static expclip_status decode_bmp(expclip__image *out, const uint8_t *bytes,
                                 size_t size, const expclip_image_options *o,
                                 expclip_error *err)
{
    int width = 0, height = 0;
    expclip_status status;

    if ((status = read_size(&width, &height, bytes, size, err)) ||
        (status = check_size(width, height, o, err)) ||
        (!o->allow_truncated &&
         (status = check_bmp(bytes, size, width, height, err))))
        return status;
    return run_stb_image(out, BMP, bytes, size, width, height, o, err);
}

expclip_status expclip__image_decode(expclip__image *out, const uint8_t *bytes,
                                     size_t size,
                                     const expclip_image_options *options,
                                     expclip_error *err)
{
    static expclip_status (*const decoders[])(
        expclip__image *, const uint8_t *, size_t,
        const expclip_image_options *,
        expclip_error *) = { decode_jpeg, decode_png, decode_bmp };
    expclip__image image = { 0 };
    format kind = FOREIGN;
    expclip_status status;

    if (size > MAX_FILE)
        return expclip__fail(err, EXPCLIP_ERROR_LIMIT,
                             "picture: %zu bytes, expected at most %u", size,
                             MAX_FILE);
    if ((status = find_format(&kind, bytes, size, err)) ||
        (status = decoders[kind](&image, bytes, size, options, err)))
        return status;
    if (options->exif && kind == JPEG)
        status = expclip__image_turn(
            &image, expclip__exif_orientation(bytes, size), err);
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
                                   expclip_error *err)
{
    uint8_t *bytes = NULL;
    size_t size;
    expclip_error why;
    expclip_status status =
        expclip__read_file(&bytes, &size, path, MAX_FILE, err);

    if (status)
        return status;
    status = expclip__image_decode(out, bytes, size, options, &why);
    if (status)
        status = expclip__fail(err, status, "%s: %s", path, why.message);
    expclip__free(bytes);
    return status;
}
