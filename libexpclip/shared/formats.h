/* SPDX-License-Identifier: MIT */
/*
 * formats.h - which format is it, by the first bytes?
 */
#ifndef EXPCLIP_FORMATS_H
#define EXPCLIP_FORMATS_H

#include <stddef.h>
#include <stdint.h>

/* bytes that tell all of them apart */
enum { EXPCLIP__FORMAT_BYTES = 16 };

typedef enum expclip__format_kind {
    EXPCLIP__FORMAT_FOREIGN, /* named, and refused */
    EXPCLIP__FORMAT_JPEG,
    EXPCLIP__FORMAT_PNG,
    EXPCLIP__FORMAT_BMP,
    EXPCLIP__FORMAT_GIF,
    EXPCLIP__FORMAT_WEBP,
    EXPCLIP__N_FORMATS
} expclip__format_kind;

typedef struct expclip__format {
    size_t offset;
    size_t size;
    const char *magic;
    const char *name; /* what a message says */
    expclip__format_kind kind;
} expclip__format;

/** NULL when none fits. */
const expclip__format *expclip__format_find(const uint8_t *bytes, size_t size);
/** The same with two letters that begin many a text not enough. */
const expclip__format *expclip__format_sure(const uint8_t *bytes, size_t size);

#endif
