/* SPDX-License-Identifier: MIT */
/*
 * conventions.h - what no tensor's shape tells of a CLIP: heads, activation,
 * epsilon, pixels. From the file's metadata or a configuration beside it.
 */
#ifndef EXPCLIP_CONVENTIONS_H
#define EXPCLIP_CONVENTIONS_H

#include "encoders/config.h"
#include "encoders/config_keys.h"

#define EXPCLIP__CONVENTIONS_OURS "metadata"
#define EXPCLIP__CONVENTIONS_OPEN_CLIP "open_clip_config.json"

/** What the configuration files say. */
typedef struct expclip__conventions {
    const char *source; /* the file, NULL without one */
    expclip__model_keys model;
    expclip__pixel_keys pixels;
    const char *pixel_source; /* the file with `pixels`, NULL without one */
} expclip__conventions;

/** 1 when the weights are of our own format, whose metadata says it all. */
int expclip__conventions_are_ours(const expclip__weights *ws);

/**
 * Read the configuration of the kind that the naming of `config` belongs to.
 *
 * @return OK, UNSUPPORTED (a model of another kind), FORMAT or IO (damaged)
 */
expclip_status expclip__conventions_read(expclip__conventions *out,
                                         const expclip__config *config,
                                         const expclip__weights *ws,
                                         expclip_error *err);

/**
 * Put what was read into a config whose dimensions are known. Heads stay 0
 * when nothing says them.
 *
 * @return also SHAPE (the configuration is of other weights)
 */
expclip_status expclip__conventions_apply(expclip__config *config,
                                          const expclip__conventions *said,
                                          const expclip__weights *ws,
                                          expclip_error *err);

#endif
