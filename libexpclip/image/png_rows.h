/* SPDX-License-Identifier: MIT */
/*
 * png_rows.h - the inflated data of a PNG, row by row, to RGB.
 */
#ifndef EXPCLIP_PNG_ROWS_H
#define EXPCLIP_PNG_ROWS_H

#include <expclip.h>

/** What the header and the palette say. */
typedef struct expclip__png {
    int32_t width;
    int32_t height;
    int32_t depth;  /* bits of a sample */
    int32_t colour; /* IHDR's colour type */
    int interlaced;
    int has_palette;
    uint8_t palette[256][3]; /* black after the file's colours */
} expclip__png;

/** Where the data stand. */
typedef struct expclip__png_rows {
    const expclip__png *png;
    uint8_t *rgb;      /* width * height * 3 */
    uint8_t *row;      /* the filter's byte and the samples */
    uint8_t *before;   /* the row above, the same */
    size_t row_size;   /* of this pass, with the filter's byte */
    size_t row_filled; /* bytes of `row` that have come */
    int pass;          /* 0..6; of what is not interlaced 7 */
    int32_t y;         /* row of the pass */
    int done;          /* all rows have come */
} expclip__png_rows;

/** Samples of a pixel, or 0 when there is no such kind. */
int expclip__png_channels(int32_t depth, int32_t colour);

/** Fails with MEMORY; after it expclip__png_rows_end() is to be called. */
expclip_status expclip__png_rows_begin(expclip__png_rows *out,
                                       const expclip__png *png, uint8_t *rgb,
                                       expclip_error *err);
/** The next `size` bytes of the data. @return 0 when a row has no filter */
int expclip__png_rows_add(expclip__png_rows *rows, const uint8_t *data,
                          size_t size);
void expclip__png_rows_end(expclip__png_rows *rows);

#endif
