/* SPDX-License-Identifier: MIT */
/*
 * bootstrap.h - intervals of UAR, WAR and macro F1: percentile bootstrap.
 */
#ifndef EXPCLIP_METRICS_BOOTSTRAP_H
#define EXPCLIP_METRICS_BOOTSTRAP_H

#include "metrics/confusion.h"

/** Rates that have intervals, as fractions of 1. */
enum { EXPCLIP__UAR, EXPCLIP__WAR, EXPCLIP__MACRO_F1, EXPCLIP__N_RATES };

typedef struct expclip__interval {
    double low;
    double high;
} expclip__interval;

/**
 * Draw `n_samples` samples: of each fold as many of its items as it has, with
 * replacement. UAR and WAR of a sample are the means of its folds', macro F1 is
 * of all its items. The same numbers from a seed on every machine.
 *
 * @param intervals   [EXPCLIP__N_RATES]
 * @param n_samples   at least 1
 * @param confidence  more than 0, less than 1
 * @return EXPCLIP_OK or EXPCLIP_ERROR_{CANCELLED, MEMORY}
 */
expclip_status expclip__bootstrap(expclip__interval *intervals,
                                  const expclip__predictions *p,
                                  size_t n_samples, double confidence,
                                  uint64_t seed, const expclip_cancel *cancel,
                                  expclip_error *err);

#endif
