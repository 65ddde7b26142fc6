/* SPDX-License-Identifier: MIT */
/*
 * csv_field.c - one field of CSV (RFC 4180, with line feeds).
 */
#include "csv_field.h"

#include <string.h>

void csv_field_print(FILE *f, const char *text)
{
    const int quoted = strpbrk(text, ",\"\r\n") != NULL;

    if (quoted)
        fputc('"', f);
    for (; *text; text++) {
        if (*text == '"')
            fputc('"', f);
        fputc(*text, f);
    }
    if (quoted)
        fputc('"', f);
}
