/* SPDX-License-Identifier: MIT */
/*
 * features.h - the layers of an image, from back to front.
 *
 * features.c and folds.c draw what moves (the action units), looks.c what
 * does not.
 */
#ifndef FEATURES_H
#define FEATURES_H

#include "pen.h"

#define EYE_Y (-0.12f) /* height of the eyes */

/* looks.c */
void draw_background(canvas *c, const face *f);
void draw_back_hair(const pen *p);
void draw_body(const pen *p);
void draw_head(const pen *p);
void draw_beard(const pen *p);
void draw_hair(const pen *p);
void draw_hat(const pen *p);
void draw_glasses(const pen *p);
/* `side` of the frames of the heads, in pixels: blur is measured by it. */
void draw_finish(canvas *c, const face *f, float side);

/* features.c */
void draw_nose(const pen *p);
void draw_mouth(const pen *p);
void draw_eyes(const pen *p);
void draw_brows(const pen *p);
point mouth_corner(const face *f, float side);

/* folds.c */
void draw_folds(const pen *p);

#endif
