/* SPDX-License-Identifier: MIT */
/*
 * picture_ahead.c - the next step's pictures are decoded while a step computes.
 */
#define _GNU_SOURCE /* pthread_sigmask() */
#include <signal.h>

#include "base/error.h"
#include "rows/features.h"

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

/* A picture becomes an item of the batch, whatever becomes of it; but memory
 * that is not there now is no fault of the picture. */
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
        status =
            expclip__image_load(&image, item->path, &o, f->ahead.cancel, &why);
    if (!expclip__concerns_all(status))
        status = expclip__batch_add(batch, &image, status, &why, &why);
    expclip__image_clear(&image);
    if (batch->n_items > n && !expclip__concerns_all(status))
        return EXPCLIP_OK;
    *err = why;
    return status;
}

static void *make_ready(void *data)
{
    expclip__ahead *a = data;
    const expclip_features *f = a->features;

    a->status = EXPCLIP_OK;
    if (!a->batch)
        a->status = expclip__batch_create(&a->batch, f->model, &a->err);
    if (!a->status)
        expclip__batch_clear(a->batch);
    for (size_t i = 0; !a->status && i < a->n; i++)
        a->status =
            add_picture(a->batch, f, &f->dataset->items[a->first + i], &a->err);
    return NULL;
}

/* After fork() the thread lives in the parent only, and the child has a batch
 * that nobody finishes: it is left as it is. */
static void wait_ahead(expclip__ahead *a)
{
    const expclip_model *m = a->features->model;

    if (a->running && expclip__fork_check(m->fork_generation, NULL))
        a->batch = NULL;
    else if (a->running)
        pthread_join(a->thread, NULL);
    a->running = 0;
}

/* Begin with the pictures of the step at `first`, if it is one of pictures.
 * Without a thread they are made ready when they are needed. The host's signals
 * go to the host's threads. */
static void start_ahead(expclip__ahead *a, const expclip_features *f,
                        size_t first)
{
    sigset_t all, before;

    a->n = 0;
    atomic_store(&a->own.requested, 0);
    a->cancel =
        &a->own; /* the host may free its token before the thread ends */
    if (first >= f->dataset->n_items || f->dataset->items[first].n_frames != 0)
        return;
    a->first = first;
    a->n = expclip__features_step_size(f, first);
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    a->running = pthread_create(&a->thread, NULL, make_ready, a) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (!a->running)
        a->n = 0;
}

expclip_status expclip__ahead_take(const expclip_batch **out,
                                   expclip_features *f,
                                   const expclip_cancel *cancel,
                                   expclip_error *err)
{
    const size_t first = f->store.n_done;
    const size_t n = expclip__features_step_size(f, first);
    expclip__ahead *a = &f->ahead;
    expclip_batch *ready;

    if (expclip__cancel_check(cancel, NULL))
        atomic_store(&a->own.requested, 1);
    wait_ahead(a);
    if (a->n != n || a->first != first) {
        a->first = first;
        a->n = n;
        a->cancel = cancel;
        make_ready(a);
    }
    if (a->status) {
        a->n = 0;
        if (err)
            *err = a->err;
        return a->status;
    }
    ready = a->batch;
    a->batch = a->taken;
    a->taken = ready;
    start_ahead(a, f, first + n);
    *out = ready;
    return EXPCLIP_OK;
}

void expclip__ahead_end(expclip__ahead *a)
{
    atomic_store(&a->own.requested, 1);
    wait_ahead(a);
    expclip__batch_free(a->batch);
    expclip__batch_free(a->taken);
}
