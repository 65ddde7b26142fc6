/* SPDX-License-Identifier: MIT */
/*
 * yunet_pass.c - the forward pass of YuNet.
 *
 * Its one building block, the unit, is a convolution of each pixel alone (1 x
 * 1) and one of each channel alone (3 x 3), both computed row by row, so that
 * what is between them stays in the cache. Shapes of a 640 x 480 image, as
 * [height, width, channels]:
 *
 *     image 480, 640, 3 -> stem 240, 320, 16 -> stage 0 and pool 120, 160, 16
 *     -> stage 1 120, 160, 32 -> stage 2 and pool 60, 80, 64 -> stage 3
 *     60, 80, 64 (stride 8) -> pool, stage 4 30, 40, 64 (stride 16) -> pool,
 *     stage 5 15, 20, 64 (stride 32)
 *
 * The neck goes back: each map is added, enlarged, to the next larger one. Four
 * heads read each of the three maps; they are computed as one unit.
 */
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/team.h"
#include "faces/kernels.h"
#include "faces/yunet.h"
#include "faces/yunet_steps.h"

/* Rows that each thread has for itself, each long enough for any row. */
enum { RING, PAIR = RING + 3, INPUT = PAIR + 2, WINDOWS, LINE, N_ROWS };

typedef struct pass {
    const expclip__yunet *y;
    const expclip__kernels *kernels;
    const uint8_t *rgb;
    size_t width, height; /* of the image */
    size_t padded_width, padded_height;
    int32_t n_threads;
    float *maps[N_PLACES];
    float *rows; /* of all threads */
    size_t row_size;
} pass;

static float *row_of(const pass *p, int32_t thread, int which)
{
    return p->rows + ((size_t)thread * N_ROWS + (size_t)which) * p->row_size;
}

/* A row of the image as floats, a black pixel before it and black ones behind
 * it; black rows are above and below. */
static void image_row(float *out, const pass *p, ptrdiff_t row)
{
    const size_t n = 3 * p->width, all = 3 * (p->padded_width + 2);
    const uint8_t *in = p->rgb + (size_t)(row < 0 ? 0 : row) * n;

    memset(out, 0, all * sizeof(*out));
    for (size_t i = 0; row >= 0 && (size_t)row < p->height && i < n; i++)
        out[3 + i] = (float)in[i];
}

/* 3 x 3 pixels with stride 2: gather them, and it is a matrix product. */
static const float *stem_row(const pass *p, size_t row, int32_t me)
{
    const size_t n = p->padded_width / 2;
    float *windows = row_of(p, me, WINDOWS), *line = row_of(p, me, LINE);
    float *out = row_of(p, me, INPUT);

    for (size_t k = 0; k < 3; k++) {
        image_row(line, p, (ptrdiff_t)(2 * row + k) - 1);
        for (size_t i = 0; i < n; i++)
            memcpy(windows + i * STEM_IN + 9 * k, line + 6 * i,
                   9 * sizeof(*line));
    }
    p->kernels->point(out, windows, n, STEM_IN, STEM_OUT, p->y->stem,
                      p->y->stem + STEM_IN * STEM_OUT, 1);
    return out;
}

static const float *input_row(const pass *p, const expclip__yunet_step *s,
                              size_t row, int32_t me)
{
    const size_t n = p->padded_width / (size_t)s->stride;
    const size_t channels = (size_t)s->n_in;
    const float *x, *added;
    float *out;

    if (s->in == NONE)
        return stem_row(p, row, me);
    x = p->maps[s->in] + row * n * channels;
    if (s->added == NONE)
        return x;
    added = p->maps[s->added] + row / 2 * (n / 2) * channels;
    out = row_of(p, me, INPUT);
    for (size_t i = 0; i < n; i++)
        for (size_t c = 0; c < channels; c++)
            out[i * channels + c] =
                x[i * channels + c] + added[i / 2 * channels + c];
    return out;
}

/* The first half of a unit, with a pixel of zeros at either end. */
static void point_row(float *out, const pass *p, int step, ptrdiff_t row,
                      int32_t me)
{
    const expclip__yunet_step *s = &expclip__yunet_steps[step];
    const size_t n = p->padded_width / (size_t)s->stride;
    const size_t rows = p->padded_height / (size_t)s->stride;
    const size_t n_in = (size_t)s->n_in, n_out = (size_t)s->n_out;
    const float *weights = p->y->units[step];

    if (row < 0 || (size_t)row >= rows) {
        memset(out, 0, (n + 2) * n_out * sizeof(*out));
        return;
    }
    memset(out, 0, n_out * sizeof(*out));
    p->kernels->point(out + n_out, input_row(p, s, (size_t)row, me), n, n_in,
                      n_out, weights, weights + n_in * n_out, 0);
    memset(out + (n + 1) * n_out, 0, n_out * sizeof(*out));
}

static float *output_row(const pass *p, const expclip__yunet_step *s,
                         size_t row, int32_t me)
{
    const size_t n = p->padded_width / (size_t)s->stride;

    return s->out == NONE ? row_of(p, me, PAIR + (int)(row % 2))
                          : p->maps[s->out] + row * n * (size_t)s->n_out;
}

/* The second half; with it, two rows may become one of half the length. */
static void depth_row(const pass *p, int step, size_t row, int32_t me)
{
    const expclip__yunet_step *s = &expclip__yunet_steps[step];
    const size_t n = p->padded_width / (size_t)s->stride;
    const size_t channels = (size_t)s->n_out;
    const float *weights = p->y->units[step] + ((size_t)s->n_in + 1) * channels;
    const float *const rows[3] = {
        row_of(p, me, RING + (int)((row + 2) % 3)),
        row_of(p, me, RING + (int)(row % 3)),
        row_of(p, me, RING + (int)((row + 1) % 3)),
    };
    float *out = output_row(p, s, row, me);

    p->kernels->depth(out, rows, n, channels, weights, weights + 9 * channels,
                      s->name != NULL);
    if (s->pooled != NONE && row % 2)
        p->kernels->pool(p->maps[s->pooled] + row / 2 * (n / 2) * channels,
                         output_row(p, s, row - 1, me), out, n / 2, channels);
}

static size_t rows_of_step(const pass *p, int32_t step)
{
    return p->padded_height / (size_t)expclip__yunet_steps[step].stride;
}

/* Two for each thread, so that one may be slower, of 8 rows at least, since two
 * rows more are computed for each. */
static int32_t count_parts(const pass *p, int32_t step)
{
    const size_t most = rows_of_step(p, step) / 8;
    const size_t n = p->n_threads > 1 ? 2 * (size_t)p->n_threads : 1;

    return (int32_t)(most < 1 ? 1 : n < most ? n : most);
}

/* A part of a map's rows, of an even number of rows but at the end. */
static void compute_part(void *data, int32_t step, int32_t part, int32_t me)
{
    const pass *p = data;
    const size_t rows = rows_of_step(p, step), pairs = (rows + 1) / 2;
    const size_t n = (size_t)count_parts(p, step);
    const size_t from = pairs * (size_t)part / n * 2;
    const size_t next = pairs * ((size_t)part + 1) / n * 2;
    const size_t to = next < rows ? next : rows;

    for (size_t row = from; row <= to + 1; row++) {
        /* row - 1, since the first one may lie above the map */
        point_row(row_of(p, me, RING + (int)((row + 2) % 3)), p, step,
                  (ptrdiff_t)row - 1, me);
        if (row >= from + 2)
            depth_row(p, step, row - 2, me);
    }
}

static void compute(pass *p)
{
    expclip__team_work work = { .n_steps = EXPCLIP__YUNET_UNITS,
                                .part = compute_part,
                                .data = p };

    for (int32_t i = 0; i < work.n_steps; i++)
        work.n_parts[i] = count_parts(p, i);
    expclip__team_run(p->n_threads, &work);
}

/* ---- memory ---- */

/* Floats that a place needs for each cell of 32 x 32 pixels: A and B for the
 * largest map that they ever hold. */
static const int16_t floats_of_cell[N_PLACES] = {
    [A] = 64 * 32,        [B] = 64 * 32,    [STRIDE_8] = 16 * 64,
    [STRIDE_16] = 4 * 64, [STRIDE_32] = 64, [OUT_8] = 16 * 16,
    [OUT_16] = 4 * 16,    [OUT_32] = 16,
};

/* Places with slack behind them; those of the output in memory of their own. */
static expclip_status allocate(pass *p, float **own, float **out,
                               expclip_error *err)
{
    const size_t cells = p->padded_width / 32 * (p->padded_height / 32);
    const size_t slack = EXPCLIP__KERNEL_SLACK * 64;
    size_t n = (size_t)p->n_threads * N_ROWS * p->row_size, n_out = 0;

    for (int i = A; i < N_PLACES; i++)
        if (i < OUT_8)
            n += cells * (size_t)floats_of_cell[i] + slack;
        else
            n_out += cells * (size_t)floats_of_cell[i];
    *own = expclip__alloc(n, sizeof(float));
    *out = expclip__alloc(n_out, sizeof(float));
    if (!*own || !*out)
        return expclip__fail_memory(err, "face detector");
    n = n_out = 0;
    for (int i = A; i < N_PLACES; i++) {
        const size_t size = cells * (size_t)floats_of_cell[i];

        p->maps[i] = i < OUT_8 ? *own + n : *out + n_out;
        n += i < OUT_8 ? size + slack : 0;
        n_out += i < OUT_8 ? 0 : size;
    }
    p->rows = *own + n;
    return EXPCLIP_OK;
}

static void describe(expclip__yunet_maps *out, const pass *p, float *values)
{
    for (int i = 0; i < EXPCLIP__YUNET_MAPS; i++)
        out->map[i] = (expclip__yunet_map){
            .stride = 8 << i,
            .rows = (int32_t)(p->padded_height >> (3 + i)),
            .columns = (int32_t)(p->padded_width >> (3 + i)),
            .cells = p->maps[OUT_8 + i],
        };
    out->values = values;
}

void expclip__yunet_maps_free(expclip__yunet_maps *maps)
{
    expclip__free(maps->values);
    maps->values = NULL;
}

/* One for each row of the smallest map at most. */
static int32_t count_threads(const pass *p)
{
    const size_t rows = p->padded_height / 32;
    const size_t most =
        rows < EXPCLIP__TEAM_THREADS ? rows : EXPCLIP__TEAM_THREADS;
    const size_t n = p->y->n_threads > 1 ? (size_t)p->y->n_threads : 1;

    return (int32_t)(n < most ? n : most);
}

expclip_status expclip__yunet_run(expclip__yunet_maps *out,
                                  const expclip__yunet *y, const uint8_t *rgb,
                                  int32_t width, int32_t height,
                                  expclip_error *err)
{
    pass p = { .y = y,
               .kernels = expclip__kernels_best(),
               .rgb = rgb,
               .width = (size_t)width,
               .height = (size_t)height,
               .padded_width = ((size_t)width + 31) / 32 * 32,
               .padded_height = ((size_t)height + 31) / 32 * 32 };
    float *own = NULL, *values = NULL;
    expclip_status status;

    p.n_threads = count_threads(&p);
    /* 64 channels of stride 4, or 27 numbers of stride 2; two zeros, slack */
    p.row_size = 16 * p.padded_width + (2 + EXPCLIP__KERNEL_SLACK) * 64;
    status = allocate(&p, &own, &values, err);
    if (!status)
        compute(&p);
    expclip__free(own);
    if (status)
        expclip__free(values);
    else
        describe(out, &p, values);
    return status;
}
