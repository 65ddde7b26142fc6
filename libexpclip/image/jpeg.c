/* SPDX-License-Identifier: MIT */
/*
 * jpeg.c - may stb_image have this JPEG? (ITU T.81, annex B)
 *
 * stb_image before 2.28 writes beyond its tables when a Huffman table claims
 * more than 256 codes, and converts four colours (CMYK) in another way than
 * Pillow does. The walk meets each marker that stb_image can meet: outside of
 * segments, after the first 0xff that no 0x00 follows.
 */
#include "image/jpeg.h"

#include "base/error.h"

enum {
    SOF0 = 0xc0,
    SOF2 = 0xc2, /* progressive */
    DHT = 0xc4,
    JPG = 0xc8,
    DAC = 0xcc,
    SOF15 = 0xcf,
    RST0 = 0xd0,
    EOI = 0xd9
};

/* Markers without a segment, and what only looks like a marker. */
static int stands_alone(uint8_t marker)
{
    return marker <= 0x01 || (marker >= RST0 && marker < EOI);
}

static expclip_status check_tables(const uint8_t *at, const uint8_t *end,
                                   expclip_error *err)
{
    while (at < end) {
        size_t n = 0;

        for (int i = 1; i <= 16 && end - at >= 17; i++)
            n += at[i];
        if (end - at < 17 || n > 256 || n > (size_t)(end - at) - 17)
            return expclip__fail(err, EXPCLIP_ERROR_FORMAT,
                                 "JPEG: Huffman table of %zu codes, expected "
                                 "at most 256, all in the segment",
                                 n);
        at += 17 + n;
    }
    return EXPCLIP_OK;
}

static expclip_status check_frame(uint8_t marker, const uint8_t *segment,
                                  size_t length, expclip_error *err)
{
    if (marker > SOF2)
        return expclip__fail(err, EXPCLIP_ERROR_UNSUPPORTED,
                             "JPEG: coding %d (lossless, hierarchical or "
                             "arithmetic), expected baseline or progressive",
                             marker - SOF0);
    if (length < 8)
        return expclip__fail(err, EXPCLIP_ERROR_FORMAT,
                             "JPEG: frame header of %zu bytes, expected 8 and "
                             "more",
                             length);
    if (segment[2] != 8)
        return expclip__fail(err, EXPCLIP_ERROR_UNSUPPORTED,
                             "JPEG: %d bits a colour, expected 8", segment[2]);
    if (segment[7] == 4)
        return expclip__fail(err, EXPCLIP_ERROR_UNSUPPORTED,
                             "JPEG: four colours (CMYK); convert it to RGB");
    return EXPCLIP_OK;
}

static expclip_status check_segment(uint8_t marker, const uint8_t *segment,
                                    size_t length, expclip_error *err)
{
    if (marker == DHT)
        return check_tables(segment + 2, segment + length, err);
    if (marker >= SOF0 && marker <= SOF15 && marker != JPG && marker != DAC)
        return check_frame(marker, segment, length, err);
    return EXPCLIP_OK;
}

expclip_status expclip__jpeg_check(const uint8_t *bytes, size_t size,
                                   int allow_truncated, expclip_error *err)
{
    for (size_t at = 2; at + 1 < size;) {
        const uint8_t marker = bytes[at + 1];
        size_t length;
        expclip_status status;

        if (bytes[at] != 0xff || marker == 0xff) {
            at++;
            continue;
        }
        if (marker == EOI)
            return EXPCLIP_OK;
        at += 2;
        if (stands_alone(marker))
            continue;
        length = size - at < 2 ? 0 : (size_t)bytes[at] << 8 | bytes[at + 1];
        if (size - at < 2 || length > size - at)
            return expclip__fail(err, EXPCLIP_ERROR_TRUNCATED,
                                 "JPEG: ends in the segment at byte %zu", at);
        if (length < 2)
            return expclip__fail(err, EXPCLIP_ERROR_FORMAT,
                                 "JPEG: segment of %zu bytes at byte %zu",
                                 length, at);
        status = check_segment(marker, bytes + at, length, err);
        if (status)
            return status;
        at += length;
    }
    return allow_truncated
               ? EXPCLIP_OK
               : expclip__fail(err, EXPCLIP_ERROR_TRUNCATED,
                               "JPEG: %zu bytes without the mark of its end; "
                               "allow_truncated uses what there is",
                               size);
}
