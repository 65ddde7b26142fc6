/* SPDX-License-Identifier: MIT */
/*
 * trainer.c - steps that teach the head, one batch each.
 *
 * A step's rows follow from the seed and the step's number alone, so that a
 * checkpoint needs the head and the optimizer's state only.
 */
#include "train/trainer.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/text.h"
#include "base/threads.h"
#include "train/order.h"
#include "weights/writer.h"

#define CLIP_LOGIT_SCALE 100.0 /* the limit in CLIP's training, ln 100 */

static size_t head_size(const expclip_trainer *t)
{
    return (size_t)t->targets.dim * (size_t)t->features.dim;
}

/* ---- start ---- */

/* Rows that failed in neither file; at least a batch of them. */
static expclip_status keep_good_rows(expclip_trainer *t, const char *features,
                                     int32_t batch, expclip_error *err)
{
    const uint8_t *a = t->features.failed, *b = t->targets.failed;

    t->rows = expclip__alloc((size_t)t->features.n, sizeof(*t->rows));
    if (!t->rows)
        return expclip__fail_memory(err, "trainer");
    for (int64_t i = 0; i < t->features.n; i++)
        if (!(a && a[i]) && !(b && b[i]))
            t->rows[t->n_rows++] = i;
    if (t->n_rows >= batch)
        return EXPCLIP_OK;
    return expclip__fail(err, EXPCLIP_ERROR_STATE,
                         "%s: %lld rows, expected at least a batch of %d",
                         features, (long long)t->n_rows, (int)batch);
}

static expclip_status open_data(expclip_trainer *t, const char *features,
                                const char *targets, int32_t batch,
                                expclip_error *err)
{
    expclip_status status = expclip__matrix_open(&t->features, features, err);

    if (!status)
        status = expclip__matrix_open(&t->targets, targets, err);
    if (status)
        return status;
    if (t->features.n != t->targets.n)
        return expclip__fail(err, EXPCLIP_ERROR_SHAPE,
                             "%s: %lld rows, expected %lld, as in %s", targets,
                             (long long)t->targets.n, (long long)t->features.n,
                             features);
    if (*t->features.data && *t->targets.data &&
        strcmp(t->features.data, t->targets.data) != 0)
        return expclip__fail(err, EXPCLIP_ERROR_STATE,
                             "%s: \"%s\", expected \"%s\", as in %s", targets,
                             t->targets.data, t->features.data, features);
    return keep_good_rows(t, features, batch, err);
}

static expclip_status open_device(expclip_trainer *t, int32_t threads,
                                  expclip_error *err)
{
    const tensor_device_options o = {
        .name = "cpu",
        .dtype = EXPCLIP__F32,
        .n_threads = threads ? threads : expclip__n_cores(),
    };

    return tensor_device_open(&t->device, &o, err);
}

static expclip_status allocate(expclip_trainer *t, int32_t batch,
                               expclip_error *err)
{
    const size_t b = (size_t)batch, n = head_size(t);

    t->order = expclip__alloc((size_t)t->n_rows, sizeof(*t->order));
    t->head = expclip__alloc(n, sizeof(float));
    t->gradient = expclip__alloc(n, sizeof(float));
    t->batch_features =
        expclip__alloc(b, (size_t)t->features.dim * sizeof(float));
    t->batch_targets =
        expclip__alloc(b, (size_t)t->targets.dim * sizeof(float));
    if (t->order && t->head && t->gradient && t->batch_features &&
        t->batch_targets)
        return EXPCLIP_OK;
    return expclip__fail_memory(err, "trainer");
}

/* torch.nn.Linear starts from numbers up to 1 / sqrt(d), evenly. */
static expclip_status
begin(expclip_trainer *t, const expclip_trainer_options *o, expclip_error *err)
{
    expclip_status status;

    t->seed = (uint64_t)o->seed;
    t->epoch = -1;
    t->epoch_steps = t->n_rows / o->batch;
    t->total_steps = t->epoch_steps * o->epochs;
    t->checkpoint_steps = o->checkpoint_steps;
    t->logit_scale = o->logit_scale > 0.0            ? o->logit_scale
                     : t->features.logit_scale > 0.0 ? t->features.logit_scale
                                                     : CLIP_LOGIT_SCALE;
    t->last.loss = NAN;
    t->last.accuracy = NAN;
    t->optimizer.learning_rate = o->learning_rate;
    t->optimizer.cosine = strcmp(o->schedule, "cosine") == 0;
    t->optimizer.total_steps = t->total_steps;
    t->optimizer.momentum = o->momentum;
    t->optimizer.weight_decay = o->weight_decay;
    t->optimizer.n = head_size(t);
    if ((status = allocate(t, o->batch, err)) ||
        (status = expclip__optimizer_init(&t->optimizer, err)))
        return status;
    expclip__order_first_head(t->head, head_size(t), t->seed,
                              1.0 / sqrt((double)t->features.dim));
    return expclip__alignment_init(&t->alignment, t->device, o->batch,
                                   t->features.dim, t->targets.dim,
                                   t->logit_scale, err);
}

/* All that the head depends on, with numbers as people typed them. */
static expclip_status identify(expclip_trainer *t,
                               const expclip_trainer_options *o,
                               expclip_error *err)
{
    char features[17], targets[17];
    expclip__buffer text = { 0 };

    expclip__hash_text(features, t->features.hash);
    expclip__hash_text(targets, t->targets.hash);
    expclip__buffer_add_format(
        &text,
        "features: %s [%lld, %d]\ntargets: %s [%lld, %d]\n"
        "optimizer: %s\nschedule: %s\nepochs: %d\nbatch: %d\n"
        "learning_rate: %.15g\nmomentum: %.15g\nweight_decay: %.15g\n"
        "logit_scale: %.15g\nseed: %lld\n",
        features, (long long)t->features.n, (int)t->features.dim, targets,
        (long long)t->targets.n, (int)t->targets.dim, o->optimizer, o->schedule,
        (int)o->epochs, (int)o->batch, o->learning_rate, o->momentum,
        o->weight_decay, t->logit_scale, (long long)o->seed);
    t->identity = text.data;
    return text.failed ? expclip__fail_memory(err, "trainer") : EXPCLIP_OK;
}

static expclip__checkpoint state_of(expclip_trainer *t)
{
    return (expclip__checkpoint){
        .identity = t->identity,
        .step = t->step,
        .loss = t->last.loss,
        .accuracy = t->last.accuracy,
        .head = t->head,
        .head_size = head_size(t),
        .moments = t->optimizer.moments,
        .moments_size = expclip__optimizer_state_size(&t->optimizer),
    };
}

static expclip_status resume(expclip_trainer *t, const char *folder,
                             expclip_error *err)
{
    expclip__checkpoint state = state_of(t);
    expclip_status status;

    if (!*folder)
        return EXPCLIP_OK;
    status = expclip__checkpoints_open(&t->checkpoints, folder, err);
    if (!status)
        status =
            expclip__checkpoints_load(t->checkpoints, &state, &t->note, err);
    if (status)
        return status;
    t->step = state.step;
    t->last.loss = state.loss;
    t->last.accuracy = state.accuracy;
    return EXPCLIP_OK;
}

expclip_status expclip__trainer_create(expclip_trainer **out,
                                       const char *features,
                                       const char *targets,
                                       const expclip_trainer_options *options,
                                       expclip_error *err)
{
    expclip_trainer *t = expclip__alloc_zero(1, sizeof(*t));
    expclip_status status;

    if (!t)
        return expclip__fail_memory(err, "trainer");
    t->fork_generation = expclip__fork_generation();
    if (!expclip__optimizer_find(options->optimizer, &t->optimizer.kind))
        status = expclip__fail(err, EXPCLIP_ERROR_ARGUMENT,
                               "optimizer: \"%s\", expected sgd or adamw",
                               options->optimizer);
    else if ((status = open_data(t, features, targets, options->batch, err)) ||
             (status = open_device(t, options->threads, err)) ||
             (status = begin(t, options, err)) ||
             (status = identify(t, options, err)))
        ;
    else
        status = resume(t, options->checkpoints, err);
    if (status)
        expclip__trainer_free(t);
    else
        *out = t;
    return status;
}

void expclip__trainer_free(expclip_trainer *t)
{
    if (!t)
        return;
    expclip__alignment_clear(&t->alignment);
    expclip__optimizer_clear(&t->optimizer);
    expclip__checkpoints_close(t->checkpoints);
    expclip__matrix_close(&t->features);
    expclip__matrix_close(&t->targets);
    tensor_device_close(t->device);
    expclip__free(t->identity);
    expclip__free(t->note);
    expclip__free(t->rows);
    expclip__free(t->order);
    expclip__free(t->head);
    expclip__free(t->gradient);
    expclip__free(t->batch_features);
    expclip__free(t->batch_targets);
    expclip__free(t);
}

/* ---- steps ---- */

static expclip_status read_batch(expclip_trainer *t, expclip_error *err)
{
    const size_t batch = (size_t)t->alignment.batch;
    const int64_t epoch = t->step / t->epoch_steps;
    const int64_t *rows;
    expclip_status status;

    if (epoch != t->epoch) {
        expclip__order_epoch(t->order, t->n_rows, t->seed, epoch);
        for (int64_t i = 0; i < t->n_rows; i++)
            t->order[i] = t->rows[t->order[i]];
        t->epoch = epoch;
    }
    rows = t->order + t->step % t->epoch_steps * (int64_t)batch;
    status =
        expclip__matrix_read(&t->features, t->batch_features, rows, batch, err);
    if (!status)
        status = expclip__matrix_read(&t->targets, t->batch_targets, rows,
                                      batch, err);
    if (!status)
        status =
            expclip__unit_rows(t->batch_targets, batch, (size_t)t->targets.dim,
                               NULL, "targets", rows, err);
    return status;
}

static int is_due(const expclip_trainer *t)
{
    return t->checkpoints &&
           (t->step % t->epoch_steps == 0 ||
            (t->checkpoint_steps && t->step % t->checkpoint_steps == 0));
}

expclip_status expclip__trainer_step(expclip_trainer *t,
                                     const expclip_cancel *cancel,
                                     expclip_error *err)
{
    expclip__alignment_result found;
    expclip_status status = expclip__fork_check(t->fork_generation, err);

    if (status || t->step >= t->total_steps)
        return status;
    status = expclip__cancel_check(cancel, err);
    if (status) {
        const expclip_status saved =
            t->checkpoints ? expclip__trainer_checkpoint(t, err) : EXPCLIP_OK;

        return saved ? saved : status;
    }
    if ((status = read_batch(t, err)) ||
        (status = expclip__alignment_compute(&t->alignment, &found, t->gradient,
                                             t->head, t->batch_features,
                                             t->batch_targets, err)))
        return status;
    expclip__optimizer_apply(&t->optimizer, t->head, t->gradient, t->step);
    t->last = found;
    t->step++;
    return is_due(t) ? expclip__trainer_checkpoint(t, err) : EXPCLIP_OK;
}

/* ---- results ---- */

expclip_status expclip__trainer_checkpoint(expclip_trainer *t,
                                           expclip_error *err)
{
    const expclip__checkpoint state = state_of(t);

    if (!t->checkpoints)
        return expclip__fail(err, EXPCLIP_ERROR_STATE,
                             "checkpoints: no folder was given");
    return expclip__checkpoints_save(t->checkpoints, &state, err);
}

expclip_status expclip__trainer_save_head(const expclip_trainer *t,
                                          const char *path, expclip_error *err)
{
    const int64_t shape[] = { t->targets.dim, t->features.dim };
    expclip__tensors_writer *w = NULL;
    expclip_status status = expclip__tensors_create(&w, path, err);

    if (status)
        return status;
    if ((status =
             expclip__tensors_metadata(w, "format", "expclip-head", err)) ||
        (status = expclip__tensors_metadata(w, "preprocess", "expclip", err)) ||
        (status =
             expclip__tensors_metadata(w, "provenance", t->identity, err)) ||
        (status = expclip__tensors_describe(w, "mlp.weight", EXPCLIP__F32, 2,
                                            shape, err)) ||
        (status = expclip__tensors_write_f32(w, t->head, (int64_t)head_size(t),
                                             err)))
        ;
    else
        status = expclip__tensors_commit(w, err);
    expclip__tensors_free(w);
    return status;
}

/* Features that a library has made tell their encoder's fingerprint. */
static expclip_status check_encoder(const expclip_trainer *t,
                                    const expclip_model *model,
                                    expclip_error *err)
{
    const char *known = t->features.encoder + sizeof("encoder: ") - 1;
    const char *given = model->encoder_fingerprint;

    if (model->clip.embed_dim != t->features.dim)
        return expclip__fail(err, EXPCLIP_ERROR_SHAPE,
                             "model: embeddings of %d numbers, expected %d, as "
                             "the features",
                             (int)model->clip.embed_dim, (int)t->features.dim);
    if (!*t->features.encoder || strncmp(known, given, strlen(given)) == 0)
        return EXPCLIP_OK;
    return expclip__fail(err, EXPCLIP_ERROR_STATE,
                         "model: encoder %s (%s, %s), expected that of the "
                         "features, %s",
                         given, model->name,
                         expclip__preset_name(model->pixels.preset), known);
}

expclip_status expclip__trainer_model(expclip_model **out,
                                      const expclip_trainer *t,
                                      const expclip_model *model,
                                      expclip_error *err)
{
    const expclip_status status = check_encoder(t, model, err);

    return status ? status
                  : expclip__model_with_head(out, model, t->head,
                                             t->targets.dim, err);
}
