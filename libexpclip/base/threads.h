/* SPDX-License-Identifier: MIT */
/*
 * threads.h - reference counts, the cancel flag, cores and the fork check.
 */
#ifndef EXPCLIP_BASE_THREADS_H
#define EXPCLIP_BASE_THREADS_H

#include <expclip.h>
#include <stdatomic.h>

typedef struct expclip__refcount {
    atomic_int n;
} expclip__refcount;

void expclip__ref_init(expclip__refcount *r); /* to 1 */
void expclip__ref_take(expclip__refcount *r);
/** @return 1 when that was the last one and the owner must free the object */
int expclip__ref_drop(expclip__refcount *r);

/** Cores that this process may run on, at least 1. */
int32_t expclip__n_cores(void);

/** A number that is another one in each child made by fork(). */
uint64_t expclip__fork_generation(void);
/** FORK when `generation` is not this process's, else OK. */
expclip_status expclip__fork_check(uint64_t generation, expclip_error *err);

/**
 * FORK when libtorch was used before fork() and is now asked for more than one
 * thread: its pool stayed in the parent, and the child would wait for ever.
 */
expclip_status expclip__fork_check_threads(int32_t n_threads,
                                           expclip_error *err);

/**
 * BACKEND when this process cannot start the n_threads - 1 threads that OpenMP
 * starts for the calling thread: it would end the process. They are started and
 * ended, once in each calling thread for each larger number.
 */
expclip_status expclip__threads_check(int32_t n_threads, expclip_error *err);

struct expclip_cancel {
    atomic_int requested;
};

/** CANCELLED when the token (or NULL) is raised, else OK. */
expclip_status expclip__cancel_check(const expclip_cancel *cancel,
                                     expclip_error *err);

#endif
