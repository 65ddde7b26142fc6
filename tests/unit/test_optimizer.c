/* SPDX-License-Identifier: MIT */
/*
 * test_optimizer.c - SGD and AdamW against torch.optim's numbers.
 *
 * Written by PyTorch 2.15 (tests/reference/test_train.py compares whole
 * trainings): w = [1, -2, 0.5], gradient [0.1, -0.2, 0.3] each step.
 */
#include "unit/scratch.h"

#include <math.h>

#include "train/optimizer.h"

static const float gradient[] = { 0.1f, -0.2f, 0.3f };

static void run(expclip__optimizer *o, float head[3], int n)
{
    const float start[] = { 1.0f, -2.0f, 0.5f };

    memcpy(head, start, sizeof(start));
    o->n = 3;
    assert_int_equal(expclip__optimizer_init(o, NULL), 0);
    for (int i = 0; i < n; i++)
        expclip__optimizer_apply(o, head, gradient, i);
    expclip__optimizer_clear(o);
}

static void assert_close(const float *found, const double *expected)
{
    for (int i = 0; i < 3; i++)
        assert_true(fabs((double)found[i] - expected[i]) < 1e-6);
}

static void test_optimizer__sgd_is_torchs(void **state)
{
    static const double expected[] = { 0.938342789, -1.876685578,
                                       0.3290413695 };
    expclip__optimizer o = { .kind = EXPCLIP__SGD,
                             .learning_rate = 0.1,
                             .momentum = 0.9,
                             .weight_decay = 0.01 };
    float head[3];

    (void)state;
    run(&o, head, 3);
    assert_close(head, expected);
}

static void test_optimizer__adamw_is_torchs(void **state)
{
    static const double expected[] = { 0.69730292897, -1.69430591299,
                                       0.19880140949 };
    expclip__optimizer o = { .kind = EXPCLIP__ADAMW,
                             .learning_rate = 0.1,
                             .weight_decay = 0.01 };
    float head[3];

    (void)state;
    run(&o, head, 3);
    assert_close(head, expected);
}

static void test_optimizer__the_cosine_falls_from_the_rate_to_0(void **state)
{
    const expclip__optimizer o = { .learning_rate = 0.2,
                                   .cosine = 1,
                                   .total_steps = 10 };

    (void)state;
    assert_true(fabs(expclip__optimizer_rate(&o, 0) - 0.2) < 1e-12);
    assert_true(fabs(expclip__optimizer_rate(&o, 5) - 0.1) < 1e-12);
    assert_true(fabs(expclip__optimizer_rate(&o, 10)) < 1e-12);
}

static void test_optimizer__names_are_torchs(void **state)
{
    expclip__optimizer_kind kind;

    (void)state;
    assert_true(expclip__optimizer_find("sgd", &kind));
    assert_int_equal(kind, EXPCLIP__SGD);
    assert_true(expclip__optimizer_find("adamw", &kind));
    assert_int_equal(kind, EXPCLIP__ADAMW);
    assert_false(expclip__optimizer_find("Adam", &kind));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_optimizer__sgd_is_torchs),
        cmocka_unit_test(test_optimizer__adamw_is_torchs),
        cmocka_unit_test(test_optimizer__the_cosine_falls_from_the_rate_to_0),
        cmocka_unit_test(test_optimizer__names_are_torchs),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
