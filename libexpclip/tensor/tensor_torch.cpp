/* SPDX-License-Identifier: MIT */
/*
 * tensor_torch.cpp - where torch is called: tensor.h, operation by operation.
 */
#include "tensor/tensor.h"

#include <string.h>

extern "C" {
#include "base/alloc.h"
#include "base/error.h"
}
#include "tensor/checks.h"
#include "tensor/runtime.h"
#include "tensor/torch_call.h"

#define MAX_DIMS EXPCLIP__MAX_DIMS

/* ---- objects ---- */

struct tensor_linear {
    expclip__form form;      /* of the weight: [n_out, n_in] */
    AtenTensorHandle weight; /* packed or plain */
    AtenTensorHandle bias;   /* [n_out] or NULL */
    int packed;
};

/* ---- device ---- */

/* libtorch's CUDA part is loaded only here; a small tensor shows whether the
 * GPU is there. */
static expclip_status open_cuda(tensor_device *d, const char *name,
                                expclip_error *err)
{
    const int64_t one = 1;
    expclip__outcome outcome = { EXPCLIP_OK, err };
    AtenTensorHandle handle = NULL;
    expclip_status status = expclip__runtime_open_more(
        "libtorch_cuda.so",
        reinterpret_cast<void *>(torch_.torch_call_dispatcher), err);

    if (status)
        return status;
    d->type = torch_.aoti_torch_device_type_cuda();
    d->index = d->cuda_index;
    d->packed = 0;
    attempt(&outcome, name, [&] {
        return torch_.aoti_torch_empty_strided(1, &one, &one,
                                               torch_dtype(EXPCLIP__F32),
                                               d->type, d->index, &handle);
    });
    drop(handle);
    return outcome.status;
}

expclip_status expclip__backend_open(tensor_device *device, const char *name,
                                     expclip_error *err)
{
    expclip_status status = load_torch(err);

    if (status)
        return status;
    if (device->cuda_index >= 0)
        return open_cuda(device, name, err);
    device->type = torch_.aoti_torch_device_type_cpu();
    device->packed = device->packed && can_pack();
    return EXPCLIP_OK;
}

/* ---- scopes and memory ---- */

/*
 * OpenMP's thread count belongs to the calling thread. libtorch sets it once
 * in each thread, when it first asks: let it do so before ours is set.
 */
void expclip__backend_enter(tensor_scope *s)
{
    uint32_t ignored;

    s->gradients_before = torch_.aoti_torch_grad_mode_is_enabled();
    torch_.aoti_torch_grad_mode_set_enabled(false);
    if (!torch_.set_n_threads || !torch_.get_n_threads)
        return;
    torch_.torch_get_num_threads(&ignored);
    s->threads_before = torch_.get_n_threads();
    torch_.set_n_threads(s->device->n_threads);
}

void expclip__backend_leave(tensor_scope *s)
{
    torch_.aoti_torch_grad_mode_set_enabled(s->gradients_before != 0);
    if (s->threads_before)
        torch_.set_n_threads(s->threads_before);
}

void expclip__backend_free(void *data)
{
    drop(static_cast<AtenTensorHandle>(data));
}

/* A new tensor on the device, not filled; NULL after a failure. */
static AtenTensorHandle empty(tensor_scope *s, int32_t n_dims,
                              const int64_t *shape, expclip__dtype dtype)
{
    int64_t stride[MAX_DIMS];
    AtenTensorHandle handle = NULL;

    expclip__row_major(stride, n_dims, shape);
    attempt(&s->outcome, "empty tensor", [&] {
        return torch_.aoti_torch_empty_strided(
            n_dims, shape, stride, torch_dtype(dtype), s->device->type,
            s->device->index, &handle);
    });
    return handle;
}

/* Memory of the caller as a row-major tensor on the CPU, without a copy. */
static AtenTensorHandle borrow(tensor_scope *s, const void *data,
                               int32_t n_dims, const int64_t *shape,
                               expclip__dtype dtype)
{
    int64_t stride[MAX_DIMS];
    AtenTensorHandle handle = NULL;

    expclip__row_major(stride, n_dims, shape);
    attempt(&s->outcome, "tensor of memory", [&] {
        return torch_.aoti_torch_create_tensor_from_blob(
            const_cast<void *>(data), n_dims, shape, stride, 0,
            torch_dtype(dtype), torch_.aoti_torch_device_type_cpu(), 0,
            &handle);
    });
    return handle;
}

static void copy(tensor_scope *s, AtenTensorHandle to, AtenTensorHandle from)
{
    attempt(&s->outcome, "copy", /* between devices and dtypes, too */
            [&] { return torch_.aoti_torch_copy_(to, from, 0); });
}

/* A copy of the caller's numbers on the device; NULL after a failure. */
static AtenTensorHandle copy_in(tensor_scope *s, const void *data,
                                int32_t n_dims, const int64_t *shape,
                                expclip__dtype from, expclip__dtype to)
{
    AtenTensorHandle handle = empty(s, n_dims, shape, to);
    AtenTensorHandle source = borrow(s, data, n_dims, shape, from);

    copy(s, handle, source);
    drop(source);
    if (!s->outcome.status)
        return handle;
    drop(handle);
    return NULL;
}

tensor *expclip__backend_copy_in(tensor_scope *s, const void *data,
                                 int32_t n_dims, const int64_t *shape,
                                 expclip__dtype from, expclip__dtype to)
{
    return own(s, copy_in(s, data, n_dims, shape, from, to), to);
}

void expclip__backend_copy_out(tensor_scope *s, const tensor *t, void *out,
                               expclip__dtype to)
{
    AtenTensorHandle target = borrow(s, out, t->form.n_dims, t->form.size, to);

    copy(s, target, handle_of(t));
    drop(target);
}

tensor *expclip__backend_view(tensor_scope *s, const tensor *t, int32_t n_dims,
                              const int64_t *size, const int64_t *stride,
                              int64_t offset)
{
    AtenTensorHandle handle = NULL;

    attempt(&s->outcome, "view", [&] {
        return torch_.aoti_torch__reinterpret_tensor(handle_of(t), n_dims, size,
                                                     stride, offset, &handle);
    });
    return own(s, handle, t->form.dtype);
}

const tensor *expclip__backend_row_major(tensor_scope *s, const tensor *t)
{
    int64_t stride[MAX_DIMS];
    tensor *c;

    expclip__row_major(stride, t->form.n_dims, t->form.size);
    if (memcmp(stride, t->stride, (size_t)t->form.n_dims * sizeof(*stride)) ==
        0)
        return t;
    c = own(s, empty(s, t->form.n_dims, t->form.size, t->form.dtype),
            t->form.dtype);
    if (c)
        copy(s, handle_of(c), handle_of(t));
    return s->outcome.status ? NULL : c;
}

/* ---- arithmetic ---- */

tensor *tensor_concat(tensor_scope *s, const tensor *a, const tensor *b,
                      int32_t dim)
{
    const tensor *left, *right;
    int64_t size[MAX_DIMS];
    tensor *t;

    if (!expclip__check_concat(s, a, b, dim))
        return NULL;
    memcpy(size, a->form.size, sizeof(size));
    size[dim] += b->form.size[dim];
    t = own(s, empty(s, a->form.n_dims, size, a->form.dtype), a->form.dtype);
    left = tensor_narrow(s, t, dim, 0, a->form.size[dim]);
    right = tensor_narrow(s, t, dim, a->form.size[dim], b->form.size[dim]);
    if (!left || !right)
        return NULL;
    copy(s, handle_of(left), handle_of(a));
    copy(s, handle_of(right), handle_of(b));
    return s->outcome.status ? NULL : t;
}

tensor *tensor_rows(tensor_scope *s, const tensor *t, const tensor *indices)
{
    if (!expclip__check_rows(s, t, indices))
        return NULL;
    return compute(s, t->form.dtype, "aten::index_select", t, INT64_C(0),
                   indices);
}

tensor *tensor_add(tensor_scope *s, const tensor *a, const tensor *b)
{
    AtenTensorHandle handle = NULL;

    if (!expclip__check_add(s, a, b))
        return NULL;
    /* a - (-1) b: the shim has no plain addition. */
    attempt(&s->outcome, "add", [&] {
        return torch_.aoti_torch_aten_subtract_Tensor(
            handle_of(a), handle_of(b), -1.0, &handle);
    });
    return own(s, handle, a->form.dtype);
}

tensor *tensor_multiply(tensor_scope *s, const tensor *a, const tensor *b)
{
    if (!expclip__check_multiply(s, a, b))
        return NULL;
    return compute(s, a->form.dtype, "aten::mul.Tensor", a, b);
}

tensor *tensor_matmul(tensor_scope *s, const tensor *a, const tensor *b)
{
    if (!expclip__check_matmul(s, a, b))
        return NULL;
    return compute(s, a->form.dtype, "aten::mm", a, b);
}

tensor *tensor_layer_norm(tensor_scope *s, const tensor *x,
                          const tensor *weight, const tensor *bias, double eps)
{
    if (!expclip__check_layer_norm(s, x, weight, bias))
        return NULL;
    return compute(s, x->form.dtype, "aten::layer_norm", x,
                   integers{ weight->form.size, 1 },
                   optional{ handle_of(weight) }, optional{ handle_of(bias) },
                   eps, false /* cudnn_enable, without effect */);
}

tensor *tensor_rms_norm(tensor_scope *s, const tensor *x, const tensor *weight,
                        double eps)
{
    if (!expclip__check_rms_norm(s, x, weight))
        return NULL;
    return compute(s, x->form.dtype, "aten::rms_norm", x,
                   integers{ weight->form.size, 1 },
                   optional{ handle_of(weight) }, optional_real{ eps });
}

tensor *tensor_attention(tensor_scope *s, const tensor *q, const tensor *k,
                         const tensor *v, int causal)
{
    if (!expclip__check_attention(s, q, k, v, causal))
        return NULL;
    return compute(s, q->form.dtype, "aten::scaled_dot_product_attention", q, k,
                   v, none() /* mask */, 0.0 /* dropout */, causal != 0,
                   none() /* scale: 1 / sqrt(d) */, false /* enable_gqa */);
}

tensor *tensor_attention_biased(tensor_scope *s, const tensor *q,
                                const tensor *k, const tensor *v,
                                const tensor *bias)
{
    if (!expclip__check_attention(s, q, k, v, 0) ||
        !expclip__check_bias(s, q, k, bias))
        return NULL;
    return compute(s, q->form.dtype, "aten::scaled_dot_product_attention", q, k,
                   v, optional{ handle_of(bias) }, 0.0 /* dropout */,
                   false /* causal */, optional_real{ 1.0 } /* scale */,
                   false /* enable_gqa */);
}

tensor *tensor_resize(tensor_scope *s, const tensor *t, int64_t height,
                      int64_t width, tensor_filter filter)
{
    int64_t size[] = { 1, 0, 0, 0 };
    const int64_t to[] = { height, width };

    if (!expclip__check_resize(s, t, height, width))
        return NULL;
    memcpy(size + 1, t->form.size, 3 * sizeof(*size));
    t = tensor_reshape(s, t, 4, size);
    if (!t)
        return NULL;
    t = compute(s, t->form.dtype,
                filter == TENSOR_BILINEAR ? "aten::_upsample_bilinear2d_aa"
                                          : "aten::_upsample_bicubic2d_aa",
                t, integers{ to, 2 }, false /* align_corners */,
                none() /* scales: from the sizes */, none());
    memcpy(size + 2, to, sizeof(to));
    return tensor_reshape(s, t, 3, size + 1);
}

/* ---- linear maps ---- */

/*
 * Bring a weight into the order that oneDNN's matrix kernels read and free the
 * plain one. Where oneDNN does not take it (a type that this CPU lacks), it
 * stays plain.
 */
static void pack_weight(tensor_linear *linear)
{
    expclip__outcome ignored = {};
    AtenTensorHandle packed =
        call(&ignored, "mkldnn::_reorder_linear_weight", linear->weight,
             none() /* batch size: any */);

    if (!packed)
        return;
    drop(linear->weight);
    linear->weight = packed;
    linear->packed = 1;
}

static void load_linear(tensor_scope *s, tensor_linear *linear,
                        const float *weight, const float *bias)
{
    const expclip__dtype dtype = s->device->dtype;

    linear->weight =
        copy_in(s, weight, 2, linear->form.size, EXPCLIP__F32, dtype);
    if (bias)
        linear->bias =
            copy_in(s, bias, 1, linear->form.size, EXPCLIP__F32, dtype);
    if (s->device->packed && !s->outcome.status)
        pack_weight(linear);
}

expclip_status tensor_linear_create(tensor_linear **out, tensor_device *device,
                                    const float *weight, const float *bias,
                                    int64_t n_out, int64_t n_in,
                                    expclip_error *err)
{
    tensor_linear *linear =
        static_cast<tensor_linear *>(expclip__alloc_zero(1, sizeof(*linear)));
    tensor_scope *s;
    expclip_status status;

    if (!linear)
        return expclip__fail_memory(err, "linear map");
    linear->form = { device->dtype, 2, { n_out, n_in }, 0, 0 };
    s = tensor_scope_begin(device, err);
    if (expclip__check_shape(s, "tensor_linear_create", 2, linear->form.size))
        load_linear(s, linear, weight, bias);
    status = tensor_scope_end(s);
    if (status)
        tensor_linear_free(linear);
    else
        *out = linear;
    return status;
}

void tensor_linear_free(tensor_linear *linear)
{
    if (!linear)
        return;
    expclip__data_free(linear->weight);
    expclip__data_free(linear->bias);
    expclip__free(linear);
}

/* The portable twin of the packed path. */
static tensor *plain_linear(tensor_scope *s, const tensor_linear *linear,
                            const tensor *x, tensor_activation activation)
{
    const expclip__dtype dtype = x->form.dtype;
    tensor *y = compute(s, dtype, "aten::linear", x, linear->weight,
                        optional{ linear->bias });

    if (y && activation == TENSOR_SILU)
        return compute(s, dtype, "aten::silu", y);
    if (y && activation == TENSOR_GELU)
        return compute(s, dtype, "aten::gelu", y, "none" /* exact */);
    if (y && activation == TENSOR_GELU_TANH)
        return compute(s, dtype, "aten::gelu", y, "tanh");
    return y;
}

tensor *tensor_linear_apply(tensor_scope *s, const tensor_linear *linear,
                            const tensor *x, tensor_activation activation)
{
    static const char *const names[] = { "none", "swish", "gelu", "gelu" };
    const char *algorithm = activation == TENSOR_GELU ? "none" : "tanh";
    AtenTensorHandle handle = NULL, bias;

    if (!expclip__check_linear(s, "tensor_linear_apply", x,
                               linear ? &linear->form : NULL))
        return NULL;
    if (!linear->packed)
        return plain_linear(s, linear, x, activation);
    bias = linear->bias;
    attempt(&s->outcome, "linear", [&] {
        return torch_.packed_linear(
            handle_of(x), linear->weight, bias ? &bias : NULL,
            names[activation], NULL, 0,
            activation >= TENSOR_GELU ? &algorithm : NULL, &handle);
    });
    return own(s, handle, x->form.dtype);
}

tensor *tensor_linear_add(tensor_scope *s, const tensor_linear *linear,
                          const tensor *x, const tensor *residual)
{
    AtenTensorHandle handle = NULL, bias;

    if (!expclip__check_linear_add(s, x, linear ? &linear->form : NULL,
                                   residual))
        return NULL;
    if (!linear->packed)
        return tensor_add(s, plain_linear(s, linear, x, TENSOR_IDENTITY),
                          residual);
    bias = linear->bias;
    residual = expclip__backend_row_major(s, residual);
    if (!residual)
        return NULL;
    attempt(&s->outcome, "linear and add", [&] {
        return torch_.packed_linear_binary(handle_of(x), handle_of(residual),
                                           linear->weight, bias ? &bias : NULL,
                                           "add", &handle);
    });
    return own(s, handle, x->form.dtype);
}
