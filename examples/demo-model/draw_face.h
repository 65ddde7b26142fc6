/* SPDX-License-Identifier: MIT */
/*
 * draw_face.h - draw a face described by numbers.
 *
 * Deterministic: the same face and size give the same bytes everywhere.
 */
#ifndef DRAW_FACE_H
#define DRAW_FACE_H

#include "face.h"

/**
 * @param rgb   [size, size, 3] bytes
 * @param size  1 to 512 pixels
 * @return 0, or -1 without memory or for a size out of range
 */
int draw_face(const face *f, int size, uint8_t *rgb);

/**
 * Draw faces first .. first + n - 1 of a seed, one after the other.
 *
 * @param expressions  [n], see face.h
 * @param rgb          [n, size, size, 3] bytes, or NULL for none
 * @param fields       [n, FACE_N_FIELDS], or NULL
 * @return 0, or -1 as above
 */
int draw_batch(uint64_t seed, int first, int n, int size,
               const int *expressions, uint8_t *rgb, float *fields);

/** The face at an index: its looks depend on nothing else in the batch. */
void face_at(face *out, uint64_t seed, int index, int expression);

#endif
