/* SPDX-License-Identifier: MIT */
/*
 * decoder.c - images made ready for the encoder, one batch ahead.
 */
#include "inputs/decoder.h"

#include <stdlib.h>

#include "inputs/ahead.h"
#include "terminal/failure.h"
#include "terminal/memory.h"
#include "terminal/stop.h"

typedef struct slot {
    decoded public;        /* first: decoded_row() casts back from it */
    ptrdiff_t *rows;       /* [n] of the batch, or -1 */
    expclip_error *errors; /* [n] of the inputs that are not in the batch */
} slot;

struct decoder {
    slot slots[AHEAD_SLOTS];
    ahead *worker;
    const inputs *in;
    expclip_image_options options;
    size_t batch_size;
    size_t n_filled; /* inputs, for the worker */
    size_t n_taken;  /* inputs that the caller has seen */
};

/* ------------------------------------------------------------------------
 * The worker
 */

static void decode_one(const decoder *d, slot *s, size_t i)
{
    const input *in = &s->public.inputs[i];
    expclip_image_options options = d->options;
    const size_t before = expclip_batch_count(s->public.batch);

    s->rows[i] = -1;
    if (in->status)
        return;
    if (in->box.width) {
        options.box_x = in->box.x;
        options.box_y = in->box.y;
        options.box_width = in->box.width;
        options.box_height = in->box.height;
        options.box_margin = in->box.margin;
    }
    expclip_batch_add_file(s->public.batch, in->path, &options, &s->errors[i]);
    /* Wrong options add no item: the error is then all there is. */
    if (expclip_batch_count(s->public.batch) > before)
        s->rows[i] = (ptrdiff_t)before;
}

static int fill(void *owner, size_t which)
{
    decoder *d = owner;
    slot *s = &d->slots[which];
    const size_t left = d->in->n - d->n_filled;

    s->public.inputs = d->in->items + d->n_filled;
    s->public.n = left < d->batch_size ? left : d->batch_size;
    d->n_filled += s->public.n;
    expclip_batch_clear(s->public.batch);
    for (size_t i = 0; i < s->public.n && !stop_wanted(); i++)
        decode_one(d, s, i);
    return d->n_filled < d->in->n;
}

/* ------------------------------------------------------------------------
 * The caller
 */

int decoder_start(decoder **out, const expclip_model *model, const inputs *in,
                  const expclip_image_options *options, size_t batch_size)
{
    decoder *d = memory_new(1, sizeof(*d));
    expclip_error err;
    int rc = 0;

    d->in = in;
    d->options = *options;
    d->batch_size = batch_size;
    for (int i = 0; !rc && i < AHEAD_SLOTS; i++) {
        slot *s = &d->slots[i];

        s->rows = memory_new(batch_size, sizeof(*s->rows));
        s->errors = memory_new(batch_size, sizeof(*s->errors));
        if (expclip_batch_create(&s->public.batch, model, &err))
            rc = failure_report(&err);
    }
    if (!rc)
        rc = ahead_start(&d->worker, fill, d);
    if (rc)
        decoder_stop(d);
    else
        *out = d;
    return rc;
}

const decoded *decoder_next(decoder *d)
{
    const slot *s;

    if (stop_wanted() || d->n_taken >= d->in->n)
        return NULL;
    s = &d->slots[ahead_next(d->worker)];
    d->n_taken += s->public.n;
    /* The worker leaves a batch unfinished when it is told to stop. */
    return stop_wanted() ? NULL : &s->public;
}

ptrdiff_t decoded_row(const decoded *batch, size_t i, expclip_status *status,
                      const char **message)
{
    const slot *s = (const slot *)batch;
    const ptrdiff_t row = s->rows[i];

    if (batch->inputs[i].status) {
        *status = batch->inputs[i].status;
        *message = batch->inputs[i].problem;
    } else if (row < 0) {
        *status = s->errors[i].code;
        *message = s->errors[i].message;
    } else {
        *status = expclip_batch_status(batch->batch, (size_t)row);
        *message = expclip_batch_message(batch->batch, (size_t)row);
    }
    return *status ? -1 : row;
}

void decoder_stop(decoder *d)
{
    if (!d)
        return;
    ahead_stop(d->worker);
    for (int i = 0; i < AHEAD_SLOTS; i++) {
        expclip_batch_free(d->slots[i].public.batch);
        free(d->slots[i].rows);
        free(d->slots[i].errors);
    }
    free(d);
}
