/* SPDX-License-Identifier: MIT */
/*
 * lots.c - random numbers that follow from a seed alone.
 */
#include "lots.h"
#include "canvas.h"

float lot(lots *l)
{
    return (float)(hash_pair(l->seed, l->drawn++) >> 40) / 16777216.0f;
}

float lot_between(lots *l, float low, float high)
{
    return mix(low, high, lot(l));
}

float lot_around(lots *l, float spread)
{
    return (lot(l) + lot(l) + lot(l) - 1.5f) / 1.5f * spread;
}

float lot_kind(lots *l, int kinds)
{
    return (float)(int)(lot(l) * (float)kinds);
}

float lot_rare_kind(lots *l, float chance, int kinds)
{
    return lot(l) < chance ? 1.0f + lot_kind(l, kinds - 1) : 0.0f;
}
