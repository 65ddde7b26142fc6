/* SPDX-License-Identifier: MIT */
/*
 * json_scan.c - reading JSON from front to back, without a tree.
 *
 * Strict: no NaN, no comments, no numbers that a 64-bit integer cannot hold,
 * no lone surrogates, no NUL in texts, no commas at the end.
 */
#include "weights/json_scan.h"

#include <string.h>

#define MAX_DEPTH 64

void expclip__json_fail(expclip__json *j, const char *why)
{
    if (!j->why)
        j->why = why;
}

/* The next byte that is not white space, 0 at the end or after a failure. */
static char look(expclip__json *j)
{
    if (j->why)
        return 0;
    while (j->at < j->size && j->text[j->at] &&
           strchr(" \t\n\r", j->text[j->at]))
        j->at++;
    return j->at < j->size ? j->text[j->at] : 0;
}

static void expect(expclip__json *j, char c, const char *why)
{
    if (look(j) == c && !j->why && j->at < j->size)
        j->at++;
    else
        expclip__json_fail(j, why);
}

/* ---- brackets ---- */

void expclip__json_open(expclip__json *j, char bracket)
{
    expect(j, bracket, bracket == '{' ? "expected {" : "expected [");
    j->fresh = 1;
}

int expclip__json_more(expclip__json *j, char bracket)
{
    if (look(j) == bracket && !j->why) {
        j->at++;
        j->fresh = 0;
        return 0;
    }
    if (!j->fresh)
        expect(j, ',', "expected , or a closing bracket");
    j->fresh = 0;
    return !j->why;
}

void expclip__json_end(expclip__json *j)
{
    look(j);
    if (j->at != j->size)
        expclip__json_fail(j, "expected nothing more");
}

/* ---- texts ---- */

/* Four hexadecimal digits, or -1. */
static long hex4(const expclip__json *j, size_t at)
{
    static const char digits[] = "0123456789abcdef";
    long value = 0;

    if (j->size - at < 4)
        return -1;
    for (size_t i = at; i < at + 4; i++) {
        const int c = j->text[i] | (j->text[i] >= 'A' ? 0x20 : 0);
        const char *found = c ? strchr(digits, c) : NULL;

        if (!found)
            return -1;
        value = value * 16 + (found - digits);
    }
    return value;
}

static void add_utf8(expclip__buffer *b, long c)
{
    char out[4];
    size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    static const unsigned char lead[] = { 0, 0, 0xc0, 0xe0, 0xf0 };

    for (size_t i = n; i-- > 1; c >>= 6)
        out[i] = (char)(0x80 | (c & 0x3f));
    out[0] = (char)(lead[n] | c);
    expclip__buffer_add(b, out, n);
}

/* After "\u"; also the second half of a pair. */
static void add_code(expclip__json *j)
{
    long c = hex4(j, j->at);

    j->at += 4;
    if (c >= 0xd800 && c < 0xdc00 && j->size - j->at >= 6 &&
        j->text[j->at] == '\\' && j->text[j->at + 1] == 'u') {
        const long low = hex4(j, j->at + 2);

        if (low >= 0xdc00 && low < 0xe000) {
            c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
            j->at += 6;
        }
    }
    if (c <= 0 || (c >= 0xd800 && c < 0xe000))
        expclip__json_fail(j, "\\u that is no character, or NUL");
    else
        add_utf8(&j->word, c);
}

/* After a backslash. */
static void add_escape(expclip__json *j)
{
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    const char c = j->at < j->size ? j->text[j->at] : 0;
    const char *found = c ? strchr(from, c) : NULL;

    j->at++;
    if (found)
        expclip__buffer_add(&j->word, &to[found - from], 1);
    else if (c == 'u' && j->size - j->at >= 4)
        add_code(j);
    else
        expclip__json_fail(j, "unknown escape");
}

/* Bytes of a text up to its end or the next backslash. */
static void add_plain(expclip__json *j)
{
    const size_t from = j->at;

    while (j->at < j->size && (unsigned char)j->text[j->at] >= 0x20 &&
           j->text[j->at] != '"' && j->text[j->at] != '\\')
        j->at++;
    expclip__buffer_add(&j->word, j->text + from, j->at - from);
    if (!expclip__utf8_valid(j->text + from, j->at - from))
        expclip__json_fail(j, "a text that is not UTF-8");
    else if (j->at == j->size || (unsigned char)j->text[j->at] < 0x20)
        expclip__json_fail(j, "a text without end");
}

const char *expclip__json_string(expclip__json *j)
{
    j->word.size = 0;
    expect(j, '"', "expected a text");
    while (!j->why) {
        add_plain(j);
        if (!j->why && j->text[j->at++] == '"')
            break;
        if (!j->why)
            add_escape(j);
    }
    if (j->word.failed)
        expclip__json_fail(j, "out of memory");
    return j->why ? "" : j->word.data;
}

const char *expclip__json_key(expclip__json *j)
{
    expclip__json_string(j);
    expect(j, ':', "expected :");
    return j->why ? "" : j->word.data;
}

/* ---- numbers ---- */

static size_t count_digits(const expclip__json *j)
{
    size_t n = 0;

    while (j->at + n < j->size && j->text[j->at + n] >= '0' &&
           j->text[j->at + n] <= '9')
        n++;
    return n;
}

int64_t expclip__json_size(expclip__json *j)
{
    uint64_t value = 0;
    size_t n;

    look(j);
    if (j->why)
        return 0;
    n = count_digits(j);
    if (!expclip__parse_u64(j->text + j->at, n, &value) || value > INT64_MAX ||
        (n > 1 && j->text[j->at] == '0') ||
        (j->at + n < j->size && j->text[j->at + n] &&
         strchr(".eE", j->text[j->at + n]))) {
        expclip__json_fail(j, "expected a whole number from 0 to 2^63-1");
        return 0;
    }
    j->at += n;
    return (int64_t)value;
}

/* Any number of the grammar. */
static void skip_number(expclip__json *j)
{
    size_t n;

    if (j->text[j->at] == '-')
        j->at++;
    n = count_digits(j);
    if (n == 0 || (n > 1 && j->text[j->at] == '0'))
        expclip__json_fail(j, "expected a value");
    j->at += n;
    if (j->at < j->size && j->text[j->at] == '.') {
        j->at++;
        n = count_digits(j);
        j->at += n;
        if (n == 0)
            expclip__json_fail(j, "a number without digits");
    }
    if (j->at < j->size && (j->text[j->at] | 0x20) == 'e') {
        j->at++;
        if (j->at < j->size && (j->text[j->at] == '+' || j->text[j->at] == '-'))
            j->at++;
        n = count_digits(j);
        j->at += n;
        if (n == 0)
            expclip__json_fail(j, "a number without digits");
    }
}

/* ---- any value ---- */

static void skip_plain(expclip__json *j)
{
    static const char *const words[] = { "true", "false", "null" };

    if (look(j) == '"') {
        expclip__json_string(j);
        return;
    }
    for (size_t i = 0; !j->why && i < sizeof(words) / sizeof(words[0]); i++) {
        const size_t n = strlen(words[i]);

        if (j->size - j->at >= n && memcmp(j->text + j->at, words[i], n) == 0) {
            j->at += n;
            return;
        }
    }
    if (!j->why && j->at < j->size)
        skip_number(j);
    else
        expclip__json_fail(j, "expected a value");
}

void expclip__json_skip(expclip__json *j)
{
    char closing[MAX_DEPTH]; /* of the brackets that are open */
    int depth = 0;

    do {
        const char c = look(j);

        if (depth == MAX_DEPTH)
            expclip__json_fail(j, "too deep");
        if (j->why)
            return;
        if (c == '{' || c == '[') {
            expclip__json_open(j, c);
            closing[depth++] = c == '{' ? '}' : ']';
        } else {
            skip_plain(j);
        }
        while (depth > 0 && !expclip__json_more(j, closing[depth - 1]) &&
               !j->why)
            depth--;
        if (depth > 0 && closing[depth - 1] == '}')
            expclip__json_key(j);
    } while (depth > 0 && !j->why);
}
