/* SPDX-License-Identifier: MIT */
/*
 * report_view.c - results, sorted into the paper's grid.
 *
 * Results come in any order and number; two of the same model, head, prompt
 * set and dataset (of another pooling, say) get a row each.
 */
#define _GNU_SOURCE
#include "report/report_view.h"

#include <ctype.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "terminal/memory.h"

enum { NAME_MAX_SIZE = 180 }; /* of a file, so that endings still fit in 255 */

/* ------------------------------------------------------------------------
 * Members
 */

const char *report_text(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));

    return text ? text : "";
}

static double number_of(const json_t *value)
{
    return json_is_number(value) ? json_number_value(value) : (double)NAN;
}

double report_number(const json_t *object, const char *key)
{
    return number_of(json_object_get(object, key));
}

double report_item(const json_t *object, const char *key, size_t index)
{
    return number_of(json_array_get(json_object_get(object, key), index));
}

const char *report_head_title(const char *head)
{
    const char *slash = strrchr(head, '/');

    if (strcmp(head, "auto") == 0)
        return "own head";
    return slash && slash[1] ? slash + 1 : head;
}

char *report_missing(const json_t *result)
{
    const json_t *list = json_object_get(result, "missing_classes");
    char *text = NULL;
    const json_t *name;
    size_t i;

    json_array_foreach (list, i, name) {
        char *longer = memory_text("%s%s%s", text ? text : "", text ? ", " : "",
                                   json_string_value(name));
        free(text);
        text = longer;
    }
    return text;
}

int report_has_confusion(const json_t *object, size_t n_classes)
{
    const json_t *rows = json_object_get(object, "confusion");

    if (!n_classes || n_classes > REPORT_CLASSES_DRAWN ||
        json_array_size(rows) != n_classes)
        return 0;
    for (size_t i = 0; i < n_classes; i++)
        if (json_array_size(json_array_get(rows, i)) != n_classes)
            return 0;
    return 1;
}

double *report_counts(const json_t *object, size_t n_classes)
{
    const json_t *rows = json_object_get(object, "confusion");
    double *counts = memory_new(n_classes * n_classes, sizeof(*counts));

    for (size_t i = 0; i < n_classes; i++)
        for (size_t j = 0; j < n_classes; j++)
            counts[i * n_classes + j] =
                json_number_value(json_array_get(json_array_get(rows, i), j));
    return counts;
}

/* ------------------------------------------------------------------------
 * Names of files
 */

/** Append a part, with "-" between, of what is safe in any file system and in
 * an address. */
static void append_part(char *name, const char *text)
{
    size_t n = strlen(name);

    if (n + 1 >= NAME_MAX_SIZE)
        return;
    if (n)
        name[n++] = '-';
    for (; *text && n < NAME_MAX_SIZE; text++) {
        const int is_safe = isalnum((unsigned char)*text) || *text == '_' ||
                            (*text == '.' && n && name[n - 1] != '-');
        if (is_safe)
            name[n++] = *text;
        else if (n && name[n - 1] != '-')
            name[n++] = '-';
    }
    while (n && name[n - 1] == '-')
        n--;
    name[n] = '\0';
}

/** Some file systems do not tell "a" from "A". */
static int is_taken(const report_view *v, const char *name, size_t n_named)
{
    for (size_t i = 0; i < n_named; i++)
        if (strcasecmp(v->results[i].name, name) == 0)
            return 1;
    return 0;
}

/** As the reference names them, `<model>-<DATASET>-type<k>`; the model's name
 * is followed by the head's. */
static void name_result(report_view *v, size_t index)
{
    report_result *r = &v->results[index];
    char *base = memory_new(NAME_MAX_SIZE + 1, 1);

    append_part(base, r->model);
    append_part(base, report_head_title(r->head));
    append_part(base, v->columns[r->column].title);
    r->stem_size = strlen(base);
    append_part(base, r->prompts);
    r->name = memory_text("%s", *base ? base : "result");
    for (size_t k = 2; is_taken(v, r->name, index); k++) {
        free(r->name);
        r->name = memory_text("%s-%zu", *base ? base : "result", k);
    }
    free(base);
}

/* ------------------------------------------------------------------------
 * Grid
 */

static int has_head(const char *head)
{
    return *head && strncmp(head, "none", 4) != 0;
}

static void read_classes(report_result *r)
{
    json_t *support = json_object_get(r->json, "support");
    const char *name;
    json_t *value;

    r->classes = memory_new(json_object_size(support), sizeof(*r->classes));
    json_object_foreach (support, name, value) {
        r->classes[r->n_classes++] = name;
    }
}

static void read_result(report_result *r, const json_t *json)
{
    r->json = json;
    r->provenance = json_object_get(json, "provenance");
    r->model = report_text(json, "model");
    r->head = report_text(json, "head");
    r->prompts = report_text(json, "prompt_set");
    r->dataset = report_text(json, "dataset");
    r->uar = report_number(json, "uar");
    r->war = report_number(json, "war");
    if (has_head(r->head))
        r->has_logged =
            reference_logged(&r->logged, reference_backbone(r->model),
                             r->prompts, reference_dataset(r->dataset));
    read_classes(r);
}

/** "RAF-DB"; data without a name of its own is called after its folder. */
static char *column_title(const report_result *r, const char *data)
{
    size_t end = strlen(data);
    size_t start;

    if (strcmp(r->dataset, "folder") != 0 && strcmp(r->dataset, "list") != 0)
        return memory_text("%s", reference_dataset_title(r->dataset));
    while (end && data[end - 1] == '/')
        end--;
    for (start = end; start && data[start - 1] != '/';)
        start--;
    if (start == end)
        return memory_text("%s", r->dataset);
    return memory_text("%.*s", (int)(end - start), data + start);
}

static void find_column(report_view *v, report_result *r)
{
    const char *data = report_text(r->provenance, "data");

    for (r->column = 0; r->column < v->n_columns; r->column++)
        if (strcmp(v->columns[r->column].dataset, r->dataset) == 0 &&
            strcmp(v->columns[r->column].data, data) == 0)
            return;
    v->columns[v->n_columns++] =
        (report_column){ r->dataset, data, column_title(r, data) };
}

static size_t paper_place(const report_column *c)
{
    const int place = reference_dataset(c->dataset);

    return place < 0 ? REFERENCE_N_DATASETS : (size_t)place;
}

/** The paper's datasets first; an insertion sort keeps equals in order. */
static void sort_columns(report_view *v)
{
    for (size_t i = 1; i < v->n_columns; i++) {
        const report_column c = v->columns[i];
        size_t j = i;
        for (; j && paper_place(&v->columns[j - 1]) > paper_place(&c); j--)
            v->columns[j] = v->columns[j - 1];
        v->columns[j] = c;
    }
}

static void find_row(report_view *v, report_result *r)
{
    for (r->row = 0; r->row < v->n_rows; r->row++) {
        const report_row *row = &v->rows[r->row];
        if (strcmp(row->model, r->model) == 0 &&
            strcmp(row->head, r->head) == 0 &&
            strcmp(row->prompts, r->prompts) == 0 &&
            !v->grid[r->row * v->n_columns + r->column])
            break;
    }
    if (r->row == v->n_rows)
        v->rows[v->n_rows++] =
            (report_row){ r->model, r->head, r->prompts,
                          reference_backbone(r->model), has_head(r->head) };
    v->grid[r->row * v->n_columns + r->column] = r;
}

void report_view_create(report_view *out, const json_t *results)
{
    report_view v;

    memset(&v, 0, sizeof(v));
    v.json = results;
    v.n = json_array_size(results);
    v.results = memory_new(v.n, sizeof(*v.results));
    v.columns = memory_new(v.n, sizeof(*v.columns));
    v.rows = memory_new(v.n, sizeof(*v.rows));
    for (size_t i = 0; i < v.n; i++) {
        read_result(&v.results[i], json_array_get(results, i));
        find_column(&v, &v.results[i]);
    }
    sort_columns(&v);
    v.grid = memory_new(v.n * v.n_columns, sizeof(*v.grid));
    for (size_t i = 0; i < v.n; i++) {
        find_column(&v, &v.results[i]); /* sorting moved it */
        find_row(&v, &v.results[i]);
        name_result(&v, i);
    }
    *out = v;
}

void report_view_free(report_view *v)
{
    for (size_t i = 0; i < v->n; i++) {
        free(v->results[i].classes);
        free(v->results[i].name);
    }
    for (size_t i = 0; i < v->n_columns; i++)
        free(v->columns[i].title);
    free(v->results);
    free(v->columns);
    free(v->rows);
    free(v->grid);
}

const report_result *report_at(const report_view *v, size_t row, size_t column)
{
    return v->grid[row * v->n_columns + column];
}

/** In hundredths, as printed: what reads the same is as good. */
static int is_best(const report_view *v, const report_result *r, size_t figure)
{
    const double mine = *(const double *)((const char *)r + figure);
    size_t n = 0;

    for (size_t i = 0; i < v->n_rows; i++) {
        const report_result *other = report_at(v, i, r->column);
        double its = other ? *(const double *)((const char *)other + figure)
                           : (double)NAN;
        n += isfinite(its) ? 1 : 0;
        if (round(its * 100) > round(mine * 100))
            return 0;
    }
    return n > 1 && isfinite(mine);
}

int report_is_best_uar(const report_view *v, const report_result *r)
{
    return is_best(v, r, offsetof(report_result, uar));
}

int report_is_best_war(const report_view *v, const report_result *r)
{
    return is_best(v, r, offsetof(report_result, war));
}
