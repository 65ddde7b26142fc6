/* SPDX-License-Identifier: MIT */
/*
 * threads.c - reference counts, cores, the fork check and the cancel flag.
 *
 * libtorch's thread pools do not survive fork(): a child that used its
 * parent's model would wait for threads that it does not have. A counter that
 * fork() moves on tells such a child at once.
 */
#define _GNU_SOURCE
#include "base/threads.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"

void expclip__ref_init(expclip__refcount *r)
{
    atomic_init(&r->n, 1);
}

void expclip__ref_take(expclip__refcount *r)
{
    atomic_fetch_add_explicit(&r->n, 1, memory_order_relaxed);
}

int expclip__ref_drop(expclip__refcount *r)
{
    return atomic_fetch_sub_explicit(&r->n, 1, memory_order_acq_rel) == 1;
}

int32_t expclip__n_cores(void)
{
    cpu_set_t cores;

    CPU_ZERO(&cores);
    if (sched_getaffinity(0, sizeof(cores), &cores) != 0 ||
        CPU_COUNT(&cores) < 1)
        return 1;
    return (int32_t)CPU_COUNT(&cores);
}

/* ---- can there be so many threads? ---- */

/* Alive until the one who started it lets go of the lock. */
static void *wait_for_lock(void *lock)
{
    pthread_mutex_lock(lock);
    pthread_mutex_unlock(lock);
    return NULL;
}

/* Threads that can be alive together, `n` at most; *why = errno of the first
 * that cannot. Signals are for the host's threads. */
static int32_t count_possible(pthread_t *threads, int32_t n, int *why)
{
    pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    sigset_t all, before;
    int32_t started = 0;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pthread_mutex_lock(&lock);
    while (started < n && (*why = pthread_create(&threads[started], NULL,
                                                 wait_for_lock, &lock)) == 0)
        started++;
    pthread_mutex_unlock(&lock);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    for (int32_t i = 0; i < started; i++)
        pthread_join(threads[i], NULL);
    return started;
}

expclip_status expclip__threads_check(int32_t n_threads, expclip_error *err)
{
    static _Thread_local int32_t checked = 1;
    pthread_t *threads;
    char reason[128];
    int32_t possible;
    int why = 0;

    if (n_threads <= checked)
        return EXPCLIP_OK;
    threads = expclip__alloc((size_t)n_threads, sizeof(*threads));
    if (!threads)
        return expclip__fail_memory(err, "threads");
    possible = count_possible(threads, n_threads, &why);
    expclip__free(threads);
    if (possible == n_threads) { /* with one to spare */
        checked = n_threads;
        return EXPCLIP_OK;
    }
    return expclip__fail(err, EXPCLIP_ERROR_BACKEND,
                         "threads: %d can be started, expected %d: %s; use "
                         "threads = %d, or raise the limit of threads (ulimit "
                         "-u, the container's pids) or of memory (ulimit -v)",
                         (int)possible, (int)n_threads,
                         strerror_r(why, reason, sizeof(reason)),
                         possible > 1 ? (int)possible : 1);
}

/* ---- fork ---- */

static _Atomic uint64_t generation;
static pthread_once_t generation_once = PTHREAD_ONCE_INIT;

static void count_child(void)
{
    atomic_fetch_add(&generation, 1);
}

static void watch_fork(void)
{
    pthread_atfork(NULL, NULL, count_child);
}

uint64_t expclip__fork_generation(void)
{
    pthread_once(&generation_once, watch_fork);
    return atomic_load(&generation);
}

expclip_status expclip__fork_check(uint64_t made_in, expclip_error *err)
{
    if (made_in == expclip__fork_generation())
        return EXPCLIP_OK;
    return expclip__fail(err, EXPCLIP_ERROR_FORK,
                         "this was made before fork(); make it again in the "
                         "child, a model with threads = 1, or start the child "
                         "with spawn");
}

expclip_status expclip__fork_check_threads(int32_t n_threads,
                                           expclip_error *err)
{
    static _Atomic uint64_t first_use; /* its generation + 1; 0 = not used */
    const uint64_t now = expclip__fork_generation() + 1;
    uint64_t first = 0;

    if (atomic_compare_exchange_strong(&first_use, &first, now) ||
        first == now || n_threads == 1)
        return EXPCLIP_OK;
    return expclip__fail(err, EXPCLIP_ERROR_FORK,
                         "threads: %d in a child of a process that used "
                         "libtorch before fork(), expected 1; or start the "
                         "child with spawn",
                         (int)n_threads);
}

/* ---- cancel ---- */

expclip_status expclip__cancel_check(const expclip_cancel *cancel,
                                     expclip_error *err)
{
    if (!cancel || !atomic_load(&cancel->requested))
        return EXPCLIP_OK;
    return expclip__fail(err, EXPCLIP_ERROR_CANCELLED, "cancelled");
}
