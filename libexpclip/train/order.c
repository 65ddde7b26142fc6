/* SPDX-License-Identifier: MIT */
/*
 * order.c - lots that follow from a seed alone.
 *
 * SplitMix64 (Steele, Lea, Flood 2014), started from seed and purpose: its
 * state is a counter, and the numbers are the same on every machine.
 */
#include "train/order.h"

#define FIRST_HEAD UINT64_C(0xffffffffffffffff) /* no epoch has this number */

static uint64_t next(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static uint64_t start(uint64_t seed, uint64_t purpose)
{
    uint64_t state = seed;
    const uint64_t mixed = next(&state);

    state = mixed ^ purpose;
    return next(&state);
}

/* Even below n: the remainder at the upper end is drawn again. */
static uint64_t below(uint64_t *state, uint64_t n)
{
    const uint64_t limit = UINT64_MAX - UINT64_MAX % n;
    uint64_t x;

    do
        x = next(state);
    while (x >= limit);
    return x % n;
}

void expclip__order_epoch(int64_t *order, int64_t n, uint64_t seed,
                          int64_t epoch)
{
    uint64_t state = start(seed, (uint64_t)epoch);

    for (int64_t i = 0; i < n; i++)
        order[i] = i;
    for (int64_t i = n - 1; i > 0; i--) { /* Fisher and Yates */
        const int64_t j = (int64_t)below(&state, (uint64_t)i + 1);
        const int64_t moved = order[i];

        order[i] = order[j];
        order[j] = moved;
    }
}

void expclip__order_first_head(float *head, size_t n, uint64_t seed,
                               double bound)
{
    uint64_t state = start(seed, FIRST_HEAD);

    for (size_t i = 0; i < n; i++) {
        const double unit = (double)(next(&state) >> 11) * 0x1p-53;

        head[i] = (float)(bound * (2.0 * unit - 1.0));
    }
}
