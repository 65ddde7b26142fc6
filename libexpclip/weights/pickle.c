/* SPDX-License-Identifier: MIT */
/*
 * pickle.c - a stack machine for the pickles that torch writes.
 *
 * The words are those of protocols 2 to 5 (CPython, Lib/pickletools.py) that
 * torch.save() and torch.jit.save() use. Calls give values and never run: the
 * names that may be called are a table. What makes this safe is that each word
 * checks the kinds of its operands, as torch's own reader failed to do for
 * BUILD and SETITEM (CVE-2026-24747), that all counts have limits, and that
 * nothing here calls itself.
 */
#include "weights/pickle.h"

#include <string.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "weights/pickle_machine.h"

#define MAX_MEMO (1u << 20)
#define MAX_PROTOCOL 5
#define MAX_LONG 4096u

typedef expclip__pickle_ref ref;

/* ---- operands ---- */

/* The next n bytes of the program. */
static const uint8_t *take(expclip__pk_machine *m, uint64_t n)
{
    const uint8_t *p = m->bytes + m->at;

    if (m->status || n > m->size - m->at) {
        expclip__pk_fail(m, EXPCLIP_ERROR_TRUNCATED,
                         "ends in the middle of a word");
        return NULL;
    }
    if (m->word < m->frame_end && n > m->frame_end - m->at) {
        expclip__pk_damaged(m, "a word that goes on after its frame");
        return NULL;
    }
    m->at += (size_t)n;
    return p;
}

/* An unsigned little-endian number of n <= 8 bytes. */
static uint64_t take_number(expclip__pk_machine *m, size_t n)
{
    const uint8_t *p = take(m, n);

    return p ? expclip__little_endian(p, n) : 0;
}

static void push_integer(expclip__pk_machine *m, int64_t value)
{
    expclip__pickle_node *node = expclip__pk_push_new(m, EXPCLIP__PICKLE_INT);

    if (node)
        node->is.integer = value;
}

/* ---- words: simple values ---- */

#define NOT_PROTOCOL                                                           \
    "not a pickle of protocol 2 to 5; save it by torch.save() without its "    \
    "pickle_protocol"

static void word_protocol(expclip__pk_machine *m)
{
    const uint64_t version = take_number(m, 1);

    if (!m->status && (version < 2 || version > MAX_PROTOCOL || m->word != 0))
        expclip__pk_fail(m, EXPCLIP_ERROR_UNSUPPORTED, NOT_PROTOCOL);
}

/* How many bytes follow that belong together: no word may lie across the end,
 * for readers that read frame by frame. */
static void word_frame(expclip__pk_machine *m)
{
    const uint64_t size = take_number(m, 8);

    if (!m->status && size > m->size - m->at)
        expclip__pk_fail(m, EXPCLIP_ERROR_TRUNCATED, "a frame without end");
    else if (m->at < m->frame_end)
        expclip__pk_damaged(m, "a frame in a frame");
    else if (!m->status)
        m->frame_end = m->at + (size_t)size;
}

static void word_new(expclip__pk_machine *m, uint32_t kind)
{
    expclip__pk_push_new(m, (expclip__pickle_kind)kind);
}

/* Of n bytes; one of four has a sign. */
static void word_int(expclip__pk_machine *m, uint32_t n)
{
    const uint64_t value = take_number(m, n);

    push_integer(m, n == 4 ? (int32_t)(uint32_t)value : (int64_t)value);
}

/* Two's complement of as many bytes as n bytes say. Eight bytes are enough for
 * a size; a longer number, such as the state of a random generator, means
 * nothing here. */
static void word_long(expclip__pk_machine *m, uint32_t n)
{
    const uint64_t size = take_number(m, n);
    uint64_t value;

    if (size > MAX_LONG) {
        expclip__pk_fail(m, EXPCLIP_ERROR_LIMIT,
                         "a number of more than 4096 bytes");
        return;
    }
    if (size > 8) {
        take(m, size);
        expclip__pk_push(m, EXPCLIP__PK_OTHER);
        return;
    }
    value = take_number(m, (size_t)size);
    if (size > 0 && size < 8 && value >> (8 * size - 1))
        value |= UINT64_MAX << (8 * size);
    push_integer(m, (int64_t)value);
}

static void word_float(expclip__pk_machine *m)
{
    take(m, 8);
    expclip__pk_push(m, EXPCLIP__PK_FLOAT);
}

/* A text after its size, of n bytes; below, bytes alike. */
static void word_string(expclip__pk_machine *m, uint32_t n)
{
    const uint64_t size = take_number(m, n);
    const char *text = (const char *)take(m, size);
    expclip__pickle_node *node;

    if (m->status)
        return;
    if (!expclip__utf8_valid(text, (size_t)size)) {
        expclip__pk_damaged(m, "a text that is not UTF-8");
        return;
    }
    node = expclip__pk_push_new(m, EXPCLIP__PICKLE_STRING);
    if (!node)
        return;
    node->is.string.text = text;
    node->is.string.size = (size_t)size;
}

static void word_bytes(expclip__pk_machine *m, uint32_t n)
{
    take(m, take_number(m, n));
    expclip__pk_push(m, EXPCLIP__PK_OTHER);
}

/* ---- words: memo ---- */

static void put(expclip__pk_machine *m, uint64_t index)
{
    const ref r = expclip__pk_peek(m, 0);
    ref *place;

    if (index >= MAX_MEMO) {
        expclip__pk_fail(m, EXPCLIP_ERROR_LIMIT, "memo number too large");
        return;
    }
    place = expclip__pk_reach(m, &m->memo, (uint32_t)index, sizeof(*place),
                              MAX_MEMO, "memo number too large");
    if (!place)
        return;
    m->n_memo += *place == 0;
    *place = r + 1;
}

/* At an index of n bytes. */
static void word_put(expclip__pk_machine *m, uint32_t n)
{
    put(m, take_number(m, n));
}

static void word_memoize(expclip__pk_machine *m)
{
    put(m, m->n_memo);
}

static void word_get(expclip__pk_machine *m, uint32_t n)
{
    const uint64_t index = take_number(m, n);
    const ref *memo = m->memo.data;

    if (index >= m->memo.n || !memo[index])
        expclip__pk_damaged(m, "memo number not set");
    else
        expclip__pk_push(m, memo[index] - 1);
}

static void word_stop(expclip__pk_machine *m)
{
    m->stopped = 1;
    if (!m->legacy && m->at != m->size)
        expclip__pk_damaged(m, "bytes after the end");
    else if (m->n_marks != 0 || m->stack.n != 1)
        expclip__pk_damaged(m, "not one value at the end");
}

/* ---- the machine ---- */

/* A word, or one of several that differ in a number: bytes of an operand, a
 * kind or a constant. */
static const struct {
    void (*run)(expclip__pk_machine *m);
    void (*run_with)(expclip__pk_machine *m, uint32_t number);
    uint32_t number;
} words[256] = {
    [0x80] = { .run = word_protocol },
    [0x81] = { .run = expclip__pk_word_new_object },
    [0x85] = { .run_with = expclip__pk_word_tuple_of, .number = 1 },
    [0x86] = { .run_with = expclip__pk_word_tuple_of, .number = 2 },
    [0x87] = { .run_with = expclip__pk_word_tuple_of, .number = 3 },
    [0x88] = { .run_with = expclip__pk_push, .number = EXPCLIP__PK_TRUE },
    [0x89] = { .run_with = expclip__pk_push, .number = EXPCLIP__PK_FALSE },
    [0x8a] = { .run_with = word_long, .number = 1 },
    [0x8b] = { .run_with = word_long, .number = 4 },
    [0x8c] = { .run_with = word_string, .number = 1 },
    [0x8d] = { .run_with = word_string, .number = 8 },
    [0x8e] = { .run_with = word_bytes, .number = 8 },
    /* A set says nothing of tensors: what is put into it is dropped. */
    [0x8f] = { .run_with = expclip__pk_push, .number = EXPCLIP__PK_OTHER },
    [0x90] = { .run = expclip__pk_word_add_items },
    [0x91] = { .run = expclip__pk_word_frozen_set },
    [0x92] = { .run = expclip__pk_word_new_object_named },
    [0x93] = { .run = expclip__pk_word_stack_global },
    [0x94] = { .run = word_memoize },
    [0x95] = { .run = word_frame },
    [0x96] = { .run_with = word_bytes, .number = 8 }, /* of a bytearray */
    ['('] = { .run = expclip__pk_word_mark },
    [')'] = { .run_with = word_new, .number = EXPCLIP__PICKLE_TUPLE },
    ['.'] = { .run = word_stop },
    ['B'] = { .run_with = word_bytes, .number = 4 },
    ['C'] = { .run_with = word_bytes, .number = 1 },
    ['G'] = { .run = word_float },
    ['J'] = { .run_with = word_int, .number = 4 },
    ['K'] = { .run_with = word_int, .number = 1 },
    ['M'] = { .run_with = word_int, .number = 2 },
    ['N'] = { .run_with = expclip__pk_push, .number = EXPCLIP__PK_NONE },
    ['Q'] = { .run = expclip__pk_word_persistent },
    ['R'] = { .run = expclip__pk_word_reduce },
    ['U'] = { .run_with = word_string, .number = 1 }, /* Python 2 */
    ['X'] = { .run_with = word_string, .number = 4 },
    [']'] = { .run_with = word_new, .number = EXPCLIP__PICKLE_LIST },
    ['a'] = { .run = expclip__pk_word_append },
    ['b'] = { .run = expclip__pk_word_build },
    ['c'] = { .run = expclip__pk_word_global },
    ['e'] = { .run = expclip__pk_word_appends },
    ['h'] = { .run_with = word_get, .number = 1 },
    ['j'] = { .run_with = word_get, .number = 4 },
    ['q'] = { .run_with = word_put, .number = 1 },
    ['r'] = { .run_with = word_put, .number = 4 },
    ['s'] = { .run = expclip__pk_word_set_item },
    ['t'] = { .run = expclip__pk_word_tuple },
    ['u'] = { .run = expclip__pk_word_set_items },
    ['}'] = { .run_with = word_new, .number = EXPCLIP__PICKLE_DICT },
};

static void step(expclip__pk_machine *m)
{
    const uint8_t *word;

    m->word = m->at;
    word = take(m, 1);
    if (!word)
        return;
    if (m->word == 0 && *word != 0x80)
        expclip__pk_fail(m, EXPCLIP_ERROR_UNSUPPORTED, NOT_PROTOCOL);
    else if (words[*word].run)
        words[*word].run(m);
    else if (words[*word].run_with)
        words[*word].run_with(m, words[*word].number);
    else
        m->status =
            expclip__fail(m->err, EXPCLIP_ERROR_UNSAFE,
                          "pickle, byte %zu: word 0x%02x, which tensors "
                          "do not need",
                          m->word, *word);
}

static void make_constants(expclip__pk_machine *m)
{
    static const expclip__pickle_kind kinds[EXPCLIP__PK_N_CONSTANTS] = {
        [EXPCLIP__PK_NONE] = EXPCLIP__PICKLE_NONE,
        [EXPCLIP__PK_TRUE] = EXPCLIP__PICKLE_BOOL,
        [EXPCLIP__PK_FALSE] = EXPCLIP__PICKLE_BOOL,
        [EXPCLIP__PK_FLOAT] = EXPCLIP__PICKLE_FLOAT,
        [EXPCLIP__PK_OTHER] = EXPCLIP__PICKLE_OTHER,
    };

    for (int i = 0; i < EXPCLIP__PK_N_CONSTANTS; i++)
        expclip__pk_new_node(m, kinds[i]);
    if (!m->status)
        expclip__pk_node(m, EXPCLIP__PK_TRUE)->is.integer = 1;
    /* Index 0 means "no item". */
    expclip__pk_reach(m, &m->items, 0, sizeof(expclip__pickle_item),
                      EXPCLIP__PK_MAX_ITEMS, "");
}

static expclip_status run(expclip__pickle *p, expclip__pk_machine *m)
{
    make_constants(m);
    while (!m->status && !m->stopped)
        step(m);
    if (!m->status)
        p->root = ((ref *)m->stack.data)[0];
    p->nodes = m->nodes.data;
    p->items = m->items.data;
    p->views = m->views.data;
    p->n_nodes = m->nodes.n;
    expclip__free(m->stack.data);
    expclip__free(m->memo.data);
    return m->status;
}

/* One pickle, which ends where the bytes do unless `used` is given. */
static expclip_status read_one(expclip__pickle **out, size_t *used,
                               const uint8_t *bytes, size_t size,
                               expclip_error *err)
{
    expclip__pickle *p = expclip__alloc_zero(1, sizeof(*p));
    expclip__pk_machine m = {
        .bytes = bytes, .size = size, .legacy = used != NULL, .err = err
    };
    expclip_status status;

    if (!p)
        return expclip__fail_memory(err, "pickle");
    status = run(p, &m);
    if (status) {
        expclip__pickle_free(p);
        return status;
    }
    if (used)
        *used = m.at;
    *out = p;
    return EXPCLIP_OK;
}

expclip_status expclip__pickle_read(expclip__pickle **out, const uint8_t *bytes,
                                    size_t size, expclip_error *err)
{
    return read_one(out, NULL, bytes, size, err);
}

expclip_status expclip__pickle_read_next(expclip__pickle **out, size_t *used,
                                         const uint8_t *bytes, size_t size,
                                         expclip_error *err)
{
    return read_one(out, used, bytes, size, err);
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
