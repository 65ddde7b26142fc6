/* SPDX-License-Identifier: MIT */
/*
 * features_ahead.c - pictures are made ready while others are computed on.
 *
 * Going ahead changes when a picture is read, never which pictures share a
 * forward pass: a step takes what is ready only if it is what the step wants.
 */
#define _GNU_SOURCE /* pthread_sigmask() */
#include "evaluate/features.h"

#include <signal.h>

int expclip__features_must_end(expclip_status status)
{
    return status == EXPCLIP_ERROR_CANCELLED ||
           status == EXPCLIP_ERROR_MEMORY || status == EXPCLIP_ERROR_FORK ||
           status == EXPCLIP_ERROR_BACKEND;
}

expclip_image_options expclip__features_image_options(const expclip_features *f,
                                                      const expclip__item *item)
{
    expclip_image_options o = EXPCLIP_IMAGE_OPTIONS_INIT;

    o.exif = f->options.exif;
    o.box_x = item->box_x;
    o.box_y = item->box_y;
    o.box_width = item->box_width;
    o.box_height = item->box_height;
    return o;
}

/* A picture becomes an item of the batch, whatever becomes of it; but a lack of
 * memory says nothing about a picture. */
static expclip_status add_picture(expclip_batch *batch,
                                  const expclip_features *f,
                                  const expclip__item *item, expclip_error *err)
{
    const expclip_image_options o = expclip__features_image_options(f, item);
    expclip__image image = { 0 };
    expclip_error why;
    expclip_status status;
    const size_t n = batch->n_items;

    if (item->pixels_size)
        status = expclip__item_pixels(&image, item, &why);
    else
        status = expclip__image_load(&image, item->path, &o, &why);
    status = expclip__batch_add(batch, &image, status, &why, err);
    expclip__image_clear(&image);
    if (batch->n_items > n && !expclip__features_must_end(status))
        return EXPCLIP_OK;
    return status;
}

static void *make_ready(void *data)
{
    expclip__ahead *a = data;
    const expclip_features *f = a->features;

    expclip__batch_clear(a->batch);
    a->status = EXPCLIP_OK;
    for (size_t i = 0; !a->status && i < a->n; i++)
        a->status =
            add_picture(a->batch, f, &f->dataset->items[a->first + i], &a->err);
    return NULL;
}

/* A batch to fill: the last one, or a new one. */
static expclip_status prepare(expclip_features *f, size_t first, size_t n,
                              expclip_error *err)
{
    expclip__ahead *a = &f->ahead;
    expclip_status status = EXPCLIP_OK;

    a->n = 0;
    if (!a->batch)
        status = expclip__batch_create(&a->batch, f->model, err);
    if (status)
        return status;
    a->features = f;
    a->first = first;
    a->n = n;
    return EXPCLIP_OK;
}

void expclip__features_wait(expclip_features *f)
{
    if (f->ahead.running)
        pthread_join(f->ahead.thread, NULL);
    f->ahead.running = 0;
}

expclip_status expclip__features_pictures(expclip_batch **out,
                                          expclip_features *f, size_t first,
                                          size_t n, expclip_error *err)
{
    expclip__ahead *a = &f->ahead;
    expclip_status status;

    expclip__features_wait(f);
    if (a->n != n || a->first != first) {
        status = prepare(f, first, n, err);
        if (status)
            return status;
        make_ready(a);
    }
    a->n = 0; /* taken, or to be made again */
    if (a->status) {
        if (err)
            *err = a->err;
        return a->status;
    }
    *out = a->batch;
    a->batch = NULL;
    return EXPCLIP_OK;
}

/* The host's signals are for the host's threads. Without a thread the pictures
 * are made ready when they are wanted. */
void expclip__features_go_ahead(expclip_features *f, size_t first, size_t n)
{
    expclip__ahead *a = &f->ahead;
    sigset_t all, before;

    if (prepare(f, first, n, NULL))
        return;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    a->running = pthread_create(&a->thread, NULL, make_ready, a) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (!a->running)
        a->n = 0;
}
