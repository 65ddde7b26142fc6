/* SPDX-License-Identifier: MIT */
/*
 * raw_frames.c - frames that come as bare pixels on stdin.
 *
 * Three buffers go round: one is read into, one waits, one is the caller's.
 */
#define _GNU_SOURCE
#include "inputs/raw_frames.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "terminal/console.h"
#include "terminal/failure.h"
#include "terminal/memory.h"
#include "terminal/stop.h"

#define MAX_SIDE 16384
#define LOOK_MS                                                                \
    100 /* how long a read may go without a look at stop_wanted()              \
         */

typedef struct buffer {
    uint8_t *rgb;
    int64_t index;
    double time;
} buffer;

struct raw_frames {
    raw_format format;
    size_t size; /* of a frame */
    pthread_t worker;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    buffer reading; /* the worker's alone */
    buffer waiting; /* under the mutex, as all below */
    buffer taken;   /* the caller's alone */
    int has_waiting;
    int is_over;
    int ending; /* the caller wants no more */
    int64_t n_dropped;
    size_t rest;
    int failure;
    double start; /* of the first frame */
};

int raw_format_parse(raw_format *out, const char *text)
{
    raw_format f = { 0, 0, 0.0 };
    int n = 0, all = 0;

    if (sscanf(text, "%6dx%6d%n", &f.width, &f.height, &n) != 2 || n == 0)
        return 0;
    if (text[n] == '@') {
        if (sscanf(text + n, "@%lf%n", &f.rate, &all) != 1 ||
            !(f.rate >= 0.01 && f.rate <= 1000.0))
            return 0;
        n += all;
    }
    if (text[n] || f.width < 1 || f.height < 1 || f.width > MAX_SIDE ||
        f.height > MAX_SIDE)
        return 0;
    *out = f;
    return 1;
}

/* ------------------------------------------------------------------------
 * The worker
 */

static int wants_end(raw_frames *r)
{
    int ending;

    pthread_mutex_lock(&r->mutex);
    ending = r->ending;
    pthread_mutex_unlock(&r->mutex);
    return ending || stop_wanted();
}

/** Fill `rgb`. @return 1, or 0 at the end */
static int read_frame(raw_frames *r, uint8_t *rgb, size_t *n)
{
    struct pollfd fd = { STDIN_FILENO, POLLIN, 0 };

    *n = 0;
    while (*n < r->size && !wants_end(r)) {
        const int ready = poll(&fd, 1, LOOK_MS);
        ssize_t got;

        if (ready == 0 || (ready < 0 && errno == EINTR))
            continue;
        got = read(STDIN_FILENO, rgb + *n, r->size - *n);
        if (got < 0 && (errno == EINTR || errno == EAGAIN))
            continue;
        if (got < 0)
            r->failure = errno;
        if (got <= 0)
            return 0;
        *n += (size_t)got;
    }
    return *n == r->size;
}

/** A source ahead of the clock waits until its frame is due or wanted. */
static void wait_until_due(raw_frames *r, double due)
{
    while (r->has_waiting && !r->ending && !stop_wanted() &&
           console_seconds() - r->start < due) {
        struct timespec until;

        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_nsec += 10000000;
        until.tv_sec += until.tv_nsec / 1000000000;
        until.tv_nsec %= 1000000000;
        pthread_cond_timedwait(&r->changed, &r->mutex, &until);
    }
}

static void swap(buffer *a, buffer *b)
{
    const buffer c = *a;

    *a = *b;
    *b = c;
}

static void hand_over(raw_frames *r, int64_t index)
{
    const double rate = r->format.rate;

    pthread_mutex_lock(&r->mutex);
    if (index == 0)
        r->start = console_seconds();
    if (rate > 0.0)
        wait_until_due(r, (double)index / rate);
    r->reading.index = index;
    r->reading.time =
        rate > 0.0 ? (double)index / rate : console_seconds() - r->start;
    r->n_dropped += r->has_waiting;
    swap(&r->reading, &r->waiting);
    r->has_waiting = 1;
    pthread_cond_broadcast(&r->changed);
    pthread_mutex_unlock(&r->mutex);
}

static void *work(void *data)
{
    raw_frames *r = data;
    size_t n;

    for (int64_t i = 0; read_frame(r, r->reading.rgb, &n); i++)
        hand_over(r, i);
    pthread_mutex_lock(&r->mutex);
    r->rest = n;
    r->is_over = 1;
    pthread_cond_broadcast(&r->changed);
    pthread_mutex_unlock(&r->mutex);
    return NULL;
}

/* ------------------------------------------------------------------------
 * The caller
 */

int raw_frames_start(raw_frames **out, const raw_format *format)
{
    raw_frames *r = memory_new(1, sizeof(*r));

    r->format = *format;
    r->size = (size_t)format->width * (size_t)format->height * 3;
    r->reading.rgb = memory_new(r->size, 1);
    r->waiting.rgb = memory_new(r->size, 1);
    r->taken.rgb = memory_new(r->size, 1);
    pthread_mutex_init(&r->mutex, NULL);
    pthread_cond_init(&r->changed, NULL);
    if (pthread_create(&r->worker, NULL, work, r)) {
        console_error("cannot start a thread: %s", strerror(errno));
        free(r->reading.rgb);
        free(r->waiting.rgb);
        free(r->taken.rgb);
        free(r);
        return EXIT_RESOURCES;
    }
    *out = r;
    return 0;
}

int raw_frames_next(raw_frames *r, raw_frame *out)
{
    int has_one;

    pthread_mutex_lock(&r->mutex);
    while (!r->has_waiting && !r->is_over)
        pthread_cond_wait(&r->changed, &r->mutex);
    has_one = r->has_waiting && !stop_wanted();
    if (has_one) {
        swap(&r->waiting, &r->taken);
        r->has_waiting = 0;
        pthread_cond_broadcast(&r->changed);
    }
    pthread_mutex_unlock(&r->mutex);
    *out = (raw_frame){ r->taken.rgb, r->taken.index, r->taken.time };
    return has_one;
}

int64_t raw_frames_dropped(raw_frames *r)
{
    int64_t n;

    pthread_mutex_lock(&r->mutex);
    n = r->n_dropped;
    pthread_mutex_unlock(&r->mutex);
    return n;
}

size_t raw_frames_rest(raw_frames *r)
{
    return r->rest;
}

int raw_frames_failure(raw_frames *r)
{
    return r->failure;
}

void raw_frames_stop(raw_frames *r)
{
    if (!r)
        return;
    pthread_mutex_lock(&r->mutex);
    r->ending = 1;
    pthread_cond_broadcast(&r->changed);
    pthread_mutex_unlock(&r->mutex);
    pthread_join(r->worker, NULL);
    pthread_cond_destroy(&r->changed);
    pthread_mutex_destroy(&r->mutex);
    free(r->reading.rgb);
    free(r->waiting.rgb);
    free(r->taken.rgb);
    free(r);
}
