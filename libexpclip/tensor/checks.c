/* SPDX-License-Identifier: MIT */
/*
 * checks.c - what each operation of tensor.h accepts, for any runtime.
 *
 * A shape that does not fit is a mistake of this library (files were checked
 * when they were read), so it is reported as INTERNAL.
 */
#include "tensor/checks.h"

#include <stdio.h>
#include <string.h>

#define TEXT_SIZE 128

/* "F32 [2, 50, 768]" */
static const char *shape_text(char out[TEXT_SIZE], const expclip__form *t)
{
    size_t used =
        (size_t)snprintf(out, TEXT_SIZE, "%s [", expclip__dtype_name(t->dtype));

    for (int32_t i = 0; i < t->n_dims && used < TEXT_SIZE - 24; i++)
        used += (size_t)snprintf(out + used, TEXT_SIZE - used, "%s%lld",
                                 i ? ", " : "", (long long)t->size[i]);
    snprintf(out + used, TEXT_SIZE - used, "]");
    return out;
}

/* "tensor_add: a F32 [2, 3] does not fit b F32 [4]". @return 0 */
static int misfit(tensor_scope *s, const char *operation, const char *a_name,
                  const expclip__form *a, const char *b_name,
                  const expclip__form *b)
{
    char left[TEXT_SIZE], right[TEXT_SIZE];

    return expclip__outcome_fail(
        &s->outcome, EXPCLIP_ERROR_INTERNAL, "%s: %s %s does not fit %s %s",
        operation, a_name, shape_text(left, a), b_name, shape_text(right, b));
}

static int misfit_shape(tensor_scope *s, const char *operation,
                        const expclip__form *t, int32_t n_dims,
                        const int64_t *shape)
{
    expclip__form wanted = { .dtype = t->dtype, .n_dims = n_dims };

    memcpy(wanted.size, shape, (size_t)n_dims * sizeof(*shape));
    return misfit(s, operation, "t", t, "shape", &wanted);
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

int expclip__check_inputs(tensor_scope *s, const char *operation,
                          const tensor *a, const tensor *b)
{
    if (tensor_scope_failed(s))
        return 0;
    if (a && b)
        return 1;
    return expclip__outcome_fail(&s->outcome, EXPCLIP_ERROR_INTERNAL,
                                 "%s: a tensor is NULL", operation);
}

int expclip__check_shape(tensor_scope *s, const char *operation, int32_t n_dims,
                         const int64_t *shape)
{
    int64_t n = 1;

    if (tensor_scope_failed(s))
        return 0;
    if (n_dims < 1 || n_dims > EXPCLIP__MAX_DIMS) {
        return expclip__outcome_fail(&s->outcome, EXPCLIP_ERROR_INTERNAL,
                                     "%s: %d dimensions, expected 1 to %d",
                                     operation, (int)n_dims, EXPCLIP__MAX_DIMS);
    }
    for (int32_t i = 0; i < n_dims; i++)
        if (shape[i] < 1 || __builtin_mul_overflow(n, shape[i], &n) ||
            n > INT64_MAX / 8) {
            return expclip__outcome_fail(&s->outcome, EXPCLIP_ERROR_INTERNAL,
                                         "%s: dimension %d has size %lld",
                                         operation, (int)i,
                                         (long long)shape[i]);
        }
    return 1;
}

int expclip__check_copy_out(tensor_scope *s, const char *operation,
                            const tensor *t, int64_t n)
{
    char text[TEXT_SIZE];

    if (!expclip__check_inputs(s, operation, t, t))
        return 0;
    if (expclip__count(t->form.n_dims, t->form.size) == n)
        return 1;
    return expclip__outcome_fail(&s->outcome, EXPCLIP_ERROR_INTERNAL,
                                 "%s: %s does not have %lld elements",
                                 operation, shape_text(text, &t->form),
                                 (long long)n);
}

int expclip__check_reshape(tensor_scope *s, const tensor *t, int32_t n_dims,
                           const int64_t *shape)
{
    const char *const operation = "tensor_reshape";

    if (!expclip__check_inputs(s, operation, t, t) ||
        !expclip__check_shape(s, operation, n_dims, shape))
        return 0;
    return expclip__count(t->form.n_dims, t->form.size) ==
               expclip__count(n_dims, shape) ||
           misfit_shape(s, operation, &t->form, n_dims, shape);
}

int expclip__check_permute(tensor_scope *s, const tensor *t, int32_t n_dims,
                           const int32_t *order)
{
    char text[TEXT_SIZE];
    uint32_t seen = 0;

    if (!expclip__check_inputs(s, "tensor_permute", t, t))
        return 0;
    for (int32_t i = 0; i < n_dims && n_dims == t->form.n_dims; i++)
        if (order[i] >= 0 && order[i] < n_dims)
            seen |= UINT32_C(1) << order[i];
    if (n_dims == t->form.n_dims && seen == (UINT32_C(1) << n_dims) - 1)
        return 1;
    return expclip__outcome_fail(
        &s->outcome, EXPCLIP_ERROR_INTERNAL,
        "tensor_permute: not an order of the dimensions of "
        "%s",
        shape_text(text, &t->form));
}

int expclip__check_narrow(tensor_scope *s, const tensor *t, int32_t dim,
                          int64_t start, int64_t length)
{
    char text[TEXT_SIZE];

    if (!expclip__check_inputs(s, "tensor_narrow", t, t))
        return 0;
    if (dim >= 0 && dim < t->form.n_dims && start >= 0 && length >= 1 &&
        start <= t->form.size[dim] && length <= t->form.size[dim] - start)
        return 1;
    return expclip__outcome_fail(
        &s->outcome, EXPCLIP_ERROR_INTERNAL,
        "tensor_narrow: %lld from %lld of dimension %d of "
        "%s",
        (long long)length, (long long)start, (int)dim,
        shape_text(text, &t->form));
}

int expclip__check_concat(tensor_scope *s, const tensor *a, const tensor *b,
                          int32_t dim)
{
    if (!expclip__check_inputs(s, "tensor_concat", a, b))
        return 0;
    return (a->form.n_dims == b->form.n_dims &&
            a->form.dtype == b->form.dtype && dim >= 0 &&
            dim < a->form.n_dims && same_sizes(&a->form, &b->form, 0, dim) &&
            same_sizes(&a->form, &b->form, dim + 1, a->form.n_dims)) ||
           misfit(s, "tensor_concat", "a", &a->form, "b", &b->form);
}

int expclip__check_expand(tensor_scope *s, const tensor *t, int32_t n_dims,
                          const int64_t *shape)
{
    if (!expclip__check_inputs(s, "tensor_expand", t, t) ||
        !expclip__check_shape(s, "tensor_expand", n_dims, shape))
        return 0;
    for (int32_t i = 0; i < n_dims; i++)
        if (n_dims != t->form.n_dims ||
            (t->form.size[i] != 1 && t->form.size[i] != shape[i]))
            return misfit_shape(s, "tensor_expand", &t->form, n_dims, shape);
    return 1;
}

int expclip__check_rows(tensor_scope *s, const tensor *t, const tensor *indices)
{
    char text[TEXT_SIZE];

    if (!expclip__check_inputs(s, "tensor_rows", t, indices))
        return 0;
    if (indices->form.dtype != EXPCLIP__I64 || indices->form.n_dims != 1)
        return misfit(s, "tensor_rows", "indices", &indices->form, "t",
                      &t->form);
    if (indices->form.lowest >= 0 && indices->form.highest < t->form.size[0])
        return 1;
    return expclip__outcome_fail(&s->outcome, EXPCLIP_ERROR_INTERNAL,
                                 "tensor_rows: indices %lld..%lld into %s",
                                 (long long)indices->form.lowest,
                                 (long long)indices->form.highest,
                                 shape_text(text, &t->form));
}

int expclip__check_add(tensor_scope *s, const tensor *a, const tensor *b)
{
    int fits;

    if (!expclip__check_inputs(s, "tensor_add", a, b))
        return 0;
    fits = a->form.dtype == b->form.dtype && is_float(&a->form);
    for (int32_t i = 1; i <= a->form.n_dims && i <= b->form.n_dims; i++) {
        const int64_t x = a->form.size[a->form.n_dims - i];
        const int64_t y = b->form.size[b->form.n_dims - i];

        fits = fits && (x == y || x == 1 || y == 1);
    }
    return fits || misfit(s, "tensor_add", "a", &a->form, "b", &b->form);
}

int expclip__check_multiply(tensor_scope *s, const tensor *a, const tensor *b)
{
    if (!expclip__check_inputs(s, "tensor_multiply", a, b))
        return 0;
    return (a->form.n_dims == b->form.n_dims &&
            a->form.dtype == b->form.dtype && is_float(&a->form) &&
            same_sizes(&a->form, &b->form, 0, a->form.n_dims)) ||
           misfit(s, "tensor_multiply", "a", &a->form, "b", &b->form);
}

int expclip__check_rms_norm(tensor_scope *s, const tensor *x,
                            const tensor *weight)
{
    if (!expclip__check_inputs(s, "tensor_rms_norm", x, weight))
        return 0;
    return (is_float(&x->form) &&
            is_vector(&weight->form, tensor_size(x, -1), x->form.dtype)) ||
           misfit(s, "tensor_rms_norm", "x", &x->form, "weight", &weight->form);
}

int expclip__check_bias(tensor_scope *s, const tensor *q, const tensor *k,
                        const tensor *bias)
{
    if (!expclip__check_inputs(s, "tensor_attention_biased", q, bias))
        return 0;
    return (bias->form.dtype == q->form.dtype && bias->form.n_dims == 4 &&
            bias->form.size[0] == 1 && bias->form.size[1] == q->form.size[1] &&
            bias->form.size[2] == q->form.size[2] &&
            bias->form.size[3] == k->form.size[2]) ||
           misfit(s, "tensor_attention_biased", "bias", &bias->form, "q",
                  &q->form);
}

int expclip__check_matmul(tensor_scope *s, const tensor *a, const tensor *b)
{
    if (!expclip__check_inputs(s, "tensor_matmul", a, b))
        return 0;
    return (a->form.n_dims == 2 && b->form.n_dims == 2 &&
            a->form.dtype == b->form.dtype && is_float(&a->form) &&
            a->form.size[1] == b->form.size[0]) ||
           misfit(s, "tensor_matmul", "a", &a->form, "b", &b->form);
}

int expclip__check_layer_norm(tensor_scope *s, const tensor *x,
                              const tensor *weight, const tensor *bias)
{
    const char *const operation = "tensor_layer_norm";
    int64_t width;

    if (!expclip__check_inputs(s, operation, x, weight) ||
        !expclip__check_inputs(s, operation, x, bias))
        return 0;
    width = x->form.size[x->form.n_dims - 1];
    if (!is_float(&x->form) || !is_vector(&weight->form, width, x->form.dtype))
        return misfit(s, operation, "x", &x->form, "weight", &weight->form);
    return is_vector(&bias->form, width, x->form.dtype) ||
           misfit(s, operation, "x", &x->form, "bias", &bias->form);
}

int expclip__check_attention(tensor_scope *s, const tensor *q, const tensor *k,
                             const tensor *v, int causal)
{
    const char *const operation = "tensor_attention";

    if (!expclip__check_inputs(s, operation, q, k) ||
        !expclip__check_inputs(s, operation, q, v))
        return 0;
    if (!is_float(&q->form) || q->form.dtype != k->form.dtype ||
        q->form.n_dims != 4 || k->form.n_dims != 4 ||
        !same_sizes(&q->form, &k->form, 0, 2) ||
        !same_sizes(&q->form, &k->form, 3, 4) ||
        (causal && q->form.size[2] != k->form.size[2]))
        return misfit(s, operation, "q", &q->form, "k", &k->form);
    return (v->form.dtype == k->form.dtype && v->form.n_dims == 4 &&
            same_sizes(&k->form, &v->form, 0, 4)) ||
           misfit(s, operation, "v", &v->form, "k", &k->form);
}

int expclip__check_linear(tensor_scope *s, const char *operation,
                          const tensor *x, const expclip__form *weight)
{
    if (!expclip__check_inputs(s, operation, x, weight ? x : NULL))
        return 0;
    return (x->form.dtype == weight->dtype &&
            x->form.size[x->form.n_dims - 1] == weight->size[1]) ||
           misfit(s, operation, "x", &x->form, "weight", weight);
}

int expclip__check_linear_add(tensor_scope *s, const tensor *x,
                              const expclip__form *weight,
                              const tensor *residual)
{
    const char *const operation = "tensor_linear_add";

    if (!expclip__check_linear(s, operation, x, weight) ||
        !expclip__check_inputs(s, operation, x, residual))
        return 0;
    return (residual->form.dtype == x->form.dtype &&
            residual->form.n_dims == x->form.n_dims &&
            same_sizes(&x->form, &residual->form, 0, x->form.n_dims - 1) &&
            residual->form.size[x->form.n_dims - 1] == weight->size[0]) ||
           misfit(s, operation, "residual", &residual->form, "weight", weight);
}

int expclip__check_resize(tensor_scope *s, const tensor *t, int64_t height,
                          int64_t width)
{
    const int64_t shape[] = { t ? t->form.size[0] : 1, height, width };

    if (!expclip__check_inputs(s, "tensor_resize", t, t) ||
        !expclip__check_shape(s, "tensor_resize", 3, shape))
        return 0;
    return (t->form.n_dims == 3 &&
            (is_float(&t->form) || t->form.dtype == EXPCLIP__U8)) ||
           misfit_shape(s, "tensor_resize", &t->form, 3, shape);
}
