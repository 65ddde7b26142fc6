/* SPDX-License-Identifier: MIT */
/*
 * report.c - the files of a report, one after the other.
 */
#include "report/report.h"

#include "report/report_files.h"
#include "views/outfile.h"

static void print_markdown(FILE *f, const void *view)
{
    report_tables(f, &table_markdown, view);
}

static void print_latex(FILE *f, const void *view)
{
    report_tables(f, &table_latex, view);
}

static void print_page(FILE *f, const void *view)
{
    report_page(f, view);
}

static const outfile_part parts[] = {
    { "tables.md", EXPCLIP__FILE_TABLES, print_markdown },
    { "tables.tex", EXPCLIP__FILE_TABLES, print_latex },
    { "report.html", EXPCLIP__FILE_HTML, print_page },
};

enum { N_PARTS = sizeof(parts) / sizeof(parts[0]) };

int report_check(const char *folder)
{
    return outfile_check_parts(folder, parts, N_PARTS);
}

int report_write(const char *folder, const json_t *results)
{
    report_view view;
    int rc;

    report_view_create(&view, results);
    rc = outfile_write_parts(folder, parts, N_PARTS, &view);
    if (!rc)
        rc = report_plots(folder, &view);
    report_view_free(&view);
    return rc;
}
