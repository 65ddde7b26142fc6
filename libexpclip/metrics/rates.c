/* SPDX-License-Identifier: MIT */
/*
 * rates.c - the means of UAR and WAR over folds.
 */
#include "metrics/rates.h"

#include "base/alloc.h"
#include "base/error.h"

static expclip_status allocate(expclip__rates *r, size_t n, size_t n_folds,
                               expclip_error *err)
{
    expclip_status status;

    if (n_folds > EXPCLIP__MOST_CELLS || n > EXPCLIP__MOST_CELLS / n / n_folds)
        return expclip__fail(err, EXPCLIP_ERROR_LIMIT,
                             "%zu folds of %zu classes: expected at most %zu "
                             "cells in their confusion matrices",
                             n_folds, n, EXPCLIP__MOST_CELLS);
    if ((status = expclip__tally_create(&r->all, n, err)) ||
        (status = expclip__tally_create(&r->fold, n, err)))
        return status;
    r->matrices = expclip__alloc_zero(n_folds * n * n, sizeof(*r->matrices));
    r->matrix = expclip__alloc_zero(n * n, sizeof(*r->matrix));
    return r->matrices && r->matrix ? EXPCLIP_OK
                                    : expclip__fail_memory(err, "metrics");
}

expclip_status expclip__rates_compute(expclip__rates *out,
                                      const expclip__predictions *p,
                                      expclip_error *err)
{
    const size_t n_cells = p->n_classes * p->n_classes;
    const size_t n_folds = (size_t)p->n_folds;
    const expclip_status status = allocate(out, p->n_classes, n_folds, err);
    size_t n_filled = 0;

    if (status)
        return status;
    expclip__confusion_count(out->matrices, p);
    for (size_t k = 0; k < n_folds; k++) {
        const size_t *matrix = out->matrices + k * n_cells;

        for (size_t i = 0; i < n_cells; i++)
            out->matrix[i] += matrix[i];
        expclip__tally_read(out->fold, matrix);
        if (expclip__tally_count(out->fold) == 0)
            continue;
        out->uar += expclip__tally_uar(out->fold);
        out->war += expclip__tally_war(out->fold);
        n_filled++;
    }
    out->uar /= (double)n_filled;
    out->war /= (double)n_filled;
    expclip__tally_read(out->all, out->matrix);
    return EXPCLIP_OK;
}

void expclip__rates_free(expclip__rates *r)
{
    expclip__free(r->matrices);
    expclip__free(r->matrix);
    expclip__tally_free(r->all);
    expclip__tally_free(r->fold);
}
