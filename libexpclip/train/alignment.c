/* SPDX-License-Identifier: MIT */
/*
 * alignment.c - the loss that teaches the head (reference train.py), and its
 * gradient in closed form.
 *
 *     P = F W^T                      [B, D]
 *     I = P / |P|, rows              [B, D]
 *     S = scale I T^T                [B, B]
 *     loss = (CE(S) + CE(S^T)) / 2, row i belongs to column i
 *
 *     dS = (softmax of rows + softmax of columns - 2 eye) / (2 B)
 *     dI = scale dS T
 *     dP = (dI - I (I . dI)) / |P|, rows
 *     dW = dP^T F                    [D, d]
 *
 * The four products go through the seam; what lies between is a pass over
 * numbers that memory bounds, in plain C and in double.
 */
#include "train/alignment.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"

expclip_status expclip__alignment_init(expclip__alignment *out,
                                       tensor_device *device, int32_t batch,
                                       int32_t feature_dim, int32_t target_dim,
                                       double scale, expclip_error *err)
{
    const size_t b = (size_t)batch, dim = (size_t)target_dim;
    expclip__alignment a = { device, batch, feature_dim, target_dim, scale,
                             NULL,   NULL,  NULL,        NULL,       NULL };

    a.images = expclip__alloc(b, dim * sizeof(float));
    a.slopes = expclip__alloc(b, dim * sizeof(float));
    a.cosines = expclip__alloc(b, b * sizeof(float));
    a.lengths = expclip__alloc(b, sizeof(double));
    a.columns = expclip__alloc(b, 2 * sizeof(double));
    *out = a;
    if (a.images && a.slopes && a.cosines && a.lengths && a.columns)
        return EXPCLIP_OK;
    expclip__alignment_clear(out);
    return expclip__fail_memory(err, "batch of training");
}

void expclip__alignment_clear(expclip__alignment *a)
{
    expclip__free(a->images);
    expclip__free(a->slopes);
    expclip__free(a->cosines);
    expclip__free(a->lengths);
    expclip__free(a->columns);
    memset(a, 0, sizeof(*a));
}

/* ---- products ---- */

/* out [rows_a, rows_b] = a b^T, for a [rows_a, inner] and b [rows_b, inner]. */
static expclip_status multiply_transposed(tensor_device *device, float *out,
                                          const float *a, int64_t rows_a,
                                          const float *b, int64_t rows_b,
                                          int64_t inner, expclip_error *err)
{
    const int64_t a_shape[] = { rows_a, inner }, b_shape[] = { rows_b, inner };
    const int32_t turned[] = { 1, 0 };
    tensor_scope *s = tensor_scope_begin(device, err);
    const tensor *x = tensor_from_f32(s, a, 2, a_shape);
    const tensor *y = tensor_from_f32(s, b, 2, b_shape);

    y = tensor_permute(s, y, 2, turned);
    tensor_to_f32(s, tensor_matmul(s, x, y), out, rows_a * rows_b);
    return tensor_scope_end(s);
}

/* out [m, n] = a b, for a [m, inner], or with `turn` a^T b, for a [inner, m];
 * b [inner, n]. */
static expclip_status multiply(tensor_device *device, float *out,
                               const float *a, int turn, const float *b,
                               int64_t m, int64_t inner, int64_t n,
                               expclip_error *err)
{
    const int64_t a_shape[] = { turn ? inner : m, turn ? m : inner };
    const int64_t b_shape[] = { inner, n };
    const int32_t turned[] = { 1, 0 };
    tensor_scope *s = tensor_scope_begin(device, err);
    const tensor *x = tensor_from_f32(s, a, 2, a_shape);
    const tensor *y = tensor_from_f32(s, b, 2, b_shape);

    if (turn)
        x = tensor_permute(s, x, 2, turned);
    tensor_to_f32(s, tensor_matmul(s, x, y), out, m * n);
    return tensor_scope_end(s);
}

/* ---- rows ---- */

static double dot(const float *a, const float *b, size_t n)
{
    double sum[4] = { 0 };
    size_t i = 0;

    for (; i + 4 <= n; i += 4)
        for (size_t k = 0; k < 4; k++)
            sum[k] += (double)a[i + k] * (double)b[i + k];
    for (; i < n; i++)
        sum[0] += (double)a[i] * (double)b[i];
    return sum[0] + sum[1] + sum[2] + sum[3];
}

expclip_status expclip__unit_rows(float *rows, size_t n, size_t dim,
                                  double *lengths, const char *what,
                                  const int64_t *numbers, expclip_error *err)
{
    for (size_t i = 0; i < n; i++) {
        float *row = rows + i * dim;
        const double length = sqrt(dot(row, row, dim));
        const float factor = (float)(1.0 / length);

        if (!isfinite(length) || !isfinite(factor))
            return expclip__fail(err, EXPCLIP_ERROR_NONFINITE,
                                 "%s: row %lld%s has length %g, expected a "
                                 "finite one above 0",
                                 what,
                                 numbers ? (long long)numbers[i] : (long long)i,
                                 numbers ? "" : " of the batch", length);
        for (size_t j = 0; j < dim; j++)
            row[j] *= factor;
        if (lengths)
            lengths[i] = length;
    }
    return EXPCLIP_OK;
}

/* From dI to dP, in the place of I. */
static void back_through_length(expclip__alignment *a)
{
    const size_t dim = (size_t)a->target_dim;

    for (size_t i = 0; i < (size_t)a->batch; i++) {
        float *image = a->images + i * dim;
        const float *slope = a->slopes + i * dim;
        const float along = (float)dot(image, slope, dim);
        const float factor = (float)(1.0 / a->lengths[i]);

        for (size_t j = 0; j < dim; j++)
            image[j] = factor * (slope[j] - image[j] * along);
    }
}

/* ---- loss ---- */

/* Of each column of scale * S: its largest, and its sum of exponentials. */
static void sum_columns(expclip__alignment *a)
{
    const size_t n = (size_t)a->batch;
    double *largest = a->columns, *sum = a->columns + n;

    for (size_t j = 0; j < n; j++) {
        largest[j] = -INFINITY;
        sum[j] = 0.0;
    }
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++)
            largest[j] = fmax(largest[j], (double)a->cosines[i * n + j]);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++)
            sum[j] +=
                exp(a->scale * ((double)a->cosines[i * n + j] - largest[j]));
}

/*
 * Row i: its share of the loss, and S becomes scale * dS. @return 1 when its
 * own target is the nearest, the first of equals
 */
static int finish_row(expclip__alignment *a, size_t i, double *loss)
{
    const size_t n = (size_t)a->batch;
    const double *largest = a->columns, *sum = a->columns + n;
    float *row = a->cosines + i * n;
    const double own = (double)row[i];
    double most = -INFINITY, total = 0.0;
    size_t nearest = 0;

    for (size_t j = 0; j < n; j++)
        if ((double)row[j] > most) {
            most = (double)row[j];
            nearest = j;
        }
    for (size_t j = 0; j < n; j++)
        total += exp(a->scale * ((double)row[j] - most));
    *loss += (log(total) + a->scale * (most - own) + log(sum[i]) +
              a->scale * (largest[i] - own)) /
             (2.0 * (double)n);
    for (size_t j = 0; j < n; j++) {
        const double x = (double)row[j];
        const double by_row = exp(a->scale * (x - most)) / total;
        const double by_column = exp(a->scale * (x - largest[j])) / sum[j];

        row[j] =
            (float)(a->scale * (by_row + by_column - (i == j ? 2.0 : 0.0)) /
                    (2.0 * (double)n));
    }
    return nearest == i;
}

static expclip_status take_loss(expclip__alignment *a,
                                expclip__alignment_result *result,
                                expclip_error *err)
{
    double loss = 0.0;
    size_t n_right = 0;

    sum_columns(a);
    for (size_t i = 0; i < (size_t)a->batch; i++)
        n_right += (size_t)finish_row(a, i, &loss);
    if (!isfinite(loss))
        return expclip__fail(err, EXPCLIP_ERROR_NONFINITE,
                             "loss: %g, expected a finite number; try a "
                             "smaller learning rate",
                             loss);
    result->loss = loss;
    result->accuracy = (double)n_right / (double)a->batch;
    return EXPCLIP_OK;
}

expclip_status expclip__alignment_compute(expclip__alignment *a,
                                          expclip__alignment_result *result,
                                          float *gradient, const float *head,
                                          const float *features,
                                          const float *targets,
                                          expclip_error *err)
{
    const int64_t b = a->batch, d = a->feature_dim, dim = a->target_dim;
    expclip__alignment_result found;
    expclip_status status;

    if ((status = multiply_transposed(a->device, a->images, features, b, head,
                                      dim, d, err)) ||
        (status =
             expclip__unit_rows(a->images, (size_t)b, (size_t)dim, a->lengths,
                                "projected features", NULL, err)) ||
        (status = multiply_transposed(a->device, a->cosines, a->images, b,
                                      targets, b, dim, err)) ||
        (status = take_loss(a, &found, err)) ||
        (status = multiply(a->device, a->slopes, a->cosines, 0, targets, b, b,
                           dim, err)))
        return status;
    back_through_length(a);
    status =
        multiply(a->device, gradient, a->images, 1, features, dim, b, d, err);
    if (!status)
        *result = found;
    return status;
}
