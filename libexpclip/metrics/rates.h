/* SPDX-License-Identifier: MIT */
/*
 * rates.h - UAR and WAR over folds: the plain means of the folds' own, as in
 * the reference's test.py.
 */
#ifndef EXPCLIP_METRICS_RATES_H
#define EXPCLIP_METRICS_RATES_H

#include "metrics/confusion.h"

/** Cells of all confusion matrices at most; a fold has one of its own. */
#define EXPCLIP__MOST_CELLS ((size_t)1 << 22)

typedef struct expclip__rates {
    size_t *matrices;     /* [n_folds, n_classes, n_classes] */
    size_t *matrix;       /* [n_classes, n_classes], of all folds */
    expclip__tally *all;  /* of `matrix` */
    expclip__tally *fold; /* for reading one fold after the other */
    double uar;           /* fractions of 1: means over the folds with items */
    double war;
} expclip__rates;

/** Zeroed before; to be freed also after a failure: LIMIT, MEMORY. */
expclip_status expclip__rates_compute(expclip__rates *out,
                                      const expclip__predictions *p,
                                      expclip_error *err);
void expclip__rates_free(expclip__rates *r);

#endif
