/* SPDX-License-Identifier: MIT */
/*
 * compact_head.c - R of the QR factorisation, by Householder reflections in
 * double (Golub and Van Loan, Matrix Computations, algorithm 5.2.1).
 *
 * The matrix is kept transposed, so that a reflection runs along rows.
 */
#include "expression/compact_head.h"

#include <math.h>

#include "base/alloc.h"
#include "base/error.h"

static double dot(const double *a, const double *b, int64_t n)
{
    double sum = 0.0;

    for (int64_t i = 0; i < n; i++)
        sum += a[i] * b[i];
    return sum;
}

/* Zero column k below its diagonal in all columns k..d-1 of a [d, m]. */
static void reflect(double *a, int64_t m, int64_t d, int64_t k)
{
    double *v = a + k * m + k;
    const int64_t n = m - k;
    const double length = sqrt(dot(v, v, n));
    const double diagonal = v[0] > 0.0 ? -length : length;
    double norm;

    if (!(length > 0.0))
        return;
    v[0] -= diagonal;
    norm = dot(v, v, n);
    for (int64_t j = k + 1; j < d; j++) {
        double *column = a + j * m + k;
        const double factor = 2.0 * dot(v, column, n) / norm;

        for (int64_t i = 0; i < n; i++)
            column[i] -= factor * v[i];
    }
    v[0] = diagonal; /* what is below is known to be zero */
}

expclip_status expclip__compact_head(float *r, const float *w, int64_t m,
                                     int64_t d, expclip_error *err)
{
    double *a = expclip__alloc((size_t)(m * d), sizeof(*a));

    if (!a)
        return expclip__fail_memory(err, "head");
    for (int64_t i = 0; i < m; i++)
        for (int64_t j = 0; j < d; j++)
            a[j * m + i] = (double)w[i * d + j];
    for (int64_t k = 0; k < d; k++)
        reflect(a, m, d, k);
    for (int64_t i = 0; i < d; i++)
        for (int64_t j = 0; j < d; j++)
            r[i * d + j] = j < i ? 0.0f : (float)a[j * m + i];
    expclip__free(a);
    return EXPCLIP_OK;
}
