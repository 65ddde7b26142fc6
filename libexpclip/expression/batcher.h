/* SPDX-License-Identifier: MIT */
/*
 * batcher.h - joins the images of many threads' calls into forward passes.
 */
#ifndef EXPCLIP_EXPRESSION_BATCHER_H
#define EXPCLIP_EXPRESSION_BATCHER_H

#include <expclip_batcher.h>

#include "expression/model.h"

/** As the functions of expclip_batcher.h, arguments checked. */
expclip_status expclip__batcher_create(expclip_batcher **out,
                                       const expclip_model *model,
                                       const expclip_batcher_options *options,
                                       expclip_error *err);
void expclip__batcher_free(expclip_batcher *batcher);

expclip_model *expclip__batcher_model(const expclip_batcher *batcher);

/**
 * [n, 3, S, S] -> [n, d] before the head, as expclip__model_encode_images(),
 * but in passes shared with other callers. Fails with BUSY, too.
 */
expclip_status expclip__batcher_encode(expclip_batcher *batcher, float *out,
                                       const float *pixels, size_t n,
                                       const expclip_cancel *cancel,
                                       expclip_error *err);

/** What happened since it was created, and what waits. */
typedef struct expclip__batcher_counts {
    int64_t n_passes;
    int64_t n_images;
    int64_t n_waiting;
} expclip__batcher_counts;

expclip__batcher_counts expclip__batcher_count(const expclip_batcher *batcher);

#endif
