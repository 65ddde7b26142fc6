/* SPDX-License-Identifier: MIT */
/*
 * api_features.c - the image encoder's work on a data set, done once.
 */
#include <string.h>

#include "api/check.h"
#include "base/error.h"
#include "rows/features.h"

static expclip_status check_range(int32_t value, const char *name,
                                  int32_t least, int32_t most,
                                  expclip_error *err)
{
    if (value >= least && value <= most)
        return EXPCLIP_OK;
    return expclip__fail(err, EXPCLIP_ERROR_ARGUMENT,
                         "%s: %d, expected %d to %d", name, (int)value,
                         (int)least, (int)most);
}

static expclip_status check_features_options(const expclip_features_options *o,
                                             expclip_error *err)
{
    expclip_status status;

    if ((status = expclip__check_pointer(o->cache, "cache", err)) ||
        (status = check_range(o->batch, "batch", 1, 4096, err)) ||
        (status = check_range(o->sampling, "sampling", EXPCLIP_SAMPLING_ALL,
                              EXPCLIP_SAMPLING_SPREAD, err)) ||
        (status = check_range(o->n_samples, "n_samples", 1, INT32_MAX, err)) ||
        (status = check_range(o->order, "order", EXPCLIP_ORDER_NATURAL,
                              EXPCLIP_ORDER_STRING, err)) ||
        (status = check_range(o->policy, "policy", EXPCLIP_POLICY_STOP,
                              EXPCLIP_POLICY_SKIP, err)))
        return status;
    return expclip__check_flag(o->exif, "exif", err);
}

const char *expclip_model_encoder_fingerprint(const expclip_model *model)
{
    return model ? model->encoder_fingerprint : "";
}

expclip_status expclip_features_create(expclip_features **out,
                                       const expclip_model *model,
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
        (status = expclip__fork_check(model->fork_generation, err)))
        return status;
    return expclip__returned(
        expclip__features_create(out, model, dataset, &o, err), err);
}

expclip_status expclip_features_step(expclip_features *features,
                                     const expclip_cancel *cancel,
                                     expclip_error *err)
{
    expclip_status status;

    if ((status = expclip__check_pointer(features, "features", err)) ||
        (status = expclip__fork_check(features->model->fork_generation, err)) ||
        (status = expclip__cancel_check(cancel, err)))
        return status;
    return expclip__returned(expclip__features_step(features, cancel, err),
                             err);
}

size_t expclip_features_done_count(const expclip_features *features)
{
    return features ? features->store.n_done : 0;
}

size_t expclip_features_failed_count(const expclip_features *features)
{
    return features ? features->store.n_failed : 0;
}

int32_t expclip_features_status(const expclip_features *features, size_t index)
{
    if (!features || index >= features->store.n)
        return EXPCLIP_ERROR_ARGUMENT;
    return index < features->store.n_done ? features->store.notes[index].status
                                          : EXPCLIP_ERROR_STATE;
}

const char *expclip_features_message(const expclip_features *features,
                                     size_t index)
{
    return features && index < features->store.n_done
               ? features->store.notes[index].message
               : "";
}

expclip_status expclip_features_embed(float *embeddings, size_t embeddings_size,
                                      const expclip_features *features,
                                      const expclip_model *model,
                                      const expclip_embed_options *options,
                                      expclip_error *err)
{
    expclip_embed_options o = EXPCLIP_EMBED_OPTIONS_INIT;
    expclip_status status;

    if ((status = expclip__check_array(embeddings, embeddings_size,
                                       "embeddings", err)) ||
        (status = expclip__check_pointer(features, "features", err)) ||
        (status = expclip__check_pointer(model, "model", err)) ||
        (status =
             expclip__check_options(&o, sizeof(o), options, "options", err)) ||
        (status = expclip__check_flag(o.projected, "projected", err)) ||
        (status = expclip__check_flag(o.normalize, "normalize", err)) ||
        (status = expclip__check_size(
             embeddings_size,
             features->store.n * expclip__model_dim(model, o.projected),
             "embeddings_size", err)) ||
        (status = expclip__features_check(features, model, err)))
        return status;
    return expclip__returned(
        expclip__features_embed(embeddings, features, model, &o, err), err);
}

expclip_status expclip_features_score(float *logits, size_t logits_size,
                                      expclip_features *features,
                                      const expclip_model *model,
                                      const expclip_classes *classes,
                                      expclip_error *err)
{
    expclip_status status;

    if ((status = expclip__check_array(logits, logits_size, "logits", err)) ||
        (status = expclip__check_pointer(features, "features", err)) ||
        (status = expclip__check_pointer(model, "model", err)) ||
        (status = expclip__check_pointer(classes, "classes", err)) ||
        (status = expclip__check_size(
             logits_size, features->store.n * classes->prompts->n_classes,
             "logits_size", err)) ||
        (status = expclip__features_check(features, model, err)))
        return status;
    if (strcmp(classes->fingerprint, model->fingerprint) != 0)
        return expclip__fail(err, EXPCLIP_ERROR_STATE,
                             "classes: of model %s, expected %s",
                             classes->fingerprint, model->fingerprint);
    return expclip__returned(
        expclip__features_score(logits, features, model, classes, err), err);
}

void expclip_features_free(expclip_features *features)
{
    expclip__features_free(features);
}
