/* SPDX-License-Identifier: MIT */
/*
 * foreign.h - what a file is that is none of ours: a web page that a download
 * left, a pointer of Git LFS, a packed folder, another program's model.
 */
#ifndef EXPCLIP_BASE_FOREIGN_H
#define EXPCLIP_BASE_FOREIGN_H

#include <stddef.h>
#include <stdint.h>

/** Bytes from a file's beginning that tell all kinds. */
#define EXPCLIP__FOREIGN_SIZE 512

typedef struct expclip__foreign {
    const char *name; /* with its article */
    const char *cure; /* what its owner can do */
} expclip__foreign;

/** What begins with these bytes, or NULL when it is not known. */
const expclip__foreign *expclip__foreign_find(const uint8_t *bytes,
                                              size_t size);

#endif
