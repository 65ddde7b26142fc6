/* SPDX-License-Identifier: MIT */
/*
 * test_scope.c - temporaries, the first failure, misuse, exceptions, threads.
 */
#define _GNU_SOURCE
#include "unit/devices.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdlib.h>

static void test_scope__keeps_a_tensor_beyond_its_scope(void **state)
{
    const int64_t shape[] = { 2, 2 };
    const float x[] = { 1, 2, 3, 4 };
    expclip_error err;

    (void)state;
    for (int i = 0; i < N_DEVICES; i++) {
        tensor_scope *s = begin(i, &err);
        tensor *kept = tensor_keep(s, tensor_from_f32(s, x, 2, shape));

        end(s, &err);
        s = begin(i, &err);
        finish(s, &err, kept, x, 4, 0);
        tensor_free(kept);
    }
    tensor_free(NULL);
    tensor_linear_free(NULL);
    tensor_device_close(NULL);
}

static void test_scope__releases_all_but_one(void **state)
{
    const int64_t n = 3;
    const float one[] = { 1, 1, 1 }, expected[] = { 101, 101, 101 };
    tensor_scope *s;
    const tensor *t, *x;
    expclip_error err;
    size_t mark;

    (void)state;
    s = begin(0, &err);
    x = t = tensor_from_f32(s, one, 1, &n);
    mark = tensor_scope_mark(s);
    for (int i = 0; i < 100; i++) {
        t = tensor_add(s, tensor_narrow(s, t, 0, 0, n), x);
        tensor_scope_release(s, mark, t);
        assert_int_equal(tensor_scope_mark(s), mark + 1);
    }
    finish(s, &err, t, expected, 3, 0);
}

static void test_scope__names_operation_and_shapes_that_do_not_fit(void **state)
{
    const int64_t a_shape[] = { 2, 3 }, b_shape[] = { 4 };
    const float *x = numbers(6, 16);
    tensor_linear *l = linear(0, x, NULL, 3, 2);
    expclip_error err;
    tensor_scope *s;
    const tensor *a, *b;
    float untouched = 42;

    (void)state;
    s = begin(0, &err);
    a = tensor_from_f32(s, x, 2, a_shape);
    b = tensor_from_f32(s, x, 1, b_shape);
    assert_null(tensor_linear_apply(s, l, a, TENSOR_SILU));
    assert_true(tensor_scope_failed(s));
    assert_string_equal(err.message, "tensor_linear_apply: x F32 [2, 3] does "
                                     "not fit weight F32 [3, 2]");
    /* The first failure stays, and nothing runs after it. */
    assert_null(tensor_add(s, a, a));
    assert_null(tensor_add(s, a, b));
    assert_null(tensor_keep(s, tensor_from_f32(s, x, 1, b_shape)));
    tensor_to_f32(s, b, &untouched, 1);
    assert_true(untouched == 42);
    assert_non_null(strstr(err.message, "tensor_linear_apply"));
    assert_int_equal(tensor_scope_end(s), EXPCLIP_ERROR_INTERNAL);
    tensor_linear_free(l);
}

typedef const tensor *misuse(tensor_scope *s, tensor *x, tensor *y);

static const tensor *bad_add(tensor_scope *s, tensor *x, tensor *y)
{
    return tensor_add(s, x, y);
}

static const tensor *bad_reshape(tensor_scope *s, tensor *x, tensor *y)
{
    (void)y;
    return tensor_reshape(s, x, 2, (int64_t[]){ 2, 4 });
}

static const tensor *bad_permute(tensor_scope *s, tensor *x, tensor *y)
{
    (void)y;
    return tensor_permute(s, x, 2, (int32_t[]){ 1, 1 });
}

static const tensor *bad_narrow(tensor_scope *s, tensor *x, tensor *y)
{
    (void)y;
    return tensor_narrow(s, x, 1, 2, INT64_MAX);
}

static const tensor *bad_concat(tensor_scope *s, tensor *x, tensor *y)
{
    return tensor_concat(s, x, y, 0);
}

static const tensor *bad_expand(tensor_scope *s, tensor *x, tensor *y)
{
    (void)y;
    return tensor_expand(s, x, 2, (int64_t[]){ 4, 3 });
}

static const tensor *bad_rows(tensor_scope *s, tensor *x, tensor *y)
{
    return tensor_rows(s, x, y);
}

static const tensor *bad_row_number(tensor_scope *s, tensor *x, tensor *y)
{
    (void)y;
    return tensor_rows(s, x, tensor_from_i64(s, (int64_t[]){ 2 }, 1));
}

static const tensor *bad_layer_norm(tensor_scope *s, tensor *x, tensor *y)
{
    return tensor_layer_norm(s, x, y, y, 1e-5);
}

static const tensor *bad_attention(tensor_scope *s, tensor *x, tensor *y)
{
    return tensor_attention(s, x, x, y, 0);
}

static const tensor *bad_resize(tensor_scope *s, tensor *x, tensor *y)
{
    (void)y;
    return tensor_resize(s, x, 2, 2, TENSOR_BILINEAR);
}

static const tensor *bad_shape(tensor_scope *s, tensor *x, tensor *y)
{
    (void)x, (void)y;
    return tensor_from_f32(s, NULL, 2, (int64_t[]){ 3, -1 });
}

static const tensor *bad_null(tensor_scope *s, tensor *x, tensor *y)
{
    (void)x;
    return tensor_add(s, NULL, y);
}

static void test_scope__refuses_each_misuse_and_goes_on(void **state)
{
    static const struct {
        misuse *call;
        const char *text;
    } cases[] = {
        { bad_add, "tensor_add: a F32 [2, 3] does not fit b F32 [4]" },
        { bad_reshape,
          "tensor_reshape: t F32 [2, 3] does not fit shape F32 [2, 4]" },
        { bad_permute, "tensor_permute: " },
        { bad_narrow, "tensor_narrow: " },
        { bad_concat, "tensor_concat: " },
        { bad_expand, "tensor_expand: " },
        { bad_rows, "tensor_rows: indices F32 [4] " },
        { bad_row_number, "tensor_rows: indices 2..2 into F32 [2, 3]" },
        { bad_layer_norm, "tensor_layer_norm: " },
        { bad_attention, "tensor_attention: " },
        { bad_resize, "tensor_resize: " },
        { bad_shape, "dimension 1 has size -1" },
        { bad_null, "tensor_add: a tensor is NULL" },
    };
    const int64_t a_shape[] = { 2, 3 }, b_shape[] = { 4 };
    const float *x = numbers(6, 17);
    expclip_error err;

    (void)state;
    for (int64_t i = 0; i < COUNT(cases); i++) {
        tensor_scope *s = begin(0, &err);
        tensor *a = tensor_from_f32(s, x, 2, a_shape);
        tensor *b = tensor_from_f32(s, x, 1, b_shape);

        assert_null(cases[i].call(s, a, b));
        assert_true(tensor_scope_failed(s));
        if (!strstr(err.message, cases[i].text))
            fail_msg("\"%s\", expected \"%s\"", err.message, cases[i].text);
        assert_int_not_equal(tensor_scope_end(s), EXPCLIP_OK);
    }
}

static void test_scope__stops_exceptions_of_any_type(void **state)
{
    static const expclip_status expected[] = { EXPCLIP_ERROR_MEMORY,
                                               EXPCLIP_ERROR_BACKEND,
                                               EXPCLIP_ERROR_INTERNAL };
    const int64_t n = 2;
    const float x[] = { 1, 2 };
    expclip_error err;

    (void)state;
    for (int32_t what = 1; what <= 3; what++) {
        tensor_linear *l = NULL;
        tensor_scope *s = begin(0, &err);
        tensor *t = tensor_from_f32(s, x, 1, &n);

        tensor_throw_next(what);
        assert_null(tensor_add(s, t, t));
        assert_int_equal(tensor_scope_end(s), expected[what - 1]);
        assert_int_equal(err.code, expected[what - 1]);
        tensor_throw_next(what);
        assert_int_equal(
            tensor_linear_create(&l, devices[1], x, NULL, 1, 2, &err),
            expected[what - 1]);
        assert_null(l);
        s = begin(0, &err);
        t = tensor_from_f32(s, x, 1, &n);
        finish(s, &err, t, x, 2, 0);
    }
}

static void test_scope__refuses_devices_it_does_not_know(void **state)
{
    static const char *const names[] = { "",        "gpu",       "cpu:0",
                                         "cuda:",   "cudart",    "cuda:x",
                                         "cuda:-1", "cuda:99999" };
    expclip_error err;

    (void)state;
    for (int64_t i = 0; i < COUNT(names); i++) {
        const tensor_device_options o = { .name = names[i],
                                          .dtype = EXPCLIP__F32,
                                          .n_threads = 1 };
        tensor_device *d = NULL;

        assert_int_equal(tensor_device_open(&d, &o, &err),
                         EXPCLIP_ERROR_ARGUMENT);
        assert_null(d);
    }
}

/* ---- threads ---- */

static void *add_many_times(void *out)
{
    const int64_t n = 1000;
    const float *x = out;
    float *found = (float *)out + n;

    for (int i = 0; i < 50; i++) {
        expclip_error err;
        tensor_scope *s = tensor_scope_begin(devices[i % 2], &err);
        const tensor *t = tensor_from_f32(s, x, 1, &n);

        tensor_to_f32(s, tensor_add(s, t, t), found, n);
        if (tensor_scope_end(s))
            return out;
    }
    return NULL;
}

static void test_scope__computes_in_many_threads_at_once(void **state)
{
    static float data[4][2000];
    pthread_t thread[4];

    (void)state;
    for (int i = 0; i < 4; i++) {
        memcpy(data[i], numbers(1000, 20 + (uint32_t)i), 4000);
        assert_int_equal(
            pthread_create(&thread[i], NULL, add_many_times, data[i]), 0);
    }
    for (int i = 0; i < 4; i++) {
        void *failed;

        pthread_join(thread[i], &failed);
        assert_null(failed);
        for (int j = 0; j < 1000; j++)
            assert_true(data[i][1000 + j] == 2 * data[i][j]);
    }
}

/* A function of the OpenMP that the runtime brought; NULL with the stub. */
static void *openmp(const char *name)
{
    char line[4096], *path;
    void *library = NULL;
    FILE *maps = fopen("/proc/self/maps", "r");

    assert_non_null(maps);
    while (!library && fgets(line, sizeof(line), maps)) {
        path = strchr(line, '/');
        if (!path || !strstr(path, "gomp"))
            continue;
        path[strcspn(path, "\n")] = '\0';
        library = dlopen(path, RTLD_NOW | RTLD_NOLOAD);
    }
    fclose(maps);
    return library ? dlsym(library, name) : NULL;
}

/* A new thread, because libtorch sets the count once in each. */
static void *count_threads(void *failed)
{
    void (*set)(int);
    int (*get)(void);
    const int64_t n = 100000;
    float *x = calloc((size_t)n, sizeof(*x));
    int wrong = !x;

    *(void **)&set = openmp("omp_set_num_threads");
    *(void **)&get = openmp("omp_get_max_threads");
    for (int i = 0; x && i < 3; i++) {
        expclip_error err;
        tensor_scope *s;
        const tensor *t;

        if (i > 0)
            set(7);
        s = tensor_scope_begin(devices[1], &err);
        wrong += get() != 2;
        t = tensor_from_f32(s, x, 1, &n);
        tensor_to_f32(s, tensor_add(s, t, t), x, n);
        wrong += get() != 2;
        wrong += tensor_scope_end(s) != EXPCLIP_OK;
        wrong += i > 0 && get() != 7;
    }
    free(x);
    *(int *)failed = wrong;
    return NULL;
}

static void test_scope__sets_and_restores_the_thread_count(void **state)
{
    pthread_t thread;
    int wrong = -1;

    (void)state;
    if (!openmp("omp_get_max_threads"))
        skip();
    assert_int_equal(pthread_create(&thread, NULL, count_threads, &wrong), 0);
    pthread_join(thread, NULL);
    assert_int_equal(wrong, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_scope__keeps_a_tensor_beyond_its_scope),
        cmocka_unit_test(test_scope__releases_all_but_one),
        cmocka_unit_test(
            test_scope__names_operation_and_shapes_that_do_not_fit),
        cmocka_unit_test(test_scope__refuses_each_misuse_and_goes_on),
        cmocka_unit_test(test_scope__stops_exceptions_of_any_type),
        cmocka_unit_test(test_scope__refuses_devices_it_does_not_know),
        cmocka_unit_test(test_scope__computes_in_many_threads_at_once),
        cmocka_unit_test(test_scope__sets_and_restores_the_thread_count),
    };

    return cmocka_run_group_tests(tests, open_devices, close_devices);
}
