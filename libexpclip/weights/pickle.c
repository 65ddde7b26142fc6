/* SPDX-License-Identifier: MIT */
/*
 * pickle.c - a stack machine for the pickles that torch writes.
 *
 * The words are those of protocol 2 (CPython, Lib/pickletools.py) that
 * torch.save() and torch.jit.save() use. Calls give values and never run: the
 * names that may be called are a table. What makes this safe is that each word
 * checks the kinds of its operands, as torch's own reader failed to do for
 * BUILD and SETITEM (CVE-2026-24747), that all counts have limits, and that
 * nothing here calls itself.
 */
#include "weights/pickle.h"

#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/text.h"

#define MAX_NODES (1u << 20)
#define MAX_ITEMS (1u << 20)
#define MAX_VIEWS 65536u
#define MAX_STACK 65536u
#define MAX_MARKS 1000u
#define MAX_MEMO (1u << 20)
#define MAX_STRING 4096u
#define MAX_GLOBAL 512u /* bytes of a line */

typedef expclip__pickle_ref ref;
typedef expclip__pickle_node node;

/* Nodes that are there from the start: values without content. */
enum { NONE, TRUE_, FALSE_, FLOAT_, OTHER, N_CONSTANTS };

/* A growing array of elements of `size` bytes. */
typedef struct array {
    void *data;
    uint32_t n;
    uint32_t capacity;
} array;

typedef struct machine {
    const uint8_t *bytes;
    size_t size;
    size_t at;
    size_t word; /* where the present word begins, for messages */
    array nodes;
    array items;
    array views;
    array stack; /* refs */
    array memo;  /* refs + 1, 0 = not set */
    uint32_t marks[MAX_MARKS];
    uint32_t n_marks;
    int stopped;
    expclip_status status; /* of the first failure; the rest does nothing */
    expclip_error *err;
} machine;

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

/* ---- failing ---- */

static void fail(machine *m, expclip_status code, const char *what)
{
    if (m->status == EXPCLIP_OK)
        m->status = expclip__fail(m->err, code, "pickle, byte %zu: %s",
                                  m->word, what);
}

static void damaged(machine *m, const char *what)
{
    fail(m, EXPCLIP_ERROR_FORMAT, what);
}

static void fail_memory(machine *m)
{
    if (m->status == EXPCLIP_OK)
        m->status = expclip__fail_memory(m->err, "pickle");
}

/* ---- arrays ---- */

/* Room for element number `index`, cleared up to there. @return it, or NULL */
static void *reach(machine *m, array *a, uint32_t index, size_t size,
                   uint32_t most, const char *too_many)
{
    if (m->status)
        return NULL;
    if (index >= most) {
        fail(m, EXPCLIP_ERROR_LIMIT, too_many);
        return NULL;
    }
    if (index >= a->capacity) {
        uint32_t capacity = a->capacity ? a->capacity : 64;
        void *grown;

        while (capacity <= index)
            capacity *= 2;
        grown = expclip__realloc(a->data, capacity, size);
        if (!grown) {
            fail_memory(m);
            return NULL;
        }
        a->data = grown;
        a->capacity = capacity;
    }
    if (index >= a->n) {
        memset((char *)a->data + a->n * size, 0, (index + 1 - a->n) * size);
        a->n = index + 1;
    }
    return (char *)a->data + index * size;
}

/* The fields of a node; valid until the next node is made. */
static node *at(const machine *m, ref r)
{
    return (node *)m->nodes.data + r;
}

static expclip__pickle_kind kind_of(const machine *m, ref r)
{
    return at(m, r)->kind;
}

static expclip__pickle_item *item_at(const machine *m, uint32_t index)
{
    return (expclip__pickle_item *)m->items.data + index;
}

static ref new_node(machine *m, expclip__pickle_kind kind)
{
    const ref r = m->nodes.n;
    node *n = reach(m, &m->nodes, r, sizeof(*n), MAX_NODES, "too many values");

    if (!n)
        return NONE;
    n->kind = kind;
    return r;
}

/* ---- the stack ---- */

static void push(machine *m, ref r)
{
    ref *top = reach(m, &m->stack, m->stack.n, sizeof(*top), MAX_STACK,
                     "too many values on the stack");

    if (top)
        *top = r;
}

static void push_new(machine *m, expclip__pickle_kind kind)
{
    push(m, new_node(m, kind));
}

static void push_integer(machine *m, int64_t value)
{
    const ref r = new_node(m, EXPCLIP__PICKLE_INT);

    if (m->status)
        return;
    at(m, r)->is.integer = value;
    push(m, r);
}

/* Where the values above the last mark begin. */
static uint32_t stack_floor(const machine *m)
{
    return m->n_marks ? m->marks[m->n_marks - 1] : 0;
}

/* The value `down` places below the top. */
static ref peek(machine *m, uint32_t down)
{
    if (m->status || m->stack.n - stack_floor(m) <= down) {
        damaged(m, "the stack is empty");
        return NONE;
    }
    return ((ref *)m->stack.data)[m->stack.n - 1 - down];
}

static ref pop(machine *m)
{
    const ref r = peek(m, 0);

    if (!m->status)
        m->stack.n--;
    return r;
}

/* Take the last mark away. @return where its values begin on the stack */
static uint32_t pop_mark(machine *m)
{
    if (m->n_marks == 0) {
        damaged(m, "no mark");
        return m->stack.n;
    }
    return m->marks[--m->n_marks];
}

/* ---- containers ---- */

static int is_container(expclip__pickle_kind kind)
{
    return kind >= EXPCLIP__PICKLE_TUPLE && kind <= EXPCLIP__PICKLE_OBJECT;
}

/*
 * Put a value at the end of a container. What is in another container is
 * finished: this keeps cycles out.
 */
static void add_item(machine *m, ref container, ref key, ref value)
{
    const uint32_t index = m->items.n;
    expclip__pickle_item *item;
    node *c;

    if (!m->status && (container == value || at(m, container)->held))
        damaged(m, "a container is changed after it was used");
    item = reach(m, &m->items, index, sizeof(*item), MAX_ITEMS,
                 "too many values in containers");
    if (!item)
        return;
    *item = (expclip__pickle_item){ .key = key, .value = value };
    c = at(m, container);
    if (c->is.items.last)
        item_at(m, c->is.items.last)->next = index;
    else
        c->is.items.first = index;
    c->is.items.last = index;
    c->is.items.count++;
    at(m, value)->held = 1;
}

/* Move the stack's values from `from` on into a container. */
static void add_stack(machine *m, ref container, uint32_t from)
{
    for (uint32_t i = from; i < m->stack.n && !m->status; i++)
        add_item(m, container, NONE, ((ref *)m->stack.data)[i]);
    m->stack.n = from;
}

/* The n items of a container, in order; fails when there are not n. */
static int unpack(machine *m, ref container, ref *out, uint32_t n)
{
    const node *c = at(m, container);
    uint32_t index = c->is.items.first;

    if (c->is.items.count != n)
        return 0;
    for (uint32_t i = 0; i < n; i++, index = item_at(m, index)->next)
        out[i] = item_at(m, index)->value;
    return 1;
}

/* ---- operands ---- */

/* The next n bytes of the program. */
static const uint8_t *take(machine *m, size_t n)
{
    const uint8_t *p = m->bytes + m->at;

    if (m->status || n > m->size - m->at) {
        fail(m, EXPCLIP_ERROR_TRUNCATED, "ends in the middle of a word");
        return NULL;
    }
    m->at += n;
    return p;
}

/* An unsigned little-endian number of n <= 8 bytes. */
static uint64_t take_number(machine *m, size_t n)
{
    const uint8_t *p = take(m, n);
    uint64_t value = 0;

    for (size_t i = n; p && i-- > 0;)
        value = value << 8 | p[i];
    return value;
}

/* A line without its end. */
static const char *take_line(machine *m, size_t *size)
{
    const char *line = (const char *)m->bytes + m->at;
    const size_t left = m->size - m->at;
    const size_t most = left < MAX_GLOBAL ? left : MAX_GLOBAL;
    const char *end = most ? memchr(line, '\n', most) : NULL;

    if (!end) {
        damaged(m, "a name without end");
        *size = 0;
        return line;
    }
    *size = (size_t)(end - line);
    m->at += *size + 1;
    return line;
}

/* ---- words: simple values ---- */

static void word_protocol(machine *m)
{
    const uint64_t version = take_number(m, 1);

    if (!m->status && (version != 2 || m->word != 0))
        fail(m, EXPCLIP_ERROR_UNSUPPORTED, "not protocol 2");
}

static void word_none(machine *m)
{
    push(m, NONE);
}

static void word_true(machine *m)
{
    push(m, TRUE_);
}

static void word_false(machine *m)
{
    push(m, FALSE_);
}

static void word_int1(machine *m)
{
    push_integer(m, (int64_t)take_number(m, 1));
}

static void word_int2(machine *m)
{
    push_integer(m, (int64_t)take_number(m, 2));
}

static void word_int4(machine *m)
{
    push_integer(m, (int32_t)(uint32_t)take_number(m, 4));
}

/* Two's complement of any length; eight bytes are enough for a size. */
static void word_long1(machine *m)
{
    const size_t n = (size_t)take_number(m, 1);
    uint64_t value;

    if (n > 8) {
        fail(m, EXPCLIP_ERROR_LIMIT, "a number of more than 8 bytes");
        return;
    }
    value = take_number(m, n);
    if (n > 0 && n < 8 && value >> (8 * n - 1))
        value |= UINT64_MAX << (8 * n);
    push_integer(m, (int64_t)value);
}

static void word_float(machine *m)
{
    take(m, 8);
    push(m, FLOAT_);
}

static void word_string(machine *m)
{
    const size_t size = (size_t)take_number(m, 4);
    const char *text;
    ref r;

    if (size > MAX_STRING)
        fail(m, EXPCLIP_ERROR_LIMIT, "a text of more than 4096 bytes");
    text = (const char *)take(m, size);
    if (text && (!expclip__utf8_valid(text, size) || memchr(text, 0, size)))
        damaged(m, "a text that is not UTF-8, or with a NUL");
    r = new_node(m, EXPCLIP__PICKLE_STRING);
    if (m->status)
        return;
    at(m, r)->is.string.text = text;
    at(m, r)->is.string.size = size;
    push(m, r);
}

/* ---- words: containers ---- */

static void word_mark(machine *m)
{
    if (m->n_marks == MAX_MARKS)
        fail(m, EXPCLIP_ERROR_LIMIT, "too many marks");
    else
        m->marks[m->n_marks++] = m->stack.n;
}

static void word_dict(machine *m)
{
    push_new(m, EXPCLIP__PICKLE_DICT);
}

static void word_list(machine *m)
{
    push_new(m, EXPCLIP__PICKLE_LIST);
}

static void word_empty_tuple(machine *m)
{
    push_new(m, EXPCLIP__PICKLE_TUPLE);
}

/* A tuple of what is on the stack from `from` on. */
static void make_tuple(machine *m, uint32_t from)
{
    const ref tuple = new_node(m, EXPCLIP__PICKLE_TUPLE);

    add_stack(m, tuple, from);
    push(m, tuple);
}

static void word_tuple(machine *m)
{
    make_tuple(m, pop_mark(m));
}

static void tuple_of(machine *m, uint32_t n)
{
    peek(m, n - 1);
    if (!m->status)
        make_tuple(m, m->stack.n - n);
}

static void word_tuple1(machine *m)
{
    tuple_of(m, 1);
}

static void word_tuple2(machine *m)
{
    tuple_of(m, 2);
}

static void word_tuple3(machine *m)
{
    tuple_of(m, 3);
}

/* The list under the values that begin at `from`. */
static void append(machine *m, uint32_t from)
{
    ref list = NONE;

    if (m->status || from <= stack_floor(m))
        damaged(m, "the stack is empty");
    else
        list = ((ref *)m->stack.data)[from - 1];
    if (!m->status && kind_of(m, list) != EXPCLIP__PICKLE_LIST)
        fail(m, EXPCLIP_ERROR_UNSAFE, "APPEND to what is not a list");
    if (!m->status)
        add_stack(m, list, from);
}

static void word_append(machine *m)
{
    peek(m, 1);
    if (!m->status)
        append(m, m->stack.n - 1);
}

static void word_appends(machine *m)
{
    append(m, pop_mark(m));
}

/* The dictionary under the keys and values that begin at `from`. */
static void set_items(machine *m, uint32_t from)
{
    ref dict = NONE;

    if (m->status || from <= stack_floor(m) || (m->stack.n - from) % 2)
        damaged(m, "keys without values");
    else
        dict = ((ref *)m->stack.data)[from - 1];
    if (!m->status && kind_of(m, dict) != EXPCLIP__PICKLE_DICT)
        fail(m, EXPCLIP_ERROR_UNSAFE, "SETITEM on what is not a dictionary");
    for (uint32_t i = from; !m->status && i < m->stack.n; i += 2) {
        const ref *pair = (ref *)m->stack.data + i;

        if (is_container(kind_of(m, pair[0])))
            damaged(m, "a container as key");
        else
            add_item(m, dict, pair[0], pair[1]);
    }
    if (!m->status)
        m->stack.n = from;
}

static void word_set_item(machine *m)
{
    peek(m, 2);
    if (!m->status)
        set_items(m, m->stack.n - 2);
}

static void word_set_items(machine *m)
{
    set_items(m, pop_mark(m));
}

/* ---- words: memo ---- */

static void put(machine *m, uint64_t index)
{
    const ref r = peek(m, 0);
    ref *place;

    if (index >= MAX_MEMO) {
        fail(m, EXPCLIP_ERROR_LIMIT, "memo number too large");
        return;
    }
    place = reach(m, &m->memo, (uint32_t)index, sizeof(*place), MAX_MEMO,
                  "memo number too large");
    if (place)
        *place = r + 1;
}

static void get(machine *m, uint64_t index)
{
    const ref *memo = m->memo.data;

    if (index >= m->memo.n || !memo[index])
        damaged(m, "memo number not set");
    else
        push(m, memo[index] - 1);
}

static void word_put1(machine *m)
{
    put(m, take_number(m, 1));
}

static void word_put4(machine *m)
{
    put(m, take_number(m, 4));
}

static void word_get1(machine *m)
{
    get(m, take_number(m, 1));
}

static void word_get4(machine *m)
{
    get(m, take_number(m, 4));
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

static void word_global(machine *m)
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
    r = new_node(m, EXPCLIP__PICKLE_GLOBAL);
    if (m->status)
        return;
    at(m, r)->is.integer = (int64_t)row;
    push(m, r);
}

/* The table's row of a name, -1 for any other value. */
static int row_of(const machine *m, ref r)
{
    return kind_of(m, r) == EXPCLIP__PICKLE_GLOBAL ? (int)at(m, r)->is.integer
                                                   : -1;
}

/* ---- words: storages and tensors ---- */

/* ('storage', type, key, device, number of elements) */
static void word_persistent(machine *m)
{
    const ref id = pop(m);
    ref part[5], r;
    uint64_t key = 0;
    int64_t n;
    int row;

    if (m->status)
        return;
    if (kind_of(m, id) != EXPCLIP__PICKLE_TUPLE || !unpack(m, id, part, 5) ||
        kind_of(m, part[0]) != EXPCLIP__PICKLE_STRING ||
        !equals(at(m, part[0])->is.string.text,
                at(m, part[0])->is.string.size, "storage") ||
        (row = row_of(m, part[1])) < 0 || globals[row].role != ROLE_STORAGE ||
        kind_of(m, part[2]) != EXPCLIP__PICKLE_STRING ||
        at(m, part[2])->is.string.size > 9 ||
        !expclip__parse_u64(at(m, part[2])->is.string.text,
                            at(m, part[2])->is.string.size, &key) ||
        kind_of(m, part[3]) != EXPCLIP__PICKLE_STRING ||
        kind_of(m, part[4]) != EXPCLIP__PICKLE_INT) {
        damaged(m, "a storage is not ('storage', type, key, device, size)");
        return;
    }
    n = at(m, part[4])->is.integer;
    if (n < 0 || n > INT64_MAX / 8) {
        damaged(m, "a storage of impossible size");
        return;
    }
    r = new_node(m, EXPCLIP__PICKLE_STORAGE);
    if (m->status)
        return;
    at(m, r)->is.storage.n_elements = n;
    at(m, r)->is.storage.key = (uint32_t)key;
    at(m, r)->is.storage.dtype = globals[row].dtype;
    push(m, r);
}

/* A tuple of at most EXPCLIP__MAX_DIMS numbers >= 0. @return how many, or -1 */
static int32_t unpack_sizes(machine *m, ref tuple, int64_t *out)
{
    ref part[EXPCLIP__MAX_DIMS];
    const uint32_t n = at(m, tuple)->is.items.count;

    if (kind_of(m, tuple) != EXPCLIP__PICKLE_TUPLE || n > EXPCLIP__MAX_DIMS ||
        !unpack(m, tuple, part, n))
        return -1;
    for (uint32_t i = 0; i < n; i++) {
        if (kind_of(m, part[i]) != EXPCLIP__PICKLE_INT ||
            (out[i] = at(m, part[i])->is.integer) < 0)
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
    int64_t reach_of = 1, end;

    if (v->n_elements == 0)
        return v->offset <= n;
    for (int32_t k = 0; k < v->n_dims; k++) {
        int32_t least = -1;
        int64_t more;

        for (int32_t i = 0; i < v->n_dims; i++)
            if (!(done >> i & 1) &&
                (v->shape[i] == 1 || least < 0 || (v->shape[least] != 1 &&
                 v->stride[i] < v->stride[least])))
                least = i;
        done |= 1u << least;
        if (v->shape[least] == 1)
            continue;
        if (v->stride[least] < reach_of ||
            __builtin_mul_overflow(v->shape[least] - 1, v->stride[least],
                                   &more) ||
            __builtin_add_overflow(reach_of, more, &reach_of))
            return 0;
    }
    return !__builtin_add_overflow(v->offset, reach_of, &end) && end <= n;
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
static void make_tensor(machine *m, ref arguments)
{
    const uint32_t index = m->views.n;
    ref part[6], r;
    expclip__pickle_view v = { 0 }, *place;

    if (!unpack(m, arguments, part, 6) ||
        kind_of(m, part[0]) != EXPCLIP__PICKLE_STORAGE ||
        kind_of(m, part[1]) != EXPCLIP__PICKLE_INT ||
        kind_of(m, part[4]) != EXPCLIP__PICKLE_BOOL ||
        kind_of(m, part[5]) != EXPCLIP__PICKLE_DICT) {
        fail(m, EXPCLIP_ERROR_UNSAFE,
             "a tensor is not (storage, offset, size, stride, grad, hooks)");
        return;
    }
    v.offset = at(m, part[1])->is.integer;
    v.n_dims = unpack_sizes(m, part[2], v.shape);
    if (v.n_dims < 0 || unpack_sizes(m, part[3], v.stride) != v.n_dims ||
        v.offset < 0 || !count_elements(&v) ||
        !lies_inside(&v, at(m, part[0])->is.storage.n_elements)) {
        damaged(m, "a tensor does not lie in its storage, element by element");
        return;
    }
    place = reach(m, &m->views, index, sizeof(*place), MAX_VIEWS,
                  "too many tensors");
    r = new_node(m, EXPCLIP__PICKLE_TENSOR);
    if (m->status)
        return;
    *place = v;
    at(m, r)->is.tensor.view = index;
    at(m, r)->is.tensor.storage = part[0];
    push(m, r);
}

/* ---- words: calls that are none ---- */

static void call_dict(machine *m, ref arguments)
{
    if (at(m, arguments)->is.items.count != 0)
        fail(m, EXPCLIP_ERROR_UNSAFE, "OrderedDict with arguments");
    else
        push_new(m, EXPCLIP__PICKLE_DICT);
}

/* (tensor, requires_grad, hooks) is its tensor. */
static void call_parameter(machine *m, ref arguments)
{
    ref part[3];

    if (unpack(m, arguments, part, 3) &&
        kind_of(m, part[0]) == EXPCLIP__PICKLE_TENSOR &&
        kind_of(m, part[1]) == EXPCLIP__PICKLE_BOOL &&
        kind_of(m, part[2]) == EXPCLIP__PICKLE_DICT)
        push(m, part[0]);
    else
        fail(m, EXPCLIP_ERROR_UNSAFE, "a parameter is not (tensor, grad, "
                                      "hooks)");
}

/* torch.Size and lists of numbers: nothing that a tensor needs. */
static void call_list(machine *m, ref arguments)
{
    ref part;

    if (unpack(m, arguments, &part, 1) && is_container(kind_of(m, part)))
        push(m, OTHER);
    else
        fail(m, EXPCLIP_ERROR_UNSAFE, "a list is not made of one list");
}

/* (value, name of its type) is its value. */
static void call_tag(machine *m, ref arguments)
{
    ref part[2];

    if (unpack(m, arguments, part, 2) &&
        kind_of(m, part[1]) == EXPCLIP__PICKLE_STRING)
        push(m, part[0]);
    else
        fail(m, EXPCLIP_ERROR_UNSAFE, "a type is not (value, name)");
}

static void call_nothing(machine *m, ref arguments)
{
    (void)arguments;
    fail(m, EXPCLIP_ERROR_UNSAFE, "a call of what cannot be called");
}

static void (*const calls[])(machine *, ref) = {
    [ROLE_DICT] = call_dict,       [ROLE_TENSOR] = make_tensor,
    [ROLE_PARAMETER] = call_parameter, [ROLE_STORAGE] = call_nothing,
    [ROLE_SIZE] = call_list,       [ROLE_LIST] = call_list,
    [ROLE_TAG] = call_tag,         [ROLE_MODULE] = call_nothing,
};

static void word_reduce(machine *m)
{
    const ref arguments = pop(m), callee = pop(m);
    int row;

    if (m->status)
        return;
    row = row_of(m, callee);
    if (row < 0 || kind_of(m, arguments) != EXPCLIP__PICKLE_TUPLE)
        call_nothing(m, arguments);
    else
        calls[globals[row].role](m, arguments);
}

/* A TorchScript module, still without its attributes. */
static void word_new_object(machine *m)
{
    const ref arguments = pop(m), class = pop(m);
    int row;

    if (m->status)
        return;
    row = row_of(m, class);
    if (row < 0 || globals[row].role != ROLE_MODULE ||
        kind_of(m, arguments) != EXPCLIP__PICKLE_TUPLE ||
        at(m, arguments)->is.items.count != 0)
        fail(m, EXPCLIP_ERROR_UNSAFE, "an object that is not a module");
    else
        push_new(m, EXPCLIP__PICKLE_OBJECT);
}

/* The attributes of a module. Those of an OrderedDict (torch keeps format
 * versions there) say nothing of the tensors. */
static void word_build(machine *m)
{
    const ref state = pop(m), object = peek(m, 0);

    if (m->status)
        return;
    if (kind_of(m, state) != EXPCLIP__PICKLE_DICT ||
        (kind_of(m, object) != EXPCLIP__PICKLE_DICT &&
         kind_of(m, object) != EXPCLIP__PICKLE_OBJECT) || state == object) {
        fail(m, EXPCLIP_ERROR_UNSAFE, "BUILD of what is not a module");
        return;
    }
    at(m, state)->held = 1;
    if (kind_of(m, object) == EXPCLIP__PICKLE_DICT)
        return;
    if (at(m, object)->held || at(m, object)->is.items.count != 0)
        damaged(m, "a module is built twice");
    else
        at(m, object)->is.items = at(m, state)->is.items;
}

static void word_stop(machine *m)
{
    m->stopped = 1;
    if (m->at != m->size)
        damaged(m, "bytes after the end");
    else if (m->n_marks != 0 || m->stack.n != 1)
        damaged(m, "not one value at the end");
}

/* ---- the machine ---- */

static void (*const words[256])(machine *) = {
    [0x80] = word_protocol,    [0x81] = word_new_object,
    [0x85] = word_tuple1,      [0x86] = word_tuple2,
    [0x87] = word_tuple3,      [0x88] = word_true,
    [0x89] = word_false,       [0x8a] = word_long1,
    ['('] = word_mark,         [')'] = word_empty_tuple,
    ['.'] = word_stop,         ['G'] = word_float,
    ['J'] = word_int4,         ['K'] = word_int1,
    ['M'] = word_int2,         ['N'] = word_none,
    ['Q'] = word_persistent,   ['R'] = word_reduce,
    ['X'] = word_string,       [']'] = word_list,
    ['a'] = word_append,       ['b'] = word_build,
    ['c'] = word_global,       ['e'] = word_appends,
    ['h'] = word_get1,         ['j'] = word_get4,
    ['q'] = word_put1,         ['r'] = word_put4,
    ['s'] = word_set_item,     ['t'] = word_tuple,
    ['u'] = word_set_items,    ['}'] = word_dict,
};

static void step(machine *m)
{
    const uint8_t *word;

    m->word = m->at;
    word = take(m, 1);
    if (!word)
        return;
    if (m->word == 0 && *word != 0x80)
        fail(m, EXPCLIP_ERROR_UNSUPPORTED, "not a pickle of protocol 2");
    else if (words[*word])
        words[*word](m);
    else
        m->status = expclip__fail(m->err, EXPCLIP_ERROR_UNSAFE,
                                  "pickle, byte %zu: word 0x%02x, which tensors "
                                  "do not need", m->word, *word);
}

static void make_constants(machine *m)
{
    static const expclip__pickle_kind kinds[N_CONSTANTS] = {
        [NONE] = EXPCLIP__PICKLE_NONE,   [TRUE_] = EXPCLIP__PICKLE_BOOL,
        [FALSE_] = EXPCLIP__PICKLE_BOOL, [FLOAT_] = EXPCLIP__PICKLE_FLOAT,
        [OTHER] = EXPCLIP__PICKLE_OTHER,
    };

    for (int i = 0; i < N_CONSTANTS; i++)
        new_node(m, kinds[i]);
    if (!m->status)
        at(m, TRUE_)->is.integer = 1;
    /* Index 0 means "no item". */
    reach(m, &m->items, 0, sizeof(expclip__pickle_item), MAX_ITEMS, "");
}

static expclip_status run(expclip__pickle *p, machine *m)
{
    make_constants(m);
    while (!m->status && !m->stopped)
        step(m);
    if (!m->status)
        p->root = ((ref *)m->stack.data)[0];
    p->nodes = m->nodes.data;
    p->items = m->items.data;
    p->views = m->views.data;
    expclip__free(m->stack.data);
    expclip__free(m->memo.data);
    return m->status;
}

expclip_status expclip__pickle_read(expclip__pickle **out, const uint8_t *bytes,
                                    size_t size, expclip_error *err)
{
    expclip__pickle *p = expclip__alloc_zero(1, sizeof(*p));
    machine m = { .bytes = bytes, .size = size, .err = err };
    expclip_status status;

    if (!p)
        return expclip__fail_memory(err, "pickle");
    status = run(p, &m);
    if (status)
        expclip__pickle_free(p);
    else
        *out = p;
    return status;
}

void expclip__pickle_free(expclip__pickle *p)
{
    if (!p)
        return;
    expclip__free(p->nodes);
    expclip__free(p->items);
    expclip__free(p->views);
    expclip__free(p);
}
