/* SPDX-License-Identifier: MIT */
/*
 * sentencepiece.h - the seam to SentencePiece, which only a training's teacher
 * needs: sentencepiece.cpp is a module of its own, libexpclip-sentencepiece.so,
 * which t5_tokens.c loads when the first such teacher is opened. So who links
 * the library needs no SentencePiece.
 */
#ifndef EXPCLIP_TOKENS_SENTENCEPIECE_H
#define EXPCLIP_TOKENS_SENTENCEPIECE_H

#include <expclip_base.h>

#ifdef __cplusplus
extern "C" {
#endif

/** The name under which dlsym() finds the module's table; the number changes
 * with the table. */
#define EXPCLIP__SENTENCEPIECE_TABLE "expclip__sentencepiece_1"

/** What it writes of a failure; nothing is thrown. */
typedef struct expclip__sentencepiece_message {
    char text[256];
} expclip__sentencepiece_message;

/** Memory for the ids, as expclip__alloc(). */
typedef void *expclip__sentencepiece_alloc(size_t n, size_t size);

/** Functions of the module. A model is immutable. */
typedef struct expclip__sentencepiece {
    /** @return OK, NOT_FOUND, FORMAT, MEMORY, INTERNAL */
    expclip_status (*load)(void **out, const char *path,
                           expclip__sentencepiece_message *why);
    void (*free)(void *model);
    /** Ids are below it. */
    size_t (*count)(const void *model);
    /**
     * Ids of a text and, where the model has one, the end token.
     *
     * @param[out] ids    [*n_ids], from `alloc`
     * @return OK, FORMAT, MEMORY, ARGUMENT (no token in it), INTERNAL
     */
    expclip_status (*encode)(int32_t **ids, size_t *n_ids, const void *model,
                             const char *text,
                             expclip__sentencepiece_alloc *alloc,
                             expclip__sentencepiece_message *why);
} expclip__sentencepiece;

#ifdef __cplusplus
}
#endif

#endif
