/* SPDX-License-Identifier: MIT */
/*
 * runes.h - text as Unicode code points, while it is cleaned.
 */
#ifndef EXPCLIP_RUNES_H
#define EXPCLIP_RUNES_H

#include <stddef.h>
#include <stdint.h>

/** A growing list of code points. Start from {0}. */
typedef struct expclip__runes {
    int32_t *c;
    size_t n;
    size_t capacity;
    int failed; /* memory ran out; later additions do nothing */
} expclip__runes;

void expclip__runes_add(expclip__runes *r, int32_t c);
/** Decode UTF-8; every byte that is not valid becomes U+FFFD. */
void expclip__runes_add_utf8(expclip__runes *r, const char *text, size_t size);
/** UTF-8, NUL-ended, for expclip__free(); NULL when memory is out. */
char *expclip__runes_to_utf8(const expclip__runes *r, size_t *size);
void expclip__runes_clear(expclip__runes *r);

#endif
