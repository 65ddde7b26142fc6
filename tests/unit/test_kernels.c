/* SPDX-License-Identifier: MIT */
/*
 * test_kernels.c - each kind of loops against sums in double.
 */
#define _GNU_SOURCE
#include <math.h>
#include <string.h>

#include "faces/kernels.h"
#include "unit/scratch.h"

enum { MOST_CHANNELS = 64, MOST_PIXELS = 23, ROW = 40 * MOST_CHANNELS };

static float x[3][ROW], weights[64 * 64], bias[64], out[ROW];

static int make_numbers(void **state)
{
    uint32_t seed = 1;
    float *all[] = { x[0], x[1], x[2], weights, bias };
    const size_t n[] = { ROW, ROW, ROW, 64 * 64, 64 };

    (void)state;
    for (size_t a = 0; a < 5; a++)
        for (size_t i = 0; i < n[a]; i++) {
            seed = seed * 1664525u + 1013904223u;
            all[a][i] = (float)(seed >> 8) / (1 << 23) - 1.0f;
        }
    return 0;
}

static void assert_near(double found, double expected, int relu)
{
    if (relu && expected < 0.0)
        expected = 0.0;
    if (!(fabs(found - expected) < 1e-5))
        fail_msg("%g, expected %g", found, expected);
}

static void check_point(const expclip__kernels *k, size_t n, size_t n_in,
                        size_t n_out, int relu)
{
    k->point(out, x[0], n, n_in, n_out, weights, bias, relu);
    for (size_t p = 0; p < n; p++)
        for (size_t o = 0; o < n_out; o++) {
            double sum = (double)bias[o];

            for (size_t i = 0; i < n_in; i++)
                sum +=
                    (double)x[0][p * n_in + i] * (double)weights[i * n_out + o];
            assert_near((double)out[p * n_out + o], sum, relu);
        }
}

static void test_kernels__a_pixel_is_a_matrix_product(void **state)
{
    static const size_t channels[][2] = { { 27, 16 }, { 16, 16 }, { 16, 32 },
                                          { 32, 64 }, { 64, 16 }, { 64, 64 } };
    const expclip__kernels *k;

    (void)state;
    for (int kind = 0; (k = expclip__kernels_at(kind)); kind++)
        for (size_t c = 0; c < sizeof(channels) / sizeof(channels[0]); c++)
            for (size_t n = 1; n <= MOST_PIXELS; n++)
                check_point(k, n, channels[c][0], channels[c][1], (int)n % 2);
}

static void check_depth(const expclip__kernels *k, size_t n, size_t channels,
                        int relu)
{
    const float *const rows[] = { x[0], x[1], x[2] };

    out[n * channels] = 7.0f;
    k->depth(out, rows, n, channels, weights, bias, relu);
    assert_true(out[n * channels] == 7.0f); /* nothing behind the row */
    for (size_t i = 0; i < n * channels; i++) {
        double sum = (double)bias[i % channels];

        for (size_t t = 0; t < 9; t++)
            sum += (double)x[t / 3][i + t % 3 * channels] *
                   (double)weights[t * channels + i % channels];
        assert_near((double)out[i], sum, relu);
    }
}

static void test_kernels__a_channel_is_nine_products(void **state)
{
    const expclip__kernels *k;

    (void)state;
    for (int kind = 0; (k = expclip__kernels_at(kind)); kind++)
        for (size_t channels = 16; channels <= MOST_CHANNELS; channels += 16)
            for (size_t n = 1; n <= MOST_PIXELS; n++)
                check_depth(k, n, channels, (int)n % 2);
}

static void test_kernels__of_four_pixels_the_largest_stays(void **state)
{
    const expclip__kernels *k;

    (void)state;
    for (int kind = 0; (k = expclip__kernels_at(kind)); kind++) {
        k->pool(out, x[0], x[1], 11, 32);
        for (size_t i = 0; i < 11 * 32; i++) {
            const size_t at = i / 32 * 64 + i % 32;
            const float above = fmaxf(x[0][at], x[0][at + 32]);
            const float below = fmaxf(x[1][at], x[1][at + 32]);

            assert_true(out[i] == fmaxf(above, below));
        }
    }
}

static void test_kernels__the_best_is_the_last(void **state)
{
    int n = 0;

    (void)state;
    while (expclip__kernels_at(n))
        n++;
    assert_ptr_equal(expclip__kernels_best(), expclip__kernels_at(n - 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kernels__a_pixel_is_a_matrix_product),
        cmocka_unit_test(test_kernels__a_channel_is_nine_products),
        cmocka_unit_test(test_kernels__of_four_pixels_the_largest_stays),
        cmocka_unit_test(test_kernels__the_best_is_the_last),
    };

    return cmocka_run_group_tests(tests, make_numbers, NULL);
}
