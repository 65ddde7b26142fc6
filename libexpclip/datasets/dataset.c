/* SPDX-License-Identifier: MIT */
/*
 * dataset.c - what all datasets can do, once they are open.
 */
#include "datasets/dataset.h"

#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/text.h"

expclip_dataset *expclip__dataset_retain(const expclip_dataset *dataset)
{
    /* The count is the one part that changes. */
    expclip_dataset *d = (expclip_dataset *)(uintptr_t)dataset;

    expclip__ref_take(&d->refs);
    return d;
}

void expclip__dataset_release(expclip_dataset *dataset)
{
    if (!dataset || !expclip__ref_drop(&dataset->refs))
        return;
    for (size_t i = 0; i < dataset->n_items; i++)
        expclip__free(dataset->items[i].path);
    for (size_t i = 0; i < dataset->n_classes; i++)
        expclip__free(dataset->class_names[i]);
    for (size_t i = 0; i < dataset->n_lists; i++)
        expclip__free(dataset->lists[i]);
    for (size_t i = 0; i < dataset->n_problems; i++)
        expclip__free(dataset->problems[i].text);
    for (size_t i = 0; i < dataset->n_notes; i++)
        expclip__free(dataset->notes[i].text);
    expclip__free(dataset->notes);
    expclip__free(dataset->items);
    expclip__free(dataset->class_names);
    expclip__free(dataset->lists);
    expclip__free(dataset->problems);
    expclip__free(dataset);
}

/* ---- parts ---- */

/* What a part has of its own: the items and the names of the classes. */
static expclip_status copy_part(expclip_dataset *out, const expclip_dataset *d,
                                size_t first, size_t n, expclip_error *err)
{
    out->items = expclip__alloc_zero(n, sizeof(*out->items));
    out->class_names =
        expclip__alloc_zero(d->n_classes, sizeof(*out->class_names));
    if (!out->items || !out->class_names)
        return expclip__fail_memory(err, "dataset");
    out->n_items = n;
    out->n_classes = d->n_classes;
    for (size_t i = 0; i < d->n_classes; i++)
        if (!(out->class_names[i] = expclip__strdup(d->class_names[i])))
            return expclip__fail_memory(err, "dataset");
    for (size_t i = 0; i < out->n_items; i++) {
        out->items[i] = d->items[first + i];
        out->items[i].list = -1;
        out->items[i].path = expclip__strdup(d->items[first + i].path);
        if (!out->items[i].path)
            return expclip__fail_memory(err, "dataset");
    }
    return EXPCLIP_OK;
}

expclip_status expclip__dataset_shard(expclip_dataset **out,
                                      const expclip_dataset *dataset,
                                      int32_t shard, int32_t n_shards,
                                      expclip_error *err)
{
    const size_t n = dataset->n_items;
    const size_t first = n * (size_t)shard / (size_t)n_shards;
    const size_t end = n * ((size_t)shard + 1) / (size_t)n_shards;
    expclip_dataset *part;
    expclip_status status;

    if (dataset->n_shards != 1 || first == end)
        return expclip__fail(err, EXPCLIP_ERROR_STATE,
                             "shard %d of %d: of %zu items%s, expected a whole "
                             "dataset and an item for each shard",
                             (int)shard, (int)n_shards, n,
                             dataset->n_shards != 1 ? " of a shard" : "");
    part = expclip__alloc_zero(1, sizeof(*part));
    if (!part)
        return expclip__fail_memory(err, "dataset");
    expclip__ref_init(&part->refs);
    part->name = dataset->name;
    part->known = dataset->known;
    part->is_train = dataset->is_train;
    part->n_folds = dataset->n_folds;
    part->shard = shard;
    part->n_shards = n_shards;
    part->whole_hash = expclip__dataset_hash(dataset);
    status = copy_part(part, dataset, first, end - first, err);
    if (status)
        expclip__dataset_release(part);
    else
        *out = part;
    return status;
}

/* ---- identity ---- */

uint64_t expclip__dataset_hash(const expclip_dataset *dataset)
{
    uint64_t hash = EXPCLIP__HASH_START;

    if (dataset->n_shards > 1)
        return dataset->whole_hash;
    for (size_t i = 0; i < dataset->n_items; i++) {
        const expclip__item *item = &dataset->items[i];
        const int64_t numbers[] = {
            item->label,      item->fold,
            item->n_frames,   item->box_x,
            item->box_y,      item->box_width,
            item->box_height, (int64_t)item->pixels_at,
        };

        hash = expclip__hash(hash, item->path, strlen(item->path) + 1);
        hash = expclip__hash(hash, numbers, sizeof(numbers));
    }
    return hash;
}

uint64_t expclip__dataset_hash_files(const expclip_dataset *dataset,
                                     int with_times)
{
    uint64_t hash = EXPCLIP__HASH_START;

    for (size_t i = 0; i < dataset->n_items; i++) {
        int64_t numbers[2] = { 0, 0 };
        struct stat st;

        if (stat(dataset->items[i].path, &st) == 0) {
            numbers[0] = S_ISREG(st.st_mode) ? (int64_t)st.st_size : 0;
            numbers[1] = with_times ? (int64_t)st.st_mtime : 0;
        }
        hash = expclip__hash(hash, numbers, sizeof(numbers));
    }
    return hash;
}
