/* SPDX-License-Identifier: MIT */
/*
 * test_jpeg.c - which JPEG files a decoder gets to see.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "image/jpeg.h"
#include "image/jpeg_turbo.h"
#include "jpeg_maker.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static jpeg_file file;
static expclip__jpeg facts;

static expclip_status check(int allow_truncated)
{
    uint8_t *copy = malloc(file.size);
    expclip_status status;

    assert_non_null(copy);
    memcpy(copy, file.bytes, file.size);
    status =
        expclip__jpeg_check(&facts, copy, file.size, allow_truncated, NULL);
    free(copy);
    return status;
}

/* Between two scans, one Huffman table, `per_length` codes of each length. */
static expclip_status check_table(uint8_t per_length, size_t missing)
{
    uint8_t table[17 + 4096] = { 0 };

    memset(table + 1, per_length, 16);
    jpeg_grey(&file, 8, 8);
    file.size -= 2;
    jpeg_segment(&file, 0xc4, table, 17 + (size_t)per_length * 16 - missing);
    jpeg_marker(&file, 0xd9);
    return check(0);
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
    assert_int_equal(check(1), EXPCLIP_ERROR_FORMAT);
}

/* Where the frame of a grey file stands: behind the start and one table. */
#define FRAME 71

static void test_jpeg__other_codings_are_named(void **state)
{
    static const uint8_t others[] = { 0xc3, 0xc5, 0xc6, 0xc7,
                                      0xcb, 0xcd, 0xce, 0xcf };
    static const uint8_t arithmetic[] = { 0xc9, 0xca };

    (void)state;
    jpeg_grey(&file, 8, 8);
    assert_int_equal(check(0), EXPCLIP_OK);
    file.bytes[FRAME + 4] = 12; /* bits */
    assert_int_equal(check(0), EXPCLIP_ERROR_UNSUPPORTED);
    for (size_t i = 0; i < COUNT(others); i++) {
        jpeg_grey(&file, 8, 8);
        file.bytes[FRAME + 1] = others[i];
        assert_int_equal(check(0), EXPCLIP_ERROR_UNSUPPORTED);
    }
    for (size_t i = 0; i < COUNT(arithmetic); i++) {
        jpeg_grey(&file, 8, 8);
        file.bytes[FRAME + 1] = arithmetic[i];
        assert_int_equal(check(0), expclip__has_jpeg_arithmetic
                                       ? EXPCLIP_OK
                                       : EXPCLIP_ERROR_UNSUPPORTED);
    }
    for (int n = 0; n < 256; n++) {
        jpeg_start(&file);
        jpeg_frame(&file, 0xc0, 8, 8, n);
        assert_int_equal(check(0), n == 1 || n == 3 || n == 4
                                       ? EXPCLIP_ERROR_TRUNCATED
                                       : EXPCLIP_ERROR_UNSUPPORTED);
    }
}

static void test_jpeg__a_frame_has_a_size_and_stands_once(void **state)
{
    (void)state;
    jpeg_grey(&file, 0, 8);
    assert_int_equal(check(0), EXPCLIP_ERROR_FORMAT);
    jpeg_grey(&file, 8, 0);
    assert_int_equal(check(0), EXPCLIP_ERROR_FORMAT);
    jpeg_grey(&file, 8, 8);
    file.bytes[FRAME + 11] = 0x51; /* sampling */
    assert_int_equal(check(0), EXPCLIP_ERROR_FORMAT);
    jpeg_grey(&file, 8, 8);
    file.size -= 2;
    jpeg_frame(&file, 0xc0, 8, 8, 1);
    jpeg_marker(&file, 0xd9);
    assert_int_equal(check(0), EXPCLIP_ERROR_FORMAT);
}

static void test_jpeg__every_colour_has_a_scan(void **state)
{
    (void)state;
    for (int n = 0; n <= 3; n++) {
        jpeg_start(&file);
        jpeg_frame(&file, 0xc0, 8, 8, 3);
        jpeg_huffman(&file, 0, 0);
        jpeg_huffman(&file, 1, 0);
        for (int i = 1; i <= n; i++)
            jpeg_scan(&file, i, 0, 63, 0, 1);
        jpeg_marker(&file, 0xd9);
        assert_int_equal(check(0), n < 3 ? EXPCLIP_ERROR_TRUNCATED : 0);
        assert_int_equal(check(1), n < 1 ? EXPCLIP_ERROR_TRUNCATED : 0);
    }
    assert_int_equal(facts.n_scans, 3);
    assert_int_equal(facts.n_components, 3);
    assert_int_equal(facts.coefficient_bytes, 3 * 64 * 2);
    assert_int_equal(facts.work, 3 * 64);
}

static void test_jpeg__tables_are_defined_before_their_scan(void **state)
{
    (void)state;
    jpeg_grey(&file, 8, 8);
    file.bytes[FRAME + 12] = 1;
    assert_int_equal(check(0), EXPCLIP_ERROR_FORMAT);
    jpeg_grey(&file, 8, 8);
    assert_int_equal(check(0), EXPCLIP_OK);
    assert_false(facts.standard_tables);
    jpeg_start(&file);
    jpeg_frame(&file, 0xc0, 8, 8, 1);
    jpeg_huffman(&file, 0, 0);
    jpeg_scan(&file, 1, 0, 63, 0, 1);
    jpeg_marker(&file, 0xd9);
    assert_int_equal(check(0), EXPCLIP_OK);
    assert_true(facts.standard_tables);
}

static expclip_status check_bits(int allow_truncated)
{
    assert_int_equal(check(0), EXPCLIP_OK);
    return expclip__jpeg_check_cost(&facts, file.size, 1 << 26, allow_truncated,
                                    NULL);
}

static void test_jpeg__a_scan_holds_bits_for_its_blocks(void **state)
{
    (void)state;
    jpeg_grey(&file, 800, 800);
    assert_int_equal(check_bits(0), EXPCLIP_OK);
    file.size -= 3;
    jpeg_marker(&file, 0xd9);
    assert_int_equal(check_bits(0), EXPCLIP_ERROR_TRUNCATED);
    assert_int_equal(facts.missing_bytes, 1);
    assert_int_equal(check_bits(1), EXPCLIP_OK);
}

static void test_jpeg__without_its_end_it_is_cut(void **state)
{
    (void)state;
    jpeg_grey(&file, 8, 8);
    file.size -= 2;
    assert_int_equal(check(0), EXPCLIP_ERROR_TRUNCATED);
    assert_int_equal(check(1), EXPCLIP_OK);
    for (; file.size > 2; file.size--) {
        assert_int_not_equal(check(0), EXPCLIP_OK);
        check(1);
    }
}

/* A grey progressive file of 8192 x 8192: all of DC, then refinements. */
static expclip_status cost_of(int n_refinements, int64_t max_pixels)
{
    jpeg_start(&file);
    jpeg_frame(&file, 0xc2, 8192, 8192, 1);
    jpeg_huffman(&file, 0, 0);
    jpeg_huffman(&file, 1, 0xe0);
    jpeg_scan(&file, 1, 0, 0, 0, 0);
    for (int i = 0; i < n_refinements; i++)
        jpeg_scan(&file, 1, 1, 63, 0x10, 64);
    jpeg_marker(&file, 0xd9);
    assert_int_equal(check(1), EXPCLIP_OK);
    assert_int_equal(facts.n_scans, n_refinements + 1);
    return expclip__jpeg_check_cost(&facts, file.size, max_pixels, 1, NULL);
}

static void test_jpeg__scans_over_nothing_are_limited(void **state)
{
    (void)state;
    assert_int_equal(cost_of(14, 1 << 26), EXPCLIP_OK);
    assert_int_equal(cost_of(17, 1 << 26), EXPCLIP_ERROR_LIMIT);
    assert_int_equal(cost_of(400, 1 << 26), EXPCLIP_ERROR_LIMIT);
}

/* 5 bytes per pixel: 3 of colours, 2 of coefficients. */
static void test_jpeg__memory_is_limited_by_the_pixels_allowed(void **state)
{
    (void)state;
    assert_int_equal(cost_of(1, (5ll << 26) / 6), EXPCLIP_OK);
    assert_int_equal(cost_of(1, (5ll << 26) / 6 - (2 << 20)),
                     EXPCLIP_ERROR_LIMIT);
    assert_int_equal(cost_of(1, INT64_MAX), EXPCLIP_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_jpeg__a_table_has_256_codes_at_most),
        cmocka_unit_test(test_jpeg__other_codings_are_named),
        cmocka_unit_test(test_jpeg__a_frame_has_a_size_and_stands_once),
        cmocka_unit_test(test_jpeg__every_colour_has_a_scan),
        cmocka_unit_test(test_jpeg__tables_are_defined_before_their_scan),
        cmocka_unit_test(test_jpeg__a_scan_holds_bits_for_its_blocks),
        cmocka_unit_test(test_jpeg__without_its_end_it_is_cut),
        cmocka_unit_test(test_jpeg__scans_over_nothing_are_limited),
        cmocka_unit_test(test_jpeg__memory_is_limited_by_the_pixels_allowed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
