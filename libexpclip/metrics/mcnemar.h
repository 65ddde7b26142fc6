/* SPDX-License-Identifier: MIT */
/*
 * mcnemar.h - McNemar's test: are two runs on the same items equally good?
 */
#ifndef EXPCLIP_METRICS_MCNEMAR_H
#define EXPCLIP_METRICS_MCNEMAR_H

#include <stddef.h>

typedef struct expclip__mcnemar {
    double statistic;
    double p;           /* of two sides */
    const char *method; /* static text */
} expclip__mcnemar;

/** Only the items count that one run alone got right: exact binomial when they
 * are fewer than 25, else chi-squared with continuity correction. */
expclip__mcnemar expclip__mcnemar_test(size_t only_first, size_t only_second);

#endif
