/* SPDX-License-Identifier: MIT */
/*
 * frame_clock.h - the times of a clip's frames, made to rise: where two films
 * were put together, the second one may count from 0 again.
 *
 * Whoever reads the same frames gets the same times.
 */
#ifndef EXPCLIP_CLI_FRAME_CLOCK_H
#define EXPCLIP_CLI_FRAME_CLOCK_H

/** Begins as { 0 }. */
typedef struct frame_clock {
    int has_time;
    double time; /* of the last frame */
    double step; /* seconds between the last two frames */
} frame_clock;

/** Frames without a time of their own follow the one before. @return the time
 * of the frame, which is the clock's from now on */
double frame_clock_next(frame_clock *c, double time);

#endif
