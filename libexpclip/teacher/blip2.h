/* SPDX-License-Identifier: MIT */
/*
 * blip2.h - a BLIP-2 with a T5, up to the T5's encoder: the teacher that sees
 * faces.
 */
#ifndef EXPCLIP_TEACHER_BLIP2_H
#define EXPCLIP_TEACHER_BLIP2_H

#include <expclip_rows.h>

#include "image/preprocess.h"
#include "teacher/devices.h"
#include "teacher/eva.h"
#include "teacher/qformer.h"
#include "teacher/t5_encoder.h"

typedef struct expclip__blip2 {
    expclip__blip2_config config;
    expclip__eva eva;
    expclip__qformer qformer;
    tensor_linear *projection; /* Q-Former's width -> T5's */
    expclip__t5 t5;
    float *instruction; /* [n_ids, width], embedded tokens */
    size_t n_ids;
    expclip__pixels pixels;
} expclip__blip2;

/** 1 when the file holds a BLIP-2. */
int expclip__blip2_is(const expclip__weights *ws);
/**
 * @param[out] hash   of all that the targets depend on
 * @param tokenizer   path of spiece.model
 */
expclip_status expclip__blip2_load(expclip__blip2 *b, uint64_t *hash,
                                   const expclip__weights *ws,
                                   const char *tokenizer,
                                   const expclip__teacher_devices *devices,
                                   const expclip_teacher_options *options,
                                   expclip_error *err);
void expclip__blip2_clear(expclip__blip2 *b);
/** Pixels [n, 3, S, S] -> targets [n, width], unit length, in one pass. */
expclip_status expclip__blip2_encode(const expclip__blip2 *b, float *out,
                                     const float *pixels, size_t n,
                                     const expclip__teacher_devices *devices,
                                     expclip_error *err);

#endif
