/* SPDX-License-Identifier: MIT */
/*
 * face.h - the numbers that describe one drawn face, and how to draw lots.
 *
 * A face is a plain struct of floats, so that a training script can read it
 * as a row of a matrix: FACE_FIELDS is the one list of the columns.
 * Action units (AU) are those of the Facial Action Coding System, 0 at rest
 * to 1 at most; _l and _r are the viewer's left and right.  Fields with a
 * count behind them hold a whole number below that count: a kind, not an
 * amount.
 */
#ifndef FACE_H
#define FACE_H

#include <stdint.h>

/* X(name, kinds): kinds is 0 for an amount. */
/* clang-format off */
#define FACE_FIELDS(X)                                                      \
    X(au1, 0) X(au2, 0) X(au4, 0) X(au5, 0) X(au6, 0) X(au7, 0) X(au9, 0)   \
    X(au10, 0) X(au12_l, 0) X(au12_r, 0) X(au14_l, 0) X(au14_r, 0)          \
    X(au15, 0) X(au17, 0) X(au20, 0) X(au23, 0) X(au25, 0) X(au26, 0)       \
    X(au43, 0)                                                              \
    X(yaw, 0) X(pitch, 0) X(roll, 0) X(scale, 0) X(shift_x, 0)              \
    X(shift_y, 0) X(gaze_x, 0) X(gaze_y, 0)                                 \
    X(head_width, 0) X(jaw, 0) X(eye_size, 0) X(eye_gap, 0)                 \
    X(brow_width, 0) X(brow_height, 0) X(brow_arch, 0) X(nose_width, 0)     \
    X(nose_length, 0) X(mouth_width, 0) X(lip_width, 0) X(mouth_rest, 0)    \
    X(age, 0) X(skin, 7) X(hair, 8) X(hair_style, 9) X(iris, 5)             \
    X(lipstick, 4) X(lashes, 2) X(beard, 5) X(hat, 4) X(hat_colour, 12)     \
    X(glasses, 4) X(earrings, 2) X(freckles, 2) X(cloth, 12)                \
    X(background, 7) X(back_a, 12) X(back_b, 12)                            \
    X(outline, 0) X(light, 0) X(light_angle, 0) X(grey, 2) X(blur, 0)       \
    X(noise, 0) X(grain, 0)
/* clang-format on */

typedef struct face {
#define FACE_FIELD(name, kinds) float name;
    FACE_FIELDS(FACE_FIELD)
#undef FACE_FIELD
} face;

enum { FACE_N_FIELDS = (int)(sizeof(face) / sizeof(float)) };

/* The classes of the method, in its order; beyond them, any action units. */
enum {
    FACE_HAPPINESS,
    FACE_SADNESS,
    FACE_NEUTRAL,
    FACE_ANGER,
    FACE_SURPRISE,
    FACE_DISGUST,
    FACE_FEAR,
    FACE_CONTEMPT,
    FACE_N_EXPRESSIONS,
    FACE_ANY = FACE_N_EXPRESSIONS
};

/** Name of an expression, or of field i and its number of kinds. */
const char *face_expression_name(int expression);
int face_field_count(void);
const char *face_field_name(int field, int *kinds);

/**
 * Draw lots for a face.  Equal arguments give the equal face.
 *
 * @param[out] out    all fields are written
 * @param expression  one of the enum above
 */
void face_sample(face *out, uint64_t seed, int expression);

#endif
