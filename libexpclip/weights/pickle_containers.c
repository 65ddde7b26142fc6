/* SPDX-License-Identifier: MIT */
/*
 * pickle_containers.c - the words that make tuples, lists, sets and
 * dictionaries.
 */
#include "base/error.h"
#include "weights/pickle_machine.h"

typedef expclip__pickle_ref ref;

/* Take the last mark away. @return where its values begin on the stack */
static uint32_t pop_mark(expclip__pk_machine *m)
{
    if (m->n_marks == 0) {
        expclip__pk_damaged(m, "no mark");
        return m->stack.n;
    }
    return m->marks[--m->n_marks];
}

/* Move the stack's values from `from` on into a container. */
static void add_stack(expclip__pk_machine *m, ref container, uint32_t from)
{
    for (uint32_t i = from; i < m->stack.n && !m->status; i++)
        expclip__pk_add_item(m, container, EXPCLIP__PK_NONE,
                             ((ref *)m->stack.data)[i]);
    m->stack.n = from;
}

void expclip__pk_word_mark(expclip__pk_machine *m)
{
    if (m->n_marks == EXPCLIP__PK_MAX_MARKS)
        expclip__pk_fail(m, EXPCLIP_ERROR_LIMIT, "too many marks");
    else
        m->marks[m->n_marks++] = m->stack.n;
}

/* A tuple of what is on the stack from `from` on. */
static void make_tuple(expclip__pk_machine *m, uint32_t from)
{
    const ref tuple = expclip__pk_new_node(m, EXPCLIP__PICKLE_TUPLE);

    add_stack(m, tuple, from);
    expclip__pk_push(m, tuple);
}

void expclip__pk_word_tuple(expclip__pk_machine *m)
{
    make_tuple(m, pop_mark(m));
}

void expclip__pk_word_tuple_of(expclip__pk_machine *m, uint32_t n)
{
    expclip__pk_peek(m, n - 1);
    if (!m->status)
        make_tuple(m, m->stack.n - n);
}

void expclip__pk_word_add_items(expclip__pk_machine *m)
{
    const uint32_t from = pop_mark(m);

    if (m->status)
        return;
    m->stack.n = from;
    if (expclip__pk_kind(m, expclip__pk_peek(m, 0)) != EXPCLIP__PICKLE_OTHER)
        expclip__pk_fail(m, EXPCLIP_ERROR_UNSAFE, "ADDITEMS to what is no set");
}

void expclip__pk_word_frozen_set(expclip__pk_machine *m)
{
    const uint32_t from = pop_mark(m);

    if (m->status)
        return;
    m->stack.n = from;
    expclip__pk_push(m, EXPCLIP__PK_OTHER);
}

/* The list under the values that begin at `from`. */
static void append(expclip__pk_machine *m, uint32_t from)
{
    ref list = EXPCLIP__PK_NONE;

    if (m->status || from <= expclip__pk_floor(m))
        expclip__pk_damaged(m, "the stack is empty");
    else
        list = ((ref *)m->stack.data)[from - 1];
    if (!m->status && expclip__pk_kind(m, list) == EXPCLIP__PICKLE_OTHER) {
        m->stack.n = from; /* what is put into an inert value is dropped */
        return;
    }
    if (!m->status && expclip__pk_kind(m, list) != EXPCLIP__PICKLE_LIST)
        expclip__pk_fail(m, EXPCLIP_ERROR_UNSAFE,
                         "APPEND to what is not a list");
    if (!m->status)
        add_stack(m, list, from);
}

void expclip__pk_word_append(expclip__pk_machine *m)
{
    expclip__pk_peek(m, 1);
    if (!m->status)
        append(m, m->stack.n - 1);
}

void expclip__pk_word_appends(expclip__pk_machine *m)
{
    append(m, pop_mark(m));
}

/* Python can look up texts, numbers, and tuples of such. */
static int is_key(const expclip__pk_machine *m, ref key)
{
    const expclip__pickle_item *items = m->items.data;

    if (expclip__pk_kind(m, key) != EXPCLIP__PICKLE_TUPLE)
        return !expclip__pk_is_container(expclip__pk_kind(m, key));
    for (uint32_t i = expclip__pk_node(m, key)->is.items.first; i;
         i = items[i].next)
        if (expclip__pk_is_container(expclip__pk_kind(m, items[i].value)))
            return 0;
    return 1;
}

/* The dictionary under the keys and values that begin at `from`. */
static void set_items(expclip__pk_machine *m, uint32_t from)
{
    ref dict = EXPCLIP__PK_NONE;

    if (m->status || from <= expclip__pk_floor(m) || (m->stack.n - from) % 2)
        expclip__pk_damaged(m, "keys without values");
    else
        dict = ((ref *)m->stack.data)[from - 1];
    if (!m->status && expclip__pk_kind(m, dict) == EXPCLIP__PICKLE_OTHER) {
        m->stack.n = from;
        return;
    }
    if (!m->status && expclip__pk_kind(m, dict) != EXPCLIP__PICKLE_DICT)
        expclip__pk_fail(m, EXPCLIP_ERROR_UNSAFE,
                         "SETITEM on what is not a dictionary");
    for (uint32_t i = from; !m->status && i < m->stack.n; i += 2) {
        const ref *pair = (ref *)m->stack.data + i;

        if (!is_key(m, pair[0]))
            expclip__pk_damaged(m, "a container as key");
        else
            expclip__pk_add_item(m, dict, pair[0], pair[1]);
    }
    if (!m->status)
        m->stack.n = from;
}

void expclip__pk_word_set_item(expclip__pk_machine *m)
{
    expclip__pk_peek(m, 2);
    if (!m->status)
        set_items(m, m->stack.n - 2);
}

void expclip__pk_word_set_items(expclip__pk_machine *m)
{
    set_items(m, pop_mark(m));
}
