/* SPDX-License-Identifier: MIT */
/*
 * test_scene_cut.c - frames that are drawn here, one after the other.
 */
#define _GNU_SOURCE
#include "faces/scene_cut.h"
#include "unit/scratch.h"

enum { MOST_WIDTH = 640, MOST_HEIGHT = 360 };

static uint8_t pixels[MOST_WIDTH * MOST_HEIGHT * 3];

/* Patches of a seed's own levels, each as large as an eighth of the width;
 * `shift` is in parts of it, and light multiplies. */
static expclip__image draw(unsigned seed, int32_t width, int32_t height,
                           double shift, double light)
{
    for (int32_t y = 0; y < height; y++) {
        for (int32_t x = 0; x < width; x++) {
            const unsigned column =
                (unsigned)(((double)x / width + shift) * 8 + 64);
            const unsigned row = (unsigned)(y * 5 / height);
            const unsigned level =
                (seed * 7919 + column * 104729 + row * 1299709) * 2654435761u >>
                24;
            const double lit = 0.5 * level * light;

            memset(pixels + 3 * (y * width + x), lit < 255 ? (int)lit : 255, 3);
        }
    }
    return (expclip__image){ width, height, pixels };
}

static int step(expclip__scene_cut *cut, expclip__image image)
{
    return expclip__scene_cut_step(cut, &image);
}

static void test_scene_cut__the_first_frame_is_none(void **state)
{
    expclip__scene_cut cut = { 0 };

    (void)state;
    assert_false(step(&cut, draw(1, 320, 180, 0, 1)));
    assert_false(step(&cut, draw(1, 320, 180, 0, 1)));
}

static void test_scene_cut__another_scene_is_one(void **state)
{
    expclip__scene_cut cut = { 0 };

    (void)state;
    step(&cut, draw(1, 320, 180, 0, 1));
    assert_true(step(&cut, draw(2, 320, 180, 0, 1)));
    assert_true(cut.changed > 0.5f);
    assert_true(cut.correlation < 0.5f);
    assert_false(step(&cut, draw(2, 320, 180, 0, 1)));
}

static void test_scene_cut__light_and_flashes_are_none(void **state)
{
    const double lights[] = { 1, 0.5, 0.5, 1, 2, 1, 0.3, 1 };
    expclip__scene_cut cut = { 0 };

    (void)state;
    for (size_t i = 0; i < sizeof(lights) / sizeof(lights[0]); i++)
        assert_false(step(&cut, draw(1, 320, 180, 0, lights[i])));
}

static void test_scene_cut__a_pan_is_none(void **state)
{
    expclip__scene_cut cut = { 0 };

    (void)state;
    for (int i = 0; i < 50; i++)
        assert_false(step(&cut, draw(1, 320, 180, 0.02 * i, 1)));
}

static void test_scene_cut__another_size_is_none(void **state)
{
    expclip__scene_cut cut = { 0 };

    (void)state;
    step(&cut, draw(1, 640, 360, 0, 1));
    assert_false(step(&cut, draw(1, 320, 180, 0, 1)));
    assert_false(step(&cut, draw(1, 637, 355, 0, 1)));
    assert_true(step(&cut, draw(2, 100, 300, 0, 1)));
}

static void test_scene_cut__the_scene_behind_a_black_frame_counts(void **state)
{
    expclip__scene_cut cut = { 0 };

    (void)state;
    step(&cut, draw(1, 320, 180, 0, 1));
    assert_false(step(&cut, draw(1, 320, 180, 0, 0)));
    assert_false(step(&cut, draw(1, 320, 180, 0, 1)));
    assert_false(step(&cut, draw(1, 320, 180, 0, 0)));
    assert_true(step(&cut, draw(2, 320, 180, 0, 1)));
}

static void test_scene_cut__an_image_may_be_one_pixel(void **state)
{
    expclip__scene_cut cut = { 0 };

    (void)state;
    assert_false(step(&cut, draw(1, 1, 1, 0, 1)));
    assert_false(step(&cut, draw(2, 1, 1, 0, 1)));
    step(&cut, draw(1, 3, 2, 0, 1));
    step(&cut, draw(1, 1, 360, 0, 1));
    step(&cut, draw(1, 640, 1, 0, 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_scene_cut__the_first_frame_is_none),
        cmocka_unit_test(test_scene_cut__another_scene_is_one),
        cmocka_unit_test(test_scene_cut__light_and_flashes_are_none),
        cmocka_unit_test(test_scene_cut__a_pan_is_none),
        cmocka_unit_test(test_scene_cut__another_size_is_none),
        cmocka_unit_test(test_scene_cut__the_scene_behind_a_black_frame_counts),
        cmocka_unit_test(test_scene_cut__an_image_may_be_one_pixel),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
