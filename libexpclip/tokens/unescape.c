/* SPDX-License-Identifier: MIT */
/*
 * unescape.c - HTML's character references back to characters.
 *
 * Two readers of the same table: Python's html.unescape() (HTML 5, section
 * 13.2.5.72 on) and ftfy's fixes.unescape_html(). No reference is shorter than
 * what it means, so both work in place.
 */
#include "tokens/unescape.h"

#include <string.h>

#include "tokens/html_entities.h"

#define REPLACEMENT 0xfffd
#define STRICT_MAX 24 /* ftfy chardata.HTML_ENTITY_RE */

/* A reference that was read: how long it is, and what it means. */
typedef struct reference {
    size_t length; /* from the "&" on; 0 = there is none */
    int32_t codes[EXPCLIP__ENTITY_CODES];
    size_t n_codes;
} reference;

static int digit(int32_t c, int base)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (base == 16 && c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (base == 16 && c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

static int alphanumeric(int32_t c)
{
    return digit(c, 10) >= 0 || (c >= 'a' && c <= 'z') ||
           (c >= 'A' && c <= 'Z');
}

/* What a number stands for; 0 codes for what HTML 5 says is no character. */
static void set_number(reference *r, int32_t number)
{
    r->n_codes = 1;
    if (number >= 0x80 && number <= 0x9f)
        r->codes[0] = expclip__windows_1252[number - 0x80];
    else if (number == 0 || number > 0x10ffff ||
             (number >= 0xd800 && number <= 0xdfff))
        r->codes[0] = REPLACEMENT;
    else if ((number < 0x20 && number != '\t' && number != '\n' &&
              number != '\f' && number != '\r') ||
             number == 0x7f || (number >= 0xfdd0 && number <= 0xfdef) ||
             (number & 0xfffe) == 0xfffe)
        r->n_codes = 0;
    else
        r->codes[0] = number;
}

/* "&#233;" or "&#xe9;" at s, its semicolon optional. */
static reference read_number(const int32_t *s, size_t size)
{
    reference r = { 0 };
    size_t at = 2;
    int32_t number = 0;
    int base = 10, value;

    if (size > 2 && (s[2] == 'x' || s[2] == 'X')) {
        base = 16;
        at = 3;
    }
    if (at >= size || digit(s[at], base) < 0)
        return r;
    for (; at < size && (value = digit(s[at], base)) >= 0; at++)
        number = number > 0x10ffff ? number : number * base + value;
    r.length = at + (at < size && s[at] == ';');
    set_number(&r, number);
    return r;
}

static void set_entity(reference *r, const expclip__entity *e, size_t length)
{
    r->length = length;
    r->n_codes = 0;
    while (r->n_codes < EXPCLIP__ENTITY_CODES && e->codes[r->n_codes]) {
        r->codes[r->n_codes] = e->codes[r->n_codes];
        r->n_codes++;
    }
}

/* Entities of [*first, *last) whose character number `at` is c. */
static void narrow(const expclip__entity **first, const expclip__entity **last,
                   size_t at, int32_t c)
{
    for (int upper = 0; upper < 2; upper++) {
        const expclip__entity *low = *first, *high = *last;

        while (low < high) {
            const expclip__entity *middle = low + (high - low) / 2;

            if ((unsigned char)middle->name[at] < c + upper)
                low = middle + 1;
            else
                high = middle;
        }
        *(upper ? last : first) = low;
    }
}

/*
 * The longest name at s + 1. Without `strict` some names need no semicolon;
 * with it every name needs one, and the spellings in capitals count too.
 */
static reference read_name(const int32_t *s, size_t size, int strict)
{
    const expclip__entity *first = expclip__entities;
    const expclip__entity *last = first + expclip__n_entities;
    reference r = { 0 };

    for (size_t at = 1; at < size && alphanumeric(s[at]); at++) {
        narrow(&first, &last, at - 1, s[at]);
        if (first == last || (strict && at > STRICT_MAX))
            break;
        if (first->name[at] != '\0' || (first->capitals && !strict))
            continue;
        if (at + 1 < size && s[at + 1] == ';')
            set_entity(&r, first, at + 2);
        else if (first->bare && !strict)
            set_entity(&r, first, at + 1);
    }
    return r;
}

static reference read_strict(const int32_t *s, size_t size)
{
    const reference none = { 0 };
    size_t n = 0;
    reference r;

    if (size < 2 || s[1] != '#')
        return read_name(s, size, 1);
    while (n <= STRICT_MAX && n + 2 < size && alphanumeric(s[n + 2]))
        n++;
    r = read_number(s, size);
    /* ftfy takes a ";" left in the result for one that was not used up. */
    if (n > STRICT_MAX || n + 2 >= size || s[n + 2] != ';' ||
        r.length != n + 3 || (r.n_codes && r.codes[0] == ';'))
        return none;
    return r;
}

static reference read_lenient(const int32_t *s, size_t size)
{
    return size > 1 && s[1] == '#' ? read_number(s, size)
                                   : read_name(s, size, 0);
}

static void replace(expclip__codes *text,
                    reference (*read)(const int32_t *s, size_t size))
{
    size_t to = 0;

    for (size_t at = 0; at < text->size;) {
        reference r = { 0 };

        if (text->data[at] == '&')
            r = read(text->data + at, text->size - at);
        if (r.length) {
            memcpy(text->data + to, r.codes, r.n_codes * sizeof(r.codes[0]));
            to += r.n_codes;
            at += r.length;
        } else {
            text->data[to++] = text->data[at++];
        }
    }
    text->size = to;
}

void expclip__unescape(expclip__codes *text)
{
    replace(text, read_lenient);
}

void expclip__unescape_strict(expclip__codes *text)
{
    replace(text, read_strict);
}
