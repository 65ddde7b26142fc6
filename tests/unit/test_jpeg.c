/* SPDX-License-Identifier: MIT */
/*
 * test_jpeg.c - which JPEG files stb_image gets to see.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "image/jpeg.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static expclip_status check(const uint8_t *bytes, size_t size,
                            int allow_truncated)
{
    uint8_t *copy = malloc(size ? size : 1);
    expclip_status status;

    assert_non_null(copy);
    memcpy(copy, bytes, size);
    status = expclip__jpeg_check(copy, size, allow_truncated, NULL);
    free(copy);
    return status;
}

/* A file of one Huffman table, `per_length` codes of each of 16 lengths. */
static expclip_status check_table(uint8_t per_length, int missing)
{
    const size_t n = (size_t)per_length * 16;
    const size_t length = 2 + 17 + n - (size_t)missing;
    uint8_t bytes[6 + 17 + 4096 + 2] = { 0xff, 0xd8, 0xff, 0xc4 };

    bytes[4] = (uint8_t)(length >> 8);
    bytes[5] = (uint8_t)length;
    memset(bytes + 7, per_length, 16);
    bytes[4 + length] = 0xff;
    bytes[5 + length] = 0xd9;
    return check(bytes, 6 + length, 0);
}

/* stb_image before 2.28 writes behind its table. */
static void test_jpeg__a_table_has_256_codes_at_most(void **state)
{
    (void)state;
    assert_int_equal(check_table(1, 0), EXPCLIP_OK);
    assert_int_equal(check_table(16, 0), EXPCLIP_OK);
    assert_int_equal(check_table(17, 0), EXPCLIP_ERROR_FORMAT);
    assert_int_equal(check_table(255, 0), EXPCLIP_ERROR_FORMAT);
    assert_int_equal(check_table(2, 1), EXPCLIP_ERROR_FORMAT);
}

static void test_jpeg__other_codings_are_named(void **state)
{
    static const uint8_t others[] = { 0xc3, 0xc5, 0xc6, 0xc7, 0xc9,
                                      0xca, 0xcb, 0xcd, 0xce, 0xcf };
    uint8_t file[] = "\xff\xd8\xff\xc0\0\x0b\x8\0\1\0\1\1\1\x11\0\xff\xd9";
    const size_t size = sizeof(file) - 1;

    (void)state;
    assert_int_equal(check(file, size, 0), EXPCLIP_OK);
    file[6] = 12; /* bits */
    assert_int_equal(check(file, size, 0), EXPCLIP_ERROR_UNSUPPORTED);
    file[6] = 8;
    file[11] = 4; /* colours */
    assert_int_equal(check(file, size, 0), EXPCLIP_ERROR_UNSUPPORTED);
    file[11] = 1;
    for (size_t i = 0; i < COUNT(others); i++) {
        file[3] = others[i];
        assert_int_equal(check(file, size, 0), EXPCLIP_ERROR_UNSUPPORTED);
    }
}

/* A second table after the first scan, as stb_image would meet it. */
static void test_jpeg__tables_between_scans_are_checked_too(void **state)
{
    uint8_t file[] = "\xff\xd8\xff\xda\0\2"
                     "data\xff\0\xff\xd0more\xff\xff\xc4\0\x13\0"
                     "\xff\xff\0\0\0\0\0\0\0\0\0\0\0\0\0\0\xff\xd9";

    (void)state;
    assert_int_equal(check(file, sizeof(file) - 1, 0), EXPCLIP_ERROR_FORMAT);
    assert_int_equal(check(file, sizeof(file) - 1, 1), EXPCLIP_ERROR_FORMAT);
}

static void test_jpeg__without_its_end_it_is_cut(void **state)
{
    static const uint8_t file[] = "\xff\xd8\xff\xda\0\2"
                                  "data";

    (void)state;
    assert_int_equal(check(file, sizeof(file) - 1, 0), EXPCLIP_ERROR_TRUNCATED);
    assert_int_equal(check(file, sizeof(file) - 1, 1), EXPCLIP_OK);
    /* In a segment there is nothing to show. */
    assert_int_equal(check(file, 5, 1), EXPCLIP_ERROR_TRUNCATED);
    assert_int_equal(check(file, 4, 1), EXPCLIP_ERROR_TRUNCATED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_jpeg__a_table_has_256_codes_at_most),
        cmocka_unit_test(test_jpeg__other_codings_are_named),
        cmocka_unit_test(test_jpeg__tables_between_scans_are_checked_too),
        cmocka_unit_test(test_jpeg__without_its_end_it_is_cut),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
