/* SPDX-License-Identifier: MIT */
/*
 * tensor_torch.cpp - tensor.h on libtorch. The only file that sees libtorch.
 *
 * Only libtorch's stable C ABI is used (aoti_torch/c/shim.h, stable/c/shim.h;
 * target 2.10), and every function of it is found at run time, so one build
 * runs on any libtorch from 2.10 on.
 *
 * Shapes and types are checked (checks.h) before libtorch is called: 2.10 to
 * 2.12 print the trace of a failed call and do not hand out its text. Views
 * (reshape, permute, narrow, expand) are computed here, from sizes and
 * strides, without a call of the dispatcher.
 */
#include "tensor/tensor.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include <atomic>
#include <new>
#include <stdexcept>

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
#define REQUIRED(X)                       \
    X(aoti_torch_device_type_cpu)         \
    X(aoti_torch_device_type_cuda)        \
    X(aoti_torch_dtype_float32)           \
    X(aoti_torch_dtype_bfloat16)          \
    X(aoti_torch_dtype_uint8)             \
    X(aoti_torch_dtype_int64)             \
    X(aoti_torch_abi_version)             \
    X(aoti_torch_grad_mode_is_enabled)    \
    X(aoti_torch_grad_mode_set_enabled)   \
    X(aoti_torch_delete_tensor_object)    \
    X(aoti_torch_new_tensor_handle)       \
    X(aoti_torch_get_dim)                 \
    X(aoti_torch_get_sizes)               \
    X(aoti_torch_get_strides)             \
    X(aoti_torch__reinterpret_tensor)     \
    X(aoti_torch_empty_strided)           \
    X(aoti_torch_create_tensor_from_blob) \
    X(aoti_torch_copy_)                   \
    X(aoti_torch_aten_subtract_Tensor)    \
    X(torch_call_dispatcher)              \
    X(torch_get_num_threads)              \
    X(torch_new_list_reserve_size)        \
    X(torch_list_push_back)               \
    X(torch_delete_list)                  \
    X(torch_new_string_handle)            \
    X(torch_delete_string)

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
static std::atomic<int32_t> throw_next;

template <typename function>
static void find(function &out, void *handle, const char *name)
{
    out = reinterpret_cast<function>(dlsym(handle, name));
}

static expclip_status find_functions(void *handle, expclip_error *err)
{
    const char *missing = NULL;

#define FIND(name)                    \
    find(torch_.name, handle, #name); \
    if (!torch_.name && !missing)     \
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
    int is_loaded;

    pthread_mutex_lock(&load_lock);
    is_loaded = loaded;
    pthread_mutex_unlock(&load_lock);
    return is_loaded ? runtime_info : "{}";
}

static int32_t torch_dtype(expclip__dtype dtype)
{
    switch (dtype) {
    case EXPCLIP__BF16: return torch_.aoti_torch_dtype_bfloat16();
    case EXPCLIP__U8: return torch_.aoti_torch_dtype_uint8();
    case EXPCLIP__I64: return torch_.aoti_torch_dtype_int64();
    default: return torch_.aoti_torch_dtype_float32();
    }
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
    expclip__form form;
    int64_t stride[MAX_DIMS]; /* elements */
    AtenTensorHandle handle;
};

struct tensor_linear {
    expclip__form form;      /* of the weight: [n_out, n_in] */
    AtenTensorHandle weight; /* packed or plain */
    AtenTensorHandle bias;   /* [n_out] or NULL */
    int packed;
};

struct tensor_scope {
    expclip__outcome outcome;
    tensor_device *device;
    tensor **temporaries;
    size_t n_temporaries;
    size_t capacity;
    int threads_before;
    bool gradients_before;
};

static const expclip__form *form_of(const tensor *t)
{
    return t ? &t->form : NULL;
}

/* ---- calling libtorch ---- */

void tensor_throw_next(int32_t what)
{
    throw_next = what;
}

static void throw_if_asked(void)
{
    switch (throw_next.load(std::memory_order_relaxed) ? throw_next.exchange(0)
                                                       : 0) {
    case 1: throw std::bad_alloc();
    case 2: throw std::runtime_error("asked for by a test");
    case 3: throw 3;
    default: break;
    }
}

/* A call of libtorch went wrong: its own words, where it keeps them. */
static void fail_torch(expclip__outcome *o, const char *operation)
{
    const char *why = torch_.error_text ? torch_.error_text() : NULL;
    const int memory = why && (strstr(why, "allocate memory") ||
                               strstr(why, "out of memory"));

    expclip__outcome_fail(
        o, memory ? EXPCLIP_ERROR_MEMORY : EXPCLIP_ERROR_BACKEND,
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

/* Arguments of an operator called by name. Each value is packed into 64 bits;
 * the dispatcher takes over the handles, lists and boxes among them. */
struct arguments {
    expclip__outcome *outcome;
    const char *operation;
    StableIValue value[MAX_ARGUMENTS];
    size_t n;
};

template <typename type> static StableIValue to_bits(type x)
{
    StableIValue value = 0;

    static_assert(sizeof(x) <= sizeof(value), "fits a StableIValue");
    memcpy(&value, &x, sizeof(x));
    return value;
}

template <typename type> static void push(arguments *a, type x)
{
    a->value[a->n++] = to_bits(x);
}

static void push_tensor(arguments *a, AtenTensorHandle handle)
{
    AtenTensorHandle own = NULL;

    attempt(a->outcome, a->operation, [&] {
        return torch_.aoti_torch_new_tensor_handle(handle, &own);
    });
    push(a, own);
}

/* An optional value is a pointer that libtorch deletes, or NULL. */
static void push_none(arguments *a)
{
    push<void *>(a, NULL);
}

static void push_optional_tensor(arguments *a, AtenTensorHandle handle)
{
    StableIValue *box = NULL;

    if (!handle) {
        push_none(a);
        return;
    }
    push_tensor(a, handle);
    attempt(a->outcome, a->operation, [&] {
        box = new StableIValue(a->value[a->n - 1]);
        return AOTI_TORCH_SUCCESS;
    });
    a->value[a->n - 1] = to_bits(box);
}

static void push_ints(arguments *a, const int64_t *values, size_t n)
{
    StableListHandle list = NULL;

    attempt(a->outcome, a->operation, [&] {
        return torch_.torch_new_list_reserve_size(n, &list);
    });
    for (size_t i = 0; i < n; i++)
        attempt(a->outcome, a->operation, [&] {
            return torch_.torch_list_push_back(list, to_bits(values[i]));
        });
    push(a, list);
}

static void push_text(arguments *a, const char *text)
{
    StringHandle string = NULL;

    attempt(a->outcome, a->operation, [&] {
        return torch_.torch_new_string_handle(text, strlen(text), &string);
    });
    push(a, string);
}

/* The operator's one result, owned by the caller; NULL after a failure. What
 * was pushed before a push that failed is lost: memory is out then. */
static AtenTensorHandle call(arguments *a)
{
    AtenTensorHandle handle = NULL;

    if (attempt(a->outcome, a->operation, [&] {
            return torch_.torch_call_dispatcher(a->operation, "", a->value,
                                                TORCH_ABI_VERSION);
        }))
        memcpy(&handle, &a->value[0], sizeof(handle));
    return handle;
}

/* ---- device ---- */

/* The N of "cuda:N"; -1 when the name is not of that form. */
static int32_t cuda_index(const char *name)
{
    int32_t index = 0;

    if (strncmp(name, "cuda:", 5) != 0 || !name[5] || strlen(name) > 8)
        return -1;
    for (const char *p = name + 5; *p; p++) {
        if (*p < '0' || *p > '9')
            return -1;
        index = 10 * index + (*p - '0');
    }
    return index;
}

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
    d->index = cuda_index(name);
    attempt(&outcome, name, [&] {
        return torch_.aoti_torch_empty_strided(1, &one, &one,
                                               torch_dtype(EXPCLIP__F32),
                                               d->type, d->index, &handle);
    });
    drop(handle);
    return outcome.status;
}

expclip_status tensor_device_open(tensor_device **out,
                                  const tensor_device_options *options,
                                  expclip_error *err)
{
    const int is_cpu = strcmp(options->name, "cpu") == 0;
    tensor_device *d;
    expclip_status status;

    if (!is_cpu && cuda_index(options->name) < 0)
        return expclip__fail(err, EXPCLIP_ERROR_ARGUMENT,
                             "device: \"%s\", expected cpu or cuda:N",
                             options->name);
    status = load_runtime(err);
    if (status)
        return status;
    d = static_cast<tensor_device *>(expclip__alloc_zero(1, sizeof(*d)));
    if (!d)
        return expclip__fail_memory(err, "device");
    d->type = torch_.aoti_torch_device_type_cpu();
    d->dtype = options->dtype;
    d->n_threads = options->n_threads;
    d->packed = is_cpu && options->packed && can_pack();
    if (!is_cpu)
        status = open_cuda(d, options->name, err);
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

/* ---- scope ---- */

static int make_room(tensor_scope *s)
{
    const size_t capacity = s->capacity ? 2 * s->capacity : 64;
    void *grown;

    if (s->n_temporaries < s->capacity)
        return 1;
    grown = expclip__realloc(s->temporaries, capacity, sizeof(tensor *));
    if (!grown)
        return 0;
    s->temporaries = static_cast<tensor **>(grown);
    s->capacity = capacity;
    return 1;
}

/* Give a handle to the scope; NULL stays NULL, with the reason written. */
static tensor *own(tensor_scope *s, AtenTensorHandle handle,
                   expclip__dtype dtype)
{
    int64_t n_dims = 0, *sizes, *strides;
    tensor *t;

    if (!handle)
        return NULL;
    t = static_cast<tensor *>(expclip__alloc_zero(1, sizeof(*t)));
    if (!t || !make_room(s)) {
        expclip__free(t);
        torch_.aoti_torch_delete_tensor_object(handle);
        expclip__outcome_fail(&s->outcome, EXPCLIP_ERROR_MEMORY,
                              "tensor: out of memory");
        return NULL;
    }
    torch_.aoti_torch_get_dim(handle, &n_dims);
    torch_.aoti_torch_get_sizes(handle, &sizes);
    torch_.aoti_torch_get_strides(handle, &strides);
    t->handle = handle;
    t->form.dtype = dtype;
    t->form.n_dims = (int32_t)n_dims;
    memcpy(t->form.size, sizes, (size_t)n_dims * sizeof(*sizes));
    memcpy(t->stride, strides, (size_t)n_dims * sizeof(*strides));
    s->temporaries[s->n_temporaries++] = t;
    return t;
}

/*
 * OpenMP's thread count belongs to the calling thread. libtorch sets it once
 * in each thread, when it first asks: let it do so before ours is set.
 */
static void set_threads(tensor_scope *s)
{
    uint32_t ignored;

    if (!torch_.set_n_threads || !torch_.get_n_threads)
        return;
    torch_.torch_get_num_threads(&ignored);
    s->threads_before = torch_.get_n_threads();
    torch_.set_n_threads(s->device->n_threads);
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
    s->outcome.err = err;
    s->gradients_before = torch_.aoti_torch_grad_mode_is_enabled();
    torch_.aoti_torch_grad_mode_set_enabled(false);
    set_threads(s);
    return s;
}

expclip_status tensor_scope_end(tensor_scope *scope)
{
    expclip_status status;

    if (!scope)
        return EXPCLIP_ERROR_MEMORY;
    status = scope->outcome.status;
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
    return !scope || scope->outcome.status != EXPCLIP_OK;
}

tensor *tensor_keep(tensor_scope *s, tensor *t)
{
    if (tensor_scope_failed(s))
        return NULL;
    for (size_t i = s->n_temporaries; i-- > 0;)
        if (s->temporaries[i] == t) {
            s->temporaries[i] = s->temporaries[--s->n_temporaries];
            return t;
        }
    return NULL;
}

size_t tensor_scope_mark(const tensor_scope *s)
{
    return s ? s->n_temporaries : 0;
}

void tensor_scope_release(tensor_scope *s, size_t mark, const tensor *but)
{
    size_t n = mark;

    for (size_t i = mark; s && i < s->n_temporaries; i++)
        if (s->temporaries[i] == but)
            s->temporaries[n++] = s->temporaries[i];
        else
            tensor_free(s->temporaries[i]);
    if (s && n < s->n_temporaries)
        s->n_temporaries = n;
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
    return t ? t->form.size[dim < 0 ? t->form.n_dims + dim : dim] : 0;
}

/* ---- memory ---- */

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

/* Between devices and number formats, too. */
static void copy(tensor_scope *s, AtenTensorHandle to, AtenTensorHandle from)
{
    attempt(&s->outcome, "copy", [&] {
        return torch_.aoti_torch_copy_(to, from, 0);
    });
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

static tensor *from_memory(tensor_scope *s, const void *data, int32_t n_dims,
                           const int64_t *shape, expclip__dtype from,
                           expclip__dtype to)
{
    if (!expclip__check_shape(&s->outcome, "tensor_from", n_dims, shape))
        return NULL;
    return own(s, copy_in(s, data, n_dims, shape, from, to), to);
}

tensor *tensor_from_f32(tensor_scope *s, const float *data, int32_t n_dims,
                        const int64_t *shape)
{
    return s ? from_memory(s, data, n_dims, shape, EXPCLIP__F32,
                           s->device->dtype)
             : NULL;
}

tensor *tensor_from_u8(tensor_scope *s, const uint8_t *data, int32_t n_dims,
                       const int64_t *shape)
{
    return s ? from_memory(s, data, n_dims, shape, EXPCLIP__U8, EXPCLIP__U8)
             : NULL;
}

tensor *tensor_from_i64(tensor_scope *s, const int64_t *data, int64_t n)
{
    return s ? from_memory(s, data, 1, &n, EXPCLIP__I64, EXPCLIP__I64) : NULL;
}

static void to_memory(tensor_scope *s, const tensor *t, void *out, int64_t n,
                      expclip__dtype dtype, const char *operation)
{
    AtenTensorHandle target;

    if (!s || !expclip__check_copy_out(&s->outcome, operation, form_of(t), n))
        return;
    target = borrow(s, out, t->form.n_dims, t->form.size, dtype);
    copy(s, target, t->handle);
    drop(target);
}

void tensor_to_f32(tensor_scope *s, const tensor *t, float *out, int64_t n)
{
    to_memory(s, t, out, n, EXPCLIP__F32, "tensor_to_f32");
}

void tensor_to_u8(tensor_scope *s, const tensor *t, uint8_t *out, int64_t n)
{
    to_memory(s, t, out, n, EXPCLIP__U8, "tensor_to_u8");
}

/* ---- shape ---- */

static tensor *view(tensor_scope *s, const tensor *t, int32_t n_dims,
                    const int64_t *size, const int64_t *stride, int64_t offset)
{
    AtenTensorHandle handle = NULL;

    attempt(&s->outcome, "view", [&] {
        return torch_.aoti_torch__reinterpret_tensor(t->handle, n_dims, size,
                                                     stride, offset, &handle);
    });
    return own(s, handle, t->form.dtype);
}

static int is_row_major(const tensor *t)
{
    int64_t step = 1;

    for (int32_t i = t->form.n_dims; i-- > 0;) {
        if (t->form.size[i] != 1 && t->stride[i] != step)
            return 0;
        step *= t->form.size[i];
    }
    return 1;
}

/* t itself or a row-major copy; NULL after a failure. */
static const tensor *contiguous(tensor_scope *s, const tensor *t)
{
    tensor *c;

    if (is_row_major(t))
        return t;
    c = own(s, empty(s, t->form.n_dims, t->form.size, t->form.dtype),
            t->form.dtype);
    if (c)
        copy(s, c->handle, t->handle);
    return s->outcome.status ? NULL : c;
}

/*
 * Strides of t under another shape, when its memory allows a view: dimensions
 * are taken from the right, and a run of t's that lies without gaps may be cut
 * in any way.
 */
static int view_strides(int64_t *stride, const tensor *t, int32_t n_dims,
                        const int64_t *shape)
{
    int32_t to = n_dims - 1;
    int64_t run = 1, done = 1, step = t->stride[t->form.n_dims - 1];

    for (int32_t from = t->form.n_dims - 1; from >= 0; from--) {
        run *= t->form.size[from];
        if (from > 0 && (t->form.size[from - 1] == 1 ||
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
    return 1;
}

tensor *tensor_reshape(tensor_scope *s, const tensor *t, int32_t n_dims,
                       const int64_t *shape)
{
    int64_t stride[MAX_DIMS];

    if (!s ||
        !expclip__check_reshape(&s->outcome, form_of(t), n_dims, shape))
        return NULL;
    if (!view_strides(stride, t, n_dims, shape)) {
        t = contiguous(s, t);
        expclip__row_major(stride, n_dims, shape);
    }
    return t ? view(s, t, n_dims, shape, stride, 0) : NULL;
}

tensor *tensor_permute(tensor_scope *s, const tensor *t, int32_t n_dims,
                       const int32_t *order)
{
    int64_t size[MAX_DIMS], stride[MAX_DIMS];

    if (!s ||
        !expclip__check_permute(&s->outcome, form_of(t), n_dims, order))
        return NULL;
    for (int32_t i = 0; i < n_dims; i++) {
        size[i] = t->form.size[order[i]];
        stride[i] = t->stride[order[i]];
    }
    return view(s, t, n_dims, size, stride, 0);
}

tensor *tensor_narrow(tensor_scope *s, const tensor *t, int32_t dim,
                      int64_t start, int64_t length)
{
    int64_t size[MAX_DIMS];

    if (!s || !expclip__check_narrow(&s->outcome, form_of(t), dim, start,
                                     length))
        return NULL;
    memcpy(size, t->form.size, sizeof(size));
    size[dim] = length;
    return view(s, t, t->form.n_dims, size, t->stride,
                start * t->stride[dim]);
}

tensor *tensor_concat(tensor_scope *s, const tensor *a, const tensor *b,
                      int32_t dim)
{
    const tensor *left, *right;
    int64_t size[MAX_DIMS];
    tensor *t;

    if (!s ||
        !expclip__check_concat(&s->outcome, form_of(a), form_of(b), dim))
        return NULL;
    memcpy(size, a->form.size, sizeof(size));
    size[dim] += b->form.size[dim];
    t = own(s, empty(s, a->form.n_dims, size, a->form.dtype), a->form.dtype);
    left = tensor_narrow(s, t, dim, 0, a->form.size[dim]);
    right = tensor_narrow(s, t, dim, a->form.size[dim], b->form.size[dim]);
    if (!left || !right)
        return NULL;
    copy(s, left->handle, a->handle);
    copy(s, right->handle, b->handle);
    return s->outcome.status ? NULL : t;
}

tensor *tensor_expand(tensor_scope *s, const tensor *t, int32_t n_dims,
                      const int64_t *shape)
{
    int64_t stride[MAX_DIMS];

    if (!s || !expclip__check_expand(&s->outcome, form_of(t), n_dims, shape))
        return NULL;
    for (int32_t i = 0; i < n_dims; i++)
        stride[i] = t->form.size[i] == shape[i] ? t->stride[i] : 0;
    return view(s, t, n_dims, shape, stride, 0);
}

tensor *tensor_rows(tensor_scope *s, const tensor *t, const tensor *indices)
{
    arguments a;

    if (!s ||
        !expclip__check_rows(&s->outcome, form_of(t), form_of(indices)))
        return NULL;
    a = { &s->outcome, "aten::index_select", {}, 0 };
    push_tensor(&a, t->handle);
    push<int64_t>(&a, 0);
    push_tensor(&a, indices->handle);
    return own(s, call(&a), t->form.dtype);
}

/* ---- arithmetic ---- */

tensor *tensor_add(tensor_scope *s, const tensor *a, const tensor *b)
{
    AtenTensorHandle handle = NULL;

    if (!s || !expclip__check_add(&s->outcome, form_of(a), form_of(b)))
        return NULL;
    /* a - (-1) b: the shim has no plain addition. */
    attempt(&s->outcome, "add", [&] {
        return torch_.aoti_torch_aten_subtract_Tensor(a->handle, b->handle,
                                                      -1.0, &handle);
    });
    return own(s, handle, a->form.dtype);
}

tensor *tensor_layer_norm(tensor_scope *s, const tensor *x,
                          const tensor *weight, const tensor *bias, double eps)
{
    arguments a;

    if (!s || !expclip__check_layer_norm(&s->outcome, form_of(x),
                                         form_of(weight), form_of(bias)))
        return NULL;
    a = { &s->outcome, "aten::layer_norm", {}, 0 };
    push_tensor(&a, x->handle);
    push_ints(&a, weight->form.size, 1);
    push_optional_tensor(&a, weight->handle);
    push_optional_tensor(&a, bias->handle);
    push(&a, eps);
    push(&a, false); /* cudnn_enable, without effect */
    return own(s, call(&a), x->form.dtype);
}

tensor *tensor_attention(tensor_scope *s, const tensor *q, const tensor *k,
                         const tensor *v, int causal)
{
    arguments a;

    if (!s || !expclip__check_attention(&s->outcome, form_of(q), form_of(k),
                                        form_of(v), causal))
        return NULL;
    a = { &s->outcome, "aten::scaled_dot_product_attention", {}, 0 };
    push_tensor(&a, q->handle);
    push_tensor(&a, k->handle);
    push_tensor(&a, v->handle);
    push_none(&a); /* mask */
    push(&a, 0.0); /* dropout */
    push(&a, causal != 0);
    push_none(&a);   /* scale: 1 / sqrt(d) */
    push(&a, false); /* enable_gqa */
    return own(s, call(&a), q->form.dtype);
}

tensor *tensor_resize(tensor_scope *s, const tensor *t, int64_t height,
                      int64_t width, tensor_filter filter)
{
    int64_t size[] = { 1, 0, height, width };
    arguments a;

    if (!s ||
        !expclip__check_resize(&s->outcome, form_of(t), height, width))
        return NULL;
    size[1] = t->form.size[0];
    size[2] = t->form.size[1];
    size[3] = t->form.size[2];
    t = tensor_reshape(s, t, 4, size);
    if (!t)
        return NULL;
    size[2] = height;
    size[3] = width;
    a = { &s->outcome,
          filter == TENSOR_BILINEAR ? "aten::_upsample_bilinear2d_aa"
                                    : "aten::_upsample_bicubic2d_aa", {}, 0 };
    push_tensor(&a, t->handle);
    push_ints(&a, size + 2, 2);
    push(&a, false); /* align_corners */
    push_none(&a);   /* scales: from the sizes */
    push_none(&a);
    return tensor_reshape(s, own(s, call(&a), t->form.dtype), 3, size + 1);
}

/* ---- linear maps ---- */

/*
 * Bring a weight into the order that oneDNN's matrix kernels read and free the
 * plain one. Where oneDNN does not take it (a type that this CPU lacks), it
 * stays plain.
 */
static void pack_weight(tensor_linear *linear)
{
    expclip__outcome outcome = {};
    arguments a = { &outcome, "mkldnn::_reorder_linear_weight", {}, 0 };
    AtenTensorHandle packed;

    push_tensor(&a, linear->weight);
    push_none(&a); /* batch size: any */
    packed = call(&a);
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

    linear->weight = copy_in(s, weight, 2, linear->form.size, EXPCLIP__F32,
                             dtype);
    if (bias)
        linear->bias = copy_in(s, bias, 1, linear->form.size, EXPCLIP__F32,
                               dtype);
    if (s->device->packed && !s->outcome.status)
        pack_weight(linear);
}

expclip_status tensor_linear_create(tensor_linear **out, tensor_device *device,
                                    const float *weight, const float *bias,
                                    int64_t n_out, int64_t n_in,
                                    expclip_error *err)
{
    tensor_linear *linear = static_cast<tensor_linear *>(
        expclip__alloc_zero(1, sizeof(*linear)));
    tensor_scope *s;
    expclip_status status;

    if (!linear)
        return expclip__fail_memory(err, "linear map");
    linear->form = { device->dtype, 2, { n_out, n_in } };
    s = tensor_scope_begin(device, err);
    if (s && expclip__check_shape(&s->outcome, "tensor_linear_create", 2,
                                  linear->form.size))
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

static tensor *activate(tensor_scope *s, const tensor *t,
                        tensor_activation activation)
{
    arguments a = { &s->outcome, activation == TENSOR_SILU ? "aten::silu"
                                                           : "aten::gelu",
                    {}, 0 };

    push_tensor(&a, t->handle);
    if (activation == TENSOR_GELU)
        push_text(&a, "none"); /* exact, not by tanh */
    return own(s, call(&a), t->form.dtype);
}

/* The portable twin of the packed path. */
static tensor *plain_linear(tensor_scope *s, const tensor_linear *linear,
                            const tensor *x, tensor_activation activation)
{
    arguments a = { &s->outcome, "aten::linear", {}, 0 };
    tensor *y;

    push_tensor(&a, x->handle);
    push_tensor(&a, linear->weight);
    push_optional_tensor(&a, linear->bias);
    y = own(s, call(&a), x->form.dtype);
    return y && activation != TENSOR_IDENTITY ? activate(s, y, activation) : y;
}

tensor *tensor_linear_apply(tensor_scope *s, const tensor_linear *linear,
                            const tensor *x, tensor_activation activation)
{
    static const char *const names[] = { "none", "swish", "gelu" };
    const char *algorithm = "none"; /* exact GELU, not by tanh */
    AtenTensorHandle handle = NULL, bias;

    if (!s || !expclip__check_linear(&s->outcome, "tensor_linear_apply",
                                     form_of(x), linear ? &linear->form
                                                        : NULL))
        return NULL;
    if (!linear->packed)
        return plain_linear(s, linear, x, activation);
    bias = linear->bias;
    attempt(&s->outcome, "linear", [&] {
        return torch_.packed_linear(
            x->handle, linear->weight, bias ? &bias : NULL, names[activation],
            NULL, 0, activation == TENSOR_GELU ? &algorithm : NULL, &handle);
    });
    return own(s, handle, x->form.dtype);
}

tensor *tensor_linear_add(tensor_scope *s, const tensor_linear *linear,
                          const tensor *x, const tensor *residual)
{
    AtenTensorHandle handle = NULL, bias;

    if (!s || !expclip__check_linear_add(&s->outcome, form_of(x),
                                         linear ? &linear->form : NULL,
                                         form_of(residual)))
        return NULL;
    if (!linear->packed)
        return tensor_add(
            s, plain_linear(s, linear, x, TENSOR_IDENTITY), residual);
    bias = linear->bias;
    residual = contiguous(s, residual);
    if (!residual)
        return NULL;
    attempt(&s->outcome, "linear and add", [&] {
        return torch_.packed_linear_binary(x->handle, residual->handle,
                                           linear->weight,
                                           bias ? &bias : NULL, "add",
                                           &handle);
    });
    return own(s, handle, x->form.dtype);
}
