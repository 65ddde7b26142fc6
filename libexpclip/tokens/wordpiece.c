/* SPDX-License-Identifier: MIT */
/*
 * wordpiece.c - a text as BERT's token ids (google-research/bert,
 * tokenization.py).
 *
 *     clean characters, small letters without accents  "Élan!" -> "elan!"
 *     words at spaces; punctuation and CJK are words   "elan", "!"
 *     the longest pieces from the left                 "el", "##an", "!"
 */
#include "tokens/wordpiece.h"

#include <string.h>
#include <utf8proc.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/io.h"
#include "tokens/codes.h"

enum {
    MAX_FILE = 64 << 20,
    MAX_WORD = 100, /* characters; a longer word is unknown */
    MAX_PIECE = 2 + 4 * MAX_WORD,
};

typedef struct token {
    const char *text;
    size_t size;
} token;

struct expclip__wordpiece {
    char *file;
    token *tokens; /* [n] */
    size_t n;
    int32_t *slots; /* ids by hash, -1 = free; more than twice n */
    size_t n_slots; /* a power of 2 */
    int32_t unknown, start, end;
    int lower;
};

/* ---- vocabulary ---- */

static size_t slot_of(const expclip__wordpiece *w, const char *text,
                      size_t size)
{
    size_t slot = (size_t)expclip__hash(EXPCLIP__HASH_START, text, size);

    for (;; slot++) {
        const int32_t id = w->slots[slot & (w->n_slots - 1)];

        if (id < 0 || (w->tokens[id].size == size &&
                       memcmp(w->tokens[id].text, text, size) == 0))
            return slot & (w->n_slots - 1);
    }
}

/* @return its id, -1 when there is none */
static int32_t find(const expclip__wordpiece *w, const char *text, size_t size)
{
    return w->slots[slot_of(w, text, size)];
}

static expclip_status make_room(expclip__wordpiece *w, size_t size,
                                expclip_error *err)
{
    size_t lines = 1;

    for (size_t i = 0; i < size; i++)
        lines += w->file[i] == '\n';
    w->n_slots = 4;
    while (w->n_slots < 2 * lines + 1)
        w->n_slots *= 2;
    w->tokens = expclip__alloc(lines, sizeof(*w->tokens));
    w->slots = expclip__alloc(w->n_slots, sizeof(*w->slots));
    if (!w->tokens || !w->slots)
        return expclip__fail_memory(err, "vocabulary");
    for (size_t i = 0; i < w->n_slots; i++)
        w->slots[i] = -1;
    return EXPCLIP_OK;
}

/* As Python's: a line is stripped at its end only, and of two equal tokens the
 * last has the id. */
static void read_lines(expclip__wordpiece *w, size_t size)
{
    for (size_t at = 0; at < size;) {
        const char *line = w->file + at;
        const char *newline = memchr(line, '\n', size - at);
        size_t length = newline ? (size_t)(newline - line) : size - at;

        at += length + 1;
        while (length && line[length - 1] == '\r')
            length--;
        w->tokens[w->n] = (token){ line, length };
        w->slots[slot_of(w, line, length)] = (int32_t)w->n;
        w->n++;
    }
}

static expclip_status find_specials(expclip__wordpiece *w, const char *path,
                                    expclip_error *err)
{
    static const char *const names[] = { "[UNK]", "[CLS]", "[SEP]" };
    int32_t *const places[] = { &w->unknown, &w->start, &w->end };

    for (size_t i = 0; i < 3; i++) {
        *places[i] = find(w, names[i], strlen(names[i]));
        if (*places[i] < 0)
            return expclip__fail(err, EXPCLIP_ERROR_FORMAT,
                                 "%s: no token %s among its %zu lines, "
                                 "expected the vocab.txt of a BERT",
                                 path, names[i], w->n);
    }
    return EXPCLIP_OK;
}

expclip_status expclip__wordpiece_load(expclip__wordpiece **out,
                                       const char *path, int lower,
                                       expclip_error *err)
{
    expclip__wordpiece *w = expclip__alloc_zero(1, sizeof(*w));
    uint8_t *bytes = NULL;
    size_t size = 0;
    expclip_status status;

    if (!w)
        return expclip__fail_memory(err, "vocabulary");
    w->lower = lower;
    status = expclip__read_file(&bytes, &size, path, MAX_FILE, err);
    w->file = (char *)bytes;
    if (!status)
        status = make_room(w, size, err);
    if (!status) {
        read_lines(w, size);
        status = find_specials(w, path, err);
    }
    if (status)
        expclip__wordpiece_free(w);
    else
        *out = w;
    return status;
}

void expclip__wordpiece_free(expclip__wordpiece *w)
{
    if (!w)
        return;
    expclip__free(w->file);
    expclip__free(w->tokens);
    expclip__free(w->slots);
    expclip__free(w);
}

size_t expclip__wordpiece_count(const expclip__wordpiece *w)
{
    return w->n;
}

/* ---- words ---- */

/* Unicode's White_Space, of characters that are no control characters. */
static int is_space(int32_t c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == 0xa0 ||
           c == 0x1680 || (c >= 0x2000 && c <= 0x200a) || c == 0x2028 ||
           c == 0x2029 || c == 0x202f || c == 0x205f || c == 0x3000;
}

static int is_dropped(int32_t c)
{
    const utf8proc_category_t category = utf8proc_category(c);

    if (c == '\t' || c == '\n' || c == '\r')
        return 0;
    return c == 0 || c == 0xfffd || category == UTF8PROC_CATEGORY_CC ||
           category == UTF8PROC_CATEGORY_CF ||
           category == UTF8PROC_CATEGORY_CN ||
           category == UTF8PROC_CATEGORY_CO || category == UTF8PROC_CATEGORY_CS;
}

/* The blocks that BERT calls Chinese: neither kana nor Hangul. */
static int is_chinese(int32_t c)
{
    return (c >= 0x4e00 && c <= 0x9fff) || (c >= 0x3400 && c <= 0x4dbf) ||
           (c >= 0x20000 && c <= 0x2a6df) || (c >= 0x2a700 && c <= 0x2b73f) ||
           (c >= 0x2b740 && c <= 0x2b81f) || (c >= 0x2b920 && c <= 0x2ceaf) ||
           (c >= 0xf900 && c <= 0xfaff) || (c >= 0x2f800 && c <= 0x2fa1f);
}

/* ASCII that is neither letter nor digit counts, too. */
static int is_punctuation(int32_t c)
{
    if (c < 0x80)
        return (c >= 33 && c <= 47) || (c >= 58 && c <= 64) ||
               (c >= 91 && c <= 96) || (c >= 123 && c <= 126);
    switch (utf8proc_category(c)) {
    case UTF8PROC_CATEGORY_PC:
    case UTF8PROC_CATEGORY_PD:
    case UTF8PROC_CATEGORY_PS:
    case UTF8PROC_CATEGORY_PE:
    case UTF8PROC_CATEGORY_PI:
    case UTF8PROC_CATEGORY_PF:
    case UTF8PROC_CATEGORY_PO:
        return 1;
    default:
        return 0;
    }
}

/* Its canonical parts without marks, in small letters. */
static void add_lowered(expclip__codes *out, int32_t c)
{
    int32_t parts[8];
    int boundary = 0;
    utf8proc_ssize_t n =
        utf8proc_decompose_char(c, parts, 8, UTF8PROC_DECOMPOSE, &boundary);

    for (utf8proc_ssize_t i = 0; i < n && n <= 8; i++)
        if (utf8proc_category(parts[i]) != UTF8PROC_CATEGORY_MN)
            expclip__codes_add(out, utf8proc_tolower(parts[i]));
}

/* Words with one space between them. */
static void clean(expclip__codes *out, const expclip__codes *in, int lower)
{
    expclip__codes letters = { 0 };

    for (size_t i = 0; i < in->size; i++) {
        const int32_t c = in->data[i];

        if (is_dropped(c))
            continue;
        letters.size = 0;
        if (lower)
            add_lowered(&letters, c);
        else
            expclip__codes_add(&letters, c);
        for (size_t j = 0; j < letters.size; j++) {
            const int32_t letter = letters.data[j];
            const int alone = is_punctuation(letter) || is_chinese(c);

            if (alone || is_space(letter))
                expclip__codes_add(out, ' ');
            if (!is_space(letter))
                expclip__codes_add(out, letter);
            if (alone)
                expclip__codes_add(out, ' ');
        }
    }
    out->failed |= letters.failed;
    expclip__codes_free(&letters);
}

/* ---- pieces ---- */

typedef struct pieces {
    const expclip__wordpiece *w;
    expclip__codes ids;
} pieces;

/* The longest piece at the word's beginning. @return its characters, 0 when
 * there is none */
static size_t longest_piece(int32_t *id, const expclip__wordpiece *w,
                            const int32_t *codes, size_t n, int inside)
{
    char text[MAX_PIECE] = "##";
    size_t ends[MAX_WORD + 1] = { inside ? 2u : 0u };

    for (size_t i = 0; i < n; i++)
        ends[i + 1] = ends[i] + expclip__code_to_utf8((uint8_t *)text + ends[i],
                                                      codes[i]);
    for (size_t i = n; i > 0; i--)
        if ((*id = find(w, text, ends[i])) >= 0)
            return i;
    return 0;
}

static void add_word(pieces *p, const int32_t *codes, size_t n)
{
    const size_t before = p->ids.size;
    size_t at = 0, taken = n <= MAX_WORD;

    while (at < n && taken) {
        int32_t id = 0;

        taken = longest_piece(&id, p->w, codes + at, n - at, at > 0);
        at += taken;
        if (taken)
            expclip__codes_add(&p->ids, id);
    }
    if (!taken) {
        p->ids.size = before;
        expclip__codes_add(&p->ids, p->w->unknown);
    }
}

static void add_words(pieces *p, const expclip__codes *text)
{
    for (size_t at = 0, end; at < text->size; at = end + 1) {
        end = at;
        while (end < text->size && text->data[end] != ' ')
            end++;
        if (end > at && !p->ids.failed)
            add_word(p, text->data + at, end - at);
    }
}

expclip_status expclip__wordpiece_encode(int32_t **ids, size_t *n_ids,
                                         const expclip__wordpiece *w,
                                         const char *text, size_t size,
                                         expclip_error *err)
{
    expclip__codes codes = { 0 }, cleaned = { 0 };
    pieces p = { .w = w };
    int failed;

    expclip__codes_add_utf8(&codes, text, size);
    clean(&cleaned, &codes, w->lower);
    expclip__codes_add(&p.ids, w->start);
    add_words(&p, &cleaned);
    expclip__codes_add(&p.ids, w->end);
    failed = codes.failed || cleaned.failed || p.ids.failed;
    expclip__codes_free(&codes);
    expclip__codes_free(&cleaned);
    if (failed) {
        expclip__codes_free(&p.ids);
        return expclip__fail_memory(err, "text");
    }
    *ids = p.ids.data;
    *n_ids = p.ids.size;
    return EXPCLIP_OK;
}
