/* SPDX-License-Identifier: MIT */
/*
 * batcher.c - joins the images of many threads' calls into forward passes.
 *
 * A call puts a request on its own stack into the queue and waits. The worker
 * takes images from the front, of several requests or a part of one, computes
 * without the lock, and gives each request its rows. A request stays in the
 * queue until its last image is taken, and its caller stays until no pass
 * holds an image of it.
 */
#define _GNU_SOURCE
#include "expression/batcher.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <time.h>

#include "base/alloc.h"
#include "base/error.h"

#define CANCEL_POLL_NS 10000000 /* a waiting call looks at its token: 10 ms */
#define SECOND_NS INT64_C(1000000000)

typedef struct request {
    const float *pixels;
    float *rows;
    size_t n;
    size_t n_taken; /* images that are or were in a pass */
    size_t n_done;  /* images whose pass has ended */
    int64_t arrived;
    expclip_status status;
    expclip_error why;
    pthread_cond_t progress;
    struct request *next;
} request;

/* Images of one request in one pass. */
typedef struct piece {
    request *owner;
    size_t first;
    size_t n;
} piece;

struct expclip_batcher {
    expclip_model *model;
    expclip_batcher_options options;
    pthread_t worker;
    pthread_mutex_t lock;
    pthread_cond_t arrival;
    request *first; /* the queue */
    request *last;
    int stopping;
    expclip__batcher_counts counts;
    piece *pieces; /* [max_batch], the worker's */
    float *pixels; /* [max_batch, 3, S, S] */
    float *rows;   /* [max_batch, d] */
};

/* ---- time: the monotonic clock, in nanoseconds ---- */

static int64_t now_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * SECOND_NS + t.tv_nsec;
}

/* @return 0 when the time came first */
static int wait_until(pthread_cond_t *condition, pthread_mutex_t *lock,
                      int64_t when)
{
    const struct timespec t = { .tv_sec = when / SECOND_NS,
                                .tv_nsec = when % SECOND_NS };

    return pthread_cond_timedwait(condition, lock, &t) != ETIMEDOUT;
}

static int init_condition(pthread_cond_t *condition)
{
    pthread_condattr_t monotonic;
    int failed;

    if (pthread_condattr_init(&monotonic))
        return 0;
    failed = pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC) ||
             pthread_cond_init(condition, &monotonic);
    pthread_condattr_destroy(&monotonic);
    return !failed;
}

/* ---- the queue; callers hold the lock ---- */

static void append(expclip_batcher *b, request *r)
{
    if (b->last)
        b->last->next = r;
    else
        b->first = r;
    b->last = r;
    b->counts.n_waiting += (int64_t)r->n;
}

/* Does nothing to a request that has left already. */
static void remove_request(expclip_batcher *b, const request *r)
{
    request *before = NULL;

    for (request *at = b->first; at; before = at, at = at->next) {
        if (at != r)
            continue;
        if (before)
            before->next = at->next;
        else
            b->first = at->next;
        if (b->last == at)
            b->last = before;
        b->counts.n_waiting -= (int64_t)(r->n - r->n_taken);
        return;
    }
}

/* Fill the pieces of the next pass. @return their number */
static size_t take_pieces(expclip_batcher *b)
{
    size_t room = (size_t)b->options.max_batch, n = 0;

    while (b->first && room) {
        request *r = b->first;
        const size_t left = r->n - r->n_taken;
        const size_t taken = left < room ? left : room;

        b->pieces[n++] = (piece){ r, r->n_taken, taken };
        if (taken == left)
            remove_request(b, r);
        else
            b->counts.n_waiting -= (int64_t)taken;
        r->n_taken += taken;
        room -= taken;
    }
    return n;
}

/* ---- the worker ---- */

static size_t image_floats(const expclip_batcher *b)
{
    const size_t side = (size_t)b->model->pixels.size;

    return 3 * side * side;
}

/* Without the lock: nobody else touches what the pieces point to. */
static expclip_status compute(expclip_batcher *b, size_t n_pieces,
                              expclip_error *why)
{
    const size_t floats = image_floats(b);
    size_t n = 0;

    for (size_t i = 0; i < n_pieces; i++) {
        const piece *p = &b->pieces[i];

        memcpy(b->pixels + n * floats, p->owner->pixels + p->first * floats,
               p->n * floats * sizeof(*b->pixels));
        n += p->n;
    }
    return expclip__model_encode_images(b->model, b->rows, b->pixels, n, NULL,
                                        why);
}

static void give_rows(expclip_batcher *b, size_t n_pieces,
                      expclip_status status, const expclip_error *why)
{
    const size_t dim = expclip__model_dim(b->model, 0);
    const float *rows = b->rows;

    for (size_t i = 0; i < n_pieces; i++) {
        const piece *p = &b->pieces[i];

        if (status) {
            p->owner->status = status;
            p->owner->why = *why;
            remove_request(b, p->owner);
        } else {
            memcpy(p->owner->rows + p->first * dim, rows,
                   p->n * dim * sizeof(*rows));
        }
        rows += p->n * dim;
        p->owner->n_done += p->n;
        b->counts.n_images += (int64_t)p->n;
        pthread_cond_signal(&p->owner->progress);
    }
    b->counts.n_passes++;
}

/* Until there is a full pass, or one whose first image waited long enough. */
static void wait_for_company(expclip_batcher *b)
{
    const int64_t delay = INT64_C(1000) * b->options.max_delay_us;

    while (!b->stopping && b->first &&
           b->counts.n_waiting < b->options.max_batch &&
           wait_until(&b->arrival, &b->lock, b->first->arrived + delay))
        ;
}

static void *work(void *argument)
{
    expclip_batcher *b = argument;
    expclip_error why;

    pthread_mutex_lock(&b->lock);
    while (!b->stopping) {
        expclip_status status;
        size_t n;

        if (!b->first) {
            pthread_cond_wait(&b->arrival, &b->lock);
            continue;
        }
        wait_for_company(b);
        n = take_pieces(b);
        if (n == 0) /* the only request was cancelled */
            continue;
        pthread_mutex_unlock(&b->lock);
        status = compute(b, n, &why);
        pthread_mutex_lock(&b->lock);
        give_rows(b, n, status, &why);
    }
    pthread_mutex_unlock(&b->lock);
    return NULL;
}

/* The host's signals go to the host's threads. */
static int start_worker(expclip_batcher *b)
{
    sigset_t all, before;
    int failed;

    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    failed = pthread_create(&b->worker, NULL, work, b);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return !failed;
}

/* ---- life ---- */

static void free_memory(expclip_batcher *b)
{
    expclip__model_release(b->model);
    expclip__free(b->pieces);
    expclip__free(b->pixels);
    expclip__free(b->rows);
    expclip__free(b);
}

static expclip_status start(expclip_batcher *b, expclip_error *err)
{
    if (pthread_mutex_init(&b->lock, NULL))
        return expclip__fail_memory(err, "batcher");
    if (init_condition(&b->arrival)) {
        if (start_worker(b))
            return EXPCLIP_OK;
        pthread_cond_destroy(&b->arrival);
    }
    pthread_mutex_destroy(&b->lock);
    return expclip__fail(err, EXPCLIP_ERROR_MEMORY,
                         "batcher: the system makes no more threads");
}

expclip_status expclip__batcher_create(expclip_batcher **out,
                                       const expclip_model *model,
                                       const expclip_batcher_options *options,
                                       expclip_error *err)
{
    const size_t max_batch = (size_t)options->max_batch;
    expclip_batcher *b;
    expclip_status status = expclip__fork_check(model->fork_generation, err);

    if (status)
        return status;
    b = expclip__alloc_zero(1, sizeof(*b));
    if (!b)
        return expclip__fail_memory(err, "batcher");
    b->model = expclip__model_retain(model);
    b->options = *options;
    b->pieces = expclip__alloc(max_batch, sizeof(*b->pieces));
    b->pixels = expclip__alloc(max_batch, image_floats(b) * sizeof(*b->pixels));
    b->rows = expclip__alloc(max_batch,
                             expclip__model_dim(model, 0) * sizeof(*b->rows));
    if (!b->pieces || !b->pixels || !b->rows)
        status = expclip__fail_memory(err, "batcher");
    else
        status = start(b, err);
    if (status)
        free_memory(b);
    else
        *out = b;
    return status;
}

void expclip__batcher_free(expclip_batcher *b)
{
    if (!b)
        return;
    /* After fork() the worker lives in the parent only. */
    if (!expclip__fork_check(b->model->fork_generation, NULL)) {
        pthread_mutex_lock(&b->lock);
        b->stopping = 1;
        pthread_cond_signal(&b->arrival);
        pthread_mutex_unlock(&b->lock);
        pthread_join(b->worker, NULL);
        pthread_cond_destroy(&b->arrival);
        pthread_mutex_destroy(&b->lock);
    }
    free_memory(b);
}

expclip_model *expclip__batcher_model(const expclip_batcher *batcher)
{
    return batcher->model;
}

expclip__batcher_counts expclip__batcher_count(const expclip_batcher *batcher)
{
    expclip_batcher *b = (expclip_batcher *)(uintptr_t)batcher;
    expclip__batcher_counts counts = { 0 };

    if (!b || expclip__fork_check(b->model->fork_generation, NULL))
        return counts;
    pthread_mutex_lock(&b->lock);
    counts = b->counts;
    pthread_mutex_unlock(&b->lock);
    return counts;
}

/* ---- calls ---- */

/* Until all is done, or it failed or was cancelled and no pass holds it. */
static void wait_for_rows(expclip_batcher *b, request *r,
                          const expclip_cancel *cancel)
{
    while (r->n_done < r->n_taken || (!r->status && r->n_done < r->n)) {
        if (cancel)
            wait_until(&r->progress, &b->lock, now_ns() + CANCEL_POLL_NS);
        else
            pthread_cond_wait(&r->progress, &b->lock);
        if (!r->status)
            r->status = expclip__cancel_check(cancel, &r->why);
        if (r->status)
            remove_request(b, r);
    }
}

static expclip_status submit(expclip_batcher *b, request *r,
                             const expclip_cancel *cancel, expclip_error *err)
{
    pthread_mutex_lock(&b->lock);
    if (b->counts.n_waiting > 0 &&
        b->counts.n_waiting + (int64_t)r->n > b->options.queue_size) {
        r->status = expclip__fail(
            &r->why, EXPCLIP_ERROR_BUSY,
            "queue: %lld images wait and %zu came, expected at most %d "
            "together; try again later",
            (long long)b->counts.n_waiting, r->n, (int)b->options.queue_size);
    } else {
        append(b, r);
        pthread_cond_signal(&b->arrival);
        wait_for_rows(b, r, cancel);
    }
    pthread_mutex_unlock(&b->lock);
    if (r->status && err)
        *err = r->why;
    return r->status;
}

expclip_status expclip__batcher_encode(expclip_batcher *batcher, float *out,
                                       const float *pixels, size_t n,
                                       const expclip_cancel *cancel,
                                       expclip_error *err)
{
    request r = { .pixels = pixels, .rows = out, .n = n, .arrived = now_ns() };
    expclip_status status =
        expclip__fork_check(batcher->model->fork_generation, err);

    if (!status)
        status = expclip__cancel_check(cancel, err);
    if (status || n == 0)
        return status;
    if (!init_condition(&r.progress))
        return expclip__fail_memory(err, "request");
    status = submit(batcher, &r, cancel, err);
    pthread_cond_destroy(&r.progress);
    return status;
}
