/* SPDX-License-Identifier: MIT */
/*
 * dataset_list.c - the lists of the reference, rows `path frames label`, and
 * what the lists of all datasets have in common.
 */
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/text.h"
#include "datasets/class_names.h"
#include "datasets/dataset_layouts.h"
#include "datasets/dataset_names.h"
#include "datasets/dataset_tables.h"

/* A day of 100 frames a second: more is a number in the wrong place. */
#define MAX_FRAMES 8640000

/* ---- what a field says ---- */

expclip_status expclip__read_code(int32_t *label, const expclip__builder *b,
                                  const expclip__field *field,
                                  expclip_error *err)
{
    const expclip__known *k = b->known;
    const expclip__field whole = expclip__field_whole(field);
    int64_t code;
    expclip_status status =
        expclip__field_number(&code, "label", &whole, k->first_code,
                              k->first_code + k->n_codes - 1, err);

    if (!status)
        *label = k->codes[code - k->first_code];
    return status;
}

expclip_status expclip__read_class(int32_t *label, const expclip__builder *b,
                                   const expclip__field *field,
                                   expclip_error *err)
{
    const int32_t c = expclip__class_of_name(field->text, field->size);

    if (c < 0)
        return expclip__fail_field(err, "label", field,
                                   "a class, such as happiness");
    *label = c < b->known->n_classes ? c : EXPCLIP__DROPPED;
    return EXPCLIP_OK;
}

expclip_status expclip__item_path(expclip__item *item, const char *folder,
                                  const expclip__field *name,
                                  const char *ending, expclip_error *err)
{
    expclip__buffer path = { 0 };
    expclip_status status = expclip__field_path(name, 0, err);

    if (status)
        return status;
    expclip__buffer_add_string(&path, folder);
    if (path.size && path.data[path.size - 1] != '/')
        expclip__buffer_add_string(&path, "/");
    expclip__buffer_add(&path, name->text, name->size);
    expclip__buffer_add_string(&path, ending);
    if (path.failed) {
        expclip__buffer_free(&path);
        return expclip__fail_memory(err, "path");
    }
    item->path = path.data;
    return EXPCLIP_OK;
}

/* ---- paths of lists ---- */

/* Bytes of `map_from` at the beginning of a path, when a folder ends there;
 * else 0. */
static size_t mapped(const expclip__field *path, const char *map_from)
{
    size_t size = strlen(map_from);

    while (size > 1 && map_from[size - 1] == '/')
        size--;
    if (size == 0 || path->size < size ||
        memcmp(path->text, map_from, size) != 0)
        return 0;
    return path->size == size || path->text[size] == '/' ||
                   map_from[size - 1] == '/'
               ? size
               : 0;
}

/* A list's path with the mapping done, from `folder` when it is relative. */
static expclip_status list_path(char **out, const expclip__builder *b,
                                const char *folder, const expclip__field *field,
                                expclip_error *err)
{
    const char *to = b->options->map_to;
    const size_t cut = mapped(field, b->options->map_from);
    const int relative = (cut ? *to : field->text[0]) != '/';
    expclip__buffer path = { 0 };
    size_t at = cut;

    if (relative && *folder) {
        expclip__buffer_add_string(&path, folder);
        expclip__buffer_add_string(&path, "/");
    }
    if (cut)
        expclip__buffer_add_string(&path, to);
    /* One slash between the parts; none before what is now relative. */
    if (path.size && path.data[path.size - 1] == '/')
        while (at < field->size && field->text[at] == '/')
            at++;
    else if (cut && at < field->size && field->text[at] != '/')
        expclip__buffer_add_string(&path, "/");
    expclip__buffer_add(&path, field->text + at, field->size - at);
    if (path.failed) {
        expclip__buffer_free(&path);
        return expclip__fail_memory(err, "path");
    }
    *out = path.data;
    return EXPCLIP_OK;
}

/* ---- rows ---- */

/* What the rows of a list need to know. */
typedef struct list_context {
    const char *folder; /* that relative paths start from */
    int32_t max_label;
} list_context;

/* A label as the caller's labels name it, else a number. */
static expclip_status read_label(int32_t *out, const expclip__builder *b,
                                 const expclip__field *label, int32_t max,
                                 expclip_error *err)
{
    expclip__class_name told;
    int64_t n = 0;
    expclip_status status;

    if (*b->options->labels) {
        if (!expclip__labels_find(&told, b->options->labels, label))
            return expclip__fail_field(err, "label", label,
                                       "one that the labels name");
        if (told.known < 0 || told.known > max)
            return expclip__fail_field(err, "class", &told.text,
                                       "one of the paper's, such as happiness");
        *out = told.known;
        return EXPCLIP_OK;
    }
    status = expclip__field_number(&n, "label", label, 0, max, err);
    if (!status)
        *out = (int32_t)n;
    return status;
}

/* A table of values with marks between is no list: say how to make one. */
static expclip_status fail_row(const expclip__field *row, expclip_error *err)
{
    const int commas = memchr(row->text, ',', row->size) != NULL;

    if (commas || memchr(row->text, ';', row->size))
        return expclip__fail_field(
            err, "row", row,
            commas ? "path, frames and label with spaces or tabs between; put "
                     "spaces for its commas"
                   : "path, frames and label with spaces or tabs between; put "
                     "spaces for its semicolons");
    return expclip__fail_field(
        err, "row", row, "path, frames and label with spaces or tabs between");
}

static expclip_status read_row(expclip__item *item, const expclip__builder *b,
                               const expclip__lines *line, void *data,
                               expclip_error *err)
{
    const list_context *c = data;
    expclip__field path = { line->text, line->size };
    const expclip__field row = path;
    expclip__field frames, label;
    expclip_status status;

    /* A row of one field leaves it in `label`, one of two an empty path. */
    if (!expclip__take_last(&label, &path) ||
        !expclip__take_last(&frames, &path) || path.size == 0)
        return fail_row(&row, err);
    if ((status = expclip__field_path(&path, 1, err)) ||
        (status = expclip__field_number(&item->n_frames, "frames", &frames, 0,
                                        MAX_FRAMES, err)) ||
        (status = read_label(&item->label, b, &label, c->max_label, err)))
        return status;
    return list_path(&item->path, b, c->folder, &path, err);
}

/* "list" has the first 7, 8 or 11 classes of the paper. */
static expclip_status name_classes(expclip__builder *b, expclip_error *err)
{
    const expclip_dataset *d = b->dataset;
    int32_t largest = 0;
    int32_t n;
    expclip_status status = EXPCLIP_OK;

    for (size_t i = 0; i < d->n_items; i++)
        if (d->items[i].label > largest)
            largest = d->items[i].label;
    n = largest < 7 ? 7 : largest < 8 ? 8 : EXPCLIP__N_CLASSES;
    for (int32_t i = 0; !status && i < n; i++)
        status = expclip__add_class(b, expclip__class_names[i], err);
    return status;
}

static expclip_status read_from(expclip__builder *b, const char *folder,
                                const char *const *lists, size_t n_lists,
                                expclip_error *err)
{
    const int32_t n_classes = b->known->n_classes;
    list_context c = { folder,
                       (n_classes ? n_classes : EXPCLIP__N_CLASSES) - 1 };
    expclip_status status = EXPCLIP_OK;

    for (size_t i = 0; !status && i < n_lists; i++)
        status = expclip__add_rows(b, lists[i], (int32_t)i, read_row, &c, err);
    b->dataset->n_folds = (int32_t)n_lists;
    return status || n_classes ? status : name_classes(b, err);
}

expclip_status expclip__read_lists(expclip__builder *b,
                                   const char *const *lists, size_t n_lists,
                                   expclip_error *err)
{
    const int kind = expclip__path_kind(b->path);
    char *folder = kind == EXPCLIP__FILE ? expclip__path_folder(b->path)
                                         : expclip__strdup(b->path);
    expclip_status status;

    if (!folder)
        return expclip__fail_memory(err, "path");
    status = read_from(b, folder, lists, n_lists, err);
    expclip__free(folder);
    return status;
}

expclip_status expclip__read_list(expclip__builder *b, expclip_error *err)
{
    const char *list = b->path;

    if (expclip__path_kind(list) == EXPCLIP__FOLDER)
        return expclip__fail(err, EXPCLIP_ERROR_NOT_FOUND,
                             "list: %s: a folder, expected the list, or lists "
                             "beside it",
                             list);
    return expclip__read_lists(b, &list, 1, err);
}
