/* SPDX-License-Identifier: MIT */
/*
 * test_convolutions.c - convolution, pooling and relu of tensor.h against plain
 * loops, on either seam.
 */
#include "unit/devices.h"

typedef struct case_of {
    int64_t c, h, w, o, k, stride, padding, groups;
} case_of;

static const case_of cases[] = {
    { 3, 10, 14, 8, 3, 2, 1, 1 }, /* a stem */
    { 8, 7, 9, 8, 3, 1, 1, 8 },   /* each channel alone */
    { 8, 5, 6, 12, 1, 1, 0, 1 },  /* each pixel alone */
    { 4, 6, 6, 6, 3, 1, 0, 2 },   { 2, 1, 1, 2, 3, 1, 1, 1 },
};

static void convolve(float *out, const case_of *e, const float *x,
                     const float *w, const float *b)
{
    const int64_t rows = (e->h + 2 * e->padding - e->k) / e->stride + 1;
    const int64_t columns = (e->w + 2 * e->padding - e->k) / e->stride + 1;
    const int64_t c = e->c / e->groups, n = e->o / e->groups;

    for (int64_t o = 0; o < e->o; o++)
        for (int64_t r = 0; r < rows; r++)
            for (int64_t q = 0; q < columns; q++) {
                double sum = b[o];

                for (int64_t i = 0; i < c * e->k * e->k; i++) {
                    const int64_t y =
                        r * e->stride + i / e->k % e->k - e->padding;
                    const int64_t z = q * e->stride + i % e->k - e->padding;
                    const int64_t plane = o / n * c + i / e->k / e->k;

                    if (y >= 0 && y < e->h && z >= 0 && z < e->w)
                        sum += (double)w[o * c * e->k * e->k + i] *
                               (double)x[(plane * e->h + y) * e->w + z];
                }
                *out++ = (float)sum;
            }
}

static void test_conv2d__is_a_sum_over_each_window(void **state)
{
    expclip_error err;

    (void)state;
    for (int i = 0; i < N_DEVICES * COUNT(cases); i++) {
        const case_of *e = &cases[i / N_DEVICES];
        const int64_t in[] = { 1, e->c, e->h, e->w };
        const int64_t k[] = { e->o, e->c / e->groups, e->k, e->k };
        const int64_t rows = (e->h + 2 * e->padding - e->k) / e->stride + 1;
        const int64_t columns = (e->w + 2 * e->padding - e->k) / e->stride + 1;
        const float *x = numbers(e->c * e->h * e->w, 1);
        const float *w = numbers(k[0] * k[1] * e->k * e->k, 2);
        const float *b = numbers(e->o, 3);
        tensor_scope *s = begin(i % N_DEVICES, &err);
        float expected[MAX];

        convolve(expected, e, x, w, b);
        finish(s, &err,
               tensor_conv2d(s, tensor_from_f32(s, x, 4, in),
                             tensor_from_f32(s, w, 4, k),
                             tensor_from_f32(s, b, 1, &e->o), e->stride,
                             e->padding, e->groups),
               expected, e->o * rows * columns, tolerance[i % N_DEVICES]);
    }
}

static void test_conv2d__takes_what_a_view_shows(void **state)
{
    const int64_t pixels[] = { 1, 5, 6, 3 }, k[] = { 4, 3, 3, 3 }, four = 4;
    const int32_t planes_first[] = { 0, 3, 1, 2 };
    const case_of e = { 3, 5, 6, 4, 3, 1, 1, 1 };
    const float *x = numbers(90, 4), *w = numbers(108, 5), *b = numbers(4, 6);
    float planes[90], expected[120];
    expclip_error err;

    (void)state;
    for (int i = 0; i < 90; i++)
        planes[i % 3 * 30 + i / 3] = x[i];
    convolve(expected, &e, planes, w, b);
    for (int i = 0; i < N_DEVICES; i++) {
        tensor_scope *s = begin(i, &err);
        const tensor *t = tensor_from_f32(s, x, 4, pixels);

        t = tensor_conv2d(s, tensor_permute(s, t, 4, planes_first),
                          tensor_from_f32(s, w, 4, k),
                          tensor_from_f32(s, b, 1, &four), 1, 1, 1);
        finish(s, &err, t, expected, 120, tolerance[i]);
    }
}

static void test_max_pool2d__drops_a_last_odd_row_and_column(void **state)
{
    const int64_t shape[] = { 1, 2, 5, 7 };
    const float *x = numbers(70, 7);
    float expected[12];
    expclip_error err;

    (void)state;
    for (int i = 0; i < 12; i++) {
        const float *at = x + i / 6 * 35 + i % 6 / 3 * 14 + i % 3 * 2;

        expected[i] = fmaxf(fmaxf(at[0], at[1]), fmaxf(at[7], at[8]));
    }
    for (int i = 0; i < N_DEVICES; i++) {
        tensor_scope *s = begin(i, &err);
        const tensor *t = tensor_max_pool2d(s, tensor_from_f32(s, x, 4, shape));

        assert_int_equal(tensor_size(t, 2), 2);
        assert_int_equal(tensor_size(t, 3), 3);
        finish(s, &err, t, expected, 12, i < 2 ? 0 : 0.004);
    }
}

static void test_relu__leaves_nothing_below_zero(void **state)
{
    const int64_t shape[] = { 3, 8 };
    const float *x = numbers(24, 8);
    float expected[24];
    expclip_error err;

    (void)state;
    for (int i = 0; i < 24; i++)
        expected[i] = x[i] > 0.0f ? x[i] : 0.0f;
    for (int i = 0; i < N_DEVICES; i++) {
        tensor_scope *s = begin(i, &err);

        finish(s, &err, tensor_relu(s, tensor_from_f32(s, x, 2, shape)),
               expected, 24, i < 2 ? 0 : 0.004);
    }
}

static void test_conv2d__shapes_that_do_not_fit_are_named(void **state)
{
    const int64_t in[] = { 1, 3, 4, 4 }, k[] = { 4, 2, 3, 3 }, four = 4;
    const float *x = numbers(72, 9);
    expclip_error err;
    tensor_scope *s = begin(0, &err);

    (void)state;
    assert_null(tensor_conv2d(s, tensor_from_f32(s, x, 4, in),
                              tensor_from_f32(s, x, 4, k),
                              tensor_from_f32(s, x, 1, &four), 1, 1, 1));
    assert_int_equal(tensor_scope_end(s), EXPCLIP_ERROR_INTERNAL);
    assert_non_null(strstr(err.message, "tensor_conv2d"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_conv2d__is_a_sum_over_each_window),
        cmocka_unit_test(test_conv2d__takes_what_a_view_shows),
        cmocka_unit_test(test_max_pool2d__drops_a_last_odd_row_and_column),
        cmocka_unit_test(test_relu__leaves_nothing_below_zero),
        cmocka_unit_test(test_conv2d__shapes_that_do_not_fit_are_named),
    };

    return cmocka_run_group_tests(tests, open_devices, close_devices);
}
