/* SPDX-License-Identifier: MIT */
/*
 * alloc.h - the one gate through which the library's own C code gets memory.
 *
 * Sizes are checked for overflow. Tests make the n-th allocation fail.
 */
#ifndef EXPCLIP_BASE_ALLOC_H
#define EXPCLIP_BASE_ALLOC_H

#include <stddef.h>
#include <stdint.h>

/** `count` elements of `size` bytes, not cleared. NULL when there are none. */
void *expclip__alloc(size_t count, size_t size);
/** The same, all bytes zero. */
void *expclip__alloc_zero(size_t count, size_t size);
/** Resize; on failure NULL and `p` is as before. */
void *expclip__realloc(void *p, size_t count, size_t size);
/**
 * For an array that is filled one by one: room for one more than its `n`
 * elements. @return the array, or on failure NULL and it is as before
 */
void *expclip__grown(void *array, size_t n, size_t size);
/** Takes NULL. */
void expclip__free(void *p);

/** The same as zlib asks for it: its z_stream's zalloc and zfree. */
void *expclip__zlib_alloc(void *opaque, unsigned count, unsigned size);
void expclip__zlib_free(void *opaque, void *p);

/**
 * Tests only: let the next `n` allocations succeed and fail the one after,
 * and with `for_ever` all later ones too. n < 0 switches it off.
 */
void expclip__alloc_fail_after(int64_t n, int for_ever);
/** Tests only: has one been made to fail since that call? */
int expclip__alloc_has_failed(void);

#endif
