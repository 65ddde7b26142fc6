/* SPDX-License-Identifier: MIT */
/*
 * tensor.h - the seam: everything this library asks of its tensor runtime.
 *
 * Pure C and mechanical: no model knowledge, no file access, no defaults.
 * tensor_torch.cpp implements it on libtorch's stable C ABI; the tests also
 * have a plain C implementation to run the model code under sanitizers.
 *
 * A scope owns every temporary made in it. The first operation that fails
 * marks the scope, later ones do nothing and return NULL, and NULL tensors are
 * accepted as inputs of a marked scope: code reads like the formula and looks
 * once, at tensor_scope_end(). Shapes and types are checked here, before the
 * runtime sees them, so that a message names operation and shapes.
 *
 * Threads: a device and kept tensors may be shared; a scope belongs to the
 * thread that began it.
 */
#ifndef EXPCLIP_TENSOR_H
#define EXPCLIP_TENSOR_H

#include <expclip.h>

#include "base/dtype.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct tensor tensor;
typedef struct tensor_linear tensor_linear;
typedef struct tensor_device tensor_device;
typedef struct tensor_scope tensor_scope;

/* ---- device: where and how to compute ---- */

typedef struct tensor_device_options {
    const char *name;     /* "cpu" or "cuda:N" */
    expclip__dtype dtype; /* of weights and activations: F32 or BF16 */
    int32_t n_threads;    /* used by calls in a scope of this device, >= 1 */
    int32_t packed;       /* 1 = packed CPU weights where the runtime can */
} tensor_device_options;

/** Loads the runtime at the first call. ARGUMENT, BACKEND or MEMORY. */
expclip_status tensor_device_open(tensor_device **out,
                                  const tensor_device_options *options,
                                  expclip_error *err);
void tensor_device_close(tensor_device *device);
/** JSON object: runtime, version, path, whether weights are packed. Static
 * text; "{}" before the runtime was loaded. */
const char *tensor_runtime_info(void);

/* ---- scope: temporaries, the first error, the thread count ---- */

/** NULL when memory is out (then *err is filled). `err` must outlive it. */
tensor_scope *tensor_scope_begin(tensor_device *device, expclip_error *err);
/** Free all temporaries. @return OK, or the first failure (NULL: MEMORY) */
expclip_status tensor_scope_end(tensor_scope *scope);
/** 1 when an operation in the scope has failed. */
int tensor_scope_failed(const tensor_scope *scope);

/**
 * Free the temporaries made since `mark`, all but one, so that a loop needs no
 * more memory than one turn of it:
 *
 *     mark = tensor_scope_mark(s);
 *     for (...) {
 *         x = block(s, x);
 *         tensor_scope_release(s, mark, x);
 *     }
 *
 * A view keeps the memory of the tensor that it was made from.
 */
size_t tensor_scope_mark(const tensor_scope *s);
void tensor_scope_release(tensor_scope *s, size_t mark, const tensor *but);
/** Tests only: let the next operation of the process end by an exception:
 * 1 no memory, 2 an error with a text, 3 something unknown. */
void tensor_throw_next(int32_t what);

/* ---- copy in and out ---- */

/** A copy of floats, in the device's dtype. */
tensor *tensor_from_f32(tensor_scope *s, const float *data, int32_t n_dims,
                        const int64_t *shape);
/** A copy of bytes, dtype U8. */
tensor *tensor_from_u8(tensor_scope *s, const uint8_t *data, int32_t n_dims,
                       const int64_t *shape);
/** A copy of n indices, dtype I64, shape [n]. */
tensor *tensor_from_i64(tensor_scope *s, const int64_t *data, int64_t n);
/** All n elements as floats, row-major. */
void tensor_to_f32(tensor_scope *s, const tensor *t, float *out, int64_t n);
/** The same for a U8 tensor. */
void tensor_to_u8(tensor_scope *s, const tensor *t, uint8_t *out, int64_t n);
/** Take a tensor out of its scope; for tensor_free(). NULL when it failed. */
tensor *tensor_keep(tensor_scope *s, tensor *t);
/** Free a kept tensor; takes NULL. */
void tensor_free(tensor *t);
/** Size of one dimension; -1 as last one counts from the end. 0 for NULL. */
int64_t tensor_size(const tensor *t, int32_t dim);

/* ---- shape: no numbers change ---- */

tensor *tensor_reshape(tensor_scope *s, const tensor *t, int32_t n_dims,
                       const int64_t *shape);
/** order[i] = which dimension of t becomes dimension i. A view. */
tensor *tensor_permute(tensor_scope *s, const tensor *t, int32_t n_dims,
                       const int32_t *order);
/** Elements start .. start + length - 1 of a dimension. A view. */
tensor *tensor_narrow(tensor_scope *s, const tensor *t, int32_t dim,
                      int64_t start, int64_t length);
tensor *tensor_concat(tensor_scope *s, const tensor *a, const tensor *b,
                      int32_t dim);
/** Repeat dimensions of size 1. A view. */
tensor *tensor_expand(tensor_scope *s, const tensor *t, int32_t n_dims,
                      const int64_t *shape);
/** Rows of t (dimension 0) by index: [n, ...]. */
tensor *tensor_rows(tensor_scope *s, const tensor *t, const tensor *indices);

/* ---- arithmetic ---- */

/** a + b, shapes broadcast as usual. */
tensor *tensor_add(tensor_scope *s, const tensor *a, const tensor *b);
/** a * b, element by element; shapes are equal. */
tensor *tensor_multiply(tensor_scope *s, const tensor *a, const tensor *b);
/** The matrix product of [m, k] and [k, n]; views are fine. */
tensor *tensor_matmul(tensor_scope *s, const tensor *a, const tensor *b);
/** Over the last dimension; weight and bias [d]. */
tensor *tensor_layer_norm(tensor_scope *s, const tensor *x,
                          const tensor *weight, const tensor *bias, double eps);
/** x / sqrt(mean(x^2) + eps) * weight, over the last dimension. */
tensor *tensor_rms_norm(tensor_scope *s, const tensor *x, const tensor *weight,
                        double eps);
/**
 * softmax(q k^T / sqrt(d)) v, for q [n, h, tq, d] and k, v [n, h, tk, d].
 * With `causal` (tq == tk) position i sees positions 0..i.
 */
tensor *tensor_attention(tensor_scope *s, const tensor *q, const tensor *k,
                         const tensor *v, int causal);
/** softmax(q k^T + bias) v, not scaled: T5's. bias [1, h, tq, tk]. */
tensor *tensor_attention_biased(tensor_scope *s, const tensor *q,
                                const tensor *k, const tensor *v,
                                const tensor *bias);

typedef enum tensor_activation {
    TENSOR_IDENTITY,
    TENSOR_SILU,     /* x * sigmoid(x) */
    TENSOR_GELU,     /* x * Phi(x), exact */
    TENSOR_GELU_TANH /* the same by tanh, "gelu_new" */
} tensor_activation;

/**
 * Prepare x W^T + b for weight [n_out, n_in], row-major floats; bias [n_out]
 * or NULL. The floats are not kept.
 */
expclip_status tensor_linear_create(tensor_linear **out, tensor_device *device,
                                    const float *weight, const float *bias,
                                    int64_t n_out, int64_t n_in,
                                    expclip_error *err);
void tensor_linear_free(tensor_linear *linear);
/** activation(x W^T + b): [..., n_in] -> [..., n_out]. */
tensor *tensor_linear_apply(tensor_scope *s, const tensor_linear *linear,
                            const tensor *x, tensor_activation activation);
/** residual + x W^T + b. */
tensor *tensor_linear_add(tensor_scope *s, const tensor_linear *linear,
                          const tensor *x, const tensor *residual);

typedef enum tensor_filter {
    TENSOR_BILINEAR,
    TENSOR_BICUBIC /* a = -0.5, as Pillow */
} tensor_filter;

/**
 * Antialiased resize of the last two dimensions of [c, h, w]: U8 rounds to U8
 * as Pillow does, floats stay floats. align_corners is false.
 */
tensor *tensor_resize(tensor_scope *s, const tensor *t, int64_t height,
                      int64_t width, tensor_filter filter);

#ifdef __cplusplus
}
#endif

#endif
