/* SPDX-License-Identifier: MIT */
/*
 * test_t5_encoder.c - buckets of relative positions, as transformers'
 * T5Attention._relative_position_bucket gives them (5.23.0).
 */
#include "unit/scratch.h"

#include "teacher/t5_encoder.h"

static void test_t5_encoder__buckets_are_those_of_transformers(void **state)
{
    /* distance, bucket of 32 up to 128 */
    static const int32_t of_32[][2] = {
        { -300, 15 }, { -128, 15 }, { -127, 15 }, { -100, 15 }, { -64, 14 },
        { -40, 12 },  { -16, 10 },  { -12, 9 },   { -9, 8 },    { -8, 8 },
        { -7, 7 },    { -1, 1 },    { 0, 0 },     { 1, 17 },    { 7, 23 },
        { 8, 24 },    { 9, 24 },    { 11, 24 },   { 12, 25 },   { 16, 26 },
        { 23, 27 },   { 32, 28 },   { 45, 28 },   { 64, 30 },   { 90, 30 },
        { 91, 31 },   { 127, 31 },  { 128, 31 },  { 1000, 31 },
    };
    /* of 8 up to 20 */
    static const int32_t of_8[][2] = {
        { -20, 3 }, { -5, 2 }, { -3, 2 }, { -1, 1 }, { 0, 0 },  { 1, 5 },
        { 2, 6 },   { 3, 6 },  { 4, 6 },  { 6, 6 },  { 20, 7 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(of_32) / sizeof(of_32[0]); i++)
        assert_int_equal(expclip__t5_bucket(of_32[i][0], 32, 128), of_32[i][1]);
    for (size_t i = 0; i < sizeof(of_8) / sizeof(of_8[0]); i++)
        assert_int_equal(expclip__t5_bucket(of_8[i][0], 8, 20), of_8[i][1]);
}

static void test_t5_encoder__every_bucket_is_in_the_table(void **state)
{
    (void)state;
    for (int32_t buckets = 4; buckets < 70; buckets++)
        for (int32_t most = buckets / 4 + 1; most < 40; most++)
            for (int64_t distance = -600; distance <= 600; distance += 7) {
                const int32_t b = expclip__t5_bucket(distance, buckets, most);

                assert_true(b >= 0 && b < buckets);
            }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_t5_encoder__buckets_are_those_of_transformers),
        cmocka_unit_test(test_t5_encoder__every_bucket_is_in_the_table),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
