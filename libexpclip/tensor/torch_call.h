/* SPDX-License-Identifier: MIT */
/*
 * torch_call.h - calling libtorch: nothing that it throws gets out, the first
 * failure is kept, and operators are called by name with plain arguments.
 *
 * Shapes and types are checked (checks.h) before libtorch is called: 2.10 to
 * 2.12 print the trace of a failed call and do not hand out its text.
 */
#ifndef EXPCLIP_TORCH_CALL_H
#define EXPCLIP_TORCH_CALL_H

#include <stdio.h>
#include <string.h>

#include <new>
#include <stdexcept>
#include <type_traits>

#include "tensor/scope.h"
#include "tensor/torch_functions.h"

#define MAX_ARGUMENTS 8 /* of an operator that is called by name */

inline int32_t torch_dtype(expclip__dtype dtype)
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

inline AtenTensorHandle handle_of(const tensor *t)
{
    return static_cast<AtenTensorHandle>(t->data);
}

inline void throw_if_asked(void)
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
inline void fail_torch(expclip__outcome *o, const char *operation)
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
bool attempt(expclip__outcome *o, const char *operation, function f)
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

inline void drop(AtenTensorHandle handle)
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

struct optional_real { /* a number that is given */
    double value;
};

struct integers {
    const int64_t *values;
    size_t n;
};

template <typename type> void push_bits(arguments *a, type x)
{
    static_assert(sizeof(x) <= sizeof(a->value[0]), "fits a StableIValue");
    a->value[a->n] = 0;
    memcpy(&a->value[a->n++], &x, sizeof(x));
}

template <typename number>
requires std::is_arithmetic_v<number>
void push(arguments *a, number x)
{
    push_bits(a, x);
}

inline void push(arguments *a, none)
{
    push_bits<void *>(a, NULL);
}

inline void push(arguments *a, AtenTensorHandle handle)
{
    AtenTensorHandle own = NULL;

    attempt(a->outcome, a->operation,
            [&] { return torch_.aoti_torch_new_tensor_handle(handle, &own); });
    push_bits(a, own);
}

inline void push(arguments *a, const tensor *t)
{
    push(a, handle_of(t));
}

/* An optional argument that is given is a box that libtorch deletes: the one
 * that was pushed last. */
inline void box_last(arguments *a)
{
    StableIValue *box = NULL;

    attempt(a->outcome, a->operation, [&] {
        box = new StableIValue(a->value[--a->n]);
        return AOTI_TORCH_SUCCESS;
    });
    push_bits(a, box);
}

inline void push(arguments *a, optional t)
{
    if (!t.handle) {
        push(a, none());
        return;
    }
    push(a, t.handle);
    box_last(a);
}

inline void push(arguments *a, optional_real x)
{
    push(a, x.value);
    box_last(a);
}

inline void push(arguments *a, integers list)
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

inline void push(arguments *a, const char *text)
{
    StringHandle handle = NULL;

    attempt(a->outcome, a->operation, [&] {
        return torch_.torch_new_string_handle(text, strlen(text), &handle);
    });
    push_bits(a, handle);
}

/* "aten::mul.Tensor" is the operator aten::mul, overload Tensor. */
inline AOTITorchError dispatch(const char *operation, StableIValue *values)
{
    const char *dot = strchr(operation, '.');
    char name[64];

    snprintf(name, sizeof(name), "%.*s",
             (int)(dot ? dot - operation : (ptrdiff_t)strlen(operation)),
             operation);
    return torch_.torch_call_dispatcher(name, dot ? dot + 1 : "", values,
                                        TORCH_ABI_VERSION);
}

/* Call an operator by name. Its one result is the caller's; NULL after a
 * failure. What was pushed before a push that failed is lost: memory is out
 * then. */
template <typename... types>
AtenTensorHandle call(expclip__outcome *outcome, const char *operation,
                      types... values)
{
    arguments a = { outcome, operation, {}, 0 };
    AtenTensorHandle handle = NULL;

    static_assert(sizeof...(values) <= MAX_ARGUMENTS, "they fit");
    (push(&a, values), ...);
    if (attempt(outcome, operation,
                [&] { return dispatch(operation, a.value); }))
        memcpy(&handle, &a.value[0], sizeof(handle));
    return handle;
}

/* Give a handle to the scope; NULL stays NULL, with the reason written. */
inline tensor *own(tensor_scope *s, AtenTensorHandle handle,
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
tensor *compute(tensor_scope *s, expclip__dtype dtype, const char *operation,
                types... values)
{
    return own(s, call(&s->outcome, operation, values...), dtype);
}

#endif
