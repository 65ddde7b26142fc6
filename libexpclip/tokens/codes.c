/* SPDX-License-Identifier: MIT */
/*
 * codes.c - a growing array of Unicode code points, from and to UTF-8.
 */
#include "tokens/codes.h"

#include <string.h>

#include "base/alloc.h"

#define REPLACEMENT 0xfffd

static int reserve(expclip__codes *c, size_t more)
{
    size_t wanted, capacity;
    int32_t *grown;

    if (c->failed)
        return 0;
    if (more <= c->capacity - c->size)
        return 1;
    if (__builtin_add_overflow(c->size, more, &wanted) ||
        __builtin_mul_overflow(wanted, (size_t)2, &capacity)) {
        c->failed = 1;
        return 0;
    }
    grown = expclip__realloc(c->data, capacity, sizeof(*c->data));
    if (!grown) {
        c->failed = 1;
        return 0;
    }
    c->data = grown;
    c->capacity = capacity;
    return 1;
}

void expclip__codes_add(expclip__codes *c, int32_t code)
{
    if (reserve(c, 1))
        c->data[c->size++] = code;
}

void expclip__codes_add_all(expclip__codes *c, const int32_t *codes,
                            size_t size)
{
    if (!size || !reserve(c, size))
        return;
    memcpy(c->data + c->size, codes, size * sizeof(*codes));
    c->size += size;
}

void expclip__codes_free(expclip__codes *c)
{
    expclip__free(c->data);
    memset(c, 0, sizeof(*c));
}

/*
 * Read one code point. What is not UTF-8 is replaced up to the first byte that
 * cannot continue it: the "maximal subpart" of Unicode 15, section 3.9.
 */
static size_t read_utf8(int32_t *out, const uint8_t *s, size_t size)
{
    const uint8_t lead = s[0];
    uint8_t low = 0x80, high = 0xbf;
    size_t more;
    int32_t code;

    *out = REPLACEMENT;
    if (lead < 0x80) {
        *out = lead;
        return 1;
    }
    if (lead < 0xc2 || lead > 0xf4)
        return 1;
    more = lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : 3;
    code = lead & (0x3f >> more);
    if (lead == 0xe0)
        low = 0xa0; /* shorter forms exist */
    else if (lead == 0xed)
        high = 0x9f; /* surrogates */
    else if (lead == 0xf0)
        low = 0x90;
    else if (lead == 0xf4)
        high = 0x8f; /* above U+10FFFF */
    for (size_t i = 1; i <= more; i++) {
        if (i >= size || s[i] < low || s[i] > high)
            return i;
        code = code << 6 | (s[i] & 0x3f);
        low = 0x80;
        high = 0xbf;
    }
    *out = code;
    return more + 1;
}

void expclip__codes_add_utf8(expclip__codes *c, const char *text, size_t size)
{
    if (!reserve(c, size))
        return;
    for (size_t at = 0; at < size; c->size++)
        at +=
            read_utf8(&c->data[c->size], (const uint8_t *)text + at, size - at);
}

size_t expclip__code_to_utf8(uint8_t out[4], int32_t code)
{
    static const uint8_t leads[] = { 0, 0, 0xc0, 0xe0, 0xf0 };
    const size_t n = code < 0x80      ? 1
                     : code < 0x800   ? 2
                     : code < 0x10000 ? 3
                                      : 4;

    for (size_t i = n - 1; i > 0; i--) {
        out[i] = (uint8_t)(0x80 | (code & 0x3f));
        code >>= 6;
    }
    out[0] = (uint8_t)(leads[n] | code);
    return n;
}
