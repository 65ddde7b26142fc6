/* SPDX-License-Identifier: MIT */
/*
 * api_model.c - loading a model and asking what it is.
 */
#include "api/check.h"
#include "base/error.h"
#include "expression/model.h"

static expclip_status check_load_options(const expclip_load_options *o,
                                         expclip_error *err)
{
    expclip_status status;

    if ((status = expclip__check_pointer(o->head, "head", err)) ||
        (status = expclip__check_pointer(o->preprocess, "preprocess", err)) ||
        (status = expclip__check_pointer(o->activation, "activation", err)) ||
        (status = expclip__check_pointer(o->device, "device", err)) ||
        (status = expclip__check_pointer(o->dtype, "dtype", err)) ||
        (status =
             expclip__check_flag(o->deterministic, "deterministic", err)) ||
        (status = expclip__check_flag(o->portable, "portable", err)))
        return status;
    if ((status = expclip__check_flag(o->check_finite, "check_finite", err)))
        return status;
    return expclip__check_reserved(o->reserved, err);
}

expclip_status expclip_model_load(expclip_model **out, const char *path,
                                  const expclip_load_options *options,
                                  expclip_error *err)
{
    expclip_load_options o = EXPCLIP_LOAD_OPTIONS_INIT;
    expclip_status status;

    if ((status = expclip__check_pointer(out, "out", err)) ||
        (status = expclip__check_pointer(path, "path", err)) ||
        (status =
             expclip__check_options(&o, sizeof(o), options, "options", err)) ||
        (status = check_load_options(&o, err)))
        return status;
    return expclip__returned(expclip__model_load(out, path, &o, err), err);
}

void expclip_model_free(expclip_model *model)
{
    expclip__model_release(model);
}

int32_t expclip_model_embedding_dim(const expclip_model *model)
{
    return model ? (int32_t)expclip__model_dim(model, 0) : 0;
}

int32_t expclip_model_projected_dim(const expclip_model *model)
{
    return model ? (int32_t)expclip__model_dim(model, 1) : 0;
}

int32_t expclip_model_image_size(const expclip_model *model)
{
    return model ? model->pixels.size : 0;
}

int32_t expclip_model_context_length(const expclip_model *model)
{
    return model ? model->clip.text.context_length : 0;
}

int32_t expclip_model_vocabulary_size(const expclip_model *model)
{
    return model ? model->clip.text.vocabulary_size : 0;
}

int32_t expclip_model_has_head(const expclip_model *model)
{
    return model && model->head.map;
}

float expclip_model_logit_scale(const expclip_model *model)
{
    return model ? model->clip.logit_scale : 0.0f;
}

const char *expclip_model_name(const expclip_model *model)
{
    return model ? model->name : "";
}

const char *expclip_model_preprocess(const expclip_model *model)
{
    return model ? expclip__preset_name(model->pixels.preset) : "";
}

const char *expclip_model_fingerprint(const expclip_model *model)
{
    return model ? model->fingerprint : "";
}

const char *expclip_model_encoder_fingerprint(const expclip_model *model)
{
    return model ? model->encoder_fingerprint : "";
}
