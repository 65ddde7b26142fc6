/* SPDX-License-Identifier: MIT */
/*
 * test_alignment.c - the loss against its formula, written plainly, and the
 * gradient against differences of that loss.
 */
#include "unit/matrix_files.h"

#include <math.h>

#include "train/alignment.h"

enum { B = 5, D = 6, DIM = 4 };

static float features[B * DIM], targets[B * D], head[D * DIM];
static tensor_device *device;

static int open_device(void **state)
{
    const tensor_device_options o = { .name = "cpu",
                                      .dtype = EXPCLIP__F32,
                                      .n_threads = 1 };

    (void)state;
    fill_numbers(features, B * DIM, 1);
    fill_numbers(targets, B * D, 2);
    fill_numbers(head, D * DIM, 3);
    if (expclip__unit_rows(targets, B, D, NULL, "targets", NULL, NULL))
        return -1;
    return tensor_device_open(&device, &o, NULL) ? -1 : 0;
}

static int close_device(void **state)
{
    (void)state;
    tensor_device_close(device);
    return 0;
}

/* scale * cosine of image i and target j, in double. */
static double logit(const double *weights, double scale, int i, int j)
{
    double sum = 0.0, length = 0.0;

    for (int k = 0; k < D; k++) {
        double p = 0.0;

        for (int m = 0; m < DIM; m++)
            p += weights[k * DIM + m] * (double)features[i * DIM + m];
        sum += p * (double)targets[j * D + k];
        length += p * p;
    }
    return scale * sum / sqrt(length);
}

static double plain_loss(const double *weights, double scale)
{
    double loss = 0.0;

    for (int i = 0; i < B; i++) {
        double row = 0.0, column = 0.0;

        for (int j = 0; j < B; j++) {
            row += exp(logit(weights, scale, i, j));
            column += exp(logit(weights, scale, j, i));
        }
        loss += (log(row) + log(column)) / 2 - logit(weights, scale, i, i);
    }
    return loss / B;
}

static expclip_status compute(expclip__alignment_result *result,
                              float *gradient, double scale)
{
    expclip__alignment a;
    expclip_status status =
        expclip__alignment_init(&a, device, B, DIM, D, scale, NULL);

    if (!status) {
        status = expclip__alignment_compute(&a, result, gradient, head,
                                            features, targets, NULL);
        expclip__alignment_clear(&a);
    }
    return status;
}

static void test_alignment__the_loss_is_the_papers(void **state)
{
    expclip__alignment_result found;
    float gradient[D * DIM];
    double weights[D * DIM], right = 0.0;

    (void)state;
    for (int i = 0; i < D * DIM; i++)
        weights[i] = (double)head[i];
    for (int i = 0; i < B; i++) {
        int nearest = 0;

        for (int j = 1; j < B; j++)
            if (logit(weights, 3, i, j) > logit(weights, 3, i, nearest))
                nearest = j;
        right += nearest == i;
    }
    assert_int_equal(compute(&found, gradient, 3.0), 0);
    assert_true(fabs(found.loss - plain_loss(weights, 3.0)) < 1e-6);
    assert_true(fabs(found.accuracy - right / B) < 1e-12);
}

static void test_alignment__the_gradient_is_the_losss_slope(void **state)
{
    expclip__alignment_result found;
    float gradient[D * DIM];
    double weights[D * DIM];
    const double h = 1e-5;

    (void)state;
    assert_int_equal(compute(&found, gradient, 3.0), 0);
    for (int i = 0; i < D * DIM; i++)
        weights[i] = (double)head[i];
    for (int i = 0; i < D * DIM; i++) {
        const double before = weights[i];
        double slope;

        weights[i] = before + h;
        slope = plain_loss(weights, 3.0);
        weights[i] = before - h;
        slope = (slope - plain_loss(weights, 3.0)) / (2 * h);
        weights[i] = before;
        assert_true(fabs((double)gradient[i] - slope) < 1e-6);
    }
}

static void test_alignment__sharp_scales_stay_finite(void **state)
{
    expclip__alignment_result found;
    float gradient[D * DIM];

    (void)state;
    assert_int_equal(compute(&found, gradient, 1e5), 0);
    assert_true(isfinite(found.loss) && found.loss > 1.0);
}

static void test_alignment__a_row_without_length_is_named(void **state)
{
    float rows[] = { 1, 2, 0, 0 };
    expclip_error err;

    (void)state;
    assert_int_equal(
        expclip__unit_rows(rows, 2, 2, NULL, "targets", NULL, &err),
        EXPCLIP_ERROR_NONFINITE);
    assert_non_null(strstr(err.message, "targets: row 1"));
}

static int32_t compute_all(void *data)
{
    expclip__alignment_result found;
    float gradient[D * DIM];

    (void)data;
    return compute(&found, gradient, 3.0);
}

static void test_alignment__out_of_memory_is_an_error(void **state)
{
    (void)state;
    sweep_allocations(compute_all, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_alignment__the_loss_is_the_papers),
        cmocka_unit_test(test_alignment__the_gradient_is_the_losss_slope),
        cmocka_unit_test(test_alignment__sharp_scales_stay_finite),
        cmocka_unit_test(test_alignment__a_row_without_length_is_named),
        cmocka_unit_test(test_alignment__out_of_memory_is_an_error),
    };

    return cmocka_run_group_tests(tests, open_device, close_device);
}
