/* SPDX-License-Identifier: MIT */
/*
 * team.c - one piece of work in steps, shared out among threads.
 */
#define _GNU_SOURCE
#include "base/team.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>

typedef struct team {
    const expclip__team_work *work;
    atomic_int next[EXPCLIP__TEAM_STEPS]; /* part that nobody has begun */
    atomic_int done[EXPCLIP__TEAM_STEPS];
} team;

typedef struct member {
    team *team;
    int32_t number;
    pthread_t thread;
} member;

static void work_on(team *t, int32_t me)
{
    const expclip__team_work *w = t->work;

    for (int32_t s = 0; s < w->n_steps; s++) {
        int32_t part;

        while ((part = atomic_fetch_add(&t->next[s], 1)) < w->n_parts[s]) {
            w->part(w->data, s, part, me);
            atomic_fetch_add(&t->done[s], 1);
        }
        while (atomic_load(&t->done[s]) < w->n_parts[s])
            sched_yield();
    }
}

static void *run(void *data)
{
    const member *m = data;

    work_on(m->team, m->number);
    return NULL;
}

/* Signals are for the host's threads. @return members, this thread counted */
static int32_t start(member *members, int32_t n, team *t)
{
    sigset_t all, before;
    int32_t started = 1;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    for (; started < n; started++) {
        member *m = &members[started];

        m->team = t;
        m->number = started;
        if (pthread_create(&m->thread, NULL, run, m))
            break;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return started;
}

void expclip__team_run(int32_t n_threads, const expclip__team_work *work)
{
    member members[EXPCLIP__TEAM_THREADS];
    team t = { .work = work };
    int32_t n = n_threads;

    if (n > EXPCLIP__TEAM_THREADS)
        n = EXPCLIP__TEAM_THREADS;
    n = start(members, n, &t);
    work_on(&t, 0);
    for (int32_t i = 1; i < n; i++)
        pthread_join(members[i].thread, NULL);
}
