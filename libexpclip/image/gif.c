/* SPDX-License-Identifier: MIT */
/*
 * gif.c - the first frame of a GIF (GIF89a), as Pillow's convert("RGB").
 *
 * Where the frame leaves the screen free the transparent colour shows, or
 * colour 0; a pixel beyond the palette is black. All pixels must be there.
 */
#include <string.h>

#include "base/error.h"
#include "base/threads.h"
#include "image/encoded.h"

#define MAX_CODES 4096

typedef struct gif {
    const expclip__encoded *in;
    size_t at;
    int64_t width; /* of the screen, and of a frame beyond it */
    int64_t height;
    int64_t x, y, w, h; /* the frame */
    int interlaced;
    int has_palette;
    int background; /* the transparent colour, or 0 */
    uint8_t palette[256][3];
} gif;

static expclip_status cut(const gif *g, expclip_error *err)
{
    return expclip__fail(err, EXPCLIP_ERROR_TRUNCATED,
                         "GIF: ends too early, after %zu bytes", g->in->size);
}

static int has(const gif *g, size_t n)
{
    return g->in->size - g->at >= n;
}

static int64_t short_at(const gif *g, size_t at)
{
    return g->in->bytes[at] | g->in->bytes[at + 1] << 8;
}

/* ---- blocks ---- */

/* The palette that `flags` announce. */
static expclip_status read_palette(gif *g, unsigned flags, expclip_error *err)
{
    const size_t n = (size_t)2 << (flags & 7);

    if (!(flags & 128))
        return EXPCLIP_OK;
    if (!has(g, 3 * n))
        return cut(g, err);
    memset(g->palette, 0, sizeof(g->palette));
    memcpy(g->palette, g->in->bytes + g->at, 3 * n);
    g->has_palette = 1;
    g->at += 3 * n;
    return EXPCLIP_OK;
}

static expclip_status read_screen(gif *g, expclip_error *err)
{
    g->at = 13;
    if (g->in->size < 13)
        return cut(g, err);
    g->width = short_at(g, 6);
    g->height = short_at(g, 8);
    return read_palette(g, g->in->bytes[10], err);
}

static expclip_status skip_blocks(gif *g, expclip_error *err)
{
    while (has(g, 1)) {
        const size_t n = g->in->bytes[g->at++];

        if (n == 0)
            return EXPCLIP_OK;
        if (!has(g, n))
            break;
        g->at += n;
    }
    return cut(g, err);
}

/* Of the extensions only the one about transparency counts. */
static expclip_status read_extension(gif *g, expclip_error *err)
{
    const uint8_t *p = g->in->bytes + g->at;

    if (!has(g, 1))
        return cut(g, err);
    if (p[0] == 0xf9 && has(g, 6) && p[1] >= 4 && p[2] & 1)
        g->background = p[5];
    g->at++;
    return skip_blocks(g, err);
}

static expclip_status read_frame(gif *g, expclip_error *err)
{
    unsigned flags;

    if (!has(g, 9))
        return cut(g, err);
    g->x = short_at(g, g->at);
    g->y = short_at(g, g->at + 2);
    g->w = short_at(g, g->at + 4);
    g->h = short_at(g, g->at + 6);
    flags = g->in->bytes[g->at + 8];
    g->interlaced = (flags & 64) != 0;
    g->at += 9;
    if (g->w < 1 || g->h < 1)
        return expclip__fail(err, EXPCLIP_ERROR_FORMAT,
                             "GIF: a frame of %d x %d pixels", (int)g->w,
                             (int)g->h);
    if (g->x + g->w > g->width)
        g->width = g->x + g->w;
    if (g->y + g->h > g->height)
        g->height = g->y + g->h;
    return read_palette(g, flags, err);
}

/* To the data of the first frame. Bytes that begin no block are passed over. */
static expclip_status find_frame(gif *g, expclip_error *err)
{
    expclip_status status = EXPCLIP_OK;

    while (!status && has(g, 1)) {
        const uint8_t mark = g->in->bytes[g->at++];

        if (mark == ',')
            return read_frame(g, err);
        if (mark == ';')
            return expclip__fail(err, EXPCLIP_ERROR_FORMAT,
                                 "GIF: it has no image");
        if (mark == '!')
            status = read_extension(g, err);
    }
    return status ? status : cut(g, err);
}

/* ---- codes ---- */

/*
 * LZW: a code is a colour, or the string of another code and a colour. Strings
 * come out from behind, so each is collected in `text` first.
 */
typedef struct codes {
    const uint8_t *bytes;
    size_t left;
    size_t in_block;
    uint32_t bits;
    unsigned n_bits;
    unsigned size;  /* bits of a code now */
    unsigned clear; /* the code that begins anew; the next one ends */
    unsigned next;  /* the code that is made next */
    int last;       /* the code before, or -1 */
    uint8_t first;  /* the first colour of its string */
    uint16_t link[MAX_CODES];
    uint8_t colour[MAX_CODES];
    uint8_t text[MAX_CODES + 1];
} codes;

static void restart(codes *c, unsigned bits)
{
    c->size = bits + 1;
    c->next = c->clear + 2;
    c->last = -1;
}

/* @return a code, or -1 at the end of the data */
static int next_code(codes *c)
{
    int code;

    while (c->n_bits < c->size) {
        if (c->left == 0)
            return -1;
        c->left--;
        if (c->in_block == 0) {
            c->in_block = *c->bytes++;
            if (c->in_block == 0 || c->in_block > c->left)
                return -1;
            continue;
        }
        c->in_block--;
        c->bits |= (uint32_t)*c->bytes++ << c->n_bits;
        c->n_bits += 8;
    }
    code = (int)(c->bits & ((1u << c->size) - 1));
    c->bits >>= c->size;
    c->n_bits -= c->size;
    return code;
}

/* The colours of `code`, at the end of `text`. @return how many; 0: wrong */
static size_t spell(codes *c, unsigned code)
{
    size_t n = 0;
    unsigned now = code;

    if (c->last < 0) {
        if (code >= c->clear)
            return 0;
        c->first = c->text[MAX_CODES] = (uint8_t)code;
        c->last = (int)code;
        return 1;
    }
    if (code > c->next || (code == c->next && c->next >= MAX_CODES))
        return 0;
    if (code == c->next) { /* the string before, and its first colour again */
        c->text[MAX_CODES - n++] = c->first;
        now = (unsigned)c->last;
    }
    for (; now >= c->clear && n < MAX_CODES; now = c->link[now])
        c->text[MAX_CODES - n++] = c->colour[now];
    c->text[MAX_CODES - n++] = c->first = (uint8_t)now;
    if (c->next < MAX_CODES) {
        c->colour[c->next] = c->first;
        c->link[c->next] = (uint16_t)c->last;
        if (c->next == (1u << c->size) - 1 && c->size < 12)
            c->size++;
        c->next++;
    }
    c->last = (int)code;
    return n;
}

/* ---- pixels ---- */

typedef struct canvas {
    const gif *g;
    uint8_t *rgb;
    int64_t x;
    int64_t y;
    int pass; /* of an interlaced frame */
    int done;
} canvas;

/* Every 8th row, those between, and so on. */
static void next_row(canvas *c)
{
    static const int64_t starts[] = { 0, 4, 2, 1 }, steps[] = { 8, 8, 4, 2 };
    const gif *g = c->g;

    c->x = 0;
    c->y += g->interlaced ? steps[c->pass] : 1;
    while (g->interlaced && c->y >= g->h && c->pass < 3)
        c->y = starts[++c->pass];
    c->done = c->y >= g->h;
}

static void paint(canvas *c, const uint8_t *colours, size_t n)
{
    const gif *g = c->g;

    for (size_t i = 0; i < n && !c->done; i++) {
        memcpy(c->rgb + ((g->y + c->y) * g->width + g->x + c->x) * 3,
               g->palette[colours[i]], 3);
        if (++c->x == g->w)
            next_row(c);
    }
}

static expclip_status read_pixels(const gif *g, expclip__image *image,
                                  expclip_error *err)
{
    codes c = { 0 };
    canvas to = { g, image->rgb, 0, 0, 0, 0 };
    int64_t since = 0;
    unsigned bits;
    int code = 0;

    if (!has(g, 1))
        return cut(g, err);
    bits = g->in->bytes[g->at];
    if (bits > 11)
        return expclip__fail(err, EXPCLIP_ERROR_FORMAT, "GIF: codes of %u bits",
                             bits);
    c.bytes = g->in->bytes + g->at + 1;
    c.left = g->in->size - g->at - 1;
    c.clear = 1u << bits;
    restart(&c, bits);
    while (!to.done && (code = next_code(&c)) >= 0 &&
           (unsigned)code != c.clear + 1) {
        size_t n;

        if (since++ % 65536 == 0 && expclip__cancel_check(g->in->cancel, err))
            return EXPCLIP_ERROR_CANCELLED;
        if ((unsigned)code == c.clear) {
            restart(&c, bits);
            continue;
        }
        n = spell(&c, (unsigned)code);
        if (n == 0)
            return expclip__fail(err, EXPCLIP_ERROR_FORMAT,
                                 "GIF: damaged, before byte %zu",
                                 (size_t)(c.bytes - g->in->bytes));
        paint(&to, c.text + MAX_CODES + 1 - n, n);
    }
    if (to.done || (g->in->options->allow_truncated && to.y > 0))
        return EXPCLIP_OK;
    return expclip__fail(err, EXPCLIP_ERROR_TRUNCATED,
                         "GIF: its data end after %lld of %lld rows; "
                         "allow_truncated uses what there is",
                         (long long)to.y, (long long)g->h);
}

static void fill(expclip__image *image, const uint8_t colour[3])
{
    const size_t n = (size_t)image->width * (size_t)image->height;

    for (size_t i = 0; i < n; i++)
        memcpy(image->rgb + 3 * i, colour, 3);
}

expclip_status expclip__decode_gif(expclip__image *out,
                                   const expclip__encoded *in,
                                   expclip_error *err)
{
    gif g = { .in = in };
    expclip__image image = { 0 };
    expclip_status status = read_screen(&g, err);

    for (unsigned i = 0; i < 256 && !status && !g.has_palette; i++)
        memset(g.palette[i], (int)i, 3);
    if (!status)
        status = find_frame(&g, err);
    if (!status)
        status =
            expclip__image_create(&image, g.width, g.height, in->options, err);
    if (!status) {
        fill(&image, g.palette[g.background]);
        status = read_pixels(&g, &image, err);
    }
    if (status)
        expclip__image_clear(&image);
    else
        *out = image;
    return status;
}
