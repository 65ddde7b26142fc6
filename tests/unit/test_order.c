/* SPDX-License-Identifier: MIT */
/*
 * test_order.c - lots that follow from a seed alone.
 */
#include "unit/scratch.h"

#include "train/order.h"

enum { N = 1000 };

static void test_order__holds_every_row_once(void **state)
{
    int64_t order[N];
    char seen[N] = { 0 };

    (void)state;
    expclip__order_epoch(order, N, 1, 0);
    for (int i = 0; i < N; i++) {
        assert_in_range(order[i], 0, N - 1);
        seen[order[i]]++;
    }
    for (int i = 0; i < N; i++)
        assert_int_equal(seen[i], 1);
}

static void test_order__follows_from_seed_and_epoch(void **state)
{
    int64_t a[N], b[N];

    (void)state;
    expclip__order_epoch(a, N, 1, 3);
    expclip__order_epoch(b, N, 1, 3);
    assert_memory_equal(a, b, sizeof(a));
    expclip__order_epoch(b, N, 1, 4);
    assert_memory_not_equal(a, b, sizeof(a));
    expclip__order_epoch(b, N, 2, 3);
    assert_memory_not_equal(a, b, sizeof(a));
}

/* Worked out by a second implementation, in Python, of SplitMix64 and the
 * shuffle: a checkpoint's order must not change between releases. */
static void test_order__is_the_same_for_ever(void **state)
{
    static const int64_t expected[] = { 4, 2, 0, 5, 6, 1, 7, 3 };
    int64_t order[8];

    (void)state;
    expclip__order_epoch(order, 8, 1, 0);
    assert_memory_equal(order, expected, sizeof(order));
}

static void test_order__the_first_head_is_even_within_its_bound(void **state)
{
    static float head[10 * N];
    double sum = 0.0, largest = 0.0;

    (void)state;
    expclip__order_first_head(head, 10 * N, 1, 0.25);
    for (int i = 0; i < 10 * N; i++) {
        assert_true(head[i] >= -0.25f && head[i] <= 0.25f);
        sum += (double)head[i];
        largest = (double)head[i] > largest ? (double)head[i] : largest;
    }
    assert_true(sum / (10 * N) < 0.005 && sum / (10 * N) > -0.005);
    assert_true(largest > 0.249);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_order__holds_every_row_once),
        cmocka_unit_test(test_order__follows_from_seed_and_epoch),
        cmocka_unit_test(test_order__is_the_same_for_ever),
        cmocka_unit_test(test_order__the_first_head_is_even_within_its_bound),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
