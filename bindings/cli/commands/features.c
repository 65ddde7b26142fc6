/* SPDX-License-Identifier: MIT */
/*
 * features.c - expclip features: the image encoder's embeddings of many
 * images, before the head, for `expclip train`.
 */
#include "options/face_settings.h"
#include "options/model_settings.h"
#include "runs/row_work.h"

typedef struct features_settings {
    row_settings rows;
    model_settings model;
    face_settings faces;
    int32_t batch;
    int32_t exif;
} features_settings;

/* A head is learned on the pixels that it will be used with: the paper's. */
static const features_settings defaults = {
    .rows = ROW_SETTINGS_DEFAULT,
    .model = ENCODER_SETTINGS_DEFAULT,
    .faces = FACE_SETTINGS_DEFAULT("none"),
    .batch = 16,
};

static const command_option options[] = {
    ROW_OPTIONS(features_settings, rows),
    OPT_FLAG(features_settings, exif, "exif", 0,
             "Rotate images as their EXIF tag says."),
    OPT_INT(features_settings, batch, "batch", 1, 4096,
            "How many images are computed at once."),
    ROW_FACE_OPTIONS(features_settings, faces, ""),
    MODEL_OPTIONS(features_settings, model),
    OPT_END,
};

static int begin(row_job *job, const void *settings)
{
    const features_settings *s = settings;
    expclip_features_options o = EXPCLIP_FEATURES_OPTIONS_INIT;
    expclip_model *model = NULL;
    face_framing framing;
    expclip_error err;
    int rc = face_framing_read(&framing, &s->faces, s->faces.margin);

    if (!rc)
        rc = model_settings_load(&model, &s->model);
    if (rc)
        return rc;
    o.cache = job->path;
    o.batch = s->batch;
    o.exif = s->exif;
    face_framing_apply(&o, &framing);
    job->dim = (size_t)expclip_model_embedding_dim(model);
    rc = row_work_check(
        expclip_rows_create_features(&job->rows, model, job->dataset, &o, &err),
        &err);
    expclip_model_free(model);
    return rc;
}

static int features(const void *settings, int n_operands, char **operands)
{
    const features_settings *s = settings;

    (void)n_operands;
    (void)operands;
    return row_work("features", &s->rows, begin, s);
}

const command features_command = {
    "features",
    "",
    "Compute the features that a head is trained on.",
    "This is the first of three steps: features, targets, train. The features "
    "are the image encoder's embeddings of many unlabelled images, before the "
    "head. The pixels are prepared as the paper's heads need them "
    "(--preprocess expclip), whatever the model.",
    options,
    &defaults,
    sizeof(defaults),
    features,
};
