/* SPDX-License-Identifier: MIT */
/*
 * merge_table.h - what is inside expclip__merges: for merges.c, which fills
 * it, and merge_word.c, which looks things up.
 */
#ifndef EXPCLIP_MERGE_TABLE_H
#define EXPCLIP_MERGE_TABLE_H

#include <stddef.h>
#include <stdint.h>

typedef struct expclip__merge {
    uint32_t pair; /* left symbol << 16 | right symbol */
    int32_t rank;  /* -1 = a free entry */
} expclip__merge;

struct expclip__merges {
    expclip__merge *entries; /* open addressing */
    size_t mask;
    int32_t n;
    int32_t byte_symbols[256];
};

/* Where to look first for a pair (multiplication by 2^64 / golden ratio). */
static inline size_t expclip__merge_place(const struct expclip__merges *m,
                                          uint32_t pair)
{
    return (size_t)(pair * UINT64_C(0x9e3779b97f4a7c15) >> 40) & m->mask;
}

#endif
