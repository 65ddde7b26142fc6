/* SPDX-License-Identifier: MIT */
/*
 * sentence.h - a text encoder, a BERT or a T5's: the teacher that reads
 * descriptions of faces.
 */
#ifndef EXPCLIP_TEACHER_SENTENCE_H
#define EXPCLIP_TEACHER_SENTENCE_H

#include <expclip_rows.h>

#include "teacher/bert_encoder.h"
#include "teacher/devices.h"
#include "teacher/t5_encoder.h"
#include "tokens/t5_tokens.h"
#include "tokens/wordpiece.h"

typedef struct expclip__sentence {
    expclip__bert bert; /* one of the two has layers */
    expclip__wordpiece *wordpiece;
    expclip__t5_config t5_config;
    expclip__t5 t5;
    tensor *t5_words; /* [vocabulary, width] */
    expclip__t5_tokens *t5_tokens;
    size_t max_tokens; /* of a text */
    size_t width;      /* of a target */
} expclip__sentence;

/** 1 when the file holds a BERT or a T5. */
int expclip__sentence_is(const expclip__weights *ws);
/**
 * @param[out] hash   of all that the targets depend on
 * @param folder      of vocab.txt or spiece.model, unless the options name it
 */
expclip_status expclip__sentence_load(expclip__sentence *e, uint64_t *hash,
                                      const expclip__weights *ws,
                                      const char *folder,
                                      const expclip__teacher_devices *devices,
                                      const expclip_teacher_options *options,
                                      expclip_error *err);
void expclip__sentence_clear(expclip__sentence *e);
/** The target of one text: out [width], unit length. LIMIT when it has more
 * tokens than the model has positions. */
expclip_status expclip__sentence_encode(const expclip__sentence *e, float *out,
                                        const char *text, size_t size,
                                        const expclip__teacher_devices *devices,
                                        expclip_error *err);

#endif
