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
                         "model: loaded before fork(); load it again in the "
                         "child with threads = 1, or start the child with "
                         "spawn");
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
