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
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"

#define MAX_DIMS 8

struct tensor {
    int32_t n_dims;
    int64_t size[MAX_DIMS];
    expclip__dtype dtype; /* U8 values are whole numbers 0..255 */
    float *data;
};

struct tensor_linear {
    float *weight; /* [n_out, n_in] */
    float *bias;   /* [n_out] or NULL */
    int64_t n_out;
    int64_t n_in;
};

struct tensor_device {
    expclip__dtype dtype;
};

struct tensor_scope {
    tensor_device *device;
    expclip_error *err;
    expclip_status status;
    tensor **list;
    size_t n;
    size_t capacity;
};

/* ---- device, scope ---- */

expclip_status tensor_device_open(tensor_device **out,
                                  const tensor_device_options *options,
                                  expclip_error *err)
{
    tensor_device *d;

    if (strcmp(options->name, "cpu") != 0)
        return expclip__fail(err, EXPCLIP_ERROR_ARGUMENT,
                             "device: \"%s\", expected cpu", options->name);
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
    s->err = err;
    return s;
}

expclip_status tensor_scope_end(tensor_scope *scope)
{
    expclip_status status;

    if (!scope)
        return EXPCLIP_ERROR_MEMORY;
    status = scope->status;
    for (size_t i = 0; i < scope->n; i++)
        tensor_free(scope->list[i]);
    expclip__free(scope->list);
    expclip__free(scope);
    return status;
}

int tensor_scope_failed(const tensor_scope *scope)
{
    return !scope || scope->status;
}

static tensor *fail(tensor_scope *s, expclip_status status, const char *format,
                    ...) __attribute__((format(printf, 3, 4)));

static tensor *fail(tensor_scope *s, expclip_status status, const char *format,
                    ...)
{
    char text[256];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    if (!s->status)
        s->status = expclip__fail(s->err, status, "%s", text);
    return NULL;
}

static int unusable(tensor_scope *s, const tensor *a, const tensor *b)
{
    if (!s || s->status)
        return 1;
    if (!a || !b)
        fail(s, EXPCLIP_ERROR_INTERNAL, "a tensor is NULL");
    return s->status != EXPCLIP_OK;
}

static int64_t count(int32_t n_dims, const int64_t *size)
{
    int64_t n = 1;

    for (int32_t i = 0; i < n_dims; i++)
        n *= size[i];
    return n;
}

static tensor *new_tensor(tensor_scope *s, int32_t n_dims, const int64_t *size,
                          expclip__dtype dtype)
{
    const size_t wanted = s->n < s->capacity ? s->capacity
                                             : 2 * s->capacity + 16;
    tensor **list = s->n < s->capacity
                        ? s->list
                        : expclip__realloc(s->list, wanted, sizeof(*list));
    tensor *t;

    if (!list)
        return fail(s, EXPCLIP_ERROR_MEMORY, "tensor: out of memory");
    s->list = list;
    s->capacity = wanted;
    t = expclip__alloc_zero(1, sizeof(*t));
    if (t)
        t->data = expclip__alloc((size_t)count(n_dims, size), sizeof(float));
    if (!t || !t->data) {
        expclip__free(t);
        return fail(s, EXPCLIP_ERROR_MEMORY, "tensor: out of memory");
    }
    t->n_dims = n_dims;
    t->dtype = dtype;
    memcpy(t->size, size, (size_t)n_dims * sizeof(*size));
    s->list[s->n++] = t;
    return t;
}

tensor *tensor_keep(tensor_scope *s, tensor *t)
{
    if (!s || s->status)
        return NULL;
    for (size_t i = s->n; i-- > 0;)
        if (s->list[i] == t) {
            s->list[i] = s->list[--s->n];
            return t;
        }
    return NULL;
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
    return t ? t->size[dim < 0 ? t->n_dims + dim : dim] : 0;
}

/* ---- copy in and out ---- */

tensor *tensor_from_f32(tensor_scope *s, const float *data, int32_t n_dims,
                        const int64_t *shape)
{
    tensor *t = tensor_scope_failed(s)
                    ? NULL
                    : new_tensor(s, n_dims, shape, s->device->dtype);

    if (t)
        memcpy(t->data, data,
               (size_t)count(n_dims, shape) * sizeof(*data));
    return t;
}

tensor *tensor_from_u8(tensor_scope *s, const uint8_t *data, int32_t n_dims,
                       const int64_t *shape)
{
    tensor *t = tensor_scope_failed(s)
                    ? NULL
                    : new_tensor(s, n_dims, shape, EXPCLIP__U8);

    for (int64_t i = 0; t && i < count(n_dims, shape); i++)
        t->data[i] = data[i];
    return t;
}

tensor *tensor_from_i64(tensor_scope *s, const int64_t *data, int64_t n)
{
    tensor *t = tensor_scope_failed(s) ? NULL
                                       : new_tensor(s, 1, &n, EXPCLIP__I64);

    for (int64_t i = 0; t && i < n; i++)
        t->data[i] = (float)data[i];
    return t;
}

static int may_copy(tensor_scope *s, const tensor *t, int64_t n)
{
    if (unusable(s, t, t))
        return 0;
    if (count(t->n_dims, t->size) != n)
        fail(s, EXPCLIP_ERROR_INTERNAL, "copy: %lld elements, expected %lld",
             (long long)count(t->n_dims, t->size), (long long)n);
    return !s->status;
}

void tensor_to_f32(tensor_scope *s, const tensor *t, float *out, int64_t n)
{
    if (may_copy(s, t, n))
        memcpy(out, t->data, (size_t)n * sizeof(*out));
}

void tensor_to_u8(tensor_scope *s, const tensor *t, uint8_t *out, int64_t n)
{
    if (may_copy(s, t, n))
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
    tensor *out = new_tensor(s, n_dims, size, t->dtype);
    int64_t index[MAX_DIMS] = { 0 }, n = count(n_dims, size);

    for (int64_t k = 0; out && k < n; k++) {
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
    int64_t n = 1;

    for (int32_t i = t->n_dims; i-- > 0; n *= t->size[i])
        step[i] = n;
}

tensor *tensor_reshape(tensor_scope *s, const tensor *t, int32_t n_dims,
                       const int64_t *shape)
{
    tensor *out;

    if (unusable(s, t, t))
        return NULL;
    if (count(n_dims, shape) != count(t->n_dims, t->size))
        return fail(s, EXPCLIP_ERROR_INTERNAL, "tensor_reshape: %lld elements, "
                    "expected %lld", (long long)count(n_dims, shape),
                    (long long)count(t->n_dims, t->size));
    out = new_tensor(s, n_dims, shape, t->dtype);
    if (out)
        memcpy(out->data, t->data,
               (size_t)count(n_dims, shape) * sizeof(float));
    return out;
}

tensor *tensor_permute(tensor_scope *s, const tensor *t, int32_t n_dims,
                       const int32_t *order)
{
    int64_t size[MAX_DIMS], step[MAX_DIMS], old[MAX_DIMS];

    if (unusable(s, t, t))
        return NULL;
    if (n_dims != t->n_dims)
        return fail(s, EXPCLIP_ERROR_INTERNAL, "tensor_permute: %d dimensions, "
                    "expected %d", (int)n_dims, (int)t->n_dims);
    steps(old, t);
    for (int32_t i = 0; i < n_dims; i++) {
        size[i] = t->size[order[i]];
        step[i] = old[order[i]];
    }
    return gather(s, t, n_dims, size, step, 0);
}

tensor *tensor_narrow(tensor_scope *s, const tensor *t, int32_t dim,
                      int64_t start, int64_t length)
{
    int64_t size[MAX_DIMS], step[MAX_DIMS];

    if (unusable(s, t, t))
        return NULL;
    if (dim < 0 || dim >= t->n_dims || start < 0 || length < 1 ||
        start + length > t->size[dim])
        return fail(s, EXPCLIP_ERROR_INTERNAL, "tensor_narrow: %lld elements "
                    "from %lld of dimension %d", (long long)length,
                    (long long)start, (int)dim);
    memcpy(size, t->size, sizeof(size));
    size[dim] = length;
    steps(step, t);
    return gather(s, t, t->n_dims, size, step, start * step[dim]);
}

tensor *tensor_expand(tensor_scope *s, const tensor *t, int32_t n_dims,
                      const int64_t *shape)
{
    int64_t step[MAX_DIMS];

    if (unusable(s, t, t))
        return NULL;
    steps(step, t);
    for (int32_t i = 0; i < n_dims; i++) {
        if (n_dims != t->n_dims ||
            (t->size[i] != 1 && t->size[i] != shape[i]))
            return fail(s, EXPCLIP_ERROR_INTERNAL, "tensor_expand: dimension "
                        "%d does not have size 1", (int)i);
        if (t->size[i] != shape[i])
            step[i] = 0;
    }
    return gather(s, t, n_dims, shape, step, 0);
}

tensor *tensor_concat(tensor_scope *s, const tensor *a, const tensor *b,
                      int32_t dim)
{
    int64_t size[MAX_DIMS], before, left, right;
    tensor *out;

    if (unusable(s, a, b))
        return NULL;
    memcpy(size, a->size, sizeof(size));
    for (int32_t i = 0; i < a->n_dims; i++)
        if (a->n_dims != b->n_dims || (i != dim && a->size[i] != b->size[i]))
            return fail(s, EXPCLIP_ERROR_INTERNAL, "tensor_concat: shapes "
                        "differ in dimension %d", (int)i);
    size[dim] += b->size[dim];
    out = new_tensor(s, a->n_dims, size, a->dtype);
    before = count(dim, a->size);
    left = count(a->n_dims - dim, a->size + dim);
    right = count(b->n_dims - dim, b->size + dim);
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

    if (unusable(s, t, indices))
        return NULL;
    memcpy(size, t->size, sizeof(size));
    size[0] = indices->size[0];
    row = count(t->n_dims - 1, t->size + 1);
    for (int64_t i = 0; i < size[0]; i++)
        if (indices->data[i] < 0 ||
            (int64_t)indices->data[i] >= t->size[0])
            return fail(s, EXPCLIP_ERROR_INTERNAL, "tensor_rows: index %lld of "
                        "%lld rows", (long long)indices->data[i],
                        (long long)t->size[0]);
    out = new_tensor(s, t->n_dims, size, t->dtype);
    for (int64_t i = 0; out && i < size[0]; i++)
        memcpy(out->data + i * row, t->data + (int64_t)indices->data[i] * row,
               (size_t)row * sizeof(float));
    return out;
}

/* ---- arithmetic ---- */

tensor *tensor_add(tensor_scope *s, const tensor *a, const tensor *b)
{
    int64_t size[MAX_DIMS], as[MAX_DIMS], bs[MAX_DIMS];
    int64_t step_a[MAX_DIMS], step_b[MAX_DIMS];
    const tensor *x, *y;
    tensor *out;
    int32_t n;

    if (unusable(s, a, b))
        return NULL;
    n = a->n_dims > b->n_dims ? a->n_dims : b->n_dims;
    for (int32_t i = 0; i < n; i++) {
        as[i] = i < n - a->n_dims ? 1 : a->size[i - (n - a->n_dims)];
        bs[i] = i < n - b->n_dims ? 1 : b->size[i - (n - b->n_dims)];
        size[i] = as[i] > bs[i] ? as[i] : bs[i];
        if (as[i] != bs[i] && as[i] != 1 && bs[i] != 1)
            return fail(s, EXPCLIP_ERROR_INTERNAL, "tensor_add: sizes %lld and "
                        "%lld", (long long)as[i], (long long)bs[i]);
    }
    x = tensor_reshape(s, a, n, as);
    y = tensor_reshape(s, b, n, bs);
    if (unusable(s, x, y))
        return NULL;
    steps(step_a, x);
    steps(step_b, y);
    for (int32_t i = 0; i < n; i++) {
        step_a[i] = as[i] == size[i] ? step_a[i] : 0;
        step_b[i] = bs[i] == size[i] ? step_b[i] : 0;
    }
    out = gather(s, x, n, size, step_a, 0);
    y = out ? gather(s, y, n, size, step_b, 0) : NULL;
    for (int64_t i = 0; y && i < count(n, size); i++)
        out->data[i] += y->data[i];
    return y ? out : NULL;
}

tensor *tensor_layer_norm(tensor_scope *s, const tensor *x,
                          const tensor *weight, const tensor *bias, double eps)
{
    int64_t width, rows;
    tensor *out;

    if (unusable(s, x, weight) || unusable(s, x, bias))
        return NULL;
    width = tensor_size(x, -1);
    if (weight->size[0] != width || bias->size[0] != width)
        return fail(s, EXPCLIP_ERROR_INTERNAL, "tensor_layer_norm: width %lld, "
                    "weight %lld", (long long)width,
                    (long long)weight->size[0]);
    rows = count(x->n_dims, x->size) / width;
    out = new_tensor(s, x->n_dims, x->size, x->dtype);
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

    if (unusable(s, q, k) || unusable(s, k, v))
        return NULL;
    if (q->n_dims != 4 || q->size[3] != k->size[3] || q->size[0] != k->size[0])
        return fail(s, EXPCLIP_ERROR_INTERNAL, "tensor_attention: %d "
                    "dimensions, expected [n, h, t, d]", (int)q->n_dims);
    out = new_tensor(s, 4, q->size, q->dtype);
    for (int64_t i = 0; out && i < q->size[0] * q->size[1]; i++) {
        const int64_t d = q->size[3], keys = i * k->size[2] * d;

        for (int64_t t = 0; t < q->size[2]; t++)
            attend(out->data + (i * q->size[2] + t) * d,
                   q->data + (i * q->size[2] + t) * d, k->data + keys,
                   v->data + keys, causal ? t + 1 : k->size[2], d);
    }
    return out;
}

/* ---- linear ---- */

expclip_status tensor_linear_create(tensor_linear **out, tensor_device *device,
                                    const float *weight, const float *bias,
                                    int64_t n_out, int64_t n_in,
                                    expclip_error *err)
{
    const size_t n = (size_t)(n_out * n_in);
    tensor_linear *l = expclip__alloc_zero(1, sizeof(*l));

    (void)device;
    if (l) {
        l->n_out = n_out;
        l->n_in = n_in;
        l->weight = expclip__alloc(n, sizeof(float));
        l->bias = bias ? expclip__alloc((size_t)n_out, sizeof(float)) : NULL;
    }
    if (!l || !l->weight || (bias && !l->bias)) {
        tensor_linear_free(l);
        return expclip__fail_memory(err, "linear map");
    }
    memcpy(l->weight, weight, n * sizeof(float));
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

tensor *tensor_linear_apply(tensor_scope *s, const tensor_linear *linear,
                            const tensor *x, tensor_activation activation)
{
    int64_t size[MAX_DIMS], rows;
    tensor *out;

    if (unusable(s, x, x))
        return NULL;
    if (tensor_size(x, -1) != linear->n_in)
        return fail(s, EXPCLIP_ERROR_INTERNAL, "tensor_linear: x of width %lld "
                    "does not fit weight [%lld, %lld]",
                    (long long)tensor_size(x, -1), (long long)linear->n_out,
                    (long long)linear->n_in);
    memcpy(size, x->size, sizeof(size));
    size[x->n_dims - 1] = linear->n_out;
    rows = count(x->n_dims - 1, x->size);
    out = new_tensor(s, x->n_dims, size, x->dtype);
    for (int64_t i = 0; out && i < rows * linear->n_out; i++) {
        const float *in = x->data + i / linear->n_out * linear->n_in;
        const int64_t j = i % linear->n_out;
        const float *w = linear->weight + j * linear->n_in;
        float sum = linear->bias ? linear->bias[j] : 0.0f;

        for (int64_t k = 0; k < linear->n_in; k++)
            sum += in[k] * w[k];
        out->data[i] = activate((double)sum, activation);
    }
    return out;
}

tensor *tensor_linear_add(tensor_scope *s, const tensor_linear *linear,
                          const tensor *x, const tensor *residual)
{
    return tensor_add(s, tensor_linear_apply(s, linear, x, TENSOR_IDENTITY),
                      residual);
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

    if (unusable(s, t, t))
        return NULL;
    if (t->n_dims != 3 || height < 1 || width < 1)
        return fail(s, EXPCLIP_ERROR_INTERNAL, "tensor_resize: %d dimensions, "
                    "expected [c, h, w]", (int)t->n_dims);
    c = t->size[0];
    h = t->size[1];
    w = t->size[2];
    memcpy(wide, (int64_t[]){ c, h, width }, sizeof(wide));
    memcpy(full, (int64_t[]){ c, height, width }, sizeof(full));
    rows = new_tensor(s, 3, wide, t->dtype);
    out = rows ? new_tensor(s, 3, full, t->dtype) : NULL;
    for (int64_t i = 0; out && i < c * h; i++)
        resize_row(rows->data + i * width, t->data + i * w, w, width, 1,
                   filter, t->dtype == EXPCLIP__U8);
    for (int64_t i = 0; out && i < c * width; i++) {
        const int64_t plane = i / width, x = i % width;

        resize_row(out->data + plane * height * width + x,
                   rows->data + plane * h * width + x, h, height, width,
                   filter, t->dtype == EXPCLIP__U8);
    }
    return out;
}
