/* SPDX-License-Identifier: MIT */
/*
 * json_line.c - JSON Lines: one object a line.
 */
#include "views/json_line.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "terminal/characters.h"
#include "terminal/memory.h"

enum { FLOAT_DIGITS = 9 }; /* enough to read back the same float */

json_t *json_line_text(const char *text, size_t size)
{
    static const char replacement[] = "\xEF\xBF\xBD"; /* U+FFFD */
    json_t *whole = json_stringn(text, size);
    char *clean;
    size_t n = 0;

    if (whole)
        return whole;
    clean = memory_new(size * 3 + 1, 1);
    for (size_t i = 0; i < size;) {
        const character c = character_at(text + i);
        const int stray = c.point == CHARACTER_STRAY;
        memcpy(clean + n, stray ? replacement : text + i, stray ? 3 : c.size);
        n += stray ? 3 : c.size;
        i += c.size;
    }
    whole = json_stringn(clean, n);
    free(clean);
    return whole;
}

json_t *json_line_string(const char *text)
{
    return json_line_text(text, strlen(text));
}

json_t *json_line_number(float number)
{
    return isfinite(number) ? json_real((double)number) : json_null();
}

void json_line_write(FILE *f, json_t *object)
{
    json_dumpf(object, f, JSON_COMPACT | JSON_REAL_PRECISION(FLOAT_DIGITS));
    fputc('\n', f);
    json_decref(object);
}

void json_line_print(json_t *object)
{
    json_line_write(stdout, object);
}
