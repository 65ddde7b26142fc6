/* SPDX-License-Identifier: MIT */
/*
 * test_jpeg_turbo.c - what libjpeg warns of is an error, and costs are bounded.
 * That pixels are Pillow's is shown by tests/reference/test_jpeg_pixels.py.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "image/jpeg_turbo.h"
#include "jpeg_maker.h"

static jpeg_file file;
static expclip_error error;

static expclip_status decode(expclip__image *out, int allow_truncated)
{
    expclip_image_options o = EXPCLIP_IMAGE_OPTIONS_INIT;

    o.allow_truncated = allow_truncated;
    return expclip__image_decode(out, file.bytes, file.size, &o, NULL, &error);
}

static void assert_refused(expclip_status expected)
{
    expclip__image image;

    assert_int_equal(decode(&image, 0), expected);
}

static void test_jpeg_turbo__a_file_made_by_hand_is_grey(void **state)
{
    expclip__image image;

    (void)state;
    jpeg_grey(&file, 17, 9);
    assert_int_equal(decode(&image, 0), EXPCLIP_OK);
    assert_int_equal(image.width, 17);
    assert_int_equal(image.height, 9);
    for (int i = 0; i < 17 * 9 * 3; i++)
        assert_int_equal(image.rgb[i], 128);
    expclip__image_clear(&image);
}

/* All ones is no code: what a decoder reads behind its data. */
static void test_jpeg_turbo__damaged_data_are_an_error(void **state)
{
    (void)state;
    if (!expclip__has_jpeg_turbo)
        skip();
    jpeg_grey(&file, 64, 64);
    file.bytes[file.size - 8] = 0x7f;
    assert_refused(EXPCLIP_ERROR_FORMAT);
    assert_non_null(strstr(error.message, "damaged"));
}

static void test_jpeg_turbo__bytes_behind_the_end_are_no_matter(void **state)
{
    expclip__image image;

    (void)state;
    jpeg_grey(&file, 8, 8);
    jpeg_add(&file, "junk", 4);
    assert_int_equal(decode(&image, 0), EXPCLIP_OK);
    expclip__image_clear(&image);
}

/* But a few before the end, which some cameras write, as in Pillow. */
static void test_jpeg_turbo__bytes_between_segments_are_an_error(void **state)
{
    static const uint8_t junk[64] = { 0 };

    (void)state;
    if (!expclip__has_jpeg_turbo)
        skip();
    jpeg_grey(&file, 8, 8);
    file.size -= 2;
    jpeg_add(&file, junk, sizeof(junk));
    jpeg_marker(&file, 0xd9);
    assert_refused(EXPCLIP_ERROR_FORMAT);
    assert_non_null(strstr(error.message, "extraneous"));
}

/* The walk over all pixels takes no data: 2,000 of them took minutes. */
static void test_jpeg_turbo__a_thousand_scans_end_in_limit(void **state)
{
    clock_t start;

    (void)state;
    jpeg_start(&file);
    jpeg_frame(&file, 0xc2, 8000, 8000, 1);
    jpeg_huffman(&file, 1, 0xe0);
    for (int i = 0; i < 700; i++)
        jpeg_scan(&file, 1, 1, 63, 0x10, 70);
    jpeg_marker(&file, 0xd9);
    start = clock();
    assert_refused(EXPCLIP_ERROR_LIMIT);
    assert_true(clock() - start < CLOCKS_PER_SEC / 5);
}

static void test_jpeg_turbo__without_the_library_it_says_so(void **state)
{
    const expclip_image_options o = EXPCLIP_IMAGE_OPTIONS_INIT;
    const expclip__encoded in = { file.bytes, 0, &o, NULL, 0, NULL };
    const expclip__jpeg jpeg = { .width = 8, .height = 8, .n_components = 1 };
    expclip__image image;

    (void)state;
    if (expclip__has_jpeg_turbo)
        skip();
    assert_int_equal(expclip__jpeg_turbo(&image, &jpeg, &in, NULL),
                     EXPCLIP_ERROR_UNSUPPORTED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_jpeg_turbo__a_file_made_by_hand_is_grey),
        cmocka_unit_test(test_jpeg_turbo__damaged_data_are_an_error),
        cmocka_unit_test(test_jpeg_turbo__bytes_behind_the_end_are_no_matter),
        cmocka_unit_test(test_jpeg_turbo__bytes_between_segments_are_an_error),
        cmocka_unit_test(test_jpeg_turbo__a_thousand_scans_end_in_limit),
        cmocka_unit_test(test_jpeg_turbo__without_the_library_it_says_so),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
