/* SPDX-License-Identifier: MIT */
/*
 * dataset_builder.c - a dataset while it is made: what every layout needs.
 */
#include "datasets/dataset_builder.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/text.h"

/* ---- growing ---- */

expclip_status expclip__add_item(expclip__builder *b, const expclip__item *item,
                                 expclip_error *err)
{
    expclip_dataset *d = b->dataset;
    expclip__item *grown = expclip__grown(d->items, d->n_items, sizeof(*grown));

    if (!grown) {
        expclip__free(item->path);
        return expclip__fail_memory(err, "items of a dataset");
    }
    d->items = grown;
    d->items[d->n_items++] = *item;
    return EXPCLIP_OK;
}

static expclip_status add_text(char ***texts, size_t *n, const char *text,
                               expclip_error *err)
{
    char **grown = expclip__grown(*texts, *n, sizeof(*grown));

    if (!grown)
        return expclip__fail_memory(err, text);
    *texts = grown;
    grown[*n] = expclip__strdup(text);
    if (!grown[*n])
        return expclip__fail_memory(err, text);
    ++*n;
    return EXPCLIP_OK;
}

expclip_status expclip__add_class(expclip__builder *b, const char *name,
                                  expclip_error *err)
{
    return add_text(&b->dataset->class_names, &b->dataset->n_classes, name,
                    err);
}

static expclip_status add_list(expclip__builder *b, int32_t *list,
                               const char *path, expclip_error *err)
{
    expclip_status status =
        add_text(&b->dataset->lists, &b->dataset->n_lists, path, err);

    if (!status)
        *list = (int32_t)b->dataset->n_lists - 1;
    return status;
}

static expclip_status keep_problem(expclip__builder *b, int32_t list,
                                   size_t line, const expclip_error *what,
                                   expclip_error *err)
{
    expclip_dataset *d = b->dataset;
    expclip__problem *grown =
        expclip__grown(d->problems, d->n_problems, sizeof(*grown));

    if (!grown)
        return expclip__fail_memory(err, "problems of a dataset");
    d->problems = grown;
    grown[d->n_problems] =
        (expclip__problem){ expclip__strdup(what->message), list, line };
    if (!grown[d->n_problems].text)
        return expclip__fail_memory(err, "problems of a dataset");
    d->n_problems++;
    return EXPCLIP_OK;
}

expclip_status expclip__add_problem(expclip__builder *b, int32_t list,
                                    size_t line, const expclip_error *why,
                                    expclip_error *err)
{
    expclip_error what;

    if (why->code != EXPCLIP_ERROR_FORMAT && why->code != EXPCLIP_ERROR_LIMIT)
        return expclip__fail(err, why->code, "%s", why->message);
    if (list >= 0)
        expclip__fail(&what, why->code, "%s, line %zu: %s",
                      b->dataset->lists[list], line, why->message);
    else
        what = *why;
    if (b->options->policy == EXPCLIP_POLICY_STOP)
        return expclip__fail(err, what.code, "%s", what.message);
    return keep_problem(b, list, line, &what, err);
}

expclip_status expclip__add_note(expclip__builder *b, expclip__note_kind kind,
                                 expclip_error *err, const char *format, ...)
{
    expclip_dataset *d = b->dataset;
    expclip__note *grown = expclip__grown(d->notes, d->n_notes, sizeof(*grown));
    char text[1024];
    va_list args;

    if (!grown)
        return expclip__fail_memory(err, "notes of a dataset");
    d->notes = grown;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    grown[d->n_notes] = (expclip__note){ expclip__strdup(text), kind };
    if (!grown[d->n_notes].text)
        return expclip__fail_memory(err, "notes of a dataset");
    d->n_notes++;
    return EXPCLIP_OK;
}

/* ---- lines ---- */

static expclip_status add_row(expclip__builder *b, const expclip__lines *line,
                              expclip__item *item, expclip__row_reader *read,
                              void *data, expclip_error *err)
{
    expclip_error why;

    item->line = line->number;
    if (read(item, b, line, data, &why))
        return expclip__add_problem(b, item->list, item->line, &why, err);
    return item->label == EXPCLIP__DROPPED ? EXPCLIP_OK
                                           : expclip__add_item(b, item, err);
}

expclip_status expclip__add_rows(expclip__builder *b, const char *path,
                                 int32_t fold, expclip__row_reader *read,
                                 void *data, expclip_error *err)
{
    expclip__lines lines;
    int32_t list;
    expclip_status status = expclip__lines_open(&lines, path, err);

    if (status)
        return status;
    status = add_list(b, &list, path, err);
    while (!status) {
        expclip__item item = { .fold = fold, .list = list };
        expclip_error why;

        if (expclip__lines_next(&lines, &why))
            status = expclip__add_problem(b, list, lines.number, &why, err);
        else if (lines.text)
            status = add_row(b, &lines, &item, read, data, err);
        else
            break;
    }
    expclip__lines_close(&lines);
    return status;
}

/* ---- parts of a layout ---- */

int expclip__path_kind(const char *path)
{
    struct stat s;

    if (stat(path, &s) != 0)
        return EXPCLIP__NOTHING;
    return S_ISDIR(s.st_mode) ? EXPCLIP__FOLDER : EXPCLIP__FILE;
}

expclip_status expclip__find_part(char **out, const expclip__builder *b,
                                  const char *const *names, int kind,
                                  expclip_error *err)
{
    for (; *names; names++) {
        char *path = expclip__path_join(b->path, *names);

        if (!path)
            return expclip__fail_memory(err, "path");
        if (expclip__path_kind(path) == kind) {
            *out = path;
            return EXPCLIP_OK;
        }
        expclip__free(path);
    }
    *out = NULL;
    return EXPCLIP_OK;
}

expclip_status expclip__fail_part(expclip_error *err, const expclip__builder *b,
                                  const char *expected)
{
    return expclip__fail(err, EXPCLIP_ERROR_NOT_FOUND, "%s: %s: found no %s",
                         b->known->name, b->path, expected);
}

expclip_status expclip__need_part(char **out, const expclip__builder *b,
                                  const char *const *names, int kind,
                                  const char *expected, expclip_error *err)
{
    expclip_status status = expclip__find_part(out, b, names, kind, err);

    return !status && !*out ? expclip__fail_part(err, b, expected) : status;
}
