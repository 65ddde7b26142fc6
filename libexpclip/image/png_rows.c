/* SPDX-License-Identifier: MIT */
/*
 * png_rows.c - the inflated data of a PNG, row by row, to RGB (PNG 1.2,
 * chapters 2 and 6). Only two rows are kept beside the image.
 *
 * The colours are those of Pillow's convert("RGB"): alpha and the transparent
 * colour are dropped, of 16 bits the high 8 are kept. Grey of 16 bits keeps
 * its high 8 as well, as for OpenCV; Pillow cuts it off at 255, so that most
 * images come out white.
 */
#include "image/png_rows.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"

enum { GREY = 0, RGB = 2, PALETTE = 3, GREY_ALPHA = 4, RGB_ALPHA = 6 };

/* The passes of Adam7, and at last the only one of other files. */
static const struct {
    int32_t x, y, x_step, y_step;
} passes[] = {
    { 0, 0, 8, 8 }, { 4, 0, 8, 8 }, { 0, 4, 4, 8 }, { 2, 0, 4, 4 },
    { 0, 2, 2, 4 }, { 1, 0, 2, 2 }, { 0, 1, 1, 2 }, { 0, 0, 1, 1 },
};

int expclip__png_channels(int32_t depth, int32_t colour)
{
    static const int channels[] = { 1, 0, 3, 1, 2, 0, 4 };

    if (colour < 0 || colour > RGB_ALPHA)
        return 0;
    switch (depth) {
    case 1:
    case 2:
    case 4:
        return colour == GREY || colour == PALETTE;
    case 8:
        return channels[colour];
    case 16:
        return colour == PALETTE ? 0 : channels[colour];
    default:
        return 0;
    }
}

/* Of the samples from `from` on, every `step`-th. */
static int32_t count(int32_t size, int32_t from, int32_t step)
{
    return size <= from ? 0 : (size - from - 1) / step + 1;
}

static size_t bits_of_pixel(const expclip__png *png)
{
    return (size_t)png->depth *
           (size_t)expclip__png_channels(png->depth, png->colour);
}

static size_t row_bytes(const expclip__png *png, int32_t width)
{
    return ((size_t)width * bits_of_pixel(png) + 7) / 8;
}

/* To the next pass with a pixel in it, from `pass` on. */
static void begin_pass(expclip__png_rows *r, int pass)
{
    const expclip__png *png = r->png;
    const int last = png->interlaced ? 6 : 7;
    int32_t width = 0;

    for (; pass <= last; pass++) {
        width = count(png->width, passes[pass].x, passes[pass].x_step);
        if (width && passes[pass].y < png->height)
            break;
    }
    r->done = pass > last;
    if (r->done)
        return;
    r->pass = pass;
    r->y = 0;
    r->row_filled = 0;
    r->row_size = 1 + row_bytes(png, width);
    memset(r->before, 0, r->row_size);
}

expclip_status expclip__png_rows_begin(expclip__png_rows *out,
                                       const expclip__png *png, uint8_t *rgb,
                                       expclip_error *err)
{
    const size_t size = 1 + row_bytes(png, png->width);

    *out = (expclip__png_rows){ .png = png, .rgb = rgb };
    out->row = expclip__alloc(size, 1);
    out->before = expclip__alloc(size, 1);
    if (!out->row || !out->before)
        return expclip__fail_memory(err, "image");
    begin_pass(out, png->interlaced ? 0 : 7);
    return EXPCLIP_OK;
}

void expclip__png_rows_end(expclip__png_rows *rows)
{
    expclip__free(rows->row);
    expclip__free(rows->before);
}

/* ---- filters ---- */

static uint8_t paeth(int left, int above, int corner)
{
    const int p = left + above - corner;
    const int a = abs(p - left), b = abs(p - above), c = abs(p - corner);

    return (uint8_t)(a <= b && a <= c ? left : b <= c ? above : corner);
}

/* @return 0 when there is no such filter */
static int unfilter(uint8_t *row, const uint8_t *before, size_t size,
                    size_t step, int filter)
{
    switch (filter) {
    case 0:
        return 1;
    case 1:
        for (size_t i = step; i < size; i++)
            row[i] = (uint8_t)(row[i] + row[i - step]);
        return 1;
    case 2:
        for (size_t i = 0; i < size; i++)
            row[i] = (uint8_t)(row[i] + before[i]);
        return 1;
    case 3:
        for (size_t i = 0; i < size; i++)
            row[i] =
                (uint8_t)(row[i] +
                          ((i < step ? 0 : row[i - step]) + before[i]) / 2);
        return 1;
    case 4:
        for (size_t i = 0; i < size; i++)
            row[i] =
                (uint8_t)(row[i] + (i < step ? before[i]
                                             : paeth(row[i - step], before[i],
                                                     before[i - step])));
        return 1;
    default:
        return 0;
    }
}

/* ---- colours ---- */

/* Sample `x` of a row of 1, 2 or 4 bits a sample. */
static unsigned small_sample(const uint8_t *row, int32_t x, int32_t depth)
{
    const int32_t in_byte = 8 / depth;
    const int shift = 8 - depth * (x % in_byte + 1);

    return (unsigned)row[x / in_byte] >> shift & ((1u << depth) - 1);
}

static void set_grey(uint8_t *rgb, unsigned level)
{
    rgb[0] = rgb[1] = rgb[2] = (uint8_t)level;
}

/* One pixel of each kind. */
static void small_pixel(uint8_t *rgb, const expclip__png *png,
                        const uint8_t *row, int32_t x)
{
    const unsigned sample = small_sample(row, x, png->depth);

    if (png->colour == PALETTE)
        memcpy(rgb, png->palette[sample], 3);
    else
        set_grey(rgb, sample * 255 / ((1u << png->depth) - 1));
}

static void pixel(uint8_t *rgb, const expclip__png *png, const uint8_t *p)
{
    const size_t step = (size_t)png->depth / 8;

    switch (png->colour) {
    case PALETTE:
        memcpy(rgb, png->palette[p[0]], 3);
        break;
    case GREY:
    case GREY_ALPHA:
        set_grey(rgb, p[0]);
        break;
    default:
        rgb[0] = p[0];
        rgb[1] = p[step];
        rgb[2] = p[2 * step];
    }
}

static void show_row(const expclip__png_rows *r)
{
    const expclip__png *png = r->png;
    const int32_t step = passes[r->pass].x_step;
    const int32_t y = passes[r->pass].y + r->y * passes[r->pass].y_step;
    const int32_t n = count(png->width, passes[r->pass].x, step);
    const size_t size = bits_of_pixel(png) / 8;
    const uint8_t *row = r->row + 1;
    uint8_t *rgb =
        r->rgb +
        ((size_t)y * (size_t)png->width + (size_t)passes[r->pass].x) * 3;

    if (png->depth == 8 && png->colour == RGB && step == 1) {
        memcpy(rgb, row, (size_t)n * 3);
        return;
    }
    for (int32_t x = 0; x < n; x++, rgb += 3 * step)
        if (png->depth < 8)
            small_pixel(rgb, png, row, x);
        else
            pixel(rgb, png, row + (size_t)x * size);
}

static int take_row(expclip__png_rows *r)
{
    const size_t bits = bits_of_pixel(r->png);
    uint8_t *row = r->row;

    if (!unfilter(row + 1, r->before + 1, r->row_size - 1,
                  bits < 8 ? 1 : bits / 8, row[0]))
        return 0;
    show_row(r);
    r->row = r->before;
    r->before = row;
    r->row_filled = 0;
    r->y++;
    if (r->y ==
        count(r->png->height, passes[r->pass].y, passes[r->pass].y_step))
        begin_pass(r, r->pass + 1);
    return 1;
}

int expclip__png_rows_add(expclip__png_rows *r, const uint8_t *data,
                          size_t size)
{
    while (size > 0 && !r->done) {
        const size_t left = r->row_size - r->row_filled;
        const size_t n = size < left ? size : left;

        memcpy(r->row + r->row_filled, data, n);
        r->row_filled += n;
        data += n;
        size -= n;
        if (r->row_filled == r->row_size && !take_row(r))
            return 0;
    }
    return 1;
}
