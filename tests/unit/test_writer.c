/* SPDX-License-Identifier: MIT */
/*
 * test_writer.c - what is written is read again, byte for byte the same.
 */
#include "unit/scratch.h"

#include "weights/weights.h"
#include "weights/writer.h"

static const float values[] = { 1, -2, 0.5f, 65504, 0, -0.0f };

/* Metadata, a [2, 3] in bf16 and a scalar. */
static expclip_status write_two(const char *path)
{
    static const int64_t shape[] = { 2, 3 };
    expclip__tensors_writer *w = NULL;
    expclip_status status;

    unlink(path); /* without our metadata it is nobody's to replace */
    status = expclip__tensors_create(&w, path, NULL);

    if (!status)
        status = expclip__tensors_metadata(w, "k", "v\n\"", NULL);
    if (!status)
        status =
            expclip__tensors_describe(w, "z", EXPCLIP__BF16, 2, shape, NULL);
    if (!status)
        status = expclip__tensors_describe(w, "a", EXPCLIP__F32, 0, NULL, NULL);
    if (!status)
        status = expclip__tensors_write_f32(w, values, 6, NULL);
    if (!status)
        status = expclip__tensors_write_f32(w, values + 2, 1, NULL);
    if (!status)
        status = expclip__tensors_commit(w, NULL);
    expclip__tensors_free(w);
    return status;
}

static void test_writer__is_read_again(void **state)
{
    expclip__weights *ws = NULL;
    const expclip__weight *w;
    float back[6];

    (void)state;
    assert_int_equal(write_two(scratch_path("a")), 0);
    assert_int_equal(expclip__weights_open(&ws, scratch_path("a"), NULL), 0);
    assert_string_equal(expclip__weights_metadata(ws, "k"), "v\n\"");
    w = expclip__weights_at(ws, 0);
    assert_string_equal(w->name, "z");
    assert_int_equal(w->dtype, EXPCLIP__BF16);
    assert_int_equal(w->shape[1], 3);
    assert_int_equal(expclip__weights_read_f32(ws, w, back, 6, 1, NULL), 0);
    assert_true(back[1] == -2 && back[2] == 0.5f);
    assert_true(back[3] == 65536); /* rounded to eight bits */
    w = expclip__weights_find(ws, "a");
    assert_int_equal(w->n_dims, 0);
    assert_int_equal(expclip__weights_read_f32(ws, w, back, 1, 1, NULL), 0);
    assert_true(back[0] == 0.5f);
    expclip__weights_free(ws);
}

static void test_writer__writes_the_same_bytes_each_time(void **state)
{
    uint8_t *a, *b;
    size_t a_size, b_size;

    (void)state;
    assert_int_equal(write_two(scratch_path("a")), 0);
    a = scratch_read(scratch_path("a"), &a_size);
    assert_int_equal(write_two(scratch_path("b")), 0);
    b = scratch_read(scratch_path("b"), &b_size);
    assert_int_equal(a_size, b_size);
    assert_memory_equal(a, b, a_size);
    assert_int_equal(a[0] % 8, 0); /* the header's length: aligned */
    assert_memory_equal(a + 8, "{\"__metadata__\":", 16);
    free(a);
    free(b);
}

static void test_writer__refuses_values_that_were_not_described(void **state)
{
    expclip__tensors_writer *w = NULL;
    const int64_t shape[] = { 2 };

    (void)state;
    assert_int_equal(expclip__tensors_create(&w, scratch_path("a"), NULL), 0);
    assert_int_equal(expclip__tensors_write_f32(w, values, 1, NULL),
                     EXPCLIP_ERROR_INTERNAL);
    assert_int_equal(
        expclip__tensors_describe(w, "a", EXPCLIP__F32, 1, shape, NULL), 0);
    assert_int_equal(
        expclip__tensors_describe(w, "a", EXPCLIP__F32, 1, shape, NULL),
        EXPCLIP_ERROR_INTERNAL);
    assert_int_equal(
        expclip__tensors_describe(w, "b", EXPCLIP__I64, 1, shape, NULL),
        EXPCLIP_ERROR_INTERNAL);
    assert_int_equal(expclip__tensors_write_f32(w, values, 3, NULL),
                     EXPCLIP_ERROR_INTERNAL);
    assert_int_equal(expclip__tensors_commit(w, NULL), EXPCLIP_ERROR_INTERNAL);
    expclip__tensors_free(w);
    assert_int_not_equal(access(scratch_path("a"), F_OK), 0);
    expclip__tensors_free(NULL);
}

static void test_writer__refuses_text_that_is_not_utf8(void **state)
{
    expclip__tensors_writer *w = NULL;

    (void)state;
    assert_int_equal(expclip__tensors_create(&w, scratch_path("a"), NULL), 0);
    assert_int_equal(expclip__tensors_metadata(w, "k", "\xff", NULL),
                     EXPCLIP_ERROR_ARGUMENT);
    expclip__tensors_free(w);
}

static int32_t write_again(void *data)
{
    return write_two(data);
}

static void test_writer__survives_every_failing_allocation(void **state)
{
    char path[100];

    (void)state;
    strcpy(path, scratch_path("a"));
    sweep_allocations(write_again, path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCRATCH_TEST(test_writer__is_read_again),
        SCRATCH_TEST(test_writer__writes_the_same_bytes_each_time),
        SCRATCH_TEST(test_writer__refuses_values_that_were_not_described),
        SCRATCH_TEST(test_writer__refuses_text_that_is_not_utf8),
        SCRATCH_TEST(test_writer__survives_every_failing_allocation),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
