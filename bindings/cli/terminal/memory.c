/* SPDX-License-Identifier: MIT */
/*
 * memory.c - allocation that ends the program with exit code 4 when there is no
 * memory left.
 */
#define _GNU_SOURCE
#include "terminal/memory.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "terminal/failure.h"
#include "terminal/console.h"

static void *checked(void *p)
{
    if (!p) {
        console_error("out of memory");
        exit(EXIT_RESOURCES);
    }
    return p;
}

void *memory_new(size_t n, size_t size)
{
    return checked(calloc(n ? n : 1, size));
}

void *memory_resize(void *p, size_t n, size_t size)
{
    return checked(reallocarray(p, n ? n : 1, size));
}

char *memory_text(const char *format, ...)
{
    char *text = NULL;
    va_list args;
    int n;

    va_start(args, format);
    n = vasprintf(&text, format, args);
    va_end(args);
    return checked(n < 0 ? NULL : text);
}
