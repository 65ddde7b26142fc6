/* SPDX-License-Identifier: MIT */
/*
 * tensor_stub.c - tensor.h in plain C, for the tests.
 *
 * Every tensor is a row-major array of floats (indices are kept as floats too,
 * exact below 2^24), every operation a loop as in the formula. Slow, but all
 * of it is ours: with it the whole library runs under the address and thread
 * sanitizers and valgrind, and the real seam has something to be held against.
 */
#include "tensor/tensor.h"

#include <math.h>
#include <stdatomic.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "tensor/checks.h"

#define MAX_DIMS EXPCLIP__MAX_DIMS

struct tensor {
    expclip__form form;
    float *data; /* of a U8 tensor, whole numbers 0..255 */
};

struct tensor_linear {
    expclip__form form; /* of the weight: [n_out, n_in] */
    float *weight;
    float *bias; /* [n_out] or NULL */
};

struct tensor_device {
    expclip__dtype dtype;
};

struct tensor_scope {
    expclip__outcome outcome;
    tensor_device *device;
    tensor **list;
    size_t n;
    size_t capacity;
};

static atomic_int throw_next;

static const expclip__form *form_of(const tensor *t)
{
    return t ? &t->form : NULL;
}

/* ---- device, scope ---- */

expclip_status tensor_device_open(tensor_device **out,
                                  const tensor_device_options *options,
                                  expclip_error *err)
{
    tensor_device *d;

    if (strcmp(options->name, "cpu") != 0)
        return expclip__fail(err, EXPCLIP_ERROR_ARGUMENT,
                             "device: \"%s\", expected cpu or cuda:N",
                             options->name);
    d = expclip__alloc(1, sizeof(*d));
    if (!d)
        return expclip__fail_memory(err, "device");
    d->dtype = options->dtype;
    *out = d;
    return EXPCLIP_OK;
}

void tensor_device_close(tensor_device *device)
{
    expclip__free(device);
}

const char *tensor_runtime_info(void)
{
    return "{\"libtorch\": \"none: plain C for tests\"}";
}

tensor_scope *tensor_scope_begin(tensor_device *device, expclip_error *err)
{
    tensor_scope *s = expclip__alloc_zero(1, sizeof(*s));

    if (!s) {
        expclip__fail_memory(err, "tensor scope");
        return NULL;
    }
    s->device = device;
    s->outcome.err = err;
    return s;
}

expclip_status tensor_scope_end(tensor_scope *scope)
{
    expclip_status status;

    if (!scope)
        return EXPCLIP_ERROR_MEMORY;
    status = scope->outcome.status;
    for (size_t i = 0; i < scope->n; i++)
        tensor_free(scope->list[i]);
    expclip__free(scope->list);
    expclip__free(scope);
    return status;
}

int tensor_scope_failed(const tensor_scope *scope)
{
    return !scope || scope->outcome.status;
}

static int64_t count(const tensor *t)
{
    return expclip__count(t->form.n_dims, t->form.size);
}

/* Where the real seam calls its runtime. */
static int may_run(expclip__outcome *o)
{
    static const expclip_status as[] = { EXPCLIP_OK, EXPCLIP_ERROR_MEMORY,
                                         EXPCLIP_ERROR_BACKEND,
                                         EXPCLIP_ERROR_INTERNAL };
    const int what = o->status ? 0 : atomic_exchange(&throw_next, 0);

    if (what)
        expclip__outcome_fail(o, as[what], "asked for by a test");
    return !o->status;
}

void tensor_throw_next(int32_t what)
{
    atomic_store(&throw_next, what);
}

static tensor *no_memory(tensor_scope *s)
{
    expclip__outcome_fail(&s->outcome, EXPCLIP_ERROR_MEMORY,
                          "tensor: out of memory");
    return NULL;
}

static tensor *new_tensor(tensor_scope *s, int32_t n_dims, const int64_t *size,
                          expclip__dtype dtype)
{
    const size_t n = (size_t)expclip__count(n_dims, size);
    const size_t wanted = s->n < s->capacity ? s->capacity
                                             : 2 * s->capacity + 16;
    tensor **list, *t;

    if (!may_run(&s->outcome))
        return NULL;
    list = s->n < s->capacity
               ? s->list
               : expclip__realloc(s->list, wanted, sizeof(*list));
    if (!list)
        return no_memory(s);
    s->list = list;
    s->capacity = wanted;
    t = expclip__alloc_zero(1, sizeof(*t));
    if (t)
        t->data = expclip__alloc(n, sizeof(float));
    if (!t || !t->data) {
        expclip__free(t);
        return no_memory(s);
    }
    t->form.n_dims = n_dims;
    t->form.dtype = dtype;
    memcpy(t->form.size, size, (size_t)n_dims * sizeof(*size));
    s->list[s->n++] = t;
    return t;
}

tensor *tensor_keep(tensor_scope *s, tensor *t)
{
    if (tensor_scope_failed(s))
        return NULL;
    for (size_t i = s->n; i-- > 0;)
        if (s->list[i] == t) {
            s->list[i] = s->list[--s->n];
            return t;
        }
    return NULL;
}

size_t tensor_scope_mark(const tensor_scope *s)
{
    return s ? s->n : 0;
}

void tensor_scope_release(tensor_scope *s, size_t mark, const tensor *but)
{
    size_t n = mark;

    for (size_t i = mark; s && i < s->n; i++)
        if (s->list[i] == but)
            s->list[n++] = s->list[i];
        else
            tensor_free(s->list[i]);
    if (s && n < s->n)
        s->n = n;
}

void tensor_free(tensor *t)
{
    if (!t)
        return;
    expclip__free(t->data);
    expclip__free(t);
}

int64_t tensor_size(const tensor *t, int32_t dim)
{
    return t ? t->form.size[dim < 0 ? t->form.n_dims + dim : dim] : 0;
}

/* ---- copy in and out ---- */

static tensor *new_input(tensor_scope *s, int32_t n_dims,
                         const int64_t *shape, expclip__dtype dtype)
{
    if (!s || !expclip__check_shape(&s->outcome, "tensor_from", n_dims, shape))
        return NULL;
    return new_tensor(s, n_dims, shape, dtype);
}

tensor *tensor_from_f32(tensor_scope *s, const float *data, int32_t n_dims,
                        const int64_t *shape)
{
    tensor *t = s ? new_input(s, n_dims, shape, s->device->dtype) : NULL;

    if (t)
        memcpy(t->data, data, (size_t)count(t) * sizeof(*data));
    return t;
}

tensor *tensor_from_u8(tensor_scope *s, const uint8_t *data, int32_t n_dims,
                       const int64_t *shape)
{
    tensor *t = new_input(s, n_dims, shape, EXPCLIP__U8);

    for (int64_t i = 0; t && i < count(t); i++)
        t->data[i] = data[i];
    return t;
}

tensor *tensor_from_i64(tensor_scope *s, const int64_t *data, int64_t n)
{
    tensor *t = new_input(s, 1, &n, EXPCLIP__I64);

    for (int64_t i = 0; t && i < n; i++)
        t->data[i] = (float)data[i];
    return t;
}

void tensor_to_f32(tensor_scope *s, const tensor *t, float *out, int64_t n)
{
    if (s && expclip__check_copy_out(&s->outcome, "tensor_to_f32", form_of(t),
                                     n))
        memcpy(out, t->data, (size_t)n * sizeof(*out));
}

void tensor_to_u8(tensor_scope *s, const tensor *t, uint8_t *out, int64_t n)
{
    if (s && expclip__check_copy_out(&s->outcome, "tensor_to_u8", form_of(t),
                                     n))
        for (int64_t i = 0; i < n; i++)
            out[i] = (uint8_t)t->data[i];
}

/* ---- shape ---- */

/*
 * The general view: element (i0, i1, ...) of the result is element
 * start + i0 * step[0] + i1 * step[1] + ... of t.
 */
static tensor *gather(tensor_scope *s, const tensor *t, int32_t n_dims,
                      const int64_t *size, const int64_t *step, int64_t start)
{
    tensor *out = new_tensor(s, n_dims, size, t->form.dtype);
    int64_t index[MAX_DIMS] = { 0 };

    for (int64_t k = 0; out && k < count(out); k++) {
        int64_t from = start;

        for (int32_t i = 0; i < n_dims; i++)
            from += index[i] * step[i];
        out->data[k] = t->data[from];
        for (int32_t i = n_dims; i-- > 0 && ++index[i] == size[i];)
            index[i] = 0;
    }
    return out;
}

static void steps(int64_t *step, const tensor *t)
{
    expclip__row_major(step, t->form.n_dims, t->form.size);
}

tensor *tensor_reshape(tensor_scope *s, const tensor *t, int32_t n_dims,
                       const int64_t *shape)
{
    tensor *out;

    if (!s ||
        !expclip__check_reshape(&s->outcome, form_of(t), n_dims, shape))
        return NULL;
    out = new_tensor(s, n_dims, shape, t->form.dtype);
    if (out)
        memcpy(out->data, t->data, (size_t)count(t) * sizeof(float));
    return out;
}

tensor *tensor_permute(tensor_scope *s, const tensor *t, int32_t n_dims,
                       const int32_t *order)
{
    int64_t size[MAX_DIMS], step[MAX_DIMS], old[MAX_DIMS];

    if (!s ||
        !expclip__check_permute(&s->outcome, form_of(t), n_dims, order))
        return NULL;
    steps(old, t);
    for (int32_t i = 0; i < n_dims; i++) {
        size[i] = t->form.size[order[i]];
        step[i] = old[order[i]];
    }
    return gather(s, t, n_dims, size, step, 0);
}

tensor *tensor_narrow(tensor_scope *s, const tensor *t, int32_t dim,
                      int64_t start, int64_t length)
{
    int64_t size[MAX_DIMS], step[MAX_DIMS];

    if (!s || !expclip__check_narrow(&s->outcome, form_of(t), dim, start,
                                     length))
        return NULL;
    memcpy(size, t->form.size, sizeof(size));
    size[dim] = length;
    steps(step, t);
    return gather(s, t, t->form.n_dims, size, step, start * step[dim]);
}

tensor *tensor_expand(tensor_scope *s, const tensor *t, int32_t n_dims,
                      const int64_t *shape)
{
    int64_t step[MAX_DIMS];

    if (!s || !expclip__check_expand(&s->outcome, form_of(t), n_dims, shape))
        return NULL;
    steps(step, t);
    for (int32_t i = 0; i < n_dims; i++)
        step[i] = t->form.size[i] == shape[i] ? step[i] : 0;
    return gather(s, t, n_dims, shape, step, 0);
}

tensor *tensor_concat(tensor_scope *s, const tensor *a, const tensor *b,
                      int32_t dim)
{
    int64_t size[MAX_DIMS], before, left, right;
    tensor *out;

    if (!s ||
        !expclip__check_concat(&s->outcome, form_of(a), form_of(b), dim))
        return NULL;
    memcpy(size, a->form.size, sizeof(size));
    size[dim] += b->form.size[dim];
    out = new_tensor(s, a->form.n_dims, size, a->form.dtype);
    before = expclip__count(dim, a->form.size);
    left = count(a) / before;
    right = count(b) / before;
    for (int64_t i = 0; out && i < before; i++) {
        float *row = out->data + i * (left + right);

        memcpy(row, a->data + i * left, (size_t)left * sizeof(*row));
        memcpy(row + left, b->data + i * right, (size_t)right * sizeof(*row));
    }
    return out;
}

tensor *tensor_rows(tensor_scope *s, const tensor *t, const tensor *indices)
{
    int64_t size[MAX_DIMS], row;
    tensor *out;

    if (!s ||
        !expclip__check_rows(&s->outcome, form_of(t), form_of(indices)))
        return NULL;
    memcpy(size, t->form.size, sizeof(size));
    size[0] = indices->form.size[0];
    row = count(t) / t->form.size[0];
    out = new_tensor(s, t->form.n_dims, size, t->form.dtype);
    for (int64_t i = 0; out && i < size[0]; i++) {
        const int64_t from = (int64_t)indices->data[i];

        if (from < 0 || from >= t->form.size[0]) {
            expclip__outcome_fail(&s->outcome, EXPCLIP_ERROR_BACKEND,
                                  "tensor_rows: index %lld of %lld rows",
                                  (long long)from,
                                  (long long)t->form.size[0]);
            return NULL;
        }
        memcpy(out->data + i * row, t->data + from * row,
               (size_t)row * sizeof(float));
    }
    return out;
}

/* ---- arithmetic ---- */

/* a with 1s before its sizes, and the steps that repeat it over `size`. */
static void broadcast(int64_t *step, int32_t n_dims, const int64_t *size,
                      const tensor *a)
{
    const int32_t missing = n_dims - a->form.n_dims;
    int64_t own[MAX_DIMS];

    steps(own, a);
    for (int32_t i = 0; i < n_dims; i++)
        step[i] = i < missing || a->form.size[i - missing] != size[i]
                      ? 0
                      : own[i - missing];
}

tensor *tensor_add(tensor_scope *s, const tensor *a, const tensor *b)
{
    int64_t size[MAX_DIMS], step[MAX_DIMS];
    const tensor *longer, *shorter, *y;
    tensor *out;
    int32_t n, missing;

    if (!s || !expclip__check_add(&s->outcome, form_of(a), form_of(b)))
        return NULL;
    longer = a->form.n_dims >= b->form.n_dims ? a : b;
    shorter = longer == a ? b : a;
    n = longer->form.n_dims;
    missing = n - shorter->form.n_dims;
    memcpy(size, longer->form.size, sizeof(size));
    for (int32_t i = missing; i < n; i++)
        if (shorter->form.size[i - missing] > size[i])
            size[i] = shorter->form.size[i - missing];
    broadcast(step, n, size, a);
    out = gather(s, a, n, size, step, 0);
    broadcast(step, n, size, b);
    y = out ? gather(s, b, n, size, step, 0) : NULL;
    for (int64_t i = 0; y && i < count(y); i++)
        out->data[i] += y->data[i];
    return y ? out : NULL;
}

tensor *tensor_layer_norm(tensor_scope *s, const tensor *x,
                          const tensor *weight, const tensor *bias, double eps)
{
    int64_t width, rows;
    tensor *out;

    if (!s || !expclip__check_layer_norm(&s->outcome, form_of(x),
                                         form_of(weight), form_of(bias)))
        return NULL;
    width = tensor_size(x, -1);
    rows = count(x) / width;
    out = new_tensor(s, x->form.n_dims, x->form.size, x->form.dtype);
    for (int64_t i = 0; out && i < rows; i++) {
        const float *in = x->data + i * width;
        double mean = 0.0, variance = 0.0;

        for (int64_t j = 0; j < width; j++)
            mean += (double)in[j] / (double)width;
        for (int64_t j = 0; j < width; j++)
            variance += ((double)in[j] - mean) * ((double)in[j] - mean) /
                        (double)width;
        for (int64_t j = 0; j < width; j++)
            out->data[i * width + j] =
                (float)(((double)in[j] - mean) / sqrt(variance + eps) *
                            (double)weight->data[j] + (double)bias->data[j]);
    }
    return out;
}

/* One query against `n` keys: out [d] = softmax(q k^T / sqrt(d)) v. */
static void attend(float *out, const float *q, const float *k, const float *v,
                   int64_t n, int64_t d)
{
    double largest = -INFINITY, sum = 0.0;

    memset(out, 0, (size_t)d * sizeof(*out));
    for (int pass = 0; pass < 2; pass++)
        for (int64_t i = 0; i < n; i++) {
            double score = 0.0, weight;

            for (int64_t j = 0; j < d; j++)
                score += (double)q[j] * (double)k[i * d + j];
            score /= sqrt((double)d);
            if (pass == 0) {
                largest = score > largest ? score : largest;
                continue;
            }
            weight = exp(score - largest);
            sum += weight;
            for (int64_t j = 0; j < d; j++)
                out[j] += (float)(weight * (double)v[i * d + j]);
        }
    for (int64_t j = 0; j < d; j++)
        out[j] = (float)((double)out[j] / sum);
}

tensor *tensor_attention(tensor_scope *s, const tensor *q, const tensor *k,
                         const tensor *v, int causal)
{
    tensor *out;

    if (!s || !expclip__check_attention(&s->outcome, form_of(q), form_of(k),
                                        form_of(v), causal))
        return NULL;
    out = new_tensor(s, 4, q->form.size, q->form.dtype);
    for (int64_t i = 0; out && i < q->form.size[0] * q->form.size[1]; i++) {
        const int64_t n = q->form.size[2], d = q->form.size[3];
        const int64_t keys = i * k->form.size[2] * d;

        for (int64_t t = 0; t < n; t++)
            attend(out->data + (i * n + t) * d, q->data + (i * n + t) * d,
                   k->data + keys, v->data + keys,
                   causal ? t + 1 : k->form.size[2], d);
    }
    return out;
}

/* ---- linear ---- */

expclip_status tensor_linear_create(tensor_linear **out, tensor_device *device,
                                    const float *weight, const float *bias,
                                    int64_t n_out, int64_t n_in,
                                    expclip_error *err)
{
    expclip__outcome outcome = { EXPCLIP_OK, err };
    tensor_linear *l = expclip__alloc_zero(1, sizeof(*l));

    if (l && may_run(&outcome)) {
        l->form = (expclip__form){ device->dtype, 2, { n_out, n_in } };
        l->weight = expclip__alloc((size_t)(n_out * n_in), sizeof(float));
        l->bias = bias ? expclip__alloc((size_t)n_out, sizeof(float)) : NULL;
    }
    if (!l || !l->weight || (bias && !l->bias)) {
        tensor_linear_free(l);
        return outcome.status ? outcome.status
                              : expclip__fail_memory(err, "linear map");
    }
    memcpy(l->weight, weight, (size_t)(n_out * n_in) * sizeof(float));
    if (bias)
        memcpy(l->bias, bias, (size_t)n_out * sizeof(float));
    *out = l;
    return EXPCLIP_OK;
}

void tensor_linear_free(tensor_linear *linear)
{
    if (!linear)
        return;
    expclip__free(linear->weight);
    expclip__free(linear->bias);
    expclip__free(linear);
}

static float activate(double x, tensor_activation activation)
{
    if (activation == TENSOR_SILU)
        return (float)(x / (1.0 + exp(-x)));
    if (activation == TENSOR_GELU)
        return (float)(0.5 * x * (1.0 + erf(x / sqrt(2.0))));
    return (float)x;
}

/* activation(x W^T + b), for inputs that were checked. */
static tensor *multiply(tensor_scope *s, const tensor_linear *linear,
                        const tensor *x, tensor_activation activation)
{
    const int64_t n_out = linear->form.size[0], n_in = linear->form.size[1];
    int64_t size[MAX_DIMS];
    tensor *out;

    memcpy(size, x->form.size, sizeof(size));
    size[x->form.n_dims - 1] = n_out;
    out = new_tensor(s, x->form.n_dims, size, x->form.dtype);
    for (int64_t i = 0; out && i < count(out); i++) {
        const float *in = x->data + i / n_out * n_in;
        const float *w = linear->weight + i % n_out * n_in;
        float sum = linear->bias ? linear->bias[i % n_out] : 0.0f;

        for (int64_t k = 0; k < n_in; k++)
            sum += in[k] * w[k];
        out->data[i] = activate((double)sum, activation);
    }
    return out;
}

tensor *tensor_linear_apply(tensor_scope *s, const tensor_linear *linear,
                            const tensor *x, tensor_activation activation)
{
    if (!s || !expclip__check_linear(&s->outcome, "tensor_linear_apply",
                                     form_of(x),
                                     linear ? &linear->form : NULL))
        return NULL;
    return multiply(s, linear, x, activation);
}

tensor *tensor_linear_add(tensor_scope *s, const tensor_linear *linear,
                          const tensor *x, const tensor *residual)
{
    if (!s || !expclip__check_linear_add(&s->outcome, form_of(x),
                                         linear ? &linear->form : NULL,
                                         form_of(residual)))
        return NULL;
    return tensor_add(s, multiply(s, linear, x, TENSOR_IDENTITY), residual);
}

/* ---- resize: Pillow's filters, in double ---- */

static double bicubic(double x)
{
    const double a = -0.5;

    x = fabs(x);
    if (x < 1.0)
        return ((a + 2.0) * x - (a + 3.0)) * x * x + 1.0;
    return x < 2.0 ? (((x - 5.0) * x + 8.0) * x - 4.0) * a : 0.0;
}

static double filter_at(double x, tensor_filter filter)
{
    if (filter == TENSOR_BICUBIC)
        return bicubic(x);
    return fabs(x) < 1.0 ? 1.0 - fabs(x) : 0.0;
}

/* Resize a row of `from` elements, `step` apart, to `to` elements. */
static void resize_row(float *out, const float *in, int64_t from, int64_t to,
                       int64_t step, tensor_filter filter, int whole)
{
    const double scale = (double)from / (double)to;
    const double stretch = scale > 1.0 ? scale : 1.0;
    const double support = stretch * (filter == TENSOR_BICUBIC ? 2.0 : 1.0);

    for (int64_t i = 0; i < to; i++) {
        const double centre = ((double)i + 0.5) * scale;
        int64_t first = (int64_t)(centre - support + 0.5);
        int64_t end = (int64_t)(centre + support + 0.5);
        double sum = 0.0, weights = 0.0;

        first = first < 0 ? 0 : first;
        end = end > from ? from : end;
        for (int64_t j = first; j < end; j++) {
            const double w = filter_at(((double)j - centre + 0.5) / stretch,
                                       filter);

            sum += w * (double)in[j * step];
            weights += w;
        }
        sum /= weights;
        if (whole)
            sum = floor(fmin(fmax(sum, 0.0), 255.0) + 0.5);
        out[i * step] = (float)sum;
    }
}

tensor *tensor_resize(tensor_scope *s, const tensor *t, int64_t height,
                      int64_t width, tensor_filter filter)
{
    int64_t wide[3], full[3], c, h, w;
    tensor *rows, *out;

    if (!s ||
        !expclip__check_resize(&s->outcome, form_of(t), height, width))
        return NULL;
    c = t->form.size[0];
    h = t->form.size[1];
    w = t->form.size[2];
    memcpy(wide, (int64_t[]){ c, h, width }, sizeof(wide));
    memcpy(full, (int64_t[]){ c, height, width }, sizeof(full));
    rows = new_tensor(s, 3, wide, t->form.dtype);
    out = rows ? new_tensor(s, 3, full, t->form.dtype) : NULL;
    for (int64_t i = 0; out && i < c * h; i++)
        resize_row(rows->data + i * width, t->data + i * w, w, width, 1,
                   filter, t->form.dtype == EXPCLIP__U8);
    for (int64_t i = 0; out && i < c * width; i++) {
        const int64_t plane = i / width, x = i % width;

        resize_row(out->data + plane * height * width + x,
                   rows->data + plane * h * width + x, h, height, width,
                   filter, t->form.dtype == EXPCLIP__U8);
    }
    return out;
}
