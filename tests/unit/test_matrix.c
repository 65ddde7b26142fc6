/* SPDX-License-Identifier: MIT */
/*
 * test_matrix.c - matrices in files, row by row.
 */
#include "unit/matrix_files.h"

#include <math.h>

#include "base/dtype.h"
#include "rows/row_store.h"
#include "rows/matrix.h"
#include "weights/writer.h"

static void test_matrix__are_read_in_any_order(void **state)
{
    const int64_t indices[] = { 4, 0, 4 };
    float expected[15], found[9];
    expclip__matrix rows;

    (void)state;
    fill_numbers(expected, 15, 7);
    assert_int_equal(
        expclip__matrix_open(&rows, write_matrix("a.npy", 5, 3, 7), NULL), 0);
    assert_int_equal(rows.n, 5);
    assert_int_equal(rows.dim, 3);
    assert_int_equal(expclip__matrix_read(&rows, found, indices, 3, NULL), 0);
    assert_memory_equal(found, expected + 12, 3 * sizeof(float));
    assert_memory_equal(found + 3, expected, 3 * sizeof(float));
    assert_memory_equal(found + 6, expected + 12, 3 * sizeof(float));
    expclip__matrix_close(&rows);
}

static void test_matrix__of_halves_and_of_safetensors_are_the_same(void **state)
{
    static const float numbers[] = { 1, -2, 0.5f, 3, 4, -0.25f };
    static const int64_t shape[] = { 3, 2 }, indices[] = { 0, 1, 2 };
    uint8_t halves[12];
    float found[6];
    expclip__tensors_writer *w = NULL;
    expclip__matrix rows;

    (void)state;
    expclip__dtype_from_f32(halves, numbers, 6, EXPCLIP__F16);
    assert_int_equal(expclip__matrix_open(
                         &rows,
                         write_npy("a.npy",
                                   "{'descr': '<f2', 'fortran_order': False, "
                                   "'shape': (3, 2), }",
                                   halves, sizeof(halves)),
                         NULL),
                     0);
    assert_int_equal(expclip__matrix_read(&rows, found, indices, 3, NULL), 0);
    assert_memory_equal(found, numbers, sizeof(numbers));
    expclip__matrix_close(&rows);

    assert_int_equal(expclip__tensors_create(&w, scratch_path("b"), NULL), 0);
    assert_int_equal(
        expclip__tensors_describe(w, "targets", EXPCLIP__BF16, 2, shape, NULL),
        0);
    assert_int_equal(expclip__tensors_write_f32(w, numbers, 6, NULL), 0);
    assert_int_equal(expclip__tensors_commit(w, NULL), 0);
    expclip__tensors_free(w);
    assert_int_equal(expclip__matrix_open(&rows, scratch_path("b"), NULL), 0);
    assert_int_equal(expclip__matrix_read(&rows, found, indices, 3, NULL), 0);
    assert_memory_equal(found, numbers, sizeof(numbers));
    expclip__matrix_close(&rows);
}

static void test_matrix__a_file_of_other_numbers_has_another_hash(void **state)
{
    expclip__matrix a, b;

    (void)state;
    assert_int_equal(
        expclip__matrix_open(&a, write_matrix("a.npy", 5, 3, 7), NULL), 0);
    assert_int_equal(
        expclip__matrix_open(&b, write_matrix("b.npy", 5, 3, 7), NULL), 0);
    assert_true(a.hash == b.hash);
    expclip__matrix_close(&b);
    assert_int_equal(
        expclip__matrix_open(&b, write_matrix("b.npy", 5, 3, 8), NULL), 0);
    assert_true(a.hash != b.hash);
    expclip__matrix_close(&a);
    expclip__matrix_close(&b);
}

static void test_matrix__that_cannot_be_used_are_named(void **state)
{
    static const int64_t first = 0, second = 1;
    float bad[] = { 1, 2, 3, NAN };
    static const char header[] =
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2), }";
    expclip_error err;
    expclip__matrix rows;
    float found[2];

    (void)state;
    assert_int_equal(expclip__matrix_open(&rows, scratch_path("no"), &err),
                     -21);
    assert_int_equal(
        expclip__matrix_open(&rows, write_npy("a", header, bad, 15), &err),
        -31);
    assert_int_equal(
        expclip__matrix_open(&rows, scratch_write("a", "no matrix", 9), &err),
        -32);
    assert_int_equal(
        expclip__matrix_open(&rows, write_npy("a", header, bad, 16), &err), 0);
    assert_int_equal(expclip__matrix_read(&rows, found, &first, 1, &err), 0);
    assert_int_equal(expclip__matrix_read(&rows, found, &second, 1, &err), -36);
    assert_non_null(strstr(err.message, "row 1, column 1"));
    expclip__matrix_close(&rows);
}

/* ---- files of features and targets ---- */

#define N_ITEMS 4
#define N_COLUMNS 3

/* A finished store, one item of which failed; for free(). */
static uint8_t *make_store(size_t *size)
{
    float values[N_ITEMS * N_COLUMNS];
    expclip__row_note notes[N_ITEMS] = { { 0 } };
    expclip__row_store s;

    fill_numbers(values, N_ITEMS * N_COLUMNS, 7);
    notes[1].status = EXPCLIP_ERROR_FORMAT;
    strcpy(notes[1].message, "damaged");
    assert_int_equal(expclip__row_store_open(&s, scratch_path("f.rows"),
                                             "encoder: e\ndata set: d\n",
                                             N_ITEMS, N_COLUMNS, 0, NULL),
                     0);
    assert_int_equal(expclip__row_store_add(&s, values, notes, N_ITEMS, NULL),
                     0);
    expclip__row_store_close(&s);
    return scratch_read(scratch_path("f.rows"), size);
}

static void test_matrix__of_a_file_with_a_changed_byte_are_refused(void **state)
{
    static const int64_t indices[] = { 0, 2, 3 };
    float values[3 * N_COLUMNS];
    expclip__matrix rows;
    expclip_error err;
    size_t size;
    uint8_t *bytes = make_store(&size);

    (void)state;
    for (size_t at = 0; at < size; at++) {
        bytes[at] ^= 0x41;
        scratch_write("f.rows", bytes, size);
        assert_int_not_equal(
            expclip__matrix_open(&rows, scratch_path("f.rows"), &err), 0);
        assert_non_null(strstr(err.message, scratch_path("f.rows")));
        bytes[at] ^= 0x41;
    }
    scratch_write("f.rows", bytes, size);
    assert_int_equal(expclip__matrix_open(&rows, scratch_path("f.rows"), NULL),
                     0);
    assert_int_equal(rows.failed[1], 1);
    assert_int_equal(expclip__matrix_read(&rows, values, indices, 3, NULL), 0);
    expclip__matrix_close(&rows);
    free(bytes);
}

static void test_matrix__that_change_after_opening_are_refused(void **state)
{
    static const int64_t index = 2;
    float row[N_COLUMNS];
    expclip__matrix rows;
    expclip_error err;
    size_t size;
    uint8_t *bytes = make_store(&size);

    (void)state;
    assert_int_equal(expclip__matrix_open(&rows, scratch_path("f.rows"), NULL),
                     0);
    bytes[size - 2 * expclip__row_record_size(N_COLUMNS) +
          EXPCLIP__ROW_START] ^= 1;
    scratch_write("f.rows", bytes, size);
    assert_int_equal(expclip__matrix_read(&rows, row, &index, 1, &err),
                     EXPCLIP_ERROR_FORMAT);
    assert_non_null(strstr(err.message, "row 2 is damaged"));
    expclip__matrix_close(&rows);
    free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCRATCH_TEST(test_matrix__are_read_in_any_order),
        SCRATCH_TEST(test_matrix__of_halves_and_of_safetensors_are_the_same),
        SCRATCH_TEST(test_matrix__a_file_of_other_numbers_has_another_hash),
        SCRATCH_TEST(test_matrix__that_cannot_be_used_are_named),
        SCRATCH_TEST(test_matrix__of_a_file_with_a_changed_byte_are_refused),
        SCRATCH_TEST(test_matrix__that_change_after_opening_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
