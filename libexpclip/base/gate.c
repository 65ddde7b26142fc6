/* SPDX-License-Identifier: MIT */
/*
 * gate.c - no call is inside the runtime when its statics are destroyed.
 *
 * The runtime makes some of its static objects late, in the first calls, and
 * exit() destroys what was made last first. So the handler is registered again
 * after the 1st, 2nd, 4th, 8th, ... call: the one that was registered last
 * closes the gate.
 */
#define _GNU_SOURCE
#include "base/gate.h"

#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#include "base/error.h"
#include "base/threads.h"

/* A call inside is one forward pass, or the loading of a model. exit() does
 * not wait longer than this for one that hangs. */
#define LONGEST_WAIT_MS 60000

static _Atomic uint64_t inside; /* threads */
static _Atomic uint64_t generation;
static _Atomic uint64_t calls;
static atomic_int closed;
static atomic_int watching;
static _Thread_local uint32_t depth;

/* The threads that were inside stayed in the parent of a fork(). */
static void forget_parent(void)
{
    const uint64_t now = expclip__fork_generation() + 1;
    uint64_t known = atomic_load(&generation);

    if (known != now &&
        atomic_compare_exchange_strong(&generation, &known, now) && known != 0)
        atomic_store(&inside, depth > 0);
}

expclip_status expclip__gate_enter(expclip_error *err)
{
    if (depth == 0) {
        forget_parent();
        atomic_fetch_add(&inside, 1);
        if (atomic_load(&closed)) {
            atomic_fetch_sub(&inside, 1);
            return expclip__fail(err, EXPCLIP_ERROR_CANCELLED,
                                 "the process is ending: exit() has begun");
        }
    }
    depth++;
    return EXPCLIP_OK;
}

void expclip__gate_leave(void)
{
    uint64_t n;

    if (--depth > 0)
        return;
    atomic_fetch_sub(&inside, 1);
    n = atomic_fetch_add(&calls, 1) + 1;
    if (atomic_load(&watching) && (n & (n - 1)) == 0)
        atexit(expclip__gate_close);
}

void expclip__gate_close(void)
{
    const struct timespec millisecond = { 0, 1000000 };

    atomic_store(&closed, 1);
    forget_parent();
    for (int i = 0; i < LONGEST_WAIT_MS; i++) {
        if (atomic_load(&inside) <= (depth > 0))
            break;
        nanosleep(&millisecond, NULL);
    }
}

void expclip__gate_open(void)
{
    atomic_store(&closed, 0);
}

void expclip__gate_watch(void)
{
    if (!atomic_exchange(&watching, 1))
        atexit(expclip__gate_close);
}
