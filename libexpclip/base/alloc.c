/* SPDX-License-Identifier: MIT */
/*
 * alloc.c - the one gate through which the library's own C code gets memory.
 */
#include "base/alloc.h"

#include <stdatomic.h>
#include <stdlib.h>

/* Allocations to let pass before one fails; negative = never. Tests only. */
static _Atomic int64_t countdown = -1;
static atomic_int fails_for_ever, has_failed;

void expclip__alloc_fail_after(int64_t n, int for_ever)
{
    atomic_store(&has_failed, 0);
    atomic_store(&fails_for_ever, for_ever);
    atomic_store(&countdown, n);
}

static int must_fail(void)
{
    int64_t n = atomic_load(&countdown);

    if (n < 0)
        return 0;
    if (n > 0) {
        atomic_fetch_sub(&countdown, 1);
        return 0;
    }
    if (!atomic_load(&fails_for_ever))
        atomic_store(&countdown, -1);
    atomic_store(&has_failed, 1);
    return 1;
}

int expclip__alloc_has_failed(void)
{
    return atomic_load(&has_failed);
}

/* Bytes of an array, at least 1; 0 when it is larger than memory can be. */
static size_t array_size(size_t count, size_t size)
{
    size_t bytes;

    if (__builtin_mul_overflow(count, size, &bytes) || bytes > PTRDIFF_MAX)
        return 0;
    return bytes ? bytes : 1;
}

void *expclip__alloc(size_t count, size_t size)
{
    const size_t bytes = array_size(count, size);

    return bytes && !must_fail() ? malloc(bytes) : NULL;
}

void *expclip__alloc_zero(size_t count, size_t size)
{
    const size_t bytes = array_size(count, size);

    return bytes && !must_fail() ? calloc(1, bytes) : NULL;
}

void *expclip__realloc(void *p, size_t count, size_t size)
{
    const size_t bytes = array_size(count, size);

    return bytes && !must_fail() ? realloc(p, bytes) : NULL;
}

/* Room for 16, then for twice as many whenever that is full. */
void *expclip__grown(void *array, size_t n, size_t size)
{
    const int is_full = n == 0 || (n >= 16 && (n & (n - 1)) == 0);

    return is_full ? expclip__realloc(array, n ? 2 * n : 16, size) : array;
}

void expclip__free(void *p)
{
    free(p);
}

void *expclip__zlib_alloc(void *opaque, unsigned count, unsigned size)
{
    (void)opaque;
    return expclip__alloc(count, size);
}

void expclip__zlib_free(void *opaque, void *p)
{
    (void)opaque;
    expclip__free(p);
}
