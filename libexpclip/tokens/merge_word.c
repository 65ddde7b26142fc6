/* SPDX-License-Identifier: MIT */
/*
 * merge_word.c - merging one word, in time that grows as its length does.
 *
 * The rule (OpenAI's simple_tokenizer.py, bpe()): of all merges that apply
 * somewhere in the word take the one of the lowest rank, apply it everywhere
 * from left to right, and begin again. Searching the word each time would be
 * quadratic, so all places where a merge applies hang in a list of that merge,
 * and a set of three levels of bits tells the lowest merge whose list is not
 * empty. A merge makes a symbol that only later merges use; so what it adds
 * never comes before what is there.
 */
#include <string.h>

#include "base/alloc.h"
#include "tokens/merge_table.h"
#include "tokens/merges.h"

#define NONE UINT32_MAX
#define NO_RANK UINT16_MAX

/* A symbol in the word, and the merge with the one to its right. Small, since
 * a long word is walked in the order of its merges. */
typedef struct place {
    uint16_t symbol;
    uint16_t rank;           /* NO_RANK = they do not merge */
    uint32_t left, right;    /* neighbours in the word */
    uint32_t previous, next; /* in the list of the merge */
} place;

struct expclip__merger {
    const expclip__merges *merges;
    place *places;
    int32_t *symbols; /* the result */
    size_t capacity;  /* of both */
    uint32_t *first;  /* of each merge's list; valid where `bits` says */
    uint64_t bits[EXPCLIP__MAX_MERGES / 64]; /* 1 = the list has places */
    uint64_t bits64[EXPCLIP__MAX_MERGES / 4096 + 1]; /* 1 = one of 64 bits is */
    uint64_t bits4096;                               /* the same again */
};

/* ---- lists ---- */

static uint16_t find_rank(const expclip__merges *m, uint16_t left,
                          uint16_t right)
{
    const uint32_t pair = (uint32_t)left << 16 | right;
    size_t at = expclip__merge_place(m, pair);

    while (m->entries[at].rank >= 0 && m->entries[at].pair != pair)
        at = (at + 1) & m->mask;
    return (uint16_t)m->entries[at].rank; /* -1 is NO_RANK */
}

static void enlist(expclip__merger *w, uint32_t at)
{
    place *p = &w->places[at];
    uint32_t r;

    p->rank = p->right == NONE
                  ? NO_RANK
                  : find_rank(w->merges, p->symbol, w->places[p->right].symbol);
    if (p->rank == NO_RANK)
        return;
    r = p->rank;
    p->previous = NONE;
    p->next = w->bits[r / 64] >> r % 64 & 1 ? w->first[r] : NONE;
    if (p->next != NONE)
        w->places[p->next].previous = at;
    w->first[r] = at;
    w->bits[r / 64] |= UINT64_C(1) << r % 64;
    w->bits64[r / 4096] |= UINT64_C(1) << r / 64 % 64;
    w->bits4096 |= UINT64_C(1) << r / 4096;
}

static void delist(expclip__merger *w, uint32_t at)
{
    const place *p = &w->places[at];
    const uint32_t r = p->rank;

    if (r == NO_RANK)
        return;
    if (p->next != NONE)
        w->places[p->next].previous = p->previous;
    if (p->previous != NONE) {
        w->places[p->previous].next = p->next;
    } else if (p->next != NONE) {
        w->first[r] = p->next;
    } else {
        w->bits[r / 64] &= ~(UINT64_C(1) << r % 64);
        if (!w->bits[r / 64])
            w->bits64[r / 4096] &= ~(UINT64_C(1) << r / 64 % 64);
        if (!w->bits64[r / 4096])
            w->bits4096 &= ~(UINT64_C(1) << r / 4096);
    }
}

/* The lowest merge that applies; there is one. */
static uint32_t lowest(const expclip__merger *w)
{
    uint32_t at = (uint32_t)__builtin_ctzll(w->bits4096);

    at = at * 64 + (uint32_t)__builtin_ctzll(w->bits64[at]);
    return at * 64 + (uint32_t)__builtin_ctzll(w->bits[at]);
}

/* ---- merging ---- */

/* Join a symbol and the one to its right. */
static void join(expclip__merger *w, uint32_t at)
{
    place *p = &w->places[at];
    const uint32_t right = p->right;
    const uint16_t symbol = (uint16_t)(EXPCLIP__BYTE_SYMBOLS + p->rank);

    delist(w, at);
    delist(w, right);
    if (p->left != NONE)
        delist(w, p->left);
    p->symbol = symbol;
    p->right = w->places[right].right;
    if (p->right != NONE)
        w->places[p->right].left = at;
    enlist(w, at);
    if (p->left != NONE)
        enlist(w, p->left);
}

/* Apply a merge at `at` and, in a run such as "aaaa", from its left end on. */
static void apply(expclip__merger *w, uint32_t at, uint32_t rank)
{
    const place *p = w->places;

    while (p[at].left != NONE && p[p[at].left].rank == rank)
        at = p[at].left;
    for (; at != NONE && p[at].rank == rank; at = p[at].right)
        join(w, at);
}

static int reserve(expclip__merger *w, size_t size)
{
    if (size <= w->capacity)
        return 1;
    expclip__free(w->places);
    expclip__free(w->symbols);
    w->places = expclip__alloc(size, 2 * sizeof(*w->places));
    w->symbols = expclip__alloc(size, 2 * sizeof(*w->symbols));
    w->capacity = w->places && w->symbols ? 2 * size : 0;
    return w->capacity > 0;
}

expclip__merger *expclip__merger_create(const expclip__merges *m)
{
    expclip__merger *w = expclip__alloc_zero(1, sizeof(*w));

    if (!w)
        return NULL;
    w->merges = m;
    w->first = expclip__alloc((size_t)m->n + 1, sizeof(*w->first));
    if (w->first)
        return w;
    expclip__free(w);
    return NULL;
}

const int32_t *expclip__merge_word(size_t *n_symbols, expclip__merger *w,
                                   const uint8_t *bytes, size_t size)
{
    size_t n = 0;

    if (size >= NONE || !reserve(w, size))
        return NULL;
    for (uint32_t i = 0; i < size; i++) {
        const int at_end = i + 1 == size;

        w->places[i].symbol =
            (uint16_t)(w->merges->byte_symbols[bytes[i]] +
                       (at_end ? EXPCLIP__BYTE_SYMBOLS / 2 : 0));
        w->places[i].left = i == 0 ? NONE : i - 1;
        w->places[i].right = at_end ? NONE : i + 1;
    }
    for (uint32_t i = 0; i < size; i++)
        enlist(w, i);
    while (w->bits4096) {
        const uint32_t rank = lowest(w);

        apply(w, w->first[rank], rank);
    }
    for (uint32_t at = 0; at != NONE; at = w->places[at].right)
        w->symbols[n++] = w->places[at].symbol;
    *n_symbols = n;
    return w->symbols;
}

void expclip__merger_free(expclip__merger *w)
{
    if (!w)
        return;
    expclip__free(w->places);
    expclip__free(w->symbols);
    expclip__free(w->first);
    expclip__free(w);
}
