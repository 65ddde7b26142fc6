/* SPDX-License-Identifier: MIT */
/*
 * clip_reader.c - frames of a clip, one batch ahead.
 */
#include "inputs/clip_reader.h"

#include <stdlib.h>

#include "inputs/ahead.h"
#include "terminal/failure.h"
#include "terminal/memory.h"
#include "terminal/stop.h"

struct clip_reader {
    clip_part parts[AHEAD_SLOTS];
    ahead *worker;
    expclip_frames *frames;
    expclip_image_options options;
    int32_t batch_size;
};

static int fill(void *owner, size_t which)
{
    clip_reader *r = owner;
    clip_part *p = &r->parts[which];

    p->n = 0;
    expclip_batch_clear(p->batch);
    p->status = expclip_frames_read(&p->n, r->frames, p->batch, r->batch_size,
                                    &r->options, stop_token(), &p->error);
    for (size_t i = 0; i < p->n; i++) {
        p->times[i] = expclip_frames_time(r->frames, i);
        p->weights[i] = expclip_frames_weight(r->frames, i);
    }
    return !p->status && p->n;
}

int clip_reader_start(clip_reader **out, const expclip_model *model,
                      expclip_frames *frames,
                      const expclip_image_options *options, int32_t batch_size)
{
    clip_reader *r = memory_new(1, sizeof(*r));
    expclip_error err;
    int rc = 0;

    r->frames = frames;
    r->options = *options;
    r->batch_size = batch_size;
    for (int i = 0; !rc && i < AHEAD_SLOTS; i++) {
        clip_part *p = &r->parts[i];

        p->times = memory_new((size_t)batch_size, sizeof(*p->times));
        p->weights = memory_new((size_t)batch_size, sizeof(*p->weights));
        if (expclip_batch_create(&p->batch, model, &err))
            rc = failure_report(&err);
    }
    if (!rc)
        rc = ahead_start(&r->worker, fill, r);
    if (rc)
        clip_reader_stop(r);
    else
        *out = r;
    return rc;
}

const clip_part *clip_reader_next(clip_reader *r)
{
    return &r->parts[ahead_next(r->worker)];
}

void clip_reader_stop(clip_reader *r)
{
    if (!r)
        return;
    ahead_stop(r->worker);
    for (int i = 0; i < AHEAD_SLOTS; i++) {
        expclip_batch_free(r->parts[i].batch);
        free(r->parts[i].times);
        free(r->parts[i].weights);
    }
    free(r);
}
