/* SPDX-License-Identifier: MIT */
/*
 * scope.h - what the runtimes of tensor.h have in common.
 *
 * device.c, scope.c, copies.c and views.c implement the part of tensor.h that
 * does not compute: devices, temporaries, copies in and out, views. A runtime
 * implements the rest of tensor.h and the expclip__backend functions below.
 */
#ifndef EXPCLIP_TENSOR_SCOPE_H
#define EXPCLIP_TENSOR_SCOPE_H

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
    int64_t lowest; /* of the values of tensor_from_i64() */
    int64_t highest;
} expclip__form;

/** The first failure of a scope. */
typedef struct expclip__outcome {
    expclip_status status;
    expclip_error *err;
} expclip__outcome;

/** Mark the outcome and write its message, unless it is marked. */
int expclip__outcome_fail(expclip__outcome *o, expclip_status status,
                          const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/** Product of the sizes. */
int64_t expclip__count(int32_t n_dims, const int64_t *shape);
/** Steps, in elements, of row-major order. */
void expclip__row_major(int64_t *stride, int32_t n_dims, const int64_t *shape);

struct tensor_device {
    expclip__dtype dtype;
    int32_t n_threads;
    int32_t packed;     /* wanted; the runtime may clear it */
    int32_t cuda_index; /* -1 = cpu */
    int32_t type;       /* the runtime's numbers of the device */
    int32_t index;
};

struct tensor {
    expclip__form form;
    int64_t stride[EXPCLIP__MAX_DIMS]; /* elements */
    void *data;                        /* the runtime's */
};

struct tensor_scope {
    expclip__outcome outcome;
    tensor_device *device;
    tensor **temporaries;
    size_t n_temporaries;
    size_t capacity;
    int threads_before; /* the calling thread's settings, to be restored */
    int gradients_before;
    int entered; /* the gate: the runtime may be called */
};

/** A temporary of the scope; takes `data` over, also when it fails. */
tensor *expclip__scope_add(tensor_scope *s, void *data, expclip__dtype dtype,
                           int32_t n_dims, const int64_t *size,
                           const int64_t *stride);
/** Free the data of a kept tensor, from any thread and at any time. */
void expclip__data_free(void *data);
/** What tensor_throw_next() asked for, once; 0 otherwise. */
int32_t expclip__take_throw(void);

/* ---- implemented by the runtime ---- */

/** Load the runtime and find the device. */
expclip_status expclip__backend_open(tensor_device *device, const char *name,
                                     expclip_error *err);
/** Set what belongs to the calling thread, and restore it. */
void expclip__backend_enter(tensor_scope *s);
void expclip__backend_leave(tensor_scope *s);
/** Free a tensor's data; takes NULL. The caller is inside the gate. */
void expclip__backend_free(void *data);
/** A tensor of type `to`, from row-major numbers of type `from`. */
tensor *expclip__backend_copy_in(tensor_scope *s, const void *data,
                                 int32_t n_dims, const int64_t *shape,
                                 expclip__dtype from, expclip__dtype to);
/** The tensor's numbers in type `to`, row-major. */
void expclip__backend_copy_out(tensor_scope *s, const tensor *t, void *out,
                               expclip__dtype to);
/** t's numbers under another shape; `offset` counts elements from t's first. */
tensor *expclip__backend_view(tensor_scope *s, const tensor *t, int32_t n_dims,
                              const int64_t *size, const int64_t *stride,
                              int64_t offset);
/** t itself or a row-major copy; NULL after a failure. */
const tensor *expclip__backend_row_major(tensor_scope *s, const tensor *t);

#ifdef __cplusplus
}
#endif

#endif
