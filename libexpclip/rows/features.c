/* SPDX-License-Identifier: MIT */
/*
 * features.c - embeddings of a data set's items before the head, done once.
 *
 * Step k does the same items in the same forward passes however often the work
 * was interrupted, so the bytes are the same too: pictures in batches that
 * begin at multiples of the batch size, clips alone.
 */
#include "rows/features.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/text.h"
#include "expression/frame_mean.h"

/* ---- life ---- */

/* All that the rows depend on, in words. */
static char *identify(const expclip_features *f)
{
    static const char *const samplings[] = { "all", "exact", "spread" };
    const expclip_features_options *o = &f->options;
    expclip__buffer text = { 0 };
    char items[17], files[17];

    expclip__hash_text(items, expclip__dataset_hash(f->dataset));
    expclip__hash_text(files, expclip__dataset_hash_files(f->dataset, 1));
    expclip__buffer_add_format(
        &text,
        "encoder: %s (%s)\nlogit_scale: %.9g\nnumber of items: %zu\n"
        "data set: %s %s\nshard: %d of %d\n"
        "sizes and times of its files: %s\nbatch: %d\nsampling: %s %d\n"
        "order: %s\nexif: %d\n",
        f->model->encoder_fingerprint, f->model->name,
        (double)f->model->clip.logit_scale, f->dataset->n_items,
        f->dataset->name, items, (int)f->dataset->shard,
        (int)f->dataset->n_shards, files, (int)o->batch, samplings[o->sampling],
        (int)o->n_samples,
        o->order == EXPCLIP_ORDER_STRING ? "string" : "natural", (int)o->exif);
    expclip__buffer_add_format(&text, "library: %s\n", EXPCLIP_VERSION);
    if (!text.failed)
        return text.data;
    expclip__buffer_free(&text);
    return NULL;
}

size_t expclip__features_step_size(const expclip_features *f, size_t first)
{
    const size_t batch = (size_t)f->options.batch;
    const size_t border = (first / batch + 1) * batch;
    const expclip__item *items = f->dataset->items;
    size_t end = first;

    if (items[first].n_frames != 0)
        return 1;
    while (end < f->dataset->n_items && end < border &&
           items[end].n_frames == 0)
        end++;
    return end - first;
}

/* Where the step that was under way began. */
static size_t last_border(const expclip_features *f, size_t n_done)
{
    size_t first = 0;

    while (first < n_done) {
        const size_t n = expclip__features_step_size(f, first);

        if (first + n > n_done)
            break;
        first += n;
    }
    return first;
}

static expclip_status open_store(expclip_features *f, const char *path,
                                 expclip_error *err)
{
    char *identity = identify(f);
    expclip_status status;

    if (!identity)
        return expclip__fail_memory(err, "features");
    status =
        expclip__row_store_open(&f->store, path, identity, f->dataset->n_items,
                                expclip__model_dim(f->model, 0), 1, err);
    expclip__free(identity);
    if (!status)
        status = expclip__row_store_cut(&f->store,
                                        last_border(f, f->store.n_done), err);
    return status;
}

/* Under STOP an item that failed ends the work, also one that was stored under
 * SKIP. */
static expclip_status check_policy(const expclip_features *f,
                                   const expclip__row_note *notes, size_t first,
                                   size_t n, expclip_error *err)
{
    for (size_t i = 0; f->options.policy == EXPCLIP_POLICY_STOP && i < n; i++)
        if (notes[i].status)
            return expclip__fail(err, notes[i].status, "%s: %s",
                                 f->dataset->items[first + i].path,
                                 notes[i].message);
    return EXPCLIP_OK;
}

expclip_status expclip__features_create(expclip_features **out,
                                        const expclip_model *model,
                                        const expclip_dataset *dataset,
                                        const expclip_features_options *options,
                                        expclip_error *err)
{
    expclip_features *f = expclip__alloc_zero(1, sizeof(*f));
    expclip_status status;

    if (!f)
        return expclip__fail_memory(err, "features");
    f->store.fd = -1;
    f->model = expclip__model_retain(model);
    f->dataset = expclip__dataset_retain(dataset);
    f->options = *options;
    f->options.cache = NULL;
    f->ahead.features = f;
    status = open_store(f, options->cache, err);
    if (!status)
        status = check_policy(f, f->store.notes, 0, f->store.n_done, err);
    if (status)
        expclip__features_free(f);
    else
        *out = f;
    return status;
}

/* ---- steps ---- */

/* A message without the item's path at its beginning: long paths would leave no
 * room. */
static const char *without_path(const char *message, const expclip__item *item)
{
    const size_t n = strlen(item->path);

    if (strncmp(message, item->path, n) != 0)
        return message;
    if (message[n] == '/')
        return message + n + 1; /* a frame's name */
    return strncmp(message + n, ": ", 2) == 0 ? message + n + 2 : message;
}

static void note_failure(expclip__row_note *note, const expclip__item *item,
                         expclip_status status, const char *message)
{
    message = without_path(message, item);
    note->status = status;
    snprintf(note->message, sizeof(note->message), "%.*s",
             (int)sizeof(note->message) - 1, message);
}

/* Rows of the good items of a batch to their places, NaN to the others'. */
static void place_rows(float *rows, expclip__row_note *notes,
                       const float *slots, const expclip_batch *batch,
                       const expclip_features *f)
{
    const expclip__item *items = &f->dataset->items[f->store.n_done];
    const size_t dim = f->store.dim;

    for (size_t i = 0; i < batch->n_items; i++) {
        const expclip__batch_item *item = &batch->items[i];

        for (size_t j = 0; j < dim; j++)
            rows[i * dim + j] =
                item->status ? NAN : slots[item->slot * dim + j];
        if (item->status)
            note_failure(&notes[i], &items[i], item->status,
                         item->message ? item->message : "");
    }
}

static expclip_status encode(float *rows, expclip__row_note *notes,
                             const expclip_features *f,
                             const expclip_batch *batch,
                             const expclip_cancel *cancel, expclip_error *err)
{
    const size_t dim = f->store.dim;
    float *slots = expclip__alloc(batch->n_slots, dim * sizeof(*slots));
    expclip_status status;

    if (!slots)
        return expclip__fail_memory(err, "features");
    status = expclip__model_encode_images(f->model, slots, batch->pixels,
                                          batch->n_slots, cancel, err);
    if (!status)
        place_rows(rows, notes, slots, batch, f);
    expclip__free(slots);
    return status;
}

static expclip_status do_pictures(expclip_features *f, float *rows,
                                  expclip__row_note *notes,
                                  const expclip_cancel *cancel,
                                  expclip_error *err)
{
    const expclip_batch *batch = NULL;
    expclip_status status = expclip__ahead_take(&batch, f, cancel, err);

    return status ? status : encode(rows, notes, f, batch, cancel, err);
}

static expclip_status do_frames(expclip_clip *mean, const expclip_features *f,
                                const expclip__item *item,
                                const expclip_cancel *cancel,
                                expclip_error *err)
{
    const expclip_image_options image =
        expclip__features_image_options(f, item);
    expclip_frames_options o = EXPCLIP_FRAMES_OPTIONS_INIT;
    expclip_frames *frames = NULL;
    expclip_status status;

    o.sampling = f->options.sampling;
    o.n_samples = f->options.n_samples;
    o.order = f->options.order;
    o.frame_count = item->n_frames > 0 ? item->n_frames : 0;
    status = expclip__frames_open(&frames, item->path, &o, err);
    if (!status)
        status =
            expclip__frame_mean_add_frames(mean, frames, &image, cancel, err);
    expclip__frames_free(frames);
    return status;
}

/* Frames that failed lose only themselves, unless they are all, or under STOP;
 * but the clip says so. */
static expclip_status note_left_out(const expclip_features *f,
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
             without_path(mean->first_failure.message, item));
    return EXPCLIP_OK;
}

static expclip_status do_clip(expclip_features *f, float *row,
                              expclip__row_note *note,
                              const expclip_cancel *cancel, expclip_error *err)
{
    const expclip_embed_options plain = { sizeof(plain), 0, 0 };
    const expclip__item *item = &f->dataset->items[f->store.n_done];
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
    for (size_t j = 0; status && j < f->store.dim; j++)
        row[j] = NAN;
    if (status)
        note_failure(note, item, status, why.message);
    return EXPCLIP_OK;
}

/* Weights that overflow are found here, not when all is done. */
static expclip_status check_finite(const expclip_features *f, const float *rows,
                                   const expclip__row_note *notes, size_t n,
                                   expclip_error *err)
{
    const size_t dim = f->store.dim;

    for (size_t i = 0; i < n * dim; i++)
        if (!notes[i / dim].status && !isfinite(rows[i]))
            return expclip__fail(
                err, EXPCLIP_ERROR_NONFINITE,
                "%s: its embedding has %g in it, expected "
                "finite numbers",
                f->dataset->items[f->store.n_done + i / dim].path,
                (double)rows[i]);
    return EXPCLIP_OK;
}

expclip_status expclip__features_step(expclip_features *f,
                                      const expclip_cancel *cancel,
                                      expclip_error *err)
{
    const size_t first = f->store.n_done;
    expclip__row_note *notes;
    expclip_status status;
    float *rows;
    size_t n;

    if (first == f->store.n)
        return EXPCLIP_OK;
    n = expclip__features_step_size(f, first);
    rows = expclip__alloc(n, f->store.dim * sizeof(*rows));
    notes = expclip__alloc_zero(n, sizeof(*notes));
    if (!rows || !notes)
        status = expclip__fail_memory(err, "features");
    else if (f->dataset->items[first].n_frames != 0)
        status = do_clip(f, rows, notes, cancel, err);
    else
        status = do_pictures(f, rows, notes, cancel, err);
    if (!status)
        status = check_finite(f, rows, notes, n, err);
    if (!status)
        status = check_policy(f, notes, first, n, err);
    if (!status)
        status = expclip__row_store_add(&f->store, rows, notes, n, err);
    expclip__free(rows);
    expclip__free(notes);
    return status;
}

static void clear_head_view(expclip__head_view *v)
{
    expclip__free(v->lengths);
    expclip__free(v->turned);
    memset(v, 0, sizeof(*v));
}

void expclip__features_free(expclip_features *f)
{
    if (!f)
        return;
    expclip__ahead_end(&f->ahead);
    clear_head_view(&f->head);
    expclip__row_store_close(&f->store);
    expclip__dataset_release(f->dataset);
    expclip__model_release(f->model);
    expclip__free(f);
}
