/* SPDX-License-Identifier: MIT */
/*
 * runes.c - text as Unicode code points, while it is cleaned.
 */
#include "clip/runes.h"

#include <string.h>
#include <utf8proc.h>

#include "base/alloc.h"
#include "base/text.h"

void expclip__runes_add(expclip__runes *r, int32_t c)
{
    if (r->n == r->capacity && !r->failed) {
        const size_t capacity = r->capacity ? 2 * r->capacity : 128;
        int32_t *grown = expclip__realloc(r->c, capacity, sizeof(*grown));

        r->failed = !grown;
        if (grown) {
            r->c = grown;
            r->capacity = capacity;
        }
    }
    if (!r->failed)
        r->c[r->n++] = c;
}

void expclip__runes_add_utf8(expclip__runes *r, const char *text, size_t size)
{
    for (size_t at = 0; at < size;) {
        const size_t n = expclip__utf8_length(text + at, size - at);
        utf8proc_int32_t c = 0xfffd;

        if (n)
            utf8proc_iterate((const utf8proc_uint8_t *)text + at,
                             (utf8proc_ssize_t)n, &c);
        expclip__runes_add(r, c);
        at += n ? n : 1;
    }
}

char *expclip__runes_to_utf8(const expclip__runes *r, size_t *size)
{
    char *text = r->failed ? NULL : expclip__alloc(4 * r->n + 1, 1);
    size_t n = 0;

    if (!text)
        return NULL;
    for (size_t i = 0; i < r->n; i++)
        n += (size_t)utf8proc_encode_char(r->c[i],
                                          (utf8proc_uint8_t *)text + n);
    text[n] = '\0';
    *size = n;
    return text;
}

void expclip__runes_clear(expclip__runes *r)
{
    expclip__free(r->c);
    memset(r, 0, sizeof(*r));
}
