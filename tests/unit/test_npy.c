/* SPDX-License-Identifier: MIT */
/*
 * test_npy.c - the headers that numpy writes, and those that it does not.
 */
#include "unit/matrix_files.h"

#include "rows/npy.h"
#include "shared/npy_header.h"

static expclip_status read_header(const char *header, expclip__npy *out)
{
    static const float numbers[6] = { 0 };
    const char *path = write_npy("a", header, numbers, sizeof(numbers));
    expclip__file file;
    expclip_status status;

    assert_int_equal(expclip__file_open(&file, path, NULL), 0);
    assert_true(expclip__npy_is(&file));
    status = expclip__npy_read(out, &file, NULL);
    expclip__file_close(&file);
    return status;
}

static void test_npy__a_header_of_numpy_is_read(void **state)
{
    expclip__npy npy;

    (void)state;
    assert_int_equal(read_header("{'descr': '<f4', 'fortran_order': False, "
                                 "'shape': (2, 3), }          \n",
                                 &npy),
                     0);
    assert_int_equal(npy.n, 2);
    assert_int_equal(npy.dim, 3);
    assert_int_equal(npy.dtype, EXPCLIP__F32);
    assert_int_equal(npy.offset, 80);
    assert_int_equal(
        read_header("{'descr':'<f2','fortran_order':False,'shape':(7,1)}",
                    &npy),
        0);
    assert_int_equal(npy.dtype, EXPCLIP__F16);
    assert_int_equal(npy.n, 7);
}

static void test_npy__a_header_that_is_made_has_128_bytes_and_is_read(void **s)
{
    static const size_t shapes[][2] = { { 0, 1 },
                                        { 7, 512 },
                                        { SIZE_MAX / 2, 3 } };
    uint8_t header[EXPCLIP__NPY_HEADER_SIZE + 1] = { 0 };
    expclip__npy_dict dict;
    const char *why;

    (void)s;
    for (size_t i = 0; i < 3; i++) {
        expclip__npy_make(header, shapes[i], 2);
        assert_memory_equal(header, EXPCLIP__NPY_MAGIC "\1\0\x76\0", 10);
        assert_int_equal(header[EXPCLIP__NPY_HEADER_SIZE - 1], '\n');
        assert_int_equal(
            expclip__npy_parse(&dict, (const char *)header + 10, &why), 0);
        assert_int_equal(dict.n, shapes[i][0]);
        assert_int_equal(dict.dim, shapes[i][1]);
        assert_false(dict.is_half);
    }
}

static void test_npy__another_kind_is_refused_with_its_code(void **state)
{
    static const struct {
        const char *header;
        int32_t status;
    } cases[] = {
        { "", -30 },
        { "{'descr': '<f4', 'shape': (2, 3)}", -30 },
        { "{'descr': '>f4', 'fortran_order': False, 'shape': (2, 3)}", -32 },
        { "{'descr': '<f8', 'fortran_order': False, 'shape': (2, 3)}", -32 },
        { "{'descr': '|O', 'fortran_order': False, 'shape': (2, 3)}", -32 },
        { "{'descr': '<f4', 'fortran_order': True, 'shape': (2, 3)}", -32 },
        { "{'descr': '<f4', 'fortran_order': False, 'shape': (2,)}", -35 },
        { "{'descr': '<f4', 'fortran_order': False, 'shape': ()}", -35 },
        { "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3, 1)}", -35 },
        { "{'descr': '<f4', 'fortran_order': False, 'shape': (-2, 3)}", -35 },
        { "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 1e3)}", -35 },
        { "{'descr': '<f4', 'fortran_order': False, "
          "'shape': (99999999999999999999, 3)}",
          -35 },
        { "{'descr': '<f4', 'fortran_order': False}", -35 },
    };
    expclip__npy npy;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_int_equal(read_header(cases[i].header, &npy), cases[i].status);
}

static void test_npy__a_cut_file_is_truncated(void **state)
{
    static const char bytes[] = "\x93NUMPY\1\0\x40\0{'descr'";
    expclip__file file;
    expclip__npy npy;

    (void)state;
    for (size_t n = 6; n < sizeof(bytes); n++) {
        assert_int_equal(
            expclip__file_open(&file, scratch_write("a", bytes, n), NULL), 0);
        assert_int_equal(expclip__npy_read(&npy, &file, NULL), -31);
        expclip__file_close(&file);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCRATCH_TEST(test_npy__a_header_of_numpy_is_read),
        SCRATCH_TEST(test_npy__a_header_that_is_made_has_128_bytes_and_is_read),
        SCRATCH_TEST(test_npy__another_kind_is_refused_with_its_code),
        SCRATCH_TEST(test_npy__a_cut_file_is_truncated),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
