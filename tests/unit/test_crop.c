/* SPDX-License-Identifier: MIT */
/*
 * test_crop.c - the square around a face, and its pixels.
 */
#define _GNU_SOURCE
#include "faces/crop.h"

#include <math.h>
#include <string.h>

#include "unit/scratch.h"

static const expclip__crop as_default = EXPCLIP__CROP_DEFAULT;

static void assert_box(expclip_box box, int32_t x, int32_t y, int32_t width,
                       int32_t height)
{
    if (box.x != x || box.y != y || box.width != width || box.height != height)
        fail_msg("%d, %d, %d x %d, expected %d, %d, %d x %d", (int)box.x,
                 (int)box.y, (int)box.width, (int)box.height, (int)x, (int)y,
                 (int)width, (int)height);
}

static void test_crop__is_a_square_around_the_box(void **state)
{
    const expclip_face face = {
        .x = 100, .y = 200, .width = 80, .height = 100
    };

    (void)state;
    assert_box(expclip__crop_box(&face, &as_default, 640, 480), 70, 180, 140,
               140);
    assert_box(
        expclip__crop_box(&face, &(expclip__crop){ 1.0f, 0.0f }, 640, 480), 90,
        200, 100, 100);
}

static void test_crop__up_is_counted_in_heights_of_the_box(void **state)
{
    const expclip_face face = {
        .x = 100, .y = 200, .width = 80, .height = 100
    };

    (void)state;
    assert_box(
        expclip__crop_box(&face, &(expclip__crop){ 1.4f, 0.12f }, 640, 480), 70,
        168, 140, 140);
}

static void test_crop__moves_inside_before_it_is_cut(void **state)
{
    const expclip_face corner = {
        .x = -20, .y = -30, .width = 80, .height = 100
    };
    const expclip_face other = {
        .x = 600, .y = 420, .width = 80, .height = 100
    };

    (void)state;
    assert_box(expclip__crop_box(&corner, &as_default, 640, 480), 0, 0, 140,
               140);
    assert_box(expclip__crop_box(&other, &as_default, 640, 480), 500, 340, 140,
               140);
}

static void test_crop__is_no_larger_than_the_image(void **state)
{
    const expclip_face face = { .x = 10, .y = 10, .width = 80, .height = 110 };
    const expclip_face huge = {
        .x = -3e4f, .y = -3e4f, .width = 6e4f, .height = 6e4f
    };

    (void)state;
    assert_box(expclip__crop_box(&face, &as_default, 100, 120), 0, 0, 100, 120);
    assert_box(expclip__crop_box(&huge, &as_default, 640, 480), 0, 0, 640, 480);
    assert_box(expclip__crop_box(&huge, &as_default, 1, 1), 0, 0, 1, 1);
}

static void test_crop__is_a_pixel_at_least(void **state)
{
    const expclip_face none = { .x = 5, .y = 5, .width = 0, .height = 0 };

    (void)state;
    assert_box(expclip__crop_box(&none, &as_default, 10, 10), 5, 5, 1, 1);
}

static void test_crop__options_choose_both_numbers_or_none(void **state)
{
    const expclip__crop of_model = { 1.6f, 0.1f };
    const float wrong[][2] = { { 0.0f, 0.2f },  { 0.4f, 0.0f }, { 4.1f, 0.0f },
                               { 1.0f, -1.1f }, { NAN, 0.0f },  { 1.0f, NAN } };
    expclip__crop crop = of_model;

    (void)state;
    assert_int_equal(expclip__crop_choose(&crop, 0.0f, 0.0f, NULL), 0);
    assert_memory_equal(&crop, &of_model, sizeof(crop));
    for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
        expclip_error err;

        assert_int_equal(
            expclip__crop_choose(&crop, wrong[i][0], wrong[i][1], &err),
            EXPCLIP_ERROR_ARGUMENT);
        assert_non_null(strstr(err.message, "of the crop: found"));
        assert_memory_equal(&crop, &of_model, sizeof(crop));
    }
    assert_int_equal(expclip__crop_choose(&crop, 4.0f, -1.0f, NULL), 0);
    assert_true(crop.side == 4.0f && crop.up == -1.0f);
}

static void test_crop__the_tilt_is_that_of_the_eyes(void **state)
{
    const expclip_face level = { .points = { 0, 10, 20, 10 } };
    const expclip_face tilted = { .points = { 0, 20, 20, 0 } };
    const expclip_face no_eyes = { .points = { 5, 5, 5, 5 } };

    (void)state;
    assert_true(expclip__crop_tilt(&level) == 0.0f);
    assert_true(fabsf(expclip__crop_tilt(&tilted) - 45.0f) < 1e-3f);
    assert_true(expclip__crop_tilt(&no_eyes) == 0.0f);
}

/* 8 x 8, of which each pixel says where it is. */
static expclip__image make_places(uint8_t *rgb)
{
    for (uint8_t y = 0; y < 8; y++)
        for (uint8_t x = 0; x < 8; x++) {
            rgb[3 * (8 * y + x)] = (uint8_t)(10 * x);
            rgb[3 * (8 * y + x) + 1] = (uint8_t)(10 * y);
            rgb[3 * (8 * y + x) + 2] = 7;
        }
    return (expclip__image){ 8, 8, rgb };
}

static void test_crop__pixels_are_those_of_the_box(void **state)
{
    uint8_t rgb[8 * 8 * 3];
    const expclip__image image = make_places(rgb);
    const expclip_box box = { 2, 3, 4, 5 };
    expclip__image part;

    (void)state;
    assert_int_equal(expclip__crop_copy(&part, &image, &box, 8, 8, 0.0f, NULL),
                     EXPCLIP_OK);
    assert_int_equal(part.width, 4);
    assert_int_equal(part.height, 5);
    assert_int_equal(part.rgb[0], 20);
    assert_int_equal(part.rgb[1], 30);
    assert_int_equal(part.rgb[3 * (4 * 4 + 3)], 50);
    assert_int_equal(part.rgb[3 * (4 * 4 + 3) + 1], 70);
    expclip__image_clear(&part);
}

static void
test_crop__a_box_of_the_original_is_found_in_a_reduced_image(void **state)
{
    uint8_t rgb[8 * 8 * 3];
    const expclip__image image = make_places(rgb);
    const expclip_box box = { 16, 24, 32, 40 }, last = { 63, 63, 1, 1 };
    expclip__image part;

    (void)state;
    assert_int_equal(
        expclip__crop_copy(&part, &image, &box, 64, 64, 0.0f, NULL),
        EXPCLIP_OK);
    assert_int_equal(part.width, 4);
    assert_int_equal(part.height, 5);
    assert_int_equal(part.rgb[0], 20);
    expclip__image_clear(&part);
    assert_int_equal(
        expclip__crop_copy(&part, &image, &last, 64, 64, 0.0f, NULL),
        EXPCLIP_OK);
    assert_int_equal(part.width, 1);
    assert_int_equal(part.rgb[0], 70);
    expclip__image_clear(&part);
}

/* By a quarter, what was right of the middle comes to stand above it or below
 * it: a head that is tilted counterclockwise is turned clockwise. */
static void test_crop__a_tilted_head_is_turned_back(void **state)
{
    uint8_t rgb[8 * 8 * 3];
    const expclip__image image = make_places(rgb);
    const expclip_box all = { 0, 0, 8, 8 };
    expclip__image part;

    (void)state;
    assert_int_equal(expclip__crop_copy(&part, &image, &all, 8, 8, 90.0f, NULL),
                     EXPCLIP_OK);
    /* Upper left was lower left; red is the place across. */
    assert_int_equal(part.rgb[0], 0);
    assert_int_equal(part.rgb[1], 70);
    expclip__image_clear(&part);
}

static void test_crop__what_lies_outside_repeats_the_edge(void **state)
{
    uint8_t rgb[8 * 8 * 3];
    const expclip__image image = make_places(rgb);
    const expclip_box all = { 0, 0, 8, 8 };
    expclip__image part;

    (void)state;
    assert_int_equal(expclip__crop_copy(&part, &image, &all, 8, 8, 45.0f, NULL),
                     EXPCLIP_OK);
    for (int i = 0; i < 64; i++) {
        assert_in_range(part.rgb[3 * i], 0, 70);
        assert_int_equal(part.rgb[3 * i + 2], 7);
    }
    expclip__image_clear(&part);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_crop__is_a_square_around_the_box),
        cmocka_unit_test(test_crop__up_is_counted_in_heights_of_the_box),
        cmocka_unit_test(test_crop__moves_inside_before_it_is_cut),
        cmocka_unit_test(test_crop__is_no_larger_than_the_image),
        cmocka_unit_test(test_crop__is_a_pixel_at_least),
        cmocka_unit_test(test_crop__options_choose_both_numbers_or_none),
        cmocka_unit_test(test_crop__the_tilt_is_that_of_the_eyes),
        cmocka_unit_test(test_crop__pixels_are_those_of_the_box),
        cmocka_unit_test(
            test_crop__a_box_of_the_original_is_found_in_a_reduced_image),
        cmocka_unit_test(test_crop__a_tilted_head_is_turned_back),
        cmocka_unit_test(test_crop__what_lies_outside_repeats_the_edge),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
