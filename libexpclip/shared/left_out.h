/* SPDX-License-Identifier: MIT */
/*
 * left_out.h - files of a folder that are no images that are read, counted by
 * the endings of their names.
 */
#ifndef EXPCLIP_LEFT_OUT_H
#define EXPCLIP_LEFT_OUT_H

#include <stddef.h>

typedef struct expclip__left_out {
    struct {
        char name[24]; /* ".webp", in lower case; "TIFF" without an ending */
        size_t n;
        int is_text; /* what people write beside their images */
    } kinds[16];
    size_t n_kinds;
    size_t n_others; /* of more kinds, or of none that is known */
} expclip__left_out;

/* Which of them. */
enum { EXPCLIP__LEFT_FILES = 1, EXPCLIP__LEFT_TEXTS = 2 };

/** Count the file `name`, which lies at `path`. */
void expclip__left_out_count(expclip__left_out *l, const char *path,
                             const char *name);
/** ".webp 2, TIFF 1, others 3", cut off at `size`. @return 0 when none is */
int expclip__left_out_text(char *out, size_t size, const expclip__left_out *l,
                           int which);

#endif
