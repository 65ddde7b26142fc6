/* SPDX-License-Identifier: MIT */
/*
 * fuzz_png.c - any bytes as the insides of a PNG file: its form, palette,
 * transparency and rows. Checksums and compression are right, so that the
 * fuzzer works on what comes after them.
 */
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "image/image.h"

enum { LONGEST = 1 << 16 /* of rows and file */ };

static uint8_t file[2 * LONGEST];
static size_t n_file;

static void put_number(uint8_t *out, size_t value)
{
    for (int i = 0; i < 4; i++)
        out[i] = (uint8_t)(value >> (8 * (3 - i)));
}

static void put_chunk(const char *type, const uint8_t *bytes, size_t size)
{
    uint8_t *chunk = file + n_file;

    put_number(chunk, size);
    memcpy(chunk + 4, type, 4);
    if (size)
        memcpy(chunk + 8, bytes, size);
    put_number(chunk + 8 + size, crc32(0, chunk + 4, (uInt)size + 4));
    n_file += size + 12;
}

/* Rows of an image or of one pass: the bytes over and over, each row with a
 * filter that there is. */
static size_t put_pass(uint8_t *rows, size_t n, size_t width, size_t height,
                       size_t bits, const uint8_t *bytes, size_t size)
{
    const size_t row = 1 + (width * bits + 7) / 8;

    for (size_t i = 0; width && i < height * row; i++, n++) {
        rows[n] = size ? bytes[n % size] : 0;
        if (i % row == 0)
            rows[n] %= 5;
    }
    return n;
}

/* All rows of the form: from, step of columns and rows of seven passes. */
static size_t put_passes(uint8_t *rows, const uint8_t *form, size_t bits,
                         const uint8_t *bytes, size_t size)
{
    static const uint8_t passes[7][4] = {
        { 0, 8, 0, 8 }, { 4, 8, 0, 8 }, { 0, 4, 4, 8 }, { 2, 4, 0, 4 },
        { 0, 2, 2, 4 }, { 1, 2, 0, 2 }, { 0, 1, 1, 2 },
    };
    const size_t width = 1u + form[0] % 64, height = 1u + form[1] % 64;
    size_t n = 0;

    if (!(form[4] & 1))
        return put_pass(rows, 0, width, height, bits, bytes, size);
    for (int i = 0; i < 7; i++) {
        const uint8_t *p = passes[i];

        n = put_pass(rows, n, (width + p[1] - 1u - p[0]) / p[1],
                     (height + p[3] - 1u - p[2]) / p[3], bits, bytes, size);
    }
    return n;
}

/* All depths and colours, also wrong pairs. @return bits of a pixel */
static size_t put_form(const uint8_t *form)
{
    static const uint8_t depths[] = { 1, 2, 4, 8, 16, 3, 8, 8 };
    static const uint8_t colours[] = { 0, 2, 3, 4, 6, 1, 2, 6 };
    static const uint8_t channels[] = { 1, 3, 1, 2, 4, 1, 3, 4 };
    uint8_t header[13] = { 0 };

    header[3] = (uint8_t)(1 + form[0] % 64);
    header[7] = (uint8_t)(1 + form[1] % 64);
    header[8] = depths[form[2] % 8];
    header[9] = colours[form[3] % 8];
    header[12] = form[4] & 1; /* interlaced */
    put_chunk("IHDR", header, sizeof(header));
    return (size_t)header[8] * channels[form[3] % 8];
}

static void put_rows(const uint8_t *form, size_t bits, const uint8_t *bytes,
                     size_t size)
{
    static uint8_t rows[LONGEST], packed[LONGEST + 1024];
    uLongf n = sizeof(packed);
    size_t n_rows = put_passes(rows, form, bits, bytes, size);

    if (form[4] & 32) /* too few or too many */
        n_rows = n_rows / 2 + form[7];
    if (compress2(packed, &n, rows, n_rows, 1) != Z_OK)
        abort();
    put_chunk("IDAT", packed, n / 2);
    put_chunk("IDAT", packed + n / 2, n - n / 2 - (form[4] & 8 ? n / 4 : 0));
}

static size_t at_most(size_t wanted, size_t left)
{
    return wanted < left ? wanted : left;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    expclip_image_options options = EXPCLIP_IMAGE_OPTIONS_INIT;
    expclip__image image = { 0 };
    size_t bits, left;
    uint8_t *whole;

    if (size < 8)
        return 0;
    left = size - 8;
    memcpy(file, "\x89PNG\r\n\x1a\n", n_file = 8);
    bits = put_form(data);
    if (data[4] & 2)
        put_chunk("PLTE", data + 8, at_most(data[5] * 3u, left / 3 * 3));
    if (data[4] & 4)
        put_chunk("tRNS", data + 8, at_most(data[6], left));
    put_rows(data, bits, data + 8, left);
    put_chunk("IEND", NULL, 0);
    options.allow_truncated = data[4] >> 4 & 1;
    whole = malloc(n_file); /* of its exact size */
    if (!whole)
        return 0;
    memcpy(whole, file, n_file);
    if (!expclip__image_decode(&image, whole, n_file, &options, NULL, NULL))
        expclip__image_clear(&image);
    free(whole);
    return 0;
}
