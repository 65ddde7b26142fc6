/* SPDX-License-Identifier: MIT */
/*
 * dimensions.h - the dimensions of a model as transformers stores it: from its
 * tensors' shapes, and from config.json what no shape tells.
 */
#ifndef EXPCLIP_TEACHER_DIMENSIONS_H
#define EXPCLIP_TEACHER_DIMENSIONS_H

#include <jansson.h>

#include "weights/weights.h"

/** Remembers its first failure; later reads then give 1. */
typedef struct expclip__dimensions {
    const expclip__weights *ws;
    json_t *config; /* an empty object without a config.json */
    expclip_status status;
    expclip_error *err;
} expclip__dimensions;

void expclip__dimensions_open(expclip__dimensions *out,
                              const expclip__weights *ws, expclip_error *err);
/** @return the first failure, or OK */
expclip_status expclip__dimensions_close(expclip__dimensions *d);

/** Size of one dimension of a tensor, which has n_dims; else SHAPE. */
int32_t expclip__dimension(expclip__dimensions *d, const char *prefix,
                           const char *part, int32_t n_dims, int32_t dim);
/** Layers whose tensors' names begin with prefix, N and "."; SHAPE when there
 * is none, or another number than config.json says at `key`. */
int32_t expclip__dimension_layers(expclip__dimensions *d, const char *prefix,
                                  const char *part, const char *key);
/** A number of config.json, or of its object `part` when that is not NULL;
 * `missing` when there is none or it makes no sense. */
int32_t expclip__dimension_number(const expclip__dimensions *d,
                                  const char *part, const char *key,
                                  int32_t missing);
/** The same between 0 and 1. */
double expclip__dimension_real(const expclip__dimensions *d, const char *part,
                               const char *key, double missing);
/** SHAPE unless the heads divide the width; `part` is for the message. */
void expclip__dimension_heads(expclip__dimensions *d, const char *part,
                              int32_t width, int32_t heads);

#endif
