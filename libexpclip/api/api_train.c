/* SPDX-License-Identifier: MIT */
/*
 * api_train.c - training the head.
 */
#include <math.h>
#include <string.h>

#include "api/check.h"
#include "base/error.h"
#include "train/trainer.h"

static expclip_status check_real(double value, const char *name, int positive,
                                 double below, expclip_error *err)
{
    if (isfinite(value) && (positive ? value > 0.0 : value >= 0.0) &&
        value < below)
        return EXPCLIP_OK;
    return expclip__fail(err, EXPCLIP_ERROR_ARGUMENT,
                         "%s: %g, expected a finite number %s 0%s", name, value,
                         positive ? "above" : "from",
                         below == 1.0 ? " and below 1" : "");
}

static expclip_status check_whole(int64_t value, const char *name,
                                  int64_t least, expclip_error *err)
{
    if (value >= least)
        return EXPCLIP_OK;
    return expclip__fail(err, EXPCLIP_ERROR_ARGUMENT,
                         "%s: %lld, expected at least %lld", name,
                         (long long)value, (long long)least);
}

static expclip_status check_trainer_options(const expclip_trainer_options *o,
                                            expclip_error *err)
{
    expclip_status status;

    if ((status = expclip__check_pointer(o->optimizer, "optimizer", err)) ||
        (status = expclip__check_pointer(o->schedule, "schedule", err)) ||
        (status = expclip__check_pointer(o->checkpoints, "checkpoints", err)) ||
        (status = check_whole(o->epochs, "epochs", 0, err)) ||
        (status = check_whole(o->batch, "batch", 2, err)) ||
        (status =
             check_whole(o->checkpoint_steps, "checkpoint_steps", 0, err)) ||
        (status = check_whole(o->threads, "threads", 0, err)) ||
        (status = check_whole(o->seed, "seed", 0, err)) ||
        (status =
             check_real(o->learning_rate, "learning_rate", 1, INFINITY, err)) ||
        (status = check_real(o->momentum, "momentum", 0, 1.0, err)) ||
        (status =
             check_real(o->weight_decay, "weight_decay", 0, INFINITY, err)) ||
        (status = check_real(o->logit_scale, "logit_scale", 0, INFINITY, err)))
        return status;
    if (strcmp(o->schedule, "constant") != 0 &&
        strcmp(o->schedule, "cosine") != 0)
        return expclip__fail(err, EXPCLIP_ERROR_ARGUMENT,
                             "schedule: \"%s\", expected constant or cosine",
                             o->schedule);
    return EXPCLIP_OK;
}

expclip_status expclip_trainer_create(expclip_trainer **out,
                                      const char *features, const char *targets,
                                      const expclip_trainer_options *options,
                                      expclip_error *err)
{
    expclip_trainer_options o = EXPCLIP_TRAINER_OPTIONS_INIT;
    expclip_status status;

    if ((status = expclip__check_pointer(out, "out", err)) ||
        (status = expclip__check_pointer(features, "features", err)) ||
        (status = expclip__check_pointer(targets, "targets", err)) ||
        (status =
             expclip__check_options(&o, sizeof(o), options, "options", err)) ||
        (status = check_trainer_options(&o, err)))
        return status;
    return expclip__returned(
        expclip__trainer_create(out, features, targets, &o, err), err);
}

expclip_status expclip_trainer_step(expclip_trainer *trainer,
                                    const expclip_cancel *cancel,
                                    expclip_error *err)
{
    expclip_status status = expclip__check_pointer(trainer, "trainer", err);

    return expclip__returned(
        status ? status : expclip__trainer_step(trainer, cancel, err), err);
}

int64_t expclip_trainer_total_steps(const expclip_trainer *trainer)
{
    return trainer ? trainer->total_steps : 0;
}

int64_t expclip_trainer_step_count(const expclip_trainer *trainer)
{
    return trainer ? trainer->step : 0;
}

int64_t expclip_trainer_epoch_steps(const expclip_trainer *trainer)
{
    return trainer ? trainer->epoch_steps : 0;
}

double expclip_trainer_loss(const expclip_trainer *trainer)
{
    return trainer ? trainer->last.loss : NAN;
}

double expclip_trainer_accuracy(const expclip_trainer *trainer)
{
    return trainer ? trainer->last.accuracy : NAN;
}

double expclip_trainer_learning_rate(const expclip_trainer *trainer)
{
    if (!trainer)
        return NAN;
    return expclip__optimizer_rate(&trainer->optimizer,
                                   trainer->step ? trainer->step - 1 : 0);
}

int32_t expclip_trainer_feature_dim(const expclip_trainer *trainer)
{
    return trainer ? trainer->features.dim : 0;
}

int32_t expclip_trainer_target_dim(const expclip_trainer *trainer)
{
    return trainer ? trainer->targets.dim : 0;
}

const char *expclip_trainer_note(const expclip_trainer *trainer)
{
    return trainer && trainer->note ? trainer->note : "";
}

expclip_status expclip_trainer_copy_head(float *head, size_t head_size,
                                         const expclip_trainer *trainer,
                                         expclip_error *err)
{
    expclip_status status;
    size_t n;

    if ((status = expclip__check_pointer(head, "head", err)) ||
        (status = expclip__check_pointer(trainer, "trainer", err)))
        return status;
    n = (size_t)trainer->targets.dim * (size_t)trainer->features.dim;
    status = expclip__check_size(head_size, n, "head_size", err);
    if (!status)
        memcpy(head, trainer->head, n * sizeof(*head));
    return expclip__returned(status, err);
}

expclip_status expclip_trainer_model(expclip_model **out,
                                     const expclip_trainer *trainer,
                                     const expclip_model *model,
                                     expclip_error *err)
{
    expclip_status status;

    if ((status = expclip__check_pointer(out, "out", err)) ||
        (status = expclip__check_pointer(trainer, "trainer", err)) ||
        (status = expclip__check_pointer(model, "model", err)))
        return status;
    return expclip__returned(expclip__trainer_model(out, trainer, model, err),
                             err);
}

expclip_status expclip_trainer_save_head(const expclip_trainer *trainer,
                                         const char *path, expclip_error *err)
{
    expclip_status status;

    if ((status = expclip__check_pointer(trainer, "trainer", err)) ||
        (status = expclip__check_pointer(path, "path", err)))
        return status;
    return expclip__returned(expclip__trainer_save_head(trainer, path, err),
                             err);
}

expclip_status expclip_trainer_checkpoint(expclip_trainer *trainer,
                                          expclip_error *err)
{
    expclip_status status = expclip__check_pointer(trainer, "trainer", err);

    return expclip__returned(
        status ? status : expclip__trainer_checkpoint(trainer, err), err);
}

void expclip_trainer_free(expclip_trainer *trainer)
{
    expclip__trainer_free(trainer);
}
