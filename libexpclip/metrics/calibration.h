/* SPDX-License-Identifier: MIT */
/*
 * calibration.h - is a probability of 80 % right in 80 % of the cases?
 *
 * Guo et al., On Calibration of Modern Neural Networks, 2017: the expected
 * calibration error over bins of equal width, and the temperature under which
 * the true classes are likeliest.
 */
#ifndef EXPCLIP_METRICS_CALIBRATION_H
#define EXPCLIP_METRICS_CALIBRATION_H

#include "metrics/predictions.h"

/** Items whose largest probability is above low and at most high. */
typedef struct expclip__reliability_bin {
    double low; /* of 1, as the others */
    double high;
    size_t n;
    double confidence; /* mean probability of the class found; NaN for none */
    double accuracy;   /* fraction of items that are right; NaN for none */
} expclip__reliability_bin;

/** Every step-th item from `first` on. */
typedef struct expclip__part {
    const expclip__predictions *all;
    size_t first;
    size_t step;
} expclip__part;

/**
 * Fill the bins. The expected calibration error is the mean distance of
 * confidence and accuracy, weighted by items.
 *
 * @return it, 0..1; NaN without items
 */
double expclip__reliability(expclip__reliability_bin *bins, size_t n_bins,
                            const expclip__part *part, double temperature);

/**
 * The temperature under which the true classes are likeliest, between the two
 * limits: predictions that are all right would like 0, worse than guessed ones
 * infinity. 1 when it makes no difference, as without items.
 */
double expclip__temperature(const expclip__part *part);

#define EXPCLIP__LOWEST_TEMPERATURE 1e-3
#define EXPCLIP__HIGHEST_TEMPERATURE 1e3

#endif
