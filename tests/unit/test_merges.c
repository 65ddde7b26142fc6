/* SPDX-License-Identifier: MIT */
/*
 * test_merges.c - reading merge tables, good and bad.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "tokens/merges.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define ALL 48894 /* CLIP's merges */

static expclip_status parse(const char *text, size_t n, expclip_error *err)
{
    expclip__merges *m = NULL;
    expclip_status status =
        expclip__merges_parse(&m, text, strlen(text), n, err);

    if (status)
        assert_null(m);
    expclip__merges_free(m);
    return status;
}

static void test_merges__a_table_is_a_title_and_pairs(void **state)
{
    (void)state;
    assert_int_equal(parse("#version\na b\nab c</w>\n", 2, NULL), EXPCLIP_OK);
    assert_int_equal(parse("#version\na b\nab c</w>", 2, NULL), EXPCLIP_OK);
    assert_int_equal(parse("#version\na b\nonly one is read\n", 1, NULL),
                     EXPCLIP_OK);
    assert_int_equal(parse("#version\n", 0, NULL), EXPCLIP_OK);
}

static void test_merges__a_bad_line_is_named(void **state)
{
    static const char *const bad[] = {
        "#version\na b\nab\n",     /* one symbol */
        "#version\na b\na b c\n",  /* three */
        "#version\na b\nzz a\n",   /* made by no earlier line */
        "#version\na b\na b\n",    /* nothing new */
        "#version\na b\n\n",       /* empty */
        "#version\na b\n\xff a\n", /* no UTF-8 */
        "#version\na b\na c\r\n",  /* a symbol that ends in "\r" */
    };
    expclip_error err;

    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++) {
        assert_int_equal(parse(bad[i], 2, &err), EXPCLIP_ERROR_FORMAT);
        assert_non_null(strstr(err.message, "line 3"));
    }
    assert_int_equal(parse("#version\na b\n", 2, &err), EXPCLIP_ERROR_FORMAT);
    assert_non_null(strstr(err.message, "2 lines, expected 3"));
    assert_int_equal(parse("", 0, &err), EXPCLIP_ERROR_FORMAT);
}

static void test_merges__size_and_number_are_limited(void **state)
{
    const size_t size = (16u << 20) + 1;
    char *text = malloc(size);
    expclip__merges *m = NULL;
    expclip_error err;

    (void)state;
    assert_non_null(text);
    memset(text, 'a', size);
    assert_int_equal(expclip__merges_parse(&m, text, size, 1, &err),
                     EXPCLIP_ERROR_LIMIT);
    assert_int_equal(expclip__merges_parse(&m, text, 5u << 20, 1, &err),
                     EXPCLIP_ERROR_FORMAT); /* one line of 5 MB */
    assert_int_equal(
        expclip__merges_parse(&m, text, 10, EXPCLIP__MAX_MERGES + 1, &err),
        EXPCLIP_ERROR_LIMIT);
    free(text);
}

static void test_merges__the_table_of_clip_is_in_the_library(void **state)
{
    expclip__merges *m = NULL;

    (void)state;
    assert_int_equal(expclip__merges_load(&m, ALL, NULL), EXPCLIP_OK);
    expclip__merges_free(m);
}

static void test_merges__a_failed_allocation_is_reported(void **state)
{
    (void)state;
    for (int n = 0, done = 0; !done; n++) {
        expclip__merges *m = NULL;
        expclip_status status;

        expclip__alloc_fail_after(n, 1);
        status = expclip__merges_load(&m, 100, NULL);
        expclip__alloc_fail_after(-1, 0);
        done = status == EXPCLIP_OK;
        if (!done) {
            assert_int_equal(status, EXPCLIP_ERROR_MEMORY);
            assert_null(m);
        }
        expclip__merges_free(m);
        assert_in_range(n, 0, 100);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_merges__a_table_is_a_title_and_pairs),
        cmocka_unit_test(test_merges__a_bad_line_is_named),
        cmocka_unit_test(test_merges__size_and_number_are_limited),
        cmocka_unit_test(test_merges__the_table_of_clip_is_in_the_library),
        cmocka_unit_test(test_merges__a_failed_allocation_is_reported),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
