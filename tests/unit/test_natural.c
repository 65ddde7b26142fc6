/* SPDX-License-Identifier: MIT */
/*
 * test_natural.c - names in the order in which people count.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/natural.h"

static void test_natural__numbers_go_by_value(void **state)
{
    static const char *const sorted[] = {
        "",
        "1",
        "2",
        "10",
        "a",
        "a1b1",
        "a1b02",
        "a1b2",
        "a1b10",
        "a99999999999999999999999",
        "a100000000000000000000000",
        "b",
    };
    const int n = sizeof(sorted) / sizeof(sorted[0]);

    (void)state;
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++) {
            const int order = expclip__natural_compare(sorted[i], sorted[j]);

            assert_int_equal((order > 0) - (order < 0), (i > j) - (i < j));
        }
}

static void test_natural__equal_numbers_go_by_bytes(void **state)
{
    (void)state;
    assert_true(expclip__natural_compare("01", "1") < 0);
    assert_true(expclip__natural_compare("1", "01") > 0);
    assert_int_equal(expclip__natural_compare("x01", "x01"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_natural__numbers_go_by_value),
        cmocka_unit_test(test_natural__equal_numbers_go_by_bytes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
