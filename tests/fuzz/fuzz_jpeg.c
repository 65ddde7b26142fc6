/* SPDX-License-Identifier: MIT */
/*
 * fuzz_jpeg.c - any bytes as the segments of a JPEG file. Lengths are right,
 * code tables have as many values as they say, and compressed data holds no
 * markers, so that the fuzzer works on what they mean.
 */
#include <stdlib.h>
#include <string.h>

#include "image/image.h"

enum { LONGEST = 1 << 16 };

static uint8_t file[LONGEST];
static size_t n_file;
static const uint8_t *input;
static size_t n_input;

static uint8_t next(void)
{
    if (n_input == 0)
        return 0;
    n_input--;
    return *input++;
}

static void put(unsigned byte)
{
    if (n_file < LONGEST)
        file[n_file++] = (uint8_t)byte;
}

/* A marker, and the length of `size` bytes that follow. */
static void put_marker(unsigned marker, size_t size)
{
    put(0xff);
    put(marker);
    put((unsigned)(size + 2) >> 8);
    put((unsigned)(size + 2));
}

static void put_plain(unsigned marker, size_t size)
{
    put_marker(marker, size);
    while (size--)
        put(next());
}

static void put_codes(void)
{
    uint8_t counts[16];
    size_t n = 0;
    const unsigned table = next() & 0x13;

    for (int i = 0; i < 16; i++) {
        counts[i] = next();
        if (i < 7) /* no more than there are codes of this length */
            counts[i] &= (uint8_t)((2 << i) - 1);
        n += counts[i];
    }
    put_marker(0xc4, 17 + n);
    put(table);
    for (int i = 0; i < 16; i++)
        put(counts[i]);
    while (n--)
        put(next());
}

static void put_frame(unsigned marker)
{
    static const uint8_t numbers[] = { 1, 3, 3, 4 };
    const unsigned n = numbers[next() % 4];

    put_marker(marker, 6 + 3 * n);
    put(8);
    put(0);
    put(1 + next() % 128u); /* height */
    put(0);
    put(1 + next() % 128u);
    put(n);
    for (unsigned i = 1; i <= n; i++) {
        const unsigned sampling = next();

        put(i);
        put((1 + sampling % 4) << 4 | (1 + sampling / 4 % 4));
        put(next() & 3);
    }
}

static void put_scan(void)
{
    const unsigned choice = next(), n = 1 + choice % 4;
    size_t size = 256u * (next() % 16u);

    size += next();
    put_marker(0xda, 4 + 2 * n);
    put(n);
    for (unsigned i = 1; i <= n; i++) {
        put(n == 1 ? 1 + choice / 4 % 4 : i);
        put(next() & 0x33);
    }
    put(next() % 65u); /* a progressive one's first and last number */
    put(next() % 65u);
    put(next() & 0x33);
    for (; size && n_input; size--) {
        const unsigned byte = next();

        put(byte);
        if (byte == 0xff)
            put(size % 64 ? 0 : 0xd0 + size % 8); /* seldom a restart */
    }
}

static void put_segment(void)
{
    static const uint8_t plain[] = { 0xe0, 0xe1, 0xee, 0xfe, 0xdc, 0xcc };
    const unsigned kind = next() % 16;

    if (kind < 3) {
        put_codes();
    } else if (kind < 5) {
        put_plain(0xdb, 65);
    } else if (kind < 8) {
        put_frame(0xc0 + kind - 5);
    } else if (kind < 12) {
        put_scan();
    } else if (kind < 13) {
        put_plain(0xdd, 2); /* restarts */
    } else {
        const unsigned marker = plain[next() % sizeof(plain)];

        put_plain(marker, next());
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    expclip_image_options options = EXPCLIP_IMAGE_OPTIONS_INIT;
    expclip__image image = { 0 };
    uint8_t *whole;

    input = data, n_input = size, n_file = 0;
    options.max_pixels = 1 << 18;
    options.allow_truncated = next() & 1;
    put(0xff), put(0xd8);
    while (n_input && n_file < LONGEST - 2)
        put_segment();
    put(0xff), put(0xd9);
    whole = malloc(n_file); /* of its exact size */
    if (!whole)
        return 0;
    memcpy(whole, file, n_file);
    if (!expclip__image_decode(&image, whole, n_file, &options, NULL, NULL))
        expclip__image_clear(&image);
    free(whole);
    return 0;
}
