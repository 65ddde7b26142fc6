/* SPDX-License-Identifier: MIT */
/*
 * report_tables.c - results as tables in the paper's layout: a row a model,
 * head and prompt set, a column a dataset, cells UAR/WAR.
 *
 * What the reference logged for the same stands under a row, with the
 * difference; the paper's own figures, of another run, at the end.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/report_files.h"
#include "terminal/memory.h"

enum { N_TEXTS = 3, FIGURE_SIZE = 32 };

static const char none[] = "\xE2\x80\x93"; /* en dash */

/** A table being written. */
typedef struct table {
    FILE *f;
    const table_form *form;
    const report_view *view;
} table;

static const char *figure(char text[FIGURE_SIZE], const char *format, double x)
{
    if (!isfinite(x))
        return none;
    snprintf(text, FIGURE_SIZE, format, x);
    return text;
}

static void print_pair(const table *t, size_t column, const char *format,
                       double uar, double war)
{
    char first[FIGURE_SIZE];
    char second[FIGURE_SIZE];

    t->form->pair(t->f, column, figure(first, format, uar), 0,
                  figure(second, format, war), 0);
}

static void begin_grid(const table *t, const char *caption)
{
    const size_t n = N_TEXTS + t->view->n_columns;
    const char **headers = memory_new(n, sizeof(*headers));

    headers[0] = "Model";
    headers[1] = "Head";
    headers[2] = "Prompts";
    for (size_t i = 0; i < t->view->n_columns; i++)
        headers[N_TEXTS + i] = t->view->columns[i].title;
    t->form->begin(t->f, caption, headers, N_TEXTS, n);
    free(headers);
}

static void print_texts(const table *t, const char *model, const char *head,
                        const char *prompts)
{
    t->form->cell(t->f, 0, model);
    t->form->cell(t->f, 1, head);
    t->form->cell(t->f, 2, prompts);
}

static void print_row_texts(const table *t, const report_row *row)
{
    print_texts(t, row->model, report_head_title(row->head), row->prompts);
}

/* ------------------------------------------------------------------------
 * UAR/WAR
 */

static void print_results(const table *t, size_t row)
{
    const report_view *v = t->view;
    char uar[FIGURE_SIZE];
    char war[FIGURE_SIZE];

    print_row_texts(t, &v->rows[row]);
    for (size_t i = 0; i < v->n_columns; i++) {
        const report_result *r = report_at(v, row, i);
        if (r)
            t->form->pair(t->f, N_TEXTS + i, figure(uar, "%.2f", r->uar),
                          report_is_best_uar(v, r), figure(war, "%.2f", r->war),
                          report_is_best_war(v, r));
        else
            t->form->cell(t->f, N_TEXTS + i, "");
    }
    t->form->end_row(t->f);
}

/** The same row as the reference logged it, or how far this one is from it. */
static void print_logged(const table *t, size_t row, int is_difference)
{
    const report_view *v = t->view;

    print_texts(t, "", is_difference ? "difference" : "reference's log", "");
    for (size_t i = 0; i < v->n_columns; i++) {
        const report_result *r = report_at(v, row, i);
        if (!r || !r->has_logged)
            t->form->cell(t->f, N_TEXTS + i, "");
        else if (is_difference)
            print_pair(t, N_TEXTS + i, "%+.2f", r->uar - r->logged.uar,
                       r->war - r->logged.war);
        else
            print_pair(t, N_TEXTS + i, "%.2f", r->logged.uar, r->logged.war);
    }
    t->form->end_row(t->f);
}

static int row_has_logged(const report_view *v, size_t row)
{
    for (size_t i = 0; i < v->n_columns; i++) {
        const report_result *r = report_at(v, row, i);
        if (r && r->has_logged)
            return 1;
    }
    return 0;
}

static int view_has(const report_view *v, int backbone, int has_head)
{
    for (size_t i = 0; i < v->n_rows; i++)
        if (v->rows[i].backbone == backbone && v->rows[i].has_head == has_head)
            return 1;
    return 0;
}

static void print_paper_row(const table *t, int backbone, int has_head)
{
    const report_view *v = t->view;
    run_figures figures;

    print_texts(t, reference_backbone_name((size_t)backbone),
                has_head ? "paper, Exp-CLIP" : "paper, CLIP", "not stated");
    for (size_t i = 0; i < v->n_columns; i++) {
        const int dataset = reference_dataset(v->columns[i].dataset);
        if (reference_paper(&figures, backbone, has_head, dataset))
            print_pair(t, N_TEXTS + i, "%.2f", figures.uar, figures.war);
        else
            t->form->cell(t->f, N_TEXTS + i, "");
    }
    t->form->end_row(t->f);
}

/** @return whether there were any */
static int print_paper(const table *t)
{
    int n = 0;

    for (int head = 0; head <= 1; head++)
        for (int b = 0; b < REFERENCE_N_BACKBONES; b++) {
            if (!view_has(t->view, b, head))
                continue;
            if (n++ == 0)
                t->form->rule(t->f, N_TEXTS + t->view->n_columns);
            print_paper_row(t, b, head);
        }
    return n > 0;
}

static void print_main(const table *t)
{
    const report_view *v = t->view;
    int has_logged = 0;
    int has_paper;

    begin_grid(t, "UAR/WAR in percent. The best of each column is bold.");
    for (size_t i = 0; i < v->n_rows; i++) {
        print_results(t, i);
        if (!row_has_logged(v, i))
            continue;
        has_logged = 1;
        print_logged(t, i, 0);
        print_logged(t, i, 1);
    }
    has_paper = print_paper(t);
    t->form->end(t->f);
    if (has_logged)
        t->form->note(t->f, "reference's log: what the reference implementation"
                            " printed for its released head on this model,"
                            " with these prompts (zengqunzhao/Exp-CLIP,"
                            " ExpCLIP_B32.txt, ExpCLIP_B16.txt,"
                            " ExpCLIP_L14.txt).");
    if (has_paper)
        t->form->note(t->f, "paper: its tables 1 and 2, which are of another"
                            " run than the log, at most 0.5 to 3 points from"
                            " it.");
}

/* ------------------------------------------------------------------------
 * Intervals
 */

static const char *interval(char text[2 * FIGURE_SIZE], const json_t *object,
                            const char *key)
{
    const double low = report_item(object, key, 0);
    const double high = report_item(object, key, 1);

    if (!isfinite(low) || !isfinite(high))
        return none;
    snprintf(text, 2 * FIGURE_SIZE, "%.2f\xE2\x80\x93%.2f", low, high);
    return text;
}

static const json_t *first_interval(const report_view *v)
{
    for (size_t i = 0; i < v->n; i++) {
        const json_t *found = json_object_get(v->results[i].json, "interval");
        if (json_is_object(found))
            return found;
    }
    return NULL;
}

static void print_intervals(const table *t)
{
    const report_view *v = t->view;
    const json_t *first = first_interval(v);
    char uar[2 * FIGURE_SIZE];
    char war[2 * FIGURE_SIZE];
    char *caption;

    if (!first)
        return;
    caption = memory_text("Intervals of UAR/WAR in percent (%s, %g %%).",
                          report_text(first, "method"),
                          100 * report_number(first, "confidence"));
    begin_grid(t, caption);
    free(caption);
    for (size_t i = 0; i < v->n_rows; i++) {
        print_row_texts(t, &v->rows[i]);
        for (size_t j = 0; j < v->n_columns; j++) {
            const report_result *r = report_at(v, i, j);
            const json_t *its = r ? json_object_get(r->json, "interval") : NULL;
            if (its)
                t->form->pair(t->f, N_TEXTS + j, interval(uar, its, "uar"), 0,
                              interval(war, its, "war"), 0);
            else
                t->form->cell(t->f, N_TEXTS + j, "");
        }
        t->form->end_row(t->f);
    }
    t->form->end(t->f);
}

/* ------------------------------------------------------------------------
 * Folds
 */

static size_t fold_count(const report_result *r)
{
    return r ? json_array_size(json_object_get(r->json, "folds")) : 0;
}

static void begin_folds(const table *t, size_t column, size_t n_folds)
{
    const size_t n = N_TEXTS + n_folds + 2;
    const char **headers = memory_new(n, sizeof(*headers));
    char **names = memory_new(n_folds, sizeof(*names));
    char *caption = memory_text("%s: UAR/WAR of its folds in percent.",
                                t->view->columns[column].title);

    headers[0] = "Model";
    headers[1] = "Head";
    headers[2] = "Prompts";
    for (size_t i = 0; i < n_folds; i++)
        headers[N_TEXTS + i] = names[i] = memory_text("Fold %zu", i + 1);
    headers[n - 2] = "Mean";
    headers[n - 1] = "All items";
    t->form->begin(t->f, caption, headers, N_TEXTS, n);
    for (size_t i = 0; i < n_folds; i++)
        free(names[i]);
    free(names);
    free(headers);
    free(caption);
}

static void print_fold_row(const table *t, const report_result *r,
                           size_t n_folds)
{
    const json_t *folds = json_object_get(r->json, "folds");
    const json_t *pooled = json_object_get(r->json, "pooled");

    print_row_texts(t, &t->view->rows[r->row]);
    for (size_t i = 0; i < n_folds; i++) {
        const json_t *fold = json_array_get(folds, i);
        print_pair(t, N_TEXTS + i, "%.2f", report_number(fold, "uar"),
                   report_number(fold, "war"));
    }
    print_pair(t, N_TEXTS + n_folds, "%.2f", r->uar, r->war);
    print_pair(t, N_TEXTS + n_folds + 1, "%.2f", report_number(pooled, "uar"),
               report_number(pooled, "war"));
    t->form->end_row(t->f);
}

static void print_folds(const table *t, size_t column)
{
    const report_view *v = t->view;
    size_t n_folds = 0;

    for (size_t i = 0; i < v->n_rows; i++) {
        const size_t n = fold_count(report_at(v, i, column));
        n_folds = n > n_folds ? n : n_folds;
    }
    if (n_folds < 2)
        return;
    begin_folds(t, column, n_folds);
    for (size_t i = 0; i < v->n_rows; i++)
        if (fold_count(report_at(v, i, column)))
            print_fold_row(t, report_at(v, i, column), n_folds);
    t->form->end(t->f);
}

/* ------------------------------------------------------------------------
 * What is left out
 */

/** Prompts and heads share a dataset's gaps: once a text is enough. */
static int is_said(const report_view *v, const report_result *r)
{
    for (const report_result *other = v->results; other < r; other++)
        if (other->column == r->column &&
            json_equal(json_object_get(other->json, "missing_classes"),
                       json_object_get(r->json, "missing_classes")) &&
            json_equal(json_object_get(other->json, "n_failed"),
                       json_object_get(r->json, "n_failed")))
            return 1;
    return 0;
}

static void print_gaps(const table *t)
{
    const report_view *v = t->view;

    for (size_t i = 0; i < v->n; i++) {
        const report_result *r = &v->results[i];
        const double n_failed = report_number(r->json, "n_failed");
        char *missing = report_missing(r->json);
        char *text = NULL;
        if (missing && !is_said(v, r)) {
            text = memory_text("%s has no item of: %s. UAR is the mean of the"
                               " other classes.",
                               v->columns[r->column].title, missing);
            t->form->note(t->f, text);
            free(text);
        }
        if (n_failed > 0 && !is_said(v, r)) {
            text = memory_text("%s: %.0f item%s could not be used and %s left"
                               " out.",
                               v->columns[r->column].title, n_failed,
                               n_failed > 1 ? "s" : "",
                               n_failed > 1 ? "are" : "is");
            t->form->note(t->f, text);
            free(text);
        }
        free(missing);
    }
}

void report_tables(FILE *f, const table_form *form, const report_view *view)
{
    const table t = { f, form, view };

    form->start(f);
    print_main(&t);
    print_gaps(&t);
    print_intervals(&t);
    for (size_t i = 0; i < view->n_columns; i++)
        print_folds(&t, i);
}
