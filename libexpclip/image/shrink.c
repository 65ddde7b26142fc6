/* SPDX-License-Identifier: MIT */
/*
 * shrink.c - a smaller image: each pixel is the mean of those around its place,
 * weighted by a triangle as wide as two of the pixels that are made.
 *
 * Down comes first, as whole rows are added up quickly.
 */
#include "image/shrink.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"

/* Weights are whole numbers that add up to 1 << BITS, as Pillow's are; times
 * 255 that fits. */
enum { BITS = 22, HALF = 1 << (BITS - 1) };

typedef struct window {
    int32_t first;
    int32_t n;
    int32_t *weights; /* [n] */
} window;

/* Weights that a window may need, one side becoming another. */
static size_t most_weights(int32_t from, int32_t to)
{
    return 2 * (size_t)((from + to - 1) / to) + 2;
}

/* Of what becomes number i of `to`. */
static void find_window(window *w, int32_t i, int32_t from, int32_t to)
{
    const double scale = (double)from / to;
    const double centre = (i + 0.5) * scale;
    const int32_t first = (int32_t)(centre - scale + 0.5);
    const int32_t end = (int32_t)(centre + scale + 0.5);
    double sum = 0.0;

    w->first = first > 0 ? first : 0;
    w->n = (end < from ? end : from) - w->first;
    for (int32_t k = 0; k < w->n; k++)
        sum += fmax(0.0, 1.0 - fabs(w->first + k - centre + 0.5) / scale);
    for (int32_t k = 0; k < w->n; k++)
        w->weights[k] =
            (int32_t)(0.5 +
                      (1 << BITS) *
                          fmax(0.0, 1.0 - fabs(w->first + k - centre + 0.5) /
                                              scale) /
                          sum);
}

static uint8_t to_byte(int32_t sum)
{
    const int32_t x = sum >> BITS;

    return (uint8_t)(x < 0 ? 0 : x > 255 ? 255 : x);
}

/* Rows to one row. */
static void add_rows(uint8_t *out, int32_t *sums, const expclip__image *image,
                     const window *w)
{
    const size_t n = (size_t)image->width * 3;

    for (size_t i = 0; i < n; i++)
        sums[i] = HALF;
    for (int32_t k = 0; k < w->n; k++) {
        const uint8_t *row = image->rgb + (size_t)(w->first + k) * n;
        const int32_t weight = w->weights[k];

        for (size_t i = 0; i < n; i++)
            sums[i] += weight * row[i];
    }
    for (size_t i = 0; i < n; i++)
        out[i] = to_byte(sums[i]);
}

/* Pixels of a row to one pixel. */
static void add_pixels(uint8_t *out, const uint8_t *row, const window *w)
{
    int32_t sums[3] = { HALF, HALF, HALF };

    row += (size_t)w->first * 3;
    for (int32_t k = 0; k < w->n; k++, row += 3)
        for (int c = 0; c < 3; c++)
            sums[c] += w->weights[k] * row[c];
    for (int c = 0; c < 3; c++)
        out[c] = to_byte(sums[c]);
}

static window *make_windows(int32_t from, int32_t to)
{
    const size_t most = most_weights(from, to);
    window *windows = expclip__alloc((size_t)to, sizeof(*windows));
    int32_t *weights =
        windows ? expclip__alloc((size_t)to * most, sizeof(*weights)) : NULL;

    if (!weights) {
        expclip__free(windows);
        return NULL;
    }
    for (int32_t i = 0; i < to; i++) {
        windows[i].weights = weights + (size_t)i * most;
        find_window(&windows[i], i, from, to);
    }
    return windows;
}

static void free_windows(window *windows)
{
    if (windows)
        expclip__free(windows[0].weights);
    expclip__free(windows);
}

expclip_status expclip__image_shrink(expclip__image *out,
                                     const expclip__image *image, int32_t width,
                                     int32_t height, expclip_error *err)
{
    const size_t n = (size_t)image->width * 3;
    window *down = make_windows(image->height, height);
    window *across = make_windows(image->width, width);
    uint8_t *rgb = expclip__alloc((size_t)width * (size_t)height, 3);
    uint8_t *row = expclip__alloc(n, 1);
    int32_t *sums = expclip__alloc(n, sizeof(*sums));
    const int enough = down && across && rgb && row && sums;

    for (int32_t y = 0; enough && y < height; y++) {
        add_rows(row, sums, image, &down[y]);
        for (int32_t x = 0; x < width; x++)
            add_pixels(rgb + ((size_t)y * (size_t)width + (size_t)x) * 3, row,
                       &across[x]);
    }
    free_windows(down);
    free_windows(across);
    expclip__free(row);
    expclip__free(sums);
    if (!enough) {
        expclip__free(rgb);
        return expclip__fail_memory(err, "image");
    }
    *out = (expclip__image){ width, height, rgb };
    return EXPCLIP_OK;
}
