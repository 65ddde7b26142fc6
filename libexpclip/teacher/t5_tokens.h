/* SPDX-License-Identifier: MIT */
/*
 * t5_tokens.h - an instruction as T5's token ids, by SentencePiece.
 */
#ifndef EXPCLIP_TEACHER_T5_TOKENS_H
#define EXPCLIP_TEACHER_T5_TOKENS_H

#include <expclip_base.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Ids of a text and the end token, as transformers' T5Tokenizer gives them.
 *
 * @param model_path  spiece.model
 * @param[out] out    for expclip__free()
 * @return OK, NOT_FOUND, FORMAT, ARGUMENT (no token), UNSUPPORTED (a build
 *         without SentencePiece)
 */
expclip_status expclip__t5_encode(int32_t **out, size_t *n_ids,
                                  const char *model_path, const char *text,
                                  expclip_error *err);

#ifdef __cplusplus
}
#endif

#endif
