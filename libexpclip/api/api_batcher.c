/* SPDX-License-Identifier: MIT */
/*
 * api_batcher.c - a batcher's life and its counts; its scores and embeddings
 * are in api_score.c, beside those without it.
 */
#include "api/check.h"
#include "base/error.h"
#include "expression/batcher.h"

expclip_status expclip_batcher_create(expclip_batcher **out,
                                      const expclip_model *model,
                                      const expclip_batcher_options *options,
                                      expclip_error *err)
{
    expclip_batcher_options o = EXPCLIP_BATCHER_OPTIONS_INIT;
    expclip_status status;

    if ((status = expclip__check_pointer(out, "out", err)) ||
        (status = expclip__check_pointer(model, "model", err)) ||
        (status =
             expclip__check_options(&o, sizeof(o), options, "options", err)) ||
        (status =
             expclip__check_range(o.max_batch, "max_batch", 1, 4096, err)) ||
        (status = expclip__check_range(o.max_delay_us, "max_delay_us", 0,
                                       10000000, err)) ||
        (status = expclip__check_range(o.queue_size, "queue_size", 1, INT32_MAX,
                                       err)) ||
        (status = expclip__check_reserved(o.reserved, err)))
        return status;
    return expclip__returned(expclip__batcher_create(out, model, &o, err), err);
}

void expclip_batcher_free(expclip_batcher *batcher)
{
    expclip__batcher_free(batcher);
}

int64_t expclip_batcher_pass_count(const expclip_batcher *batcher)
{
    return expclip__batcher_count(batcher).n_passes;
}

int64_t expclip_batcher_image_count(const expclip_batcher *batcher)
{
    return expclip__batcher_count(batcher).n_images;
}

int64_t expclip_batcher_waiting_count(const expclip_batcher *batcher)
{
    return expclip__batcher_count(batcher).n_waiting;
}
