/* SPDX-License-Identifier: MIT */
/*
 * api_teacher.c - the teacher.
 */
#include <string.h>

#include "api/check.h"
#include "base/error.h"
#include "teacher/teacher.h"

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
    return !teacher ? "" : teacher->reads_texts ? "texts" : "images";
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
