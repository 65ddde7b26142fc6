/* SPDX-License-Identifier: MIT */
/*
 * clip.h - a whole CLIP: both towers, the vocabulary and the logit scale.
 */
#ifndef EXPCLIP_CLIP_H
#define EXPCLIP_CLIP_H

#include "encoders/text_encoder.h"
#include "encoders/vision.h"
#include "tokens/tokenizer.h"

/** Immutable once loaded; share between threads. */
typedef struct expclip__clip {
    tensor_device *device; /* borrowed from the model */
    expclip__vision vision;
    expclip__text text;
    expclip_tokenizer *tokenizer;
    float logit_scale;  /* exp() of the file's value: about 100 */
    int32_t embed_dim;  /* d */
    int32_t one_by_one; /* 1 = one item a forward pass: deterministic */
    uint64_t hash;      /* of all weights */
} expclip__clip;

/** @param image_size  pixels, 0 = the file's own */
expclip_status expclip__clip_load(expclip__clip *out,
                                  const expclip__weights *ws,
                                  const expclip__config *config,
                                  tensor_device *device, int32_t image_size,
                                  int32_t check_finite, expclip_error *err);
void expclip__clip_clear(expclip__clip *clip);

/**
 * Images, ready as the encoder sees them, to embeddings [n, d].
 * Forward passes of a few images each; looks at `cancel` before each.
 *
 * @param pixels  [n, 3, S, S]
 */
expclip_status expclip__clip_embed_images(const expclip__clip *clip, float *out,
                                          const float *pixels, size_t n,
                                          const expclip_cancel *cancel,
                                          expclip_error *err);

/** One text for the encoder; `text` is borrowed. */
typedef struct expclip__input_text {
    const char *text;
    size_t size;
    int32_t truncated; /* out: 1 when it was cut at the context length */
} expclip__input_text;

/** Texts to embeddings [n, d]; texts of like length share a forward pass. */
expclip_status expclip__clip_embed_texts(const expclip__clip *clip, float *out,
                                         expclip__input_text *texts, size_t n,
                                         const expclip_cancel *cancel,
                                         expclip_error *err);

#endif
