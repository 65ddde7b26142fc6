/* SPDX-License-Identifier: MIT */
/*
 * batch.c - images made ready for a model, each with its own status.
 *
 * The pixels of all good items lie one after the other, so that an encoder
 * takes them as they are. A failed item costs its message only.
 */
#include "expression/batch.h"

#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/text.h"

expclip_status expclip__batch_create(expclip_batch **out,
                                     const expclip_model *model,
                                     expclip_error *err)
{
    expclip_batch *batch = expclip__alloc_zero(1, sizeof(*batch));

    if (!batch)
        return expclip__fail_memory(err, "batch");
    batch->model = expclip__model_retain(model);
    *out = batch;
    return EXPCLIP_OK;
}

void expclip__batch_clear(expclip_batch *batch)
{
    for (size_t i = 0; i < batch->n_items; i++)
        expclip__free(batch->items[i].message);
    batch->n_items = 0;
    batch->n_slots = 0;
    batch->n_images = 0;
}

void expclip__batch_free(expclip_batch *batch)
{
    if (!batch)
        return;
    expclip__batch_clear(batch);
    expclip__model_release(batch->model);
    expclip__free(batch->items);
    expclip__free(batch->pixels);
    expclip__free(batch);
}

size_t expclip__batch_image_floats(const expclip_batch *batch)
{
    const size_t size = (size_t)batch->model->pixels.size;

    return 3 * size * size;
}

/* Room for one more element; doubles. @return the array, or NULL */
static void *grow(void *array, size_t n, size_t *capacity, size_t size)
{
    const size_t wanted = n ? 2 * n : 8;
    void *grown;

    if (n < *capacity)
        return array;
    grown = expclip__realloc(array, wanted, size);
    if (grown)
        *capacity = wanted;
    return grown;
}

static int reserve(expclip_batch *batch)
{
    void *items = grow(batch->items, batch->n_items, &batch->items_capacity,
                       sizeof(*batch->items));
    void *pixels;

    if (!items)
        return 0;
    batch->items = items;
    pixels = grow(batch->pixels, batch->n_slots, &batch->slots_capacity,
                  expclip__batch_image_floats(batch) * sizeof(float));
    if (!pixels)
        return 0;
    batch->pixels = pixels;
    return 1;
}

/* An item of the image that is being added. */
static expclip_status add_item(expclip_batch *batch, int32_t face,
                               const expclip__image *image,
                               expclip_status status, const expclip_error *why,
                               expclip_error *err)
{
    const expclip_model *m = batch->model;
    expclip__batch_item item = { .slot = batch->n_slots,
                                 .image = batch->n_images,
                                 .face = face };
    expclip_error own;

    if (!reserve(batch))
        return expclip__fail_memory(err, "batch");
    if (!status) {
        why = &own;
        status = expclip__preprocess(
            batch->pixels + item.slot * expclip__batch_image_floats(batch),
            image, &m->pixels, m->pixel_device, &own);
    }
    item.status = status;
    if (status) {
        item.message = expclip__strdup(why->message);
        if (err)
            *err = *why;
    } else {
        batch->n_slots++;
    }
    batch->items[batch->n_items++] = item;
    return status;
}

expclip_status expclip__batch_add(expclip_batch *batch,
                                  const expclip__image *image,
                                  expclip_status status,
                                  const expclip_error *why, expclip_error *err)
{
    const size_t before = batch->n_items;

    status = add_item(batch, -1, image, status, why, err);
    batch->n_images += batch->n_items != before;
    return status;
}

/* ---- faces ---- */

/* Which faces an add call is of, and how their crops are made. */
typedef struct chosen {
    const expclip_faces *faces;
    const expclip__crop *crop;
    int32_t upright;
    size_t first; /* of the faces */
    size_t last;  /* behind them */
} chosen;

/* Pixels of what is decoded for one of the original, so that no crop is
 * smaller than what the encoder sees. */
static float scale_for(const expclip_batch *batch, const chosen *c)
{
    int32_t smallest = INT32_MAX;

    for (size_t i = c->first; i < c->last; i++) {
        const expclip_box box = expclip__faces_crop(c->faces, i, c->crop);

        smallest = box.width < smallest ? box.width : smallest;
        smallest = box.height < smallest ? box.height : smallest;
    }
    return (float)batch->model->pixels.size / (float)smallest;
}

/* The first failure is the call's; each is its item's. */
static expclip_status add_crops(expclip_batch *batch, const chosen *c,
                                const expclip__image *image, expclip_error *err)
{
    expclip_status first = EXPCLIP_OK;

    for (size_t i = c->first; i < c->last; i++) {
        const size_t before = batch->n_items;
        expclip__image part = { 0 };
        expclip_error why;
        expclip_status status = expclip__faces_cut(&part, c->faces, i, image,
                                                   c->crop, c->upright, &why);

        status = add_item(batch, (int32_t)i, &part, status, &why,
                          first ? NULL : err);
        expclip__image_clear(&part);
        if (batch->n_items == before)
            return status;
        first = first ? first : status;
    }
    return first;
}

/* Decode what is needed, once: of the chosen crops, or of all the image where
 * they are none. */
static expclip_status add_decoded(expclip_batch *batch, const chosen *c,
                                  expclip_error *err)
{
    const int whole = c->first == c->last;
    const expclip__image *image = NULL;
    expclip__image decoded = { 0 };
    expclip_error why;
    expclip_status status = expclip__faces_image(
        &image, &decoded, c->faces, whole ? 1.0f : scale_for(batch, c), &why);

    if (status || whole)
        status = add_item(batch, -1, image, status, &why, err);
    else
        status = add_crops(batch, c, image, err);
    expclip__image_clear(&decoded);
    return status;
}

static void choose(chosen *c, int32_t which)
{
    const expclip_faces *faces = c->faces;

    c->last = faces->found.n;
    if (which == EXPCLIP_FACES_ALL)
        return;
    c->first = which >= 0 ? (size_t)which : expclip__faces_largest(faces);
    c->last = c->first + 1;
    if (which == EXPCLIP_FACES_AUTO && expclip__faces_is_close(faces))
        c->last = c->first;
}

expclip_status expclip__batch_add_faces(size_t *n_added, expclip_batch *batch,
                                        const expclip_faces *faces,
                                        int32_t which,
                                        const expclip__crop *crop,
                                        int32_t upright, expclip_error *err)
{
    const size_t before = batch->n_items;
    chosen c = { .faces = faces, .crop = crop, .upright = upright };
    expclip_error why;
    expclip_status status = expclip__faces_check(faces, &why);

    if (status) {
        status = add_item(batch, -1, NULL, status, &why, err);
    } else {
        choose(&c, which);
        status = add_decoded(batch, &c, err);
    }
    *n_added = batch->n_items - before;
    batch->n_images += *n_added > 0;
    return status;
}

/* The chosen face of an image that was looked at, or why that failed. */
static expclip_status add_chosen(expclip_batch *batch, expclip_faces *faces,
                                 expclip_status status,
                                 const expclip_error *why,
                                 const expclip__face_choice *choice,
                                 expclip_error *err)
{
    size_t n;

    if (status)
        return expclip__batch_add(batch, NULL, status, why, err);
    status = expclip__batch_add_faces(&n, batch, faces, choice->which,
                                      &choice->crop, choice->upright, err);
    expclip__faces_free(faces);
    return status;
}

expclip_status expclip__batch_add_chosen(expclip_batch *batch, const char *name,
                                         uint8_t *bytes, size_t size,
                                         const expclip_image_options *options,
                                         const expclip__face_choice *choice,
                                         expclip_error *err)
{
    expclip_faces *faces = NULL;
    expclip_error why;
    const expclip_status status = expclip__faces_find_encoded(
        &faces, choice->detector, name, bytes, size, options, &why);

    if (expclip__concerns_all(status)) {
        *err = why;
        return status;
    }
    return add_chosen(batch, faces, status, &why, choice, err);
}

/* ---- frames ---- */

/* A frame whole, or the chosen face in it. */
static expclip_status add_frame(expclip_batch *batch, expclip__frame *frame,
                                const expclip__face_choice *choice,
                                expclip_error *err)
{
    expclip_faces *faces = NULL;
    expclip_error why;
    expclip_status status;

    if (frame->status || !choice || !choice->detector)
        return expclip__batch_add(batch, &frame->image, frame->status,
                                  &frame->why, err);
    status = expclip__faces_find_image(&faces, choice->detector, &frame->image,
                                       &why);
    return add_chosen(batch, faces, status, &why, choice, err);
}

expclip_status expclip__batch_add_frames(size_t *n_added, expclip_batch *batch,
                                         expclip_frames *frames, size_t n,
                                         const expclip_image_options *options,
                                         const expclip__face_choice *choice,
                                         const expclip_cancel *cancel,
                                         expclip_error *err)
{
    const size_t before = batch->n_items;
    expclip__frame frame = { 0 };
    expclip_error own; /* of an item, which is not the call's failure */
    size_t wanted;
    int end = 0;
    expclip_status status;

    expclip__frames_forget(frames);
    while (batch->n_items - before < n) {
        wanted = batch->n_items + 1;
        status =
            expclip__frames_next(frames, &frame, &end, options, cancel, err);
        if (status)
            return status;
        if (end)
            break;
        status = add_frame(batch, &frame, choice, &own);
        expclip__image_clear(&frame.image);
        if (batch->n_items != wanted) /* else it failed alone, as an item */
            return expclip__fail(err, status, "%s", own.message);
    }
    *n_added = batch->n_items - before;
    return EXPCLIP_OK;
}
