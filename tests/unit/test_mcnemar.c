/* SPDX-License-Identifier: MIT */
/*
 * test_mcnemar.c - McNemar's test, by numbers worked out by hand.
 */
#include "unit/scratch.h"

#include "metrics/mcnemar.h"

#include <math.h>

static void test_mcnemar__few_items_are_tosses_of_a_coin(void **state)
{
    const expclip__mcnemar t = expclip__mcnemar_test(1, 4);

    (void)state;
    assert_true(t.p == 2.0 * (1 + 5) / 32);
    assert_true(t.statistic == 1.0);
    assert_string_equal(t.method, "exact binomial");
    assert_true(expclip__mcnemar_test(4, 1).p == t.p);
    assert_true(expclip__mcnemar_test(0, 24).p == ldexp(1.0, -23));
}

static void test_mcnemar__no_difference_is_no_evidence(void **state)
{
    (void)state;
    assert_true(expclip__mcnemar_test(0, 0).p == 1.0);
    assert_true(expclip__mcnemar_test(3, 3).p == 1.0);
    assert_true(expclip__mcnemar_test(500, 500).p == 1.0);
    assert_true(expclip__mcnemar_test(500, 500).statistic == 0.0);
}

/* McNemar's own kind of table: 121 against 59. */
static void test_mcnemar__many_items_are_chi_squared(void **state)
{
    const expclip__mcnemar t = expclip__mcnemar_test(121, 59);

    (void)state;
    assert_true(fabs(t.statistic - 61.0 * 61.0 / 180.0) < 1e-12);
    assert_true(fabs(t.p / 5.450094825427117e-06 - 1.0) < 1e-9);
    assert_string_equal(t.method, "chi-squared with continuity correction");
    assert_string_equal(expclip__mcnemar_test(10, 15).method, t.method);
}

static void test_mcnemar__a_large_difference_stays_a_number(void **state)
{
    const expclip__mcnemar t = expclip__mcnemar_test(1000000, 0);

    (void)state;
    assert_true(t.p >= 0.0 && t.p < 1e-300);
    assert_true(isfinite(t.statistic));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_mcnemar__few_items_are_tosses_of_a_coin),
        cmocka_unit_test(test_mcnemar__no_difference_is_no_evidence),
        cmocka_unit_test(test_mcnemar__many_items_are_chi_squared),
        cmocka_unit_test(test_mcnemar__a_large_difference_stays_a_number),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
