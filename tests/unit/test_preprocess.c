/* SPDX-License-Identifier: MIT */
/*
 * test_preprocess.c - the presets. Against Pillow they are held in
 * tests/reference/test_pixels.py; here, what needs no other library.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "image/preprocess.h"

#define SIZE 8

static tensor_device *device;

static int open_device(void **state)
{
    const tensor_device_options o = {
        .name = "cpu", .dtype = EXPCLIP__F32, .n_threads = 1, .packed = 0
    };

    (void)state;
    return tensor_device_open(&device, &o, NULL);
}

static int close_device(void **state)
{
    (void)state;
    tensor_device_close(device);
    return 0;
}

static expclip__image new_image(int32_t width, int32_t height)
{
    const size_t n = (size_t)width * (size_t)height * 3;
    const expclip__image image = { width, height, malloc(n) };

    assert_non_null(image.rgb);
    for (size_t i = 0; i < n; i++)
        image.rgb[i] = (uint8_t)(i * 7);
    return image;
}

static void test_preprocess__presets_have_names(void **state)
{
    static const char *const names[] = { "expclip", "clip", "clip-squash" };
    expclip__preset preset = EXPCLIP__PRESET_CLIP;

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(expclip__preset_find(names[i], &preset), 1);
        assert_string_equal(expclip__preset_name(preset), names[i]);
    }
    assert_int_equal(expclip__preset_find("Clip", &preset), 0);
    assert_int_equal(expclip__preset_find("", &preset), 0);
}

/* An image of the right size is only turned into planes and scaled. */
static void test_preprocess__the_right_size_is_kept(void **state)
{
    const expclip__preset all[] = { EXPCLIP__PRESET_EXPCLIP,
                                    EXPCLIP__PRESET_CLIP,
                                    EXPCLIP__PRESET_CLIP_SQUASH };
    expclip__image image = new_image(SIZE, SIZE);
    float out[3 * SIZE * SIZE];

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        expclip__pixels how;

        expclip__pixels_init(&how, all[i], SIZE);
        assert_int_equal(expclip__preprocess(out, &image, &how, device, NULL),
                         EXPCLIP_OK);
        for (size_t k = 0; k < SIZE * SIZE; k++)
            for (size_t c = 0; c < 3; c++) {
                const float value = (float)image.rgb[3 * k + c] / 255.0f;
                const float expected =
                    i == 0 ? value : (value - how.mean[c]) / how.std[c];

                assert_true(fabsf(out[c * SIZE * SIZE + k] - expected) < 1e-6f);
            }
    }
    free(image.rgb);
}

static void test_preprocess__only_clip_normalizes_and_as_clip_does(void **state)
{
    expclip__pixels p;

    (void)state;
    expclip__pixels_init(&p, EXPCLIP__PRESET_EXPCLIP, SIZE);
    assert_true(p.mean[0] == 0.0f && p.std[0] == 1.0f);
    expclip__pixels_init(&p, EXPCLIP__PRESET_CLIP, SIZE);
    assert_true(p.mean[0] == 0.48145466f && p.std[2] == 0.27577711f);
}

/* Wider by an odd number: round(x.5) goes to the even side, as in Python. */
static void test_preprocess__the_crop_is_that_of_torchvision(void **state)
{
    static const struct {
        int32_t width;
        size_t left; /* int(round((width - 8) / 2.0)) */
    } crops[] = { { 9, 0 }, { 10, 1 }, { 11, 2 }, { 13, 2 }, { 15, 4 } };
    float out[3 * SIZE * SIZE];
    expclip__pixels how;

    (void)state;
    expclip__pixels_init(&how, EXPCLIP__PRESET_CLIP, SIZE);
    for (size_t i = 0; i < 5; i++) {
        expclip__image image = new_image(crops[i].width, SIZE);
        const float first =
            ((float)image.rgb[3 * crops[i].left] / 255.0f - how.mean[0]) /
            how.std[0];

        assert_int_equal(expclip__preprocess(out, &image, &how, device, NULL),
                         EXPCLIP_OK);
        assert_true(fabsf(out[0] - first) < 1e-6f);
        free(image.rgb);
    }
}

static void test_preprocess__the_narrowest_images_are_squashed(void **state)
{
    float out[3 * SIZE * SIZE];
    expclip__pixels how;

    (void)state;
    expclip__pixels_init(&how, EXPCLIP__PRESET_EXPCLIP, SIZE);
    for (int tall = 0; tall < 2; tall++) {
        expclip__image image = new_image(tall ? 1 : 16384, tall ? 16384 : 1);

        assert_int_equal(expclip__preprocess(out, &image, &how, device, NULL),
                         EXPCLIP_OK);
        for (size_t i = 0; i < 3 * SIZE * SIZE; i++)
            assert_true(out[i] >= 0.0f && out[i] <= 1.0f);
        free(image.rgb);
    }
}

/* Its short side at 224 would make the long one 3.7 million. */
static void test_preprocess__too_narrow_to_crop_is_a_limit(void **state)
{
    float *out = malloc(3 * 224 * 224 * sizeof(*out));
    expclip__image image = new_image(16384, 1);
    expclip__pixels how;
    expclip_error err;

    (void)state;
    expclip__pixels_init(&how, EXPCLIP__PRESET_CLIP, 224);
    assert_int_equal(expclip__preprocess(out, &image, &how, device, &err),
                     EXPCLIP_ERROR_LIMIT);
    assert_non_null(strstr(err.message, "3670016 x 224"));
    free(image.rgb);
    free(out);
}

static void test_preprocess__a_failed_allocation_is_reported(void **state)
{
    float out[3 * SIZE * SIZE];
    expclip__image image = new_image(20, 10);
    expclip__pixels how;

    (void)state;
    expclip__pixels_init(&how, EXPCLIP__PRESET_EXPCLIP, SIZE);
    for (int n = 0, done = 0; !done; n++) {
        expclip_status status;

        expclip__alloc_fail_after(n, 1);
        status = expclip__preprocess(out, &image, &how, device, NULL);
        expclip__alloc_fail_after(-1, 0);
        done = status == EXPCLIP_OK;
        if (!done)
            assert_int_equal(status, EXPCLIP_ERROR_MEMORY);
        assert_in_range(n, 0, 100);
    }
    free(image.rgb);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_preprocess__presets_have_names),
        cmocka_unit_test(test_preprocess__the_right_size_is_kept),
        cmocka_unit_test(
            test_preprocess__only_clip_normalizes_and_as_clip_does),
        cmocka_unit_test(test_preprocess__the_crop_is_that_of_torchvision),
        cmocka_unit_test(test_preprocess__the_narrowest_images_are_squashed),
        cmocka_unit_test(test_preprocess__too_narrow_to_crop_is_a_limit),
        cmocka_unit_test(test_preprocess__a_failed_allocation_is_reported),
    };

    return cmocka_run_group_tests(tests, open_device, close_device);
}
