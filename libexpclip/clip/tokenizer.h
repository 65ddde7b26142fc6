/* SPDX-License-Identifier: MIT */
/*
 * tokenizer.h - text to CLIP's token ids: clean, split, merge.
 *
 * Builds without libtorch. The merge table is OpenAI's, compiled in.
 */
#ifndef EXPCLIP_TOKENIZER_H
#define EXPCLIP_TOKENIZER_H

#include <expclip.h>

#define EXPCLIP__VOCABULARY 49408 /* 256 + 256 + 48894 merges + 2 */

/*
 * expclip_tokenizer itself is the object (expclip.h); these are its makers for
 * the tests and fuzzers, which bring their own merges.
 */
expclip_status expclip__tokenizer_from_merges(expclip_tokenizer **out,
                                              const char *merges, size_t size,
                                              int32_t vocabulary_size,
                                              expclip_error *err);
/** Shared ownership: a model and a user may both hold it. */
expclip_tokenizer *expclip__tokenizer_retain(expclip_tokenizer *t);

#endif
