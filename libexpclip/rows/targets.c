/* SPDX-License-Identifier: MIT */
/*
 * targets.c - what a teacher says of each image of a dataset, or of its
 * description, a few at a time. A pass over images takes seconds, so they are
 * decoded between passes.
 */
#include "rows/targets.h"

#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/hash.h"
#include "rows/descriptions.h"

enum { IMAGES = 4, TEXTS = 64 }; /* at once */

typedef struct targets {
    expclip_rows rows;
    expclip_teacher *teacher;           /* retained */
    expclip__descriptions descriptions; /* where the teacher reads texts */
} targets;

static const targets *of(const expclip_rows *r)
{
    return (const targets *)r;
}

/* Item i of a step. */
static const expclip__item *item_of(const targets *t, size_t i)
{
    return &t->rows.dataset->items[t->rows.store.n_done + i];
}

/* ---- what they depend on ---- */

static void identify(const expclip_rows *r, expclip__buffer *text)
{
    const int reads_texts = of(r)->teacher->reads_texts;
    const expclip_dataset *d = r->dataset;
    char data[17], files[17];

    expclip__hash_text(data, expclip__dataset_hash(d));
    /* Not their times: days of work shall go on with copies of them. */
    expclip__hash_text(files, reads_texts ? of(r)->descriptions.hash
                                          : expclip__dataset_hash_files(d, 0));
    expclip__buffer_add_format(
        text, "teacher: %s\ndata set: %s %s\nshard: %d of %d\n%s: %s\n",
        of(r)->teacher->fingerprint, d->name, data, (int)d->shard,
        (int)d->n_shards, reads_texts ? "descriptions" : "sizes of its files",
        files);
}

/* ---- images ---- */

static expclip_status read_image(float *pixels, const expclip_teacher *t,
                                 const expclip__item *item, expclip_error *err)
{
    expclip__image image = { 0 };
    expclip_status status =
        expclip__rows_read_image(&image, item, 0, NULL, err);

    if (!status)
        status = expclip__preprocess(pixels, &image, &t->blip2.pixels,
                                     t->devices.pixels, err);
    expclip__image_clear(&image);
    return status;
}

/* The images that can be read, one after the other; *good is how many. */
static expclip_status read_images(float *pixels, size_t *good,
                                  expclip__row_note *notes, const targets *t,
                                  size_t n, expclip_error *err)
{
    const size_t size = (size_t)t->teacher->blip2.pixels.size;

    *good = 0;
    for (size_t i = 0; i < n; i++) {
        const expclip__item *item = item_of(t, i);
        expclip_error why;
        const expclip_status status = read_image(
            pixels + *good * 3 * size * size, t->teacher, item, &why);

        if (expclip__concerns_all(status))
            return expclip__fail(err, status, "%s", why.message);
        if (status)
            expclip__rows_note(&notes[i], item, status, why.message);
        else
            ++*good;
    }
    return EXPCLIP_OK;
}

/* From the back, since good rows move up. */
static void place_rows(float *rows, const expclip__row_note *notes, size_t n,
                       size_t good, size_t dim)
{
    for (size_t i = n; i-- > 0;)
        if (!notes[i].status)
            memmove(rows + i * dim, rows + --good * dim, dim * sizeof(*rows));
}

static expclip_status encode_images(const targets *t, float *rows,
                                    expclip__row_note *notes, size_t n,
                                    expclip_error *err)
{
    const size_t size = (size_t)t->teacher->blip2.pixels.size;
    float *pixels = expclip__alloc(n, 3 * size * size * sizeof(*pixels));
    expclip_status status;
    size_t good;

    if (!pixels)
        return expclip__fail_memory(err, "targets");
    status = read_images(pixels, &good, notes, t, n, err);
    if (!status && good)
        status = expclip__blip2_encode(&t->teacher->blip2, rows, pixels, good,
                                       &t->teacher->devices, err);
    if (!status)
        place_rows(rows, notes, n, good, t->rows.store.dim);
    expclip__free(pixels);
    return status;
}

/* ---- texts ---- */

/* An equal text has been encoded already. @return 1 when its row is copied */
static int copy_equal(const targets *t, float *rows,
                      const expclip__row_note *notes, size_t i,
                      const char *text, size_t size)
{
    const expclip__row_store *s = &t->rows.store;
    const size_t done = s->n_done, first = t->descriptions.first[done + i];
    char *other = NULL;
    size_t other_size = 0;
    int equal;

    if (first >= done + i ||
        (first >= done ? notes[first - done] : s->notes[first]).status)
        return 0;
    equal = !expclip__description_read(&other, &other_size,
                                       &t->rows.dataset->items[first], NULL) &&
            other_size == size && memcmp(other, text, size) == 0;
    expclip__free(other);
    if (!equal || first < done)
        return equal &&
               !expclip__row_store_read(s, rows + i * s->dim, first, NULL);
    memcpy(rows + i * s->dim, rows + (first - done) * s->dim,
           s->dim * sizeof(*rows));
    return 1;
}

/* Row i of a step. */
static expclip_status encode_text(const targets *t, float *rows,
                                  const expclip__row_note *notes, size_t i,
                                  expclip_error *err)
{
    char *text = NULL;
    size_t size = 0;
    expclip_status status =
        expclip__description_read(&text, &size, item_of(t, i), err);

    if (!status && !copy_equal(t, rows, notes, i, text, size))
        status = expclip__sentence_encode(&t->teacher->sentence,
                                          rows + i * t->rows.store.dim, text,
                                          size, &t->teacher->devices, err);
    expclip__free(text);
    return status;
}

static expclip_status encode_texts(const targets *t, float *rows,
                                   expclip__row_note *notes, size_t n,
                                   expclip_error *err)
{
    for (size_t i = 0; i < n; i++) {
        expclip_error why;
        const expclip_status status = encode_text(t, rows, notes, i, &why);

        if (expclip__concerns_all(status))
            return expclip__fail(err, status, "%s", why.message);
        if (status)
            expclip__rows_note(&notes[i], item_of(t, i), status, why.message);
    }
    return EXPCLIP_OK;
}

/* ---- steps ---- */

static size_t step_size(const expclip_rows *r, size_t first)
{
    const size_t left = r->dataset->n_items - first;
    const size_t few = of(r)->teacher->reads_texts ? TEXTS : IMAGES;

    return left < few ? left : few;
}

static expclip_status make(expclip_rows *r, float *rows,
                           expclip__row_note *notes, size_t n,
                           const expclip_cancel *cancel, expclip_error *err)
{
    (void)cancel; /* a step is the shortest work */
    return of(r)->teacher->reads_texts
               ? encode_texts(of(r), rows, notes, n, err)
               : encode_images(of(r), rows, notes, n, err);
}

/* ---- life ---- */

static expclip_status check_images(const expclip_dataset *d, expclip_error *err)
{
    for (size_t i = 0; i < d->n_items; i++)
        if (d->items[i].n_frames != 0)
            return expclip__fail(err, EXPCLIP_ERROR_STATE,
                                 "%s: a clip, expected images only",
                                 d->items[i].path);
    return EXPCLIP_OK;
}

static void close_targets(expclip_rows *r)
{
    targets *t = (targets *)r;

    expclip__descriptions_close(&t->descriptions);
    expclip__teacher_release(t->teacher);
}

static const expclip__rows_kind targets_kind = { "targets", identify, step_size,
                                                 make, close_targets };

expclip_status expclip__targets_create(expclip_rows **out,
                                       const expclip_teacher *teacher,
                                       const expclip_dataset *dataset,
                                       const char *path, expclip_error *err)
{
    expclip_status status = check_images(dataset, err);
    targets *t;

    if (status)
        return status;
    t = expclip__rows_new(sizeof(*t), &targets_kind, dataset,
                          teacher->fork_generation);
    if (!t)
        return expclip__fail_memory(err, "targets");
    t->teacher = expclip__teacher_retain(teacher);
    if (teacher->reads_texts)
        status = expclip__descriptions_open(&t->descriptions, dataset, err);
    if (!status)
        status = expclip__rows_start(&t->rows, path, teacher->dim, 0, err);
    if (status)
        expclip__rows_free(&t->rows);
    else
        *out = &t->rows;
    return status;
}
