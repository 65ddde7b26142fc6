/* SPDX-License-Identifier: MIT */
/*
 * unescape.c - HTML character references to characters, as CLIP's tokenizer
 * has them decoded: by ftfy first and by Python's html.unescape() afterwards.
 */
#include "clip/unescape.h"

#include <string.h>

#include "base/text.h"
#include "clip/html_entities.h"

#define LONGEST_NAME 32 /* html.unescape(); the table's longest has 32 */
#define LONGEST_FTFY 24 /* ftfy chardata.py, HTML_ENTITY_RE */

/* ---- names ---- */

/* The table's entry for the first `n` bytes of a name, or NULL. */
static const expclip__html_entity *find(const char *name, size_t n)
{
    size_t low = 0, high = EXPCLIP__N_ENTITIES;

    while (low < high) {
        const size_t middle = (low + high) / 2;
        const char *entry = expclip__html_entities[middle].name;
        int order = strncmp(entry, name, n);

        if (order == 0 && entry[n] == '\0')
            return &expclip__html_entities[middle];
        if (order == 0)
            order = 1;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

static void add_text(expclip__runes *out, const char *text)
{
    expclip__runes_add_utf8(out, text, strlen(text));
}

/* ---- numbers ---- */

/* What browsers read for the numbers 0x80..0x9f: Windows-1252; 0 = itself. */
static const int32_t windows_1252[32] = {
    0x20ac, 0,      0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021,
    0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0,      0x017d, 0,
    0,      0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014,
    0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0,      0x017e, 0x0178,
};

/* Numbers that html.unescape() drops (html/__init__.py). */
static int is_dropped(int64_t c)
{
    return (c >= 0x1 && c <= 0x8) || (c >= 0xe && c <= 0x1f) ||
           (c >= 0x7f && c <= 0x9f) || (c >= 0xfdd0 && c <= 0xfdef) ||
           c == 0xb || (c & 0xfffe) == 0xfffe;
}

static void add_number(expclip__runes *out, int64_t c)
{
    if (c == 0 || (c >= 0xd800 && c <= 0xdfff) || c > 0x10ffff)
        expclip__runes_add(out, 0xfffd);
    else if (c >= 0x80 && c <= 0x9f)
        expclip__runes_add(out, windows_1252[c - 0x80]
                                    ? windows_1252[c - 0x80]
                                    : (int32_t)c);
    else if (!is_dropped(c))
        expclip__runes_add(out, (int32_t)c);
}

static int digit(int32_t c, int base)
{
    if (c >= '0' && c <= '9')
        return (int)(c - '0');
    if (base == 16 && c >= 'a' && c <= 'f')
        return (int)(c - 'a') + 10;
    if (base == 16 && c >= 'A' && c <= 'F')
        return (int)(c - 'A') + 10;
    return -1;
}

/* Read "#123" or "#x1f" at `at`, behind the "&". @return its length, or 0 */
static size_t read_number(int64_t *out, const expclip__runes *in, size_t at)
{
    size_t i = at + 1, first;
    int base = 10, d;

    if (i < in->n && (in->c[i] == 'x' || in->c[i] == 'X')) {
        base = 16;
        i++;
    }
    *out = 0;
    for (first = i; i < in->n && (d = digit(in->c[i], base)) >= 0; i++)
        *out = *out > 0x110000 ? *out : *out * base + d;
    return i > first ? i - at : 0;
}

/* ---- html.unescape() ---- */

static int ends_name(int32_t c)
{
    return c == '\t' || c == '\n' || c == '\f' || c == ' ' || c == '<' ||
           c == '&' || c == '#' || c == ';';
}

/*
 * A name at `at`, behind the "&": the whole of it, else its longest beginning
 * that is a name. @return how many characters it takes, 0 = none
 */
static size_t add_name(expclip__runes *out, const expclip__runes *in,
                       size_t at)
{
    char name[LONGEST_NAME + 2];
    size_t n = 0;

    while (n < LONGEST_NAME && at + n < in->n && !ends_name(in->c[at + n])) {
        /* Names are ASCII; another character can only end one. */
        name[n] = in->c[at + n] < 0x80 ? (char)in->c[at + n] : '\x7f';
        n++;
    }
    if (n > 0 && at + n < in->n && in->c[at + n] == ';')
        name[n++] = ';';
    for (size_t length = n; length > 1; length--) {
        const expclip__html_entity *found = find(name, length);

        if (found && !found->only_ftfy) {
            add_text(out, found->text);
            return length;
        }
    }
    return 0;
}

void expclip__unescape_html(expclip__runes *out, const expclip__runes *in)
{
    for (size_t i = 0; i < in->n;) {
        size_t used = 0;
        int64_t c;

        if (in->c[i] == '&' && i + 1 < in->n && in->c[i + 1] == '#') {
            used = read_number(&c, in, i + 1);
            if (used) {
                if (c == 13) /* the one control character that is kept */
                    expclip__runes_add(out, '\r');
                else
                    add_number(out, c);
                used += i + 1 + used < in->n && in->c[i + 1 + used] == ';';
            }
        } else if (in->c[i] == '&') {
            used = add_name(out, in, i + 1);
        }
        if (!used)
            expclip__runes_add(out, in->c[i]);
        i += 1 + used;
    }
}

/* ---- ftfy ---- */

static int is_alphanumeric(int32_t c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
           (c >= 'A' && c <= 'Z');
}

/* "&name;" or "&#123;" at the "&". @return characters used, 0 = none */
static size_t add_whole(expclip__runes *out, const expclip__runes *in,
                        size_t at)
{
    char name[LONGEST_FTFY + 2];
    const size_t hash = at + 1 < in->n && in->c[at + 1] == '#';
    const size_t start = at + 1 + hash;
    const expclip__html_entity *found;
    size_t n = 0;
    int64_t c;

    while (n < LONGEST_FTFY && start + n < in->n &&
           is_alphanumeric(in->c[start + n])) {
        name[n] = (char)in->c[start + n];
        n++;
    }
    if (n == 0 || start + n >= in->n || in->c[start + n] != ';')
        return 0;
    if (hash) {
        if (read_number(&c, in, at + 1) != n + 1)
            return 0;
        if (c == 13)
            expclip__runes_add(out, '\r');
        else
            add_number(out, c);
        return n + 3;
    }
    name[n] = ';';
    found = find(name, n + 1);
    if (!found)
        return 0;
    add_text(out, found->text);
    return n + 2;
}

void expclip__unescape_ftfy(expclip__runes *out, const expclip__runes *in)
{
    for (size_t i = 0; i < in->n;) {
        const size_t used = in->c[i] == '&' ? add_whole(out, in, i) : 0;

        if (!used)
            expclip__runes_add(out, in->c[i]);
        i += used ? used : 1;
    }
}
