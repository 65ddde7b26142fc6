/* SPDX-License-Identifier: MIT */
/*
 * api_teacher.c - the teacher and its targets.
 */
#include <string.h>

#include "api/check.h"
#include "base/error.h"
#include "rows/targets.h"

/* ---- teacher ---- */

/* One of two words. */
static expclip_status check_word(const char *word, const char *name,
                                 const char *one, const char *other,
                                 expclip_error *err)
{
    expclip_status status = expclip__check_pointer(word, name, err);

    if (status || strcmp(word, one) == 0 || strcmp(word, other) == 0)
        return status;
    return expclip__fail(err, EXPCLIP_ERROR_ARGUMENT,
                         "%s: \"%s\", expected \"%s\" or \"%s\"", name, word,
                         one, other);
}

static expclip_status check_teacher_options(const expclip_teacher_options *o,
                                            expclip_error *err)
{
    expclip_status status;

    if ((status = expclip__check_pointer(o->instruction, "instruction", err)) ||
        (status = expclip__check_pointer(o->tokenizer, "tokenizer", err)) ||
        (status = expclip__check_pointer(o->device, "device", err)) ||
        (status = check_word(o->activation, "activation", "gelu", "gelu_new",
                             err)) ||
        (status = check_word(o->preprocess, "preprocess", "expclip",
                             "clip-squash", err)) ||
        (status = check_word(o->dtype, "dtype", "fp32", "bf16", err)))
        return status;
    if (o->threads < 0)
        return expclip__fail(err, EXPCLIP_ERROR_ARGUMENT,
                             "threads: %d, expected at least 0",
                             (int)o->threads);
    return expclip__check_reserved(o->reserved, err);
}

expclip_status expclip_teacher_create(expclip_teacher **out, const char *path,
                                      const expclip_teacher_options *options,
                                      expclip_error *err)
{
    expclip_teacher_options o = EXPCLIP_TEACHER_OPTIONS_INIT;
    expclip_status status;

    if ((status = expclip__check_pointer(out, "out", err)) ||
        (status = expclip__check_pointer(path, "path", err)) ||
        (status =
             expclip__check_options(&o, sizeof(o), options, "options", err)) ||
        (status = check_teacher_options(&o, err)))
        return status;
    return expclip__returned(expclip__teacher_create(out, path, &o, err), err);
}

int32_t expclip_teacher_dim(const expclip_teacher *teacher)
{
    return teacher ? (int32_t)teacher->dim : 0;
}

const char *expclip_teacher_reads(const expclip_teacher *teacher)
{
    return !teacher ? "" : teacher->reads_texts ? "texts" : "pictures";
}

int32_t expclip_teacher_token_count(const expclip_teacher *teacher)
{
    return teacher ? (int32_t)teacher->blip2.n_ids : 0;
}

const char *expclip_teacher_fingerprint(const expclip_teacher *teacher)
{
    return teacher ? teacher->fingerprint : "";
}

void expclip_teacher_free(expclip_teacher *teacher)
{
    expclip__teacher_release(teacher);
}

/* ---- targets ---- */

static expclip_status check_file_name(const char *path, expclip_error *err)
{
    return *path ? EXPCLIP_OK
                 : expclip__fail(err, EXPCLIP_ERROR_ARGUMENT,
                                 "path: empty, expected the name of a file");
}

expclip_status expclip_targets_create(expclip_targets **out,
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

expclip_status expclip_targets_step(expclip_targets *targets,
                                    const expclip_cancel *cancel,
                                    expclip_error *err)
{
    expclip_status status;

    if ((status = expclip__check_pointer(targets, "targets", err)))
        return status;
    return expclip__returned(expclip__targets_step(targets, cancel, err), err);
}

size_t expclip_targets_done_count(const expclip_targets *targets)
{
    return targets ? targets->store.n_done : 0;
}

size_t expclip_targets_failed_count(const expclip_targets *targets)
{
    return targets ? targets->store.n_failed : 0;
}

int32_t expclip_targets_status(const expclip_targets *targets, size_t index)
{
    if (!targets || index >= targets->store.n)
        return EXPCLIP_ERROR_ARGUMENT;
    return index < targets->store.n_done ? targets->store.notes[index].status
                                         : EXPCLIP_ERROR_STATE;
}

const char *expclip_targets_message(const expclip_targets *targets,
                                    size_t index)
{
    return targets && index < targets->store.n_done
               ? targets->store.notes[index].message
               : "";
}

expclip_status expclip_targets_copy(float *embeddings, size_t embeddings_size,
                                    const expclip_targets *targets,
                                    size_t index, expclip_error *err)
{
    expclip_status status;

    if ((status = expclip__check_pointer(embeddings, "embeddings", err)) ||
        (status = expclip__check_pointer(targets, "targets", err)) ||
        (status = expclip__check_size(embeddings_size, targets->store.dim,
                                      "embeddings_size", err)))
        return status;
    if (index >= targets->store.n_done)
        return expclip__fail(err,
                             index < targets->store.n ? EXPCLIP_ERROR_STATE
                                                      : EXPCLIP_ERROR_ARGUMENT,
                             "index: %zu, expected one of the %zu that are "
                             "done",
                             index, targets->store.n_done);
    if (targets->store.notes[index].status)
        return expclip__fail(err, targets->store.notes[index].status, "%s",
                             targets->store.notes[index].message);
    return expclip__returned(
        expclip__row_store_read(&targets->store, embeddings, index, err), err);
}

void expclip_targets_free(expclip_targets *targets)
{
    expclip__targets_free(targets);
}
