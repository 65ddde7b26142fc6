/* SPDX-License-Identifier: MIT */
/*
 * api_dataset.c - datasets.
 */
#include <expclip_eval.h>
#include <string.h>

#include "api/api_strings.h"
#include "api/check.h"
#include "base/error.h"
#include "datasets/dataset.h"
#include "datasets/dataset_names.h"
#include "datasets/dataset_open.h"

static expclip_status check_options(expclip_dataset_options *out,
                                    const expclip_dataset_options *options,
                                    expclip_error *err)
{
    expclip_status status;

    *out = (expclip_dataset_options)EXPCLIP_DATASET_OPTIONS_INIT;
    if ((status = expclip__check_options(out, sizeof(*out), options, "options",
                                         err)) ||
        (status = expclip__check_pointer(out->split, "split", err)) ||
        (status = expclip__check_pointer(out->map_from, "map_from", err)) ||
        (status = expclip__check_pointer(out->map_to, "map_to", err)) ||
        (status = expclip__check_reserved(out->reserved, err)) ||
        (status = expclip__check_pointer(out->labels, "labels", err)) ||
        (status = expclip__labels_check(out->labels, err)))
        return status;
    if (strcmp(out->split, "test") != 0 && strcmp(out->split, "train") != 0)
        return expclip__fail(err, EXPCLIP_ERROR_ARGUMENT,
                             "split: \"%s\", expected \"test\" or \"train\"",
                             out->split);
    if (out->policy != EXPCLIP_POLICY_STOP &&
        out->policy != EXPCLIP_POLICY_SKIP)
        return expclip__fail(err, EXPCLIP_ERROR_ARGUMENT,
                             "policy: %d, expected EXPCLIP_POLICY_STOP or SKIP",
                             (int)out->policy);
    return EXPCLIP_OK;
}

static expclip_status check_lists(const char *const *lists, size_t n,
                                  expclip_error *err)
{
    if (n > INT32_MAX)
        return expclip__fail(err, EXPCLIP_ERROR_ARGUMENT,
                             "lists_size: %zu, expected at most %d", n,
                             INT32_MAX);
    return expclip__check_texts(lists, n, "lists", err);
}

expclip_status expclip_dataset_open(expclip_dataset **out, const char *name,
                                    const char *path, const char *const *lists,
                                    size_t lists_size,
                                    const expclip_dataset_options *options,
                                    expclip_error *err)
{
    expclip_dataset_options o;
    expclip_status status;

    if ((status = expclip__check_pointer(out, "out", err)) ||
        (status = expclip__check_pointer(name, "name", err)) ||
        (status = expclip__check_pointer(path, "path", err)) ||
        (status = expclip__check_array(lists, lists_size, "lists", err)) ||
        (status = check_lists(lists, lists_size, err)) ||
        (status = check_options(&o, options, err)))
        return status;
    return expclip__returned(
        expclip__dataset_open(out, name, path, lists, lists_size, &o, err),
        err);
}

const char *expclip_dataset_name(const expclip_dataset *dataset)
{
    return dataset ? dataset->name : "";
}

size_t expclip_dataset_count(const expclip_dataset *dataset)
{
    return dataset ? dataset->n_items : 0;
}

static const expclip__item *item_of(const expclip_dataset *dataset,
                                    size_t index)
{
    return dataset && index < dataset->n_items ? &dataset->items[index] : NULL;
}

const char *expclip_dataset_path(const expclip_dataset *dataset, size_t index)
{
    const expclip__item *item = item_of(dataset, index);

    return item ? item->path : "";
}

int32_t expclip_dataset_label(const expclip_dataset *dataset, size_t index)
{
    const expclip__item *item = item_of(dataset, index);

    return item ? item->label : -1;
}

int32_t expclip_dataset_fold(const expclip_dataset *dataset, size_t index)
{
    const expclip__item *item = item_of(dataset, index);

    return item ? item->fold : -1;
}

int64_t expclip_dataset_frame_count(const expclip_dataset *dataset,
                                    size_t index)
{
    const expclip__item *item = item_of(dataset, index);

    return item ? item->n_frames : 0;
}

int32_t expclip_dataset_fold_count(const expclip_dataset *dataset)
{
    return dataset ? dataset->n_folds : 0;
}

size_t expclip_dataset_class_count(const expclip_dataset *dataset)
{
    return dataset ? dataset->n_classes : 0;
}

const char *expclip_dataset_class_name(const expclip_dataset *dataset,
                                       size_t index)
{
    return dataset && index < dataset->n_classes ? dataset->class_names[index]
                                                 : "";
}

size_t expclip_dataset_problem_count(const expclip_dataset *dataset)
{
    return dataset ? dataset->n_problems : 0;
}

const char *expclip_dataset_problem(const expclip_dataset *dataset,
                                    size_t index)
{
    return dataset && index < dataset->n_problems
               ? dataset->problems[index].text
               : "";
}

size_t expclip_dataset_note_count(const expclip_dataset *dataset)
{
    size_t n = dataset ? dataset->n_notes : 0;

    while (n && dataset->notes[n - 1].kind == EXPCLIP__NOTE_QUIET)
        n--;
    return n;
}

const char *expclip_dataset_note(const expclip_dataset *dataset, size_t index)
{
    return index < expclip_dataset_note_count(dataset)
               ? dataset->notes[index].text
               : "";
}

expclip_status expclip_dataset_check(expclip_string **out,
                                     const expclip_dataset *dataset,
                                     const expclip_cancel *cancel,
                                     expclip_error *err)
{
    char *text = NULL;
    expclip_status status;

    if ((status = expclip__check_pointer(out, "out", err)) ||
        (status = expclip__check_pointer(dataset, "dataset", err)) ||
        (status = expclip__dataset_check(&text, dataset, cancel, err)))
        return status;
    return expclip__returned(expclip__string_create(out, text, err), err);
}

expclip_status expclip_dataset_shard(expclip_dataset **out,
                                     const expclip_dataset *dataset,
                                     int32_t shard, int32_t n_shards,
                                     expclip_error *err)
{
    expclip_status status;

    if ((status = expclip__check_pointer(out, "out", err)) ||
        (status = expclip__check_pointer(dataset, "dataset", err)))
        return status;
    if (n_shards < 1 || shard < 0 || shard >= n_shards)
        return expclip__fail(err, EXPCLIP_ERROR_ARGUMENT,
                             "shard: %d of %d, expected 0 to n_shards - 1",
                             (int)shard, (int)n_shards);
    return expclip__returned(
        expclip__dataset_shard(out, dataset, shard, n_shards, err), err);
}

void expclip_dataset_free(expclip_dataset *dataset)
{
    expclip__dataset_release(dataset);
}
