/* SPDX-License-Identifier: MIT */
/*
 * test_png.c - whole and damaged PNG files, made here chunk by chunk.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include <cmocka.h>

#include "base/text.h"
#include "image/encoded.h"

static void add_number(expclip__buffer *b, uint32_t n)
{
    const uint8_t bytes[] = { (uint8_t)(n >> 24), (uint8_t)(n >> 16),
                              (uint8_t)(n >> 8), (uint8_t)n };

    expclip__buffer_add(b, bytes, 4);
}

static void add_chunk(expclip__buffer *b, const char *name, const void *data,
                      size_t size)
{
    const size_t start = b->size + 4;

    add_number(b, (uint32_t)size);
    expclip__buffer_add(b, name, 4);
    expclip__buffer_add(b, data, size);
    add_number(
        b, (uint32_t)crc32(0, (const Bytef *)b->data + start, (uInt)size + 4));
}

/* Signature and header of a grey image of 4 x 4. */
static expclip__buffer start_file(void)
{
    expclip__buffer b = { 0 };

    expclip__buffer_add(&b, "\x89PNG\r\n\x1a\n", 8);
    add_chunk(&b, "IHDR", "\0\0\0\4\0\0\0\4\x8\0\0\0\0", 13);
    return b;
}

/* 4 x (filter, 4 pixels), compressed. */
static size_t compress_rows(uint8_t out[64])
{
    const uint8_t rows[20] = { 0, 1, 2, 3, 4, 0, 5 };
    uLongf size = 64;

    assert_int_equal(compress(out, &size, rows, sizeof(rows)), Z_OK);
    return size;
}

/* Decode memory of exactly the file's size, and free it. */
static expclip_status check(expclip__buffer *b)
{
    const expclip_image_options o = EXPCLIP_IMAGE_OPTIONS_INIT;
    uint8_t *copy = malloc(b->size);
    expclip__encoded in = { copy, b->size, &o, NULL, 0, NULL };
    expclip__image image = { 0 };
    expclip_status status;

    assert_non_null(copy);
    memcpy(copy, b->data, b->size);
    status = expclip__decode_png(&image, &in, NULL);
    expclip__image_clear(&image);
    free(copy);
    expclip__buffer_free(b);
    return status;
}

static void test_png__data_may_come_in_several_chunks(void **state)
{
    uint8_t data[64];
    const size_t size = compress_rows(data);
    expclip__buffer b = start_file();

    (void)state;
    add_chunk(&b, "tEXt", "a\0b", 3);
    add_chunk(&b, "IDAT", data, 1);
    add_chunk(&b, "IDAT", data + 1, 0);
    add_chunk(&b, "IDAT", data + 1, size - 1);
    add_chunk(&b, "tEXt", "a\0b", 3);
    add_chunk(&b, "IEND", "", 0);
    expclip__buffer_add(&b, "behind", 6);
    assert_int_equal(check(&b), EXPCLIP_OK);
}

static void test_png__the_checksum_in_the_data_counts(void **state)
{
    uint8_t data[64];
    const size_t size = compress_rows(data);
    expclip__buffer b = start_file();

    (void)state;
    data[size - 1] ^= 1; /* Adler-32; the chunk's CRC is right */
    add_chunk(&b, "IDAT", data, size);
    add_chunk(&b, "IEND", "", 0);
    assert_int_equal(check(&b), EXPCLIP_ERROR_FORMAT);
}

static void test_png__data_that_ends_early_is_cut(void **state)
{
    uint8_t data[64];
    const size_t size = compress_rows(data);
    expclip__buffer b = start_file();

    (void)state;
    add_chunk(&b, "IDAT", data, size - 5);
    add_chunk(&b, "IEND", "", 0);
    assert_int_equal(check(&b), EXPCLIP_ERROR_TRUNCATED);
    b = start_file();
    add_chunk(&b, "IEND", "", 0);
    assert_int_equal(check(&b), EXPCLIP_ERROR_TRUNCATED);
}

static void test_png__order_matters(void **state)
{
    uint8_t data[64];
    const size_t size = compress_rows(data);
    expclip__buffer b = start_file();

    (void)state;
    add_chunk(&b, "IDAT", data, 4);
    add_chunk(&b, "tEXt", "a\0b", 3);
    add_chunk(&b, "IDAT", data + 4, size - 4);
    add_chunk(&b, "IEND", "", 0);
    assert_int_equal(check(&b), EXPCLIP_ERROR_TRUNCATED);
    b = start_file();
    add_chunk(&b, "IHDR", "\0\0\0\4\0\0\0\4\x8\0\0\0\0", 13);
    assert_int_equal(check(&b), EXPCLIP_ERROR_FORMAT);
}

/* As for Pillow: the pixels are whole. */
static void test_png__what_stands_behind_the_data_may_be_cut(void **state)
{
    static const size_t rests[] = { 0, 3, 8, 11 };
    uint8_t data[64];
    const size_t size = compress_rows(data);

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        expclip__buffer b = start_file();

        add_chunk(&b, "IDAT", data, size);
        expclip__buffer_add(&b, "\0\0\0\0IEND\xae\x42\x60", rests[i]);
        assert_int_equal(check(&b), EXPCLIP_OK);
    }
}

/* A megabyte of zeros in an image of 16 pixels. */
static void test_png__data_is_no_bomb(void **state)
{
    const uLong size = 1 << 20;
    uint8_t *zeros = calloc(size, 1), data[4096];
    uLongf packed = sizeof(data);
    expclip__buffer b = start_file();

    (void)state;
    assert_non_null(zeros);
    assert_int_equal(compress(data, &packed, zeros, size), Z_OK);
    free(zeros);
    add_chunk(&b, "IDAT", data, packed);
    add_chunk(&b, "IEND", "", 0);
    assert_int_equal(check(&b), EXPCLIP_ERROR_FORMAT);
}

static void test_png__chunks_are_counted(void **state)
{
    expclip__buffer b = start_file();

    (void)state;
    for (int i = 0; i < 70000; i++)
        add_chunk(&b, "tEXt", "", 0);
    assert_int_equal(check(&b), EXPCLIP_ERROR_LIMIT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_png__data_may_come_in_several_chunks),
        cmocka_unit_test(test_png__the_checksum_in_the_data_counts),
        cmocka_unit_test(test_png__data_that_ends_early_is_cut),
        cmocka_unit_test(test_png__order_matters),
        cmocka_unit_test(test_png__what_stands_behind_the_data_may_be_cut),
        cmocka_unit_test(test_png__data_is_no_bomb),
        cmocka_unit_test(test_png__chunks_are_counted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
