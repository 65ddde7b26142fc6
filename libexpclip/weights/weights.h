/* SPDX-License-Identifier: MIT */
/*
 * weights.h - a read-only set of named tensors, whatever file it is in.
 *
 * safetensors (one file or shards with an index), torch zip archives (state
 * dicts, and OpenAI's TorchScript files, of which only the weights are read)
 * and what torch wrote before 1.6 are told apart by content. Nothing in a file
 * is ever run; every length is checked before it is used. Opening reads the
 * headers; tensors are read one by one, each byte once.
 */
#ifndef EXPCLIP_WEIGHTS_H
#define EXPCLIP_WEIGHTS_H

#include <expclip.h>

#include "weights/weight.h"

/**
 * Open a file, an index of shards (x.safetensors.index.json,
 * pytorch_model.bin.index.json), or a folder that holds one of
 * model.safetensors, open_clip_model.safetensors, open_clip_pytorch_model.bin,
 * pytorch_model.bin or an index.
 */
expclip_status expclip__weights_open(expclip__weights **out, const char *path,
                                     expclip_error *err);
/** The same for a file's bytes, which must outlive the set. */
expclip_status expclip__weights_open_bytes(expclip__weights **out,
                                           const uint8_t *bytes, size_t size,
                                           const char *name,
                                           expclip_error *err);
void expclip__weights_free(expclip__weights *ws);

/** "safetensors", "safetensors index", "torch archive", "TorchScript archive",
 * "torch index", "torch file before 1.6". */
const char *expclip__weights_format(const expclip__weights *ws);
size_t expclip__weights_count(const expclip__weights *ws);
/** In the order of the file. */
const expclip__weight *expclip__weights_at(const expclip__weights *ws,
                                           size_t index);
/** NULL when there is none of that name. Hashed, not searched. */
const expclip__weight *expclip__weights_find(const expclip__weights *ws,
                                             const char *name);
/** Entries of safetensors' __metadata__. */
size_t expclip__weights_n_metadata(const expclip__weights *ws);
const char *expclip__weights_metadata_key(const expclip__weights *ws,
                                          size_t index);
/** Value of a metadata key, NULL when there is none. */
const char *expclip__weights_metadata(const expclip__weights *ws,
                                      const char *key);
/** Text of `name` (config.json, preprocessor_config.json...) beside the
 * weights, NUL-ended, for expclip__free(); *out is NULL when there is none. */
expclip_status expclip__weights_read_beside(char **out, size_t *size,
                                            const expclip__weights *ws,
                                            const char *name,
                                            expclip_error *err);

/**
 * Read a tensor as floats, row-major, from any float type.
 *
 * @param n             must be the tensor's n_elements
 * @param check_finite  NONFINITE with name and index at a NaN or infinity
 */
expclip_status expclip__weights_read_f32(const expclip__weights *ws,
                                         const expclip__weight *w, float *out,
                                         int64_t n, int check_finite,
                                         expclip_error *err);

#endif
