/* SPDX-License-Identifier: MIT */
/*
 * tensor_torch.cpp - tensor.h on libtorch. The only file that sees libtorch.
 *
 * Only libtorch's stable C ABI is used (aoti_torch/c/shim.h, stable/c/shim.h;
 * target 2.10), and every function of it is found at run time, so one build
 * runs on any libtorch from 2.10 on.
 *
 * Shapes and types are checked (checks.h) before libtorch is called: 2.10 to
 * 2.12 print the trace of a failed call and do not hand out its text.
 */
#include "tensor/tensor.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include <new>
#include <stdexcept>
#include <type_traits>

#include <torch/csrc/inductor/aoti_torch/c/shim.h>
#include <torch/csrc/inductor/aoti_torch/generated/c_shim_aten.h>
#include <torch/csrc/stable/c/shim.h>

extern "C" {
#include "base/alloc.h"
#include "base/error.h"
}
#include "tensor/checks.h"
#include "tensor/runtime.h"

#define MAX_DIMS EXPCLIP__MAX_DIMS
#define MAX_ARGUMENTS 8 /* of an operator that is called by name */

/* ---- libtorch's functions ---- */

/* Those that every libtorch from 2.10 on has. */
#define REQUIRED(X)                                                            \
    X(aoti_torch_device_type_cpu)                                              \
    X(aoti_torch_device_type_cuda)                                             \
    X(aoti_torch_dtype_float32)                                                \
    X(aoti_torch_dtype_bfloat16)                                               \
    X(aoti_torch_dtype_uint8)                                                  \
    X(aoti_torch_dtype_int64)                                                  \
    X(aoti_torch_abi_version)                                                  \
    X(aoti_torch_grad_mode_is_enabled)                                         \
    X(aoti_torch_grad_mode_set_enabled)                                        \
    X(aoti_torch_delete_tensor_object)                                         \
    X(aoti_torch_new_tensor_handle)                                            \
    X(aoti_torch_get_dim)                                                      \
    X(aoti_torch_get_sizes)                                                    \
    X(aoti_torch_get_strides)                                                  \
    X(aoti_torch__reinterpret_tensor)                                          \
    X(aoti_torch_empty_strided)                                                \
    X(aoti_torch_create_tensor_from_blob)                                      \
    X(aoti_torch_copy_)                                                        \
    X(aoti_torch_aten_subtract_Tensor)                                         \
    X(torch_call_dispatcher)                                                   \
    X(torch_get_num_threads)                                                   \
    X(torch_new_list_reserve_size)                                             \
    X(torch_list_push_back)                                                    \
    X(torch_new_string_handle)

/*
 * Those that only some have. The two for packed weights are spelled out from
 * aoti_torch/c/shim_cpu.h, which cannot be included for a target version.
 */
typedef AOTITorchError
linear_pointwise(AtenTensorHandle x, AtenTensorHandle weight,
                 AtenTensorHandle *bias, const char *activation,
                 const double **scalars, int64_t n_scalars,
                 const char **algorithm, AtenTensorHandle *out);
typedef AOTITorchError linear_binary(AtenTensorHandle x, AtenTensorHandle other,
                                     AtenTensorHandle weight,
                                     AtenTensorHandle *bias,
                                     const char *operation,
                                     AtenTensorHandle *out);

struct torch_functions {
#define FIELD(name) decltype(&::name) name;
    REQUIRED(FIELD)
#undef FIELD
    linear_pointwise *packed_linear;     /* NULL without oneDNN */
    linear_binary *packed_linear_binary; /* NULL without oneDNN */
    const char *(*error_text)(void);     /* 2.13 and later, else NULL */
    void (*set_n_threads)(int);          /* of its OpenMP, else NULL */
    int (*get_n_threads)(void);
};

static torch_functions torch_;
static pthread_mutex_t load_lock = PTHREAD_MUTEX_INITIALIZER;
static int loaded;
static char runtime_info[1024] = "{}";

template <typename function>
static void find(function &out, void *handle, const char *name)
{
    out = reinterpret_cast<function>(dlsym(handle, name));
}

static expclip_status find_functions(void *handle, expclip_error *err)
{
    const char *missing = NULL;

#define FIND(name)                                                             \
    find(torch_.name, handle, #name);                                          \
    if (!torch_.name && !missing)                                              \
        missing = #name;
    REQUIRED(FIND)
#undef FIND
    if (missing)
        return expclip__fail(err, EXPCLIP_ERROR_BACKEND,
                             "libtorch: no function %s; 2.10 or newer is "
                             "needed",
                             missing);
    find(torch_.packed_linear, handle, "aoti_torch_cpu__linear_pointwise");
    find(torch_.packed_linear_binary, handle,
         "aoti_torch_cpu__linear_pointwise_binary");
    find(torch_.error_text, handle,
         "torch_exception_get_what_without_backtrace");
    find(torch_.set_n_threads, handle, "omp_set_num_threads");
    find(torch_.get_n_threads, handle, "omp_get_max_threads");
    return EXPCLIP_OK;
}

static int can_pack(void)
{
    return torch_.packed_linear && torch_.packed_linear_binary;
}

/* The ABI version is major, minor, patch in the upper three bytes. */
static void write_runtime_info(void)
{
    const uint64_t version = torch_.aoti_torch_abi_version();
    char folder[512];

    expclip__runtime_folder(
        folder, sizeof(folder),
        reinterpret_cast<void *>(torch_.torch_call_dispatcher));
    snprintf(runtime_info, sizeof(runtime_info),
             "{\"libtorch\": \"%d.%d.%d\", \"folder\": \"%s\", "
             "\"packed_weights\": %s}",
             (int)(version >> 56), (int)(version >> 48 & 255),
             (int)(version >> 40 & 255), folder, can_pack() ? "true" : "false");
}

static expclip_status load_runtime(expclip_error *err)
{
    void *handle = NULL;
    expclip_status status = EXPCLIP_OK;

    pthread_mutex_lock(&load_lock);
    if (!loaded) {
        status = expclip__runtime_open(&handle, err);
        if (!status)
            status = find_functions(handle, err);
        if (!status) {
            write_runtime_info();
            loaded = 1;
        }
    }
    pthread_mutex_unlock(&load_lock);
    return status;
}

const char *tensor_runtime_info(void)
{
    int is_loaded;

    pthread_mutex_lock(&load_lock);
    is_loaded = loaded;
    pthread_mutex_unlock(&load_lock);
    return is_loaded ? runtime_info : "{}";
}

static int32_t torch_dtype(expclip__dtype dtype)
{
    switch (dtype) {
    case EXPCLIP__BF16:
        return torch_.aoti_torch_dtype_bfloat16();
    case EXPCLIP__U8:
        return torch_.aoti_torch_dtype_uint8();
    case EXPCLIP__I64:
        return torch_.aoti_torch_dtype_int64();
    default:
        return torch_.aoti_torch_dtype_float32();
    }
}

/* ---- objects ---- */

struct tensor_linear {
    expclip__form form;      /* of the weight: [n_out, n_in] */
    AtenTensorHandle weight; /* packed or plain */
    AtenTensorHandle bias;   /* [n_out] or NULL */
    int packed;
};

/* ---- calling libtorch ---- */

static AtenTensorHandle handle_of(const tensor *t)
{
    return static_cast<AtenTensorHandle>(t->data);
}

static void throw_if_asked(void)
{
    switch (expclip__take_throw()) {
    case 1:
        throw std::bad_alloc();
    case 2:
        throw std::runtime_error("asked for by a test");
    case 3:
        throw 3;
    default:
        break;
    }
}

/* A call of libtorch went wrong: its own words, where it keeps them. */
static void fail_torch(expclip__outcome *o, const char *operation)
{
    const char *why = torch_.error_text ? torch_.error_text() : NULL;
    const int memory =
        why && (strstr(why, "allocate memory") || strstr(why, "out of memory"));

    expclip__outcome_fail(o,
                          memory ? EXPCLIP_ERROR_MEMORY : EXPCLIP_ERROR_BACKEND,
                          "libtorch: %s: %s", operation, why ? why : "failed");
}

/*
 * Call libtorch. Its C functions return a code and let nothing out; whatever
 * comes out all the same stops here. @return whether it went well
 */
template <typename function>
static bool attempt(expclip__outcome *o, const char *operation, function f)
{
    if (o->status)
        return false;
    try {
        throw_if_asked();
        if (f() == AOTI_TORCH_SUCCESS)
            return true;
        fail_torch(o, operation);
    } catch (const std::bad_alloc &) {
        expclip__outcome_fail(o, EXPCLIP_ERROR_MEMORY, "%s: out of memory",
                              operation);
    } catch (const std::exception &e) {
        expclip__outcome_fail(o, EXPCLIP_ERROR_BACKEND, "%s: %s", operation,
                              e.what());
    } catch (...) {
        expclip__outcome_fail(o, EXPCLIP_ERROR_INTERNAL,
                              "%s: unknown exception", operation);
    }
    return false;
}

static void drop(AtenTensorHandle handle)
{
    if (handle)
        torch_.aoti_torch_delete_tensor_object(handle);
}

/* Arguments of an operator called by name. Each is packed into 64 bits; the
 * dispatcher takes over the handles, lists and boxes among them. */
struct arguments {
    expclip__outcome *outcome;
    const char *operation;
    StableIValue value[MAX_ARGUMENTS];
    size_t n;
};

struct none {
}; /* an optional argument that is not given */

struct optional { /* a tensor that may be NULL */
    AtenTensorHandle handle;
};

struct integers {
    const int64_t *values;
    size_t n;
};

template <typename type> static void push_bits(arguments *a, type x)
{
    static_assert(sizeof(x) <= sizeof(a->value[0]), "fits a StableIValue");
    a->value[a->n] = 0;
    memcpy(&a->value[a->n++], &x, sizeof(x));
}

template <typename number>
requires std::is_arithmetic_v<number>
static void push(arguments *a, number x)
{
    push_bits(a, x);
}

static void push(arguments *a, none)
{
    push_bits<void *>(a, NULL);
}

static void push(arguments *a, AtenTensorHandle handle)
{
    AtenTensorHandle own = NULL;

    attempt(a->outcome, a->operation,
            [&] { return torch_.aoti_torch_new_tensor_handle(handle, &own); });
    push_bits(a, own);
}

static void push(arguments *a, const tensor *t)
{
    push(a, handle_of(t));
}

/* An optional argument that is given is a box that libtorch deletes. */
static void push(arguments *a, optional t)
{
    StableIValue *box = NULL;

    if (!t.handle) {
        push(a, none());
        return;
    }
    push(a, t.handle);
    attempt(a->outcome, a->operation, [&] {
        box = new StableIValue(a->value[--a->n]);
        return AOTI_TORCH_SUCCESS;
    });
    push_bits(a, box);
}

static void push(arguments *a, integers list)
{
    StableListHandle handle = NULL;

    attempt(a->outcome, a->operation, [&] {
        return torch_.torch_new_list_reserve_size(list.n, &handle);
    });
    for (size_t i = 0; i < list.n; i++)
        attempt(a->outcome, a->operation, [&] {
            return torch_.torch_list_push_back(handle,
                                               (uint64_t)list.values[i]);
        });
    push_bits(a, handle);
}

static void push(arguments *a, const char *text)
{
    StringHandle handle = NULL;

    attempt(a->outcome, a->operation, [&] {
        return torch_.torch_new_string_handle(text, strlen(text), &handle);
    });
    push_bits(a, handle);
}

/* Call an operator by name. Its one result is the caller's; NULL after a
 * failure. What was pushed before a push that failed is lost: memory is out
 * then. */
template <typename... types>
static AtenTensorHandle call(expclip__outcome *outcome, const char *operation,
                             types... values)
{
    arguments a = { outcome, operation, {}, 0 };
    AtenTensorHandle handle = NULL;

    static_assert(sizeof...(values) <= MAX_ARGUMENTS, "they fit");
    (push(&a, values), ...);
    if (attempt(outcome, operation, [&] {
            return torch_.torch_call_dispatcher(operation, "", a.value,
                                                TORCH_ABI_VERSION);
        }))
        memcpy(&handle, &a.value[0], sizeof(handle));
    return handle;
}

/* Give a handle to the scope; NULL stays NULL, with the reason written. */
static tensor *own(tensor_scope *s, AtenTensorHandle handle,
                   expclip__dtype dtype)
{
    int64_t n_dims = 0, *sizes, *strides;

    if (!handle)
        return NULL;
    torch_.aoti_torch_get_dim(handle, &n_dims);
    torch_.aoti_torch_get_sizes(handle, &sizes);
    torch_.aoti_torch_get_strides(handle, &strides);
    return expclip__scope_add(s, handle, dtype, (int32_t)n_dims, sizes,
                              strides);
}

/* call(), its result given to the scope. */
template <typename... types>
static tensor *compute(tensor_scope *s, expclip__dtype dtype,
                       const char *operation, types... values)
{
    return own(s, call(&s->outcome, operation, values...), dtype);
}

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
    expclip_status status = load_runtime(err);

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

tensor *tensor_attention(tensor_scope *s, const tensor *q, const tensor *k,
                         const tensor *v, int causal)
{
    if (!expclip__check_attention(s, q, k, v, causal))
        return NULL;
    return compute(s, q->form.dtype, "aten::scaled_dot_product_attention", q, k,
                   v, none() /* mask */, 0.0 /* dropout */, causal != 0,
                   none() /* scale: 1 / sqrt(d) */, false /* enable_gqa */);
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
    drop(linear->weight);
    drop(linear->bias);
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
    return y;
}

tensor *tensor_linear_apply(tensor_scope *s, const tensor_linear *linear,
                            const tensor *x, tensor_activation activation)
{
    static const char *const names[] = { "none", "swish", "gelu" };
    const char *algorithm = "none"; /* exact GELU, not by tanh */
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
            activation == TENSOR_GELU ? &algorithm : NULL, &handle);
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
