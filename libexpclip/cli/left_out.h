/* SPDX-License-Identifier: MIT */
/*
 * left_out.h - files of a folder that are no images, counted by their endings.
 */
#ifndef EXPCLIP_CLI_LEFT_OUT_H
#define EXPCLIP_CLI_LEFT_OUT_H

#include <stddef.h>

typedef struct left_out {
    struct {
        char ending[12]; /* ".webp", in lower case */
        size_t n;
    } kinds[16];
    size_t n_kinds;
    size_t n_others; /* of more kinds, or without an ending */
} left_out;

void left_out_count(left_out *l, const char *name);
/** Say on stderr how many of each there are, if any. */
void left_out_tell(const left_out *l, const char *folder);

#endif
