/* SPDX-License-Identifier: MIT */
/*
 * tokenizer.c - text to CLIP's token ids: clean, split, merge
 * (simple_tokenizer.py).
 *
 * Words are split as by OpenAI's regular expression
 *
 *     's|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+
 *
 * without its first two alternatives, the special tokens: in a user's text
 * those are text like any other. Merging keeps the candidate pairs of a word
 * in a heap, so that a word of a million letters takes n log n steps.
 */
#include "clip/tokenizer.h"

#include <string.h>
#include <utf8proc.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/text.h"
#include "base/threads.h"
#include "clip/merges.h"
#include "clip/text_clean.h"

#define N_SPECIAL 2 /* start and end of text, the last two ids */
#define MAX_TEXT (16u << 20)

struct expclip_tokenizer {
    expclip__refcount refs;
    expclip__merges merges;
    int32_t start;
    int32_t end;
};

/* ---- life ---- */

expclip_status expclip__tokenizer_from_merges(expclip_tokenizer **out,
                                              const char *merges, size_t size,
                                              int32_t vocabulary_size,
                                              expclip_error *err)
{
    expclip_tokenizer *t;
    expclip_status status;

    if (vocabulary_size < EXPCLIP__N_BYTE_IDS + N_SPECIAL ||
        vocabulary_size > EXPCLIP__VOCABULARY)
        return expclip__fail(err, EXPCLIP_ERROR_ARGUMENT,
                             "vocabulary_size: %d, expected %d to %d",
                             (int)vocabulary_size,
                             EXPCLIP__N_BYTE_IDS + N_SPECIAL,
                             EXPCLIP__VOCABULARY);
    t = expclip__alloc_zero(1, sizeof(*t));
    if (!t)
        return expclip__fail_memory(err, "tokenizer");
    expclip__ref_init(&t->refs);
    t->start = vocabulary_size - 2;
    t->end = vocabulary_size - 1;
    status = expclip__merges_parse(
        &t->merges, merges, size,
        vocabulary_size - EXPCLIP__N_BYTE_IDS - N_SPECIAL, err);
    if (status)
        expclip__free(t);
    else
        *out = t;
    return status;
}

expclip_status expclip__tokenizer_create(expclip_tokenizer **out,
                                         int32_t vocabulary_size,
                                         expclip_error *err)
{
    char *merges = NULL;
    size_t size;
    expclip_status status = expclip__merges_text(&merges, &size, err);

    if (status)
        return status;
    status = expclip__tokenizer_from_merges(out, merges, size, vocabulary_size,
                                            err);
    expclip__free(merges);
    return status;
}

expclip_tokenizer *expclip__tokenizer_retain(expclip_tokenizer *t)
{
    expclip__ref_take(&t->refs);
    return t;
}

void expclip__tokenizer_free(expclip_tokenizer *t)
{
    if (!t || !expclip__ref_drop(&t->refs))
        return;
    expclip__merges_clear(&t->merges);
    expclip__free(t);
}

/* ---- splitting ---- */

typedef enum kind { LETTER, NUMBER, SPACE, OTHER } kind;

/* The character at p and its kind; the text is valid UTF-8. */
static size_t look(const char *p, size_t size, kind *out)
{
    utf8proc_int32_t c;
    const size_t n = (size_t)utf8proc_iterate((const utf8proc_uint8_t *)p,
                                              (utf8proc_ssize_t)size, &c);
    const utf8proc_category_t category = utf8proc_category(c);

    if (category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_LO)
        *out = LETTER;
    else if (category >= UTF8PROC_CATEGORY_ND &&
             category <= UTF8PROC_CATEGORY_NO)
        *out = NUMBER;
    else if (expclip__is_space(c))
        *out = SPACE;
    else
        *out = OTHER;
    return n;
}

/*
 * Length of a contraction at p, 0 when there is none. The expression ignores
 * case, which makes the long s (U+017F) another s.
 */
static size_t contraction(const char *p, size_t size)
{
    static const char *const endings[] = { "'s", "'t", "'re", "'ve", "'m",
                                           "'ll", "'d", "'\xc5\xbf" };

    for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
        const size_t n = strlen(endings[i]);

        if (n <= size && memcmp(p, endings[i], n) == 0)
            return n;
    }
    return 0;
}

/* Length of the word at p, which is no space. */
static size_t word_length(const char *p, size_t size)
{
    kind first, next;
    size_t n = contraction(p, size);

    if (n)
        return n;
    n = look(p, size, &first);
    while (first != NUMBER && n < size) {
        const size_t more = look(p + n, size - n, &next);

        if (next != first)
            break;
        n += more;
    }
    return n;
}

/* ---- merging ---- */

/* A pair of neighbours that may be merged. */
typedef struct candidate {
    int32_t rank;
    int32_t place; /* of the left one */
    int32_t left;  /* the ids when it was noted; others since = stale */
    int32_t right;
} candidate;

/* The symbols of a word as a linked list, and a heap of candidates. */
typedef struct word {
    int32_t *id;   /* -1 = merged into its left neighbour */
    int32_t *next; /* -1 = none */
    int32_t *previous;
    candidate *heap;
    size_t n_heap;
    size_t capacity; /* symbols; the heap has room for three times as many */
} word;

static int before(const candidate *a, const candidate *b)
{
    return a->rank != b->rank ? a->rank < b->rank : a->place < b->place;
}

static void swap(candidate *a, candidate *b)
{
    const candidate c = *a;

    *a = *b;
    *b = c;
}

static void push(word *w, candidate c)
{
    size_t i = w->n_heap++;

    w->heap[i] = c;
    for (; i > 0 && before(&w->heap[i], &w->heap[(i - 1) / 2]);
         i = (i - 1) / 2)
        swap(&w->heap[i], &w->heap[(i - 1) / 2]);
}

static candidate pop(word *w)
{
    const candidate top = w->heap[0];
    size_t i = 0, child;

    w->heap[0] = w->heap[--w->n_heap];
    while ((child = 2 * i + 1) < w->n_heap) {
        if (child + 1 < w->n_heap &&
            before(&w->heap[child + 1], &w->heap[child]))
            child++;
        if (!before(&w->heap[child], &w->heap[i]))
            break;
        swap(&w->heap[i], &w->heap[child]);
        i = child;
    }
    return top;
}

static void note(word *w, const expclip__merges *m, int32_t place)
{
    const expclip__merge *merge;

    if (place < 0 || w->next[place] < 0)
        return;
    merge = expclip__merges_find(m, w->id[place], w->id[w->next[place]]);
    if (merge)
        push(w, (candidate){ merge->rank, place, merge->left, merge->right });
}

/* Merge the pair at a place. @return 1, or 0 when it is no longer there */
static int merge_pair(word *w, const expclip__merges *m, const candidate *c)
{
    const int32_t right = w->id[c->place] == c->left ? w->next[c->place] : -1;

    if (right < 0 || w->id[right] != c->right)
        return 0;
    w->id[c->place] = expclip__merges_find(m, c->left, c->right)->id;
    w->id[right] = -1;
    w->next[c->place] = w->next[right];
    if (w->next[right] >= 0)
        w->previous[w->next[right]] = c->place;
    return 1;
}

/*
 * Merge until no pair is left. All pairs of the lowest rank are merged, left
 * to right, before the new neighbours are looked at, as bpe() does.
 */
static void merge_all(word *w, const expclip__merges *m)
{
    while (w->n_heap > 0) {
        const int32_t rank = w->heap[0].rank;
        int32_t merged = -1; /* the places merged, linked by `previous` of
                                their right halves, which are free now */

        while (w->n_heap > 0 && w->heap[0].rank == rank) {
            const candidate c = pop(w);
            const int32_t right = w->next[c.place];

            if (!merge_pair(w, m, &c))
                continue;
            w->previous[right] = merged;
            w->next[right] = c.place;
            merged = right;
        }
        for (; merged >= 0; merged = w->previous[merged]) {
            const int32_t place = w->next[merged];

            if (w->id[place] < 0)
                continue;
            note(w, m, place);
            note(w, m, w->previous[place]);
        }
    }
}

static int reserve_word(word *w, size_t n)
{
    size_t capacity = w->capacity ? w->capacity : 64;
    int32_t *links;
    candidate *heap;

    if (n <= w->capacity)
        return 1;
    while (capacity < n)
        capacity *= 2;
    links = expclip__alloc(3 * capacity, sizeof(*links));
    heap = expclip__alloc(3 * capacity, sizeof(*heap));
    if (!links || !heap) {
        expclip__free(links);
        expclip__free(heap);
        return 0;
    }
    expclip__free(w->id);
    expclip__free(w->heap);
    w->id = links;
    w->next = links + capacity;
    w->previous = links + 2 * capacity;
    w->heap = heap;
    w->capacity = capacity;
    return 1;
}

/* The bytes of a word as symbols, the last one as the end of a word. */
static void start_word(word *w, const expclip__merges *m, const char *text,
                       size_t size)
{
    w->n_heap = 0;
    for (size_t i = 0; i < size; i++) {
        w->id[i] = m->byte_id[(unsigned char)text[i]] +
                   (i + 1 == size ? 256 : 0);
        w->next[i] = i + 1 < size ? (int32_t)i + 1 : -1;
        w->previous[i] = (int32_t)i - 1;
    }
    for (size_t i = 0; i + 1 < size; i++)
        note(w, m, (int32_t)i);
}

/* ---- encoding ---- */

/* Where ids go; counts on when there is no more room. */
typedef struct sink {
    int32_t *ids;
    size_t size;
    size_t n;
} sink;

static void emit(sink *out, int32_t id)
{
    if (out->n < out->size)
        out->ids[out->n] = id;
    out->n++;
}

static expclip_status encode_words(sink *out, const expclip_tokenizer *t,
                                   const char *text, size_t size,
                                   expclip_error *err)
{
    word w = { 0 };
    expclip_status status = EXPCLIP_OK;

    for (size_t at = 0; at < size && out->n <= out->size;) {
        kind first;
        size_t n = look(text + at, size - at, &first);

        if (first != SPACE) {
            n = word_length(text + at, size - at);
            if (!reserve_word(&w, n)) {
                status = expclip__fail_memory(err, "tokens");
                break;
            }
            start_word(&w, &t->merges, text + at, n);
            merge_all(&w, &t->merges);
            for (int32_t i = 0; i >= 0; i = w.next[i])
                emit(out, w.id[i]);
        }
        at += n;
    }
    expclip__free(w.id);
    expclip__free(w.heap);
    return status;
}

expclip_status expclip__tokenizer_encode(int32_t *ids, size_t ids_size,
                                         size_t *n_ids, int32_t *truncated,
                                         const expclip_tokenizer *t,
                                         const char *text, size_t text_size,
                                         expclip_error *err)
{
    sink out = { ids, ids_size, 0 };
    char *clean = NULL;
    size_t clean_size;
    expclip_status status;

    if (text_size > MAX_TEXT)
        return expclip__fail(err, EXPCLIP_ERROR_LIMIT,
                             "text: %zu bytes, expected at most %u", text_size,
                             MAX_TEXT);
    status = expclip__text_clean(&clean, &clean_size, text, text_size, err);
    if (status)
        return status;
    emit(&out, t->start);
    status = encode_words(&out, t, clean, clean_size, err);
    emit(&out, t->end);
    expclip__free(clean);
    if (status)
        return status;
    *truncated = out.n > ids_size;
    *n_ids = *truncated ? ids_size : out.n;
    if (*truncated)
        ids[ids_size - 1] = t->end; /* clip.tokenize(truncate=True) */
    return EXPCLIP_OK;
}
