/* SPDX-License-Identifier: MIT */
/*
 * image_ahead.c - the next step's images are decoded while a step computes.
 */
#define _GNU_SOURCE /* pthread_sigmask() */
#include <signal.h>

#include "base/error.h"
#include "rows/image_ahead.h"
#include "rows/rows.h"

/* An image becomes an item of the batch, whatever becomes of it; but memory
 * that is not there now is no fault of the image. */
static expclip_status add_whole(expclip__ahead *a, const expclip__item *item,
                                expclip_error *why)
{
    expclip__image image = { 0 };
    expclip_status status =
        expclip__rows_read_image(&image, item, a->exif, a->cancel, why);

    if (!expclip__concerns_all(status))
        status = expclip__batch_add(a->batch, &image, status, why, why);
    expclip__image_clear(&image);
    return status;
}

static expclip_status add_face(expclip__ahead *a, const expclip__item *item,
                               expclip_error *why)
{
    const expclip_image_options o = EXPCLIP_IMAGE_OPTIONS_INIT;
    uint8_t *bytes;
    size_t size;
    expclip_status status = expclip__image_read(&bytes, &size, item->path, why);

    if (expclip__concerns_all(status))
        return status;
    if (status)
        return expclip__batch_add(a->batch, NULL, status, why, why);
    return expclip__batch_add_chosen(a->batch, item->path, bytes, size, &o,
                                     a->choice, why);
}

/* A table's pixels and what a box is given for are faces already. */
static int is_face(const expclip__item *item)
{
    return item->pixels_size || item->box_width;
}

static expclip_status add_image(expclip__ahead *a, const expclip__item *item,
                                expclip_error *err)
{
    const size_t n = a->batch->n_items;
    expclip_error why;
    const expclip_status status = a->choice->detector && !is_face(item)
                                      ? add_face(a, item, &why)
                                      : add_whole(a, item, &why);

    if (a->batch->n_items > n && !expclip__concerns_all(status))
        return EXPCLIP_OK;
    *err = why;
    return status;
}

static void *make_ready(void *data)
{
    expclip__ahead *a = data;

    a->status = EXPCLIP_OK;
    if (!a->batch)
        a->status = expclip__batch_create(&a->batch, a->model, &a->err);
    if (!a->status)
        expclip__batch_clear(a->batch);
    for (size_t i = 0; !a->status && i < a->n; i++)
        a->status = add_image(a, &a->dataset->items[a->first + i], &a->err);
    return NULL;
}

/* After fork() the thread lives in the parent only, and the child has a batch
 * that nobody finishes: it is left as it is. */
static void wait_ahead(expclip__ahead *a)
{
    if (a->running && expclip__fork_check(a->model->fork_generation, NULL))
        a->batch = NULL;
    else if (a->running)
        pthread_join(a->thread, NULL);
    a->running = 0;
}

/* Begin with n images. Without a thread they are made ready when they are
 * needed. The host's signals go to the host's threads. */
static void start_ahead(expclip__ahead *a, size_t first, size_t n)
{
    sigset_t all, before;

    a->n = 0;
    atomic_store(&a->own.requested, 0);
    a->cancel =
        &a->own; /* the host may free its token before the thread ends */
    if (n == 0)
        return;
    a->first = first;
    a->n = n;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    a->running = pthread_create(&a->thread, NULL, make_ready, a) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (!a->running)
        a->n = 0;
}

expclip_status expclip__ahead_take(const expclip_batch **out, expclip__ahead *a,
                                   size_t first, size_t n, size_t n_next,
                                   const expclip_cancel *cancel,
                                   expclip_error *err)
{
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
    start_ahead(a, first + n, n_next);
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
