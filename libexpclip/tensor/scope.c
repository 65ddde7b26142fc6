/* SPDX-License-Identifier: MIT */
/*
 * scope.c - scopes and their temporaries, tensors.
 */
#include "tensor/scope.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/gate.h"
#include "base/threads.h"

static atomic_int throw_next;

void tensor_throw_next(int32_t what)
{
    atomic_store(&throw_next, what);
}

int32_t expclip__take_throw(void)
{
    if (!atomic_load_explicit(&throw_next, memory_order_relaxed))
        return 0;
    return atomic_exchange(&throw_next, 0);
}

int expclip__outcome_fail(expclip__outcome *o, expclip_status status,
                          const char *format, ...)
{
    char text[512];
    va_list args;

    if (o->status)
        return 0;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    o->status = expclip__fail(o->err, status, "%s", text);
    return 0;
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

/* ---- scopes ---- */

tensor_scope *tensor_scope_begin(tensor_device *device, expclip_error *err)
{
    tensor_scope *s = expclip__alloc_zero(1, sizeof(*s));

    if (!s) {
        expclip__fail_memory(err, "tensor scope");
        return NULL;
    }
    s->device = device;
    s->outcome.err = err;
    s->outcome.status = expclip__gate_enter(err);
    s->entered = s->outcome.status == EXPCLIP_OK;
    if (s->entered) {
        expclip__backend_enter(s);
        s->outcome.status = expclip__threads_check(device->n_threads, err);
    }
    return s;
}

expclip_status tensor_scope_end(tensor_scope *scope)
{
    expclip_status status;

    if (!scope)
        return EXPCLIP_ERROR_MEMORY;
    status = scope->outcome.status;
    tensor_scope_release(scope, 0, NULL);
    if (scope->entered) {
        expclip__backend_leave(scope);
        expclip__gate_leave();
    }
    expclip__free(scope->temporaries);
    expclip__free(scope);
    return status;
}

int tensor_scope_failed(const tensor_scope *scope)
{
    return !scope || scope->outcome.status != EXPCLIP_OK;
}

size_t tensor_scope_mark(const tensor_scope *s)
{
    return s ? s->n_temporaries : 0;
}

void tensor_scope_release(tensor_scope *s, size_t mark, const tensor *but)
{
    size_t n = mark;

    if (!s || mark > s->n_temporaries)
        return;
    for (size_t i = mark; i < s->n_temporaries; i++)
        if (s->temporaries[i] == but)
            s->temporaries[n++] = s->temporaries[i];
        else
            tensor_free(s->temporaries[i]);
    s->n_temporaries = n;
}

static int make_room(tensor_scope *s)
{
    const size_t capacity = s->capacity ? 2 * s->capacity : 64;
    tensor **grown;

    if (s->n_temporaries < s->capacity)
        return 1;
    grown = expclip__realloc(s->temporaries, capacity, sizeof(*grown));
    if (!grown)
        return 0;
    s->temporaries = grown;
    s->capacity = capacity;
    return 1;
}

tensor *expclip__scope_add(tensor_scope *s, void *data, expclip__dtype dtype,
                           int32_t n_dims, const int64_t *size,
                           const int64_t *stride)
{
    tensor *t = expclip__alloc_zero(1, sizeof(*t));

    if (!t || !make_room(s)) {
        expclip__backend_free(data);
        expclip__free(t);
        expclip__outcome_fail(&s->outcome, EXPCLIP_ERROR_MEMORY,
                              "tensor: out of memory");
        return NULL;
    }
    t->data = data;
    t->form.dtype = dtype;
    t->form.n_dims = n_dims;
    t->form.lowest = -1; /* not known: no index */
    memcpy(t->form.size, size, (size_t)n_dims * sizeof(*size));
    memcpy(t->stride, stride, (size_t)n_dims * sizeof(*stride));
    s->temporaries[s->n_temporaries++] = t;
    return t;
}

/* ---- tensors ---- */

void expclip__data_free(void *data)
{
    if (!data || !expclip__gate_try())
        return; /* at the end of the process memory is the system's */
    expclip__backend_free(data);
    expclip__gate_leave();
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

void tensor_free(tensor *t)
{
    if (!t)
        return;
    expclip__data_free(t->data);
    expclip__free(t);
}

int64_t tensor_size(const tensor *t, int32_t dim)
{
    return t ? t->form.size[dim < 0 ? t->form.n_dims + dim : dim] : 0;
}
