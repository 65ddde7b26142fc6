/* SPDX-License-Identifier: MIT */
/*
 * formats.h - which image format is it, by the first bytes or by the name?
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
/** The first bytes of a regular file. @return how many, 0 for any other */
size_t expclip__format_bytes(uint8_t out[EXPCLIP__FORMAT_BYTES],
                             const char *path);

/** What the ending of a name says. */
typedef enum expclip__image_name {
    EXPCLIP__NAME_OTHER,    /* of no image */
    EXPCLIP__NAME_FOREIGN,  /* of an image that is not read */
    EXPCLIP__NAME_PERHAPS,  /* GIF and WebP: among a clip's frames; elsewhere
                               its bytes decide */
    EXPCLIP__NAME_CERTAINLY /* of an image, whatever it holds */
} expclip__image_name;

expclip__image_name expclip__image_name_of(const char *name);
/** 1 for the name of an image. */
int expclip__is_image_name(const char *name);
/** 1 for the name of an image that may be a frame of a clip. */
int expclip__is_frame_name(const char *name);
/** ASCII letters of any case, and something before the ending. */
int expclip__ends_in(const char *name, const char *ending);

#endif
