/* SPDX-License-Identifier: MIT */
/*
 * test_bootstrap.c - intervals: the same from a seed, within their folds, and
 * of the width that theory gives.
 */
#include "unit/predict.h"

#include "metrics/bootstrap.h"

#include <math.h>

enum { ITEMS = 400 };

static int32_t truth[ITEMS], found[ITEMS], folds[ITEMS];

/* Two classes; 3 of 4 items are right; folds of 1 to 4 quarters. */
static expclip__predictions *make(int n_folds)
{
    for (int i = 0; i < ITEMS; i++) {
        truth[i] = i % 2;
        found[i] = i % 8 < 6 ? truth[i] : 1 - truth[i];
        folds[i] = i * n_folds / ITEMS;
    }
    return predict(truth, found, n_folds ? folds : NULL, ITEMS, 2);
}

static void run(expclip__interval *out, int n_folds, size_t n, uint64_t seed)
{
    expclip__predictions *p = make(n_folds);

    assert_int_equal(expclip__bootstrap(out, p, n, 0.95, seed, NULL, NULL),
                     EXPCLIP_OK);
    expclip__predictions_free(p);
}

static void test_bootstrap__a_seed_gives_the_same_numbers(void **state)
{
    expclip__interval a[EXPCLIP__N_RATES], b[EXPCLIP__N_RATES];

    (void)state;
    run(a, 0, 200, 1);
    run(b, 0, 200, 1);
    assert_memory_equal(a, b, sizeof(a));
    run(b, 1, 200, 1); /* one fold is no folds */
    assert_memory_equal(a, b, sizeof(a));
    run(b, 0, 200, 2);
    assert_memory_not_equal(a, b, sizeof(a));
}

/* From the same generator written in Python: every machine must draw these. */
static void test_bootstrap__every_machine_draws_the_same(void **state)
{
    expclip__interval found_now[EXPCLIP__N_RATES];

    (void)state;
    run(found_now, 0, 20, 7);
    assert_true(fabs(found_now[EXPCLIP__WAR].low - 0.709375) < 1e-15);
    assert_true(fabs(found_now[EXPCLIP__WAR].high - 0.7739375) < 1e-15);
}

/* A share p of n items has a standard error of sqrt(p (1 - p) / n). */
static void test_bootstrap__the_width_is_that_of_a_binomial(void **state)
{
    const double expected = 2 * 1.96 * sqrt(0.75 * 0.25 / ITEMS);
    expclip__interval out[EXPCLIP__N_RATES];

    (void)state;
    for (int n_folds = 0; n_folds <= 4; n_folds += 2) {
        run(out, n_folds, 4000, 1);
        for (int i = 0; i < EXPCLIP__N_RATES; i++) {
            const double width = out[i].high - out[i].low;

            assert_true(out[i].low < 0.75 && out[i].high > 0.75);
            assert_true(fabs(width / expected - 1.0) < 0.1);
        }
    }
}

static void test_bootstrap__items_stay_in_their_folds(void **state)
{
    /* One item a fold, and a fold without one: nothing is left to chance. */
    const int32_t of[] = { 0, 1, 0 }, is[] = { 0, 0, 1 }, in[] = { 3, 0, 1 };
    expclip__predictions *p = predict(of, is, in, 3, 2);
    expclip__interval out[EXPCLIP__N_RATES];

    (void)state;
    assert_int_equal(expclip__bootstrap(out, p, 50, 0.9, 3, NULL, NULL),
                     EXPCLIP_OK);
    for (int i = 0; i < 2; i++) {
        assert_true(fabs(out[i].low - 1.0 / 3) < 1e-15);
        assert_true(fabs(out[i].high - 1.0 / 3) < 1e-15);
    }
    assert_true(fabs(out[EXPCLIP__MACRO_F1].low - 0.25) < 1e-15);
    expclip__predictions_free(p);
}

static void test_bootstrap__one_sample_is_its_own_interval(void **state)
{
    expclip__interval out[EXPCLIP__N_RATES];

    (void)state;
    run(out, 0, 1, 1);
    assert_true(out[EXPCLIP__WAR].low == out[EXPCLIP__WAR].high);
}

static void test_bootstrap__it_can_be_cancelled(void **state)
{
    expclip__predictions *p = make(0);
    expclip__interval out[EXPCLIP__N_RATES] = { { -1.0, -1.0 } };
    expclip_cancel *cancel = NULL;

    (void)state;
    assert_int_equal(expclip_cancel_create(&cancel, NULL), EXPCLIP_OK);
    expclip_cancel_request(cancel);
    assert_int_equal(expclip__bootstrap(out, p, 1000000, 0.95, 1, cancel, NULL),
                     EXPCLIP_ERROR_CANCELLED);
    assert_true(out[0].low == -1.0);
    expclip_cancel_free(cancel);
    expclip__predictions_free(p);
}

static int32_t sample(void *data)
{
    expclip__interval out[EXPCLIP__N_RATES];

    return expclip__bootstrap(out, data, 5, 0.95, 1, NULL, NULL);
}

static void test_bootstrap__memory_may_run_out_anywhere(void **state)
{
    expclip__predictions *p = make(2);

    (void)state;
    sweep_allocations(sample, p);
    expclip__predictions_free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bootstrap__a_seed_gives_the_same_numbers),
        cmocka_unit_test(test_bootstrap__every_machine_draws_the_same),
        cmocka_unit_test(test_bootstrap__the_width_is_that_of_a_binomial),
        cmocka_unit_test(test_bootstrap__items_stay_in_their_folds),
        cmocka_unit_test(test_bootstrap__one_sample_is_its_own_interval),
        cmocka_unit_test(test_bootstrap__it_can_be_cancelled),
        cmocka_unit_test(test_bootstrap__memory_may_run_out_anywhere),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
