/* SPDX-License-Identifier: MIT */
/*
 * checks.c - what each operation of tensor.h accepts, for any runtime.
 *
 * A shape that does not fit is a mistake of this library (files were checked
 * when they were read), so it is reported as INTERNAL.
 */
#include "tensor/checks.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"

#define TEXT_SIZE 128

void expclip__outcome_fail(expclip__outcome *o, expclip_status status,
                           const char *format, ...)
{
    char text[512];
    va_list args;

    if (o->status)
        return;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    o->status = expclip__fail(o->err, status, "%s", text);
}

int64_t expclip__count(int32_t n_dims, const int64_t *shape)
{
    int64_t n = 1;

    for (int32_t i = 0; i < n_dims; i++)
        n *= shape[i];
    return n;
}

void expclip__row_major(int64_t *stride, int32_t n_dims, const int64_t *shape)
{
    int64_t step = 1;

    for (int32_t i = n_dims; i-- > 0;) {
        stride[i] = step;
        step *= shape[i];
    }
}

/* "F32 [2, 50, 768]" */
static const char *shape_text(char out[TEXT_SIZE], const expclip__form *t)
{
    size_t used = (size_t)snprintf(out, TEXT_SIZE, "%s [",
                                   expclip__dtype_name(t->dtype));

    for (int32_t i = 0; i < t->n_dims && used < TEXT_SIZE - 24; i++)
        used += (size_t)snprintf(out + used, TEXT_SIZE - used, "%s%lld",
                                 i ? ", " : "", (long long)t->size[i]);
    snprintf(out + used, TEXT_SIZE - used, "]");
    return out;
}

/* "tensor_add: a F32 [2, 3] does not fit b F32 [4]". @return 0 */
static int misfit(expclip__outcome *o, const char *operation,
                  const char *a_name, const expclip__form *a,
                  const char *b_name, const expclip__form *b)
{
    char left[TEXT_SIZE], right[TEXT_SIZE];

    expclip__outcome_fail(o, EXPCLIP_ERROR_INTERNAL,
                          "%s: %s %s does not fit %s %s", operation, a_name,
                          shape_text(left, a), b_name, shape_text(right, b));
    return 0;
}

static int misfit_shape(expclip__outcome *o, const char *operation,
                        const expclip__form *t, int32_t n_dims,
                        const int64_t *shape)
{
    expclip__form wanted = { t->dtype, n_dims, { 0 } };

    memcpy(wanted.size, shape, (size_t)n_dims * sizeof(*shape));
    return misfit(o, operation, "t", t, "shape", &wanted);
}

static int is_vector(const expclip__form *t, int64_t n, expclip__dtype dtype)
{
    return t->n_dims == 1 && t->size[0] == n && t->dtype == dtype;
}

static int is_float(const expclip__form *t)
{
    return t->dtype == EXPCLIP__F32 || t->dtype == EXPCLIP__BF16;
}

/* Equal sizes from dimension `from` up to, not including, `to`. */
static int same_sizes(const expclip__form *a, const expclip__form *b,
                      int32_t from, int32_t to)
{
    for (int32_t i = from; i < to; i++)
        if (a->size[i] != b->size[i])
            return 0;
    return 1;
}

int expclip__check_inputs(expclip__outcome *o, const char *operation,
                          const expclip__form *a, const expclip__form *b)
{
    if (o->status)
        return 0;
    if (a && b)
        return 1;
    expclip__outcome_fail(o, EXPCLIP_ERROR_INTERNAL, "%s: a tensor is NULL",
                          operation);
    return 0;
}

int expclip__check_shape(expclip__outcome *o, const char *operation,
                         int32_t n_dims, const int64_t *shape)
{
    int64_t n = 1;

    if (o->status)
        return 0;
    if (n_dims < 1 || n_dims > EXPCLIP__MAX_DIMS) {
        expclip__outcome_fail(o, EXPCLIP_ERROR_INTERNAL,
                              "%s: %d dimensions, expected 1 to %d", operation,
                              (int)n_dims, EXPCLIP__MAX_DIMS);
        return 0;
    }
    for (int32_t i = 0; i < n_dims; i++)
        if (shape[i] < 1 || __builtin_mul_overflow(n, shape[i], &n) ||
            n > INT64_MAX / 8) {
            expclip__outcome_fail(o, EXPCLIP_ERROR_INTERNAL,
                                  "%s: dimension %d has size %lld", operation,
                                  (int)i, (long long)shape[i]);
            return 0;
        }
    return 1;
}

int expclip__check_copy_out(expclip__outcome *o, const char *operation,
                            const expclip__form *t, int64_t n)
{
    char text[TEXT_SIZE];

    if (!expclip__check_inputs(o, operation, t, t))
        return 0;
    if (expclip__count(t->n_dims, t->size) == n)
        return 1;
    expclip__outcome_fail(o, EXPCLIP_ERROR_INTERNAL,
                          "%s: %s does not have %lld elements", operation,
                          shape_text(text, t), (long long)n);
    return 0;
}

int expclip__check_reshape(expclip__outcome *o, const expclip__form *t,
                           int32_t n_dims, const int64_t *shape)
{
    const char *const operation = "tensor_reshape";

    if (!expclip__check_inputs(o, operation, t, t) ||
        !expclip__check_shape(o, operation, n_dims, shape))
        return 0;
    return expclip__count(t->n_dims, t->size) ==
                   expclip__count(n_dims, shape) ||
           misfit_shape(o, operation, t, n_dims, shape);
}

int expclip__check_permute(expclip__outcome *o, const expclip__form *t,
                           int32_t n_dims, const int32_t *order)
{
    char text[TEXT_SIZE];
    uint32_t seen = 0;

    if (!expclip__check_inputs(o, "tensor_permute", t, t))
        return 0;
    for (int32_t i = 0; i < n_dims && n_dims == t->n_dims; i++)
        if (order[i] >= 0 && order[i] < n_dims)
            seen |= UINT32_C(1) << order[i];
    if (n_dims == t->n_dims && seen == (UINT32_C(1) << n_dims) - 1)
        return 1;
    expclip__outcome_fail(o, EXPCLIP_ERROR_INTERNAL,
                          "tensor_permute: not an order of the dimensions of "
                          "%s", shape_text(text, t));
    return 0;
}

int expclip__check_narrow(expclip__outcome *o, const expclip__form *t,
                          int32_t dim, int64_t start, int64_t length)
{
    char text[TEXT_SIZE];

    if (!expclip__check_inputs(o, "tensor_narrow", t, t))
        return 0;
    if (dim >= 0 && dim < t->n_dims && start >= 0 && length >= 1 &&
        start <= t->size[dim] && length <= t->size[dim] - start)
        return 1;
    expclip__outcome_fail(o, EXPCLIP_ERROR_INTERNAL,
                          "tensor_narrow: %lld from %lld of dimension %d of "
                          "%s", (long long)length, (long long)start, (int)dim,
                          shape_text(text, t));
    return 0;
}

int expclip__check_concat(expclip__outcome *o, const expclip__form *a,
                          const expclip__form *b, int32_t dim)
{
    if (!expclip__check_inputs(o, "tensor_concat", a, b))
        return 0;
    return (a->n_dims == b->n_dims && a->dtype == b->dtype && dim >= 0 &&
            dim < a->n_dims && same_sizes(a, b, 0, dim) &&
            same_sizes(a, b, dim + 1, a->n_dims)) ||
           misfit(o, "tensor_concat", "a", a, "b", b);
}

int expclip__check_expand(expclip__outcome *o, const expclip__form *t,
                          int32_t n_dims, const int64_t *shape)
{
    if (!expclip__check_inputs(o, "tensor_expand", t, t) ||
        !expclip__check_shape(o, "tensor_expand", n_dims, shape))
        return 0;
    for (int32_t i = 0; i < n_dims; i++)
        if (n_dims != t->n_dims ||
            (t->size[i] != 1 && t->size[i] != shape[i]))
            return misfit_shape(o, "tensor_expand", t, n_dims, shape);
    return 1;
}

int expclip__check_rows(expclip__outcome *o, const expclip__form *t,
                        const expclip__form *indices)
{
    if (!expclip__check_inputs(o, "tensor_rows", t, indices))
        return 0;
    return (indices->dtype == EXPCLIP__I64 && indices->n_dims == 1) ||
           misfit(o, "tensor_rows", "indices", indices, "t", t);
}

int expclip__check_add(expclip__outcome *o, const expclip__form *a,
                       const expclip__form *b)
{
    int fits;

    if (!expclip__check_inputs(o, "tensor_add", a, b))
        return 0;
    fits = a->dtype == b->dtype && is_float(a);
    for (int32_t i = 1; i <= a->n_dims && i <= b->n_dims; i++) {
        const int64_t x = a->size[a->n_dims - i], y = b->size[b->n_dims - i];

        fits = fits && (x == y || x == 1 || y == 1);
    }
    return fits || misfit(o, "tensor_add", "a", a, "b", b);
}

int expclip__check_layer_norm(expclip__outcome *o, const expclip__form *x,
                              const expclip__form *weight,
                              const expclip__form *bias)
{
    const char *const operation = "tensor_layer_norm";
    int64_t width;

    if (!expclip__check_inputs(o, operation, x, weight) ||
        !expclip__check_inputs(o, operation, x, bias))
        return 0;
    width = x->size[x->n_dims - 1];
    if (!is_float(x) || !is_vector(weight, width, x->dtype))
        return misfit(o, operation, "x", x, "weight", weight);
    return is_vector(bias, width, x->dtype) ||
           misfit(o, operation, "x", x, "bias", bias);
}

int expclip__check_attention(expclip__outcome *o, const expclip__form *q,
                             const expclip__form *k, const expclip__form *v,
                             int causal)
{
    const char *const operation = "tensor_attention";

    if (!expclip__check_inputs(o, operation, q, k) ||
        !expclip__check_inputs(o, operation, q, v))
        return 0;
    if (!is_float(q) || q->dtype != k->dtype || q->n_dims != 4 ||
        k->n_dims != 4 || !same_sizes(q, k, 0, 2) ||
        !same_sizes(q, k, 3, 4) || (causal && q->size[2] != k->size[2]))
        return misfit(o, operation, "q", q, "k", k);
    return (v->dtype == k->dtype && v->n_dims == 4 &&
            same_sizes(k, v, 0, 4)) ||
           misfit(o, operation, "v", v, "k", k);
}

int expclip__check_linear(expclip__outcome *o, const char *operation,
                          const expclip__form *x, const expclip__form *weight)
{
    if (!expclip__check_inputs(o, operation, x, weight))
        return 0;
    return (x->dtype == weight->dtype &&
            x->size[x->n_dims - 1] == weight->size[1]) ||
           misfit(o, operation, "x", x, "weight", weight);
}

int expclip__check_linear_add(expclip__outcome *o, const expclip__form *x,
                              const expclip__form *weight,
                              const expclip__form *residual)
{
    const char *const operation = "tensor_linear_add";

    if (!expclip__check_linear(o, operation, x, weight) ||
        !expclip__check_inputs(o, operation, x, residual))
        return 0;
    return (residual->dtype == x->dtype && residual->n_dims == x->n_dims &&
            same_sizes(x, residual, 0, x->n_dims - 1) &&
            residual->size[x->n_dims - 1] == weight->size[0]) ||
           misfit(o, operation, "residual", residual, "weight", weight);
}

int expclip__check_resize(expclip__outcome *o, const expclip__form *t,
                          int64_t height, int64_t width)
{
    const int64_t shape[] = { t ? t->size[0] : 1, height, width };

    if (!expclip__check_inputs(o, "tensor_resize", t, t) ||
        !expclip__check_shape(o, "tensor_resize", 3, shape))
        return 0;
    return (t->n_dims == 3 && (is_float(t) || t->dtype == EXPCLIP__U8)) ||
           misfit_shape(o, "tensor_resize", t, 3, shape);
}
