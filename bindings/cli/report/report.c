/* SPDX-License-Identifier: MIT */
/*
 * report.c - the files of a report, one after the other.
 */
#include "report/report.h"

#include <stdlib.h>

#include "report/report_files.h"
#include "terminal/memory.h"
#include "views/outfile.h"

static void print_markdown(FILE *f, const report_view *view)
{
    report_tables(f, &table_markdown, view);
}

static void print_latex(FILE *f, const report_view *view)
{
    report_tables(f, &table_latex, view);
}

static const struct {
    const char *name;
    void (*print)(FILE *f, const report_view *view);
    expclip__file_kind kind;
} files[] = {
    { "tables.md", print_markdown, EXPCLIP__FILE_TABLES },
    { "tables.tex", print_latex, EXPCLIP__FILE_TABLES },
    { "report.html", report_page, EXPCLIP__FILE_HTML },
};

static int write_file(const char *folder, const char *name,
                      void (*print)(FILE *f, const report_view *view),
                      expclip__file_kind kind, const report_view *view)
{
    char *path = memory_text("%s/%s", folder, name);
    outfile *o;
    int rc = outfile_open(&o, path, kind);

    if (!rc) {
        print(outfile_stream(o), view);
        rc = outfile_commit(o);
    }
    free(path);
    return rc;
}

int report_check(const char *folder)
{
    int rc = 0;

    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]) && !rc; i++) {
        char *path = memory_text("%s/%s", folder, files[i].name);

        rc = outfile_check(path, files[i].kind);
        free(path);
    }
    return rc;
}

int report_write(const char *folder, const json_t *results)
{
    report_view view;
    int rc = 0;

    report_view_create(&view, results);
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]) && !rc; i++)
        rc = write_file(folder, files[i].name, files[i].print, files[i].kind,
                        &view);
    if (!rc)
        rc = report_plots(folder, &view);
    report_view_free(&view);
    return rc;
}
