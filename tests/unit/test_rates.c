/* SPDX-License-Identifier: MIT */
/*
 * test_rates.c - UAR, WAR and macro F1 for a caller in C, by hand.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <expclip_eval.h>

/* Found: 0 1 1 0, and a row that failed. */
static const float logits[] = { 1, 0, 0, 1, 0, 1, 1, 0, NAN, 0 };
static const int32_t labels[] = { 0, 1, 0, 0, 1 };

static void test_rates__are_those_of_a_hand_made_table(void **state)
{
    expclip_rates r;
    expclip_error err;

    (void)state;
    assert_int_equal(
        expclip_metrics_rates(&r, logits, 10, labels, 5, NULL, 0, &err),
        EXPCLIP_OK);
    /* recalls 2/3 and 1/1; F1 4/5 and 2/3 */
    assert_true(fabs(r.uar - (100.0 * (2.0 / 3.0 + 1.0) / 2.0)) < 1e-12);
    assert_true(fabs(r.war - (75.0)) < 1e-12);
    assert_true(fabs(r.macro_f1 - (100.0 * (0.8 + 2.0 / 3.0) / 2.0)) < 1e-12);
    assert_int_equal(r.n, 4);
    assert_int_equal(r.n_failed, 1);
}

static void test_rates__of_folds_are_means_over_those_with_items(void **state)
{
    const int32_t folds[] = { 0, 0, 2, 2, 1 };
    expclip_rates r;
    expclip_error err;

    (void)state;
    assert_int_equal(
        expclip_metrics_rates(&r, logits, 10, labels, 5, folds, 5, &err),
        EXPCLIP_OK);
    /* fold 0: both right; fold 2: one of two, of one class; fold 1: none */
    assert_true(fabs(r.uar - (75.0)) < 1e-12);
    assert_true(fabs(r.war - (75.0)) < 1e-12);
}

static void test_rates__are_not_written_when_refused(void **state)
{
    const int32_t bad_labels[] = { 0, 1, 2, 0, 1 },
                  folds[] = { 0, -1, 0, 0, 0 };
    const float failed[] = { NAN, 0 };
    expclip_rates r = { .uar = -1.0 };
    expclip_error err;

    (void)state;
    assert_int_equal(
        expclip_metrics_rates(&r, logits, 10, bad_labels, 5, NULL, 0, &err),
        EXPCLIP_ERROR_ARGUMENT);
    assert_non_null(strstr(err.message, "labels[2]: 2"));
    assert_int_equal(
        expclip_metrics_rates(&r, logits, 10, labels, 5, folds, 5, &err),
        EXPCLIP_ERROR_ARGUMENT);
    assert_non_null(strstr(err.message, "folds[1]: -1"));
    assert_int_equal(
        expclip_metrics_rates(&r, logits, 9, labels, 5, NULL, 0, &err),
        EXPCLIP_ERROR_ARGUMENT);
    assert_int_equal(
        expclip_metrics_rates(&r, failed, 2, labels, 1, NULL, 0, &err),
        EXPCLIP_ERROR_STATE);
    assert_int_equal(
        expclip_metrics_rates(NULL, logits, 10, labels, 5, NULL, 0, &err),
        EXPCLIP_ERROR_ARGUMENT);
    assert_true(r.uar == -1.0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rates__are_those_of_a_hand_made_table),
        cmocka_unit_test(test_rates__of_folds_are_means_over_those_with_items),
        cmocka_unit_test(test_rates__are_not_written_when_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
