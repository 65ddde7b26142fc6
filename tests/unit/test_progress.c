/* SPDX-License-Identifier: MIT */
/*
 * test_progress.c - the line of progress in terminals of any width.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "terminal/console.h"
#include "terminal/progress.h"

static const progress work = { .unit = "images", .total = 100000 };

static void test_progress__the_last_column_stays_free(void **state)
{
    static const size_t widths[] = { 1, 2, 5, 8, 20, 40, 65, 66, 80, 200 };
    static const double done[] = { 0, 0.004, 9.5, 4321, 99999, 100000, 2e6 };
    static const progress works[] = {
        { .unit = "images", .total = 100000 },
        { .unit = "B", .total = 4e10 },
        { .unit = "images", .total = 0 },
    };
    char text[PROGRESS_SIZE];

    (void)state;
    for (size_t w = 0; w < sizeof(widths) / sizeof(widths[0]); w++)
        for (size_t d = 0; d < sizeof(done) / sizeof(done[0]); d++)
            for (size_t k = 0; k < 3; k++) {
                progress_text(text, &works[k], done[d], 7000, widths[w]);
                assert_true(console_width(text) < widths[w]);
            }
}

static void test_progress__what_matters_most_stays_longest(void **state)
{
    static const struct {
        size_t columns;
        const char *text;
    } cases[] = {
        { 200, " 43 % ██████████░░░░░░░░░░░░░░  43210 images, 432 images/s,"
               " 2 min left" },
        { 66, " 43 % ████████░░░░░░░░░░░  43210 images, 432 images/s,"
              " 2 min left" },
        { 40, " 43 % ███░░░░  43210 images, 2 min left" },
        { 20, " 43 % 43210 images" },
        { 18, " 43 % " },
        { 4, " 43" },
    };
    char text[PROGRESS_SIZE];

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        progress_text(text, &work, 43210, 100, cases[i].columns);
        assert_string_equal(text, cases[i].text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_progress__the_last_column_stays_free),
        cmocka_unit_test(test_progress__what_matters_most_stays_longest),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
