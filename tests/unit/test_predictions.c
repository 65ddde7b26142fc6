/* SPDX-License-Identifier: MIT */
/*
 * test_predictions.c - found classes, ranks, failed items.
 */
#include "unit/scratch.h"

#include <math.h>

#include "metrics/predictions.h"

enum { N = 4, CLASSES = 3 };

static const float logits[N * CLASSES] = {
    2.0f,  2.0f, 1.0f, /* a tie */
    -1.0f, 0.0f, 3.0f, /* plain */
    0.0f,  NAN,  0.0f, /* failed */
    5.0f,  5.0f, 5.0f, /* all the same */
};
static const int32_t labels[N] = { 1, 0, 2, 2 };
static const int32_t folds[N] = { 0, 2, 2, 0 };

static void test_predictions__the_first_of_a_tie_is_found(void **state)
{
    const expclip__scored scored = { logits, labels, NULL, N, CLASSES };
    expclip__predictions *p = NULL;

    (void)state;
    assert_int_equal(expclip__predictions_create(&p, &scored, NULL),
                     EXPCLIP_OK);
    assert_int_equal(p->n, 3);
    assert_int_equal(p->items[0].found, 0);
    assert_int_equal(p->items[0].rank, 1);
    assert_int_equal(p->items[1].found, 2);
    assert_int_equal(p->items[1].rank, 2);
    assert_int_equal(p->items[2].found, 0);
    assert_int_equal(p->items[2].rank, 2);
    assert_int_equal(p->n_folds, 1);
    assert_int_equal(p->n_failed[0], 1);
    expclip__predictions_free(p);
}

static void test_predictions__a_failed_item_is_of_its_fold(void **state)
{
    const expclip__scored scored = { logits, labels, folds, N, CLASSES };
    expclip__predictions *p = NULL;

    (void)state;
    assert_int_equal(expclip__predictions_create(&p, &scored, NULL),
                     EXPCLIP_OK);
    assert_int_equal(p->n_folds, 3);
    assert_int_equal(p->n_failed[0], 0);
    assert_int_equal(p->n_failed[1], 0);
    assert_int_equal(p->n_failed[2], 1);
    assert_int_equal(p->items[1].fold, 2);
    assert_ptr_equal(p->items[2].logits, logits + 3 * CLASSES);
    expclip__predictions_free(p);
}

static void test_predictions__infinity_is_named_with_its_item(void **state)
{
    const float infinite[] = { 0.0f, 1.0f, NAN, INFINITY, 2.0f, -INFINITY };
    const int32_t truth[] = { 0, 0, 0 };
    const expclip__scored scored = { infinite, truth, NULL, 3, 2 };
    expclip__predictions *p = NULL;
    expclip_error err;

    (void)state;
    assert_int_equal(expclip__predictions_create(&p, &scored, &err),
                     EXPCLIP_ERROR_NONFINITE);
    assert_non_null(strstr(err.message, "item 2: infinity for class 1"));
    assert_null(p);
}

static void test_predictions__without_an_item_there_are_none(void **state)
{
    const expclip__scored failed = { logits + 2 * CLASSES, labels, NULL, 1,
                                     CLASSES };
    const expclip__scored none = { NULL, NULL, NULL, 0, CLASSES };
    expclip__predictions *p = NULL;
    expclip_error err;

    (void)state;
    assert_int_equal(expclip__predictions_create(&p, &failed, &err),
                     EXPCLIP_ERROR_STATE);
    assert_non_null(strstr(err.message, "1, of which all failed"));
    assert_int_equal(expclip__predictions_create(&p, &none, &err),
                     EXPCLIP_ERROR_STATE);
    assert_null(p);
}

static int32_t create(void *data)
{
    const expclip__scored scored = { logits, labels, folds, N, CLASSES };
    expclip__predictions *p = NULL;
    expclip_status status = expclip__predictions_create(&p, &scored, NULL);

    (void)data;
    assert_true(status == EXPCLIP_OK || p == NULL);
    expclip__predictions_free(p);
    return status;
}

static void test_predictions__memory_may_run_out_anywhere(void **state)
{
    (void)state;
    sweep_allocations(create, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_predictions__the_first_of_a_tie_is_found),
        cmocka_unit_test(test_predictions__a_failed_item_is_of_its_fold),
        cmocka_unit_test(test_predictions__infinity_is_named_with_its_item),
        cmocka_unit_test(test_predictions__without_an_item_there_are_none),
        cmocka_unit_test(test_predictions__memory_may_run_out_anywhere),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
