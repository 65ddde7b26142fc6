/* SPDX-License-Identifier: MIT */
/*
 * csv_line.c - fields of comma-separated values (RFC 4180, with line feeds).
 */
#include "views/csv_line.h"

#include <string.h>

/* What a spreadsheet takes for the start of a formula. */
static const char formula[] = "=+-@\t\r";

void csv_field(FILE *f, const char *text)
{
    /* A hyphen alone is stdin, and computes nothing. */
    const int is_formula =
        *text && strchr(formula, *text) != NULL && strcmp(text, "-") != 0;
    const int quoted = is_formula || strpbrk(text, ",\"\r\n") != NULL;

    if (quoted)
        fputc('"', f);
    if (is_formula)
        fputc('\'', f);
    for (; *text; text++) {
        if (*text == '"')
            fputc('"', f);
        fputc(*text, f);
    }
    if (quoted)
        fputc('"', f);
}

void csv_fields(FILE *f, const char *const *texts, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        fputc(',', f);
        csv_field(f, texts[i]);
    }
}
