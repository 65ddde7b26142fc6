/* SPDX-License-Identifier: MIT */
/*
 * report_files.h - the parts of a report, a function a file.
 */
#ifndef EXPCLIP_CLI_REPORT_FILES_H
#define EXPCLIP_CLI_REPORT_FILES_H

#include <stdio.h>

#include "report/report_view.h"

/** A form of text that tables can be written in. Texts come from anywhere and
 * are escaped; a pair is two figures with a slash between. */
typedef struct table_form {
    void (*start)(FILE *f);
    /** @param n_texts  columns of words, which come before those of figures */
    void (*begin)(FILE *f, const char *caption, const char *const *headers,
                  size_t n_texts, size_t n_columns);
    void (*cell)(FILE *f, size_t column, const char *text);
    void (*pair)(FILE *f, size_t column, const char *first, int first_is_best,
                 const char *second, int second_is_best);
    void (*end_row)(FILE *f);
    void (*rule)(FILE *f, size_t n_columns);
    void (*end)(FILE *f);
    void (*note)(FILE *f, const char *text);
} table_form;

extern const table_form table_markdown;
extern const table_form table_latex;

/** All tables of a report, in one form. */
void report_tables(FILE *f, const table_form *form, const report_view *view);

/** The page, report.html. */
void report_page(FILE *f, const report_view *view);

/** A result's plots as plot_svg() gives them; NULL when there is nothing to
 * draw or to draw with. */
char *report_confusion_svg(const report_result *r, json_t *glyphs);
char *report_reliability_svg(const report_result *r, json_t *glyphs);
/** Confusion matrices and reliability curves in FOLDER/plots. Returns 0 or an
 * exit code after reporting. */
int report_plots(const char *folder, const report_view *view);

#endif
