/* SPDX-License-Identifier: MIT */
/*
 * model.h - what expclip_model is: a CLIP, perhaps a head, and how pixels are
 * made for it.
 */
#ifndef EXPCLIP_MODEL_H
#define EXPCLIP_MODEL_H

#include "base/threads.h"
#include "encoders/clip.h"
#include "expression/head.h"
#include "faces/crop.h"

struct expclip_model {
    expclip__refcount refs;
    expclip_model *owner; /* of all but the head, when another's; or NULL */
    uint64_t fork_generation;
    tensor_device *device;       /* the encoders' */
    tensor_device *head_device;  /* fp32 */
    tensor_device *pixel_device; /* fp32, one thread */
    expclip__clip clip;
    expclip__head head; /* map NULL = plain CLIP */
    expclip__pixels pixels;
    expclip__crop crop; /* of faces */
    char name[64];
    char dtype[8]; /* of the encoders */
    char fingerprint[17];
    char encoder_fingerprint[17]; /* the same but for the head */
};

/** As expclip_model_load(), options complete and checked for NULL. */
expclip_status expclip__model_load(expclip_model **out, const char *path,
                                   const expclip_load_options *options,
                                   expclip_error *err);
/** The same model with the head [projected_dim, d] in place of its own; it
 * shares everything else. */
expclip_status expclip__model_with_head(expclip_model **out,
                                        const expclip_model *model,
                                        const float *head,
                                        int32_t projected_dim,
                                        expclip_error *err);
expclip_model *expclip__model_retain(const expclip_model *model);
void expclip__model_release(expclip_model *model);

/** Length of a row of the functions below. */
size_t expclip__model_dim(const expclip_model *model, int32_t projected);

/** The encoder alone: [n, 3, S, S] -> [n, d]. */
expclip_status expclip__model_encode_images(const expclip_model *model,
                                            float *out, const float *pixels,
                                            size_t n,
                                            const expclip_cancel *cancel,
                                            expclip_error *err);
/** What follows it: [n, d] -> [n, dim], the head and unit length, as the
 * options say. */
expclip_status expclip__model_finish(const expclip_model *model, float *out,
                                     const float *plain, size_t n,
                                     const expclip_embed_options *options,
                                     expclip_error *err);
/** Both for texts: -> [n, dim]. */
expclip_status expclip__model_embed_texts(const expclip_model *model,
                                          float *out,
                                          expclip__input_text *texts, size_t n,
                                          const expclip_embed_options *options,
                                          const expclip_cancel *cancel,
                                          expclip_error *err);

#endif
