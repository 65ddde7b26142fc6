/* SPDX-License-Identifier: MIT */
/*
 * wordpiece.h - a text as BERT's token ids.
 */
#ifndef EXPCLIP_TEACHER_WORDPIECE_H
#define EXPCLIP_TEACHER_WORDPIECE_H

#include <expclip_base.h>

/** A vocabulary. Immutable. */
typedef struct expclip__wordpiece expclip__wordpiece;

/**
 * Read vocab.txt: a token a line, its id the number of the line from 0.
 *
 * @param lower  1 = letters become small and lose their accents, as an
 *               "uncased" BERT has them
 * @return OK, NOT_FOUND, IO, FORMAT (a token that BERT needs is missing), LIMIT
 */
expclip_status expclip__wordpiece_load(expclip__wordpiece **out,
                                       const char *path, int lower,
                                       expclip_error *err);
void expclip__wordpiece_free(expclip__wordpiece *w);
size_t expclip__wordpiece_count(const expclip__wordpiece *w);
/**
 * [CLS], the pieces of a text, [SEP], as transformers' BertTokenizer gives
 * them; names of special tokens in the text are words like others.
 *
 * @param[out] ids  for expclip__free()
 */
expclip_status expclip__wordpiece_encode(int32_t **ids, size_t *n_ids,
                                         const expclip__wordpiece *w,
                                         const char *text, size_t size,
                                         expclip_error *err);

#endif
