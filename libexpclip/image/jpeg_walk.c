/* SPDX-License-Identifier: MIT */
/*
 * jpeg_walk.c - the markers of a JPEG, one after the other (ITU T.81, annex B).
 *
 * The walk meets each marker that a decoder can meet: outside of segments,
 * after the first 0xff that no 0x00 follows. More 0xff before it only fill.
 */
#include "image/jpeg_walk.h"

#include "base/error.h"

/* Markers without a segment, and what only looks like a marker. */
static int stands_alone(uint8_t marker)
{
    return marker <= 0x01 ||
           (marker >= EXPCLIP__JPEG_RST0 && marker < EXPCLIP__JPEG_EOI);
}

/* 0 at the end of the bytes. `*at` moves behind the marker. */
static uint8_t next_marker(const uint8_t *bytes, size_t size, size_t *at)
{
    while (*at < size && size - *at >= 2) {
        const uint8_t marker = bytes[*at + 1];

        if (bytes[*at] != 0xff || marker == 0xff) {
            *at += 1;
            continue;
        }
        *at += 2;
        if (!stands_alone(marker))
            return marker;
    }
    return 0;
}

expclip_status expclip__jpeg_next(expclip__jpeg_segment *out,
                                  const uint8_t *bytes, size_t size, size_t *at,
                                  expclip_error *err)
{
    expclip__jpeg_segment found = { 0 };
    size_t length;

    found.marker = next_marker(bytes, size, at);
    found.at = found.marker ? *at - 2 : size;
    if (found.marker && found.marker != EXPCLIP__JPEG_EOI) {
        length = size - *at < 2 ? 0 : (size_t)bytes[*at] << 8 | bytes[*at + 1];
        if (size - *at < 2 || length > size - *at)
            return expclip__fail(err, EXPCLIP_ERROR_TRUNCATED,
                                 "JPEG: ends in the segment at byte %zu", *at);
        if (length < 2)
            return expclip__fail(err, EXPCLIP_ERROR_FORMAT,
                                 "JPEG: segment of %zu bytes at byte %zu, "
                                 "expected 2 and more",
                                 length, *at);
        found.data = bytes + *at + 2;
        found.size = length - 2;
        *at += length;
    }
    *out = found;
    return EXPCLIP_OK;
}
