/* SPDX-License-Identifier: MIT */
/*
 * decoder.c - images made ready for the encoder, one batch ahead.
 */
#include "inputs/decoder.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "inputs/ahead.h"
#include "terminal/failure.h"
#include "terminal/memory.h"
#include "terminal/stop.h"

struct decoder {
    decoded slots[AHEAD_SLOTS];
    ahead *worker;
    const inputs *in;
    expclip_image_options options;
    const face_search *search;
    size_t batch_size;
    size_t n_filled; /* inputs, for the worker */
    size_t n_taken;  /* inputs that the caller has seen */
};

/* ------------------------------------------------------------------------
 * The worker
 */

static void keep_faces(found_faces *out, const expclip_faces *faces)
{
    out->width = expclip_faces_width(faces);
    out->height = expclip_faces_height(faces);
    out->turn = expclip_faces_turn(faces);
    out->n = expclip_faces_count(faces);
    out->faces = memory_new(out->n, sizeof(*out->faces));
    for (size_t i = 0; i < out->n; i++)
        expclip_faces_get(&out->faces[i], faces, i, NULL);
}

/** Say what a user can do who knows better. */
static void advise(expclip_error *err)
{
    const size_t n = strlen(err->message);

    if (err->code == EXPCLIP_ERROR_NO_FACE)
        snprintf(err->message + n, sizeof(err->message) - n,
                 "; --turn or a lower --threshold finds more, --faces none "
                 "takes the whole image");
}

static void find_faces(const decoder *d, decoded *slot, decoded_image *image)
{
    const face_search *search = d->search;
    expclip_faces *faces = NULL;
    size_t n;

    if (expclip_detector_find_file(&faces, search->detector, image->input->path,
                                   &d->options, &image->error))
        return;
    keep_faces(&image->found, faces);
    if (expclip_batch_add_faces(&n, slot->batch, faces, search->which,
                                &search->crop, &image->error))
        advise(&image->error);
    expclip_faces_free(faces);
}

static void take_whole(const decoder *d, decoded *slot, decoded_image *image)
{
    const face_box *box = &image->input->box;
    expclip_image_options options = d->options;

    if (box->width) {
        options.box_x = box->x;
        options.box_y = box->y;
        options.box_width = box->width;
        options.box_height = box->height;
        options.box_margin = box->margin;
    }
    expclip_batch_add_file(slot->batch, image->input->path, &options,
                           &image->error);
}

static void decode_one(const decoder *d, decoded *slot, decoded_image *image)
{
    const input *in = image->input;
    const int boxed = in->box.width || d->options.box_width;

    image->error = (expclip_error){ .code = EXPCLIP_OK };
    image->n = 0;
    image->first = expclip_batch_count(slot->batch);
    free(image->found.faces);
    memset(&image->found, 0, sizeof(image->found));
    if (in->status) {
        image->error.code = in->status;
        snprintf(image->error.message, sizeof(image->error.message), "%s",
                 in->problem);
        return;
    }
    if (d->search->detector && !boxed)
        find_faces(d, slot, image);
    else
        take_whole(d, slot, image);
    if (!image->error.code || image->found.n > 1)
        image->n = expclip_batch_count(slot->batch) - image->first;
}

static int fill(void *owner, size_t which)
{
    decoder *d = owner;
    decoded *slot = &d->slots[which];

    slot->n = 0;
    expclip_batch_clear(slot->batch);
    while (d->n_filled < d->in->n && slot->n < d->batch_size &&
           expclip_batch_count(slot->batch) < d->batch_size && !stop_wanted()) {
        decoded_image *image = &slot->images[slot->n++];

        image->input = &d->in->items[d->n_filled++];
        decode_one(d, slot, image);
    }
    return d->n_filled < d->in->n;
}

/* ------------------------------------------------------------------------
 * The caller
 */

int decoder_start(decoder **out, const expclip_model *model, const inputs *in,
                  const expclip_image_options *options,
                  const face_search *search, size_t batch_size)
{
    decoder *d = memory_new(1, sizeof(*d));
    expclip_error err;
    int rc = 0;

    d->in = in;
    d->options = *options;
    d->search = search;
    d->batch_size = batch_size;
    for (int i = 0; !rc && i < AHEAD_SLOTS; i++) {
        decoded *slot = &d->slots[i];

        slot->images = memory_new(batch_size, sizeof(*slot->images));
        if (expclip_batch_create(&slot->batch, model, &err))
            rc = failure_report(&err);
    }
    if (!rc)
        rc = ahead_start(&d->worker, fill, d);
    if (rc)
        decoder_stop(d);
    else
        *out = d;
    return rc;
}

const decoded *decoder_next(decoder *d)
{
    const decoded *slot;

    if (stop_wanted() || d->n_taken >= d->in->n)
        return NULL;
    slot = &d->slots[ahead_next(d->worker)];
    d->n_taken += slot->n;
    /* The worker leaves a batch unfinished when it is told to stop. */
    return stop_wanted() ? NULL : slot;
}

const expclip_error *decoded_failure(const decoded *batch)
{
    for (size_t i = 0; i < batch->n; i++) {
        const expclip_error *error = &batch->images[i].error;

        if (error->code == EXPCLIP_ERROR_MEMORY ||
            error->code == EXPCLIP_ERROR_BACKEND)
            return error;
    }
    return NULL;
}

size_t decoded_count(const decoded_image *image)
{
    return image->n ? image->n : 1;
}

ptrdiff_t decoded_row(const decoded *batch, const decoded_image *image,
                      size_t k, expclip_status *status, const char **message)
{
    const size_t row = image->first + k;

    if (!image->n) {
        *status = image->error.code;
        *message = image->error.message;
        return -1;
    }
    *status = expclip_batch_status(batch->batch, row);
    *message = expclip_batch_message(batch->batch, row);
    return *status ? -1 : (ptrdiff_t)row;
}

void decoder_stop(decoder *d)
{
    if (!d)
        return;
    ahead_stop(d->worker);
    for (int i = 0; i < AHEAD_SLOTS; i++) {
        decoded *slot = &d->slots[i];

        for (size_t k = 0; slot->images && k < d->batch_size; k++)
            free(slot->images[k].found.faces);
        free(slot->images);
        expclip_batch_free(slot->batch);
    }
    free(d);
}
