/* SPDX-License-Identifier: MIT */
/*
 * head.h - where the Exp-CLIP head is applied: one linear map, no bias, on
 * image and on text embeddings alike, before they get unit length.
 */
#ifndef EXPCLIP_HEAD_H
#define EXPCLIP_HEAD_H

#include "tensor/tensor.h"
#include "weights/weights.h"

typedef struct expclip__head {
    tensor_device *device; /* borrowed; always fp32, as the reference */
    tensor_linear *map;    /* dim -> projected_dim; NULL = no head */
    int32_t dim;
    int32_t projected_dim;
    uint64_t hash;
} expclip__head;

/**
 * Find the head's weight, [projected_dim, dim]: the one tensor whose name is
 * "mlp.weight" behind any prefix (the reference, test.py, looks for the same
 * part). *out is NULL when there is none; UNSUPPORTED when there are several.
 */
expclip_status expclip__head_find(const expclip__weight **out,
                                  const expclip__weights *ws,
                                  expclip_error *err);

/** SHAPE when its second dimension is not `dim`; NONFINITE. */
expclip_status expclip__head_load(expclip__head *out,
                                  const expclip__weights *ws,
                                  const expclip__weight *w, int32_t dim,
                                  tensor_device *device, int32_t check_finite,
                                  expclip_error *err);
/** The head of values [projected_dim, dim]. */
expclip_status expclip__head_create(expclip__head *out, const float *values,
                                    int32_t projected_dim, int32_t dim,
                                    tensor_device *device, expclip_error *err);
void expclip__head_clear(expclip__head *head);

/** in [n, dim] -> out [n, projected_dim]. */
expclip_status expclip__head_apply(const expclip__head *head, float *out,
                                   const float *in, size_t n,
                                   expclip_error *err);

#endif
