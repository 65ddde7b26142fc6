/* SPDX-License-Identifier: MIT */
/*
 * test_score.c - softmax, ranks, pooling and cosines, by hand-made numbers.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "expression/compact_head.h"
#include "expression/score.h"
#include "metrics/logits.h"

static void
test_score__softmax_sums_to_one_and_takes_a_temperature(void **state)
{
    const float logits[] = { 1000.0f, 1001.0f, 999.0f };
    float p[3], warm[3];

    (void)state;
    expclip__softmax(p, logits, 3, 1.0f);
    expclip__softmax(warm, logits, 3, 10.0f);
    assert_float_equal(p[0] + p[1] + p[2], 1.0f, 1e-6f);
    assert_float_equal(p[1], 0.66524096f, 1e-6f);
    assert_true(warm[1] < p[1] && warm[1] > warm[0]);
}

static void test_score__softmax_works_in_place(void **state)
{
    float p[] = { 0.0f, 1.0f }, expected[2];

    (void)state;
    expclip__softmax(expected, p, 2, 1.0f);
    expclip__softmax(p, p, 2, 1.0f);
    assert_memory_equal(p, expected, sizeof(p));
}

static void test_score__top_is_sorted_and_the_first_wins_ties(void **state)
{
    const float logits[] = { 1.0f, 5.0f, 3.0f, 5.0f, 4.0f };
    int32_t top[5];

    (void)state;
    expclip__top(top, 5, logits, 5);
    assert_int_equal(top[0], 1);
    assert_int_equal(top[1], 3);
    assert_int_equal(top[2], 4);
    assert_int_equal(top[3], 2);
    assert_int_equal(top[4], 0);
    expclip__top(top, 2, logits, 5);
    assert_int_equal(top[0], 1);
    assert_int_equal(top[1], 3);
    assert_int_equal(expclip_logits_argmax(logits, 5), 1);
    assert_int_equal(expclip_logits_argmax(NULL, 0), 0);
}

/* Two classes in the plane: one prompt; two prompts at right angles. */
static expclip_classes *plane(int32_t pooling)
{
    static const float vectors[] = { 1.0f, 0.0f, 0.0f, 1.0f, 1.0f, 0.0f };
    expclip_classes *c = expclip__alloc_zero(1, sizeof(*c));

    assert_int_equal(expclip__prompts_create(&c->prompts, NULL), EXPCLIP_OK);
    expclip__prompts_add(c->prompts, "one", "a", NULL);
    expclip__prompts_add(c->prompts, "two", "b", NULL);
    expclip__prompts_add(c->prompts, "two", "c", NULL);
    c->pooling = pooling;
    c->dim = 2;
    c->logit_scale = 10.0f;
    c->prompt_vectors = expclip__alloc(6, sizeof(float));
    memcpy(c->prompt_vectors, vectors, sizeof(vectors));
    assert_int_equal(expclip__classes_pool(c, NULL), EXPCLIP_OK);
    return c;
}

static void test_score__pooling_of_logits_is_their_mean(void **state)
{
    const float row[] = { 3.0f, 4.0f }; /* cosines 0.6 and 0.8 */
    expclip_classes *c = plane(EXPCLIP_POOLING_LOGITS);
    float logits[2];

    (void)state;
    assert_int_equal(expclip__score_rows(logits, c, row, 1, NULL), EXPCLIP_OK);
    assert_float_equal(logits[0], 6.0f, 1e-5f);
    assert_float_equal(logits[1], 7.0f, 1e-5f);
    expclip__classes_free(c);
}

static void test_score__pooling_of_embeddings_has_unit_length(void **state)
{
    const float row[] = { 3.0f, 4.0f };
    expclip_classes *c = plane(EXPCLIP_POOLING_EMBEDDINGS);
    float logits[2];

    (void)state;
    assert_int_equal(expclip__score_rows(logits, c, row, 1, NULL), EXPCLIP_OK);
    assert_float_equal(logits[1], 10.0f * 1.4f / sqrtf(2.0f), 1e-5f);
    expclip__classes_free(c);
}

static void test_score__a_failed_item_is_no_class(void **state)
{
    const float rows[] = { NAN, NAN, 3.0f, 4.0f };
    expclip_classes *c = plane(EXPCLIP_POOLING_LOGITS);
    float logits[4];
    int32_t top[3];
    const float mixed[] = { NAN, 1.0f, 2.0f };

    (void)state;
    assert_int_equal(expclip__score_rows(logits, c, rows, 2, NULL), EXPCLIP_OK);
    assert_true(isnan(logits[0]) && isnan(logits[1]));
    assert_float_equal(logits[2], 6.0f, 1e-5f);
    assert_int_equal(expclip_logits_argmax(logits, 2), 2);
    assert_string_equal(
        expclip_classes_name(c, expclip_logits_argmax(logits, 2)), "");
    assert_int_equal(expclip_logits_argmax(mixed, 3), 2);
    expclip__top(top, 3, mixed, 3);
    assert_int_equal(top[0], 2);
    assert_int_equal(top[2], 0);
    expclip__classes_free(c);
}

static void test_score__rows_without_a_length_are_refused(void **state)
{
    const float rows[] = { 1.0f, 0.0f, 0.0f, 0.0f };
    expclip_classes *c = plane(EXPCLIP_POOLING_LOGITS);
    float logits[] = { -1.0f, -1.0f, -1.0f, -1.0f };
    expclip_error err;

    (void)state;
    assert_int_equal(expclip__score_rows(logits, c, rows, 2, &err),
                     EXPCLIP_ERROR_NONFINITE);
    assert_non_null(strstr(err.message, "embedding 1"));
    assert_float_equal(logits[0], -1.0f, 0.0f);
    expclip__classes_free(c);
}

static void test_score__a_compact_head_keeps_lengths_and_angles(void **state)
{
    enum { M = 9, D = 4 };
    float w[M * D], r[D * D];
    const float x[D] = { 0.5f, -1.0f, 2.0f, 0.25f };
    const float y[D] = { 1.0f, 1.0f, -0.5f, 3.0f };
    double full = 0.0, compact = 0.0;

    (void)state;
    for (int i = 0; i < M * D; i++)
        w[i] = sinf((float)(i * i + 1));
    assert_int_equal(expclip__compact_head(r, w, M, D, NULL), EXPCLIP_OK);
    for (int i = 0; i < M; i++) {
        double a = 0.0, b = 0.0;

        for (int j = 0; j < D; j++) {
            a += (double)w[i * D + j] * (double)x[j];
            b += (double)w[i * D + j] * (double)y[j];
        }
        full += a * b;
    }
    for (int i = 0; i < D; i++) {
        double a = 0.0, b = 0.0;

        for (int j = 0; j < D; j++) {
            a += (double)r[i * D + j] * (double)x[j];
            b += (double)r[i * D + j] * (double)y[j];
        }
        compact += a * b;
    }
    assert_true(fabs(full - compact) < 1e-5 * fabs(full));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            test_score__softmax_sums_to_one_and_takes_a_temperature),
        cmocka_unit_test(test_score__softmax_works_in_place),
        cmocka_unit_test(test_score__top_is_sorted_and_the_first_wins_ties),
        cmocka_unit_test(test_score__pooling_of_logits_is_their_mean),
        cmocka_unit_test(test_score__pooling_of_embeddings_has_unit_length),
        cmocka_unit_test(test_score__a_failed_item_is_no_class),
        cmocka_unit_test(test_score__rows_without_a_length_are_refused),
        cmocka_unit_test(test_score__a_compact_head_keeps_lengths_and_angles),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
