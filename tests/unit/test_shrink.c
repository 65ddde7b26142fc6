/* SPDX-License-Identifier: MIT */
/*
 * test_shrink.c - smaller images: means, sides, memory.
 */
#define _GNU_SOURCE
#include <string.h>

#include "image/shrink.h"
#include "unit/scratch.h"

static expclip__image shrink(const expclip__image *image, int32_t width,
                             int32_t height)
{
    expclip__image out;
    expclip_error err;

    if (expclip__image_shrink(&out, image, width, height, &err))
        fail_msg("%s", err.message);
    assert_int_equal(out.width, width);
    assert_int_equal(out.height, height);
    return out;
}

static void test_shrink__one_colour_stays_at_all_sizes(void **state)
{
    static uint8_t rgb[37 * 29 * 3];
    const expclip__image image = { 37, 29, rgb };

    (void)state;
    memset(rgb, 255, sizeof(rgb));
    for (int32_t w = 1; w <= 37; w++)
        for (int32_t h = 1; h <= 29; h++) {
            expclip__image small = shrink(&image, w, h);

            for (int32_t i = 0; i < w * h * 3; i++)
                assert_int_equal(small.rgb[i], 255);
            expclip__image_clear(&small);
        }
}

static void test_shrink__the_same_size_is_the_same_image(void **state)
{
    uint8_t rgb[5 * 4 * 3];
    const expclip__image image = { 5, 4, rgb };
    expclip__image same;

    (void)state;
    for (size_t i = 0; i < sizeof(rgb); i++)
        rgb[i] = (uint8_t)(i * 37);
    same = shrink(&image, 5, 4);
    assert_memory_equal(same.rgb, rgb, sizeof(rgb));
    expclip__image_clear(&same);
}

/* Image.fromarray(...).resize((3, 1), Image.BILINEAR) */
static void test_shrink__numbers_are_pillows(void **state)
{
    static const uint8_t row[] = { 0, 10, 200, 255, 90, 3, 77 };
    static const uint8_t expected[] = { 47, 174, 48 };
    uint8_t rgb[2 * 7 * 3];
    const expclip__image image = { 7, 2, rgb };
    expclip__image small;

    (void)state;
    for (size_t i = 0; i < sizeof(rgb); i++)
        rgb[i] = row[i / 3 % 7];
    small = shrink(&image, 3, 1);
    for (int i = 0; i < 9; i++)
        assert_int_equal(small.rgb[i], expected[i / 3]);
    expclip__image_clear(&small);
}

static int32_t shrink_some(void *data)
{
    static uint8_t rgb[9 * 9 * 3];
    const expclip__image image = { 9, 9, rgb };
    expclip__image out;
    const expclip_status status =
        expclip__image_shrink(&out, &image, 4, 5, NULL);

    (void)data;
    if (!status)
        expclip__image_clear(&out);
    return status;
}

static void test_shrink__survives_failing_allocations(void **state)
{
    (void)state;
    sweep_needed_allocations(shrink_some, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shrink__one_colour_stays_at_all_sizes),
        cmocka_unit_test(test_shrink__the_same_size_is_the_same_image),
        cmocka_unit_test(test_shrink__numbers_are_pillows),
        cmocka_unit_test(test_shrink__survives_failing_allocations),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
