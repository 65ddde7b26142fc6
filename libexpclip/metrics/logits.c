/* SPDX-License-Identifier: MIT */
/*
 * logits.c - what a row of logits says: probabilities, the best classes.
 */
#include "metrics/logits.h"

#include <math.h>

void expclip__softmax(float *out, const float *logits, size_t n,
                      float temperature)
{
    double largest = -INFINITY, sum = 0.0;

    for (size_t i = 0; i < n; i++)
        largest = fmax(largest, (double)logits[i]);
    for (size_t i = 0; i < n; i++)
        sum += exp(((double)logits[i] - largest) / (double)temperature);
    for (size_t i = 0; i < n; i++)
        out[i] =
            (float)(exp(((double)logits[i] - largest) / (double)temperature) /
                    sum);
}

size_t expclip__argmax(const float *logits, size_t n)
{
    size_t best = n;

    for (size_t i = 0; i < n; i++)
        if (!isnan(logits[i]) && (best == n || logits[i] > logits[best]))
            best = i;
    return best;
}

/* 1 when a ranks above b; NaN ranks last. */
static int above(float a, float b)
{
    return a > b || (isnan(b) && !isnan(a));
}

/* Insertion into the short list of the best: n_top is small. */
void expclip__top(int32_t *top, size_t n_top, const float *logits, size_t n)
{
    size_t kept = 0;

    for (size_t i = 0; n_top && i < n; i++) {
        size_t place = kept < n_top ? kept++ : n_top;

        for (; place > 0 && above(logits[i], logits[top[place - 1]]); place--)
            if (place < n_top)
                top[place] = top[place - 1];
        if (place < n_top)
            top[place] = (int32_t)i;
    }
}
