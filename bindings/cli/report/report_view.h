/* SPDX-License-Identifier: MIT */
/*
 * report_view.h - results, sorted into the paper's grid: a row a model, head
 * and prompt set, a column a dataset.
 */
#ifndef EXPCLIP_CLI_REPORT_VIEW_H
#define EXPCLIP_CLI_REPORT_VIEW_H

#include <jansson.h>
#include <stddef.h>

#include "report/reference_run.h"

/** One result; texts belong to its JSON. A number that is absent is NaN. */
typedef struct report_result {
    const json_t *json;
    const json_t *provenance; /* NULL = absent */
    const char *model;
    const char *head;
    const char *prompts; /* name of the prompt set */
    const char *dataset;
    size_t row;
    size_t column;
    const char **classes; /* [n_classes] */
    size_t n_classes;
    double uar;
    double war;
    int has_logged; /* what the reference logged for the same */
    run_figures logged;
    char *name;       /* of files and anchors: of safe letters, no other's */
    size_t stem_size; /* bytes of it before the prompt set's part */
} report_result;

typedef struct report_row {
    const char *model;
    const char *head;
    const char *prompts;
    int backbone; /* reference_backbone() */
    int has_head;
} report_row;

typedef struct report_column {
    const char *dataset;
    const char *data; /* where it is, "" = not known */
    char *title;
} report_column;

typedef struct report_view {
    const json_t *json; /* what it was made from */
    report_result *results;
    size_t n;
    report_row *rows;
    size_t n_rows;
    report_column *columns; /* the paper's first, in its order */
    size_t n_columns;
    const report_result **grid; /* [n_rows, n_columns], NULL = none */
} report_view;

/** `results` is an array and outlives the view. */
void report_view_create(report_view *out, const json_t *results);
void report_view_free(report_view *view);

const report_result *report_at(const report_view *view, size_t row,
                               size_t column);
/** 1 when nothing in its column is better, and there is something to beat. */
int report_is_best_uar(const report_view *view, const report_result *r);
int report_is_best_war(const report_view *view, const report_result *r);

/** The member of an object as text, "" for none. */
const char *report_text(const json_t *object, const char *key);
/** The member of an object as a number, NaN for none. */
double report_number(const json_t *object, const char *key);
/** Item `index` of the array that is a member, NaN for none. */
double report_item(const json_t *object, const char *key, size_t index);
/** The head's file without its folders; of "auto", what that means. */
const char *report_head_title(const char *head);
/** Classes without an item, joined by ", ", for free(); NULL = none. */
char *report_missing(const json_t *result);
/** More classes than these make no matrix that an eye could read. */
enum { REPORT_CLASSES_DRAWN = 200 };

/** 1 when plots have something to draw: n by n counts. */
int report_has_confusion(const json_t *object, size_t n_classes);
/** Its counts [n, n], for free(). */
double *report_counts(const json_t *object, size_t n_classes);

#endif
