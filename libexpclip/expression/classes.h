/* SPDX-License-Identifier: MIT */
/*
 * classes.h - class prompts, embedded by a model.
 */
#ifndef EXPCLIP_CLASSES_H
#define EXPCLIP_CLASSES_H

#include "expression/model.h"
#include "expression/prompts.h"

struct expclip_classes {
    expclip_prompts *prompts;
    int32_t pooling;
    int32_t dim;
    float logit_scale;
    size_t n_truncated;
    float *prompt_vectors; /* [all prompts, dim], unit length */
    float *class_vectors;  /* [classes, dim]: logits = image . these * scale */
    uint8_t *truncated;    /* [all prompts], 1 = cut; NULL when of a file */
    char fingerprint[17];  /* of the model */
};

/** As expclip_classes_create(), arguments checked. Takes `prompts` only when
 * it succeeds. */
expclip_status
expclip__classes_create(expclip_classes **out, const expclip_model *model,
                        expclip_prompts *prompts, int32_t pooling,
                        const expclip_cancel *cancel, expclip_error *err);
/** As expclip_classes_select(), arguments checked. Takes `prompts` only when
 * it succeeds. */
expclip_status expclip__classes_select(expclip_classes **out,
                                       const expclip_classes *classes,
                                       expclip_prompts *prompts,
                                       int32_t pooling, expclip_error *err);
void expclip__classes_free(expclip_classes *classes);

expclip_status expclip__classes_save(const expclip_classes *classes,
                                     const char *path, expclip_error *err);
expclip_status expclip__classes_load(expclip_classes **out, const char *path,
                                     expclip_error *err);

/** Fill class_vectors from prompt_vectors. Fails with MEMORY, NONFINITE. */
expclip_status expclip__classes_pool(expclip_classes *classes,
                                     expclip_error *err);
/** *out becomes c with its vectors pooled; after a failure, or one that
 * `status` says, c is freed but for the prompts, which stay the caller's. */
expclip_status expclip__classes_finish(expclip_classes **out,
                                       expclip_classes *c,
                                       expclip_status status,
                                       expclip_error *err);

#endif
