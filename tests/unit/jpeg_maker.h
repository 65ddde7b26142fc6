/* SPDX-License-Identifier: MIT */
/*
 * jpeg_maker.h - JPEG files out of segments, right and wrong ones.
 */
#ifndef EXPCLIP_TEST_JPEG_MAKER_H
#define EXPCLIP_TEST_JPEG_MAKER_H

#include <stdint.h>
#include <string.h>

typedef struct jpeg_file {
    uint8_t bytes[1 << 16];
    size_t size;
} jpeg_file;

static inline void jpeg_add(jpeg_file *f, const void *bytes, size_t size)
{
    memcpy(f->bytes + f->size, bytes, size);
    f->size += size;
}

static inline void jpeg_marker(jpeg_file *f, int marker)
{
    jpeg_add(f, (const uint8_t[]){ 0xff, (uint8_t)marker }, 2);
}

static inline void jpeg_segment(jpeg_file *f, int marker, const void *data,
                                size_t size)
{
    jpeg_marker(f, marker);
    jpeg_add(
        f, (const uint8_t[]){ (uint8_t)((size + 2) >> 8), (uint8_t)(size + 2) },
        2);
    jpeg_add(f, data, size);
}

/** Start, and a quantisation table of ones, of number 0. */
static inline void jpeg_start(jpeg_file *f)
{
    uint8_t table[65];

    memset(table, 1, sizeof(table));
    table[0] = 0;
    f->size = 0;
    jpeg_marker(f, 0xd8);
    jpeg_segment(f, 0xdb, table, sizeof(table));
}

/** A frame of `n` colours 1, 2, ... without subsampling, of table 0. */
static inline void jpeg_frame(jpeg_file *f, int marker, int width, int height,
                              int n)
{
    uint8_t data[6 + 3 * 255] = { 8,
                                  (uint8_t)(height >> 8),
                                  (uint8_t)height,
                                  (uint8_t)(width >> 8),
                                  (uint8_t)width,
                                  (uint8_t)n };

    for (int i = 0; i < n; i++) {
        data[6 + 3 * i] = (uint8_t)(i + 1);
        data[7 + 3 * i] = 0x11;
    }
    jpeg_segment(f, marker, data, 6 + 3 * (size_t)n);
}

/** Huffman table 0 of AC (class 1) or DC: one code of one bit, for `symbol`. */
static inline void jpeg_huffman(jpeg_file *f, int class, int symbol)
{
    const uint8_t data[18] = { (uint8_t)(class << 4),
                               1, [17] = (uint8_t)symbol };

    jpeg_segment(f, 0xc4, data, sizeof(data));
}

/** A scan of one colour and `size` bytes of zero bits. */
static inline void jpeg_scan(jpeg_file *f, int colour, int first, int last,
                             int approximation, size_t size)
{
    const uint8_t data[6] = { 1,
                              (uint8_t)colour,
                              0,
                              (uint8_t)first,
                              (uint8_t)last,
                              (uint8_t)approximation };

    jpeg_segment(f, 0xda, data, sizeof(data));
    memset(f->bytes + f->size, 0, size);
    f->size += size;
}

/** A whole grey file: each block takes two bits. */
static inline void jpeg_grey(jpeg_file *f, int width, int height)
{
    const size_t blocks = (size_t)((width + 7) / 8 * ((height + 7) / 8));

    jpeg_start(f);
    jpeg_frame(f, 0xc0, width, height, 1);
    jpeg_huffman(f, 0, 0);
    jpeg_huffman(f, 1, 0);
    jpeg_scan(f, 1, 0, 63, 0, (blocks + 3) / 4);
    jpeg_marker(f, 0xd9);
}

#endif
