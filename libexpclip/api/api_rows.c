/* SPDX-License-Identifier: MIT */
/*
 * api_rows.c - features and targets of a dataset's items, computed in steps.
 */
#include <string.h>

#include "api/check.h"
#include "base/error.h"
#include "rows/features.h"
#include "rows/targets.h"

/* ---- features ---- */

static expclip_status check_features_options(const expclip_features_options *o,
                                             expclip_error *err)
{
    expclip_status status;

    if ((status = expclip__check_pointer(o->cache, "cache", err)) ||
        (status = expclip__check_range(o->batch, "batch", 1, 4096, err)) ||
        (status =
             expclip__check_range(o->sampling, "sampling", EXPCLIP_SAMPLING_ALL,
                                  EXPCLIP_SAMPLING_SPREAD, err)) ||
        (status = expclip__check_range(o->n_samples, "n_samples", 1, INT32_MAX,
                                       err)) ||
        (status = expclip__check_range(o->order, "order", EXPCLIP_ORDER_NATURAL,
                                       EXPCLIP_ORDER_STRING, err)) ||
        (status = expclip__check_range(o->policy, "policy", EXPCLIP_POLICY_STOP,
                                       EXPCLIP_POLICY_SKIP, err)))
        return status;
    return expclip__check_flag(o->exif, "exif", err);
}

static expclip_status check_face_options(const expclip_features_options *o,
                                         expclip_error *err)
{
    if (o->faces != EXPCLIP_FACES_NONE && o->faces != EXPCLIP_FACES_LARGEST &&
        o->faces != EXPCLIP_FACES_AUTO)
        return expclip__fail(err, EXPCLIP_ERROR_ARGUMENT,
                             "faces: %d, expected EXPCLIP_FACES_NONE, LARGEST "
                             "or AUTO, since each item has one row",
                             (int)o->faces);
    return expclip__check_flag(o->upright, "upright", err);
}

expclip_status
expclip_rows_create_features(expclip_rows **out, const expclip_model *model,
                             const expclip_dataset *dataset,
                             const expclip_features_options *options,
                             expclip_error *err)
{
    expclip_features_options o = EXPCLIP_FEATURES_OPTIONS_INIT;
    expclip_status status;

    if ((status = expclip__check_pointer(out, "out", err)) ||
        (status = expclip__check_pointer(model, "model", err)) ||
        (status = expclip__check_pointer(dataset, "dataset", err)) ||
        (status =
             expclip__check_options(&o, sizeof(o), options, "options", err)) ||
        (status = check_features_options(&o, err)) ||
        (status = check_face_options(&o, err)) ||
        (status = expclip__fork_check(model->fork_generation, err)))
        return status;
    return expclip__returned(
        expclip__features_create(out, model, dataset, &o, err), err);
}

/* ---- targets ---- */

static expclip_status check_file_name(const char *path, expclip_error *err)
{
    return *path ? EXPCLIP_OK
                 : expclip__fail(err, EXPCLIP_ERROR_ARGUMENT,
                                 "path: empty, expected the name of a file");
}

expclip_status expclip_rows_create_targets(expclip_rows **out,
                                           const expclip_teacher *teacher,
                                           const expclip_dataset *dataset,
                                           const char *path, expclip_error *err)
{
    expclip_status status;

    if ((status = expclip__check_pointer(out, "out", err)) ||
        (status = expclip__check_pointer(teacher, "teacher", err)) ||
        (status = expclip__check_pointer(dataset, "dataset", err)) ||
        (status = expclip__check_pointer(path, "path", err)) ||
        (status = check_file_name(path, err)) ||
        (status = expclip__fork_check(teacher->fork_generation, err)))
        return status;
    return expclip__returned(
        expclip__targets_create(out, teacher, dataset, path, err), err);
}

/* ---- both ---- */

expclip_status expclip_rows_step(expclip_rows *rows,
                                 const expclip_cancel *cancel,
                                 expclip_error *err)
{
    expclip_status status;

    if ((status = expclip__check_pointer(rows, "rows", err)) ||
        (status = expclip__fork_check(rows->fork_generation, err)) ||
        (status = expclip__cancel_check(cancel, err)))
        return status;
    return expclip__returned(expclip__rows_step(rows, cancel, err), err);
}

size_t expclip_rows_done_count(const expclip_rows *rows)
{
    return rows ? rows->store.n_done : 0;
}

size_t expclip_rows_failed_count(const expclip_rows *rows)
{
    return rows ? rows->store.n_failed : 0;
}

int32_t expclip_rows_status(const expclip_rows *rows, size_t index)
{
    if (!rows || index >= rows->store.n)
        return EXPCLIP_ERROR_ARGUMENT;
    return index < rows->store.n_done ? rows->store.notes[index].status
                                      : EXPCLIP_ERROR_STATE;
}

const char *expclip_rows_message(const expclip_rows *rows, size_t index)
{
    return rows && index < rows->store.n_done ? rows->store.notes[index].message
                                              : "";
}

expclip_status expclip_rows_copy(float *embeddings, size_t embeddings_size,
                                 const expclip_rows *rows, size_t index,
                                 expclip_error *err)
{
    expclip_status status;

    if ((status = expclip__check_pointer(embeddings, "embeddings", err)) ||
        (status = expclip__check_pointer(rows, "rows", err)) ||
        (status = expclip__check_size(embeddings_size, rows->store.dim,
                                      "embeddings_size", err)))
        return status;
    if (index >= rows->store.n_done)
        return expclip__fail(err,
                             index < rows->store.n ? EXPCLIP_ERROR_STATE
                                                   : EXPCLIP_ERROR_ARGUMENT,
                             "index: %zu, expected one of the %zu that are "
                             "done",
                             index, rows->store.n_done);
    if (rows->store.notes[index].status)
        return expclip__fail(err, rows->store.notes[index].status, "%s",
                             rows->store.notes[index].message);
    return expclip__returned(
        expclip__row_store_read(&rows->store, embeddings, index, err), err);
}

expclip_status expclip_rows_embed(float *embeddings, size_t embeddings_size,
                                  const expclip_rows *rows,
                                  const expclip_model *model,
                                  const expclip_embed_options *options,
                                  expclip_error *err)
{
    expclip_embed_options o;
    expclip__features *features;
    expclip_status status;

    if ((status = expclip__check_array(embeddings, embeddings_size,
                                       "embeddings", err)) ||
        (status = expclip__check_pointer(rows, "rows", err)) ||
        (status = expclip__check_pointer(model, "model", err)) ||
        (status = expclip__check_embed_options(&o, options, err)) ||
        (status = expclip__check_size(
             embeddings_size,
             rows->store.n * expclip__model_dim(model, o.projected),
             "embeddings_size", err)) ||
        (status = expclip__features_of(&features, rows, model, err)))
        return status;
    return expclip__returned(
        expclip__features_embed(embeddings, &rows->store, model, &o, err), err);
}

expclip_status expclip_rows_score(float *logits, size_t logits_size,
                                  expclip_rows *rows,
                                  const expclip_model *model,
                                  const expclip_classes *classes,
                                  expclip_error *err)
{
    expclip__features *features;
    expclip_status status;

    if ((status = expclip__check_array(logits, logits_size, "logits", err)) ||
        (status = expclip__check_pointer(rows, "rows", err)) ||
        (status = expclip__check_pointer(model, "model", err)) ||
        (status = expclip__check_pointer(classes, "classes", err)) ||
        (status = expclip__check_size(
             logits_size, rows->store.n * classes->prompts->n_classes,
             "logits_size", err)) ||
        (status = expclip__features_of(&features, rows, model, err)) ||
        (status = expclip__check_classes(classes, model->fingerprint, err)))
        return status;
    return expclip__returned(expclip__features_score(logits, &features->head,
                                                     &rows->store, model,
                                                     classes, err),
                             err);
}

void expclip_rows_free(expclip_rows *rows)
{
    expclip__rows_free(rows);
}
