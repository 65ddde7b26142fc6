/* SPDX-License-Identifier: MIT */
/*
 * csv_line.c - fields of comma-separated values (RFC 4180, with line feeds).
 */
#include "csv_line.h"

#include <string.h>

void csv_field(FILE *f, const char *text)
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
