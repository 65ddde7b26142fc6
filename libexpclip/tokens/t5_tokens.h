/* SPDX-License-Identifier: MIT */
/*
 * t5_tokens.h - a text as T5's token ids, by SentencePiece.
 */
#ifndef EXPCLIP_TOKENS_T5_TOKENS_H
#define EXPCLIP_TOKENS_T5_TOKENS_H

#include <expclip_base.h>

/** A SentencePiece model. Immutable. */
typedef struct expclip__t5_tokens expclip__t5_tokens;

/**
 * @param path  spiece.model
 * @return OK, NOT_FOUND, FORMAT, UNSUPPORTED (no SentencePiece here)
 */
expclip_status expclip__t5_tokens_load(expclip__t5_tokens **out,
                                       const char *path, expclip_error *err);
void expclip__t5_tokens_free(expclip__t5_tokens *t);
/** Ids are below it. */
size_t expclip__t5_tokens_count(const expclip__t5_tokens *t);
/**
 * Ids of a text and the end token, as transformers' T5Tokenizer gives them.
 *
 * @param[out] ids  for expclip__free()
 * @return OK, FORMAT, ARGUMENT (no token in it)
 */
expclip_status expclip__t5_tokens_encode(int32_t **ids, size_t *n_ids,
                                         const expclip__t5_tokens *t,
                                         const char *text, expclip_error *err);

#endif
