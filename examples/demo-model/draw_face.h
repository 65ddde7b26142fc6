/* SPDX-License-Identifier: MIT */
/*
 * draw_face.h - draw faces described by numbers: one, or several in a scene.
 *
 * Deterministic: the same faces and size give the same bytes everywhere.
 */
#ifndef DRAW_FACE_H
#define DRAW_FACE_H

#include "face.h"
#include "pen.h"

/** A face and where its own frame lies in an image. */
typedef struct head {
    face face;
    frame at;
} head;

/**
 * Draw heads from back to front on one background.
 *
 * @param setting  its background, light, blur and noise are the image's
 * @param side     of the frame that blur is measured by
 * @param rgb      [height, width, 3] bytes
 * @param width    1 to CANVAS_MAX_SIZE pixels, as is height
 * @return 0, or -1 without memory or for a size out of range
 */
int draw_heads(const head *heads, int n, const face *setting, float side,
               int width, int height, uint8_t *rgb);

/** One face in its own frame: rgb is [size, size, 3]; returns as above. */
int draw_face(const face *f, int size, uint8_t *rgb);

/**
 * Draw faces first .. first + n - 1 of a seed, one after the other.
 *
 * @param expressions  [n], see face.h
 * @param framed       [n]: not 0 for a framing as a detector gives, see
 *                     framing.h; NULL for each face's own frame
 * @param rgb          [n, size, size, 3] bytes, or NULL for none
 * @param fields       [n, FACE_N_FIELDS], or NULL
 * @return 0, or -1 as above
 */
int draw_batch(uint64_t seed, int first, int n, int size,
               const int *expressions, const int *framed, uint8_t *rgb,
               float *fields);

/** The face at an index: its looks depend on nothing else in the batch. */
void face_at(face *out, uint64_t seed, int index, int expression);

#endif
