/* SPDX-License-Identifier: MIT */
/*
 * clip_reader.c - frames of a clip, one batch ahead.
 *
 * Two slots go round, as in decoder.c: a slot belongs to the worker while it is
 * not `full`, else to the caller.
 */
#define _GNU_SOURCE
#include "inputs/clip_reader.h"

#include <pthread.h>
#include <stdlib.h>

#include "terminal/failure.h"
#include "terminal/console.h"
#include "terminal/memory.h"
#include "terminal/stop.h"

enum { N_SLOTS = 2 };

typedef struct slot {
    clip_part part;
    int full;
} slot;

struct clip_reader {
    slot slots[N_SLOTS];
    expclip_frames *frames;
    expclip_image_options options;
    int32_t batch_size;
    size_t n_taken; /* parts that the caller has seen */
    pthread_t worker;
    int has_worker;
    pthread_mutex_t mutex;
    pthread_cond_t changed; /* some slot's `full`, or `ending` */
    int ending;
};

/* ------------------------------------------------------------------------
 * The worker
 */

static void fill(const clip_reader *r, clip_part *p)
{
    p->n = 0;
    expclip_batch_clear(p->batch);
    p->status = expclip_frames_read(&p->n, r->frames, p->batch, r->batch_size,
                                    &r->options, stop_token(), &p->error);
    for (size_t i = 0; i < p->n; i++) {
        p->times[i] = expclip_frames_time(r->frames, i);
        p->weights[i] = expclip_frames_weight(r->frames, i);
    }
}

static void *work(void *argument)
{
    clip_reader *r = argument;
    size_t turn = 0;
    int more = 1;

    while (more) {
        slot *s = &r->slots[turn++ % N_SLOTS];
        int ending;

        pthread_mutex_lock(&r->mutex);
        while (s->full && !r->ending)
            pthread_cond_wait(&r->changed, &r->mutex);
        ending = r->ending;
        pthread_mutex_unlock(&r->mutex);
        if (ending)
            break;
        fill(r, &s->part);
        more = !s->part.status && s->part.n;
        pthread_mutex_lock(&r->mutex);
        s->full = 1;
        pthread_cond_signal(&r->changed);
        pthread_mutex_unlock(&r->mutex);
    }
    return NULL;
}

/* ------------------------------------------------------------------------
 * The caller
 */

int clip_reader_start(clip_reader **out, const expclip_model *model,
                      expclip_frames *frames,
                      const expclip_image_options *options, int32_t batch_size)
{
    clip_reader *r = memory_new(1, sizeof(*r));
    expclip_error err;

    r->frames = frames;
    r->options = *options;
    r->batch_size = batch_size;
    pthread_mutex_init(&r->mutex, NULL);
    pthread_cond_init(&r->changed, NULL);
    for (int i = 0; i < N_SLOTS; i++) {
        clip_part *p = &r->slots[i].part;
        p->times = memory_new((size_t)batch_size, sizeof(*p->times));
        p->weights = memory_new((size_t)batch_size, sizeof(*p->weights));
        if (expclip_batch_create(&p->batch, model, &err)) {
            console_error("%s", err.message);
            clip_reader_stop(r);
            return EXIT_RESOURCES;
        }
    }
    if (pthread_create(&r->worker, NULL, work, r)) {
        console_error("cannot start a thread");
        clip_reader_stop(r);
        return EXIT_RESOURCES;
    }
    r->has_worker = 1;
    *out = r;
    return 0;
}

const clip_part *clip_reader_next(clip_reader *r)
{
    slot *s = &r->slots[r->n_taken % N_SLOTS];

    pthread_mutex_lock(&r->mutex);
    if (r->n_taken) {
        r->slots[(r->n_taken - 1) % N_SLOTS].full = 0;
        pthread_cond_signal(&r->changed);
    }
    while (!s->full)
        pthread_cond_wait(&r->changed, &r->mutex);
    pthread_mutex_unlock(&r->mutex);
    r->n_taken++;
    return &s->part;
}

void clip_reader_stop(clip_reader *r)
{
    if (!r)
        return;
    if (r->has_worker) {
        pthread_mutex_lock(&r->mutex);
        r->ending = 1;
        pthread_cond_signal(&r->changed);
        pthread_mutex_unlock(&r->mutex);
        pthread_join(r->worker, NULL);
    }
    for (int i = 0; i < N_SLOTS; i++) {
        expclip_batch_free(r->slots[i].part.batch);
        free(r->slots[i].part.times);
        free(r->slots[i].part.weights);
    }
    pthread_mutex_destroy(&r->mutex);
    pthread_cond_destroy(&r->changed);
    free(r);
}
