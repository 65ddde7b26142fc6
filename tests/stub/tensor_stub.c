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
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "tensor/checks.h"

#define MAX_DIMS EXPCLIP__MAX_DIMS

struct tensor_linear {
    expclip__form form; /* of the weight: [n_out, n_in] */
    float *weight;
    float *bias; /* [n_out] or NULL */
};

/* ---- device ---- */

expclip_status expclip__backend_open(tensor_device *device, const char *name,
                                     expclip_error *err)
{
    if (device->cuda_index < 0)
        return EXPCLIP_OK;
    return expclip__fail(err, EXPCLIP_ERROR_BACKEND, "%s: plain C has none",
                         name);
}

const char *tensor_runtime_info(void)
{
    return "{\"libtorch\": \"none: plain C for tests\"}";
}

/* ---- scopes and memory ---- */

void expclip__backend_enter(tensor_scope *s)
{
    (void)s;
}

void expclip__backend_leave(tensor_scope *s)
{
    (void)s;
}

void expclip__backend_free(void *data)
{
    expclip__free(data);
}

static float *values(const tensor *t)
{
    return t->data;
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
    const int what = o->status ? 0 : expclip__take_throw();

    if (what)
        expclip__outcome_fail(o, as[what], "asked for by a test");
    return !o->status;
}

static tensor *new_tensor(tensor_scope *s, int32_t n_dims, const int64_t *size,
                          expclip__dtype dtype)
{
    const size_t n = (size_t)expclip__count(n_dims, size);
    int64_t stride[MAX_DIMS];
    float *data;

    if (!may_run(&s->outcome))
        return NULL;
    data = expclip__alloc(n, sizeof(*data));
    if (!data) {
        expclip__outcome_fail(&s->outcome, EXPCLIP_ERROR_MEMORY,
                              "tensor: out of memory");
        return NULL;
    }
    expclip__row_major(stride, n_dims, size);
    return expclip__scope_add(s, data, dtype, n_dims, size, stride);
}

tensor *expclip__backend_copy_in(tensor_scope *s, const void *data,
                                 int32_t n_dims, const int64_t *shape,
                                 expclip__dtype from, expclip__dtype to)
{
    tensor *t = new_tensor(s, n_dims, shape, to);

    if (t)
        expclip__dtype_to_f32(t->data, data, (size_t)count(t), from);
    return t;
}

void expclip__backend_copy_out(tensor_scope *s, const tensor *t, void *out,
                               expclip__dtype to)
{
    if (!may_run(&s->outcome))
        return;
    for (int64_t i = 0; i < count(t); i++)
        if (to == EXPCLIP__U8)
            ((uint8_t *)out)[i] = (uint8_t)values(t)[i];
        else
            ((float *)out)[i] = values(t)[i];
}

/* ---- shape ---- */

/*
 * The general view: element (i0, i1, ...) of the result is element
 * offset + i0 * stride[0] + i1 * stride[1] + ... of t.
 */
tensor *expclip__backend_view(tensor_scope *s, const tensor *t, int32_t n_dims,
                              const int64_t *size, const int64_t *stride,
                              int64_t offset)
{
    tensor *out = new_tensor(s, n_dims, size, t->form.dtype);
    int64_t index[MAX_DIMS] = { 0 };

    for (int64_t k = 0; out && k < count(out); k++) {
        int64_t from = offset;

        for (int32_t i = 0; i < n_dims; i++)
            from += index[i] * stride[i];
        values(out)[k] = values(t)[from];
        for (int32_t i = n_dims; i-- > 0 && ++index[i] == size[i];)
            index[i] = 0;
    }
    return out;
}

/* Every tensor here is. */
const tensor *expclip__backend_row_major(tensor_scope *s, const tensor *t)
{
    (void)s;
    return t;
}

tensor *tensor_concat(tensor_scope *s, const tensor *a, const tensor *b,
                      int32_t dim)
{
    int64_t size[MAX_DIMS], before, left, right;
    tensor *out;

    if (!expclip__check_concat(s, a, b, dim))
        return NULL;
    memcpy(size, a->form.size, sizeof(size));
    size[dim] += b->form.size[dim];
    out = new_tensor(s, a->form.n_dims, size, a->form.dtype);
    before = expclip__count(dim, a->form.size);
    left = count(a) / before;
    right = count(b) / before;
    for (int64_t i = 0; out && i < before; i++) {
        float *row = values(out) + i * (left + right);

        memcpy(row, values(a) + i * left, (size_t)left * sizeof(*row));
        memcpy(row + left, values(b) + i * right, (size_t)right * sizeof(*row));
    }
    return out;
}

tensor *tensor_rows(tensor_scope *s, const tensor *t, const tensor *indices)
{
    int64_t size[MAX_DIMS], row;
    tensor *out;

    if (!expclip__check_rows(s, t, indices))
        return NULL;
    memcpy(size, t->form.size, sizeof(size));
    size[0] = indices->form.size[0];
    row = count(t) / t->form.size[0];
    out = new_tensor(s, t->form.n_dims, size, t->form.dtype);
    for (int64_t i = 0; out && i < size[0]; i++) {
        const int64_t from = (int64_t)values(indices)[i];

        memcpy(values(out) + i * row, values(t) + from * row,
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

    expclip__row_major(own, a->form.n_dims, a->form.size);
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

    if (!expclip__check_add(s, a, b))
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
    out = expclip__backend_view(s, a, n, size, step, 0);
    broadcast(step, n, size, b);
    y = out ? expclip__backend_view(s, b, n, size, step, 0) : NULL;
    for (int64_t i = 0; y && i < count(y); i++)
        values(out)[i] += values(y)[i];
    return y ? out : NULL;
}

tensor *tensor_multiply(tensor_scope *s, const tensor *a, const tensor *b)
{
    tensor *out;

    if (!expclip__check_multiply(s, a, b))
        return NULL;
    out = new_tensor(s, a->form.n_dims, a->form.size, a->form.dtype);
    for (int64_t i = 0; out && i < count(out); i++)
        values(out)[i] = values(a)[i] * values(b)[i];
    return out;
}

tensor *tensor_rms_norm(tensor_scope *s, const tensor *x, const tensor *weight,
                        double eps)
{
    int64_t width;
    tensor *out;

    if (!expclip__check_rms_norm(s, x, weight))
        return NULL;
    width = tensor_size(x, -1);
    out = new_tensor(s, x->form.n_dims, x->form.size, x->form.dtype);
    for (int64_t i = 0; out && i < count(x) / width; i++) {
        const float *in = values(x) + i * width;
        double mean = 0.0;

        for (int64_t j = 0; j < width; j++)
            mean += (double)in[j] * (double)in[j] / (double)width;
        for (int64_t j = 0; j < width; j++)
            values(out)[i * width + j] =
                (float)((double)in[j] / sqrt(mean + eps) *
                        (double)values(weight)[j]);
    }
    return out;
}

tensor *tensor_matmul(tensor_scope *s, const tensor *a, const tensor *b)
{
    int64_t size[2], inner;
    tensor *out;

    if (!expclip__check_matmul(s, a, b))
        return NULL;
    size[0] = a->form.size[0];
    size[1] = b->form.size[1];
    inner = a->form.size[1];
    out = new_tensor(s, 2, size, a->form.dtype);
    for (int64_t i = 0; out && i < count(out); i++) {
        const float *left = values(a) + i / size[1] * inner;
        const float *right = values(b) + i % size[1];
        double sum = 0.0;

        for (int64_t j = 0; j < inner; j++)
            sum += (double)left[j] * (double)right[j * size[1]];
        values(out)[i] = (float)sum;
    }
    return out;
}

tensor *tensor_layer_norm(tensor_scope *s, const tensor *x,
                          const tensor *weight, const tensor *bias, double eps)
{
    int64_t width, rows;
    tensor *out;

    if (!expclip__check_layer_norm(s, x, weight, bias))
        return NULL;
    width = tensor_size(x, -1);
    rows = count(x) / width;
    out = new_tensor(s, x->form.n_dims, x->form.size, x->form.dtype);
    for (int64_t i = 0; out && i < rows; i++) {
        const float *in = values(x) + i * width;
        double mean = 0.0, variance = 0.0;

        for (int64_t j = 0; j < width; j++)
            mean += (double)in[j] / (double)width;
        for (int64_t j = 0; j < width; j++)
            variance +=
                ((double)in[j] - mean) * ((double)in[j] - mean) / (double)width;
        for (int64_t j = 0; j < width; j++)
            values(out)[i * width + j] =
                (float)(((double)in[j] - mean) / sqrt(variance + eps) *
                            (double)values(weight)[j] +
                        (double)values(bias)[j]);
    }
    return out;
}

/* One query against `n` keys: out [d] = softmax(q k^T / sqrt(d)) v, or with a
 * bias [n] softmax(q k^T + bias) v. */
static void attend(float *out, const float *q, const float *k, const float *v,
                   const float *bias, int64_t n, int64_t d)
{
    double largest = -INFINITY, sum = 0.0;

    memset(out, 0, (size_t)d * sizeof(*out));
    for (int pass = 0; pass < 2; pass++)
        for (int64_t i = 0; i < n; i++) {
            double score = 0.0, weight;

            for (int64_t j = 0; j < d; j++)
                score += (double)q[j] * (double)k[i * d + j];
            score = bias ? score + (double)bias[i] : score / sqrt((double)d);
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

static tensor *attend_all(tensor_scope *s, const tensor *q, const tensor *k,
                          const tensor *v, const tensor *bias, int causal)
{
    tensor *out = new_tensor(s, 4, q->form.size, q->form.dtype);

    for (int64_t i = 0; out && i < q->form.size[0] * q->form.size[1]; i++) {
        const int64_t n = q->form.size[2], d = q->form.size[3];
        const int64_t n_keys = k->form.size[2], keys = i * n_keys * d;
        const int64_t head = i % q->form.size[1];

        for (int64_t t = 0; t < n; t++)
            attend(values(out) + (i * n + t) * d, values(q) + (i * n + t) * d,
                   values(k) + keys, values(v) + keys,
                   bias ? values(bias) + (head * n + t) * n_keys : NULL,
                   causal ? t + 1 : n_keys, d);
    }
    return out;
}

tensor *tensor_attention(tensor_scope *s, const tensor *q, const tensor *k,
                         const tensor *v, int causal)
{
    return expclip__check_attention(s, q, k, v, causal)
               ? attend_all(s, q, k, v, NULL, causal)
               : NULL;
}

tensor *tensor_attention_biased(tensor_scope *s, const tensor *q,
                                const tensor *k, const tensor *v,
                                const tensor *bias)
{
    return expclip__check_attention(s, q, k, v, 0) &&
                   expclip__check_bias(s, q, k, bias)
               ? attend_all(s, q, k, v, bias, 0)
               : NULL;
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
        l->form = (expclip__form){ .dtype = device->dtype,
                                   .n_dims = 2,
                                   .size = { n_out, n_in } };
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
    if (activation == TENSOR_GELU_TANH) /* sqrt(2 / pi) */
        return (float)(0.5 * x *
                       (1.0 +
                        tanh(0.7978845608028654 * (x + 0.044715 * x * x * x))));
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
        const float *in = values(x) + i / n_out * n_in;
        const float *w = linear->weight + i % n_out * n_in;
        float sum = linear->bias ? linear->bias[i % n_out] : 0.0f;

        for (int64_t k = 0; k < n_in; k++)
            sum += in[k] * w[k];
        values(out)[i] = activate((double)sum, activation);
    }
    return out;
}

tensor *tensor_linear_apply(tensor_scope *s, const tensor_linear *linear,
                            const tensor *x, tensor_activation activation)
{
    if (!expclip__check_linear(s, "tensor_linear_apply", x,
                               linear ? &linear->form : NULL))
        return NULL;
    return multiply(s, linear, x, activation);
}

tensor *tensor_linear_add(tensor_scope *s, const tensor_linear *linear,
                          const tensor *x, const tensor *residual)
{
    if (!expclip__check_linear_add(s, x, linear ? &linear->form : NULL,
                                   residual))
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
            const double w =
                filter_at(((double)j - centre + 0.5) / stretch, filter);

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

    if (!expclip__check_resize(s, t, height, width))
        return NULL;
    c = t->form.size[0];
    h = t->form.size[1];
    w = t->form.size[2];
    memcpy(wide, (int64_t[]){ c, h, width }, sizeof(wide));
    memcpy(full, (int64_t[]){ c, height, width }, sizeof(full));
    rows = new_tensor(s, 3, wide, t->form.dtype);
    out = rows ? new_tensor(s, 3, full, t->form.dtype) : NULL;
    for (int64_t i = 0; out && i < c * h; i++)
        resize_row(values(rows) + i * width, values(t) + i * w, w, width, 1,
                   filter, t->form.dtype == EXPCLIP__U8);
    for (int64_t i = 0; out && i < c * width; i++) {
        const int64_t plane = i / width, x = i % width;

        resize_row(values(out) + plane * height * width + x,
                   values(rows) + plane * h * width + x, h, height, width,
                   filter, t->form.dtype == EXPCLIP__U8);
    }
    return out;
}
