/* SPDX-License-Identifier: MIT */
/*
 * optimizer.h - how a gradient changes the head: torch.optim's SGD and AdamW.
 */
#ifndef EXPCLIP_TRAIN_OPTIMIZER_H
#define EXPCLIP_TRAIN_OPTIMIZER_H

#include <expclip_base.h>

typedef enum expclip__optimizer_kind {
    EXPCLIP__SGD,  /* with momentum; torch.optim.SGD, dampening 0 */
    EXPCLIP__ADAMW /* torch.optim.AdamW, betas 0.9 and 0.999, eps 1e-8 */
} expclip__optimizer_kind;

typedef struct expclip__optimizer {
    expclip__optimizer_kind kind;
    double learning_rate; /* of the first step */
    int cosine;           /* 1 = falls to 0 over total_steps */
    int64_t total_steps;
    double momentum;
    double weight_decay;
    size_t n;       /* numbers in the head */
    float *moments; /* [n] the momentum, or [2, n] AdamW's two */
} expclip__optimizer;

/** Names as in expclip_trainer_options. @return 1, or 0 for another */
int expclip__optimizer_find(const char *name, expclip__optimizer_kind *out);
/** Allocate moments, all 0. The other fields are set before. */
expclip_status expclip__optimizer_init(expclip__optimizer *o,
                                       expclip_error *err);
void expclip__optimizer_clear(expclip__optimizer *o);
/** Numbers in moments. */
size_t expclip__optimizer_state_size(const expclip__optimizer *o);
/** Learning rate of a step, from 0. */
double expclip__optimizer_rate(const expclip__optimizer *o, int64_t step);
/** Change the head by the gradient of a step, from 0. */
void expclip__optimizer_apply(expclip__optimizer *o, float *head,
                              const float *gradient, int64_t step);

#endif
