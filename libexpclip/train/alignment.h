/* SPDX-License-Identifier: MIT */
/*
 * alignment.h - the loss that teaches the head, and its gradient in closed
 * form.
 */
#ifndef EXPCLIP_TRAIN_ALIGNMENT_H
#define EXPCLIP_TRAIN_ALIGNMENT_H

#include "tensor/tensor.h"

/** Memory for batches of one size. One thread at a time. */
typedef struct expclip__alignment {
    tensor_device *device; /* borrowed, fp32 */
    int32_t batch;         /* B */
    int32_t feature_dim;   /* d */
    int32_t target_dim;    /* D */
    double scale;          /* of the cosines, exp(logit_scale) */
    float *images;         /* [B, D]: P, then I, then dP */
    float *slopes;         /* [B, D]: dI */
    float *cosines;        /* [B, B]: S, then dS */
    double *lengths;       /* [B] of P's rows */
    double *columns;       /* [2, B] largest and sum of a column */
} expclip__alignment;

expclip_status expclip__alignment_init(expclip__alignment *out,
                                       tensor_device *device, int32_t batch,
                                       int32_t feature_dim, int32_t target_dim,
                                       double scale, expclip_error *err);
void expclip__alignment_clear(expclip__alignment *a);

/** What a batch says of a head. */
typedef struct expclip__alignment_result {
    double loss;
    double accuracy; /* share of images whose own target is nearest */
} expclip__alignment_result;

/**
 * @param[out] gradient  [D, d], of the loss by the head
 * @param head           [D, d]
 * @param features       [B, d]
 * @param targets        [B, D], rows of unit length
 * @return OK, NONFINITE (a row of length 0, or a loss that is no number),
 *         BACKEND, MEMORY
 */
expclip_status expclip__alignment_compute(expclip__alignment *a,
                                          expclip__alignment_result *result,
                                          float *gradient, const float *head,
                                          const float *features,
                                          const float *targets,
                                          expclip_error *err);

/** Give each of n rows unit length. NONFINITE for a row of length 0, which the
 * message calls by `numbers`, or by its place in the batch with NULL. */
expclip_status expclip__unit_rows(float *rows, size_t n, size_t dim,
                                  double *lengths, const char *what,
                                  const int64_t *numbers, expclip_error *err);

#endif
