/* SPDX-License-Identifier: MIT */
/*
 * text_samples.h - comparing text while it is cleaned with UTF-8.
 */
#ifndef EXPCLIP_TEST_TEXT_SAMPLES_H
#define EXPCLIP_TEST_TEXT_SAMPLES_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tokens/codes.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* A text and what becomes of it. */
typedef struct sample {
    const char *before;
    const char *after;
} sample;

static inline expclip__codes codes_of(const char *text)
{
    expclip__codes c = { 0 };

    expclip__codes_add_utf8(&c, text, strlen(text));
    return c;
}

/* Compare and free. */
static inline void assert_text(expclip__codes *c, const char *expected)
{
    char text[256];
    size_t n = 0;

    assert_false(c->failed);
    for (size_t i = 0; i < c->size; i++) {
        assert_in_range(n, 0, sizeof(text) - 5);
        n += expclip__code_to_utf8((uint8_t *)text + n, c->data[i]);
    }
    text[n] = '\0';
    assert_string_equal(text, expected);
    expclip__codes_free(c);
}

#endif
