/* SPDX-License-Identifier: MIT */
/*
 * features.c - expclip features: the image encoder's embeddings of many
 * pictures, before the head, for `expclip train`.
 */
#include <expclip_rows.h>
#include <string.h>

#include "options/model_settings.h"
#include "runs/row_work.h"
#include "terminal/console.h"

typedef struct features_settings {
    row_settings rows;
    model_settings model;
    int32_t batch;
    int32_t exif;
} features_settings;

/* A head is learned on the pixels that it will be used with: the paper's. */
static const features_settings defaults = {
    .rows = ROW_SETTINGS_DEFAULT,
    .model = ENCODER_SETTINGS_DEFAULT,
    .batch = 16,
};

static const command_option options[] = {
    ROW_OPTIONS(features_settings, rows),
    OPT_FLAG(features_settings, exif, "exif", 0,
             "Turn pictures as their EXIF tag says."),
    OPT_INT(features_settings, batch, "batch", 1, 4096,
            "Pictures computed at once."),
    MODEL_OPTIONS(features_settings, model),
    OPT_END,
};

static size_t done(const void *object)
{
    return expclip_rows_done_count(object);
}

static expclip_status step(void *object, const expclip_cancel *cancel,
                           expclip_error *err)
{
    return expclip_rows_step(object, cancel, err);
}

static int32_t status_of(const void *object, size_t index)
{
    return expclip_rows_status(object, index);
}

static const char *message_of(const void *object, size_t index)
{
    return expclip_rows_message(object, index);
}

static int create(expclip_rows **out, const features_settings *s,
                  const row_job *job, const expclip_model *model)
{
    expclip_features_options o = EXPCLIP_FEATURES_OPTIONS_INIT;
    expclip_error err;

    o.cache = job->path;
    o.batch = s->batch;
    o.exif = s->exif;
    if (!expclip_rows_create_features(out, model, job->dataset, &o, &err))
        return 0;
    console_error("%s", err.message);
    return err.code == EXPCLIP_ERROR_IO || err.code == EXPCLIP_ERROR_MEMORY
               ? EXIT_RESOURCES
               : EXIT_USAGE;
}

static int features(const void *settings, int n_operands, char **operands)
{
    const features_settings *s = settings;
    expclip_model *model = NULL;
    expclip_rows *f = NULL;
    row_job job = { NULL, NULL, 0 };
    int rc = row_job_open(&job, "features", &s->rows);

    (void)n_operands;
    (void)operands;
    if (!rc)
        rc = model_settings_load(&model, &s->model);
    if (!rc)
        rc = create(&f, s, &job, model);
    if (!rc)
        rc = row_job_check_space(&job, expclip_rows_done_count(f),
                                 (size_t)expclip_model_embedding_dim(model));
    if (!rc)
        rc = row_job_run(&job,
                         &(row_maker){ f, done, step, status_of, message_of });
    expclip_rows_free(f);
    expclip_model_free(model);
    row_job_close(&job);
    return rc;
}

const command features_command = {
    "features",
    "",
    "Embeddings of many pictures before the head, to train one.",
    "The first of three steps: features, targets, train. Pixels are made as"
    " the paper's heads need them (--preprocess expclip), whatever the model.",
    options,
    &defaults,
    sizeof(defaults),
    features,
};
