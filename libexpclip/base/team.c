/* SPDX-License-Identifier: MIT */
/*
 * team.c - one piece of work, done by several threads step by step.
 */
#define _GNU_SOURCE
#include "base/team.h"

#include <pthread.h>
#include <signal.h>

struct expclip__team {
    int32_t n;
    pthread_barrier_t barrier;
    pthread_mutex_t start; /* held until it is known how many there are */
    expclip__team_work *work;
    void *data;
};

typedef struct member {
    expclip__team *team;
    int32_t number;
    pthread_t thread;
} member;

static void *run(void *data)
{
    const member *m = data;
    expclip__team *t = m->team;

    pthread_mutex_lock(&t->start);
    pthread_mutex_unlock(&t->start);
    t->work(t->data, t, m->number);
    return NULL;
}

/* Signals are for the host's threads. @return members, this thread counted */
static int32_t start(member *members, int32_t n, expclip__team *t)
{
    sigset_t all, before;
    int32_t started = 1;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    for (; started < n; started++) {
        member *m = &members[started];

        *m = (member){ .team = t, .number = started };
        if (pthread_create(&m->thread, NULL, run, m))
            break;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return started;
}

void expclip__team_run(int32_t n_threads, expclip__team_work *work, void *data)
{
    const int32_t most =
        n_threads < EXPCLIP__TEAM_MOST ? n_threads : EXPCLIP__TEAM_MOST;
    member members[EXPCLIP__TEAM_MOST];
    expclip__team t = { .start = PTHREAD_MUTEX_INITIALIZER,
                        .work = work,
                        .data = data };

    pthread_mutex_lock(&t.start);
    t.n = start(members, most, &t);
    pthread_barrier_init(&t.barrier, NULL, (unsigned)t.n);
    pthread_mutex_unlock(&t.start);
    work(data, &t, 0);
    for (int32_t i = 1; i < t.n; i++)
        pthread_join(members[i].thread, NULL);
    pthread_barrier_destroy(&t.barrier);
    pthread_mutex_destroy(&t.start);
}

int32_t expclip__team_size(const expclip__team *team)
{
    return team->n;
}

void expclip__team_wait(expclip__team *team)
{
    if (team->n > 1)
        pthread_barrier_wait(&team->barrier);
}
