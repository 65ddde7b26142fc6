/* SPDX-License-Identifier: MIT */
/*
 * test_calibration.c - bins and temperatures that are known without a search.
 */
#include "unit/scratch.h"

#include "metrics/calibration.h"

#include <math.h>

enum { MOST = 100 };

static float rows[2 * MOST];
static int32_t labels[MOST];

/* n items of two classes, all with the same margin; the first n_right right. */
static expclip__predictions *make(size_t n, size_t n_right, float margin)
{
    const expclip__scored scored = { rows, labels, NULL, n, 2 };
    expclip__predictions *p = NULL;

    for (size_t i = 0; i < n; i++) {
        rows[2 * i] = 20.0f + margin;
        rows[2 * i + 1] = 20.0f;
        labels[i] = i >= n_right;
    }
    assert_int_equal(expclip__predictions_create(&p, &scored, NULL),
                     EXPCLIP_OK);
    return p;
}

static double temperature(size_t n, size_t n_right, float margin)
{
    expclip__predictions *p = make(n, n_right, margin);
    const expclip__part all = { p, 0, 1 };
    const double t = expclip__temperature(&all);

    expclip__predictions_free(p);
    return t;
}

static void test_calibration__bins_hold_confidence_and_accuracy(void **state)
{
    /* Confidence 1 / (1 + exp(-1)) = 0.731 is in the 8th of 10 bins. */
    expclip__predictions *p = make(10, 6, 1.0f);
    const expclip__part all = { p, 0, 1 };
    const double confidence = 1.0 / (1.0 + exp(-1.0));
    expclip__reliability_bin bins[10];
    const double error = expclip__reliability(bins, 10, &all, 1.0);

    (void)state;
    assert_true(fabs(error - (confidence - 0.6)) < 1e-14);
    assert_int_equal(bins[7].n, 10);
    assert_true(fabs(bins[7].confidence - confidence) < 1e-14);
    assert_true(fabs(bins[7].accuracy - 0.6) < 1e-14);
    assert_true(fabs(bins[7].low - 0.7) < 1e-14);
    assert_true(fabs(bins[7].high - 0.8) < 1e-14);
    assert_int_equal(bins[0].n, 0);
    assert_true(isnan(bins[0].confidence) && isnan(bins[0].accuracy));
    expclip__predictions_free(p);
}

static void test_calibration__borders_belong_to_the_lower_bin(void **state)
{
    expclip__predictions *p = make(4, 4, 0.0f); /* confidence 1/2 */
    const expclip__part all = { p, 0, 1 };
    expclip__reliability_bin bins[2];

    (void)state;
    expclip__reliability(bins, 2, &all, 1.0);
    assert_int_equal(bins[0].n, 4);
    expclip__predictions_free(p);
    p = make(4, 4, 1000.0f); /* confidence 1 */
    expclip__reliability(bins, 2, &(expclip__part){ p, 0, 1 }, 1.0);
    assert_int_equal(bins[1].n, 4);
    expclip__predictions_free(p);
}

static void test_calibration__a_part_may_be_empty(void **state)
{
    expclip__predictions *p = make(1, 1, 1.0f);
    const expclip__part odd = { p, 1, 2 };
    expclip__reliability_bin bins[3];

    (void)state;
    assert_true(isnan(expclip__reliability(bins, 3, &odd, 1.0)));
    assert_true(expclip__temperature(&odd) == 1.0);
    expclip__predictions_free(p);
}

/* With one margin the likeliest temperature makes the confidence the share of
 * right ones: margin / T = log(right / wrong). */
static void test_calibration__the_temperature_of_equal_margins(void **state)
{
    (void)state;
    for (float margin = 0.01f; margin < 200.0f; margin *= 3.0f) {
        const double expected = (double)margin / log(3.0);

        /* float logits near 20 hold a margin to about 1e-6 only */
        assert_true(fabs(temperature(100, 75, margin) / expected - 1.0) < 1e-3);
    }
}

static void test_calibration__limits_hold_where_there_is_no_best(void **state)
{
    (void)state;
    assert_true(temperature(10, 10, 1.0f) == EXPCLIP__LOWEST_TEMPERATURE);
    assert_true(temperature(10, 10, 1e30f) == 1.0); /* sure at any */
    assert_true(temperature(10, 0, 1.0f) == EXPCLIP__HIGHEST_TEMPERATURE);
    assert_true(temperature(10, 5, 1.0f) == EXPCLIP__HIGHEST_TEMPERATURE);
    assert_true(temperature(10, 5, 0.0f) == 1.0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_calibration__bins_hold_confidence_and_accuracy),
        cmocka_unit_test(test_calibration__borders_belong_to_the_lower_bin),
        cmocka_unit_test(test_calibration__a_part_may_be_empty),
        cmocka_unit_test(test_calibration__the_temperature_of_equal_margins),
        cmocka_unit_test(test_calibration__limits_hold_where_there_is_no_best),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
