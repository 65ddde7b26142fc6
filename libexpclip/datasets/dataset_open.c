/* SPDX-License-Identifier: MIT */
/*
 * dataset_open.c - opening a dataset: its layout, its classes, its items.
 */
#include "datasets/dataset_open.h"

#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "datasets/class_names.h"
#include "datasets/dataset_layouts.h"
#include "datasets/dataset_strays.h"
#include "datasets/dataset_tables.h"

static expclip_status fail_name(expclip_error *err, const char *name)
{
    return expclip__fail(err, EXPCLIP_ERROR_ARGUMENT,
                         "dataset \"%s\": expected RAFDB, AffectNet7, "
                         "AffectNet8, FERPlus, FER2013, DFEW, FERV39k, MAFW, "
                         "AFEW, CAER-S, CKPlus, folder, list or images",
                         name);
}

static expclip_status fail_empty(expclip_error *err, const expclip__builder *b)
{
    const expclip_dataset *d = b->dataset;
    /* The last note counts the files that were left out. */
    const char *what = d->n_problems ? d->problems[0].text
                       : d->n_notes  ? d->notes[d->n_notes - 1].text
                                     : "";

    return expclip__fail(err, EXPCLIP_ERROR_FORMAT,
                         "%s: %s: no item in the %s part%s%s", d->name, b->path,
                         d->is_train ? "train" : "test",
                         d->n_problems ? "; first problem: "
                         : d->n_notes  ? "; "
                                       : "",
                         what);
}

/* Published layouts have codes of their own. */
static expclip_status check_labels(const expclip__builder *b, size_t n_lists,
                                   expclip_error *err)
{
    if (!*b->options->labels || n_lists || b->known->takes_labels)
        return EXPCLIP_OK;
    return expclip__fail(err, EXPCLIP_ERROR_ARGUMENT,
                         "labels: \"%s\" for %s, which has its own; expected "
                         "\"\", or \"folder\" or \"list\" as the dataset",
                         b->options->labels, b->known->name);
}

static expclip_status read_items(expclip__builder *b, const char *const *lists,
                                 size_t n_lists, expclip_error *err)
{
    expclip_status status = EXPCLIP_OK;

    if (expclip__path_kind(b->path) == EXPCLIP__NOTHING)
        return expclip__fail(err, EXPCLIP_ERROR_NOT_FOUND,
                             "%s: %s: no such file or folder", b->known->name,
                             b->path);
    status = check_labels(b, n_lists, err);
    for (int32_t i = 0; !status && i < b->known->n_classes; i++)
        status = expclip__add_class(b, expclip__class_names[i], err);
    if (!status)
        status = n_lists ? expclip__read_lists(b, lists, n_lists, err)
                         : b->known->read(b, err);
    if (!status)
        status = expclip__note_left_out(b, err);
    if (!status && b->dataset->n_items == 0)
        status = fail_empty(err, b);
    return status;
}

expclip_status expclip__dataset_open(expclip_dataset **out, const char *name,
                                     const char *path, const char *const *lists,
                                     size_t n_lists,
                                     const expclip_dataset_options *options,
                                     expclip_error *err)
{
    expclip__builder b = { .known = expclip__known_find(name),
                           .path = path,
                           .options = options };
    expclip_status status;

    if (!b.known)
        return fail_name(err, name);
    b.dataset = expclip__alloc_zero(1, sizeof(*b.dataset));
    if (!b.dataset)
        return expclip__fail_memory(err, "dataset");
    expclip__ref_init(&b.dataset->refs);
    b.dataset->name = b.known->name;
    b.dataset->known = b.known;
    b.dataset->is_train = strcmp(options->split, "train") == 0;
    b.dataset->n_shards = 1;
    b.dataset->n_folds = b.known->n_folds;
    status = read_items(&b, lists, n_lists, err);
    if (status)
        expclip__dataset_release(b.dataset);
    else
        *out = b.dataset;
    return status;
}
