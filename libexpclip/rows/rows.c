/* SPDX-License-Identifier: MIT */
/*
 * rows.c - a row of numbers for each item of a dataset, computed in steps.
 *
 * Step k does the same items together however often the work was interrupted,
 * so the bytes are the same too.
 */
#include "rows/rows.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"

/* ---- life ---- */

void *expclip__rows_new(size_t size, const expclip__rows_kind *kind,
                        const expclip_dataset *dataset,
                        uint64_t fork_generation)
{
    expclip_rows *r = expclip__alloc_zero(1, size);

    if (!r)
        return NULL;
    r->kind = kind;
    r->dataset = expclip__dataset_retain(dataset);
    r->fork_generation = fork_generation;
    r->store.fd = -1;
    return r;
}

/* Where the step that was under way began. */
static size_t last_border(const expclip_rows *r)
{
    size_t first = 0, n;

    for (; first < r->store.n_done; first += n) {
        n = r->kind->step_size(r, first);
        if (first + n > r->store.n_done)
            break;
    }
    return first;
}

expclip_status expclip__rows_start(expclip_rows *r, const char *path,
                                   size_t dim, int keep, expclip_error *err)
{
    expclip__buffer identity = { 0 };
    expclip_status status;

    r->kind->identify(r, &identity);
    status = identity.failed
                 ? expclip__fail_memory(err, r->kind->name)
                 : expclip__row_store_open(&r->store, path, identity.data,
                                           r->dataset->n_items, dim, keep, err);
    expclip__buffer_free(&identity);
    return status ? status
                  : expclip__row_store_cut(&r->store, last_border(r), err);
}

void expclip__rows_free(expclip_rows *r)
{
    if (!r)
        return;
    r->kind->close(r);
    expclip__row_store_close(&r->store);
    expclip__dataset_release(r->dataset);
    expclip__free(r);
}

/* ---- steps ---- */

/* Items that failed have NaN in their rows. */
static void clear_failed(float *rows, const expclip__row_note *notes, size_t n,
                         size_t dim)
{
    for (size_t i = 0; i < n * dim; i++)
        if (notes[i / dim].status)
            rows[i] = NAN;
}

expclip_status expclip__rows_step(expclip_rows *r, const expclip_cancel *cancel,
                                  expclip_error *err)
{
    const size_t first = r->store.n_done, dim = r->store.dim;
    expclip__row_note *notes;
    expclip_status status;
    float *rows;
    size_t n;

    if (first == r->store.n)
        return EXPCLIP_OK;
    n = r->kind->step_size(r, first);
    rows = expclip__alloc(n, dim * sizeof(*rows));
    notes = expclip__alloc_zero(n, sizeof(*notes));
    status = rows && notes ? r->kind->make(r, rows, notes, n, cancel, err)
                           : expclip__fail_memory(err, r->kind->name);
    if (!status) {
        clear_failed(rows, notes, n, dim);
        status = expclip__row_store_add(&r->store, rows, notes, n, err);
    }
    expclip__free(rows);
    expclip__free(notes);
    return status;
}

/* ---- one item ---- */

expclip_image_options expclip__rows_image_options(const expclip__item *item,
                                                  int32_t exif)
{
    expclip_image_options o = EXPCLIP_IMAGE_OPTIONS_INIT;

    o.exif = exif;
    o.box_x = item->box_x;
    o.box_y = item->box_y;
    o.box_width = item->box_width;
    o.box_height = item->box_height;
    return o;
}

expclip_status expclip__rows_read_image(expclip__image *image,
                                        const expclip__item *item, int32_t exif,
                                        const expclip_cancel *cancel,
                                        expclip_error *err)
{
    const expclip_image_options o = expclip__rows_image_options(item, exif);

    return item->pixels_size
               ? expclip__item_pixels(image, item, err)
               : expclip__image_load(image, item->path, &o, cancel, err);
}

const char *expclip__rows_without_path(const char *message,
                                       const expclip__item *item)
{
    const size_t n = strlen(item->path);

    if (strncmp(message, item->path, n) != 0)
        return message;
    if (message[n] == '/')
        return message + n + 1; /* a frame's name */
    return strncmp(message + n, ": ", 2) == 0 ? message + n + 2 : message;
}

void expclip__rows_note(expclip__row_note *note, const expclip__item *item,
                        expclip_status status, const char *message)
{
    note->status = status;
    snprintf(note->message, sizeof(note->message), "%.*s",
             (int)sizeof(note->message) - 1,
             expclip__rows_without_path(message, item));
}
