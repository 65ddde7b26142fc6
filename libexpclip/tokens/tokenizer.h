/* SPDX-License-Identifier: MIT */
/*
 * tokenizer.h - text to CLIP's token ids: clean, split, merge.
 *
 * Builds without libtorch. The merge table is OpenAI's, compiled in.
 */
#ifndef EXPCLIP_TOKENIZER_H
#define EXPCLIP_TOKENIZER_H

#include <expclip_tools.h>

#define EXPCLIP__VOCABULARY 49408 /* 256 + 256 + 48894 merges + 2 */

/*
 * expclip_tokenizer itself is the object (expclip.h); these are its makers for
 * the tests and fuzzers, which bring their own merges.
 */
expclip_status expclip__tokenizer_from_merges(expclip_tokenizer **out,
                                              const char *merges, size_t size,
                                              int32_t vocabulary_size,
                                              expclip_error *err);
/* As the functions of expclip_tools.h, arguments checked for NULL. */
expclip_status expclip__tokenizer_create(expclip_tokenizer **out,
                                         int32_t vocabulary_size,
                                         expclip_error *err);
expclip_status expclip__tokenizer_encode(int32_t *ids, size_t ids_size,
                                         size_t *n_ids, int32_t *truncated,
                                         const expclip_tokenizer *t,
                                         const char *text, size_t text_size,
                                         expclip_error *err);
void expclip__tokenizer_free(expclip_tokenizer *t);

/** Shared ownership: a model and a user may both hold it. */
expclip_tokenizer *expclip__tokenizer_retain(expclip_tokenizer *t);

#endif
