/* SPDX-License-Identifier: MIT */
/*
 * pickle_machine.c - the values and the stack of the pickle reader.
 */
#include "weights/pickle_machine.h"

#include <string.h>

#include "base/alloc.h"
#include "base/error.h"

#define MAX_NODES (1u << 20)
#define MAX_STACK 65536u

typedef expclip__pickle_ref ref;
typedef expclip__pickle_node node;

/* ---- failing ---- */

void expclip__pk_fail(expclip__pk_machine *m, expclip_status code,
                      const char *what)
{
    if (m->status == EXPCLIP_OK)
        m->status =
            expclip__fail(m->err, code, "pickle, byte %zu: %s", m->word, what);
}

void expclip__pk_damaged(expclip__pk_machine *m, const char *what)
{
    expclip__pk_fail(m, EXPCLIP_ERROR_FORMAT, what);
}

static void fail_memory(expclip__pk_machine *m)
{
    if (m->status == EXPCLIP_OK)
        m->status = expclip__fail_memory(m->err, "pickle");
}

/* ---- arrays ---- */

/* Room for element number `index`, cleared up to there. @return it, or NULL */
void *expclip__pk_reach(expclip__pk_machine *m, expclip__pk_array *a,
                        uint32_t index, size_t size, uint32_t most,
                        const char *too_many)
{
    if (m->status)
        return NULL;
    if (index >= most) {
        expclip__pk_fail(m, EXPCLIP_ERROR_LIMIT, too_many);
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
node *expclip__pk_node(const expclip__pk_machine *m, ref r)
{
    return (node *)m->nodes.data + r;
}

expclip__pickle_kind expclip__pk_kind(const expclip__pk_machine *m, ref r)
{
    return expclip__pk_node(m, r)->kind;
}

static expclip__pickle_item *item_at(const expclip__pk_machine *m,
                                     uint32_t index)
{
    return (expclip__pickle_item *)m->items.data + index;
}

ref expclip__pk_new_node(expclip__pk_machine *m, expclip__pickle_kind kind)
{
    const ref r = m->nodes.n;
    node *n = expclip__pk_reach(m, &m->nodes, r, sizeof(*n), MAX_NODES,
                                "too many values");

    if (!n)
        return EXPCLIP__PK_NONE;
    n->kind = kind;
    return r;
}

/* ---- the stack ---- */

void expclip__pk_push(expclip__pk_machine *m, ref r)
{
    ref *top = expclip__pk_reach(m, &m->stack, m->stack.n, sizeof(*top),
                                 MAX_STACK, "too many values on the stack");

    if (top)
        *top = r;
}

node *expclip__pk_push_new(expclip__pk_machine *m, expclip__pickle_kind kind)
{
    const ref r = expclip__pk_new_node(m, kind);

    expclip__pk_push(m, r);
    return m->status ? NULL : expclip__pk_node(m, r);
}

/* Where the values above the last mark begin. */
uint32_t expclip__pk_floor(const expclip__pk_machine *m)
{
    return m->n_marks ? m->marks[m->n_marks - 1] : 0;
}

/* The value `down` places below the top. */
ref expclip__pk_peek(expclip__pk_machine *m, uint32_t down)
{
    if (m->status || m->stack.n - expclip__pk_floor(m) <= down) {
        expclip__pk_damaged(m, "the stack is empty");
        return EXPCLIP__PK_NONE;
    }
    return ((ref *)m->stack.data)[m->stack.n - 1 - down];
}

ref expclip__pk_pop(expclip__pk_machine *m)
{
    const ref r = expclip__pk_peek(m, 0);

    if (!m->status)
        m->stack.n--;
    return r;
}

/* ---- containers ---- */

int expclip__pk_is_container(expclip__pickle_kind kind)
{
    return kind >= EXPCLIP__PICKLE_TUPLE && kind <= EXPCLIP__PICKLE_OBJECT;
}

/*
 * Put a value at the end of a container. What is in another container is
 * finished: this keeps cycles out.
 */
void expclip__pk_add_item(expclip__pk_machine *m, ref container, ref key,
                          ref value)
{
    const uint32_t index = m->items.n;
    expclip__pickle_item *item;
    node *c;

    if (!m->status &&
        (container == value || expclip__pk_node(m, container)->held))
        expclip__pk_damaged(m, "a container is changed after it was used");
    item = expclip__pk_reach(m, &m->items, index, sizeof(*item),
                             EXPCLIP__PK_MAX_ITEMS,
                             "too many values in containers");
    if (!item)
        return;
    *item = (expclip__pickle_item){ .key = key, .value = value };
    c = expclip__pk_node(m, container);
    if (c->is.items.last)
        item_at(m, c->is.items.last)->next = index;
    else
        c->is.items.first = index;
    c->is.items.last = index;
    c->is.items.count++;
    expclip__pk_node(m, value)->held = 1;
}

/* The n items of a container, in order; fails when there are not n. */
int expclip__pk_unpack(const expclip__pk_machine *m, ref container, ref *out,
                       uint32_t n)
{
    const node *c = expclip__pk_node(m, container);
    uint32_t index = c->is.items.first;

    if (c->is.items.count != n)
        return 0;
    for (uint32_t i = 0; i < n; i++, index = item_at(m, index)->next)
        out[i] = item_at(m, index)->value;
    return 1;
}
