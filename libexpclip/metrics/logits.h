/* SPDX-License-Identifier: MIT */
/*
 * logits.h - what a row of logits says: probabilities, the best classes. A
 * class of NaN is the last; of equal logits the first is the best.
 */
#ifndef EXPCLIP_LOGITS_H
#define EXPCLIP_LOGITS_H

#include <stddef.h>
#include <stdint.h>

/** out[i] = exp(logits[i] / temperature) / sum; may work in place. */
void expclip__softmax(float *out, const float *logits, size_t n,
                      float temperature);
/** The class of the largest logit; n when there is none. */
size_t expclip__argmax(const float *logits, size_t n);
/** The n_top best classes, from the best one on; n_top <= n. */
void expclip__top(int32_t *top, size_t n_top, const float *logits, size_t n);

#endif
