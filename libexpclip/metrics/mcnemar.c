/* SPDX-License-Identifier: MIT */
/*
 * mcnemar.c - McNemar's test: are two runs on the same items equally good?
 *
 * McNemar, Note on the sampling error of the difference between correlated
 * proportions, 1947. If they are, each differing item is a toss of a coin.
 */
#include "metrics/mcnemar.h"

#include <math.h>

#define FEWEST_FOR_CHI_SQUARED 25

/* The statistic is the smaller number. Binomials of fewer than 25 items are
 * whole numbers that a double holds exactly. */
static void test_exactly(expclip__mcnemar *out, size_t fewer, size_t n)
{
    double ways = 1.0, sum = 1.0;

    for (size_t k = 1; k <= fewer; k++) {
        ways = ways * (double)(n - k + 1) / (double)k;
        sum += ways;
    }
    out->statistic = (double)fewer;
    out->p = fmin(1.0, ldexp(sum, 1 - (int)n));
    out->method = "exact binomial";
}

expclip__mcnemar expclip__mcnemar_test(size_t only_first, size_t only_second)
{
    const size_t n = only_first + only_second;
    const size_t fewer = only_first < only_second ? only_first : only_second;
    expclip__mcnemar result;
    double distance;

    if (n < FEWEST_FOR_CHI_SQUARED) {
        test_exactly(&result, fewer, n);
        return result;
    }
    /* Equal numbers are no distance, which the correction must not make. */
    distance = fmax((double)(n - 2 * fewer) - 1.0, 0.0);
    result.statistic = distance * distance / (double)n;
    result.p = erfc(sqrt(result.statistic / 2.0));
    result.method = "chi-squared with continuity correction";
    return result;
}
