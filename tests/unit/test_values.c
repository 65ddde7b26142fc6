/* SPDX-License-Identifier: MIT */
/*
 * test_values.c - elements as floats, whatever their type and order.
 */
#define _GNU_SOURCE
#include "unit/scratch.h"

#include <math.h>
#include <pthread.h>

#include "weights/weights.h"
#include "weights/writer.h"

#define WEIGHTS EXPCLIP_TEST_DATA "/weights/"
#define WINDOW (1 << 18) /* elements, as in values.c */

/* A file with one tensor "a" [n] of the given values. */
static const char *write_tensor(expclip__dtype dtype, const float *values,
                                int64_t n)
{
    expclip__tensors_writer *w = NULL;

    unlink(scratch_path("t.safetensors"));
    assert_int_equal(
        expclip__tensors_create(&w, scratch_path("t.safetensors"), NULL), 0);
    assert_int_equal(expclip__tensors_describe(w, "a", dtype, 1, &n, NULL), 0);
    assert_int_equal(expclip__tensors_write_f32(w, values, n, NULL), 0);
    assert_int_equal(expclip__tensors_commit(w, NULL), 0);
    expclip__tensors_free(w);
    return scratch_path("t.safetensors");
}

static void test_values__reads_across_windows(void **state)
{
    static const expclip__dtype dtypes[] = { EXPCLIP__F32, EXPCLIP__F16,
                                             EXPCLIP__BF16 };
    static const int64_t sizes[] = { 0,      1,          WINDOW - 1,
                                     WINDOW, WINDOW + 1, 2 * WINDOW + 3 };
    float *values = malloc((2 * WINDOW + 3) * sizeof(float));
    float *back = malloc((2 * WINDOW + 3) * sizeof(float));

    (void)state;
    for (int i = 0; i < 2 * WINDOW + 3; i++)
        values[i] = (float)(i % 251); /* exact in each type */
    for (size_t d = 0; d < 3; d++) {
        for (size_t i = 0; i < 6; i++) {
            const int64_t n = sizes[i];
            expclip__weights *ws = NULL;

            assert_int_equal(expclip__weights_open(
                                 &ws, write_tensor(dtypes[d], values, n), NULL),
                             0);
            memset(back, 0xff, (size_t)n * sizeof(float));
            assert_int_equal(
                expclip__weights_read_f32(ws, expclip__weights_find(ws, "a"),
                                          back, n, 1, NULL),
                0);
            assert_memory_equal(back, values, (size_t)n * sizeof(float));
            expclip__weights_free(ws);
        }
    }
    free(values);
    free(back);
}

static void check(const expclip__weights *ws, const char *name,
                  const float *expected, int64_t n)
{
    float values[16];

    assert_int_equal(expclip__weights_read_f32(ws,
                                               expclip__weights_find(ws, name),
                                               values, n, 1, NULL),
                     0);
    assert_memory_equal(values, expected, (size_t)n * sizeof(float));
}

static void test_values__reads_views_in_the_order_of_the_tensor(void **state)
{
    static const float transposed[] = { 0, 3, 1, 4, 2, 5 };
    static const float slice[] = { 4, 5, 6 };
    expclip__weights *ws = NULL;

    (void)state;
    assert_int_equal(expclip__weights_open(&ws, WEIGHTS "views.pt", NULL), 0);
    for (int again = 0; again < 2; again++) { /* checksum compared, and not */
        check(ws, "transposed", transposed, 6);
        check(ws, "slice", slice, 3);
        check(ws, "empty", NULL, 0);
    }
    expclip__weights_free(ws);
}

static void test_values__names_the_first_that_is_not_finite(void **state)
{
    static float values[WINDOW + 10];
    static const struct {
        float value;
        const char *message;
    } cases[] = {
        { NAN, "\"a\": element 262150 is NaN" },
        { INFINITY, "\"a\": element 262150 is infinite" },
        { -INFINITY, "\"a\": element 262150 is infinite" },
    };

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        expclip__weights *ws = NULL;
        const expclip__weight *w;
        expclip_error err;

        values[WINDOW + 6] = cases[i].value;
        assert_int_equal(
            expclip__weights_open(
                &ws, write_tensor(EXPCLIP__F16, values, WINDOW + 10), NULL),
            0);
        w = expclip__weights_find(ws, "a");
        assert_int_equal(
            expclip__weights_read_f32(ws, w, values, WINDOW + 10, 1, &err),
            EXPCLIP_ERROR_NONFINITE);
        assert_non_null(strstr(err.message, cases[i].message));
        assert_int_equal(
            expclip__weights_read_f32(ws, w, values, WINDOW + 10, 0, &err), 0);
        expclip__weights_free(ws);
    }
}

static void test_values__largest_finite_values_are_taken(void **state)
{
    const float values[] = { 3.4028234e38f, -3.4028234e38f, 1e-45f, -0.0f };
    expclip__weights *ws = NULL;

    (void)state;
    assert_int_equal(
        expclip__weights_open(&ws, write_tensor(EXPCLIP__F32, values, 4), NULL),
        0);
    check(ws, "a", values, 4);
    expclip__weights_free(ws);
}

static void test_values__refuses_wrong_counts_and_types(void **state)
{
    static const char file[] = "\x38\0\0\0\0\0\0\0{\"i\":{\"dtype\":\"I64\","
                               "\"shape\":[1],\"data_offsets\":[0,8]}}  "
                               "12345678";
    expclip__weights *ws = NULL;
    expclip_error err = { 0 };
    float value;

    (void)state;
    assert_int_equal(expclip__weights_open_bytes(&ws, (const uint8_t *)file,
                                                 sizeof(file) - 1, "x", &err),
                     0);
    assert_int_equal(expclip__weights_read_f32(ws, expclip__weights_at(ws, 0),
                                               &value, 1, 1, &err),
                     EXPCLIP_ERROR_UNSUPPORTED);
    assert_non_null(strstr(err.message, "dtype I64"));
    assert_int_equal(expclip__weights_read_f32(ws, expclip__weights_at(ws, 0),
                                               &value, 2, 1, &err),
                     EXPCLIP_ERROR_INTERNAL);
    expclip__weights_free(ws);
}

static void test_values__a_file_that_shrinks_is_truncated(void **state)
{
    float values[100] = { 0 };
    expclip__weights *ws = NULL;

    (void)state;
    assert_int_equal(expclip__weights_open(
                         &ws, write_tensor(EXPCLIP__F32, values, 100), NULL),
                     0);
    assert_int_equal(truncate(scratch_path("t.safetensors"), 200), 0);
    assert_int_equal(expclip__weights_read_f32(ws, expclip__weights_at(ws, 0),
                                               values, 100, 1, NULL),
                     EXPCLIP_ERROR_TRUNCATED);
    expclip__weights_free(ws);
}

static void *read_all(void *data)
{
    const expclip__weights *ws = data;
    float values[64], sum = 0;

    for (size_t i = 0; i < expclip__weights_count(ws); i++) {
        const expclip__weight *w = expclip__weights_at(ws, i);

        if (expclip__weights_read_f32(ws, w, values, w->n_elements, 1, NULL))
            return NULL;
        for (int64_t k = 0; k < w->n_elements; k++)
            sum += values[k];
    }
    return sum != 0 ? data : NULL;
}

static void test_values__many_threads_read_the_same_set(void **state)
{
    expclip__weights *ws = NULL;
    pthread_t threads[16];
    void *result;

    (void)state;
    assert_int_equal(expclip__weights_open(&ws, WEIGHTS "torchscript.pt", NULL),
                     0);
    for (int i = 0; i < 16; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, read_all, ws), 0);
    for (int i = 0; i < 16; i++) {
        pthread_join(threads[i], &result);
        assert_ptr_equal(result, ws);
    }
    expclip__weights_free(ws);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCRATCH_TEST(test_values__reads_across_windows),
        SCRATCH_TEST(test_values__reads_views_in_the_order_of_the_tensor),
        SCRATCH_TEST(test_values__names_the_first_that_is_not_finite),
        SCRATCH_TEST(test_values__largest_finite_values_are_taken),
        SCRATCH_TEST(test_values__refuses_wrong_counts_and_types),
        SCRATCH_TEST(test_values__a_file_that_shrinks_is_truncated),
        cmocka_unit_test(test_values__many_threads_read_the_same_set),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
