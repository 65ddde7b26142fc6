/* SPDX-License-Identifier: MIT */
/*
 * merges.h - the merge table of the byte-pair encoding: text to lookups.
 *
 * Ids are OpenAI's (simple_tokenizer.py): 0..255 the bytes in its order,
 * 256..511 the same at the end of a word, then one for each merge.
 */
#ifndef EXPCLIP_MERGES_H
#define EXPCLIP_MERGES_H

#include <expclip.h>

#define EXPCLIP__N_BYTE_IDS 512

/** A pair of ids and what becomes of it. */
typedef struct expclip__merge {
    int32_t left; /* -1 = no entry */
    int32_t right;
    int32_t rank; /* lower ranks are merged first */
    int32_t id;
} expclip__merge;

typedef struct expclip__merges {
    int32_t byte_id[256];
    expclip__merge *table; /* hash table */
    size_t size;           /* of the table, a power of two */
} expclip__merges;

/** The text of the built-in table, for expclip__free(). */
expclip_status expclip__merges_text(char **out, size_t *size,
                                    expclip_error *err);
/** gzip to text, at most 16 MB. */
expclip_status expclip__merges_inflate(char **out, size_t *size,
                                       const uint8_t *bytes, size_t n,
                                       expclip_error *err);

/**
 * Read the first n_merges merges of a text: a line of title, then lines
 * "left right". FORMAT with the line's number, MEMORY.
 */
expclip_status expclip__merges_parse(expclip__merges *out, const char *text,
                                     size_t size, int32_t n_merges,
                                     expclip_error *err);
void expclip__merges_clear(expclip__merges *m);

/** NULL when the pair is not merged. */
const expclip__merge *expclip__merges_find(const expclip__merges *m,
                                           int32_t left, int32_t right);

#endif
