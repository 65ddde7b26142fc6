/* SPDX-License-Identifier: MIT */
/*
 * loader.h - reading a model's tensors, checked, one after the other.
 *
 * A loader remembers its first failure; later calls then do nothing. So a
 * tower's loading reads as a list of its parts, with one check at the end.
 */
#ifndef EXPCLIP_LOADER_H
#define EXPCLIP_LOADER_H

#include "encoders/names.h"

typedef struct expclip__loader {
    const expclip__weights *ws;
    const expclip__config *config;
    tensor_device *device;
    int32_t check_finite;
    uint64_t hash; /* of all values read so far */
    float *values; /* of the tensor read last; grows, for many tensors */
    int64_t capacity;
    expclip_status status;
    expclip_error *err;
} expclip__loader;

/** A layer norm. */
typedef struct expclip__norm {
    tensor *weight; /* [width] */
    tensor *bias;   /* [width] */
} expclip__norm;

/** Where a tower's block tensors are. */
typedef struct expclip__block_place {
    expclip__tower tower;
    int32_t layer;
} expclip__block_place;

void expclip__loader_init(expclip__loader *l, const expclip__weights *ws,
                          const expclip__config *config, tensor_device *device,
                          int32_t check_finite, expclip_error *err);
/** Free the buffer. @return the first failure, or OK */
expclip_status expclip__loader_end(expclip__loader *l);

/**
 * Read a tensor by its name in the file into l->values, at `offset` floats.
 * SHAPE unless its shape is as given. @return the place, NULL after a failure
 */
float *expclip__loader_read(expclip__loader *l, const char *name,
                            int64_t offset, int32_t n_dims,
                            const int64_t *shape);

/**
 * Read a block's tensor to l->values at `offset`. Queries, keys and values are
 * read as OpenAI stores them, one tensor, from three of Hugging Face's.
 */
float *expclip__loader_read_block(expclip__loader *l, expclip__block_place at,
                                  expclip__block_tensor_id id, int64_t offset,
                                  int32_t n_dims, const int64_t *shape);
/** Read a tensor [rows, columns] as [columns, rows]. */
float *expclip__loader_read_transposed(expclip__loader *l,
                                       expclip__tensor_id id, int64_t rows,
                                       int64_t columns);

/** A kept copy of floats, in the device's number format. */
tensor *expclip__loader_keep(expclip__loader *l, const float *values,
                             int32_t n_dims, const int64_t *shape);
/** A kept vector called <prefix><part>.<leaf> in the file. */
tensor *expclip__loader_vector(expclip__loader *l, const char *prefix,
                               const char *part, const char *leaf, int64_t n);
/** A linear map without bias, <prefix><part>.weight. */
tensor_linear *expclip__loader_linear(expclip__loader *l, const char *prefix,
                                      const char *part, int64_t n_out,
                                      int64_t n_in);
/** One with <prefix><part>.bias. */
tensor_linear *expclip__loader_affine(expclip__loader *l, const char *prefix,
                                      const char *part, int64_t n_out,
                                      int64_t n_in);
/** A layer norm, <prefix><part>.weight and .bias. */
expclip__norm expclip__loader_norm(expclip__loader *l, const char *prefix,
                                   const char *part, int64_t n);
/** Zeroed room for a model's `n` layers; NULL after a failure. */
void *expclip__loader_layers(expclip__loader *l, int32_t n, size_t size);
/** A kept tensor of shape [rows, columns], or [rows] when columns is 0. */
tensor *expclip__loader_tensor(expclip__loader *l, expclip__tensor_id id,
                               int64_t rows, int64_t columns);
/** A layer norm of a tower, and of a block; the bias follows the weight. */
expclip__norm expclip__loader_tower_norm(expclip__loader *l,
                                         expclip__tensor_id weight, int64_t n);
expclip__norm expclip__loader_block_norm(expclip__loader *l,
                                         expclip__block_place at,
                                         expclip__block_tensor_id weight,
                                         int64_t n);
/** A linear map of a block, its weight times `scale_weight` and its bias times
 * `scale_bias` (how QuickGELU's 1.702 is folded in). */
tensor_linear *expclip__loader_block_linear(
    expclip__loader *l, expclip__block_place at,
    expclip__block_tensor_id weight, expclip__block_tensor_id bias,
    int64_t n_out, int64_t n_in, float scale_weight, float scale_bias);
/** A projection without bias, from width to d. */
tensor_linear *expclip__loader_projection(expclip__loader *l,
                                          expclip__tensor_id id, int64_t width,
                                          int64_t dim);

/* ---- layer norms ---- */

tensor *expclip__norm_apply(tensor_scope *s, const expclip__norm *norm,
                            const tensor *x, double eps);
void expclip__norm_clear(expclip__norm *norm);

#endif
