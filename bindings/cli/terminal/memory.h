/* SPDX-License-Identifier: MIT */
/*
 * memory.h - allocation that ends the program with exit code 4 when there is no
 * memory left. A program may do that; the library never does.
 */
#ifndef EXPCLIP_CLI_MEMORY_H
#define EXPCLIP_CLI_MEMORY_H

#include <stddef.h>

/** `n` items of `size` zero bytes, for free(). */
void *memory_new(size_t n, size_t size);
/** Resize to `n` items of `size` bytes; the new ones are not set. */
void *memory_resize(void *p, size_t n, size_t size);
/** A printf-style text, for free(). */
char *memory_text(const char *format, ...)
    __attribute__((format(printf, 1, 2)));

#endif
