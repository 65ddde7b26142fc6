/* SPDX-License-Identifier: MIT */
/*
 * tokenizer.c - text to CLIP's token ids (OpenAI's simple_tokenizer.py).
 *
 * Cleaned text is split into words, the bytes of each are merged into symbols,
 * and start and end tokens put around. The words are those of
 *
 *     's|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+
 *
 * with case ignored. OpenAI's pattern also has the special tokens, by which a
 * text could end itself early; here "<|endoftext|>" is plain text.
 */
#include "tokens/tokenizer.h"

#include <string.h>
#include <utf8proc.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/text.h"
#include "base/threads.h"
#include "tokens/merges.h"
#include "tokens/text_clean.h"

#define SPECIAL_TOKENS 2
#define FEWEST (EXPCLIP__BYTE_SYMBOLS + SPECIAL_TOKENS)

struct expclip_tokenizer {
    expclip__refcount refs;
    int32_t vocabulary_size;
    expclip__merges *merges;
};

/* ---- life ---- */

static expclip_status check_vocabulary(int32_t size, expclip_error *err)
{
    if (size >= FEWEST && size <= EXPCLIP__VOCABULARY)
        return EXPCLIP_OK;
    return expclip__fail(err, EXPCLIP_ERROR_ARGUMENT,
                         "vocabulary_size: %d, expected %d to %d", (int)size,
                         FEWEST, EXPCLIP__VOCABULARY);
}

/* Takes the merges, also on failure. */
static expclip_status create(expclip_tokenizer **out, expclip__merges *merges,
                             int32_t vocabulary_size, expclip_error *err)
{
    expclip_tokenizer *t = expclip__alloc_zero(1, sizeof(*t));

    if (!t) {
        expclip__merges_free(merges);
        return expclip__fail_memory(err, "tokenizer");
    }
    expclip__ref_init(&t->refs);
    t->vocabulary_size = vocabulary_size;
    t->merges = merges;
    *out = t;
    return EXPCLIP_OK;
}

expclip_status expclip__tokenizer_from_merges(expclip_tokenizer **out,
                                              const char *merges, size_t size,
                                              int32_t vocabulary_size,
                                              expclip_error *err)
{
    expclip__merges *m = NULL;
    expclip_status status = check_vocabulary(vocabulary_size, err);

    if (!status)
        status = expclip__merges_parse(&m, merges, size,
                                       (size_t)(vocabulary_size - FEWEST), err);
    return status ? status : create(out, m, vocabulary_size, err);
}

expclip_status expclip__tokenizer_create(expclip_tokenizer **out,
                                         int32_t vocabulary_size,
                                         expclip_error *err)
{
    expclip__merges *m = NULL;
    expclip_status status = check_vocabulary(vocabulary_size, err);

    if (!status)
        status =
            expclip__merges_load(&m, (size_t)(vocabulary_size - FEWEST), err);
    return status ? status : create(out, m, vocabulary_size, err);
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
    expclip__merges_free(t->merges);
    expclip__free(t);
}

/* ---- words ---- */

typedef enum kind { SPACE, LETTER, NUMBER, OTHER } kind;

static kind kind_of(int32_t c)
{
    if (c >= 'a' && c <= 'z') /* nearly all that there is, so soonest */
        return LETTER;
    /* Cleaned text has no other white space. The mark is in none of the
     * pattern's classes with case ignored: its capital is a letter, iota. */
    if (c == ' ' || c == 0x345)
        return SPACE;
    switch (utf8proc_category(c)) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
        return LETTER;
    case UTF8PROC_CATEGORY_ND:
    case UTF8PROC_CATEGORY_NL:
    case UTF8PROC_CATEGORY_NO:
        return NUMBER;
    default:
        return OTHER;
    }
}

/* Length of an ending such as 's or 're at s; 0 when there is none. */
static size_t ending_length(const int32_t *s, size_t size)
{
    static const char endings[][3] = { "s", "t", "re", "ve", "m", "ll", "d" };

    if (s[0] != '\'')
        return 0;
    for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
        size_t n = 0;

        while (endings[i][n] && n + 1 < size &&
               (s[n + 1] == endings[i][n] ||
                (endings[i][n] == 's' && s[n + 1] == 0x17f))) /* long s */
            n++;
        if (!endings[i][n])
            return n + 1;
    }
    return 0;
}

static size_t word_length(const int32_t *s, size_t size)
{
    const kind first = kind_of(s[0]);
    size_t n = ending_length(s, size);

    if (n)
        return n;
    for (n = 1; n < size && first != NUMBER && kind_of(s[n]) == first;)
        n++;
    return n;
}

static void set_bytes(expclip__buffer *out, const int32_t *s, size_t size)
{
    uint8_t piece[256];
    size_t n = 0;

    out->size = 0;
    for (size_t i = 0; i < size; i++) {
        n += expclip__code_to_utf8(piece + n, s[i]);
        if (n > sizeof(piece) - 4 || i + 1 == size) {
            expclip__buffer_add(out, piece, n);
            n = 0;
        }
    }
}

/* Add the ids of the words until there are more than `max`. */
static void encode_words(expclip__codes *ids, size_t max,
                         expclip__merger *merger, const expclip__codes *text)
{
    expclip__buffer bytes = { 0 };
    const int32_t *symbols;
    size_t length, n_symbols = 0;

    for (size_t at = 0; at < text->size && ids->size <= max; at += length) {
        length = 1;
        if (kind_of(text->data[at]) == SPACE)
            continue;
        length = word_length(text->data + at, text->size - at);
        set_bytes(&bytes, text->data + at, length);
        symbols =
            bytes.failed
                ? NULL
                : expclip__merge_word(&n_symbols, merger,
                                      (const uint8_t *)bytes.data, bytes.size);
        ids->failed |= symbols == NULL;
        if (ids->failed)
            break;
        expclip__codes_add_all(ids, symbols, n_symbols);
    }
    expclip__buffer_free(&bytes);
}

expclip_status expclip__tokenizer_encode(int32_t *ids, size_t ids_size,
                                         size_t *n_ids, int32_t *truncated,
                                         const expclip_tokenizer *t,
                                         const char *text, size_t text_size,
                                         expclip_error *err)
{
    expclip__codes clean = { 0 }, words = { 0 };
    const size_t max = ids_size - SPECIAL_TOKENS;
    size_t n;
    expclip__merger *merger;
    expclip_status status;

    status = expclip__text_clean(&clean, text, text_size, err);
    if (status)
        return status;
    merger = expclip__merger_create(t->merges);
    if (merger)
        encode_words(&words, max, merger, &clean);
    if (!merger || words.failed) {
        status = expclip__fail_memory(err, "tokens");
    } else {
        n = words.size < max ? words.size : max;
        ids[0] = t->vocabulary_size - 2;
        if (n)
            memcpy(ids + 1, words.data, n * sizeof(*ids));
        ids[n + 1] = t->vocabulary_size - 1;
        *n_ids = n + 2;
        *truncated = words.size > max;
    }
    expclip__merger_free(merger);
    expclip__codes_free(&words);
    expclip__codes_free(&clean);
    return status;
}
