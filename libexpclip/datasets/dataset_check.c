/* SPDX-License-Identifier: MIT */
/*
 * dataset_check.c - a dataset held against its files and against what is
 * published, as JSON.
 */
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/natural.h"
#include "base/text.h"
#include "datasets/dataset_builder.h"
#include "datasets/dataset_entries.h"
#include "datasets/dataset_tables.h"
#include "shared/formats.h"

#define MAX_LISTED 1000 /* findings of a kind */

/* The reference takes 16 frames of a clip; of 16 or fewer it takes frame 0. */
#define N_SAMPLES 16

typedef enum finding_kind {
    COUNT,
    MISSING,
    MISSING_FRAMES,
    EXTRA_FRAMES,
    SHORT_CLIP,
    ORDER,
    DUPLICATE,
    LEAK,
    EMPTY_CLASS,
    SKIPPED_LINE,
    LEFT_OUT,
    READ_AS,
    N_KINDS
} finding_kind;

static const struct {
    const char *name;
    const char *severity;
} kinds[N_KINDS] = {
    [COUNT] = { "count", "error" },
    [MISSING] = { "missing", "error" },
    [MISSING_FRAMES] = { "missing_frames", "error" },
    [EXTRA_FRAMES] = { "extra_frames", "warning" },
    [SHORT_CLIP] = { "short_clip", "warning" },
    [ORDER] = { "order", "warning" },
    [DUPLICATE] = { "duplicate", "error" },
    [LEAK] = { "leak", "error" },
    [EMPTY_CLASS] = { "empty_class", "warning" },
    [SKIPPED_LINE] = { "skipped_line", "error" },
    [LEFT_OUT] = { "left_out", "warning" },
    [READ_AS] = { "read_as", "warning" },
};

/* jansson's calls take NULL for what they could not make before, so memory is
 * looked at when an object is complete. */
typedef struct check {
    const expclip_dataset *dataset;
    json_t *findings;
    int64_t n[N_KINDS];
    int failed; /* memory ran out */
} check;

/* ---- findings ---- */

/* Text of any bytes; what is not UTF-8 becomes U+FFFD. */
static json_t *make_text(const char *s)
{
    expclip__buffer clean = { 0 };
    size_t size = strlen(s);
    json_t *text = json_stringn(s, size);

    if (text || expclip__utf8_valid(s, size))
        return text;
    while (size) {
        const size_t n = expclip__utf8_length(s, size);

        expclip__buffer_add(&clean, n ? s : "\xEF\xBF\xBD", n ? n : 3);
        s += n ? n : 1;
        size -= n ? n : 1;
    }
    text = clean.failed ? NULL : json_stringn(clean.data, clean.size);
    expclip__buffer_free(&clean);
    return text;
}

/* A finding at a path, which may be NULL, and a line of a list, or -1. */
static void find(check *c, finding_kind kind, const char *path, int32_t list,
                 size_t line, const char *format, ...)
    __attribute__((format(printf, 6, 7)));

static void find(check *c, finding_kind kind, const char *path, int32_t list,
                 size_t line, const char *format, ...)
{
    const char *list_path = list >= 0 ? c->dataset->lists[list] : NULL;
    char message[1024];
    json_t *finding;
    va_list args;

    if (c->n[kind]++ >= MAX_LISTED)
        return;
    va_start(args, format);
    vsnprintf(message, sizeof(message), format, args);
    va_end(args);
    finding = json_pack("{s:s, s:s, s:o, s:o, s:o, s:o}", "kind",
                        kinds[kind].name, "severity", kinds[kind].severity,
                        "path", path ? make_text(path) : json_null(), "list",
                        list_path ? make_text(list_path) : json_null(), "line",
                        line ? json_integer((json_int_t)line) : json_null(),
                        "message", make_text(message));
    if (json_array_append_new(c->findings, finding) != 0)
        c->failed = 1;
}

/* The same of an item. */
#define find_item(c, kind, item, ...)                                          \
    find(c, kind, (item)->path, (item)->list, (item)->line, __VA_ARGS__)

/* ---- files ---- */

static void check_frame_number(check *c, const expclip__item *item, int64_t n)
{
    if (n == 0)
        find_item(c, MISSING_FRAMES, item, "no frame in the folder");
    else if (item->n_frames > n)
        find_item(c, MISSING_FRAMES, item,
                  "%lld frames in the folder, %lld in the list", (long long)n,
                  (long long)item->n_frames);
    else if (item->n_frames >= 0 && item->n_frames < n)
        find_item(c, EXTRA_FRAMES, item,
                  "%lld frames in the folder, %lld in the list", (long long)n,
                  (long long)item->n_frames);
}

static void check_length(check *c, const expclip__item *item, int64_t n)
{
    if (n > 0 && n <= N_SAMPLES)
        find_item(c, SHORT_CLIP, item,
                  "%lld frames, at most %d: the reference judges it by frame 0 "
                  "alone",
                  (long long)n, N_SAMPLES);
}

/* Names sorted by bytes: are they in the order of their numbers too? */
static void check_order(check *c, const expclip__item *item,
                        const expclip__entries *e)
{
    for (size_t i = 1; i < e->n; i++)
        if (expclip__natural_compare(e->names[i - 1], e->names[i]) > 0) {
            find_item(c, ORDER, item,
                      "by bytes \"%s\" comes before \"%s\"; their numbers say "
                      "otherwise",
                      e->names[i - 1], e->names[i]);
            return;
        }
}

static expclip_status check_frames(check *c, const expclip__item *item,
                                   expclip_error *err)
{
    expclip__entries e = { 0 };
    expclip_error why;
    expclip_status status =
        expclip__entries_list(&e, item->path, expclip__is_frame_name, &why);

    if (status == EXPCLIP_ERROR_MEMORY)
        return expclip__fail(err, status, "%s", why.message);
    if (status) {
        find_item(c, MISSING, item, "%s", why.message);
        return EXPCLIP_OK;
    }
    check_frame_number(c, item, (int64_t)e.n);
    check_length(c, item, item->n_frames > 0 ? item->n_frames : (int64_t)e.n);
    check_order(c, item, &e);
    expclip__entries_free(&e);
    return EXPCLIP_OK;
}

static expclip_status check_item(check *c, const expclip__item *item,
                                 expclip_error *err)
{
    const int kind = expclip__path_kind(item->path);

    if (kind == EXPCLIP__NOTHING)
        find_item(c, MISSING, item, "no such file or folder");
    else if (kind == EXPCLIP__FOLDER && item->n_frames != 0)
        return check_frames(c, item, err);
    else if (kind == EXPCLIP__FOLDER)
        find_item(c, MISSING, item, "a folder, expected an image");
    else if (item->n_frames != 0 && expclip__is_image_name(item->path))
        find_item(c, MISSING, item,
                  "an image, expected a folder of frames or a video");
    if (kind != EXPCLIP__FOLDER)
        check_length(c, item, item->n_frames);
    return EXPCLIP_OK;
}

static expclip_status check_items(check *c, const expclip_cancel *cancel,
                                  expclip_error *err)
{
    const expclip_dataset *d = c->dataset;
    expclip_status status = EXPCLIP_OK;

    for (size_t i = 0; !status && i < d->n_items; i++) {
        const expclip__item *item = &d->items[i];
        /* Neighbours in a table of pixels lie in one file. */
        const int seen =
            i && item->pixels_size && strcmp(item->path, item[-1].path) == 0;

        status = expclip__cancel_check(cancel, err);
        if (!status && !seen)
            status = check_item(c, item, err);
    }
    return status;
}

/* ---- items that come twice ---- */

static int by_place(const void *a, const void *b)
{
    const expclip__item *x = *(const expclip__item *const *)a;
    const expclip__item *y = *(const expclip__item *const *)b;
    const int order = strcmp(x->path, y->path);

    if (order)
        return order;
    if (x->pixels_at != y->pixels_at)
        return x->pixels_at < y->pixels_at ? -1 : 1;
    return x < y ? -1 : x > y; /* as they come */
}

static void check_pair(check *c, const expclip__item *first,
                       const expclip__item *second)
{
    if (strcmp(first->path, second->path) != 0 ||
        first->pixels_at != second->pixels_at)
        return;
    if (first->fold == second->fold)
        find_item(c, DUPLICATE, second,
                  "in fold %d twice, before in line %zu as %s",
                  (int)second->fold + 1, first->line,
                  c->dataset->class_names[first->label]);
    else if (!c->dataset->is_train) /* training parts share items */
        find_item(c, LEAK, second, "in fold %d and in fold %d",
                  (int)first->fold + 1, (int)second->fold + 1);
}

static expclip_status check_twice(check *c, expclip_error *err)
{
    const expclip_dataset *d = c->dataset;
    const expclip__item **sorted = expclip__alloc(d->n_items, sizeof(*sorted));

    if (!sorted)
        return expclip__fail_memory(err, "items in order");
    for (size_t i = 0; i < d->n_items; i++)
        sorted[i] = &d->items[i];
    qsort(sorted, d->n_items, sizeof(*sorted), by_place);
    for (size_t i = 1; i < d->n_items; i++)
        check_pair(c, sorted[i - 1], sorted[i]);
    expclip__free(sorted);
    return EXPCLIP_OK;
}

/* ---- counts ---- */

/* Counts [n_folds, n_classes], for expclip__free(). */
static int64_t *count_classes(const expclip_dataset *d)
{
    int64_t *n =
        expclip__alloc_zero((size_t)d->n_folds * d->n_classes, sizeof(*n));

    for (size_t i = 0; n && i < d->n_items; i++)
        n[(size_t)d->items[i].fold * d->n_classes +
          (size_t)d->items[i].label]++;
    return n;
}

/* What is published of a fold, 0 = nothing. Which of five folds a lone list is
 * cannot be told, and of a shard nothing. */
static int32_t expected_items(const expclip_dataset *d, int32_t fold)
{
    return d->is_train || d->n_shards != 1 || d->n_folds != d->known->n_folds
               ? 0
               : d->known->n_items[fold];
}

static void check_counts(check *c, int32_t fold, const int64_t *n,
                         int64_t total)
{
    const expclip_dataset *d = c->dataset;
    const int32_t expected = expected_items(d, fold);
    int wrong_class = 0;

    if (!expected)
        return;
    for (size_t i = 0; i < d->n_classes; i++) {
        const int32_t published = d->known->n_by_class[fold][i];

        if (!published || n[i] == published)
            continue;
        find(c, COUNT, NULL, -1, 0, "fold %d, %s: %lld items, %d published",
             (int)fold + 1, d->class_names[i], (long long)n[i], (int)published);
        wrong_class = 1;
    }
    if (total != expected && !wrong_class)
        find(c, COUNT, NULL, -1, 0, "fold %d: %lld items, %d published",
             (int)fold + 1, (long long)total, (int)expected);
}

static json_t *describe_fold(check *c, int32_t fold, const int64_t *n)
{
    const expclip_dataset *d = c->dataset;
    const int32_t expected = expected_items(d, fold);
    json_t *classes = json_object();
    int64_t total = 0;

    for (size_t i = 0; i < d->n_classes; i++) {
        json_t *name = make_text(d->class_names[i]);

        if (!name || json_object_set_new(classes, json_string_value(name),
                                         json_integer(n[i])) != 0)
            c->failed = 1;
        json_decref(name);
        total += n[i];
    }
    check_counts(c, fold, n, total);
    return json_pack("{s:I, s:o, s:o}", "n", (json_int_t)total, "expected",
                     expected ? json_integer(expected) : json_null(), "classes",
                     classes);
}

static void check_classes(check *c, const int64_t *n)
{
    const expclip_dataset *d = c->dataset;

    for (size_t i = 0; i < d->n_classes; i++) {
        int64_t total = 0;

        for (size_t fold = 0; fold < (size_t)d->n_folds; fold++)
            total += n[fold * d->n_classes + i];
        if (total == 0)
            find(c, EMPTY_CLASS, NULL, -1, 0, "no item of the class %s",
                 d->class_names[i]);
    }
}

static json_t *describe_folds(check *c)
{
    const expclip_dataset *d = c->dataset;
    int64_t *n = count_classes(d);
    json_t *folds = json_array();

    if (!n)
        c->failed = 1;
    for (int32_t fold = 0; n && fold < d->n_folds; fold++)
        if (json_array_append_new(
                folds,
                describe_fold(c, fold, n + (size_t)fold * d->n_classes)) != 0)
            c->failed = 1;
    if (n)
        check_classes(c, n);
    expclip__free(n);
    return folds;
}

/* ---- the whole ---- */

static void list_problems(check *c)
{
    for (size_t i = 0; i < c->dataset->n_problems; i++) {
        const expclip__problem *p = &c->dataset->problems[i];

        find(c, SKIPPED_LINE, NULL, p->list, p->line, "%s", p->text);
    }
    for (size_t i = 0; i < c->dataset->n_notes; i++) {
        const expclip__note *note = &c->dataset->notes[i];

        find(c, note->kind == EXPCLIP__NOTE_READ_AS ? READ_AS : LEFT_OUT, NULL,
             -1, 0, "%s", note->text);
    }
}

static json_t *describe_numbers(const check *c)
{
    json_t *numbers = json_object();

    for (size_t i = 0; i < N_KINDS; i++)
        if (json_object_set_new(numbers, kinds[i].name,
                                json_integer(c->n[i])) != 0) {
            json_decref(numbers);
            return NULL;
        }
    return numbers;
}

/* Takes the findings. */
static char *describe(check *c, json_t *folds)
{
    const expclip_dataset *d = c->dataset;
    json_t *root = json_pack("{s:s, s:I, s:I, s:i, s:o, s:o, s:o}", "dataset",
                             d->name, "n", (json_int_t)d->n_items, "n_classes",
                             (json_int_t)d->n_classes, "n_folds",
                             (int)d->n_folds, "folds", folds, "findings",
                             c->findings, "counts", describe_numbers(c));
    char *text = root && !c->failed ? json_dumps(root, JSON_COMPACT) : NULL;

    json_decref(root);
    return text;
}

expclip_status expclip__dataset_check(char **out,
                                      const expclip_dataset *dataset,
                                      const expclip_cancel *cancel,
                                      expclip_error *err)
{
    check c = { .dataset = dataset, .findings = json_array() };
    json_t *folds = describe_folds(&c);
    expclip_status status;
    char *text;

    list_problems(&c);
    if ((status = check_items(&c, cancel, err)) ||
        (status = check_twice(&c, err))) {
        json_decref(folds);
        json_decref(c.findings);
        return status;
    }
    text = describe(&c, folds);
    if (!text)
        return expclip__fail_memory(err, "check of a dataset");
    *out = text;
    return EXPCLIP_OK;
}
