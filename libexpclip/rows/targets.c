/* SPDX-License-Identifier: MIT */
/*
 * targets.c - what a teacher says of each picture of a data set, or of its
 * description, a few at a time. A pass over pictures takes seconds, so they are
 * decoded between passes.
 */
#include "rows/targets.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/text.h"

enum { PICTURES = 4, TEXTS = 64 }; /* at once */

/* ---- life ---- */

static expclip_status check_pictures(const expclip_dataset *d,
                                     expclip_error *err)
{
    for (size_t i = 0; i < d->n_items; i++)
        if (d->items[i].n_frames != 0)
            return expclip__fail(err, EXPCLIP_ERROR_STATE,
                                 "%s: a clip, expected pictures only",
                                 d->items[i].path);
    return EXPCLIP_OK;
}

static size_t batch_of(const expclip_targets *t)
{
    return t->teacher->reads_texts ? TEXTS : PICTURES;
}

static char *identify(const expclip_targets *t)
{
    expclip__buffer text = { 0 };
    char hash[17];

    expclip__hash_text(hash, expclip__dataset_hash(t->dataset));
    expclip__buffer_add_format(
        &text, "teacher: %s\ndata set: %s %s\nshard: %d of %d\n",
        t->teacher->fingerprint, t->dataset->name, hash, (int)t->dataset->shard,
        (int)t->dataset->n_shards);
    /* Not their times: days of work shall go on with copies of them. */
    expclip__hash_text(hash, t->teacher->reads_texts
                                 ? t->descriptions.hash
                                 : expclip__dataset_hash_files(t->dataset, 0));
    expclip__buffer_add_format(
        &text, "%s: %s\n",
        t->teacher->reads_texts ? "descriptions" : "sizes of its files", hash);
    return text.failed ? NULL : text.data;
}

static expclip_status open_store(expclip_targets *t, const char *path,
                                 expclip_error *err)
{
    const size_t few = batch_of(t);
    char *identity = identify(t);
    expclip_status status;

    if (!identity)
        return expclip__fail_memory(err, "targets");
    status =
        expclip__row_store_open(&t->store, path, identity, t->dataset->n_items,
                                t->teacher->dim, 0, err);
    expclip__free(identity);
    if (!status && t->store.n_done < t->store.n) /* to a pass's border */
        status =
            expclip__row_store_cut(&t->store, t->store.n_done / few * few, err);
    return status;
}

expclip_status expclip__targets_create(expclip_targets **out,
                                       const expclip_teacher *teacher,
                                       const expclip_dataset *dataset,
                                       const char *path, expclip_error *err)
{
    expclip_status status = check_pictures(dataset, err);
    expclip_targets *t;

    if (status)
        return status;
    t = expclip__alloc_zero(1, sizeof(*t));
    if (!t)
        return expclip__fail_memory(err, "targets");
    t->store.fd = -1;
    t->teacher = expclip__teacher_retain(teacher);
    t->dataset = expclip__dataset_retain(dataset);
    if (teacher->reads_texts)
        status = expclip__descriptions_open(&t->descriptions, dataset, err);
    if (!status)
        status = open_store(t, path, err);
    if (status)
        expclip__targets_free(t);
    else
        *out = t;
    return status;
}

void expclip__targets_free(expclip_targets *t)
{
    if (!t)
        return;
    expclip__row_store_close(&t->store);
    expclip__descriptions_close(&t->descriptions);
    expclip__dataset_release(t->dataset);
    expclip__teacher_release(t->teacher);
    expclip__free(t);
}

/* ---- one item ---- */

static expclip_status read_picture(float *pixels, const expclip_teacher *t,
                                   const expclip__item *item,
                                   expclip_error *err)
{
    expclip_image_options o = EXPCLIP_IMAGE_OPTIONS_INIT;
    expclip__image image = { 0 };
    expclip_status status;

    o.box_x = item->box_x;
    o.box_y = item->box_y;
    o.box_width = item->box_width;
    o.box_height = item->box_height;
    if (item->pixels_size)
        status = expclip__item_pixels(&image, item, err);
    else
        status = expclip__image_load(&image, item->path, &o, NULL, err);
    if (!status)
        status = expclip__preprocess(pixels, &image, &t->blip2.pixels,
                                     t->devices.pixels, err);
    expclip__image_clear(&image);
    return status;
}

/* The message without the picture's path at its beginning. */
static void note_failure(expclip__row_note *note, const expclip__item *item,
                         expclip_status status, const char *message)
{
    const size_t n = strlen(item->path);

    if (strncmp(message, item->path, n) == 0 &&
        strncmp(message + n, ": ", 2) == 0)
        message += n + 2;
    note->status = status;
    snprintf(note->message, sizeof(note->message), "%.*s",
             (int)sizeof(note->message) - 1, message);
}

/* ---- pictures ---- */

/* The pictures that can be read, one after the other; *good is how many. */
static expclip_status read_pictures(float *pixels, size_t *good,
                                    expclip__row_note *notes,
                                    const expclip_targets *t, size_t n,
                                    expclip_error *err)
{
    const size_t size = (size_t)t->teacher->blip2.pixels.size;

    *good = 0;
    for (size_t i = 0; i < n; i++) {
        const expclip__item *item = &t->dataset->items[t->store.n_done + i];
        expclip_error why;
        const expclip_status status = read_picture(
            pixels + *good * 3 * size * size, t->teacher, item, &why);

        if (expclip__concerns_all(status))
            return expclip__fail(err, status, "%s", why.message);
        if (status)
            note_failure(&notes[i], item, status, why.message);
        else
            ++*good;
    }
    return EXPCLIP_OK;
}

/* From the back, since good rows move up: NaN where there is none. */
static void place_rows(float *rows, const expclip__row_note *notes, size_t n,
                       size_t good, size_t dim)
{
    for (size_t i = n; i-- > 0;) {
        float *row = rows + i * dim;

        if (!notes[i].status)
            memmove(row, rows + --good * dim, dim * sizeof(*row));
        for (size_t j = 0; notes[i].status && j < dim; j++)
            row[j] = NAN;
    }
}

static expclip_status encode_pictures(const expclip_targets *t, float *rows,
                                      expclip__row_note *notes, size_t n,
                                      expclip_error *err)
{
    const size_t size = (size_t)t->teacher->blip2.pixels.size;
    float *pixels = expclip__alloc(n, 3 * size * size * sizeof(*pixels));
    expclip_status status;
    size_t good;

    if (!pixels)
        return expclip__fail_memory(err, "targets");
    status = read_pictures(pixels, &good, notes, t, n, err);
    if (!status && good)
        status = expclip__blip2_encode(&t->teacher->blip2, rows, pixels, good,
                                       &t->teacher->devices, err);
    if (!status)
        place_rows(rows, notes, n, good, t->store.dim);
    expclip__free(pixels);
    return status;
}

/* ---- texts ---- */

/* An equal text has been encoded already. @return 1 when its row is copied */
static int copy_equal(const expclip_targets *t, float *rows,
                      const expclip__row_note *notes, size_t i,
                      const char *text, size_t size)
{
    const size_t at = t->store.n_done + i, first = t->descriptions.first[at];
    const size_t dim = t->store.dim;
    char *other = NULL;
    size_t other_size = 0;
    int equal;

    if (first >= at)
        return 0;
    if (first >= t->store.n_done ? notes[first - t->store.n_done].status
                                 : t->store.notes[first].status)
        return 0;
    equal = !expclip__description_read(&other, &other_size,
                                       &t->dataset->items[first], NULL) &&
            other_size == size && memcmp(other, text, size) == 0;
    expclip__free(other);
    if (!equal || first < t->store.n_done)
        return equal &&
               !expclip__row_store_read(&t->store, rows + i * dim, first, NULL);
    memcpy(rows + i * dim, rows + (first - t->store.n_done) * dim,
           dim * sizeof(*rows));
    return 1;
}

/* Row i of a step. */
static expclip_status encode_text(const expclip_targets *t, float *rows,
                                  const expclip__row_note *notes, size_t i,
                                  expclip_error *err)
{
    char *text = NULL;
    size_t size = 0;
    expclip_status status = expclip__description_read(
        &text, &size, &t->dataset->items[t->store.n_done + i], err);

    if (!status && !copy_equal(t, rows, notes, i, text, size))
        status = expclip__sentence_encode(&t->teacher->sentence,
                                          rows + i * t->store.dim, text, size,
                                          &t->teacher->devices, err);
    expclip__free(text);
    return status;
}

static expclip_status encode_texts(const expclip_targets *t, float *rows,
                                   expclip__row_note *notes, size_t n,
                                   expclip_error *err)
{
    const size_t dim = t->store.dim;

    for (size_t i = 0; i < n; i++) {
        expclip_error why;
        const expclip_status status = encode_text(t, rows, notes, i, &why);

        if (expclip__concerns_all(status))
            return expclip__fail(err, status, "%s", why.message);
        if (status)
            note_failure(&notes[i], &t->dataset->items[t->store.n_done + i],
                         status, why.message);
        for (size_t j = 0; status && j < dim; j++)
            rows[i * dim + j] = NAN;
    }
    return EXPCLIP_OK;
}

/* ---- steps ---- */

expclip_status expclip__targets_step(expclip_targets *t,
                                     const expclip_cancel *cancel,
                                     expclip_error *err)
{
    const size_t left = t->store.n - t->store.n_done, few = batch_of(t);
    const size_t n = left < few ? left : few;
    expclip__row_note notes[TEXTS] = { 0 };
    float *rows;
    expclip_status status =
        expclip__fork_check(t->teacher->fork_generation, err);

    if (!status)
        status = expclip__cancel_check(cancel, err);
    if (status || n == 0)
        return status;
    rows = expclip__alloc(n, t->store.dim * sizeof(*rows));
    if (!rows)
        return expclip__fail_memory(err, "targets");
    status = t->teacher->reads_texts ? encode_texts(t, rows, notes, n, err)
                                     : encode_pictures(t, rows, notes, n, err);
    if (!status)
        status = expclip__row_store_add(&t->store, rows, notes, n, err);
    expclip__free(rows);
    return status;
}
