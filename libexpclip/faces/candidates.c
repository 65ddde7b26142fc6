/* SPDX-License-Identifier: MIT */
/*
 * candidates.c - faces from YuNet's maps (OpenCV, face_detect.cpp and
 * nms.inl.hpp).
 */
#include "faces/candidates.h"

#include <math.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/error.h"

#define MOST_FACES 5000      /* top_k */
#define MOST_OVERLAP 0.3     /* of the area of both */
#define LARGEST_SIDE 65536.0 /* pixels; hostile weights say more */

static double sigmoid(double x)
{
    return 1.0 / (1.0 + exp(-x));
}

/* ---- cells ---- */

/* Of one cell; NaN never is a face. */
static float score_of(const float *cell)
{
    const double s = sqrt(sigmoid((double)cell[EXPCLIP__YUNET_FACE]) *
                          sigmoid((double)cell[EXPCLIP__YUNET_OBJECT]));

    return isfinite(s) ? (float)s : 0.0f;
}

static int is_sound(const expclip_face *c)
{
    const float numbers[] = { c->x, c->y, c->width, c->height };

    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
        if (!(fabs((double)numbers[i]) <= LARGEST_SIDE))
            return 0;
    for (size_t i = 0; i < 10; i++)
        if (!(fabs((double)c->points[i]) <= LARGEST_SIDE))
            return 0;
    return 1;
}

/* The face of a cell; 0 when its numbers are none. */
static int read_cell(expclip_face *out, const expclip__yunet_map *m,
                     size_t index, float score)
{
    const float *cell = m->cells + index * EXPCLIP__YUNET_CHANNELS;
    const float *box = cell + EXPCLIP__YUNET_BOX;
    const float *points = cell + EXPCLIP__YUNET_POINTS;
    const float stride = (float)m->stride;
    const float column = (float)(index % (size_t)m->columns);
    const float row = (float)(index / (size_t)m->columns);

    out->width = expf(box[2]) * stride;
    out->height = expf(box[3]) * stride;
    out->x = (column + box[0]) * stride - out->width / 2.0f;
    out->y = (row + box[1]) * stride - out->height / 2.0f;
    for (size_t i = 0; i < 10; i += 2) {
        out->points[i] = (points[i] + column) * stride;
        out->points[i + 1] = (points[i + 1] + row) * stride;
    }
    out->score = score;
    return is_sound(out);
}

static expclip_status add_map(expclip__candidates *c,
                              const expclip__yunet_map *m, float threshold,
                              expclip_error *err)
{
    const size_t n = (size_t)m->rows * (size_t)m->columns;

    for (size_t i = 0; i < n; i++) {
        const float score = score_of(m->cells + i * EXPCLIP__YUNET_CHANNELS);
        expclip_face face, *grown;

        c->best = score > c->best ? score : c->best;
        if (!(score > threshold) || !read_cell(&face, m, i, score))
            continue;
        grown = expclip__grown(c->faces, c->n, sizeof(*grown));
        if (!grown)
            return expclip__fail_memory(err, "faces");
        c->faces = grown;
        c->faces[c->n++] = face;
    }
    return EXPCLIP_OK;
}

/* ---- the best of those that lie over each other ---- */

/* The best first; equals in the order of the maps, which qsort() does not
 * keep by itself. */
typedef struct place {
    float score;
    size_t index;
} place;

static int compare(const void *a, const void *b)
{
    const place *x = a, *y = b;

    if (x->score != y->score)
        return x->score < y->score ? 1 : -1;
    return x->index < y->index ? -1 : 1;
}

static double shared(double a, double a_size, double b, double b_size)
{
    const double from = a > b ? a : b;
    const double to = a + a_size < b + b_size ? a + a_size : b + b_size;

    return to > from ? to - from : 0.0;
}

/* Of whole numbers, cut towards zero, as OpenCV's Rect2i has them. */
static double overlap(const expclip_face *a, const expclip_face *b)
{
    const double aw = trunc((double)a->width), ah = trunc((double)a->height);
    const double bw = trunc((double)b->width), bh = trunc((double)b->height);
    const double common =
        shared(trunc((double)a->x), aw, trunc((double)b->x), bw) *
        shared(trunc((double)a->y), ah, trunc((double)b->y), bh);
    const double both = aw * ah + bw * bh - common;

    return both > 0.0 ? common / both : 1.0;
}

static expclip_status sort(expclip__candidates *c, expclip_error *err)
{
    place *places = expclip__alloc(c->n, sizeof(*places));
    expclip_face *sorted = expclip__alloc(c->n, sizeof(*sorted));

    if (!places || !sorted) {
        expclip__free(places);
        expclip__free(sorted);
        return expclip__fail_memory(err, "faces");
    }
    for (size_t i = 0; i < c->n; i++)
        places[i] = (place){ c->faces[i].score, i };
    qsort(places, c->n, sizeof(*places), compare);
    for (size_t i = 0; i < c->n; i++)
        sorted[i] = c->faces[places[i].index];
    expclip__free(places);
    expclip__free(c->faces);
    c->faces = sorted;
    return EXPCLIP_OK;
}

static void suppress(expclip__candidates *c)
{
    const size_t n = c->n < MOST_FACES ? c->n : MOST_FACES;
    size_t kept = 0;

    for (size_t i = 0; i < n; i++) {
        size_t j = 0;

        while (j < kept && overlap(&c->faces[i], &c->faces[j]) <= MOST_OVERLAP)
            j++;
        if (j == kept)
            c->faces[kept++] = c->faces[i];
    }
    c->n = kept;
}

expclip_status expclip__candidates_find(expclip__candidates *out,
                                        const expclip__yunet_maps *maps,
                                        float threshold, expclip_error *err)
{
    expclip__candidates c = { .faces = NULL };
    expclip_status status = EXPCLIP_OK;

    for (int i = 0; !status && i < EXPCLIP__YUNET_MAPS; i++)
        status = add_map(&c, &maps->map[i], threshold, err);
    if (!status && c.n)
        status = sort(&c, err);
    if (status) {
        expclip__candidates_free(&c);
        return status;
    }
    suppress(&c);
    *out = c;
    return EXPCLIP_OK;
}

void expclip__candidates_free(expclip__candidates *c)
{
    expclip__free(c->faces);
    c->faces = NULL;
}
