/* SPDX-License-Identifier: MIT */
/*
 * test_pixels.c - raw pixels, turning, cutting.
 */
#include <limits.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "image/pixels.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const expclip_image_options plain = EXPCLIP_IMAGE_OPTIONS_INIT;

static void test_pixels__layouts_differ_in_the_place_of_a_colour(void **state)
{
    static const struct {
        int32_t layout;
        uint8_t pixels[8]; /* two */
        size_t size;
    } same[] = {
        { EXPCLIP_PIXELS_RGB, { 1, 2, 3, 4, 5, 6 }, 6 },
        { EXPCLIP_PIXELS_BGR, { 3, 2, 1, 6, 5, 4 }, 6 },
        { EXPCLIP_PIXELS_RGBA, { 1, 2, 3, 0, 4, 5, 6, 255 }, 8 },
        { EXPCLIP_PIXELS_BGRA, { 3, 2, 1, 0, 6, 5, 4, 255 }, 8 },
    };
    const uint8_t grey[] = { 9, 8 };
    expclip__image image;

    (void)state;
    for (size_t i = 0; i < COUNT(same); i++) {
        assert_int_equal(
            expclip__image_from_pixels(&image, same[i].pixels, same[i].size, 2,
                                       1, 0, same[i].layout, &plain, NULL),
            EXPCLIP_OK);
        assert_memory_equal(image.rgb, "\1\2\3\4\5\6", 6);
        expclip__image_clear(&image);
    }
    assert_int_equal(expclip__image_from_pixels(&image, grey, 2, 2, 1, 0,
                                                EXPCLIP_PIXELS_GREY, &plain,
                                                NULL),
                     EXPCLIP_OK);
    assert_memory_equal(image.rgb, "\11\11\11\10\10\10", 6);
    expclip__image_clear(&image);
}

static void test_pixels__the_last_row_needs_no_padding(void **state)
{
    uint8_t *pixels = malloc(5 + 3); /* two rows of one pixel, 5 bytes apart */
    expclip__image image;

    (void)state;
    assert_non_null(pixels);
    memcpy(pixels, "\1\2\3\0\0\4\5\6", 8);
    assert_int_equal(expclip__image_from_pixels(&image, pixels, 8, 1, 2, 5,
                                                EXPCLIP_PIXELS_RGB, &plain,
                                                NULL),
                     EXPCLIP_OK);
    assert_memory_equal(image.rgb, "\1\2\3\4\5\6", 6);
    expclip__image_clear(&image);
    free(pixels);
}

static void test_pixels__wrong_sizes_are_arguments(void **state)
{
    static const struct {
        size_t size;
        int32_t width, height;
        int64_t stride;
        int32_t layout;
    } bad[] = {
        { 11, 2, 2, 0, 0 },         { 12, 2, 2, 5, 0 },
        { 12, 2, 2, -6, 0 },        { 12, 2, 2, 7, 0 },
        { 12, 2, 2, INT64_MAX, 0 }, { 12, 2, 2, INT64_MIN, 0 },
        { 12, 0, 2, 0, 0 },         { 12, 2, 0, 0, 0 },
        { 12, -1, 2, 0, 0 },        { 12, 2, INT32_MIN, 0, 0 },
        { 12, 2, 2, 0, -1 },        { 12, 2, 2, 0, 5 },
        { 12, 2, 2, 0, INT32_MAX }, { 12, 2, 2, 0, EXPCLIP_PIXELS_RGBA },
    };
    const uint8_t pixels[12] = { 0 };

    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++) {
        expclip__image image = { 7, 7, NULL };

        assert_int_equal(expclip__image_from_pixels(
                             &image, pixels, bad[i].size, bad[i].width,
                             bad[i].height, bad[i].stride, bad[i].layout,
                             &plain, NULL),
                         EXPCLIP_ERROR_ARGUMENT);
        assert_int_equal(image.width, 7);
    }
}

/* Letters as pixels: A B on the first row, C D on the next, E F. */
static void test_pixels__orientations_are_those_of_exif(void **state)
{
    static const char *const upright[] = {
        [1] = "ABCDEF", [2] = "BADCFE", [3] = "FEDCBA", [4] = "EFCDAB",
        [5] = "ACEBDF", [6] = "ECAFDB", [7] = "FDBECA", [8] = "BDFACE",
    };

    (void)state;
    for (int turn = 0; turn < 10; turn++) {
        const int known = turn >= 1 && turn <= 8;
        const char *expected = upright[known ? turn : 1];
        expclip__image image;

        assert_int_equal(
            expclip__image_from_pixels(&image, (const uint8_t *)"ABCDEF", 6, 2,
                                       3, 0, EXPCLIP_PIXELS_GREY, &plain, NULL),
            EXPCLIP_OK);
        assert_int_equal(expclip__image_turn(&image, turn, NULL), EXPCLIP_OK);
        assert_int_equal(image.width, known && turn >= 5 ? 3 : 2);
        assert_int_equal(image.height, known && turn >= 5 ? 2 : 3);
        for (int i = 0; i < 6; i++)
            assert_int_equal(image.rgb[3 * i], expected[i]);
        expclip__image_clear(&image);
    }
}

/* The box of `o` cut out of 10 x 10 pixels that hold 10 y + x. */
static expclip_status cut(expclip__image *image, int32_t x, int32_t y,
                          int32_t width, int32_t height, float margin)
{
    expclip_image_options o = EXPCLIP_IMAGE_OPTIONS_INIT;
    uint8_t pixels[100];

    for (uint8_t i = 0; i < 100; i++)
        pixels[i] = i;
    o.box_x = x;
    o.box_y = y;
    o.box_width = width;
    o.box_height = height;
    o.box_margin = margin;
    return expclip__image_from_pixels(image, pixels, 100, 10, 10, 0,
                                      EXPCLIP_PIXELS_GREY, &o, NULL);
}

static void test_pixels__a_box_is_cut_with_its_margin(void **state)
{
    static const struct {
        int32_t box[4];
        float margin;
        int32_t expected[4]; /* x, y, width, height */
    } boxes[] = {
        { { 2, 3, 4, 5 }, 0.0f, { 2, 3, 4, 5 } },
        { { 2, 3, 4, 2 }, 0.5f, { 0, 2, 8, 4 } },
        { { 4, 4, 2, 2 }, 0.25f, { 3, 3, 4, 4 } }, /* halves go up */
        { { -3, -3, 5, 5 }, 0.0f, { 0, 0, 2, 2 } },
        { { 8, 8, 100, 100 }, 1.0f, { 0, 0, 10, 10 } },
        { { 0, 0, 1, 1 }, 0.0f, { 0, 0, 1, 1 } },
        { { INT32_MIN, INT32_MIN, INT32_MAX, INT32_MAX },
          1.0f,
          { 0, 0, 10, 10 } },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(boxes); i++) {
        const int32_t *b = boxes[i].box, *e = boxes[i].expected;
        expclip__image image;

        assert_int_equal(cut(&image, b[0], b[1], b[2], b[3], boxes[i].margin),
                         EXPCLIP_OK);
        assert_int_equal(image.width, e[2]);
        assert_int_equal(image.height, e[3]);
        assert_int_equal(image.rgb[0], 10 * e[1] + e[0]);
        assert_int_equal(image.rgb[3 * (e[2] * e[3] - 1)],
                         10 * (e[1] + e[3] - 1) + e[0] + e[2] - 1);
        expclip__image_clear(&image);
    }
}

static void test_pixels__a_box_outside_or_empty_is_an_error(void **state)
{
    static const int32_t boxes[][4] = {
        { 10, 0, 5, 5 },
        { 0, -5, 5, 5 },
        { 1, 1, 0, 5 },
        { 1, 1, 5, -1 },
        { 0, 0, -1, -1 },
        { 5, 5, 0, 0 },
        { INT32_MAX, INT32_MAX, INT32_MAX, INT32_MAX },
    };
    expclip__image image;

    (void)state;
    for (size_t i = 0; i < COUNT(boxes); i++)
        assert_int_equal(cut(&image, boxes[i][0], boxes[i][1], boxes[i][2],
                             boxes[i][3], 0.0f),
                         EXPCLIP_ERROR_LIMIT);
}

static void test_pixels__a_failed_allocation_is_reported(void **state)
{
    expclip__image image;

    (void)state;
    for (int n = 0; n < 2; n++) {
        expclip__alloc_fail_after(n, 1);
        assert_int_equal(cut(&image, 2, 2, 2, 2, 0.0f), EXPCLIP_ERROR_MEMORY);
        expclip__alloc_fail_after(-1, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pixels__layouts_differ_in_the_place_of_a_colour),
        cmocka_unit_test(test_pixels__the_last_row_needs_no_padding),
        cmocka_unit_test(test_pixels__wrong_sizes_are_arguments),
        cmocka_unit_test(test_pixels__orientations_are_those_of_exif),
        cmocka_unit_test(test_pixels__a_box_is_cut_with_its_margin),
        cmocka_unit_test(test_pixels__a_box_outside_or_empty_is_an_error),
        cmocka_unit_test(test_pixels__a_failed_allocation_is_reported),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
