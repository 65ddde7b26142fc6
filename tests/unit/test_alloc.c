/* SPDX-License-Identifier: MIT */
/*
 * test_alloc.c - the gate for memory.
 */
#include "unit/scratch.h"

static void test_alloc__refuses_sizes_that_wrap(void **state)
{
    (void)state;
    assert_null(expclip__alloc(SIZE_MAX, 2));
    assert_null(expclip__alloc_zero(SIZE_MAX / 2, 3));
    assert_null(expclip__alloc((size_t)PTRDIFF_MAX + 1, 1));
    assert_null(expclip__realloc(NULL, SIZE_MAX, SIZE_MAX));
}

static void test_alloc__gives_something_for_nothing(void **state)
{
    void *p = expclip__alloc(0, 8);

    (void)state;
    assert_non_null(p);
    p = expclip__realloc(p, 0, 1);
    assert_non_null(p);
    expclip__free(p);
    expclip__free(NULL);
}

static void test_alloc__an_array_grows_one_by_one(void **state)
{
    int *array = NULL;

    (void)state;
    for (int n = 0; n < 1000; n++) {
        array = expclip__grown(array, (size_t)n, sizeof(*array));
        assert_non_null(array);
        array[n] = n;
    }
    for (int n = 0; n < 1000; n++)
        assert_int_equal(array[n], n);
    assert_null(expclip__grown(array, (size_t)1 << 62, sizeof(*array)));
    expclip__free(array);
}

static void test_alloc__clears(void **state)
{
    unsigned char *p = expclip__alloc_zero(100, 1), zero[100] = { 0 };

    (void)state;
    assert_memory_equal(p, zero, 100);
    expclip__free(p);
}

static void test_alloc__fails_once_after_n(void **state)
{
    void *p[3];

    (void)state;
    expclip__alloc_fail_after(1, 0);
    for (int i = 0; i < 3; i++)
        p[i] = expclip__alloc(1, 1);
    assert_non_null(p[0]);
    assert_null(p[1]);
    assert_non_null(p[2]);
    expclip__free(p[0]);
    expclip__free(p[2]);
}

static void test_alloc__fails_for_ever_until_switched_off(void **state)
{
    char *p = expclip__alloc(4, 1);

    (void)state;
    memcpy(p, "abc", 4);
    expclip__alloc_fail_after(0, 1);
    assert_null(expclip__alloc(1, 1));
    assert_null(expclip__alloc_zero(1, 1));
    assert_null(expclip__realloc(p, 100, 1));
    assert_string_equal(p, "abc");
    expclip__alloc_fail_after(-1, 0);
    p = expclip__realloc(p, 100, 1);
    assert_string_equal(p, "abc");
    expclip__free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_alloc__refuses_sizes_that_wrap),
        cmocka_unit_test(test_alloc__gives_something_for_nothing),
        cmocka_unit_test(test_alloc__an_array_grows_one_by_one),
        cmocka_unit_test(test_alloc__clears),
        cmocka_unit_test(test_alloc__fails_once_after_n),
        cmocka_unit_test(test_alloc__fails_for_ever_until_switched_off),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
