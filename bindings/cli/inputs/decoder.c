/* SPDX-License-Identifier: MIT */
/*
 * decoder.c - images made ready for the encoder, one batch ahead.
 *
 * Two slots go round: the worker fills one while the caller uses the other. A
 * slot belongs to the worker while it is not `full`, else to the caller; the
 * flag alone is shared, under the mutex.
 */
#define _GNU_SOURCE
#include "inputs/decoder.h"

#include <pthread.h>
#include <stdlib.h>

#include "terminal/failure.h"
#include "terminal/console.h"
#include "terminal/memory.h"
#include "terminal/stop.h"

enum { N_SLOTS = 2 };

typedef struct slot {
    decoded public;        /* first: decoded_row() casts back from it */
    ptrdiff_t *rows;       /* [n] of the batch, or -1 */
    expclip_error *errors; /* [n] of the inputs that are not in the batch */
    int full;
} slot;

struct decoder {
    slot slots[N_SLOTS];
    const inputs *in;
    expclip_image_options options;
    size_t batch_size;
    size_t n_taken; /* batches that the caller has seen */
    pthread_t worker;
    int has_worker;
    pthread_mutex_t mutex;
    pthread_cond_t changed; /* some slot's `full`, or `ending` */
    int ending;
};

/* ------------------------------------------------------------------------
 * The worker
 */

static void decode_one(const decoder *d, slot *s, size_t i)
{
    const input *in = &s->public.inputs[i];
    expclip_image_options options = d->options;
    const size_t before = expclip_batch_count(s->public.batch);

    s->rows[i] = -1;
    if (in->status)
        return;
    if (in->box.width) {
        options.box_x = in->box.x;
        options.box_y = in->box.y;
        options.box_width = in->box.width;
        options.box_height = in->box.height;
        options.box_margin = in->box.margin;
    }
    expclip_batch_add_file(s->public.batch, in->path, &options, &s->errors[i]);
    /* Wrong options add no item: the error is then all there is. */
    if (expclip_batch_count(s->public.batch) > before)
        s->rows[i] = (ptrdiff_t)before;
}

static void fill(const decoder *d, slot *s, size_t first)
{
    const size_t left = d->in->n - first;

    s->public.inputs = d->in->items + first;
    s->public.n = left < d->batch_size ? left : d->batch_size;
    expclip_batch_clear(s->public.batch);
    for (size_t i = 0; i < s->public.n && !stop_wanted(); i++)
        decode_one(d, s, i);
}

static void *work(void *argument)
{
    decoder *d = argument;
    size_t turn = 0;

    for (size_t first = 0; first < d->in->n; first += d->batch_size) {
        slot *s = &d->slots[turn++ % N_SLOTS];
        int ending;

        pthread_mutex_lock(&d->mutex);
        while (s->full && !d->ending)
            pthread_cond_wait(&d->changed, &d->mutex);
        ending = d->ending;
        pthread_mutex_unlock(&d->mutex);
        if (ending)
            break;
        fill(d, s, first);
        pthread_mutex_lock(&d->mutex);
        s->full = 1;
        pthread_cond_signal(&d->changed);
        pthread_mutex_unlock(&d->mutex);
    }
    return NULL;
}

/* ------------------------------------------------------------------------
 * The caller
 */

int decoder_start(decoder **out, const expclip_model *model, const inputs *in,
                  const expclip_image_options *options, size_t batch_size)
{
    decoder *d = memory_new(1, sizeof(*d));
    expclip_error err;

    d->in = in;
    d->options = *options;
    d->batch_size = batch_size;
    pthread_mutex_init(&d->mutex, NULL);
    pthread_cond_init(&d->changed, NULL);
    for (int i = 0; i < N_SLOTS; i++) {
        slot *s = &d->slots[i];
        s->rows = memory_new(batch_size, sizeof(*s->rows));
        s->errors = memory_new(batch_size, sizeof(*s->errors));
        if (expclip_batch_create(&s->public.batch, model, &err)) {
            console_error("%s", err.message);
            decoder_stop(d);
            return EXIT_RESOURCES;
        }
    }
    if (pthread_create(&d->worker, NULL, work, d)) {
        console_error("cannot start a thread");
        decoder_stop(d);
        return EXIT_RESOURCES;
    }
    d->has_worker = 1;
    *out = d;
    return 0;
}

/** Give the slot of the batch before back to the worker. */
static void give_back(decoder *d)
{
    if (d->n_taken == 0)
        return;
    pthread_mutex_lock(&d->mutex);
    d->slots[(d->n_taken - 1) % N_SLOTS].full = 0;
    pthread_cond_signal(&d->changed);
    pthread_mutex_unlock(&d->mutex);
}

const decoded *decoder_next(decoder *d)
{
    slot *s = &d->slots[d->n_taken % N_SLOTS];

    give_back(d);
    if (stop_wanted() || d->n_taken * d->batch_size >= d->in->n)
        return NULL;
    pthread_mutex_lock(&d->mutex);
    while (!s->full)
        pthread_cond_wait(&d->changed, &d->mutex);
    pthread_mutex_unlock(&d->mutex);
    d->n_taken++;
    /* The worker leaves a batch unfinished when it is told to stop. */
    return stop_wanted() ? NULL : &s->public;
}

ptrdiff_t decoded_row(const decoded *batch, size_t i, expclip_status *status,
                      const char **message)
{
    const slot *s = (const slot *)batch;
    const ptrdiff_t row = s->rows[i];

    if (batch->inputs[i].status) {
        *status = batch->inputs[i].status;
        *message = batch->inputs[i].problem;
    } else if (row < 0) {
        *status = s->errors[i].code;
        *message = s->errors[i].message;
    } else {
        *status = expclip_batch_status(batch->batch, (size_t)row);
        *message = expclip_batch_message(batch->batch, (size_t)row);
    }
    return *status ? -1 : row;
}

void decoder_stop(decoder *d)
{
    if (!d)
        return;
    if (d->has_worker) {
        pthread_mutex_lock(&d->mutex);
        d->ending = 1;
        pthread_cond_signal(&d->changed);
        pthread_mutex_unlock(&d->mutex);
        pthread_join(d->worker, NULL);
    }
    for (int i = 0; i < N_SLOTS; i++) {
        expclip_batch_free(d->slots[i].public.batch);
        free(d->slots[i].rows);
        free(d->slots[i].errors);
    }
    pthread_mutex_destroy(&d->mutex);
    pthread_cond_destroy(&d->changed);
    free(d);
}
