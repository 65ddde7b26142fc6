/* SPDX-License-Identifier: MIT */
/*
 * ahead.c - two slots that go round.
 *
 * A slot belongs to the worker while it is not `full`, else to the caller; the
 * flags alone are shared, under the mutex.
 */
#define _GNU_SOURCE
#include "inputs/ahead.h"

#include <pthread.h>
#include <stdlib.h>

#include "terminal/console.h"
#include "terminal/failure.h"
#include "terminal/memory.h"

struct ahead {
    int (*fill)(void *owner, size_t slot);
    void *owner;
    size_t n_taken; /* slots that the caller has seen */
    pthread_t worker;
    pthread_mutex_t mutex;
    pthread_cond_t changed; /* some slot's `full`, or `ending` */
    int full[AHEAD_SLOTS];
    int ending;
};

static void *work(void *argument)
{
    ahead *a = argument;
    int more = 1;

    for (size_t turn = 0; more; turn++) {
        const size_t slot = turn % AHEAD_SLOTS;
        int ending;

        pthread_mutex_lock(&a->mutex);
        while (a->full[slot] && !a->ending)
            pthread_cond_wait(&a->changed, &a->mutex);
        ending = a->ending;
        pthread_mutex_unlock(&a->mutex);
        if (ending)
            break;
        more = a->fill(a->owner, slot);
        pthread_mutex_lock(&a->mutex);
        a->full[slot] = 1;
        pthread_cond_signal(&a->changed);
        pthread_mutex_unlock(&a->mutex);
    }
    return NULL;
}

static void release(ahead *a)
{
    pthread_mutex_destroy(&a->mutex);
    pthread_cond_destroy(&a->changed);
    free(a);
}

int ahead_start(ahead **out, int (*fill)(void *owner, size_t slot), void *owner)
{
    ahead *a = memory_new(1, sizeof(*a));

    a->fill = fill;
    a->owner = owner;
    pthread_mutex_init(&a->mutex, NULL);
    pthread_cond_init(&a->changed, NULL);
    if (pthread_create(&a->worker, NULL, work, a)) {
        console_error("cannot start a thread");
        release(a);
        return EXIT_RESOURCES;
    }
    *out = a;
    return 0;
}

size_t ahead_next(ahead *a)
{
    const size_t slot = a->n_taken % AHEAD_SLOTS;

    pthread_mutex_lock(&a->mutex);
    if (a->n_taken++) {
        a->full[1 - slot] = 0;
        pthread_cond_signal(&a->changed);
    }
    while (!a->full[slot])
        pthread_cond_wait(&a->changed, &a->mutex);
    pthread_mutex_unlock(&a->mutex);
    return slot;
}

void ahead_stop(ahead *a)
{
    if (!a)
        return;
    pthread_mutex_lock(&a->mutex);
    a->ending = 1;
    pthread_cond_signal(&a->changed);
    pthread_mutex_unlock(&a->mutex);
    pthread_join(a->worker, NULL);
    release(a);
}
