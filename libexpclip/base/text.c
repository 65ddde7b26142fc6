/* SPDX-License-Identifier: MIT */
/*
 * text.c - strings: growing buffers, copies, UTF-8.
 */
#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"

/* ---- buffers ---- */

/* Room for `more` bytes and a NUL. */
static int reserve(expclip__buffer *b, size_t more)
{
    size_t wanted, capacity = b->capacity ? b->capacity : 64;
    char *grown;

    if (b->failed || __builtin_add_overflow(b->size, more, &wanted) ||
        wanted > SIZE_MAX / 4) {
        b->failed = 1;
        return 0;
    }
    if (wanted < b->capacity)
        return 1;
    while (capacity <= wanted)
        capacity *= 2;
    grown = expclip__realloc(b->data, capacity, 1);
    if (!grown) {
        b->failed = 1;
        return 0;
    }
    b->data = grown;
    b->capacity = capacity;
    return 1;
}

void expclip__buffer_add(expclip__buffer *b, const void *data, size_t size)
{
    if (!reserve(b, size))
        return;
    if (size)
        memcpy(b->data + b->size, data, size);
    b->size += size;
    b->data[b->size] = '\0';
}

void expclip__buffer_add_string(expclip__buffer *b, const char *s)
{
    expclip__buffer_add(b, s, strlen(s));
}

void expclip__buffer_add_format(expclip__buffer *b, const char *format, ...)
{
    va_list args;
    int n;

    va_start(args, format);
    n = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (n < 0 || !reserve(b, (size_t)n)) {
        b->failed = 1;
        return;
    }
    va_start(args, format);
    vsnprintf(b->data + b->size, (size_t)n + 1, format, args);
    va_end(args);
    b->size += (size_t)n;
}

void expclip__buffer_free(expclip__buffer *b)
{
    expclip__free(b->data);
    memset(b, 0, sizeof(*b));
}

/* ---- copies ---- */

char *expclip__strndup(const char *s, size_t size)
{
    char *copy = size < SIZE_MAX ? expclip__alloc(size + 1, 1) : NULL;

    if (!copy)
        return NULL;
    if (size)
        memcpy(copy, s, size);
    copy[size] = '\0';
    return copy;
}

/* ---- paths ---- */

char *expclip__path_join(const char *folder, const char *name)
{
    const size_t size = strlen(folder);
    const int slash = size && folder[size - 1] != '/' && *name;
    char *path = expclip__alloc(size + strlen(name) + 2, 1);

    if (!path)
        return NULL;
    memcpy(path, folder, size);
    if (slash)
        path[size] = '/';
    strcpy(path + size + slash, name);
    return path;
}

char *expclip__path_folder(const char *path)
{
    const char *slash = strrchr(path, '/');

    if (!slash)
        return expclip__strdup(".");
    return expclip__strndup(path, slash == path ? 1 : (size_t)(slash - path));
}

char *expclip__strdup(const char *s)
{
    return expclip__strndup(s, strlen(s));
}

/* ---- UTF-8 (RFC 3629) ---- */

static int is_tail(unsigned char c)
{
    return (c & 0xc0) == 0x80;
}

size_t expclip__utf8_length(const char *s, size_t size)
{
    const unsigned char *p = (const unsigned char *)s;

    if (size == 0)
        return 0;
    if (p[0] < 0x80)
        return 1;
    if (p[0] >= 0xc2 && p[0] <= 0xdf)
        return size >= 2 && is_tail(p[1]) ? 2 : 0;
    if (p[0] >= 0xe0 && p[0] <= 0xef) {
        /* Not shorter forms (E0 80..9F), not surrogates (ED A0..BF). */
        if (size < 3 || !is_tail(p[1]) || !is_tail(p[2]) ||
            (p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] > 0x9f))
            return 0;
        return 3;
    }
    if (p[0] >= 0xf0 && p[0] <= 0xf4) {
        /* Not shorter forms (F0 80..8F), not above U+10FFFF (F4 90..). */
        if (size < 4 || !is_tail(p[1]) || !is_tail(p[2]) || !is_tail(p[3]) ||
            (p[0] == 0xf0 && p[1] < 0x90) || (p[0] == 0xf4 && p[1] > 0x8f))
            return 0;
        return 4;
    }
    return 0;
}

int expclip__utf8_valid(const char *s, size_t size)
{
    while (size > 0) {
        size_t length = expclip__utf8_length(s, size);

        if (length == 0)
            return 0;
        s += length;
        size -= length;
    }
    return 1;
}

/* ---- numbers ---- */

size_t expclip__bom_size(const char *s, size_t size)
{
    return size >= 3 && memcmp(s, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
}

int expclip__parse_u64(const char *s, size_t size, uint64_t *out)
{
    uint64_t value = 0;

    if (size == 0)
        return 0;
    for (size_t i = 0; i < size; i++) {
        if (s[i] < '0' || s[i] > '9' ||
            __builtin_mul_overflow(value, 10u, &value) ||
            __builtin_add_overflow(value, (uint64_t)(s[i] - '0'), &value))
            return 0;
    }
    *out = value;
    return 1;
}
