/* SPDX-License-Identifier: MIT */
/*
 * test_confusion.c - rates of small matrices, worked out by hand.
 */
#include "unit/predict.h"

#include "metrics/confusion.h"

#include <math.h>

static void check(double found, double expected)
{
    assert_true(fabs(found - expected) <= 1e-15);
}

static expclip__tally *tally_of(const size_t *matrix, size_t n)
{
    expclip__tally *t = NULL;

    assert_int_equal(expclip__tally_create(&t, n, NULL), EXPCLIP_OK);
    expclip__tally_read(t, matrix);
    return t;
}

static void test_confusion__rates_of_three_classes_by_hand(void **state)
{
    const size_t matrix[] = { 3, 1, 0, /* 4 of class 0 */
                              0, 1, 1, /* 2 of class 1 */
                              2, 0, 2 /* 4 of class 2 */ };
    expclip__tally *t = tally_of(matrix, 3);

    (void)state;
    assert_int_equal(expclip__tally_count(t), 10);
    check(expclip__tally_recall(t, 0), 3.0 / 4);
    check(expclip__tally_precision(t, 0), 3.0 / 5);
    check(expclip__tally_f1(t, 0), 6.0 / 9);
    check(expclip__tally_war(t), 6.0 / 10);
    check(expclip__tally_uar(t), (0.75 + 0.5 + 0.5) / 3);
    check(expclip__tally_macro_f1(t), (6.0 / 9 + 2.0 / 4 + 4.0 / 7) / 3);
    expclip__tally_free(t);
}

static void test_confusion__a_class_without_samples_has_no_recall(void **state)
{
    /* 1 has no samples but is found; 2 has neither; 3 is never found. */
    const size_t matrix[] = { 2, 2, 0, 0, /* */
                              0, 0, 0, 0, /* */
                              0, 0, 0, 0, /* */
                              1, 0, 0, 0 };
    expclip__tally *t = tally_of(matrix, 4);

    (void)state;
    assert_true(isnan(expclip__tally_recall(t, 1)));
    check(expclip__tally_precision(t, 1), 0.0);
    check(expclip__tally_f1(t, 1), 0.0);
    assert_true(isnan(expclip__tally_recall(t, 2)));
    assert_true(isnan(expclip__tally_precision(t, 2)));
    assert_true(isnan(expclip__tally_f1(t, 2)));
    assert_true(isnan(expclip__tally_precision(t, 3)));
    check(expclip__tally_f1(t, 3), 0.0);
    check(expclip__tally_uar(t), (0.5 + 0.0) / 2);
    check(expclip__tally_macro_f1(t), (4.0 / 7 + 0.0 + 0.0) / 3);
    expclip__tally_free(t);
}

static void test_confusion__without_items_no_rate_is_made_up(void **state)
{
    const size_t matrix[4] = { 0 };
    expclip__tally *t = tally_of(matrix, 2);

    (void)state;
    assert_true(isnan(expclip__tally_war(t)));
    assert_true(isnan(expclip__tally_uar(t)));
    assert_true(isnan(expclip__tally_macro_f1(t)));
    expclip__tally_free(t);
}

static void test_confusion__one_class_is_always_right(void **state)
{
    const size_t matrix[] = { 7 };
    expclip__tally *t = tally_of(matrix, 1);

    (void)state;
    check(expclip__tally_war(t), 1.0);
    check(expclip__tally_uar(t), 1.0);
    check(expclip__tally_macro_f1(t), 1.0);
    expclip__tally_free(t);
}

static void test_confusion__each_fold_has_its_matrix(void **state)
{
    const int32_t truth[] = { 0, 0, 1, 1, 1 }, found[] = { 0, 1, 1, 1, 0 };
    const int32_t folds[] = { 0, 2, 0, 2, 2 };
    const size_t expected[] = { 1, 0, 0, 1, /* fold 0 */
                                0, 0, 0, 0, /* fold 1 has no item */
                                0, 1, 1, 1 /* fold 2 */ };
    expclip__predictions *p = predict(truth, found, folds, 5, 2);
    size_t matrices[12] = { 0 };

    (void)state;
    expclip__confusion_count(matrices, p);
    assert_memory_equal(matrices, expected, sizeof(expected));
    expclip__predictions_free(p);
}

static void test_confusion__tallies_add_up(void **state)
{
    const size_t first[] = { 1, 2, 3, 4 }, second[] = { 0, 1, 0, 2 };
    expclip__tally *a = tally_of(first, 2), *b = tally_of(second, 2);

    (void)state;
    expclip__tally_add(b, 1, 0);
    expclip__tally_merge(a, b);
    assert_int_equal(a->support[0], 4);
    assert_int_equal(a->support[1], 10);
    assert_int_equal(a->found[0], 5);
    assert_int_equal(a->right[0], 1);
    assert_int_equal(a->right[1], 6);
    expclip__tally_clear(a);
    assert_int_equal(expclip__tally_count(a), 0);
    expclip__tally_free(a);
    expclip__tally_free(b);
}

static int32_t create(void *data)
{
    expclip__tally *t = NULL;
    expclip_status status = expclip__tally_create(&t, 5, NULL);

    (void)data;
    expclip__tally_free(t);
    return status;
}

static void test_confusion__memory_may_run_out_anywhere(void **state)
{
    (void)state;
    sweep_allocations(create, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_confusion__rates_of_three_classes_by_hand),
        cmocka_unit_test(test_confusion__a_class_without_samples_has_no_recall),
        cmocka_unit_test(test_confusion__without_items_no_rate_is_made_up),
        cmocka_unit_test(test_confusion__one_class_is_always_right),
        cmocka_unit_test(test_confusion__each_fold_has_its_matrix),
        cmocka_unit_test(test_confusion__tallies_add_up),
        cmocka_unit_test(test_confusion__memory_may_run_out_anywhere),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
