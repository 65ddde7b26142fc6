/* SPDX-License-Identifier: MIT */
/*
 * table_markdown.c - tables for README files and issues.
 */
#include "report/report_files.h"
#include "terminal/characters.h"

static const character_escape escapes[] = {
    { "<", "&lt;" }, { "&", "&amp;" }, { "\\", "\\\\" }, { "`", "\\`" },
    { "*", "\\*" },  { "_", "\\_" },   { "{", "\\{" },   { "}", "\\}" },
    { "[", "\\[" },  { "]", "\\]" },   { ">", "\\>" },   { "#", "\\#" },
    { "|", "\\|" },  { "~", "\\~" },   { "$", "\\$" },   { NULL, NULL },
};

static void print_text(FILE *f, const char *text)
{
    character_print_escaped(f, text, escapes, "\xEF\xBF\xBD");
}

static void start(FILE *f)
{
    fputs("# Results\n", f);
}

static void begin(FILE *f, const char *caption, const char *const *headers,
                  size_t n_texts, size_t n_columns)
{
    fputc('\n', f);
    print_text(f, caption);
    fputs("\n\n|", f);
    for (size_t i = 0; i < n_columns; i++) {
        fputc(' ', f);
        print_text(f, headers[i]);
        fputs(" |", f);
    }
    fputs("\n|", f);
    for (size_t i = 0; i < n_columns; i++)
        fputs(i < n_texts ? "---|" : "--:|", f);
    fputc('\n', f);
}

static void cell(FILE *f, size_t column, const char *text)
{
    fputs(column ? " " : "| ", f);
    print_text(f, text);
    fputs(" |", f);
}

static void pair(FILE *f, size_t column, const char *first, int first_is_best,
                 const char *second, int second_is_best)
{
    const char *const strong[] = { "", "**" };

    fprintf(f, "%s%s%s%s/%s%s%s |", column ? " " : "| ", strong[first_is_best],
            first, strong[first_is_best], strong[second_is_best], second,
            strong[second_is_best]);
}

static void end_row(FILE *f)
{
    fputc('\n', f);
}

/** Tables have no rules inside: an empty row parts as well. */
static void rule(FILE *f, size_t n_columns)
{
    fputc('|', f);
    for (size_t i = 0; i < n_columns; i++)
        fputs(" |", f);
    fputc('\n', f);
}

static void end(FILE *f)
{
    (void)f;
}

static void note(FILE *f, const char *text)
{
    fputc('\n', f);
    print_text(f, text);
    fputc('\n', f);
}

const table_form table_markdown = { start,   begin, cell, pair,
                                    end_row, rule,  end,  note };
