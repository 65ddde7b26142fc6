/* SPDX-License-Identifier: MIT */
/*
 * test_exif.c - which way up, from a JPEG's EXIF.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "image/exif.h"

/* Start, APP1 of 34 bytes, "Exif", TIFF, one entry: orientation 6. */
static const uint8_t little[] = "\xff\xd8\xff\xe1\0\x22"
                                "Exif\0\0"
                                "II*\0"
                                "\x8\0\0\0"
                                "\1\0"
                                "\x12\1\3\0\1\0\0\0\6\0\0\0"
                                "\0\0\0\0"
                                "\xff\xda";
static const uint8_t big[] = "\xff\xd8\xff\xe1\0\x22"
                             "Exif\0\0"
                             "MM\0*"
                             "\0\0\0\x8"
                             "\0\1"
                             "\1\x12\0\3\0\0\0\1\0\6\0\0"
                             "\0\0\0\0"
                             "\xff\xda";

#define SIZE (sizeof(little) - 1)

/* The answer for memory of exactly `size` bytes. */
static int orientation(const uint8_t *bytes, size_t size)
{
    uint8_t *copy = malloc(size ? size : 1);
    int found;

    assert_non_null(copy);
    memcpy(copy, bytes, size);
    found = expclip__jpeg_orientation(copy, size);
    free(copy);
    return found;
}

static void test_exif__both_byte_orders_are_read(void **state)
{
    (void)state;
    assert_int_equal(orientation(little, SIZE), 6);
    assert_int_equal(orientation(big, SIZE), 6);
}

static void test_exif__other_segments_may_stand_before(void **state)
{
    uint8_t bytes[SIZE + 6] = "\xff\xd8\xff\xe0\0\4";

    (void)state;
    memcpy(bytes + 8, little + 2, SIZE - 2);
    assert_int_equal(orientation(bytes, sizeof(bytes)), 6);
}

static void test_exif__fill_bytes_may_stand_before_a_marker(void **state)
{
    uint8_t bytes[SIZE + 3] = "\xff\xd8\xff\xff\xff";

    (void)state;
    memcpy(bytes + 5, little + 2, SIZE - 2);
    assert_int_equal(orientation(bytes, sizeof(bytes)), 6);
}

static void test_exif__unknown_values_mean_upright(void **state)
{
    uint8_t bytes[SIZE];

    (void)state;
    for (int value = 0; value < 256; value++) {
        memcpy(bytes, little, SIZE);
        bytes[30] = (uint8_t)value;
        assert_int_equal(orientation(bytes, SIZE),
                         value >= 1 && value <= 8 ? value : 1);
    }
}

/* Cut anywhere, or any byte another: an answer, and nothing read beyond. */
static void test_exif__damage_means_some_orientation(void **state)
{
    uint8_t bytes[SIZE];

    (void)state;
    for (size_t size = 0; size < SIZE; size++)
        assert_in_range(orientation(little, size), 1, 8);
    for (size_t i = 0; i < 256 * SIZE; i++) {
        memcpy(bytes, i % 2 ? little : big, SIZE);
        bytes[i / 256] = (uint8_t)(i % 256);
        assert_in_range(orientation(bytes, SIZE), 1, 8);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_exif__both_byte_orders_are_read),
        cmocka_unit_test(test_exif__other_segments_may_stand_before),
        cmocka_unit_test(test_exif__fill_bytes_may_stand_before_a_marker),
        cmocka_unit_test(test_exif__unknown_values_mean_upright),
        cmocka_unit_test(test_exif__damage_means_some_orientation),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
