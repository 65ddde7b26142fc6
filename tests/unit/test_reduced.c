/* SPDX-License-Identifier: MIT */
/*
 * test_reduced.c - JPEGs that are decoded no larger than needed.
 */
#define _GNU_SOURCE
#include <string.h>

#include "image/jpeg_turbo.h"
#include "jpeg_maker.h"
#include "unit/scratch.h"

static jpeg_file file;
static expclip__size full;

/* Of a grey image, 401 x 200. */
static expclip__image decode(int32_t least_side, const expclip_image_options *o)
{
    expclip__image image;
    expclip_error err;

    jpeg_grey(&file, 401, 200);
    if (expclip__image_decode_reduced(&image, &full, file.bytes, file.size, o,
                                      least_side, NULL, &err))
        fail_msg("%s", err.message);
    assert_int_equal(full.width, 401);
    assert_int_equal(full.height, 200);
    return image;
}

static void assert_grey(expclip__image *image, int32_t width, int32_t height)
{
    assert_int_equal(image->width, width);
    assert_int_equal(image->height, height);
    for (int32_t i = 0; i < width * height * 3; i++)
        assert_int_equal(image->rgb[i], 128);
    expclip__image_clear(image);
}

static void test_reduced__as_small_as_leaves_enough(void **state)
{
    static const struct {
        int32_t least, width, height;
    } cases[] = { { 0, 401, 200 },   { 1, 51, 25 },     { 50, 51, 25 },
                  { 51, 101, 50 },   { 100, 101, 50 },  { 101, 201, 100 },
                  { 200, 201, 100 }, { 201, 401, 200 }, { 999, 401, 200 } };
    const expclip_image_options plain = EXPCLIP_IMAGE_OPTIONS_INIT;

    (void)state;
    if (!expclip__has_jpeg_turbo)
        skip();
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        expclip__image image = decode(cases[i].least, &plain);

        assert_grey(&image, cases[i].width, cases[i].height);
    }
}

static void test_reduced__of_a_box_enough_is_left(void **state)
{
    expclip_image_options o = EXPCLIP_IMAGE_OPTIONS_INIT;
    expclip__image image;

    (void)state;
    if (!expclip__has_jpeg_turbo)
        skip();
    o.box_x = 101;
    o.box_y = 51;
    o.box_width = 99;
    o.box_height = 49;
    image = decode(49, &o); /* 1/2: from 50 to 100 and from 25 to 50 */
    assert_grey(&image, 51, 25);
    image = decode(50, &o);
    assert_grey(&image, 99, 49);
    o.box_x = 400;
    image = decode(1, &o); /* its last column alone */
    assert_grey(&image, 1, 7);
}

static void test_reduced__a_box_outside_is_told_in_whole_pixels(void **state)
{
    expclip_image_options o = EXPCLIP_IMAGE_OPTIONS_INIT;
    expclip__image image;
    expclip_error err;

    (void)state;
    o.box_x = 401;
    o.box_width = o.box_height = INT32_MAX;
    jpeg_grey(&file, 401, 200);
    assert_int_equal(expclip__image_decode_reduced(&image, NULL, file.bytes,
                                                   file.size, &o, 1, NULL,
                                                   &err),
                     EXPCLIP_ERROR_LIMIT);
    assert_non_null(strstr(err.message, "box 401, 0, "));
    assert_non_null(strstr(err.message, "401 x 200"));
}

static void test_reduced__the_size_is_that_of_the_upright_image(void **state)
{
    const char *path = EXPCLIP_TEST_DATA "/images/turned.jpg";
    expclip_image_options o = EXPCLIP_IMAGE_OPTIONS_INIT;
    expclip__image image;

    (void)state;
    if (!expclip__has_jpeg_turbo)
        skip();
    assert_int_equal(
        expclip__image_load_reduced(&image, &full, path, &o, 16, NULL, NULL),
        0);
    assert_int_equal(full.width, 16);
    assert_int_equal(full.height, 32);
    assert_int_equal(image.width, 8);
    expclip__image_clear(&image);
    o.exif = 1;
    assert_int_equal(
        expclip__image_load_reduced(&image, &full, path, &o, 16, NULL, NULL),
        0);
    assert_int_equal(full.width, 32);
    assert_int_equal(full.height, 16);
    assert_int_equal(image.width, 16);
    assert_int_equal(image.height, 8);
    assert_true(image.rgb[2] > 180); /* blue left, brown right */
    assert_true(image.rgb[3 * 15] > 160);
    expclip__image_clear(&image);
}

static void test_reduced__other_formats_stay_whole(void **state)
{
    const expclip_image_options plain = EXPCLIP_IMAGE_OPTIONS_INIT;
    expclip__image image;

    (void)state;
    assert_int_equal(expclip__image_load_reduced(
                         &image, &full, EXPCLIP_FACES "/happiness_1.png",
                         &plain, 1, NULL, NULL),
                     0);
    assert_true(image.width > 1);
    assert_int_equal(full.width, image.width);
    assert_int_equal(full.height, image.height);
    expclip__image_clear(&image);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reduced__as_small_as_leaves_enough),
        cmocka_unit_test(test_reduced__of_a_box_enough_is_left),
        cmocka_unit_test(test_reduced__a_box_outside_is_told_in_whole_pixels),
        cmocka_unit_test(test_reduced__the_size_is_that_of_the_upright_image),
        cmocka_unit_test(test_reduced__other_formats_stay_whole),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
