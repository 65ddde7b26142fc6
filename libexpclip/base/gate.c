/* SPDX-License-Identifier: MIT */
/*
 * gate.c - no call is inside the runtime when its statics are destroyed.
 *
 * exit() first runs the thread-local destructors of the thread that called it,
 * then goes backwards through what was registered with atexit(). The runtime
 * registers its statics while it is loaded and some of them late, during the
 * first calls, and what was registered last comes first. So the handler that
 * closes the gate is registered once more by a thread-local destructor: of the
 * main thread from the start, of others once they have been inside. For an
 * exit() in a thread that never was it is registered again after each of the
 * first calls and then ever more rarely: it comes before all statics but those
 * that the loading or a first call, still under way, has just made.
 */
#define _GNU_SOURCE
#include "base/gate.h"

#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/error.h"
#include "base/threads.h"

/* A call inside is one forward pass, or the loading of a model. exit() does
 * not wait longer than this for one that hangs. */
#define LONGEST_WAIT_MS 60000

/* And this long a call waits that comes after exit() has begun. */
#define PATIENCE_MS 10000

#define FIRST_CALLS 64
#define THREADS 4096

enum { BY_HOST = 1, BY_EXIT = 2 }; /* of `closed` */

static _Atomic uint64_t inside; /* threads */
static _Atomic uint64_t generation;
static _Atomic uint64_t calls;
static _Atomic uint64_t ended; /* threads */
static atomic_int closed;
static atomic_int watching;
static _Thread_local uint32_t depth;
static _Thread_local int met;          /* its end is watched */
static _Thread_local int ends_process; /* it called exit() */

/* What C++ thread_local objects are destroyed by; of glibc. */
extern int __cxa_thread_atexit_impl(void (*destroy)(void *), void *object,
                                    void *library) __attribute__((weak));
extern void *__dso_handle __attribute__((visibility("hidden")));

static void close_at_exit(void);

static void pause_ms(long ms)
{
    const struct timespec t = { 0, ms * 1000000 };

    nanosleep(&t, NULL);
}

static int is_main_thread(void)
{
    return syscall(SYS_gettid) == getpid();
}

/* The first n, and then ever more rarely. */
static int is_due(uint64_t count, uint64_t n)
{
    return count <= n || (count & (count - 1)) == 0;
}

/*
 * In exit(), before its handlers: from now on the last one is ours. Where only
 * the thread ends it does no harm, but leaves a handler behind; so this is not
 * done for each of very many threads. All statics have been made by then.
 */
static void watch_again(void *unused)
{
    (void)unused;
    if (is_main_thread() || is_due(atomic_fetch_add(&ended, 1) + 1, THREADS))
        atexit(close_at_exit);
}

static void meet_thread(void)
{
    if (!met && __cxa_thread_atexit_impl)
        __cxa_thread_atexit_impl(watch_again, NULL, &__dso_handle);
    met = 1;
}

/* main() may end the process while another thread makes the first call. */
__attribute__((constructor)) static void meet_main_thread(void)
{
    if (is_main_thread())
        meet_thread();
}

/* The threads that were inside stayed in the parent of a fork(). */
static void forget_parent(void)
{
    const uint64_t now = expclip__fork_generation() + 1;
    uint64_t known = atomic_load(&generation);

    if (known != now &&
        atomic_compare_exchange_strong(&generation, &known, now) && known != 0)
        atomic_store(&inside, depth > 0);
}

int expclip__gate_try(void)
{
    if (depth == 0) {
        if (atomic_load(&closed))
            return 0;
        meet_thread();
        forget_parent();
        atomic_fetch_add(&inside, 1);
        if (atomic_load(&closed)) { /* since then */
            atomic_fetch_sub(&inside, 1);
            return 0;
        }
    }
    depth++;
    return 1;
}

/*
 * While the process ends, a thread that comes too late waits for the end: an
 * error would reach code that may treat it as fatal and end the process in
 * another way. It is told in the end, since exit() may be waiting for it: a
 * host's own handlers may join their threads.
 */
expclip_status expclip__gate_enter(expclip_error *err)
{
    if (expclip__gate_try())
        return EXPCLIP_OK;
    for (int i = 0;
         i < PATIENCE_MS && !ends_process && atomic_load(&closed) == BY_EXIT;
         i++)
        pause_ms(1);
    return expclip__fail(err, EXPCLIP_ERROR_CANCELLED,
                         "the process is ending, or the library was closed");
}

void expclip__gate_leave(void)
{
    uint64_t n;

    if (--depth > 0)
        return;
    atomic_fetch_sub(&inside, 1);
    n = atomic_fetch_add(&calls, 1) + 1;
    if (atomic_load(&watching) && is_due(n, FIRST_CALLS))
        atexit(close_at_exit);
}

static void close_and_wait(int how)
{
    atomic_store(&closed, how);
    forget_parent();
    for (int i = 0; i < LONGEST_WAIT_MS; i++) {
        if (atomic_load(&inside) <= (depth > 0))
            break;
        pause_ms(1);
    }
}

void expclip__gate_close(void)
{
    close_and_wait(BY_HOST);
}

/* In the thread that called exit(). */
static void close_at_exit(void)
{
    ends_process = 1;
    close_and_wait(BY_EXIT);
}

void expclip__gate_open(void)
{
    atomic_store(&closed, 0);
}

void expclip__gate_watch(void)
{
    if (!atomic_exchange(&watching, 1))
        atexit(close_at_exit);
}
