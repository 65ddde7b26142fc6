/* SPDX-License-Identifier: MIT */
/*
 * text.h - strings: growing buffers, copies, UTF-8. No locale is ever used.
 */
#ifndef EXPCLIP_BASE_TEXT_H
#define EXPCLIP_BASE_TEXT_H

#include <stddef.h>
#include <stdint.h>

/** A growing array of bytes, always followed by a NUL. Start from {0}. */
typedef struct expclip__buffer {
    char *data; /* NULL while empty */
    size_t size;
    size_t capacity;
    int failed; /* set when memory ran out; later appends do nothing */
} expclip__buffer;

void expclip__buffer_add(expclip__buffer *b, const void *data, size_t size);
void expclip__buffer_add_string(expclip__buffer *b, const char *s);
void expclip__buffer_add_format(expclip__buffer *b, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void expclip__buffer_free(expclip__buffer *b);

/** A copy for expclip__free(); NULL when memory is out. */
char *expclip__strdup(const char *s);
char *expclip__strndup(const char *s, size_t size);

/** "folder/name" for expclip__free(); NULL when memory is out. */
char *expclip__path_join(const char *folder, const char *name);
/** The folder of a file, "." when its path is a name; for expclip__free(). */
char *expclip__path_folder(const char *path);

/** Bytes of the UTF-8 character at s (1..4), 0 when it is not valid. */
size_t expclip__utf8_length(const char *s, size_t size);
int expclip__utf8_valid(const char *s, size_t size);

/** Bytes of a byte order mark at s, as some editors write it: 3 or 0. */
size_t expclip__bom_size(const char *s, size_t size);

/** Parse decimal digits only, all of s. @return 1, or 0 when it is not one */
int expclip__parse_u64(const char *s, size_t size, uint64_t *out);

#endif
