/* SPDX-License-Identifier: MIT */
/*
 * writer.h - writing a safetensors file, all or nothing.
 *
 * Describe every tensor first, then give their values in the same order.
 */
#ifndef EXPCLIP_WEIGHTS_WRITER_H
#define EXPCLIP_WEIGHTS_WRITER_H

#include <expclip.h>

#include "base/dtype.h"

typedef struct expclip__tensors_writer expclip__tensors_writer;

expclip_status expclip__tensors_create(expclip__tensors_writer **out,
                                       const char *path, expclip_error *err);
/** Strings are copied. Before the first tensor's values. */
expclip_status expclip__tensors_metadata(expclip__tensors_writer *w,
                                         const char *key, const char *value,
                                         expclip_error *err);
expclip_status expclip__tensors_describe(expclip__tensors_writer *w,
                                         const char *name, expclip__dtype dtype,
                                         int32_t n_dims, const int64_t *shape,
                                         expclip_error *err);
/** Values of the next described tensor, rounded to its type. */
expclip_status expclip__tensors_write_f32(expclip__tensors_writer *w,
                                          const float *values, int64_t n,
                                          expclip_error *err);
/** Complete the file and put it in place. */
expclip_status expclip__tensors_commit(expclip__tensors_writer *w,
                                       expclip_error *err);
/** Takes NULL; removes what was not committed. */
void expclip__tensors_free(expclip__tensors_writer *w);

#endif
