/* SPDX-License-Identifier: MIT */
/*
 * features.c - embeddings of a dataset's items before the head, done once:
 * images in batches that begin at multiples of the batch size, clips alone.
 */
#include "rows/features.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/hash.h"
#include "expression/frame_mean.h"

/* ---- what they depend on ---- */

static expclip__features *of(const expclip_rows *r)
{
    return (expclip__features *)(uintptr_t)r;
}

static void identify(const expclip_rows *r, expclip__buffer *text)
{
    static const char *const samplings[] = { "all", "exact", "spread" };
    const expclip__features *f = of(r);
    const expclip_features_options *o = &f->options;
    const expclip_dataset *d = r->dataset;
    char items[17], files[17];

    expclip__hash_text(items, expclip__dataset_hash(d));
    expclip__hash_text(files, expclip__dataset_hash_files(d, 1));
    expclip__buffer_add_format(
        text,
        "encoder: %s (%s)\nlogit_scale: %.9g\nnumber of items: %zu\n"
        "data set: %s %s\nshard: %d of %d\n"
        "sizes and times of its files: %s\nbatch: %d\nsampling: %s %d\n"
        "order: %s\nexif: %d\n",
        f->model->encoder_fingerprint, f->model->name,
        (double)f->model->clip.logit_scale, d->n_items, d->name, items,
        (int)d->shard, (int)d->n_shards, files, (int)o->batch,
        samplings[o->sampling], (int)o->n_samples,
        o->order == EXPCLIP_ORDER_STRING ? "string" : "natural", (int)o->exif);
    if (f->detector)
        expclip__buffer_add_format(
            text, "faces: %s, side %g, up %g, upright %d\n",
            o->faces == EXPCLIP_FACES_AUTO ? "auto" : "largest",
            (double)f->choice.crop.side, (double)f->choice.crop.up,
            (int)o->upright);
    expclip__buffer_add_format(text, "library: %s\n", EXPCLIP_VERSION);
}

/* ---- steps ---- */

/* A clip, or the images up to the next border of a batch. */
static size_t step_size(const expclip_rows *r, size_t first)
{
    const size_t batch = (size_t)of(r)->options.batch;
    const size_t border = (first / batch + 1) * batch;
    const expclip__item *items = r->dataset->items;
    size_t end = first;

    if (items[first].n_frames != 0)
        return 1;
    while (end < r->dataset->n_items && end < border &&
           items[end].n_frames == 0)
        end++;
    return end - first;
}

/* Rows of the good items of a batch to their places. */
static void place_rows(float *rows, expclip__row_note *notes,
                       const float *slots, const expclip_batch *batch,
                       const expclip_rows *r)
{
    const expclip__item *items = &r->dataset->items[r->store.n_done];
    const size_t dim = r->store.dim;

    for (size_t i = 0; i < batch->n_items; i++) {
        const expclip__batch_item *item = &batch->items[i];

        if (item->status)
            expclip__rows_note(&notes[i], &items[i], item->status,
                               item->message ? item->message : "");
        else
            memcpy(rows + i * dim, slots + item->slot * dim,
                   dim * sizeof(*rows));
    }
}

static expclip_status encode(float *rows, expclip__row_note *notes,
                             const expclip__features *f,
                             const expclip_batch *batch,
                             const expclip_cancel *cancel, expclip_error *err)
{
    const size_t dim = f->rows.store.dim;
    float *slots = expclip__alloc(batch->n_slots, dim * sizeof(*slots));
    expclip_status status;

    if (!slots)
        return expclip__fail_memory(err, "features");
    status = expclip__model_encode_images(f->model, slots, batch->pixels,
                                          batch->n_slots, cancel, err);
    if (!status)
        place_rows(rows, notes, slots, batch, &f->rows);
    expclip__free(slots);
    return status;
}

static expclip_status do_images(expclip__features *f, float *rows,
                                expclip__row_note *notes, size_t n,
                                const expclip_cancel *cancel,
                                expclip_error *err)
{
    const expclip_dataset *d = f->rows.dataset;
    const size_t first = f->rows.store.n_done, next = first + n;
    const size_t n_next = next < d->n_items && d->items[next].n_frames == 0
                              ? step_size(&f->rows, next)
                              : 0;
    const expclip_batch *batch = NULL;
    expclip_status status =
        expclip__ahead_take(&batch, &f->ahead, first, n, n_next, cancel, err);

    return status ? status : encode(rows, notes, f, batch, cancel, err);
}

static expclip_status do_frames(expclip_clip *mean, const expclip__features *f,
                                const expclip__item *item,
                                const expclip_cancel *cancel,
                                expclip_error *err)
{
    const int finds = f->detector && !item->box_width;
    const expclip_image_options image =
        expclip__rows_image_options(item, finds || f->options.exif);
    expclip_frames_options o = EXPCLIP_FRAMES_OPTIONS_INIT;
    expclip_frames *frames = NULL;
    expclip_status status;

    o.sampling = f->options.sampling;
    o.n_samples = f->options.n_samples;
    o.order = f->options.order;
    o.frame_count = item->n_frames > 0 ? item->n_frames : 0;
    status = expclip__frames_open(&frames, item->path, &o, err);
    if (!status)
        status = expclip__frame_mean_add_frames(
            mean, frames, &image, finds ? &f->choice : NULL, cancel, err);
    expclip__frames_free(frames);
    return status;
}

/* Frames that failed lose only themselves, unless they are all, or under STOP;
 * but the clip says so. */
static expclip_status note_left_out(const expclip__features *f,
                                    expclip__row_note *note,
                                    const expclip_clip *mean,
                                    const expclip__item *item,
                                    expclip_error *why)
{
    if (mean->n_frames == 0 || f->options.policy == EXPCLIP_POLICY_STOP) {
        *why = mean->first_failure;
        return why->code;
    }
    snprintf(note->message, sizeof(note->message),
             "%lld of %lld frames left out, the first: %.160s",
             (long long)mean->n_failed,
             (long long)(mean->n_failed + mean->n_frames),
             expclip__rows_without_path(mean->first_failure.message, item));
    return EXPCLIP_OK;
}

static expclip_status do_clip(const expclip__features *f, float *row,
                              expclip__row_note *note,
                              const expclip_cancel *cancel, expclip_error *err)
{
    const expclip_embed_options plain = { sizeof(plain), 0, 0 };
    const expclip__item *item = &f->rows.dataset->items[f->rows.store.n_done];
    expclip_clip *mean = NULL;
    expclip_error why = { 0 };
    expclip_status status = expclip__frame_mean_create(&mean, f->model, err);

    if (status)
        return status;
    status = do_frames(mean, f, item, cancel, &why);
    if (!status && mean->n_failed > 0)
        status = note_left_out(f, note, mean, item, &why);
    if (!status)
        status = expclip__frame_mean_embed(row, mean, &plain, &why);
    expclip__frame_mean_free(mean);
    if (expclip__concerns_all(status)) {
        if (err)
            *err = why;
        return status;
    }
    if (status)
        expclip__rows_note(note, item, status, why.message);
    return EXPCLIP_OK;
}

/* Weights that overflow are found here, not when all is done. */
static expclip_status check_finite(const expclip_rows *r, const float *rows,
                                   const expclip__row_note *notes, size_t n,
                                   expclip_error *err)
{
    const size_t dim = r->store.dim;

    for (size_t i = 0; i < n * dim; i++)
        if (!notes[i / dim].status && !isfinite(rows[i]))
            return expclip__fail(
                err, EXPCLIP_ERROR_NONFINITE,
                "%s: its embedding has %g in it, expected finite numbers",
                r->dataset->items[r->store.n_done + i / dim].path,
                (double)rows[i]);
    return EXPCLIP_OK;
}

/* Under STOP an item that failed ends the work, also one that was stored under
 * SKIP. */
static expclip_status check_policy(const expclip__features *f,
                                   const expclip__row_note *notes, size_t first,
                                   size_t n, expclip_error *err)
{
    for (size_t i = 0; f->options.policy == EXPCLIP_POLICY_STOP && i < n; i++)
        if (notes[i].status)
            return expclip__fail(err, notes[i].status, "%s: %s",
                                 f->rows.dataset->items[first + i].path,
                                 notes[i].message);
    return EXPCLIP_OK;
}

static expclip_status make(expclip_rows *r, float *rows,
                           expclip__row_note *notes, size_t n,
                           const expclip_cancel *cancel, expclip_error *err)
{
    const size_t first = r->store.n_done;
    expclip_status status = r->dataset->items[first].n_frames != 0
                                ? do_clip(of(r), rows, notes, cancel, err)
                                : do_images(of(r), rows, notes, n, cancel, err);

    if (!status)
        status = check_finite(r, rows, notes, n, err);
    return status ? status : check_policy(of(r), notes, first, n, err);
}

/* ---- life ---- */

static void close_features(expclip_rows *r)
{
    expclip__features *f = of(r);

    expclip__ahead_end(&f->ahead);
    expclip__head_view_clear(&f->head);
    expclip__detector_free(f->detector);
    expclip__model_release(f->model);
}

static const expclip__rows_kind features_kind = { "features", identify,
                                                  step_size, make,
                                                  close_features };

/* One thread finds while the others compute. */
static expclip_status open_choice(expclip__features *f, expclip_error *err)
{
    const expclip_features_options *o = &f->options;
    expclip_detector_options options = EXPCLIP_DETECTOR_OPTIONS_INIT;
    expclip__crop crop = f->model->crop;
    expclip_status status =
        expclip__crop_choose(&crop, o->crop_side, o->crop_up, err);

    options.threads = 1;
    options.quick = o->faces == EXPCLIP_FACES_AUTO;
    if (!status && o->faces != EXPCLIP_FACES_NONE)
        status = expclip__detector_create(&f->detector, &options, err);
    f->choice =
        (expclip__face_choice){ f->detector, o->faces, crop, o->upright };
    return status;
}

expclip_status expclip__features_create(expclip_rows **out,
                                        const expclip_model *model,
                                        const expclip_dataset *dataset,
                                        const expclip_features_options *options,
                                        expclip_error *err)
{
    expclip__features *f = expclip__rows_new(sizeof(*f), &features_kind,
                                             dataset, model->fork_generation);
    expclip_status status;

    if (!f)
        return expclip__fail_memory(err, "features");
    f->model = expclip__model_retain(model);
    f->options = *options;
    f->options.cache = NULL;
    f->ahead.model = f->model;
    f->ahead.dataset = dataset;
    f->ahead.exif = options->exif;
    f->ahead.choice = &f->choice;
    status = open_choice(f, err);
    if (!status)
        status = expclip__rows_start(&f->rows, options->cache,
                                     expclip__model_dim(model, 0), 1, err);
    if (!status)
        status =
            check_policy(f, f->rows.store.notes, 0, f->rows.store.n_done, err);
    if (status)
        expclip__rows_free(&f->rows);
    else
        *out = &f->rows;
    return status;
}

expclip_status expclip__features_of(expclip__features **out,
                                    const expclip_rows *rows,
                                    const expclip_model *model,
                                    expclip_error *err)
{
    const expclip__features *f = of(rows);

    if (rows->kind != &features_kind)
        return expclip__fail(err, EXPCLIP_ERROR_ARGUMENT,
                             "rows: %s of a teacher, expected features of an "
                             "image encoder",
                             rows->kind->name);
    if (strcmp(model->encoder_fingerprint, f->model->encoder_fingerprint) != 0)
        return expclip__fail(err, EXPCLIP_ERROR_STATE,
                             "model: encoder %s, expected that of the "
                             "features, %s",
                             model->encoder_fingerprint,
                             f->model->encoder_fingerprint);
    if (rows->store.n_done < rows->store.n)
        return expclip__fail(err, EXPCLIP_ERROR_STATE,
                             "features: %zu of %zu items are done",
                             rows->store.n_done, rows->store.n);
    *out = of(rows);
    return EXPCLIP_OK;
}
