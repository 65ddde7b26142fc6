/* SPDX-License-Identifier: MIT */
/*
 * table_latex.c - tables for papers, with the lines of booktabs.
 */
#include "report/report_files.h"
#include "terminal/characters.h"

/* Letters beyond Latin stay as they are: XeLaTeX and LuaLaTeX set them. The en
 * dash is one in any encoding. */
static const character_escape escapes[] = {
    { "\\", "\\textbackslash{}" },
    { "~", "\\textasciitilde{}" },
    { "^", "\\textasciicircum{}" },
    { "<", "\\textless{}" },
    { ">", "\\textgreater{}" },
    { "|", "\\textbar{}" },
    { "\"", "''" },
    { "&", "\\&" },
    { "%", "\\%" },
    { "$", "\\$" },
    { "#", "\\#" },
    { "_", "\\_" },
    { "{", "\\{" },
    { "}", "\\}" },
    { "\xE2\x80\x93", "--" },
    { NULL, NULL },
};

static void print_text(FILE *f, const char *text)
{
    character_print_escaped(f, text, escapes, "?");
}

/** A sign of a number is mathematics, or it is set as a hyphen. */
static void print_figure(FILE *f, const char *figure, int is_best)
{
    fputs(is_best ? "\\textbf{" : "", f);
    if (*figure == '-' || *figure == '+')
        fprintf(f, "$%c$", *figure++);
    print_text(f, figure);
    fputs(is_best ? "}" : "", f);
}

static void start(FILE *f)
{
    fputs("% Results. In the preamble: \\usepackage{booktabs,graphicx}\n", f);
}

static void begin(FILE *f, const char *caption, const char *const *headers,
                  size_t n_texts, size_t n_columns)
{
    fputs("\n\\begin{table}\n  \\centering\n  \\caption{", f);
    print_text(f, caption);
    fputs("}\n  \\resizebox{\\linewidth}{!}{%\n  \\begin{tabular}{", f);
    for (size_t i = 0; i < n_columns; i++)
        fputc(i < n_texts ? 'l' : 'c', f);
    fputs("}\n    \\toprule\n    ", f);
    for (size_t i = 0; i < n_columns; i++) {
        fputs(i ? " & " : "", f);
        print_text(f, headers[i]);
    }
    fputs(" \\\\\n    \\midrule\n", f);
}

static void cell(FILE *f, size_t column, const char *text)
{
    fputs(column ? " & " : "    ", f);
    print_text(f, text);
}

static void pair(FILE *f, size_t column, const char *first, int first_is_best,
                 const char *second, int second_is_best)
{
    fputs(column ? " & " : "    ", f);
    print_figure(f, first, first_is_best);
    fputc('/', f);
    print_figure(f, second, second_is_best);
}

static void end_row(FILE *f)
{
    fputs(" \\\\\n", f);
}

static void rule(FILE *f, size_t n_columns)
{
    (void)n_columns;
    fputs("    \\midrule\n", f);
}

static void end(FILE *f)
{
    fputs("    \\bottomrule\n  \\end{tabular}}\n\\end{table}\n", f);
}

static void note(FILE *f, const char *text)
{
    fputs("\n\\noindent ", f);
    print_text(f, text);
    fputc('\n', f);
}

const table_form table_latex = { start,   begin, cell, pair,
                                 end_row, rule,  end,  note };
