/* SPDX-License-Identifier: MIT */
/*
 * optimizer.c - torch.optim's SGD and AdamW, formula by formula.
 */
#include "train/optimizer.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"

static const double pi = 3.14159265358979323846;

int expclip__optimizer_find(const char *name, expclip__optimizer_kind *out)
{
    if (strcmp(name, "sgd") == 0)
        *out = EXPCLIP__SGD;
    else if (strcmp(name, "adamw") == 0)
        *out = EXPCLIP__ADAMW;
    else
        return 0;
    return 1;
}

size_t expclip__optimizer_state_size(const expclip__optimizer *o)
{
    return o->kind == EXPCLIP__ADAMW ? 2 * o->n : o->n;
}

expclip_status expclip__optimizer_init(expclip__optimizer *o,
                                       expclip_error *err)
{
    o->moments =
        expclip__alloc_zero(expclip__optimizer_state_size(o), sizeof(float));
    return o->moments ? EXPCLIP_OK
                      : expclip__fail_memory(err, "state of training");
}

void expclip__optimizer_clear(expclip__optimizer *o)
{
    expclip__free(o->moments);
    o->moments = NULL;
}

/* Cosine: torch's CosineAnnealingLR to 0, stepped after every batch. */
double expclip__optimizer_rate(const expclip__optimizer *o, int64_t step)
{
    if (!o->cosine || o->total_steps < 1)
        return o->learning_rate;
    return o->learning_rate *
           (1.0 + cos(pi * (double)step / (double)o->total_steps)) / 2.0;
}

/* The first momentum is the gradient itself: that of zeros, too. */
static void apply_sgd(expclip__optimizer *o, float *head, const float *gradient,
                      double rate)
{
    const float decay = (float)o->weight_decay, keep = (float)o->momentum;
    const float step = (float)rate;

    for (size_t i = 0; i < o->n; i++) {
        const float g = gradient[i] + decay * head[i];

        o->moments[i] = keep * o->moments[i] + g;
        head[i] -= step * o->moments[i];
    }
}

static void apply_adamw(expclip__optimizer *o, float *head,
                        const float *gradient, double rate, int64_t step)
{
    /* 1 - 0.999 is rounded once, as torch does, and not 1 - 0.999f. */
    const float first = 0.1f, second = 0.001f, keep = 0.999f;
    const double correct_1 = 1.0 - pow(0.9, (double)step + 1.0);
    const double correct_2 = sqrt(1.0 - pow(0.999, (double)step + 1.0));
    const float shrink = (float)(1.0 - rate * o->weight_decay);
    const float size = (float)(rate / correct_1);
    float *mean = o->moments, *square = o->moments + o->n;

    for (size_t i = 0; i < o->n; i++) {
        const float g = gradient[i];

        mean[i] += first * (g - mean[i]);
        square[i] = keep * square[i] + second * g * g;
        head[i] =
            shrink * head[i] -
            size * mean[i] / (sqrtf(square[i]) / (float)correct_2 + 1e-8f);
    }
}

void expclip__optimizer_apply(expclip__optimizer *o, float *head,
                              const float *gradient, int64_t step)
{
    const double rate = expclip__optimizer_rate(o, step);

    if (o->kind == EXPCLIP__ADAMW)
        apply_adamw(o, head, gradient, rate, step);
    else
        apply_sgd(o, head, gradient, rate);
}
