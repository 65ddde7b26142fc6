/* SPDX-License-Identifier: MIT */
/*
 * motion.h - where a face will be, from where it was: a Kalman filter of
 * constant speed.
 *
 * Lengths that do not depend on the camera are in face widths.
 */
#ifndef EXPCLIP_FACES_MOTION_H
#define EXPCLIP_FACES_MOTION_H

#include "faces/candidates.h"

/** A box as the filter sees it, in pixels. */
typedef struct expclip__spot {
    double x, y;  /* centre */
    double width; /* of a square of its area */
} expclip__spot;

typedef struct expclip__motion {
    expclip__spot at;
    double time;               /* seconds */
    double speed_x, speed_y;   /* pixels a second */
    double place, both, speed; /* variances in x and in y, and the covariance,
                                  in widths and seconds */
} expclip__motion;

/** @return 0 when the box is not finite, or of no size or a hostile one. */
int expclip__spot_of(expclip__spot *out, const expclip_face *face);

/** Farther off, in standard deviations, is another face: of a sure box, and of
 * one that may be none. */
#define EXPCLIP__MOTION_SURE 3.0
#define EXPCLIP__MOTION_UNSURE 2.0

/** Of a first box; `reach` widths a second are the most that it may move. */
void expclip__motion_begin(expclip__motion *out, expclip__spot at, double time,
                           double reach);
/** Move it to a later time. */
void expclip__motion_predict(expclip__motion *m, double time);
/** Correct what was predicted for a time by what is seen then. */
void expclip__motion_correct(expclip__motion *m, expclip__spot seen);
/** The image has another size, that many times the one before. */
void expclip__motion_scale(expclip__motion *m, double across, double down);

/**
 * How unlikely is a box where this was predicted?
 *
 * @param deviations  EXPCLIP__MOTION_...
 * @return 0 when it cannot be the same face; else 1, and the cost, of any sign
 */
int expclip__motion_cost(double *out, const expclip__motion *predicted,
                         expclip__spot seen, double deviations);

#endif
