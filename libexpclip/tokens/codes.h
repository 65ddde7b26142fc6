/* SPDX-License-Identifier: MIT */
/*
 * codes.h - a growing array of Unicode code points: text while it is cleaned.
 */
#ifndef EXPCLIP_CODES_H
#define EXPCLIP_CODES_H

#include <stddef.h>
#include <stdint.h>

/** Start from {0}. */
typedef struct expclip__codes {
    int32_t *data; /* as utf8proc has them; NULL while empty */
    size_t size;
    size_t capacity;
    int failed; /* set when memory ran out; later adds do nothing */
} expclip__codes;

void expclip__codes_add(expclip__codes *c, int32_t code);
void expclip__codes_add_all(expclip__codes *c, const int32_t *codes,
                            size_t size);
void expclip__codes_free(expclip__codes *c);

/** Read UTF-8; each part that is not valid becomes U+FFFD, as in Python. */
void expclip__codes_add_utf8(expclip__codes *c, const char *text, size_t size);
/** Write one code point. @return its bytes, 1..4 */
size_t expclip__code_to_utf8(uint8_t out[4], int32_t code);

#endif
