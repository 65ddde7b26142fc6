/* SPDX-License-Identifier: MIT */
/*
 * pickle_calls.c - what a torch pickle calls, and what comes out.
 *
 * Calls give values and never run: a row of pickle_names.c leads to a function
 * here that checks the kind of each argument. What an inert name is called
 * with is dropped, and so is what is put into the outcome.
 */
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "weights/pickle_machine.h"

#define MAX_VIEWS 65536u

typedef expclip__pickle_ref ref;

static int equals(const char *text, size_t size, const char *s)
{
    return strlen(s) == size && memcmp(text, s, size) == 0;
}

/* ---- words: storages and tensors ---- */

static int is_text(const expclip__pk_machine *m, ref r, const char *text)
{
    const expclip__pickle_node *n = expclip__pk_node(m, r);

    return n->kind == EXPCLIP__PICKLE_STRING &&
           equals(n->is.string.text, n->is.string.size, text);
}

/* A storage's key: a number, spelled in one way only. */
static int read_key(const expclip__pk_machine *m, ref r, uint64_t *out)
{
    const expclip__pickle_node *n = expclip__pk_node(m, r);

    return n->kind == EXPCLIP__PICKLE_STRING &&
           (n->is.string.size == 1 ||
            (n->is.string.size > 1 && n->is.string.text[0] != '0')) &&
           expclip__parse_u64(n->is.string.text, n->is.string.size, out);
}

/* ('storage', type, key, device, number of elements); the format before torch
 * 1.6 ends with a view of it, None since torch 0.4. */
void expclip__pk_word_persistent(expclip__pk_machine *m)
{
    const uint32_t n_parts = m->legacy ? 6 : 5;
    const ref id = expclip__pk_pop(m);
    expclip__dtype dtype = EXPCLIP__F32;
    uint64_t key = 0;
    ref part[6];
    int64_t n;
    expclip__pickle_node *storage;

    if (m->status)
        return;
    if (expclip__pk_kind(m, id) != EXPCLIP__PICKLE_TUPLE ||
        !expclip__pk_unpack(m, id, part, n_parts) ||
        !is_text(m, part[0], "storage") ||
        expclip__pk_role_of(m, part[1], &dtype) != EXPCLIP__PK_STORAGE ||
        !read_key(m, part[2], &key) ||
        expclip__pk_kind(m, part[3]) != EXPCLIP__PICKLE_STRING ||
        expclip__pk_kind(m, part[4]) != EXPCLIP__PICKLE_INT ||
        (m->legacy && expclip__pk_kind(m, part[5]) != EXPCLIP__PICKLE_NONE)) {
        expclip__pk_damaged(
            m, "a storage is not ('storage', type, key, device, size)");
        return;
    }
    n = expclip__pk_node(m, part[4])->is.integer;
    if (n < 0 || n > INT64_MAX / 8) {
        expclip__pk_damaged(m, "a storage of impossible size");
        return;
    }
    storage = expclip__pk_push_new(m, EXPCLIP__PICKLE_STORAGE);
    if (!storage)
        return;
    storage->is.storage.n_elements = n;
    storage->is.storage.key = key;
    storage->is.storage.dtype = dtype;
}

/* A tuple of at most EXPCLIP__MAX_DIMS numbers >= 0. @return how many, or -1 */
static int32_t unpack_sizes(expclip__pk_machine *m, ref tuple, int64_t *out)
{
    ref part[EXPCLIP__MAX_DIMS];
    const uint32_t n = expclip__pk_node(m, tuple)->is.items.count;

    if (expclip__pk_kind(m, tuple) != EXPCLIP__PICKLE_TUPLE ||
        n > EXPCLIP__MAX_DIMS || !expclip__pk_unpack(m, tuple, part, n))
        return -1;
    for (uint32_t i = 0; i < n; i++) {
        if (expclip__pk_kind(m, part[i]) != EXPCLIP__PICKLE_INT ||
            (out[i] = expclip__pk_node(m, part[i])->is.integer) < 0)
            return -1;
    }
    return (int32_t)n;
}

/*
 * Are all elements of a view inside a storage of n elements, and no two the
 * same? The dimension with the smallest stride first: each next one must step
 * over all that the ones before it reach.
 */
static int lies_inside(const expclip__pickle_view *v, int64_t n)
{
    unsigned done = 0;
    int64_t extent = 1, end;

    if (v->n_elements == 0) /* torch gives slices of nothing any offset */
        return 1;
    for (int32_t k = 0; k < v->n_dims; k++) {
        int32_t least = -1;
        int64_t more;

        for (int32_t i = 0; i < v->n_dims; i++)
            if (!(done >> i & 1) &&
                (v->shape[i] == 1 || least < 0 ||
                 (v->shape[least] != 1 && v->stride[i] < v->stride[least])))
                least = i;
        done |= 1u << least;
        if (v->shape[least] == 1)
            continue;
        if (v->stride[least] < extent ||
            __builtin_mul_overflow(v->shape[least] - 1, v->stride[least],
                                   &more) ||
            __builtin_add_overflow(extent, more, &extent))
            return 0;
    }
    return !__builtin_add_overflow(v->offset, extent, &end) && end <= n;
}

static int count_elements(expclip__pickle_view *v)
{
    v->n_elements = 1;
    for (int32_t i = 0; i < v->n_dims; i++)
        if (__builtin_mul_overflow(v->n_elements, v->shape[i], &v->n_elements))
            return 0;
    return 1;
}

/* One element may stand for many, as after expand(); else it is damaged. */
static void fail_view(expclip__pk_machine *m, const expclip__pickle_view *v)
{
    for (int32_t i = 0; i < v->n_dims; i++) {
        if (v->shape[i] < 2 || v->stride[i] != 0)
            continue;
        expclip__pk_damaged(m, "a tensor does not lie in its storage, element "
                               "by element, as after expand(); save its "
                               "clone()");
        return;
    }
    expclip__pk_damaged(
        m, "a tensor does not lie in its storage, element by element");
}

/* _rebuild_tensor_v2(storage, offset, size, stride, requires_grad, hooks) */
static void make_tensor(expclip__pk_machine *m, ref arguments)
{
    const uint32_t index = m->views.n;
    ref part[6];
    expclip__pickle_view v = { 0 }, *place;
    expclip__pickle_node *tensor;

    if (!expclip__pk_unpack(m, arguments, part, 6) ||
        expclip__pk_kind(m, part[0]) != EXPCLIP__PICKLE_STORAGE ||
        expclip__pk_kind(m, part[1]) != EXPCLIP__PICKLE_INT ||
        expclip__pk_kind(m, part[4]) != EXPCLIP__PICKLE_BOOL ||
        expclip__pk_kind(m, part[5]) != EXPCLIP__PICKLE_DICT) {
        expclip__pk_fail(
            m, EXPCLIP_ERROR_UNSAFE,
            "a tensor is not (storage, offset, size, stride, grad, hooks)");
        return;
    }
    if (part[4] == EXPCLIP__PK_TRUE &&
        expclip__pk_node(m, part[0])->is.storage.dtype > EXPCLIP__BF16) {
        expclip__pk_damaged(m, "a gradient of a tensor without fractions");
        return;
    }
    v.offset = expclip__pk_node(m, part[1])->is.integer;
    v.n_dims = unpack_sizes(m, part[2], v.shape);
    if (v.n_dims < 0 || unpack_sizes(m, part[3], v.stride) != v.n_dims ||
        v.offset < 0 || !count_elements(&v) ||
        !lies_inside(&v, expclip__pk_node(m, part[0])->is.storage.n_elements)) {
        fail_view(m, &v);
        return;
    }
    place = expclip__pk_reach(m, &m->views, index, sizeof(*place), MAX_VIEWS,
                              "too many tensors");
    tensor = expclip__pk_push_new(m, EXPCLIP__PICKLE_TENSOR);
    if (!tensor)
        return;
    *place = v;
    tensor->is.tensor.view = index;
    tensor->is.tensor.storage = part[0];
}

/* ---- words: calls that are none ---- */

static void call_dict(expclip__pk_machine *m, ref arguments)
{
    if (expclip__pk_node(m, arguments)->is.items.count != 0)
        expclip__pk_fail(m, EXPCLIP_ERROR_UNSAFE, "OrderedDict with arguments");
    else
        expclip__pk_push_new(m, EXPCLIP__PICKLE_DICT);
}

/* (tensor, requires_grad, hooks) is its tensor. */
static void call_parameter(expclip__pk_machine *m, ref arguments)
{
    ref part[3];

    if (expclip__pk_unpack(m, arguments, part, 3) &&
        expclip__pk_kind(m, part[0]) == EXPCLIP__PICKLE_TENSOR &&
        expclip__pk_kind(m, part[1]) == EXPCLIP__PICKLE_BOOL &&
        expclip__pk_kind(m, part[2]) == EXPCLIP__PICKLE_DICT)
        expclip__pk_push(m, part[0]);
    else
        expclip__pk_fail(m, EXPCLIP_ERROR_UNSAFE,
                         "a parameter is not (tensor, grad, "
                         "hooks)");
}

/* (tensor, requires_grad, hooks, attributes) is its tensor. */
static void call_parameter_state(expclip__pk_machine *m, ref arguments)
{
    ref part[4];

    if (expclip__pk_unpack(m, arguments, part, 4) &&
        expclip__pk_kind(m, part[0]) == EXPCLIP__PICKLE_TENSOR)
        expclip__pk_push(m, part[0]);
    else
        expclip__pk_fail(m, EXPCLIP_ERROR_UNSAFE,
                         "a parameter is not (tensor, grad, hooks, state)");
}

/* (_rebuild_tensor_v2, type, its arguments, attributes) is its tensor. */
static void call_typed(expclip__pk_machine *m, ref arguments)
{
    ref part[4];

    if (expclip__pk_unpack(m, arguments, part, 4) &&
        expclip__pk_role_of(m, part[0], NULL) == EXPCLIP__PK_TENSOR &&
        expclip__pk_role_of(m, part[1], NULL) == EXPCLIP__PK_TYPE &&
        expclip__pk_kind(m, part[2]) == EXPCLIP__PICKLE_TUPLE)
        make_tensor(m, part[2]);
    else
        expclip__pk_fail(m, EXPCLIP_ERROR_UNSAFE,
                         "a tensor with attributes is not (function, type, "
                         "arguments, state)");
}

/* torch.Size and lists of numbers: nothing that a tensor needs. */
static void call_list(expclip__pk_machine *m, ref arguments)
{
    ref part;

    if (expclip__pk_unpack(m, arguments, &part, 1) &&
        expclip__pk_is_container(expclip__pk_kind(m, part)))
        expclip__pk_push(m, EXPCLIP__PK_OTHER);
    else
        expclip__pk_fail(m, EXPCLIP_ERROR_UNSAFE,
                         "a list is not made of one list");
}

/* (value, name of its type) is its value. */
static void call_tag(expclip__pk_machine *m, ref arguments)
{
    ref part[2];

    if (expclip__pk_unpack(m, arguments, part, 2) &&
        expclip__pk_kind(m, part[1]) == EXPCLIP__PICKLE_STRING)
        expclip__pk_push(m, part[0]);
    else
        expclip__pk_fail(m, EXPCLIP_ERROR_UNSAFE,
                         "a type is not (value, name)");
}

/* A dictionary that is more than one, such as defaultdict(list). */
static void call_any_dict(expclip__pk_machine *m, ref arguments)
{
    (void)arguments;
    expclip__pk_push_new(m, EXPCLIP__PICKLE_DICT);
}

static void call_inert(expclip__pk_machine *m, ref arguments)
{
    (void)arguments;
    expclip__pk_push(m, EXPCLIP__PK_OTHER);
}

static void call_nothing(expclip__pk_machine *m, ref arguments)
{
    (void)arguments;
    expclip__pk_fail(m, EXPCLIP_ERROR_UNSAFE,
                     "a call of what cannot be called");
}

static void make_module(expclip__pk_machine *m, ref arguments)
{
    if (expclip__pk_node(m, arguments)->is.items.count != 0)
        expclip__pk_fail(m, EXPCLIP_ERROR_UNSAFE,
                         "an object that is not a module");
    else
        expclip__pk_push_new(m, EXPCLIP__PICKLE_OBJECT);
}

static void make_nothing(expclip__pk_machine *m, ref arguments)
{
    (void)arguments;
    expclip__pk_fail(m, EXPCLIP_ERROR_UNSAFE, "an object that is not a module");
}

/* What a name does when it is called, and when an object of it is made. */
static const struct {
    void (*call)(expclip__pk_machine *, ref);
    void (*make)(expclip__pk_machine *, ref);
} roles[] = {
    [EXPCLIP__PK_NO_ROLE] = { call_nothing, make_nothing },
    [EXPCLIP__PK_DICT] = { call_dict, call_dict },
    [EXPCLIP__PK_ANY_DICT] = { call_any_dict, call_any_dict },
    [EXPCLIP__PK_TENSOR] = { make_tensor, make_nothing },
    [EXPCLIP__PK_PARAMETER] = { call_parameter, make_nothing },
    [EXPCLIP__PK_PARAMETER_STATE] = { call_parameter_state, make_nothing },
    [EXPCLIP__PK_TYPED] = { call_typed, make_nothing },
    [EXPCLIP__PK_TYPE] = { call_nothing, make_nothing },
    [EXPCLIP__PK_STORAGE] = { call_nothing, make_nothing },
    [EXPCLIP__PK_SIZE] = { call_list, make_nothing },
    [EXPCLIP__PK_LIST] = { call_list, make_nothing },
    [EXPCLIP__PK_TAG] = { call_tag, make_nothing },
    [EXPCLIP__PK_MODULE] = { call_nothing, make_module },
    [EXPCLIP__PK_INERT] = { call_inert, call_inert },
};

void expclip__pk_word_reduce(expclip__pk_machine *m)
{
    const ref arguments = expclip__pk_pop(m), callee = expclip__pk_pop(m);

    if (m->status)
        return;
    if (expclip__pk_kind(m, arguments) != EXPCLIP__PICKLE_TUPLE)
        call_nothing(m, arguments);
    else
        roles[expclip__pk_role_of(m, callee, NULL)].call(m, arguments);
}

static void make_object(expclip__pk_machine *m, ref class, ref arguments)
{
    if (m->status)
        return;
    if (expclip__pk_kind(m, arguments) != EXPCLIP__PICKLE_TUPLE)
        make_nothing(m, arguments);
    else
        roles[expclip__pk_role_of(m, class, NULL)].make(m, arguments);
}

/* A TorchScript module, still without its attributes, or an inert value. */
void expclip__pk_word_new_object(expclip__pk_machine *m)
{
    const ref arguments = expclip__pk_pop(m), class = expclip__pk_pop(m);

    make_object(m, class, arguments);
}

/* The same with named arguments, which only inert values have. */
void expclip__pk_word_new_object_named(expclip__pk_machine *m)
{
    const ref named = expclip__pk_pop(m), arguments = expclip__pk_pop(m);
    const ref class = expclip__pk_pop(m);

    if (!m->status &&
        (expclip__pk_kind(m, named) != EXPCLIP__PICKLE_DICT ||
         expclip__pk_role_of(m, class, NULL) != EXPCLIP__PK_INERT))
        make_nothing(m, named);
    make_object(m, class, arguments);
}

/* The attributes of a module. Those of a dictionary (torch keeps format
 * versions there) and of inert values say nothing of the tensors. */
void expclip__pk_word_build(expclip__pk_machine *m)
{
    const ref state = expclip__pk_pop(m), object = expclip__pk_peek(m, 0);

    if (m->status || expclip__pk_kind(m, object) == EXPCLIP__PICKLE_OTHER)
        return;
    if (expclip__pk_kind(m, state) != EXPCLIP__PICKLE_DICT ||
        (expclip__pk_kind(m, object) != EXPCLIP__PICKLE_DICT &&
         expclip__pk_kind(m, object) != EXPCLIP__PICKLE_OBJECT) ||
        state == object) {
        expclip__pk_fail(m, EXPCLIP_ERROR_UNSAFE,
                         "BUILD of what is not a module");
        return;
    }
    expclip__pk_node(m, state)->held = 1;
    if (expclip__pk_kind(m, object) == EXPCLIP__PICKLE_DICT)
        return;
    if (expclip__pk_node(m, object)->held ||
        expclip__pk_node(m, object)->is.items.count != 0)
        expclip__pk_damaged(m, "a module is built twice");
    else
        expclip__pk_node(m, object)->is.items =
            expclip__pk_node(m, state)->is.items;
}
