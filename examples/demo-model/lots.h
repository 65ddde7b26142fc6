/* SPDX-License-Identifier: MIT */
/*
 * lots.h - random numbers that follow from a seed alone.
 */
#ifndef LOTS_H
#define LOTS_H

#include <stdint.h>

typedef struct lots {
    uint64_t seed, drawn;
} lots;

/** From 0 to below 1. */
float lot(lots *l);

float lot_between(lots *l, float low, float high);

/** Around zero, most often near it: the sum of three draws. */
float lot_around(lots *l, float spread);

/** A whole number below `kinds`. */
float lot_kind(lots *l, int kinds);

/** Kind 0 unless the chance comes up, else one of the others. */
float lot_rare_kind(lots *l, float chance, int kinds);

#endif
