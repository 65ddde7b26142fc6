/* SPDX-License-Identifier: MIT */
/*
 * merges.c - the merge table of the byte-pair encoding: text to lookups.
 *
 * The table's text writes bytes as printable characters (simple_tokenizer.py,
 * bytes_to_unicode). Two merges may make the same symbol; OpenAI's dictionary
 * then keeps the last one's id. So symbols are numbered first, and the pairs
 * are entered by those numbers afterwards.
 */
#include "clip/merges.h"

#include <string.h>
#include <zlib.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/text.h"

#define MAX_TEXT (16u << 20)
#define MAX_SYMBOL 256 /* bytes of text */
#define END_OF_WORD "</w>"

/* Set by merges.S. */
extern const uint8_t expclip__merges_start[];
extern const uint8_t expclip__merges_end[];

/* ---- the built-in text ---- */

expclip_status expclip__merges_inflate(char **out, size_t *size,
                                       const uint8_t *bytes, size_t n,
                                       expclip_error *err)
{
    char *text = expclip__alloc(MAX_TEXT, 1);
    z_stream z = { 0 };
    int code;

    if (!text || n > UINT32_MAX || inflateInit2(&z, 15 + 16) != Z_OK) {
        expclip__free(text);
        return expclip__fail_memory(err, "merge table");
    }
    z.next_in = (Bytef *)(uintptr_t)bytes;
    z.avail_in = (uInt)n;
    z.next_out = (Bytef *)text;
    z.avail_out = MAX_TEXT;
    code = inflate(&z, Z_FINISH);
    *size = z.total_out;
    inflateEnd(&z);
    if (code != Z_STREAM_END) {
        expclip__free(text);
        return expclip__fail(err,
                             code == Z_BUF_ERROR ? EXPCLIP_ERROR_LIMIT
                                                 : EXPCLIP_ERROR_FORMAT,
                             "merge table: not gzip of at most %u bytes",
                             MAX_TEXT);
    }
    *out = text;
    return EXPCLIP_OK;
}

expclip_status expclip__merges_text(char **out, size_t *size,
                                    expclip_error *err)
{
    return expclip__merges_inflate(
        out, size, expclip__merges_start,
        (size_t)(expclip__merges_end - expclip__merges_start), err);
}

/* ---- bytes as characters ---- */

static int is_printable(int byte)
{
    return (byte >= '!' && byte <= '~') || (byte >= 0xa1 && byte <= 0xac) ||
           byte >= 0xae;
}

/* The bytes in the order of their ids: printable ones first. */
static void order_bytes(int32_t byte_id[256])
{
    int32_t id = 0;

    for (int pass = 1; pass >= 0; pass--)
        for (int byte = 0; byte < 256; byte++)
            if (is_printable(byte) == pass)
                byte_id[byte] = id++;
}

/* UTF-8 of the character that stands for a byte. @return its length */
static size_t byte_text(char out[2], int byte, int32_t id)
{
    const int code = is_printable(byte) ? byte : 256 + (int)id - 188;

    if (code < 0x80) {
        out[0] = (char)code;
        return 1;
    }
    out[0] = (char)(0xc0 | code >> 6);
    out[1] = (char)(0x80 | (code & 0x3f));
    return 2;
}

/* ---- symbols: text to id, while the table is read ---- */

typedef struct symbol {
    const char *text;
    size_t size; /* 0 = no entry */
    int32_t id;
} symbol;

typedef struct symbols {
    symbol *table;
    size_t size; /* a power of two */
} symbols;

static symbol *find_symbol(const symbols *s, const char *text, size_t size)
{
    size_t i = (size_t)expclip__hash(EXPCLIP__HASH_START, text, size) &
               (s->size - 1);

    while (s->table[i].size && (s->table[i].size != size ||
                                memcmp(s->table[i].text, text, size) != 0))
        i = (i + 1) & (s->size - 1);
    return &s->table[i];
}

static void add_symbol(symbols *s, const char *text, size_t size, int32_t id)
{
    symbol *place = find_symbol(s, text, size);

    *place = (symbol){ text, size, id };
}

/* "x" and "x</w>" for every byte, written to `text` of 256 * 8 bytes. */
static void add_bytes(symbols *s, char *text, const int32_t byte_id[256])
{
    for (int byte = 0; byte < 256; byte++, text += 8) {
        const size_t n = byte_text(text, byte, byte_id[byte]);

        memcpy(text + n, END_OF_WORD, 4);
        add_symbol(s, text, n, byte_id[byte]);
        add_symbol(s, text, n + 4, 256 + byte_id[byte]);
    }
}

/* ---- lines ---- */

/* The two sides of a line; both inside the text. */
typedef struct sides {
    const char *left;
    size_t left_size;
    const char *right;
    size_t right_size;
} sides;

/* Read the line at *at, and move on behind it. */
static int read_line(sides *out, const char *text, size_t size, size_t *at)
{
    const char *line = text + *at;
    const char *end = memchr(line, '\n', size - *at);
    const size_t n = end ? (size_t)(end - line) : size - *at;
    const char *space = memchr(line, ' ', n);

    *at += end ? n + 1 : n;
    if (!space || n > MAX_SYMBOL)
        return 0;
    out->left = line;
    out->left_size = (size_t)(space - line);
    out->right = space + 1;
    out->right_size = n - out->left_size - 1;
    return out->left_size > 0 && out->right_size > 0 &&
           !memchr(out->right, ' ', out->right_size) &&
           expclip__utf8_valid(line, n);
}

static expclip_status fail_line(int32_t number, expclip_error *err)
{
    return expclip__fail(err, EXPCLIP_ERROR_FORMAT,
                         "merge table: line %d: expected two symbols that "
                         "earlier lines have made", (int)number + 2);
}

/* First pass: number the symbols. `joined` gets them, one after the other. */
static expclip_status number_symbols(symbols *s, char *joined,
                                     const char *text, size_t size, size_t at,
                                     int32_t n_merges, expclip_error *err)
{
    for (int32_t i = 0; i < n_merges; i++) {
        sides line;

        if (at >= size || !read_line(&line, text, size, &at) ||
            !find_symbol(s, line.left, line.left_size)->size ||
            !find_symbol(s, line.right, line.right_size)->size)
            return fail_line(i, err);
        memcpy(joined, line.left, line.left_size);
        memcpy(joined + line.left_size, line.right, line.right_size);
        add_symbol(s, joined, line.left_size + line.right_size,
                   EXPCLIP__N_BYTE_IDS + i);
        joined += line.left_size + line.right_size;
    }
    return EXPCLIP_OK;
}

/* ---- pairs ---- */

static expclip__merge *find_pair(const expclip__merges *m, int32_t left,
                                 int32_t right)
{
    const uint64_t key = (uint64_t)(uint32_t)left << 32 | (uint32_t)right;
    size_t i = (size_t)((key * UINT64_C(0x9e3779b97f4a7c15)) >> 32) &
               (m->size - 1);

    while (m->table[i].left >= 0 &&
           (m->table[i].left != left || m->table[i].right != right))
        i = (i + 1) & (m->size - 1);
    return &m->table[i];
}

/* Second pass: enter the pairs by the symbols' ids. */
static void enter_pairs(expclip__merges *m, const symbols *s, const char *text,
                        size_t size, size_t at, int32_t n_merges)
{
    char joined[MAX_SYMBOL + 1];

    for (int32_t i = 0; i < n_merges; i++) {
        sides line;
        int32_t left, right;

        if (!read_line(&line, text, size, &at))
            return;
        memcpy(joined, line.left, line.left_size);
        memcpy(joined + line.left_size, line.right, line.right_size);
        left = find_symbol(s, line.left, line.left_size)->id;
        right = find_symbol(s, line.right, line.right_size)->id;
        *find_pair(m, left, right) = (expclip__merge){
            left, right, i,
            find_symbol(s, joined, line.left_size + line.right_size)->id
        };
    }
}

const expclip__merge *expclip__merges_find(const expclip__merges *m,
                                           int32_t left, int32_t right)
{
    const expclip__merge *found = find_pair(m, left, right);

    return found->left >= 0 ? found : NULL;
}

void expclip__merges_clear(expclip__merges *m)
{
    expclip__free(m->table);
    m->table = NULL;
    m->size = 0;
}

/* The smallest power of two that is at least twice n. */
static size_t table_size(size_t n)
{
    size_t size = 64;

    while (size < 2 * n)
        size *= 2;
    return size;
}

expclip_status expclip__merges_parse(expclip__merges *out, const char *text,
                                     size_t size, int32_t n_merges,
                                     expclip_error *err)
{
    const char *title = memchr(text, '\n', size);
    const size_t first = title ? (size_t)(title - text) + 1 : size;
    expclip__merges m = { .size = table_size((size_t)n_merges) };
    symbols s = { NULL, table_size((size_t)n_merges + EXPCLIP__N_BYTE_IDS) };
    char *bytes = expclip__alloc(256, 8);
    char *joined = expclip__alloc(size + 1, 1);
    expclip_status status;

    s.table = expclip__alloc_zero(s.size, sizeof(*s.table));
    m.table = expclip__alloc(m.size, sizeof(*m.table));
    if (bytes && joined && s.table && m.table) {
        order_bytes(m.byte_id);
        add_bytes(&s, bytes, m.byte_id);
        status = number_symbols(&s, joined, text, size, first, n_merges, err);
    } else {
        status = expclip__fail_memory(err, "merge table");
    }
    if (!status) {
        for (size_t i = 0; i < m.size; i++)
            m.table[i].left = -1;
        enter_pairs(&m, &s, text, size, first, n_merges);
        *out = m;
    } else {
        expclip__merges_clear(&m);
    }
    expclip__free(bytes);
    expclip__free(joined);
    expclip__free(s.table);
    return status;
}
