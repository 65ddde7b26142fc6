/* SPDX-License-Identifier: MIT */
/*
 * t5_config.h - the dimensions of a T5's encoder.
 */
#ifndef EXPCLIP_TEACHER_T5_CONFIG_H
#define EXPCLIP_TEACHER_T5_CONFIG_H

#include "teacher/dimensions.h"

/** Tokens of an input at most: what T5 was trained on. */
#define EXPCLIP__T5_TOKENS 512

typedef struct expclip__t5_config {
    const char *prefix; /* of its tensors' names */
    int32_t width, inner, mlp, layers, heads, vocabulary;
    int32_t buckets, max_distance;
    double eps;
} expclip__t5_config; /* xxl: 4096, 4096, 10240, 24, 64, 32128, 32, 128 */

/** UNSUPPORTED: another language model than T5 1.1, whose activations are
 * gated. `part` of config.json, or NULL. */
void expclip__t5_config_read(expclip__t5_config *out, expclip__dimensions *d,
                             const char *prefix, const char *part);

#endif
