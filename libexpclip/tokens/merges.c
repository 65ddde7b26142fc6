/* SPDX-License-Identifier: MIT */
/*
 * merges.c - the merge table: read as text, kept as pairs of symbols.
 *
 * The order of lines is the rank of the merges: of all that apply in a word,
 * the earliest goes first (merge_word.c).
 */
#include "tokens/merges.h"

#include <string.h>
#include <zlib.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/text.h"
#include "tokens/codes.h"
#include "tokens/merge_table.h"

#define MAX_TABLE (16u << 20) /* bytes of text */

extern const unsigned char expclip__merges_start[];
extern const unsigned char expclip__merges_end[];

/* ---- names of symbols, while the table is read ---- */

typedef struct name {
    size_t start; /* in `text` */
    size_t size;
} name;

typedef struct names {
    expclip__buffer text;
    name *list; /* by symbol */
    int32_t n;
    int32_t *slots; /* symbol or -1, by hash */
    size_t mask;
} names;

static int names_create(names *s, size_t n)
{
    size_t n_slots = 1024;

    memset(s, 0, sizeof(*s));
    while (n_slots < 2 * n)
        n_slots *= 2;
    s->mask = n_slots - 1;
    s->list = expclip__alloc(n, sizeof(*s->list));
    s->slots = expclip__alloc(n_slots, sizeof(*s->slots));
    if (!s->list || !s->slots)
        return 0;
    memset(s->slots, 0xff, n_slots * sizeof(*s->slots));
    return 1;
}

static void names_free(names *s)
{
    expclip__buffer_free(&s->text);
    expclip__free(s->list);
    expclip__free(s->slots);
}

/* The slot that holds the name, or the free one for it. */
static int32_t *slot_of(const names *s, const char *text, size_t size)
{
    size_t at = expclip__hash(EXPCLIP__HASH_START, text, size) & s->mask;

    for (;; at = (at + 1) & s->mask) {
        const name *known;

        if (s->slots[at] < 0)
            return &s->slots[at];
        known = &s->list[s->slots[at]];
        if (known->size == size &&
            memcmp(s->text.data + known->start, text, size) == 0)
            return &s->slots[at];
    }
}

/* Name the next symbol a + b. @return 1, or 0 when there is such a name */
static int names_add(names *s, const char *a, size_t a_size, const char *b,
                     size_t b_size)
{
    const size_t start = s->text.size;
    int32_t *slot;

    expclip__buffer_add(&s->text, a, a_size);
    expclip__buffer_add(&s->text, b, b_size);
    if (s->text.failed)
        return 0;
    slot = slot_of(s, s->text.data + start, a_size + b_size);
    if (*slot >= 0)
        return 0;
    s->list[s->n] = (name){ start, a_size + b_size };
    *slot = s->n++;
    return 1;
}

/* Symbols 0..187 are the bytes that print, the others follow in their order. */
static int32_t byte_of(int32_t symbol)
{
    static const int32_t runs[][2] = { { '!', '~' },   { 0xa1, 0xac },
                                       { 0xae, 0xff }, { 0, ' ' },
                                       { 0x7f, 0xa0 }, { 0xad, 0xad } };
    size_t i = 0;

    for (; symbol > runs[i][1] - runs[i][0]; i++)
        symbol -= runs[i][1] - runs[i][0] + 1;
    return runs[i][0] + symbol;
}

/* In the table a byte that prints stands for itself, others are U+0100 on. */
static void add_byte_symbols(names *s)
{
    static const char ends[2][5] = { "", "</w>" };

    for (int end = 0; end < 2; end++)
        for (int32_t symbol = 0; symbol < 256; symbol++) {
            uint8_t text[4];
            const size_t n = expclip__code_to_utf8(
                text, symbol < 188 ? byte_of(symbol) : 0x100 + symbol - 188);

            names_add(s, (const char *)text, n, ends[end], strlen(ends[end]));
        }
}

/* ---- the table ---- */

static expclip_status merges_create(expclip__merges **out, size_t n,
                                    expclip_error *err)
{
    size_t n_entries = 1024;
    expclip__merges *m = expclip__alloc_zero(1, sizeof(*m));

    while (n_entries < 2 * n)
        n_entries *= 2;
    if (m)
        m->entries = expclip__alloc(n_entries, sizeof(*m->entries));
    if (!m || !m->entries) {
        expclip__merges_free(m);
        return expclip__fail_memory(err, "merge table");
    }
    m->mask = n_entries - 1;
    for (size_t i = 0; i < n_entries; i++)
        m->entries[i] = (expclip__merge){ 0, -1 };
    for (int32_t symbol = 0; symbol < 256; symbol++)
        m->byte_symbols[byte_of(symbol)] = symbol;
    *out = m;
    return EXPCLIP_OK;
}

/* One line, "a b", as merge number m->n. @return 1, or 0 when it is none */
static int add_line(expclip__merges *m, names *s, const char *line, size_t size)
{
    const char *space = memchr(line, ' ', size);
    const size_t a_size = space ? (size_t)(space - line) : 0;
    size_t b_size, at;
    int32_t a, b;
    uint32_t pair;

    if (!space)
        return 0;
    b_size = size - a_size - 1;
    a = *slot_of(s, line, a_size);
    b = *slot_of(s, space + 1, b_size);
    if (a < 0 || b < 0 || !names_add(s, line, a_size, space + 1, b_size))
        return 0;
    pair = (uint32_t)a << 16 | (uint32_t)b;
    for (at = expclip__merge_place(m, pair); m->entries[at].rank >= 0;)
        at = (at + 1) & m->mask;
    m->entries[at] = (expclip__merge){ pair, m->n++ };
    return 1;
}

static expclip_status read_lines(expclip__merges *m, names *s, const char *text,
                                 size_t size, size_t n, expclip_error *err)
{
    const char *at = text, *const end = text + size;

    for (size_t line = 0; line <= n; line++) {
        const char *stop;

        if (at == end)
            return expclip__fail(err, EXPCLIP_ERROR_FORMAT,
                                 "merges: %zu lines, expected %zu", line,
                                 n + 1);
        stop = memchr(at, '\n', (size_t)(end - at));
        stop = stop ? stop : end;
        if (line > 0 && !add_line(m, s, at, (size_t)(stop - at)))
            return s->text.failed
                       ? expclip__fail_memory(err, "merge table")
                       : expclip__fail(err, EXPCLIP_ERROR_FORMAT,
                                       "merges: line %zu: \"%.*s\", expected "
                                       "two earlier symbols and a new result",
                                       line + 1,
                                       stop - at < 60 ? (int)(stop - at) : 60,
                                       at);
        at = stop + (stop < end);
    }
    return EXPCLIP_OK;
}

expclip_status expclip__merges_parse(expclip__merges **out, const char *text,
                                     size_t size, size_t n, expclip_error *err)
{
    expclip__merges *m = NULL;
    names s = { 0 };
    expclip_status status;

    if (size > MAX_TABLE || n > EXPCLIP__MAX_MERGES)
        return expclip__fail(err, EXPCLIP_ERROR_LIMIT,
                             "merges: %zu of %zu bytes, expected at most %d "
                             "of %u bytes",
                             n, size, EXPCLIP__MAX_MERGES, MAX_TABLE);
    status = merges_create(&m, n, err);
    if (!status && !names_create(&s, EXPCLIP__BYTE_SYMBOLS + n))
        status = expclip__fail_memory(err, "merge table");
    if (!status) {
        add_byte_symbols(&s);
        status = s.text.failed ? expclip__fail_memory(err, "merge table")
                               : read_lines(m, &s, text, size, n, err);
    }
    names_free(&s);
    if (status)
        expclip__merges_free(m);
    else
        *out = m;
    return status;
}

/* ---- the table in the library ---- */

/* Inflate until there are n lines, or all. */
static int inflate_lines(expclip__buffer *out, size_t n)
{
    char piece[1 << 14];
    z_stream z = { .zalloc = expclip__zlib_alloc, .zfree = expclip__zlib_free };
    int result = Z_OK;

    z.next_in = (z_const Bytef *)expclip__merges_start;
    z.avail_in = (uInt)(expclip__merges_end - expclip__merges_start);
    if (inflateInit2(&z, 16 + MAX_WBITS) != Z_OK) /* 16: gzip */
        return 0;
    while (result == Z_OK && n > 0 && out->size < MAX_TABLE && !out->failed) {
        size_t size;

        z.next_out = (Bytef *)piece;
        z.avail_out = sizeof(piece);
        result = inflate(&z, Z_NO_FLUSH);
        size = sizeof(piece) - z.avail_out;
        expclip__buffer_add(out, piece, size);
        for (size_t i = 0; i < size && n > 0; i++)
            n -= piece[i] == '\n';
    }
    inflateEnd(&z);
    return (result == Z_OK || result == Z_STREAM_END) && !out->failed;
}

expclip_status expclip__merges_load(expclip__merges **out, size_t n,
                                    expclip_error *err)
{
    expclip__buffer text = { 0 };
    expclip_status status;

    /* The table was checked when the library was built. */
    if (!inflate_lines(&text, n + 1))
        status = expclip__fail_memory(err, "merge table");
    else
        status = expclip__merges_parse(out, text.data, text.size, n, err);
    expclip__buffer_free(&text);
    return status;
}

void expclip__merges_free(expclip__merges *m)
{
    if (!m)
        return;
    expclip__free(m->entries);
    expclip__free(m);
}
