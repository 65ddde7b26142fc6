/* SPDX-License-Identifier: MIT */
/*
 * merges.h - byte-pair encoding: which two symbols merge, and the merging.
 *
 * Symbols are numbered as in CLIP's vocabulary: 256 bytes, the same 256 at the
 * end of a word ("</w>"), then one for each merge.
 */
#ifndef EXPCLIP_MERGES_H
#define EXPCLIP_MERGES_H

#include <expclip.h>

#define EXPCLIP__BYTE_SYMBOLS 512
#define EXPCLIP__MAX_MERGES 65024 /* so that a symbol has 16 bits */

/** Immutable. */
typedef struct expclip__merges expclip__merges;

/**
 * Read the first `n` merges of a table: a line of comment, then lines of two
 * symbols, each of which an earlier line made.
 *
 * @return EXPCLIP_OK or EXPCLIP_ERROR_{FORMAT, LIMIT, MEMORY}
 */
expclip_status expclip__merges_parse(expclip__merges **out, const char *text,
                                     size_t size, size_t n, expclip_error *err);
/** The same from the table in the library. */
expclip_status expclip__merges_load(expclip__merges **out, size_t n,
                                    expclip_error *err);
void expclip__merges_free(expclip__merges *m);

/** Room to merge words in, used again from word to word. */
typedef struct expclip__merger expclip__merger;

/** NULL when memory is out. The merges must outlive it. */
expclip__merger *expclip__merger_create(const expclip__merges *m);
/**
 * Encode the bytes of one word, at least 1.
 *
 * @param[out] n_symbols  how many there are
 * @return the symbols, valid until the next word; NULL when memory is out
 */
const int32_t *expclip__merge_word(size_t *n_symbols, expclip__merger *merger,
                                   const uint8_t *bytes, size_t size);
void expclip__merger_free(expclip__merger *merger);

#endif
