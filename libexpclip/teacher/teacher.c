/* SPDX-License-Identifier: MIT */
/*
 * teacher.c - a teacher's life; which kind it is, its weights tell.
 */
#include "teacher/teacher.h"

#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/text.h"

static expclip_status open_devices(expclip__teacher_devices *out,
                                   const expclip_teacher_options *o,
                                   expclip_error *err)
{
    tensor_device_options d = {
        .name = o->device,
        .dtype = expclip__dtype_find(o->dtype),
        .n_threads = o->threads ? o->threads : expclip__n_cores(),
        .packed = 1,
    };
    expclip_status status = expclip__fork_check_threads(d.n_threads, err);

    if (!status)
        status = tensor_device_open(&out->main, &d, err);
    d.dtype = EXPCLIP__F32;
    if (!status)
        status = tensor_device_open(&out->plain, &d, err);
    d.name = "cpu";
    d.n_threads = 1;
    d.packed = 0;
    if (!status)
        status = tensor_device_open(&out->pixels, &d, err);
    return status;
}

static expclip_status load_blip2(expclip_teacher *t, uint64_t *hash,
                                 const expclip__weights *ws, const char *path,
                                 const expclip_teacher_options *o,
                                 expclip_error *err)
{
    char *beside = expclip__path_join(path, "spiece.model");
    expclip_status status;

    if (!beside)
        return expclip__fail_memory(err, "teacher");
    status = expclip__blip2_load(&t->blip2, hash, ws,
                                 *o->tokenizer ? o->tokenizer : beside,
                                 &t->devices, o, err);
    t->dim = (size_t)t->blip2.config.t5.width;
    expclip__free(beside);
    return status;
}

static expclip_status load_kind(expclip_teacher *t, uint64_t *hash,
                                const expclip__weights *ws, const char *path,
                                const expclip_teacher_options *o,
                                expclip_error *err)
{
    expclip_status status;

    if (expclip__blip2_is(ws))
        return load_blip2(t, hash, ws, path, o, err);
    if (!expclip__sentence_is(ws))
        return expclip__fail(err, EXPCLIP_ERROR_UNSUPPORTED,
                             "%s: no teacher, expected the weights of a BLIP-2 "
                             "with flan-t5, of a T5 or of a BERT",
                             path);
    t->reads_texts = 1;
    status = expclip__sentence_load(&t->sentence, hash, ws, path, &t->devices,
                                    o, err);
    t->dim = t->sentence.width;
    return status;
}

static expclip_status load(expclip_teacher *t, const char *path,
                           const expclip_teacher_options *o, expclip_error *err)
{
    expclip__weights *ws = NULL;
    uint64_t hash = EXPCLIP__HASH_START;
    expclip_status status = expclip__weights_open(&ws, path, err);

    if (!status)
        status = open_devices(&t->devices, o, err);
    if (!status)
        status = load_kind(t, &hash, ws, path, o, err);
    expclip__weights_free(ws);
    hash = expclip__hash(hash, o->activation, strlen(o->activation) + 1);
    hash = expclip__hash(hash, o->dtype, strlen(o->dtype) + 1);
    expclip__hash_text(t->fingerprint, hash);
    return status;
}

static void free_teacher(expclip_teacher *t)
{
    expclip__blip2_clear(&t->blip2);
    expclip__sentence_clear(&t->sentence);
    tensor_device_close(t->devices.pixels);
    tensor_device_close(t->devices.plain);
    tensor_device_close(t->devices.main);
    expclip__free(t);
}

expclip_status expclip__teacher_create(expclip_teacher **out, const char *path,
                                       const expclip_teacher_options *options,
                                       expclip_error *err)
{
    expclip_teacher *t = expclip__alloc_zero(1, sizeof(*t));
    expclip_status status;

    if (!t)
        return expclip__fail_memory(err, "teacher");
    expclip__ref_init(&t->refs);
    t->fork_generation = expclip__fork_generation();
    status = load(t, path, options, err);
    if (status)
        free_teacher(t);
    else
        *out = t;
    return status;
}

expclip_teacher *expclip__teacher_retain(const expclip_teacher *teacher)
{
    expclip_teacher *t = (expclip_teacher *)(uintptr_t)teacher;

    expclip__ref_take(&t->refs);
    return t;
}

void expclip__teacher_release(expclip_teacher *teacher)
{
    if (teacher && expclip__ref_drop(&teacher->refs))
        free_teacher(teacher);
}
