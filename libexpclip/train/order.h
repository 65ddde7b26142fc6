/* SPDX-License-Identifier: MIT */
/*
 * order.h - lots that follow from a seed alone: the first head, and the order
 * of the rows in an epoch. So training can go on in the middle of an epoch
 * without a state of a generator.
 */
#ifndef EXPCLIP_TRAIN_ORDER_H
#define EXPCLIP_TRAIN_ORDER_H

#include <stddef.h>
#include <stdint.h>

/** Fill order [n] with the numbers 0 .. n - 1, shuffled for this epoch. */
void expclip__order_epoch(int64_t *order, int64_t n, uint64_t seed,
                          int64_t epoch);
/** Fill head [n] with numbers from -bound to bound, evenly. */
void expclip__order_first_head(float *head, size_t n, uint64_t seed,
                               double bound);

#endif
