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
/** A data set's results as bars, and their cards. */
void report_dataset(FILE *f, const report_view *view, size_t column);
/** A result with all its figures, folded up unless `is_open`. */
void report_card(FILE *f, const report_view *view, const report_result *r,
                 int is_open);
/** The reliability curve. @return 0 when there is nothing to draw */
int report_curve(FILE *f, const json_t *calibration);
/** What was run: the facts of one result, or of all when `r` is NULL. */
void report_facts(FILE *f, const report_view *view, const report_result *r);
/** All prompts, each list once. */
void report_prompts(FILE *f, const report_view *view);
/** How to read the page. */
void report_reading(FILE *f, const report_view *view);

/** What a bar shows besides its figure; NaN = nothing. */
typedef struct bar_marks {
    double low, high; /* ends of the interval */
    double chance;
    double reference;
} bar_marks;

#define BAR_MARKS_NONE                                                         \
    {                                                                          \
        (double)NAN, (double)NAN, (double)NAN, (double)NAN                     \
    }

/** A rail with a bar of `value` percent. */
void report_bar(FILE *f, double value, const bar_marks *marks);
/** "57.93", or a dash for NaN. */
void report_figure(FILE *f, const char *format, double x);
/** The first row of the same model and head, or of the same prompts: what the
 * page's filters know them by. */
size_t report_model_key(const report_view *view, size_t row);
size_t report_prompts_key(const report_view *view, size_t row);

/** A figure of percent, marked when it is the best. */
void report_best(FILE *f, double x, int is_best);
/** Model and head. */
void report_model(FILE *f, const report_row *row);
/** Begin a row of a table, up to the text of its heading. */
void report_row_begin(FILE *f, const report_view *view, size_t row);
/** A line that names the model and head, unless they are those of `last`. */
void report_group(FILE *f, const report_view *view, size_t row, size_t *last,
                  size_t n_columns);

/** The page's styles and its script, printed with their elements. */
void report_style(FILE *f);
extern const char report_script[];

/** Confusion matrices and reliability curves in FOLDER/plots. Returns 0 or an
 * exit code after reporting. */
int report_plots(const char *folder, const report_view *view);

#endif
