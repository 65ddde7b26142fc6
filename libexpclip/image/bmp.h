/* SPDX-License-Identifier: MIT */
/*
 * bmp.h - what bmp.c and bmp_runs.c share.
 */
#ifndef EXPCLIP_BMP_H
#define EXPCLIP_BMP_H

#include "image/encoded.h"

/** Where red, green and blue are in a pixel. */
typedef struct expclip__bmp_layout {
    unsigned bits;
    uint32_t masks[4]; /* red, green, blue, alpha as the file has them */
    struct {
        unsigned shift;
        unsigned most; /* the largest level */
    } at[3];
} expclip__bmp_layout;

/** What stands before the pixels. */
typedef struct expclip__bmp {
    const expclip__encoded *in;
    int64_t width;
    int64_t height;
    int top_down;
    unsigned bits;
    uint32_t compression;
    uint32_t n_colours;
    size_t colour_size;                /* bytes of a colour of the palette */
    size_t pixels;                     /* where they begin */
    const expclip__bmp_layout *layout; /* NULL: they are indices */
    uint8_t palette[256][3];           /* black after the file's colours */
} expclip__bmp;

/** Row `y` of the file in the image. */
uint8_t *expclip__bmp_row(const expclip__bmp *b, expclip__image *image,
                          int64_t y);
/** The pixels of run lengths, of 4 or 8 bits. */
expclip_status expclip__bmp_runs(expclip__image *out, const expclip__bmp *b,
                                 expclip_error *err);

#endif
