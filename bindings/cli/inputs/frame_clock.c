/* SPDX-License-Identifier: MIT */
/*
 * frame_clock.c - the times of a clip's frames, made to rise.
 */
#include "inputs/frame_clock.h"

#define USUAL_STEP 0.04

double frame_clock_next(frame_clock *c, double time)
{
    if (!c->has_time) {
        c->time = time;
    } else if (time > c->time) {
        c->step = time - c->time;
        c->time = time;
    } else {
        c->time += c->step > 0.0 ? c->step : USUAL_STEP;
    }
    c->has_time = 1;
    return c->time;
}
