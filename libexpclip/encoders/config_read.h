/* SPDX-License-Identifier: MIT */
/*
 * config_read.h - recognise the CLIP in a file.
 *
 * Dimensions come from tensor shapes, as in OpenAI's build_model() (CLIP
 * model.py:399). What shapes cannot say (activation, heads, pixels) comes from
 * the file's metadata, else from a configuration beside it (all keys of
 * which are known: config_keys.h), else from what is usual.
 */
#ifndef EXPCLIP_ENCODERS_CONFIG_READ_H
#define EXPCLIP_ENCODERS_CONFIG_READ_H

#include "encoders/config.h"

/**
 * Recognise the model in a set of weights.
 *
 * @return OK, SHAPE (a tensor is missing or has an impossible shape),
 *         UNSUPPORTED (not a CLIP with a vision transformer), FORMAT or IO (a
 *         config file is damaged)
 */
expclip_status expclip__config_read(expclip__config *out,
                                    const expclip__weights *ws,
                                    expclip_error *err);

/** "ViT-B/32" and the like, from the dimensions. */
void expclip__config_name(char *out, size_t out_size,
                          const expclip__config *config);

#endif
