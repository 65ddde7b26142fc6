/* SPDX-License-Identifier: MIT */
/*
 * teacher.h - the language model that faces are shown to: a BLIP-2 with a T5,
 * up to the T5's encoder.
 */
#ifndef EXPCLIP_TEACHER_TEACHER_H
#define EXPCLIP_TEACHER_TEACHER_H

#include <expclip_train.h>

#include "base/threads.h"
#include "image/preprocess.h"
#include "teacher/eva.h"
#include "teacher/qformer.h"
#include "teacher/t5_encoder.h"

/** Pictures in one forward pass. */
#define EXPCLIP__TEACHER_BATCH 4

struct expclip_teacher {
    expclip__refcount refs;
    uint64_t fork_generation;
    tensor_device *device;       /* of ViT and T5: fp32 or bf16 */
    tensor_device *plain_device; /* fp32: of the Q-Former, as LAVIS' */
    tensor_device *pixel_device; /* fp32, one thread */
    expclip__blip2_config config;
    expclip__eva eva;
    expclip__qformer qformer;
    tensor_linear *projection; /* Q-Former's width -> T5's */
    expclip__t5 t5;
    float *instruction; /* [n_ids, width], embedded tokens */
    size_t n_ids;
    expclip__pixels pixels;
    char fingerprint[17];
};

/** As expclip_teacher_create(), options complete and checked. */
expclip_status expclip__teacher_create(expclip_teacher **out, const char *path,
                                       const expclip_teacher_options *options,
                                       expclip_error *err);
expclip_teacher *expclip__teacher_retain(const expclip_teacher *teacher);
void expclip__teacher_release(expclip_teacher *teacher);

/** Pixels [n, 3, S, S] -> targets [n, width], unit length. Looks at `cancel`
 * before each forward pass. */
expclip_status expclip__teacher_encode(const expclip_teacher *t, float *out,
                                       const float *pixels, size_t n,
                                       const expclip_cancel *cancel,
                                       expclip_error *err);

#endif
