/* SPDX-License-Identifier: MIT */
/*
 * framing.h - faces as they lie in what a face detector cuts out.
 *
 * A detector's box moves and grows with the face, its neighbours look in at
 * the sides, and the image may end inside it.  A model that knows the
 * renderer's own frame alone reads none of that.
 */
#ifndef FRAMING_H
#define FRAMING_H

#include "face.h"

#include <stdint.h>

/**
 * Draw lots for the framing of a face, and draw it.
 *
 * The face is moved by up to a tenth of the frame and drawn at 1 / 0.9 to
 * 1 / 1.3 of its size, most often near the middle; it may have a neighbour on
 * each side, and strips of one colour may cover the borders.
 *
 * @param[in,out] f  shift and scale become those in the image
 * @param rgb        [size, size, 3] bytes, or NULL for none
 * @return 0, or -1 as draw_heads()
 */
int draw_framed(face *f, uint64_t seed, int index, int size, uint8_t *rgb);

#endif
