/* SPDX-License-Identifier: MIT */
/*
 * test_sampling.c - the reference's choice of frames, for every length that
 * its lists have, and the two ways with short clips.
 */
#include <expclip_clips.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "video/sampling.h"

#define T 16

/*
 * int(n / 16 / 2 + n / 16 * i) is floor(n * (2 * i + 1) / 32): dividing by 16
 * is exact in double. This is the rule without a floating point number.
 */
static void test_sampling__both_rules_take_the_middles_of_equal_parts(void **s)
{
    int32_t exact[T], spread[T];

    (void)s;
    for (int64_t n = T + 1; n <= 2000; n++) {
        assert_int_equal(
            expclip_frames_sample(exact, T, n, EXPCLIP_SAMPLING_EXACT, NULL),
            EXPCLIP_OK);
        assert_int_equal(
            expclip_frames_sample(spread, T, n, EXPCLIP_SAMPLING_SPREAD, NULL),
            EXPCLIP_OK);
        for (int64_t i = 0; i < T; i++)
            assert_int_equal(exact[i], n * (2 * i + 1) / 32);
        assert_memory_equal(exact, spread, sizeof(exact));
    }
}

static void test_sampling__exact_takes_frame_0_of_a_short_clip(void **state)
{
    static const int32_t zeros[T] = { 0 };
    int32_t indices[T];

    (void)state;
    for (int64_t n = 1; n <= T; n++) {
        memset(indices, 0xff, sizeof(indices));
        assert_int_equal(
            expclip_frames_sample(indices, T, n, EXPCLIP_SAMPLING_EXACT, NULL),
            EXPCLIP_OK);
        assert_memory_equal(indices, zeros, sizeof(zeros));
    }
}

static void test_sampling__spread_repeats_the_last_of_a_short_clip(void **state)
{
    int32_t indices[T];

    (void)state;
    for (int32_t n = 1; n <= T; n++) {
        assert_int_equal(
            expclip_frames_sample(indices, T, n, EXPCLIP_SAMPLING_SPREAD, NULL),
            EXPCLIP_OK);
        for (int32_t i = 0; i < T; i++)
            assert_int_equal(indices[i], i < n ? i : n - 1);
    }
}

/* Of Python 3.11: the middle of 7 parts of 12 frames is frame 6, and 5 when it
 * is computed in double. */
static void test_sampling__rounds_as_python_does(void **state)
{
    static const int32_t of_12[] = { 0, 2, 4, 5, 7, 9, 11 };
    int32_t indices[7];

    (void)state;
    assert_int_equal(
        expclip_frames_sample(indices, 7, 12, EXPCLIP_SAMPLING_EXACT, NULL),
        EXPCLIP_OK);
    assert_memory_equal(indices, of_12, sizeof(of_12));
}

static void test_sampling__weights_add_up_to_the_samples(void **state)
{
    static const int32_t rules[] = { EXPCLIP_SAMPLING_EXACT,
                                     EXPCLIP_SAMPLING_SPREAD };
    static const int32_t samples[] = { 1, 2, 7, T, 1000 };

    (void)state;
    for (size_t r = 0; r < 2; r++)
        for (size_t t = 0; t < 5; t++)
            for (int64_t n = 1; n <= 1200; n++) {
                const expclip__sampling s = { rules[r], samples[t], n };
                const int64_t count = expclip__sampling_count(&s);
                int64_t sum = 0, last = -1;

                for (int64_t i = 0; i < count; i++) {
                    assert_true(expclip__sampling_index(&s, i) > last);
                    last = expclip__sampling_index(&s, i);
                    sum += expclip__sampling_weight(&s, i);
                }
                assert_true(last < n);
                assert_int_equal(sum, samples[t]);
            }
}

static void test_sampling__all_are_all(void **state)
{
    const expclip__sampling s = { EXPCLIP_SAMPLING_ALL, T, 5 };

    (void)state;
    assert_int_equal(expclip__sampling_count(&s), 5);
    assert_int_equal(expclip__sampling_index(&s, 4), 4);
    assert_int_equal(expclip__sampling_weight(&s, 4), 1);
}

static void test_sampling__the_largest_numbers_stay_in_order(void **state)
{
    const int32_t t = EXPCLIP__MAX_SAMPLES;
    const int64_t lengths[] = { t + 1, t + 2, INT32_MAX };

    (void)state;
    for (size_t k = 0; k < 3; k++) {
        const expclip__sampling s = { EXPCLIP_SAMPLING_SPREAD, t, lengths[k] };
        int64_t last = -1;

        for (int64_t i = 0; i < t; i++) {
            const int64_t index = expclip__sampling_index(&s, i);

            assert_true(index > last && index < lengths[k]);
            last = index;
        }
    }
}

static void test_sampling__wrong_arguments_are_refused(void **state)
{
    int32_t i[2] = { -5, -5 };

    (void)state;
    assert_int_equal(
        expclip_frames_sample(NULL, 2, 5, EXPCLIP_SAMPLING_EXACT, NULL),
        EXPCLIP_ERROR_ARGUMENT);
    assert_int_equal(
        expclip_frames_sample(i, 0, 5, EXPCLIP_SAMPLING_EXACT, NULL),
        EXPCLIP_ERROR_ARGUMENT);
    assert_int_equal(
        expclip_frames_sample(i, 2, 0, EXPCLIP_SAMPLING_EXACT, NULL),
        EXPCLIP_ERROR_ARGUMENT);
    assert_int_equal(expclip_frames_sample(i, 2, (int64_t)INT32_MAX + 1,
                                           EXPCLIP_SAMPLING_EXACT, NULL),
                     EXPCLIP_ERROR_ARGUMENT);
    assert_int_equal(expclip_frames_sample(i, 2, 5, EXPCLIP_SAMPLING_ALL, NULL),
                     EXPCLIP_ERROR_ARGUMENT);
    assert_int_equal(i[0], -5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            test_sampling__both_rules_take_the_middles_of_equal_parts),
        cmocka_unit_test(test_sampling__exact_takes_frame_0_of_a_short_clip),
        cmocka_unit_test(
            test_sampling__spread_repeats_the_last_of_a_short_clip),
        cmocka_unit_test(test_sampling__rounds_as_python_does),
        cmocka_unit_test(test_sampling__weights_add_up_to_the_samples),
        cmocka_unit_test(test_sampling__all_are_all),
        cmocka_unit_test(test_sampling__the_largest_numbers_stay_in_order),
        cmocka_unit_test(test_sampling__wrong_arguments_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
