/* SPDX-License-Identifier: MIT */
/*
 * test_jpeg_walk.c - each marker of a JPEG is met, and nothing else.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "image/jpeg_walk.h"

static void test_jpeg_walk__scans_and_fill_bytes_are_stepped_over(void **state)
{
    static const uint8_t bytes[] = "\xff\xd8\xff\xff\xff\xe0\0\3x"
                                   "\xff\xda\0\2"
                                   "data\xff\0\xff\xd0more\xff\xff\xdb\0\2"
                                   "\xff\xd9junk";
    static const uint8_t markers[] = { 0xe0, 0xda, 0xdb, 0xd9 };
    static const size_t places[] = { 4, 9, 26, 30 };
    expclip__jpeg_segment s;
    size_t at = 2;

    (void)state;
    for (size_t i = 0; i < sizeof(markers); i++) {
        assert_int_equal(
            expclip__jpeg_next(&s, bytes, sizeof(bytes) - 1, &at, NULL), 0);
        assert_int_equal(s.marker, markers[i]);
        assert_int_equal(s.at, places[i]);
        assert_int_equal(s.size, i == 0);
    }
}

static void test_jpeg_walk__the_end_of_the_bytes_is_no_marker(void **state)
{
    static const uint8_t bytes[] = "\xff\xd8 data \xff";
    expclip__jpeg_segment s = { .marker = 1 };
    size_t at = 2;

    (void)state;
    for (size_t size = 0; size < sizeof(bytes); size++, at = 2) {
        assert_int_equal(expclip__jpeg_next(&s, bytes, size, &at, NULL), 0);
        assert_int_equal(s.marker, 0);
    }
}

static void test_jpeg_walk__a_cut_segment_is_an_error(void **state)
{
    static const uint8_t bytes[] = "\xff\xd8\xff\xe1\0\6data";
    uint8_t *copy;
    expclip__jpeg_segment s;
    size_t at;

    (void)state;
    for (size_t size = 4; size < 10; size++) {
        copy = malloc(size);
        assert_non_null(copy);
        memcpy(copy, bytes, size);
        at = 2;
        assert_int_equal(expclip__jpeg_next(&s, copy, size, &at, NULL),
                         EXPCLIP_ERROR_TRUNCATED);
        free(copy);
    }
    at = 2;
    assert_int_equal(expclip__jpeg_next(&s,
                                        (const uint8_t *)"\xff\xd8\xff\xe1\0\1",
                                        6, &at, NULL),
                     EXPCLIP_ERROR_FORMAT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_jpeg_walk__scans_and_fill_bytes_are_stepped_over),
        cmocka_unit_test(test_jpeg_walk__the_end_of_the_bytes_is_no_marker),
        cmocka_unit_test(test_jpeg_walk__a_cut_segment_is_an_error),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
