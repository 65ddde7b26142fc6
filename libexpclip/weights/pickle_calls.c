/* SPDX-License-Identifier: MIT */
/*
 * pickle_calls.c - the names that a torch pickle may call, and what comes out.
 *
 * Calls give values and never run: the names are a table, and a row of it
 * leads to a function here that checks the kind of each argument. Any other
 * name is refused, by its name.
 */
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "weights/pickle_machine.h"

#define MAX_VIEWS 65536u
#define MAX_GLOBAL 512u /* bytes of a line */

typedef expclip__pickle_ref ref;

/* What a name in the pickle stands for when it is called. */
typedef enum role {
    ROLE_DICT,
    ROLE_TENSOR,
    ROLE_PARAMETER,
    ROLE_STORAGE, /* not called: the type of a storage */
    ROLE_SIZE,
    ROLE_LIST, /* a list of numbers of a TorchScript module */
    ROLE_TAG,  /* a value with the name of its type */
    ROLE_MODULE
} role;

static const struct {
    const char *module;
    const char *name;
    role role;
    expclip__dtype dtype;
} globals[] = {
    { "collections", "OrderedDict", ROLE_DICT, 0 },
    { "torch._utils", "_rebuild_tensor_v2", ROLE_TENSOR, 0 },
    { "torch._utils", "_rebuild_parameter", ROLE_PARAMETER, 0 },
    { "torch", "DoubleStorage", ROLE_STORAGE, EXPCLIP__F64 },
    { "torch", "FloatStorage", ROLE_STORAGE, EXPCLIP__F32 },
    { "torch", "HalfStorage", ROLE_STORAGE, EXPCLIP__F16 },
    { "torch", "BFloat16Storage", ROLE_STORAGE, EXPCLIP__BF16 },
    { "torch", "LongStorage", ROLE_STORAGE, EXPCLIP__I64 },
    { "torch", "IntStorage", ROLE_STORAGE, EXPCLIP__I32 },
    { "torch", "ShortStorage", ROLE_STORAGE, EXPCLIP__I16 },
    { "torch", "CharStorage", ROLE_STORAGE, EXPCLIP__I8 },
    { "torch", "ByteStorage", ROLE_STORAGE, EXPCLIP__U8 },
    { "torch", "BoolStorage", ROLE_STORAGE, EXPCLIP__BOOL },
    { "torch", "Size", ROLE_SIZE, 0 },
    { "torch.jit._pickle", "build_intlist", ROLE_LIST, 0 },
    { "torch.jit._pickle", "build_doublelist", ROLE_LIST, 0 },
    { "torch.jit._pickle", "build_boollist", ROLE_LIST, 0 },
    { "torch.jit._pickle", "build_tensorlist", ROLE_LIST, 0 },
    { "torch.jit._pickle", "restore_type_tag", ROLE_TAG, 0 },
    { "__torch__", "", ROLE_MODULE, 0 }, /* any name, and below __torch__. */
};

#define N_GLOBALS (sizeof(globals) / sizeof(globals[0]))

/* A line without its end. */
static const char *take_line(expclip__pk_machine *m, size_t *size)
{
    const char *line = (const char *)m->bytes + m->at;
    const size_t left = m->size - m->at;
    const size_t most = left < MAX_GLOBAL ? left : MAX_GLOBAL;
    const char *end = most ? memchr(line, '\n', most) : NULL;

    if (!end) {
        expclip__pk_damaged(m, "a name without end");
        *size = 0;
        return line;
    }
    *size = (size_t)(end - line);
    m->at += *size + 1;
    return line;
}

/* ---- words: names ---- */

static int equals(const char *text, size_t size, const char *s)
{
    return strlen(s) == size && memcmp(text, s, size) == 0;
}

static int is_global(size_t row, const char *module, size_t module_size,
                     const char *name, size_t name_size)
{
    const size_t prefix = sizeof("__torch__") - 1;

    if (globals[row].role != ROLE_MODULE)
        return equals(module, module_size, globals[row].module) &&
               equals(name, name_size, globals[row].name);
    return module_size >= prefix && memcmp(module, "__torch__", prefix) == 0 &&
           (module_size == prefix || module[prefix] == '.');
}

void expclip__pk_word_global(expclip__pk_machine *m)
{
    size_t module_size, name_size, row = 0;
    const char *module = take_line(m, &module_size);
    const char *name = take_line(m, &name_size);
    ref r;

    if (m->status)
        return;
    while (row < N_GLOBALS &&
           !is_global(row, module, module_size, name, name_size))
        row++;
    if (row == N_GLOBALS) {
        m->status = expclip__fail(
            m->err, EXPCLIP_ERROR_UNSAFE,
            "pickle, byte %zu: calls for \"%.*s.%.*s\"; only tensors are read",
            m->word, (int)module_size, module, (int)name_size, name);
        return;
    }
    r = expclip__pk_new_node(m, EXPCLIP__PICKLE_GLOBAL);
    if (m->status)
        return;
    expclip__pk_node(m, r)->is.integer = (int64_t)row;
    expclip__pk_push(m, r);
}

/* The table's row of a name, -1 for any other value. */
static int row_of(const expclip__pk_machine *m, ref r)
{
    return expclip__pk_kind(m, r) == EXPCLIP__PICKLE_GLOBAL
               ? (int)expclip__pk_node(m, r)->is.integer
               : -1;
}

/* ---- words: storages and tensors ---- */

/* ('storage', type, key, device, number of elements) */
void expclip__pk_word_persistent(expclip__pk_machine *m)
{
    const ref id = expclip__pk_pop(m);
    ref part[5], r;
    uint64_t key = 0;
    int64_t n;
    int row;

    if (m->status)
        return;
    if (expclip__pk_kind(m, id) != EXPCLIP__PICKLE_TUPLE ||
        !expclip__pk_unpack(m, id, part, 5) ||
        expclip__pk_kind(m, part[0]) != EXPCLIP__PICKLE_STRING ||
        !equals(expclip__pk_node(m, part[0])->is.string.text,
                expclip__pk_node(m, part[0])->is.string.size, "storage") ||
        (row = row_of(m, part[1])) < 0 || globals[row].role != ROLE_STORAGE ||
        expclip__pk_kind(m, part[2]) != EXPCLIP__PICKLE_STRING ||
        expclip__pk_node(m, part[2])->is.string.size > 9 ||
        !expclip__parse_u64(expclip__pk_node(m, part[2])->is.string.text,
                            expclip__pk_node(m, part[2])->is.string.size,
                            &key) ||
        expclip__pk_kind(m, part[3]) != EXPCLIP__PICKLE_STRING ||
        expclip__pk_kind(m, part[4]) != EXPCLIP__PICKLE_INT) {
        expclip__pk_damaged(
            m, "a storage is not ('storage', type, key, device, size)");
        return;
    }
    n = expclip__pk_node(m, part[4])->is.integer;
    if (n < 0 || n > INT64_MAX / 8) {
        expclip__pk_damaged(m, "a storage of impossible size");
        return;
    }
    r = expclip__pk_new_node(m, EXPCLIP__PICKLE_STORAGE);
    if (m->status)
        return;
    expclip__pk_node(m, r)->is.storage.n_elements = n;
    expclip__pk_node(m, r)->is.storage.key = (uint32_t)key;
    expclip__pk_node(m, r)->is.storage.dtype = globals[row].dtype;
    expclip__pk_push(m, r);
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

/* _rebuild_tensor_v2(storage, offset, size, stride, requires_grad, hooks) */
static void make_tensor(expclip__pk_machine *m, ref arguments)
{
    const uint32_t index = m->views.n;
    ref part[6], r;
    expclip__pickle_view v = { 0 }, *place;

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
    v.offset = expclip__pk_node(m, part[1])->is.integer;
    v.n_dims = unpack_sizes(m, part[2], v.shape);
    if (v.n_dims < 0 || unpack_sizes(m, part[3], v.stride) != v.n_dims ||
        v.offset < 0 || !count_elements(&v) ||
        !lies_inside(&v, expclip__pk_node(m, part[0])->is.storage.n_elements)) {
        expclip__pk_damaged(
            m, "a tensor does not lie in its storage, element by element");
        return;
    }
    place = expclip__pk_reach(m, &m->views, index, sizeof(*place), MAX_VIEWS,
                              "too many tensors");
    r = expclip__pk_new_node(m, EXPCLIP__PICKLE_TENSOR);
    if (m->status)
        return;
    *place = v;
    expclip__pk_node(m, r)->is.tensor.view = index;
    expclip__pk_node(m, r)->is.tensor.storage = part[0];
    expclip__pk_push(m, r);
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

static void call_nothing(expclip__pk_machine *m, ref arguments)
{
    (void)arguments;
    expclip__pk_fail(m, EXPCLIP_ERROR_UNSAFE,
                     "a call of what cannot be called");
}

static void (*const calls[])(expclip__pk_machine *, ref) = {
    [ROLE_DICT] = call_dict,
    [ROLE_TENSOR] = make_tensor,
    [ROLE_PARAMETER] = call_parameter,
    [ROLE_STORAGE] = call_nothing,
    [ROLE_SIZE] = call_list,
    [ROLE_LIST] = call_list,
    [ROLE_TAG] = call_tag,
    [ROLE_MODULE] = call_nothing,
};

void expclip__pk_word_reduce(expclip__pk_machine *m)
{
    const ref arguments = expclip__pk_pop(m), callee = expclip__pk_pop(m);
    int row;

    if (m->status)
        return;
    row = row_of(m, callee);
    if (row < 0 || expclip__pk_kind(m, arguments) != EXPCLIP__PICKLE_TUPLE)
        call_nothing(m, arguments);
    else
        calls[globals[row].role](m, arguments);
}

/* A TorchScript module, still without its attributes. */
void expclip__pk_word_new_object(expclip__pk_machine *m)
{
    const ref arguments = expclip__pk_pop(m), class = expclip__pk_pop(m);
    int row;

    if (m->status)
        return;
    row = row_of(m, class);
    if (row < 0 || globals[row].role != ROLE_MODULE ||
        expclip__pk_kind(m, arguments) != EXPCLIP__PICKLE_TUPLE ||
        expclip__pk_node(m, arguments)->is.items.count != 0)
        expclip__pk_fail(m, EXPCLIP_ERROR_UNSAFE,
                         "an object that is not a module");
    else
        expclip__pk_push_new(m, EXPCLIP__PICKLE_OBJECT);
}

/* The attributes of a module. Those of an OrderedDict (torch keeps format
 * versions there) say nothing of the tensors. */
void expclip__pk_word_build(expclip__pk_machine *m)
{
    const ref state = expclip__pk_pop(m), object = expclip__pk_peek(m, 0);

    if (m->status)
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
