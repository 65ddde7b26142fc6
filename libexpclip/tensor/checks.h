/* SPDX-License-Identifier: MIT */
/*
 * checks.h - what each operation of tensor.h accepts, for any runtime.
 *
 * A check returns 1 when the operation may run. Otherwise it marks the scope,
 * with a message that names operation and shapes, and returns 0; in a scope
 * that is marked already, or NULL, it returns 0 and writes nothing.
 */
#ifndef EXPCLIP_TENSOR_CHECKS_H
#define EXPCLIP_TENSOR_CHECKS_H

#include "tensor/scope.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Inputs that are NULL in a scope without a failure are a failure. */
int expclip__check_inputs(tensor_scope *s, const char *operation,
                          const tensor *a, const tensor *b);
/** Shape of a new tensor or view. */
int expclip__check_shape(tensor_scope *s, const char *operation, int32_t n_dims,
                         const int64_t *shape);
int expclip__check_copy_out(tensor_scope *s, const char *operation,
                            const tensor *t, int64_t n);
int expclip__check_reshape(tensor_scope *s, const tensor *t, int32_t n_dims,
                           const int64_t *shape);
int expclip__check_permute(tensor_scope *s, const tensor *t, int32_t n_dims,
                           const int32_t *order);
int expclip__check_narrow(tensor_scope *s, const tensor *t, int32_t dim,
                          int64_t start, int64_t length);
int expclip__check_concat(tensor_scope *s, const tensor *a, const tensor *b,
                          int32_t dim);
int expclip__check_expand(tensor_scope *s, const tensor *t, int32_t n_dims,
                          const int64_t *shape);
int expclip__check_rows(tensor_scope *s, const tensor *t,
                        const tensor *indices);
int expclip__check_add(tensor_scope *s, const tensor *a, const tensor *b);
int expclip__check_matmul(tensor_scope *s, const tensor *a, const tensor *b);
int expclip__check_multiply(tensor_scope *s, const tensor *a, const tensor *b);
int expclip__check_rms_norm(tensor_scope *s, const tensor *x,
                            const tensor *weight);
int expclip__check_bias(tensor_scope *s, const tensor *q, const tensor *k,
                        const tensor *bias);
int expclip__check_layer_norm(tensor_scope *s, const tensor *x,
                              const tensor *weight, const tensor *bias);
int expclip__check_attention(tensor_scope *s, const tensor *q, const tensor *k,
                             const tensor *v, int causal);
/** `weight` is [n_out, n_in] in the type that x must have. */
int expclip__check_linear(tensor_scope *s, const char *operation,
                          const tensor *x, const expclip__form *weight);
int expclip__check_linear_add(tensor_scope *s, const tensor *x,
                              const expclip__form *weight,
                              const tensor *residual);
int expclip__check_resize(tensor_scope *s, const tensor *t, int64_t height,
                          int64_t width);

#ifdef __cplusplus
}
#endif

#endif
