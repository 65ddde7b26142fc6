/* SPDX-License-Identifier: MIT */
/*
 * tensor_torch.cpp - tensor.h on libtorch. The only file that sees libtorch.
 *
 * Only libtorch's stable C ABI is used (aoti_torch/c/shim.h, stable/c/shim.h;
 * target 2.10), and every function of it is found at run time, so one build
 * runs on any libtorch from 2.10 on. Its functions catch exceptions and return
 * a code; nothing here throws.
 *
 * Shapes and types are checked before libtorch is called: 2.10 to 2.12 print
 * the trace of a failed call and do not hand out its text.
 *
 * Views (reshape, permute, narrow, expand) are computed here, from sizes and
 * strides, without a call of the dispatcher.
 */
#include "tensor/tensor.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <new>

#include <torch/csrc/inductor/aoti_torch/c/shim.h>
#include <torch/csrc/inductor/aoti_torch/generated/c_shim_aten.h>
#include <torch/csrc/stable/c/shim.h>

extern "C" {
#include "base/alloc.h"
#include "base/error.h"
}
#include "tensor/runtime.h"

#define MAX_DIMS 8
#define MAX_ARGUMENTS 8 /* of an operator that is called by name */

/* ---- libtorch's functions ---- */

/* Those that every libtorch from 2.10 on has. */
#define REQUIRED(X)                        \
    X(aoti_torch_device_type_cpu)          \
    X(aoti_torch_device_type_cuda)         \
    X(aoti_torch_dtype_float32)            \
    X(aoti_torch_dtype_bfloat16)           \
    X(aoti_torch_dtype_uint8)              \
    X(aoti_torch_dtype_int64)              \
    X(aoti_torch_abi_version)              \
    X(aoti_torch_grad_mode_is_enabled)     \
    X(aoti_torch_grad_mode_set_enabled)    \
    X(aoti_torch_delete_tensor_object)     \
    X(aoti_torch_new_tensor_handle)        \
    X(aoti_torch_get_dim)                  \
    X(aoti_torch_get_sizes)                \
    X(aoti_torch_get_strides)              \
    X(aoti_torch__reinterpret_tensor)      \
    X(aoti_torch_empty_strided)            \
    X(aoti_torch_create_tensor_from_blob)  \
    X(aoti_torch_copy_)                    \
    X(aoti_torch_aten_subtract_Tensor)     \
    X(torch_call_dispatcher)               \
    X(torch_new_list_reserve_size)         \
    X(torch_list_push_back)                \
    X(torch_delete_list)                   \
    X(torch_new_string_handle)

/*
 * Those that only some have. The two for packed weights are spelled out from
 * aoti_torch/c/shim_cpu.h, which cannot be included for a target version.
 */
typedef AOTITorchError linear_pointwise(
    AtenTensorHandle x, AtenTensorHandle weight, AtenTensorHandle *bias,
    const char *activation, const double **scalars, int64_t n_scalars,
    const char **algorithm, AtenTensorHandle *out);
typedef AOTITorchError linear_binary(AtenTensorHandle x,
                                     AtenTensorHandle other,
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

#define FIND(name)                          \
    find(torch_.name, handle, #name);       \
    if (!torch_.name && !missing)           \
        missing = #name;
    REQUIRED(FIND)
#undef FIND
    if (missing)
        return expclip__fail(err, EXPCLIP_ERROR_BACKEND,
                             "libtorch: no function %s; 2.10 or newer is "
                             "needed", missing);
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
    for (char *p = folder; *p; p++)
        if (*p == '"' || *p == '\\' || (unsigned char)*p < 0x20)
            *p = '_';
    snprintf(runtime_info, sizeof(runtime_info),
             "{\"libtorch\": \"%d.%d.%d\", \"folder\": \"%s\", "
             "\"packed_weights\": %s}",
             (int)(version >> 56), (int)(version >> 48 & 255),
             (int)(version >> 40 & 255), folder,
             can_pack() ? "true" : "false");
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
    const char *text;

    pthread_mutex_lock(&load_lock);
    text = runtime_info;
    pthread_mutex_unlock(&load_lock);
    return text;
}

/* ---- objects ---- */

struct tensor_device {
    int32_t type; /* libtorch's number */
    int32_t index;
    expclip__dtype dtype;
    int32_t n_threads;
    int32_t packed;
};

struct tensor {
    AtenTensorHandle handle;
    expclip__dtype dtype; /* F32, BF16, U8 or I64 */
    int32_t n_dims;
    int64_t size[MAX_DIMS];
    int64_t stride[MAX_DIMS]; /* elements */
};

struct tensor_linear {
    AtenTensorHandle weight; /* [n_out, n_in], packed or plain */
    AtenTensorHandle bias;   /* [n_out] or NULL */
    int64_t n_out;
    int64_t n_in;
    int packed;
};

struct tensor_scope {
    tensor_device *device;
    expclip_error *err;
    expclip_status status;
    tensor **temporaries;
    size_t n_temporaries;
    size_t capacity;
    int threads_before;
    bool gradients_before;
};

static int32_t torch_dtype(expclip__dtype dtype)
{
    switch (dtype) {
    case EXPCLIP__BF16: return torch_.aoti_torch_dtype_bfloat16();
    case EXPCLIP__U8: return torch_.aoti_torch_dtype_uint8();
    case EXPCLIP__I64: return torch_.aoti_torch_dtype_int64();
    default: return torch_.aoti_torch_dtype_float32();
    }
}

/* ---- errors ---- */

static void fail(tensor_scope *s, expclip_status status, const char *format,
                 ...) __attribute__((format(printf, 3, 4)));

static void fail(tensor_scope *s, expclip_status status, const char *format,
                 ...)
{
    char text[512];
    va_list args;

    if (s->status)
        return;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    s->status = expclip__fail(s->err, status, "%s", text);
}

/* A call of libtorch went wrong: its own words, where it keeps them. */
static void fail_torch(tensor_scope *s, const char *operation)
{
    const char *why = torch_.error_text ? torch_.error_text() : NULL;
    const int memory = why && strstr(why, "allocate memory");

    fail(s, memory ? EXPCLIP_ERROR_MEMORY : EXPCLIP_ERROR_BACKEND,
         "libtorch: %s: %s", operation, why ? why : "failed");
}

/* 1 when the operation cannot run: the scope has failed, or an input is
 * missing without a reason. */
static int unusable(tensor_scope *s, const char *operation, const tensor *a,
                    const tensor *b)
{
    if (!s || s->status)
        return 1;
    if (a && b)
        return 0;
    fail(s, EXPCLIP_ERROR_INTERNAL, "%s: a tensor is NULL", operation);
    return 1;
}

static void write_shape(char out[96], const tensor *t)
{
    size_t used = 0;

    out[0] = '\0';
    for (int32_t i = 0; i < t->n_dims && used < 80; i++)
        used += (size_t)snprintf(out + used, 96 - used, "%s%lld",
                                 i ? ", " : "", (long long)t->size[i]);
}

static void fail_shapes(tensor_scope *s, const char *operation,
                        const tensor *a, const tensor *b)
{
    char left[96], right[96];

    write_shape(left, a);
    write_shape(right, b);
    fail(s, EXPCLIP_ERROR_INTERNAL, "%s: shape [%s] does not fit [%s]",
         operation, left, right);
}

/* ---- scope ---- */

static tensor *add(tensor_scope *s, AtenTensorHandle handle,
                   expclip__dtype dtype)
{
    tensor *t = static_cast<tensor *>(expclip__alloc(1, sizeof(*t)));
    int64_t n_dims = 0, *sizes, *strides;

    if (t && s->n_temporaries == s->capacity) {
        const size_t capacity = s->capacity ? 2 * s->capacity : 64;
        void *grown = expclip__realloc(s->temporaries, capacity, sizeof(t));

        if (grown) {
            s->temporaries = static_cast<tensor **>(grown);
            s->capacity = capacity;
        }
    }
    if (!t || s->n_temporaries == s->capacity) {
        expclip__free(t);
        torch_.aoti_torch_delete_tensor_object(handle);
        fail(s, EXPCLIP_ERROR_MEMORY, "tensor: out of memory");
        return NULL;
    }
    torch_.aoti_torch_get_dim(handle, &n_dims);
    torch_.aoti_torch_get_sizes(handle, &sizes);
    torch_.aoti_torch_get_strides(handle, &strides);
    t->handle = handle;
    t->dtype = dtype;
    t->n_dims = (int32_t)n_dims;
    for (int32_t i = 0; i < t->n_dims && i < MAX_DIMS; i++) {
        t->size[i] = sizes[i];
        t->stride[i] = strides[i];
    }
    s->temporaries[s->n_temporaries++] = t;
    return t;
}

/* The result of a call, or NULL after a failure. */
static tensor *result(tensor_scope *s, AOTITorchError code,
                      AtenTensorHandle handle, expclip__dtype dtype,
                      const char *operation)
{
    if (code == AOTI_TORCH_SUCCESS)
        return add(s, handle, dtype);
    fail_torch(s, operation);
    return NULL;
}

tensor_scope *tensor_scope_begin(tensor_device *device, expclip_error *err)
{
    tensor_scope *s =
        static_cast<tensor_scope *>(expclip__alloc_zero(1, sizeof(*s)));

    if (!s) {
        expclip__fail_memory(err, "tensor scope");
        return NULL;
    }
    s->device = device;
    s->err = err;
    s->gradients_before = torch_.aoti_torch_grad_mode_is_enabled();
    torch_.aoti_torch_grad_mode_set_enabled(false);
    if (torch_.set_n_threads && torch_.get_n_threads) {
        s->threads_before = torch_.get_n_threads();
        torch_.set_n_threads(device->n_threads);
    }
    return s;
}

expclip_status tensor_scope_end(tensor_scope *scope)
{
    expclip_status status;

    if (!scope)
        return EXPCLIP_ERROR_MEMORY;
    status = scope->status;
    for (size_t i = 0; i < scope->n_temporaries; i++)
        tensor_free(scope->temporaries[i]);
    torch_.aoti_torch_grad_mode_set_enabled(scope->gradients_before);
    if (scope->threads_before)
        torch_.set_n_threads(scope->threads_before);
    expclip__free(scope->temporaries);
    expclip__free(scope);
    return status;
}

int tensor_scope_failed(const tensor_scope *scope)
{
    return !scope || scope->status != EXPCLIP_OK;
}

tensor *tensor_keep(tensor_scope *s, tensor *t)
{
    if (!s || s->status)
        return NULL;
    for (size_t i = s->n_temporaries; i-- > 0;)
        if (s->temporaries[i] == t) {
            s->temporaries[i] = s->temporaries[--s->n_temporaries];
            return t;
        }
    return NULL;
}

void tensor_free(tensor *t)
{
    if (!t)
        return;
    torch_.aoti_torch_delete_tensor_object(t->handle);
    expclip__free(t);
}

int64_t tensor_size(const tensor *t, int32_t dim)
{
    if (!t)
        return 0;
    return t->size[dim < 0 ? t->n_dims + dim : dim];
}

/* ---- device ---- */

/* "cuda:3" to 3; -1 when it is not of that form. */
static int32_t cuda_index(const char *name)
{
    int32_t index = 0;

    if (strcmp(name, "cuda") == 0)
        return 0;
    if (strncmp(name, "cuda:", 5) != 0 || !name[5] || strlen(name) > 8)
        return -1;
    for (const char *p = name + 5; *p; p++) {
        if (*p < '0' || *p > '9')
            return -1;
        index = 10 * index + (*p - '0');
    }
    return index;
}

/* Find out by a small tensor whether the GPU is there. */
static expclip_status try_cuda(const tensor_device *d, const char *name,
                               expclip_error *err)
{
    const int64_t one = 1;
    const char *why;
    AtenTensorHandle handle;

    if (torch_.aoti_torch_empty_strided(
            1, &one, &one, torch_dtype(EXPCLIP__F32), d->type, d->index,
            &handle) == AOTI_TORCH_SUCCESS) {
        torch_.aoti_torch_delete_tensor_object(handle);
        return EXPCLIP_OK;
    }
    why = torch_.error_text ? torch_.error_text() : NULL;
    return expclip__fail(err, EXPCLIP_ERROR_BACKEND, "device %s: %s", name,
                         why ? why : "not available");
}

static expclip_status open_device(tensor_device *d,
                                  const tensor_device_options *o,
                                  expclip_error *err)
{
    expclip_status status;

    d->dtype = o->dtype;
    d->n_threads = o->n_threads;
    if (strcmp(o->name, "cpu") == 0) {
        d->type = torch_.aoti_torch_device_type_cpu();
        d->index = 0;
        d->packed = o->packed && can_pack();
        return EXPCLIP_OK;
    }
    d->type = torch_.aoti_torch_device_type_cuda();
    d->index = cuda_index(o->name);
    status = expclip__runtime_open_more(
        "libtorch_cuda.so",
        reinterpret_cast<void *>(torch_.torch_call_dispatcher), err);
    return status ? status : try_cuda(d, o->name, err);
}

expclip_status tensor_device_open(tensor_device **out,
                                  const tensor_device_options *options,
                                  expclip_error *err)
{
    tensor_device *d;
    expclip_status status;

    if (strcmp(options->name, "cpu") != 0 && cuda_index(options->name) < 0)
        return expclip__fail(err, EXPCLIP_ERROR_ARGUMENT,
                             "device: \"%s\", expected cpu or cuda:N",
                             options->name);
    status = load_runtime(err);
    if (status)
        return status;
    d = static_cast<tensor_device *>(expclip__alloc_zero(1, sizeof(*d)));
    if (!d)
        return expclip__fail_memory(err, "device");
    status = open_device(d, options, err);
    if (status)
        expclip__free(d);
    else
        *out = d;
    return status;
}

void tensor_device_close(tensor_device *device)
{
    expclip__free(device);
}

/* ---- shapes ---- */

static int64_t count(int32_t n_dims, const int64_t *shape)
{
    int64_t n = 1;

    for (int32_t i = 0; i < n_dims; i++)
        n *= shape[i];
    return n;
}

static void row_major(int64_t *stride, int32_t n_dims, const int64_t *shape)
{
    int64_t step = 1;

    for (int32_t i = n_dims; i-- > 0;) {
        stride[i] = step;
        step *= shape[i];
    }
}

static int is_row_major(const tensor *t)
{
    int64_t step = 1;

    for (int32_t i = t->n_dims; i-- > 0;) {
        if (t->size[i] != 1 && t->stride[i] != step)
            return 0;
        step *= t->size[i];
    }
    return 1;
}

/* A new tensor, not filled. */
static tensor *empty(tensor_scope *s, int32_t n_dims, const int64_t *shape,
                     expclip__dtype dtype)
{
    int64_t stride[MAX_DIMS];
    AtenTensorHandle handle = NULL;
    AOTITorchError code;

    row_major(stride, n_dims, shape);
    code = torch_.aoti_torch_empty_strided(n_dims, shape, stride,
                                           torch_dtype(dtype), s->device->type,
                                           s->device->index, &handle);
    return result(s, code, handle, dtype, "empty");
}

static tensor *view(tensor_scope *s, const tensor *t, int32_t n_dims,
                    const int64_t *size, const int64_t *stride, int64_t offset)
{
    AtenTensorHandle handle = NULL;
    AOTITorchError code = torch_.aoti_torch__reinterpret_tensor(
        t->handle, n_dims, size, stride, offset, &handle);

    return result(s, code, handle, t->dtype, "view");
}

static void copy(tensor_scope *s, const tensor *to, const tensor *from)
{
    if (to && from &&
        torch_.aoti_torch_copy_(to->handle, from->handle, 0) !=
            AOTI_TORCH_SUCCESS)
        fail_torch(s, "copy");
}

static const tensor *contiguous(tensor_scope *s, const tensor *t)
{
    const tensor *packed;

    if (is_row_major(t))
        return t;
    packed = empty(s, t->n_dims, t->size, t->dtype);
    copy(s, packed, t);
    return packed;
}

/* ---- copy in and out ---- */

/* Memory of the caller as a tensor on the CPU, without a copy. */
static tensor *borrow(tensor_scope *s, const void *data, int32_t n_dims,
                      const int64_t *shape, expclip__dtype dtype)
{
    int64_t stride[MAX_DIMS];
    AtenTensorHandle handle = NULL;
    AOTITorchError code;

    row_major(stride, n_dims, shape);
    code = torch_.aoti_torch_create_tensor_from_blob(
        const_cast<void *>(data), n_dims, shape, stride, 0, torch_dtype(dtype),
        torch_.aoti_torch_device_type_cpu(), 0, &handle);
    return result(s, code, handle, dtype, "from memory");
}

static tensor *copy_in(tensor_scope *s, const void *data, int32_t n_dims,
                       const int64_t *shape, expclip__dtype from,
                       expclip__dtype to)
{
    tensor *t;

    if (!s || s->status)
        return NULL;
    t = empty(s, n_dims, shape, to);
    copy(s, t, t ? borrow(s, data, n_dims, shape, from) : NULL);
    return s->status ? NULL : t;
}

tensor *tensor_from_f32(tensor_scope *s, const float *data, int32_t n_dims,
                        const int64_t *shape)
{
    return s ? copy_in(s, data, n_dims, shape, EXPCLIP__F32, s->device->dtype)
             : NULL;
}

tensor *tensor_from_u8(tensor_scope *s, const uint8_t *data, int32_t n_dims,
                       const int64_t *shape)
{
    return copy_in(s, data, n_dims, shape, EXPCLIP__U8, EXPCLIP__U8);
}

tensor *tensor_from_i64(tensor_scope *s, const int64_t *data, int64_t n)
{
    return copy_in(s, data, 1, &n, EXPCLIP__I64, EXPCLIP__I64);
}

static void copy_out(tensor_scope *s, const tensor *t, void *out, int64_t n,
                     expclip__dtype dtype, const char *operation)
{
    if (unusable(s, operation, t, t))
        return;
    if (count(t->n_dims, t->size) != n) {
        fail(s, EXPCLIP_ERROR_INTERNAL, "%s: %lld elements, expected %lld",
             operation, (long long)count(t->n_dims, t->size), (long long)n);
        return;
    }
    copy(s, borrow(s, out, t->n_dims, t->size, dtype), t);
}

void tensor_to_f32(tensor_scope *s, const tensor *t, float *out, int64_t n)
{
    copy_out(s, t, out, n, EXPCLIP__F32, "tensor_to_f32");
}

void tensor_to_u8(tensor_scope *s, const tensor *t, uint8_t *out, int64_t n)
{
    copy_out(s, t, out, n, EXPCLIP__U8, "tensor_to_u8");
}

/* ---- shape operations ---- */

/*
 * Strides of t under another shape, when its memory allows a view: dimensions
 * are taken from the right, and a run of t's that lies without gaps may be cut
 * in any way.
 */
static int view_strides(int64_t *stride, const tensor *t, int32_t n_dims,
                        const int64_t *shape)
{
    int32_t to = n_dims - 1;
    int64_t run = 1, done = 1, step;

    if (t->n_dims == 0)
        return 0;
    step = t->stride[t->n_dims - 1];
    for (int32_t from = t->n_dims - 1; from >= 0; from--) {
        run *= t->size[from];
        if (from > 0 && (t->size[from - 1] == 1 ||
                         t->stride[from - 1] == run * step))
            continue;
        while (to >= 0 && (done < run || shape[to] == 1)) {
            stride[to] = done * step;
            done *= shape[to--];
        }
        if (done != run)
            return 0;
        if (from > 0) {
            step = t->stride[from - 1];
            run = done = 1;
        }
    }
    return to == -1;
}

tensor *tensor_reshape(tensor_scope *s, const tensor *t, int32_t n_dims,
                       const int64_t *shape)
{
    int64_t stride[MAX_DIMS];

    if (unusable(s, "tensor_reshape", t, t))
        return NULL;
    if (count(t->n_dims, t->size) != count(n_dims, shape)) {
        fail(s, EXPCLIP_ERROR_INTERNAL,
             "tensor_reshape: %lld elements, expected %lld",
             (long long)count(n_dims, shape),
             (long long)count(t->n_dims, t->size));
        return NULL;
    }
    if (view_strides(stride, t, n_dims, shape))
        return view(s, t, n_dims, shape, stride, 0);
    t = contiguous(s, t);
    row_major(stride, n_dims, shape);
    return s->status ? NULL : view(s, t, n_dims, shape, stride, 0);
}

tensor *tensor_permute(tensor_scope *s, const tensor *t, int32_t n_dims,
                       const int32_t *order)
{
    int64_t size[MAX_DIMS], stride[MAX_DIMS];

    if (unusable(s, "tensor_permute", t, t))
        return NULL;
    if (n_dims != t->n_dims) {
        fail(s, EXPCLIP_ERROR_INTERNAL,
             "tensor_permute: %d dimensions, expected %d", (int)n_dims,
             (int)t->n_dims);
        return NULL;
    }
    for (int32_t i = 0; i < n_dims; i++) {
        size[i] = t->size[order[i]];
        stride[i] = t->stride[order[i]];
    }
    return view(s, t, n_dims, size, stride, 0);
}

tensor *tensor_narrow(tensor_scope *s, const tensor *t, int32_t dim,
                      int64_t start, int64_t length)
{
    int64_t size[MAX_DIMS];

    if (unusable(s, "tensor_narrow", t, t))
        return NULL;
    if (dim < 0 || dim >= t->n_dims || start < 0 || length < 1 ||
        start + length > t->size[dim]) {
        fail(s, EXPCLIP_ERROR_INTERNAL,
             "tensor_narrow: %lld elements from %lld of dimension %d of size "
             "%lld", (long long)length, (long long)start, (int)dim,
             dim >= 0 && dim < t->n_dims ? (long long)t->size[dim] : 0LL);
        return NULL;
    }
    memcpy(size, t->size, sizeof(size));
    size[dim] = length;
    return view(s, t, t->n_dims, size, t->stride, start * t->stride[dim]);
}

tensor *tensor_concat(tensor_scope *s, const tensor *a, const tensor *b,
                      int32_t dim)
{
    int64_t size[MAX_DIMS];
    tensor *t;

    if (unusable(s, "tensor_concat", a, b))
        return NULL;
    memcpy(size, a->size, sizeof(size));
    for (int32_t i = 0; i < a->n_dims; i++)
        if (a->n_dims != b->n_dims || a->dtype != b->dtype ||
            (i != dim && a->size[i] != b->size[i])) {
            fail_shapes(s, "tensor_concat", a, b);
            return NULL;
        }
    size[dim] += b->size[dim];
    t = empty(s, a->n_dims, size, a->dtype);
    copy(s, tensor_narrow(s, t, dim, 0, a->size[dim]), a);
    copy(s, tensor_narrow(s, t, dim, a->size[dim], b->size[dim]), b);
    return s->status ? NULL : t;
}

tensor *tensor_expand(tensor_scope *s, const tensor *t, int32_t n_dims,
                      const int64_t *shape)
{
    int64_t stride[MAX_DIMS];

    if (unusable(s, "tensor_expand", t, t))
        return NULL;
    for (int32_t i = 0; i < n_dims; i++) {
        if (n_dims != t->n_dims ||
            (t->size[i] != 1 && t->size[i] != shape[i])) {
            fail(s, EXPCLIP_ERROR_INTERNAL,
                 "tensor_expand: dimension %d does not have size 1", (int)i);
            return NULL;
        }
        stride[i] = t->size[i] == shape[i] ? t->stride[i] : 0;
    }
    return view(s, t, n_dims, shape, stride, 0);
}

/* ---- operators called by name ---- */

/* Arguments for the dispatcher. It takes over everything that is in them. */
struct arguments {
    StableIValue value[MAX_ARGUMENTS];
    size_t n;
    int failed;
};

template <typename type> static StableIValue pack(type x)
{
    StableIValue value = 0;

    static_assert(sizeof(x) <= sizeof(value), "fits a StableIValue");
    memcpy(&value, &x, sizeof(x));
    return value;
}

template <typename type> static void push(arguments *a, type x)
{
    a->value[a->n++] = pack(x);
}

static void push_tensor(arguments *a, AtenTensorHandle handle)
{
    AtenTensorHandle own = NULL;

    if (torch_.aoti_torch_new_tensor_handle(handle, &own) !=
        AOTI_TORCH_SUCCESS)
        a->failed = 1;
    push(a, own);
}

/* An optional value is a pointer that libtorch deletes, or NULL. */
static void push_none(arguments *a)
{
    push<void *>(a, NULL);
}

static void push_optional_tensor(arguments *a, AtenTensorHandle handle)
{
    StableIValue *box;

    if (!handle) {
        push_none(a);
        return;
    }
    push_tensor(a, handle);
    box = new (std::nothrow) StableIValue(a->value[a->n - 1]);
    a->failed |= !box;
    a->value[a->n - 1] = pack(box);
}

static void push_ints(arguments *a, const int64_t *values, size_t n)
{
    StableListHandle list = NULL;

    a->failed |= torch_.torch_new_list_reserve_size(n, &list);
    for (size_t i = 0; !a->failed && i < n; i++)
        a->failed |= torch_.torch_list_push_back(list, pack(values[i]));
    push(a, list);
}

static void push_text(arguments *a, const char *text)
{
    StringHandle string = NULL;

    a->failed |= torch_.torch_new_string_handle(text, strlen(text), &string);
    push(a, string);
}

/* The operator's one result; owned by the caller. NULL after a failure. */
static AtenTensorHandle call(const char *name, const char *overload,
                             arguments *a)
{
    AtenTensorHandle handle = NULL;

    if (a->failed || torch_.torch_call_dispatcher(name, overload, a->value,
                                                  TORCH_ABI_VERSION) !=
                         AOTI_TORCH_SUCCESS)
        return NULL;
    memcpy(&handle, &a->value[0], sizeof(handle));
    return handle;
}

static tensor *call_in(tensor_scope *s, const char *name, arguments *a,
                       expclip__dtype dtype)
{
    AtenTensorHandle handle = call(name, "", a);

    return result(s, handle ? AOTI_TORCH_SUCCESS : AOTI_TORCH_FAILURE, handle,
                  dtype, name);
}

/* ---- arithmetic ---- */

tensor *tensor_rows(tensor_scope *s, const tensor *t, const tensor *indices)
{
    arguments a = {};

    if (unusable(s, "tensor_rows", t, indices))
        return NULL;
    if (indices->dtype != EXPCLIP__I64 || indices->n_dims != 1 ||
        t->n_dims < 1) {
        fail_shapes(s, "tensor_rows", t, indices);
        return NULL;
    }
    push_tensor(&a, t->handle);
    push<int64_t>(&a, 0);
    push_tensor(&a, indices->handle);
    return call_in(s, "aten::index_select", &a, t->dtype);
}

tensor *tensor_add(tensor_scope *s, const tensor *a, const tensor *b)
{
    const tensor *longer, *shorter;
    AtenTensorHandle handle = NULL;
    AOTITorchError code;

    if (unusable(s, "tensor_add", a, b))
        return NULL;
    longer = a->n_dims >= b->n_dims ? a : b;
    shorter = longer == a ? b : a;
    for (int32_t i = 1; i <= shorter->n_dims; i++) {
        const int64_t x = longer->size[longer->n_dims - i];
        const int64_t y = shorter->size[shorter->n_dims - i];

        if (x != y && x != 1 && y != 1) {
            fail_shapes(s, "tensor_add", a, b);
            return NULL;
        }
    }
    /* a - (-1) b: the shim has no plain addition. */
    code = torch_.aoti_torch_aten_subtract_Tensor(a->handle, b->handle, -1.0,
                                                  &handle);
    return result(s, code, handle, a->dtype, "add");
}

tensor *tensor_layer_norm(tensor_scope *s, const tensor *x,
                          const tensor *weight, const tensor *bias, double eps)
{
    arguments a = {};
    int64_t width;

    if (unusable(s, "tensor_layer_norm", x, weight) ||
        unusable(s, "tensor_layer_norm", x, bias))
        return NULL;
    width = tensor_size(x, -1);
    if (weight->n_dims != 1 || weight->size[0] != width ||
        bias->n_dims != 1 || bias->size[0] != width) {
        fail_shapes(s, "tensor_layer_norm", x, weight);
        return NULL;
    }
    push_tensor(&a, x->handle);
    push_ints(&a, &width, 1);
    push_optional_tensor(&a, weight->handle);
    push_optional_tensor(&a, bias->handle);
    push(&a, eps);
    push(&a, false);
    return call_in(s, "aten::layer_norm", &a, x->dtype);
}

tensor *tensor_attention(tensor_scope *s, const tensor *q, const tensor *k,
                         const tensor *v, int causal)
{
    arguments a = {};

    if (unusable(s, "tensor_attention", q, k) ||
        unusable(s, "tensor_attention", k, v))
        return NULL;
    if (q->n_dims != 4 || k->n_dims != 4 || q->size[0] != k->size[0] ||
        q->size[1] != k->size[1] || q->size[3] != k->size[3]) {
        fail_shapes(s, "tensor_attention", q, k);
        return NULL;
    }
    if (memcmp(k->size, v->size, 4 * sizeof(k->size[0])) != 0) {
        fail_shapes(s, "tensor_attention", k, v);
        return NULL;
    }
    push_tensor(&a, q->handle);
    push_tensor(&a, k->handle);
    push_tensor(&a, v->handle);
    push_none(&a); /* mask */
    push(&a, 0.0); /* dropout */
    push(&a, causal != 0);
    push_none(&a); /* scale: 1 / sqrt(d) */
    push(&a, false);
    return call_in(s, "aten::scaled_dot_product_attention", &a, q->dtype);
}

tensor *tensor_resize(tensor_scope *s, const tensor *t, int64_t height,
                      int64_t width, tensor_filter filter)
{
    const int64_t to[] = { height, width };
    const char *const name = filter == TENSOR_BILINEAR
                                 ? "aten::_upsample_bilinear2d_aa"
                                 : "aten::_upsample_bicubic2d_aa";
    int64_t size[4] = { 1 };
    arguments a = {};

    if (unusable(s, "tensor_resize", t, t))
        return NULL;
    if (t->n_dims != 3 || height < 1 || width < 1) {
        fail(s, EXPCLIP_ERROR_INTERNAL,
             "tensor_resize: %d dimensions to %lld x %lld, expected [c, h, w]",
             (int)t->n_dims, (long long)height, (long long)width);
        return NULL;
    }
    memcpy(size + 1, t->size, 3 * sizeof(size[0]));
    t = tensor_reshape(s, t, 4, size);
    if (!t)
        return NULL;
    push_tensor(&a, t->handle);
    push_ints(&a, to, 2);
    push(&a, false); /* align_corners */
    push_none(&a);
    push_none(&a);
    t = call_in(s, name, &a, t->dtype);
    size[2] = height;
    size[3] = width;
    return t ? tensor_reshape(s, t, 3, size + 1) : NULL;
}

/* ---- linear maps ---- */

/* A copy of floats in the device's type that is no temporary; NULL when
 * memory is out. */
static AtenTensorHandle keep_copy(tensor_scope *s, const float *values,
                                  int32_t n_dims, const int64_t *shape)
{
    tensor *t = tensor_keep(s, tensor_from_f32(s, values, n_dims, shape));
    AtenTensorHandle handle = t ? t->handle : NULL;

    expclip__free(t);
    return handle;
}

/* Bring a weight into the order that the CPU's matrix kernels read. Where that
 * is not possible (no such type on this CPU) it stays plain. */
static void pack_weight(tensor_linear *linear)
{
    arguments a = {};
    AtenTensorHandle packed;

    push_tensor(&a, linear->weight);
    push_none(&a);
    packed = call("mkldnn::_reorder_linear_weight", "", &a);
    if (!packed)
        return;
    torch_.aoti_torch_delete_tensor_object(linear->weight);
    linear->weight = packed;
    linear->packed = 1;
}

expclip_status tensor_linear_create(tensor_linear **out, tensor_device *device,
                                    const float *weight, const float *bias,
                                    int64_t n_out, int64_t n_in,
                                    expclip_error *err)
{
    const int64_t shape[] = { n_out, n_in };
    tensor_linear *linear = static_cast<tensor_linear *>(
        expclip__alloc_zero(1, sizeof(*linear)));
    tensor_scope *s = linear ? tensor_scope_begin(device, err) : NULL;
    expclip_status status;

    if (!s) {
        expclip__free(linear);
        return expclip__fail_memory(err, "linear map");
    }
    linear->n_out = n_out;
    linear->n_in = n_in;
    linear->weight = keep_copy(s, weight, 2, shape);
    if (bias)
        linear->bias = keep_copy(s, bias, 1, &n_out);
    if (device->packed && !s->status)
        pack_weight(linear);
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
    if (linear->weight)
        torch_.aoti_torch_delete_tensor_object(linear->weight);
    if (linear->bias)
        torch_.aoti_torch_delete_tensor_object(linear->bias);
    expclip__free(linear);
}

static int fits(tensor_scope *s, const tensor_linear *linear, const tensor *x)
{
    char shape[96];

    if (unusable(s, "tensor_linear", x, x))
        return 0;
    if (linear && x->n_dims >= 1 && tensor_size(x, -1) == linear->n_in &&
        x->dtype == s->device->dtype)
        return 1;
    write_shape(shape, x);
    fail(s, EXPCLIP_ERROR_INTERNAL,
         "tensor_linear: x [%s] does not fit weight [%lld, %lld]", shape,
         linear ? (long long)linear->n_out : 0LL,
         linear ? (long long)linear->n_in : 0LL);
    return 0;
}

static tensor *plain_linear(tensor_scope *s, const tensor_linear *linear,
                            const tensor *x, tensor_activation activation)
{
    arguments a = {}, b = {};
    tensor *y;

    push_tensor(&a, x->handle);
    push_tensor(&a, linear->weight);
    push_optional_tensor(&a, linear->bias);
    y = call_in(s, "aten::linear", &a, x->dtype);
    if (!y || activation == TENSOR_IDENTITY)
        return y;
    push_tensor(&b, y->handle);
    if (activation == TENSOR_SILU)
        return call_in(s, "aten::silu", &b, x->dtype);
    push_text(&b, "none");
    return call_in(s, "aten::gelu", &b, x->dtype);
}

tensor *tensor_linear_apply(tensor_scope *s, const tensor_linear *linear,
                            const tensor *x, tensor_activation activation)
{
    static const char *const names[] = { "none", "swish", "gelu" };
    const char *algorithm = "none"; /* exact GELU, not by tanh */
    AtenTensorHandle handle = NULL, bias;
    AOTITorchError code;

    if (!fits(s, linear, x))
        return NULL;
    if (!linear->packed)
        return plain_linear(s, linear, x, activation);
    bias = linear->bias;
    code = torch_.packed_linear(
        x->handle, linear->weight, bias ? &bias : NULL, names[activation],
        NULL, 0, activation == TENSOR_GELU ? &algorithm : NULL, &handle);
    return result(s, code, handle, x->dtype, "linear");
}

tensor *tensor_linear_add(tensor_scope *s, const tensor_linear *linear,
                          const tensor *x, const tensor *residual)
{
    AtenTensorHandle handle = NULL, bias;
    AOTITorchError code;

    if (!fits(s, linear, x) || unusable(s, "tensor_linear_add", x, residual))
        return NULL;
    if (tensor_size(residual, -1) != linear->n_out ||
        residual->n_dims != x->n_dims ||
        count(x->n_dims - 1, x->size) !=
            count(residual->n_dims - 1, residual->size)) {
        fail_shapes(s, "tensor_linear_add", x, residual);
        return NULL;
    }
    if (!linear->packed)
        return tensor_add(
            s, plain_linear(s, linear, x, TENSOR_IDENTITY), residual);
    bias = linear->bias;
    residual = contiguous(s, residual);
    if (s->status)
        return NULL;
    code = torch_.packed_linear_binary(
        x->handle, residual->handle, linear->weight, bias ? &bias : NULL,
        "add", &handle);
    return result(s, code, handle, x->dtype, "linear and add");
}
