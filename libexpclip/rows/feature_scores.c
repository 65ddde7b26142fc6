/* SPDX-License-Identifier: MIT */
/*
 * feature_scores.c - scores of features that are there, in milliseconds.
 *
 * The logit of image f and class vector v after a head W is
 *
 *     scale * (W f) . v / |W f|  =  scale * f . (W^T v) / |W f|
 *
 * so that not every row goes through the head for every prompt set (4,096
 * numbers each), but only the few class vectors, backwards; the lengths are
 * computed once for a head.
 */
#include "rows/feature_scores.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"

enum { ROWS_AT_ONCE = 256 };

/* Sums beside each other, so that none waits for the one before. */
static double dot(const float *a, const float *b, size_t n)
{
    double sums[8] = { 0.0 }, sum = 0.0;
    size_t i = 0;

    for (; i + 8 <= n; i += 8)
        for (size_t j = 0; j < 8; j++)
            sums[j] += (double)a[i + j] * (double)b[i + j];
    for (; i < n; i++)
        sum += (double)a[i] * (double)b[i];
    for (size_t j = 0; j < 8; j++)
        sum += sums[j];
    return sum;
}

/* ---- embeddings ---- */

/* Rows of good items to their places, NaN to the others'. */
static void place_good(float *out, const float *good,
                       const expclip__row_store *s, size_t dim)
{
    for (size_t i = 0; i < s->n; i++, out += dim) {
        for (size_t j = 0; j < dim; j++)
            out[j] = s->notes[i].status ? NAN : good[j];
        if (!s->notes[i].status)
            good += dim;
    }
}

expclip_status expclip__features_embed(float *out, const expclip__row_store *s,
                                       const expclip_model *model,
                                       const expclip_embed_options *options,
                                       expclip_error *err)
{
    const size_t dim = expclip__model_dim(model, options->projected);
    const size_t n = s->n - s->n_failed;
    float *plain = expclip__alloc(n, s->dim * sizeof(*plain));
    float *rows = expclip__alloc(n, dim * sizeof(*rows));
    expclip_status status = EXPCLIP_OK;

    if (!plain || !rows)
        status = expclip__fail_memory(err, "embeddings");
    for (size_t i = 0, k = 0; !status && i < s->n; i++)
        if (!s->notes[i].status)
            memcpy(plain + k++ * s->dim, s->rows + i * s->dim,
                   s->dim * sizeof(*plain));
    if (!status)
        status = expclip__model_finish(model, rows, plain, n, options, err);
    if (!status)
        place_good(out, rows, s, dim);
    expclip__free(plain);
    expclip__free(rows);
    return status;
}

/* ---- the head, seen from the features ---- */

/* Lengths of the rows after the head. */
static expclip_status measure(expclip__head_view *v,
                              const expclip__row_store *s,
                              const expclip_model *model, expclip_error *err)
{
    const size_t dim = expclip__model_dim(model, 1);
    float *rows = expclip__alloc(ROWS_AT_ONCE, dim * sizeof(*rows));
    expclip_status status = EXPCLIP_OK;

    if (!rows)
        return expclip__fail_memory(err, "scores");
    for (size_t i = 0; !status && i < s->n; i += ROWS_AT_ONCE) {
        const size_t n = s->n - i < ROWS_AT_ONCE ? s->n - i : ROWS_AT_ONCE;

        if (model->head.map)
            status = expclip__head_apply(&model->head, rows,
                                         s->rows + i * s->dim, n, err);
        else
            memcpy(rows, s->rows + i * s->dim, n * dim * sizeof(*rows));
        for (size_t k = 0; !status && k < n; k++)
            v->lengths[i + k] = sqrt(dot(rows + k * dim, rows + k * dim, dim));
    }
    expclip__free(rows);
    return status;
}

/* The head of the unit vectors is the head, transposed. */
static expclip_status turn(expclip__head_view *v, const expclip_model *model,
                           expclip_error *err)
{
    const size_t d = expclip__model_dim(model, 0);
    const size_t dim = expclip__model_dim(model, 1);
    float *unit = expclip__alloc_zero(d, d * sizeof(*unit));
    expclip_status status;

    v->turned = expclip__alloc(d, dim * sizeof(*v->turned));
    for (size_t i = 0; unit && i < d; i++)
        unit[i * d + i] = 1.0f;
    status = unit && v->turned
                 ? expclip__head_apply(&model->head, v->turned, unit, d, err)
                 : expclip__fail_memory(err, "scores");
    expclip__free(unit);
    return status;
}

static expclip_status check_lengths(const expclip__head_view *v,
                                    const expclip__row_store *s,
                                    expclip_error *err)
{
    for (size_t i = 0; i < s->n; i++)
        if (!s->notes[i].status &&
            !(v->lengths[i] > 0.0 && isfinite(v->lengths[i])))
            return expclip__fail(err, EXPCLIP_ERROR_NONFINITE,
                                 "embedding %zu: length %g, expected a finite "
                                 "one above 0",
                                 i, v->lengths[i]);
    return EXPCLIP_OK;
}

void expclip__head_view_clear(expclip__head_view *v)
{
    expclip__free(v->lengths);
    expclip__free(v->turned);
    memset(v, 0, sizeof(*v));
}

static expclip_status look_through(expclip__head_view *view,
                                   const expclip__row_store *s,
                                   const expclip_model *model,
                                   expclip_error *err)
{
    expclip__head_view v = { .hash = model->head.map ? model->head.hash : 0,
                             .made = 1 };
    expclip_status status = EXPCLIP_OK;

    if (view->made && view->hash == v.hash)
        return EXPCLIP_OK;
    v.lengths = expclip__alloc(s->n, sizeof(*v.lengths));
    if (!v.lengths)
        return expclip__fail_memory(err, "scores");
    if (model->head.map)
        status = turn(&v, model, err);
    if (!status)
        status = measure(&v, s, model, err);
    if (!status)
        status = check_lengths(&v, s, err);
    expclip__head_view_clear(status ? &v : view);
    if (!status)
        *view = v;
    return status;
}

/* ---- scores ---- */

/* Class vectors as the features see them: [classes, d]. */
static float *pull_back(const expclip__head_view *v, size_t d,
                        const expclip_classes *classes)
{
    const size_t dim = (size_t)classes->dim;
    const size_t n = classes->prompts->n_classes;
    float *out = expclip__alloc(n, d * sizeof(*out));

    for (size_t c = 0; out && c < n; c++)
        for (size_t j = 0; j < d; j++)
            out[c * d + j] =
                v->turned ? (float)dot(v->turned + j * dim,
                                       classes->class_vectors + c * dim, dim)
                          : classes->class_vectors[c * dim + j];
    return out;
}

expclip_status expclip__features_score(float *logits, expclip__head_view *v,
                                       const expclip__row_store *s,
                                       const expclip_model *model,
                                       const expclip_classes *classes,
                                       expclip_error *err)
{
    const size_t n_classes = classes->prompts->n_classes;
    expclip_status status = look_through(v, s, model, err);
    float *vectors;

    if (status)
        return status;
    vectors = pull_back(v, s->dim, classes);
    if (!vectors)
        return expclip__fail_memory(err, "scores");
    for (size_t i = 0; i < s->n; i++) {
        const double factor = (double)classes->logit_scale / v->lengths[i];

        for (size_t c = 0; c < n_classes; c++)
            logits[i * n_classes + c] =
                s->notes[i].status
                    ? NAN
                    : (float)(factor * dot(s->rows + i * s->dim,
                                           vectors + c * s->dim, s->dim));
    }
    expclip__free(vectors);
    return EXPCLIP_OK;
}
