/* SPDX-License-Identifier: MIT */
/*
 * model.c - loading a model, and the way from pixels or text to embeddings:
 * encoder, then head, then unit length.
 */
#include "expression/model.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/hash.h"
#include "encoders/config_read.h"
#include "expression/sources.h"

#define MAX_IMAGE_SIZE 4096 /* pixels a side: 65,536 patches of 16 */

/* ---- loading ---- */

/*
 * The encoders compute in the user's number format, the head in fp32. Images
 * are made ready by one thread each: callers have several at it, beside the
 * encoder's threads.
 */
static expclip_status open_devices(expclip_model *m,
                                   const expclip_load_options *o,
                                   expclip_error *err)
{
    tensor_device_options how = {
        .name = o->device,
        .n_threads = o->threads ? o->threads : expclip__n_cores(),
        .dtype = expclip__dtype_find(o->dtype),
        .packed = !o->portable,
    };
    expclip_status status;

    if (how.dtype != EXPCLIP__F32 && how.dtype != EXPCLIP__BF16)
        return expclip__fail(err, EXPCLIP_ERROR_ARGUMENT,
                             "dtype: \"%s\", expected fp32 or bf16", o->dtype);
    status = tensor_device_open(&m->device, &how, err);
    how.dtype = EXPCLIP__F32;
    if (!status)
        status = tensor_device_open(&m->head_device, &how, err);
    how.name = "cpu";
    how.n_threads = 1;
    if (!status)
        status = tensor_device_open(&m->pixel_device, &how, err);
    return status;
}

static expclip_status check_options(const expclip_load_options *o,
                                    const expclip__config *config,
                                    expclip_error *err)
{
    if (o->threads < 0 || o->threads > 4096)
        return expclip__fail(err, EXPCLIP_ERROR_ARGUMENT,
                             "threads: %d, expected 0 to 4096",
                             (int)o->threads);
    if (o->image_size != 0 &&
        (o->image_size < config->patch_size || o->image_size > MAX_IMAGE_SIZE))
        return expclip__fail(err, EXPCLIP_ERROR_ARGUMENT,
                             "image_size: %d, expected 0 or %d to %d",
                             (int)o->image_size, (int)config->patch_size,
                             MAX_IMAGE_SIZE);
    return EXPCLIP_OK;
}

/* What makes two embeddings comparable: weights, head, pixels, numbers. */
static void write_fingerprint(char out[17], const expclip_model *m,
                              uint64_t head)
{
    const expclip__pixels *p = &m->pixels;
    const int32_t activation = (int32_t)m->clip.text.transformer.activation;
    uint64_t hash = m->clip.hash;

    hash = expclip__hash(hash, &activation, sizeof(activation));
    hash = expclip__hash(hash, &head, sizeof(head));
    hash = expclip__hash(hash, &p->preset, sizeof(p->preset));
    hash = expclip__hash(hash, &p->size, sizeof(p->size));
    hash = expclip__hash(hash, p->mean, sizeof(p->mean));
    hash = expclip__hash(hash, p->std, sizeof(p->std));
    expclip__hash_text(out, expclip__hash(hash, m->dtype, strlen(m->dtype)));
}

static expclip_status load(expclip_model *m, const expclip__sources *s,
                           const expclip_load_options *o, expclip_error *err)
{
    expclip_status status;

    if ((status = check_options(o, &s->config, err)) ||
        (status = open_devices(m, o, err)) ||
        (status = expclip__clip_load(&m->clip, s->model, &s->config, m->device,
                                     o->image_size, o->check_finite, err)))
        return status;
    if (s->head)
        status = expclip__head_load(&m->head, expclip__sources_head(s), s->head,
                                    s->config.embed_dim, m->head_device,
                                    o->check_finite, err);
    m->clip.one_by_one = o->deterministic;
    m->pixels = s->pixels;
    m->crop = s->crop;
    m->pixels.size = m->clip.vision.image_size;
    if (s->name)
        snprintf(m->name, sizeof(m->name), "%s", s->name);
    else
        expclip__config_name(m->name, sizeof(m->name), &s->config);
    snprintf(m->dtype, sizeof(m->dtype), "%s", o->dtype);
    write_fingerprint(m->fingerprint, m, m->head.hash);
    write_fingerprint(m->encoder_fingerprint, m, 0);
    return status;
}

static void free_model(expclip_model *m)
{
    expclip__head_clear(&m->head);
    if (m->owner) {
        expclip__model_release(m->owner);
    } else {
        expclip__clip_clear(&m->clip);
        tensor_device_close(m->pixel_device);
        tensor_device_close(m->head_device);
        tensor_device_close(m->device);
    }
    expclip__free(m);
}

expclip_status expclip__model_load(expclip_model **out, const char *path,
                                   const expclip_load_options *options,
                                   expclip_error *err)
{
    const expclip__source_options what = { options->head, options->preprocess,
                                           options->activation };
    expclip__sources s;
    expclip_model *m;
    expclip_status status;

    status = expclip__sources_open(&s, path, &what, err);
    if (status)
        return status;
    m = expclip__alloc_zero(1, sizeof(*m));
    if (m) {
        expclip__ref_init(&m->refs);
        m->fork_generation = expclip__fork_generation();
        status = load(m, &s, options, err);
    } else {
        status = expclip__fail_memory(err, "model");
    }
    expclip__sources_close(&s);
    if (!status)
        *out = m;
    else if (m)
        free_model(m);
    return status;
}

/* All but the head and the count, which other threads change. */
static void share(expclip_model *m, const expclip_model *model)
{
    m->owner = expclip__model_retain(model->owner ? model->owner : model);
    m->fork_generation = model->fork_generation;
    m->device = model->device;
    m->head_device = model->head_device;
    m->pixel_device = model->pixel_device;
    m->clip = model->clip;
    m->pixels = model->pixels;
    m->crop = model->crop;
    memcpy(m->name, model->name, sizeof(m->name));
    memcpy(m->dtype, model->dtype, sizeof(m->dtype));
    memcpy(m->encoder_fingerprint, model->encoder_fingerprint,
           sizeof(m->encoder_fingerprint));
}

expclip_status expclip__model_with_head(expclip_model **out,
                                        const expclip_model *model,
                                        const float *head,
                                        int32_t projected_dim,
                                        expclip_error *err)
{
    expclip_status status = expclip__fork_check(model->fork_generation, err);
    expclip_model *m;

    if (status)
        return status;
    m = expclip__alloc_zero(1, sizeof(*m));
    if (!m)
        return expclip__fail_memory(err, "model");
    expclip__ref_init(&m->refs);
    share(m, model);
    status =
        expclip__head_create(&m->head, head, projected_dim,
                             model->clip.embed_dim, model->head_device, err);
    write_fingerprint(m->fingerprint, m, m->head.hash);
    if (status)
        free_model(m);
    else
        *out = m;
    return status;
}

expclip_model *expclip__model_retain(const expclip_model *model)
{
    expclip_model *m = (expclip_model *)(uintptr_t)model;

    expclip__ref_take(&m->refs);
    return m;
}

void expclip__model_release(expclip_model *model)
{
    if (model && expclip__ref_drop(&model->refs))
        free_model(model);
}

/* ---- embeddings ---- */

size_t expclip__model_dim(const expclip_model *model, int32_t projected)
{
    return (size_t)(projected && model->head.map ? model->head.projected_dim
                                                 : model->clip.embed_dim);
}

/* Unit length, in double: the norm of 4,096 floats keeps all its digits. */
static expclip_status normalize(float *rows, size_t n, size_t dim,
                                expclip_error *err)
{
    for (size_t i = 0; i < n; i++, rows += dim) {
        double sum = 0.0, factor;

        for (size_t j = 0; j < dim; j++)
            sum += (double)rows[j] * (double)rows[j];
        factor = 1.0 / sqrt(sum);
        if (!isfinite(factor))
            return expclip__fail(err, EXPCLIP_ERROR_NONFINITE,
                                 "embedding %zu: length %g, expected a finite "
                                 "one above 0",
                                 i, sqrt(sum));
        for (size_t j = 0; j < dim; j++)
            rows[j] = (float)((double)rows[j] * factor);
    }
    return EXPCLIP_OK;
}

expclip_status expclip__model_encode_images(const expclip_model *model,
                                            float *out, const float *pixels,
                                            size_t n,
                                            const expclip_cancel *cancel,
                                            expclip_error *err)
{
    expclip_status status = expclip__fork_check(model->fork_generation, err);

    if (status || n == 0)
        return status;
    return expclip__clip_embed_images(&model->clip, out, pixels, n, cancel,
                                      err);
}

expclip_status expclip__model_finish(const expclip_model *model, float *out,
                                     const float *plain, size_t n,
                                     const expclip_embed_options *options,
                                     expclip_error *err)
{
    const size_t dim = expclip__model_dim(model, options->projected);
    expclip_status status = EXPCLIP_OK;

    if (n == 0)
        return EXPCLIP_OK;
    if (options->projected && model->head.map)
        status = expclip__head_apply(&model->head, out, plain, n, err);
    else
        memcpy(out, plain, n * dim * sizeof(*out));
    if (!status && options->normalize)
        status = normalize(out, n, dim, err);
    return status;
}

expclip_status expclip__model_embed_texts(const expclip_model *model,
                                          float *out,
                                          expclip__input_text *texts, size_t n,
                                          const expclip_embed_options *options,
                                          const expclip_cancel *cancel,
                                          expclip_error *err)
{
    const size_t dim = (size_t)model->clip.embed_dim;
    float *plain;
    expclip_status status = expclip__fork_check(model->fork_generation, err);

    if (status || n == 0)
        return status;
    plain = expclip__alloc(n, dim * sizeof(*plain));
    if (!plain)
        return expclip__fail_memory(err, "embeddings");
    status =
        expclip__clip_embed_texts(&model->clip, plain, texts, n, cancel, err);
    if (!status)
        status = expclip__model_finish(model, out, plain, n, options, err);
    expclip__free(plain);
    return status;
}
