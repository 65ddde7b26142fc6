/* SPDX-License-Identifier: MIT */
/*
 * test_decode.c - good files of every kind, and what strangers send instead.
 * The images are written by tests/reference/make_images.py.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/io.h"
#include "base/threads.h"
#include "image/image.h"
#include "image/jpeg_turbo.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const expclip_image_options plain = EXPCLIP_IMAGE_OPTIONS_INIT;

static void read_image(uint8_t **bytes, size_t *size, const char *name)
{
    char path[512];

    snprintf(path, sizeof(path), "%s/images/%s", EXPCLIP_TEST_DATA, name);
    assert_int_equal(expclip__read_file(bytes, size, path, 1 << 20, NULL), 0);
}

/* Decode a copy of exactly `size` bytes, so that sanitizers see its end. */
static expclip_status decode(expclip__image *out, const uint8_t *bytes,
                             size_t size, const expclip_image_options *o,
                             expclip_error *err)
{
    uint8_t *copy = malloc(size ? size : 1);
    expclip_status status;

    assert_non_null(copy);
    memcpy(copy, bytes, size);
    status = expclip__image_decode(out, copy, size, o, NULL, err);
    free(copy);
    return status;
}

static expclip_status decode_file(expclip__image *out, const char *name,
                                  const expclip_image_options *o,
                                  expclip_error *err)
{
    uint8_t *bytes;
    size_t size;
    expclip_status status;

    read_image(&bytes, &size, name);
    status = decode(out, bytes, size, o, err);
    expclip__free(bytes);
    return status;
}

static void test_decode__every_kind_gives_the_colours_of_pillow(void **state)
{
    static const char *const colour[] = {
        "rgb.png",   "rgba.png",       "palette.png", "palette_transparent.png",
        "rgb16.png", "interlaced.png", "rgb.bmp",     "palette.bmp",
    };
    static const char *const grey[] = { "grey.png", "grey_alpha.png" };
    expclip__image image;

    (void)state;
    for (size_t i = 0; i < COUNT(colour) + COUNT(grey); i++) {
        const int is_grey = i >= COUNT(colour);

        print_message("%s\n", is_grey ? grey[i - COUNT(colour)] : colour[i]);
        assert_int_equal(
            decode_file(&image, is_grey ? grey[i - COUNT(colour)] : colour[i],
                        &plain, NULL),
            EXPCLIP_OK);
        assert_int_equal(image.width, 6);
        assert_int_equal(image.height, 4);
        for (int y = 0; y < 4; y++)
            for (int x = 0; x < 6; x++) {
                const uint8_t *p = image.rgb + (y * 6 + x) * 3;

                assert_int_equal(p[0], is_grey ? 40 * x + y : 40 * x);
                assert_int_equal(p[1], is_grey ? 40 * x + y : 60 * y);
                assert_int_equal(p[2], is_grey ? 40 * x + y : 255 - 40 * x);
            }
        expclip__image_clear(&image);
    }
}

static void test_decode__a_colour_beyond_the_palette_is_black(void **state)
{
    static const uint8_t row[18] = { 10, 20, 30, 40, 50, 60, 0, 0, 0,
                                     10, 20, 30, 40, 50, 60, 0, 0, 0 };
    expclip__image image;

    (void)state;
    assert_int_equal(decode_file(&image, "palette_short.png", &plain, NULL), 0);
    for (int y = 0; y < 4; y++)
        assert_memory_equal(image.rgb + 18 * y, row, 18);
    expclip__image_clear(&image);
}

static void assert_near(const uint8_t *p, int r, int g, int b)
{
    assert_in_range(p[0] + 3 - r, 0, 6);
    assert_in_range(p[1] + 3 - g, 0, 6);
    assert_in_range(p[2] + 3 - b, 0, 6);
}

static void test_decode__a_jpeg_is_baseline_or_progressive(void **state)
{
    static const char *const names[] = { "baseline.jpg", "progressive.jpg" };
    expclip__image image;

    (void)state;
    for (size_t i = 0; i < COUNT(names); i++) {
        assert_int_equal(decode_file(&image, names[i], &plain, NULL),
                         EXPCLIP_OK);
        assert_int_equal(image.width, 16);
        assert_int_equal(image.height, 32);
        assert_near(image.rgb, 200, 100, 50);
        assert_near(image.rgb + 3 * (16 * 32 - 1), 20, 40, 220);
        expclip__image_clear(&image);
    }
}

static void test_decode__a_turned_jpeg_is_turned_only_when_asked(void **state)
{
    expclip_image_options upright = EXPCLIP_IMAGE_OPTIONS_INIT;
    expclip__image image;

    (void)state;
    assert_int_equal(decode_file(&image, "turned.jpg", &plain, NULL), 0);
    assert_int_equal(image.width, 16);
    expclip__image_clear(&image);
    upright.exif = 1;
    assert_int_equal(decode_file(&image, "turned.jpg", &upright, NULL), 0);
    assert_int_equal(image.width, 32);
    assert_near(image.rgb, 20, 40, 220);
    assert_near(image.rgb + 3 * 31, 200, 100, 50);
    expclip__image_clear(&image);
}

static void test_decode__four_colours_become_those_of_pillow(void **state)
{
    expclip__image image;
    expclip_error err;
    const expclip_status status = decode_file(&image, "cmyk.jpg", &plain, &err);

    (void)state;
    if (!expclip__has_jpeg_turbo) {
        assert_int_equal(status, EXPCLIP_ERROR_UNSUPPORTED);
        assert_non_null(strstr(err.message, "CMYK"));
        return;
    }
    assert_int_equal(status, EXPCLIP_OK);
    assert_near(image.rgb, 200, 100, 50);
    assert_near(image.rgb + 3 * (16 * 32 - 1), 20, 40, 220);
    expclip__image_clear(&image);
}

static void test_decode__foreign_formats_are_named(void **state)
{
    static const struct {
        const char *bytes;
        size_t size;
        const char *name;
    } files[] = {
        { "\x89PNG\r\n\x1a\n\0\0\0\4CgBI", 16, "CgBI" },
        { "\0\0\0\x0cjP  \r\n\x87\n", 12, "JPEG 2000" },
        { "\xff\x0a\0\0", 4, "JPEG XL" },
        { "<svg xmlns=", 11, "SVG" },
        { "\0\0\1\0\1\0", 6, "ICO" },
        { "\0\0\0\x18"
          "ftypheic\0\0\0\0",
          16, "HEIC" },
        { "\0\0\0\x18"
          "ftypavif\0\0\0\0",
          16, "AVIF" },
        { "\0\0\0\x18"
          "ftypisom\0\0\0\0",
          16, "video" },
        { "II*\0\10\0\0\0", 8, "TIFF" },
        { "MM\0*\0\0\0\10", 8, "TIFF" },
        { "8BPS\0\1", 6, "PSD" },
        { "#?RADIANCE\n", 11, "HDR" },
        { "\x53\x80\xf6\x34", 4, "PIC" },
        { "P6\n1 1\n255\n", 11, "PPM" },
        { "%PDF-1.7", 8, "PDF" },
    };
    expclip__image image;
    expclip_error err;

    (void)state;
    for (size_t i = 0; i < COUNT(files); i++) {
        assert_int_equal(decode(&image, (const uint8_t *)files[i].bytes,
                                files[i].size, &plain, &err),
                         EXPCLIP_ERROR_UNSUPPORTED);
        assert_non_null(strstr(err.message, files[i].name));
        assert_non_null(strstr(err.message, "convert it to JPEG or PNG"));
    }
}

/* No converter makes an image of them: something else is to be done. */
static void test_decode__a_file_that_is_no_image_gets_its_own_cure(void **state)
{
    static const struct {
        const char *bytes;
        size_t size;
        const char *name, *cure;
    } files[] = {
        { "<!doctype html><html></html>", 28, "web page", "anew" },
        { "version https://git-lfs.github.com/spec/v1", 42, "Git LFS",
          "git lfs pull" },
        { "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 16, "zeros", "anew" },
        { "\x89PNG\n\x1a\n\0\0\0\x0dIHDR", 15, "damaged beginning", "anew" },
    };
    expclip__image image;
    expclip_error err;

    (void)state;
    for (size_t i = 0; i < COUNT(files); i++) {
        assert_int_not_equal(decode(&image, (const uint8_t *)files[i].bytes,
                                    files[i].size, &plain, &err),
                             0);
        assert_non_null(strstr(err.message, files[i].name));
        assert_non_null(strstr(err.message, files[i].cure));
        assert_null(strstr(err.message, "convert it"));
    }
}

/* grey16.png has 256 (40 x + y) + 77. */
static void test_decode__of_grey_of_16_bits_the_high_byte_is_kept(void **state)
{
    expclip__image image;

    (void)state;
    assert_int_equal(decode_file(&image, "grey16.png", &plain, NULL), 0);
    for (int i = 0; i < 6 * 4; i++)
        for (int c = 0; c < 3; c++)
            assert_int_equal(image.rgb[3 * i + c], 40 * (i % 6) + i / 6);
    expclip__image_clear(&image);
}

static void test_decode__the_first_frame_of_a_gif_is_taken(void **state)
{
    expclip__image image;

    (void)state;
    assert_int_equal(decode_file(&image, "still.gif", &plain, NULL), 0);
    assert_true(image.width > 0);
    expclip__image_clear(&image);
}

static void test_decode__a_raised_cancel_ends_every_format(void **state)
{
    static const char *const names[] = { "progressive.jpg", "interlaced.png",
                                         "palette.bmp", "still.gif" };
    const expclip_cancel raised = { 1 };

    (void)state;
    for (size_t i = 0; i < COUNT(names); i++) {
        expclip__image image;
        uint8_t *bytes;
        size_t size;

        if (i == 0 && !expclip__has_jpeg_turbo)
            continue;
        read_image(&bytes, &size, names[i]);
        assert_int_equal(
            expclip__image_decode(&image, bytes, size, &plain, &raised, NULL),
            EXPCLIP_ERROR_CANCELLED);
        expclip__free(bytes);
    }
}

/* A TGA of 18 bytes made stb_image allocate more than a gigabyte. */
static void test_decode__a_format_without_a_mark_is_never_guessed(void **state)
{
    const uint8_t tga[18] = { 0, 0, 2, 0, 0,    0, 0,    0, 0,
                              0, 0, 0, 0, 0x40, 0, 0x40, 24 };
    expclip__image image;

    (void)state;
    assert_int_equal(decode(&image, tga, sizeof(tga), &plain, NULL),
                     EXPCLIP_ERROR_UNSUPPORTED);
    assert_int_equal(decode(&image, tga, 0, &plain, NULL),
                     EXPCLIP_ERROR_FORMAT);
}

/* Of a PNG the last chunk, of 12 bytes, may be missing, and of a GIF what
 * closes data and file. */
static size_t last_byte(const char *name, size_t size)
{
    return strstr(name, ".png")   ? size - 12
           : strstr(name, ".gif") ? size - 2
                                  : size;
}

static void test_decode__every_cut_of_every_file_is_an_error(void **state)
{
    static const char *const names[] = {
        "rgb.png",         "palette.png", "interlaced.png", "rgb16.png",
        "rgb.bmp",         "palette.bmp", "still.gif",      "baseline.jpg",
        "progressive.jpg", "grey.jpg",
    };
    size_t n_cuts = 0;

    (void)state;
    for (size_t i = 0; i < COUNT(names); i++) {
        uint8_t *bytes;
        size_t size;

        read_image(&bytes, &size, names[i]);
        for (size_t cut = 0; cut < last_byte(names[i], size); cut++, n_cuts++) {
            expclip__image image = { 7, 7, NULL };
            const expclip_status status =
                decode(&image, bytes, cut, &plain, NULL);

            if (status != EXPCLIP_ERROR_TRUNCATED &&
                status != EXPCLIP_ERROR_FORMAT)
                print_message("%s cut at %zu of %zu: %d\n", names[i], cut, size,
                              (int)status);
            assert_true(status == EXPCLIP_ERROR_TRUNCATED ||
                        status == EXPCLIP_ERROR_FORMAT);
            assert_int_equal(image.width, 7); /* untouched */
            assert_null(image.rgb);
        }
        expclip__free(bytes);
    }
    print_message("%zu cuts\n", n_cuts);
}

static void test_decode__a_cut_jpeg_is_used_when_allowed(void **state)
{
    expclip_image_options forgiving = EXPCLIP_IMAGE_OPTIONS_INIT;
    expclip__image image;
    uint8_t *bytes;
    size_t size;

    (void)state;
    forgiving.allow_truncated = 1;
    read_image(&bytes, &size, "baseline.jpg");
    assert_int_equal(decode(&image, bytes, size - 6, &plain, NULL),
                     EXPCLIP_ERROR_TRUNCATED);
    assert_int_equal(decode(&image, bytes, size - 6, &forgiving, NULL),
                     EXPCLIP_OK);
    assert_near(image.rgb, 200, 100, 50);
    expclip__image_clear(&image);
    expclip__free(bytes);
}

/* No bit of a PNG may change without notice, but in the mark of its end. */
static void test_decode__a_flipped_bit_of_a_png_is_an_error(void **state)
{
    uint8_t *bytes;
    size_t size;

    (void)state;
    read_image(&bytes, &size, "palette.png");
    for (size_t bit = 0; bit < 8 * (size - 12); bit++) {
        expclip__image image;

        bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_int_not_equal(decode(&image, bytes, size, &plain, NULL),
                             EXPCLIP_OK);
        bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    expclip__free(bytes);
}

/* No outcome of other flips is known, but that it is an orderly one. */
static void test_decode__a_flipped_bit_never_harms(void **state)
{
    static const char *const names[] = { "progressive.jpg", "palette.bmp" };

    (void)state;
    for (size_t i = 0; i < COUNT(names); i++) {
        uint8_t *bytes;
        size_t size;

        read_image(&bytes, &size, names[i]);
        for (size_t bit = 0; bit < 8 * size; bit++) {
            expclip__image image;

            bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
            if (!decode(&image, bytes, size, &plain, NULL))
                expclip__image_clear(&image);
            bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        }
        expclip__free(bytes);
    }
}

/* The height of a JPEG's frame, written anew. */
static void set_jpeg_height(uint8_t *bytes, size_t size, int height)
{
    for (size_t at = 2; at + 9 < size;
         at += 2u + ((size_t)bytes[at + 2] << 8 | bytes[at + 3])) {
        if (bytes[at + 1] != 0xc0)
            continue;
        bytes[at + 5] = (uint8_t)(height >> 8);
        bytes[at + 6] = (uint8_t)height;
        return;
    }
    fail();
}

static void test_decode__sizes_are_limited_before_any_pixel(void **state)
{
    expclip_image_options small = EXPCLIP_IMAGE_OPTIONS_INIT;
    expclip__image image;
    expclip_error err;
    uint8_t *bytes;
    size_t size;

    (void)state;
    small.max_pixels = 23;
    assert_int_equal(decode_file(&image, "rgb.png", &small, &err),
                     EXPCLIP_ERROR_LIMIT);
    assert_non_null(strstr(err.message, "max_pixels"));
    small.max_pixels = 24;
    assert_int_equal(decode_file(&image, "rgb.png", &small, &err), EXPCLIP_OK);
    expclip__image_clear(&image);

    read_image(&bytes, &size, "baseline.jpg");
    set_jpeg_height(bytes, size, 65535);
    small.max_pixels = 65535 * 16 - 1;
    assert_int_equal(decode(&image, bytes, size, &small, &err),
                     EXPCLIP_ERROR_LIMIT);
    expclip__free(bytes);
}

static void test_decode__a_file_too_short_for_its_size_is_cut(void **state)
{
    expclip__image image;
    uint8_t *bytes;
    size_t size;

    (void)state;
    read_image(&bytes, &size, "rgb.bmp");
    bytes[18] = bytes[22] = 0;
    bytes[19] = bytes[23] = 0x10; /* 4096 x 4096 */
    expclip__alloc_fail_after(0, 1);
    assert_int_equal(decode(&image, bytes, size, &plain, NULL),
                     EXPCLIP_ERROR_TRUNCATED);
    expclip__alloc_fail_after(-1, 0);
    expclip__free(bytes);
}

static void test_decode__a_failed_allocation_is_reported(void **state)
{
    static const char *const names[] = { "interlaced.png", "progressive.jpg",
                                         "palette.bmp", "still.gif" };

    (void)state;
    for (size_t i = 0; i < COUNT(names); i++)
        for (int n = 0, done = 0; !done; n++) {
            expclip__image image;
            uint8_t *bytes;
            size_t size;
            expclip_status status;

            read_image(&bytes, &size, names[i]);
            expclip__alloc_fail_after(n, 1);
            status = decode(&image, bytes, size, &plain, NULL);
            expclip__alloc_fail_after(-1, 0);
            expclip__free(bytes);
            done = status == EXPCLIP_OK;
            if (done)
                expclip__image_clear(&image);
            else
                assert_int_equal(status, EXPCLIP_ERROR_MEMORY);
            assert_in_range(n, 0, 1000);
        }
}

static void test_decode__what_is_no_file_never_blocks(void **state)
{
    char folder[] = "/tmp/expclip-test-decode-XXXXXX";
    char path[64];
    expclip__image image;
    expclip_error err;

    (void)state;
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/pipe", folder);
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_int_equal(expclip__image_load(&image, path, &plain, NULL, &err),
                     EXPCLIP_ERROR_UNSUPPORTED);
    assert_int_equal(expclip__image_load(&image, folder, &plain, NULL, &err),
                     EXPCLIP_ERROR_UNSUPPORTED);
    assert_int_equal(
        expclip__image_load(&image, "/dev/zero", &plain, NULL, &err),
        EXPCLIP_ERROR_UNSUPPORTED);
    unlink(path);
    assert_int_equal(expclip__image_load(&image, path, &plain, NULL, &err),
                     EXPCLIP_ERROR_NOT_FOUND);
    rmdir(folder);
}

static void test_decode__the_message_names_the_file(void **state)
{
    char path[512];
    expclip__image image;
    expclip_error err;

    (void)state;
    snprintf(path, sizeof(path), "%s/../README.md", EXPCLIP_TEST_DATA);
    assert_int_equal(expclip__image_load(&image, path, &plain, NULL, &err),
                     EXPCLIP_ERROR_UNSUPPORTED);
    assert_non_null(strstr(err.message, "README.md"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            test_decode__a_file_that_is_no_image_gets_its_own_cure),
        cmocka_unit_test(test_decode__every_kind_gives_the_colours_of_pillow),
        cmocka_unit_test(test_decode__a_colour_beyond_the_palette_is_black),
        cmocka_unit_test(test_decode__a_jpeg_is_baseline_or_progressive),
        cmocka_unit_test(test_decode__a_turned_jpeg_is_turned_only_when_asked),
        cmocka_unit_test(test_decode__four_colours_become_those_of_pillow),
        cmocka_unit_test(test_decode__foreign_formats_are_named),
        cmocka_unit_test(test_decode__of_grey_of_16_bits_the_high_byte_is_kept),
        cmocka_unit_test(test_decode__the_first_frame_of_a_gif_is_taken),
        cmocka_unit_test(test_decode__a_raised_cancel_ends_every_format),
        cmocka_unit_test(test_decode__a_format_without_a_mark_is_never_guessed),
        cmocka_unit_test(test_decode__every_cut_of_every_file_is_an_error),
        cmocka_unit_test(test_decode__a_cut_jpeg_is_used_when_allowed),
        cmocka_unit_test(test_decode__a_flipped_bit_of_a_png_is_an_error),
        cmocka_unit_test(test_decode__a_flipped_bit_never_harms),
        cmocka_unit_test(test_decode__sizes_are_limited_before_any_pixel),
        cmocka_unit_test(test_decode__a_file_too_short_for_its_size_is_cut),
        cmocka_unit_test(test_decode__a_failed_allocation_is_reported),
        cmocka_unit_test(test_decode__what_is_no_file_never_blocks),
        cmocka_unit_test(test_decode__the_message_names_the_file),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
