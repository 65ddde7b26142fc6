/* SPDX-License-Identifier: MIT */
/*
 * doctor_vectors.h - what the stages of `expclip doctor` must give: made by
 * tests/cli/doctor_vectors.py with OpenAI's tokenizer, Pillow and PyTorch.
 */
#ifndef EXPCLIP_CLI_DOCTOR_VECTORS_H
#define EXPCLIP_CLI_DOCTOR_VECTORS_H

#include <stddef.h>
#include <stdint.h>

typedef struct doctor_tokens {
    const char *text;
    int32_t ids[32];
    size_t n;
} doctor_tokens;

extern const doctor_tokens doctor_tokens_golden[];
extern const size_t doctor_n_tokens;

enum {
    /* The images are a formula: see draw() in commands/doctor.c. One must be
     * resized, for the pixels; the other is of the demo model's size, so that
     * the stages after the pixels start from equal ones. */
    DOCTOR_WIDTH = 96,
    DOCTOR_HEIGHT = 80,
    DOCTOR_SIDE = 64,
    /* Every so many numbers of the pixels are compared: a prime, so that all
     * rows and columns come up. */
    DOCTOR_PIXEL_STEP = 61
};

/** Of the demo model: pixels of the first image, and of the second one unit
 * embeddings before and after the head. */
extern const float doctor_pixels_golden[];
extern const size_t doctor_n_pixels;
extern const float doctor_image_golden[];
extern const size_t doctor_n_image;
extern const float doctor_projected_golden[];
extern const size_t doctor_n_projected;
/** Of doctor_text_golden's text, before the head. */
extern const char doctor_text[];
extern const float doctor_text_golden[];
extern const size_t doctor_n_text;
/** Logits of the second image: 7 classes, prompts type2. */
extern const float doctor_logits_golden[];
extern const size_t doctor_n_logits;

#endif
