/* SPDX-License-Identifier: MIT */
/*
 * checks.h - what each operation of tensor.h accepts, for any runtime.
 *
 * A check returns 1 when the operation may run. Otherwise it marks the
 * outcome, with a message that names operation and shapes, and returns 0; in
 * an outcome that is marked already it returns 0 and writes nothing.
 */
#ifndef EXPCLIP_TENSOR_CHECKS_H
#define EXPCLIP_TENSOR_CHECKS_H

#include "tensor/tensor.h"

#ifdef __cplusplus
extern "C" {
#endif

#define EXPCLIP__MAX_DIMS 8

/** What a tensor looks like from outside. */
typedef struct expclip__form {
    expclip__dtype dtype; /* F32, BF16, U8 or I64 */
    int32_t n_dims;
    int64_t size[EXPCLIP__MAX_DIMS];
} expclip__form;

/** The first failure of a scope. */
typedef struct expclip__outcome {
    expclip_status status;
    expclip_error *err;
} expclip__outcome;

/** Mark the outcome and write its message, unless it is marked. */
void expclip__outcome_fail(expclip__outcome *o, expclip_status status,
                           const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/** Product of the sizes. */
int64_t expclip__count(int32_t n_dims, const int64_t *shape);
/** Steps, in elements, of row-major order. */
void expclip__row_major(int64_t *stride, int32_t n_dims, const int64_t *shape);

/** Inputs that are NULL in an outcome without a failure are a failure. */
int expclip__check_inputs(expclip__outcome *o, const char *operation,
                          const expclip__form *a, const expclip__form *b);
/** Shape of a new tensor or view. */
int expclip__check_shape(expclip__outcome *o, const char *operation,
                         int32_t n_dims, const int64_t *shape);
int expclip__check_copy_out(expclip__outcome *o, const char *operation,
                            const expclip__form *t, int64_t n);
int expclip__check_reshape(expclip__outcome *o, const expclip__form *t,
                           int32_t n_dims, const int64_t *shape);
int expclip__check_permute(expclip__outcome *o, const expclip__form *t,
                           int32_t n_dims, const int32_t *order);
int expclip__check_narrow(expclip__outcome *o, const expclip__form *t,
                          int32_t dim, int64_t start, int64_t length);
int expclip__check_concat(expclip__outcome *o, const expclip__form *a,
                          const expclip__form *b, int32_t dim);
int expclip__check_expand(expclip__outcome *o, const expclip__form *t,
                          int32_t n_dims, const int64_t *shape);
int expclip__check_rows(expclip__outcome *o, const expclip__form *t,
                        const expclip__form *indices);
int expclip__check_add(expclip__outcome *o, const expclip__form *a,
                       const expclip__form *b);
int expclip__check_layer_norm(expclip__outcome *o, const expclip__form *x,
                              const expclip__form *weight,
                              const expclip__form *bias);
int expclip__check_attention(expclip__outcome *o, const expclip__form *q,
                             const expclip__form *k, const expclip__form *v,
                             int causal);
/** `weight` is [n_out, n_in] in the type that x must have. */
int expclip__check_linear(expclip__outcome *o, const char *operation,
                          const expclip__form *x, const expclip__form *weight);
int expclip__check_linear_add(expclip__outcome *o, const expclip__form *x,
                              const expclip__form *weight,
                              const expclip__form *residual);
int expclip__check_resize(expclip__outcome *o, const expclip__form *t,
                          int64_t height, int64_t width);

#ifdef __cplusplus
}
#endif

#endif
