/* SPDX-License-Identifier: MIT */
/*
 * scene_cut.h - does a film's next frame show another scene?
 */
#ifndef EXPCLIP_FACES_SCENE_CUT_H
#define EXPCLIP_FACES_SCENE_CUT_H

#include "image/image.h"

enum { EXPCLIP__THUMBNAIL_WIDTH = 32, EXPCLIP__THUMBNAIL_HEIGHT = 18 };

/**
 * What is remembered of the frames before; begins as { 0 }. No memory to free.
 */
typedef struct expclip__scene_cut {
    int has_before;
    float before[EXPCLIP__THUMBNAIL_WIDTH * EXPCLIP__THUMBNAIL_HEIGHT];
    float changed;     /* of the last two: part of the cells, 0..1 */
    float correlation; /* of the last two, -1..1 */
} expclip__scene_cut;

/**
 * Look at the next frame, of any size, also another than the last one's.
 *
 * A frame is a cut when most cells of its thumbnail differ from the one before,
 * and what is light and dark does, too. Heads that move change few cells, lamps
 * and flashes the levels alone. A
 * frame without contrast, black or white, is no cut and is not remembered: the
 * one after it is compared with the one before it. Dissolves are no cuts.
 *
 * @return is it a cut? The first frame is none.
 */
int expclip__scene_cut_step(expclip__scene_cut *cut,
                            const expclip__image *image);

#endif
