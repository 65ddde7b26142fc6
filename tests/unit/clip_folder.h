/* SPDX-License-Identifier: MIT */
/*
 * clip_folder.h - folders of small images for tests: every frame is a BMP of
 * 2 x 2 pixels of one colour, which tells it from the others.
 */
#ifndef EXPCLIP_TEST_CLIP_FOLDER_H
#define EXPCLIP_TEST_CLIP_FOLDER_H

#include "unit/scratch.h"

/** Write a BMP whose pixels are all `grey`. */
static inline void folder_add(const char *name, uint8_t grey)
{
    uint8_t bmp[54 + 2 * 8] = {
        'B',      'M',      sizeof(bmp), [10] = 54, [14] = 40,
        [18] = 2, [22] = 2, [26] = 1,    [28] = 24
    };

    memset(bmp + 54, grey, sizeof(bmp) - 54);
    scratch_write(name, bmp, sizeof(bmp));
}

/** Write n frames 0001.bmp ..., of the colours 1, 2, ... */
static inline void folder_fill(int n)
{
    char name[32];

    for (int i = 1; i <= n; i++) {
        snprintf(name, sizeof(name), "%04d.bmp", i);
        folder_add(name, (uint8_t)i);
    }
}

#endif
