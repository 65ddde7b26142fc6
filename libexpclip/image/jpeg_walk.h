/* SPDX-License-Identifier: MIT */
/*
 * jpeg_walk.h - the markers of a JPEG, one after the other.
 */
#ifndef EXPCLIP_JPEG_WALK_H
#define EXPCLIP_JPEG_WALK_H

#include <expclip.h>

enum {
    EXPCLIP__JPEG_SOF0 = 0xc0,
    EXPCLIP__JPEG_SOF2 = 0xc2, /* progressive */
    EXPCLIP__JPEG_DHT = 0xc4,
    EXPCLIP__JPEG_JPG = 0xc8,
    EXPCLIP__JPEG_SOF9 = 0xc9,  /* arithmetic coding */
    EXPCLIP__JPEG_SOF10 = 0xca, /* the same, progressive */
    EXPCLIP__JPEG_DAC = 0xcc,
    EXPCLIP__JPEG_SOF15 = 0xcf,
    EXPCLIP__JPEG_RST0 = 0xd0,
    EXPCLIP__JPEG_EOI = 0xd9,
    EXPCLIP__JPEG_SOS = 0xda,
    EXPCLIP__JPEG_DQT = 0xdb,
    EXPCLIP__JPEG_APP1 = 0xe1
};

/** A marker, where it stands, and its segment without the length. */
typedef struct expclip__jpeg_segment {
    uint8_t marker; /* 0: the bytes are at their end */
    size_t at;
    const uint8_t *data;
    size_t size;
} expclip__jpeg_segment;

/**
 * The next marker that is no restart, from byte `*at` on, which moves behind
 * its segment. The walk begins at byte 2; the data of a scan are stepped over.
 *
 * @return EXPCLIP_OK or EXPCLIP_ERROR_{TRUNCATED, FORMAT}
 */
expclip_status expclip__jpeg_next(expclip__jpeg_segment *out,
                                  const uint8_t *bytes, size_t size, size_t *at,
                                  expclip_error *err);

/** What the segments say. */
typedef struct expclip__jpeg {
    int32_t width;
    int32_t height;
    int32_t n_components; /* 1 grey, 3 colours, 4 CMYK or YCCK */
    int32_t n_scans;
    int standard_tables;       /* a Huffman table in use is nowhere defined */
    int64_t coefficient_bytes; /* kept until the last scan; 0: none are */
    int64_t work;              /* coefficients that the scans walk over */
    int64_t missing_bytes;     /* of a scan, at least; 0: none are known */
} expclip__jpeg;

#endif
