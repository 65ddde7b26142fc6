/* SPDX-License-Identifier: MIT */
/*
 * jpeg_stb.c - JPEG through stb_image, where the build has no libjpeg-turbo.
 *
 * stb_image takes what strangers send as it comes: it returns success for most
 * cut files and allocates whatever a header asks for. So it sees only what
 * jpeg.c let pass; while it decodes its memory has a budget, and a read past
 * the end of the file is noticed. It tells nobody how far a scan went: "half of
 * the data", closed by the mark of the end, is found by jpeg.c's lower bound
 * only.
 */
#include "image/jpeg_stb.h"

#ifndef EXPCLIP_HAVE_JPEG

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"

/* ---- stb_image, with a budget ---- */

/*
 * Bytes that the decode in this thread may still allocate: stb_image hands its
 * allocator no context. Memory that ran out is told from a budget that did.
 */
static _Thread_local size_t budget;
static _Thread_local int memory_is_out;
static _Thread_local int budget_is_spent;

/* Blocks remember their size, so that free() can give it back. */
typedef union block {
    size_t size;
    max_align_t alignment;
} block;

/* Zeroed: before 2.28 stb_image reads Huffman tables that no file gave it. */
static void *budget_malloc(size_t size)
{
    block *b;

    if (size > budget || size > SIZE_MAX - sizeof(*b)) {
        budget_is_spent = 1;
        return NULL;
    }
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

#define STBI_MALLOC(size) budget_malloc(size)
#define STBI_REALLOC(p, size) NULL /* of no use to JPEG */
#define STBI_FREE(p) budget_free(p)
#define STBI_ASSERT(x) ((void)0)
#define STBI_ONLY_JPEG
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

/* ---- decoding ---- */

static expclip_status failed_decode(const reader *r, expclip_error *err)
{
    if (memory_is_out)
        return expclip__fail_memory(err, "image");
    if (budget_is_spent)
        return expclip__fail(err, EXPCLIP_ERROR_LIMIT,
                             "JPEG: needs more memory than its size allows");
    if (r->past)
        return expclip__fail(err, EXPCLIP_ERROR_TRUNCATED,
                             "JPEG: ends too early, after %zu bytes", r->size);
    return expclip__fail(err, EXPCLIP_ERROR_FORMAT,
                         "JPEG: damaged, at or before byte %zu", r->at);
}

/* What stb_image has no tables for, or other colours than Pillow. */
static expclip_status check_kind(const expclip__jpeg *jpeg, expclip_error *err)
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

expclip_status expclip__jpeg_stb(expclip__image *out, const expclip__jpeg *jpeg,
                                 const expclip__encoded *in, expclip_error *err)
{
    const size_t pixels = (size_t)jpeg->width * (size_t)jpeg->height;
    const int forgiving = in->options->allow_truncated != 0;
    reader r = { in->bytes, in->size, 0, 0, forgiving };
    int w = 0, h = 0, channels;
    expclip_status status = check_kind(jpeg, err);
    uint8_t *rgb;

    if (status)
        return status;
    /* The planes, the colours, and the 16-bit coefficients of a progressive
     * file, each with blocks that fill up a row. */
    budget = pixels * 8 + (size_t)jpeg->coefficient_bytes * 2 + (8u << 20);
    memory_is_out = budget_is_spent = 0;
    rgb = stbi_load_from_callbacks(&callbacks, &r, &w, &h, &channels, 3);
    if (!rgb)
        status = failed_decode(&r, err);
    else if (w != jpeg->width || h != jpeg->height)
        status = expclip__fail(err, EXPCLIP_ERROR_FORMAT,
                               "JPEG: %d x %d, its header says %d x %d", w, h,
                               (int)jpeg->width, (int)jpeg->height);
    else if (r.past && !forgiving)
        status = expclip__fail(err, EXPCLIP_ERROR_TRUNCATED,
                               "JPEG: ends too early, after %zu bytes; "
                               "allow_truncated uses what there is",
                               in->size);
    if (!status)
        status = expclip__image_create(out, w, h, in->options, err);
    if (!status)
        memcpy(out->rgb, rgb, pixels * 3);
    budget_free(rgb);
    return status;
}

#else

#include "base/error.h"

expclip_status expclip__jpeg_stb(expclip__image *out, const expclip__jpeg *jpeg,
                                 const expclip__encoded *in, expclip_error *err)
{
    (void)out;
    (void)jpeg;
    (void)in;
    return expclip__fail(err, EXPCLIP_ERROR_UNSUPPORTED,
                         "JPEG: this build decodes it with libjpeg-turbo");
}

#endif
