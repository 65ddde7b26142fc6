/* SPDX-License-Identifier: MIT */
/*
 * api_frames.c - the frames of a folder or a video file.
 */
#include <expclip_clips.h>
#include <math.h>

#include "api/check.h"
#include "base/error.h"
#include "expression/batch.h"
#include "video/frames.h"
#include "video/sampling.h"

/* ---- arguments ---- */

/* A number that is not one, and infinity, fail every comparison here. */
static expclip_status check_times(const expclip_frames_options *o,
                                  expclip_error *err)
{
    if (!(o->start >= 0.0 && o->start < INFINITY))
        return expclip__fail(err, EXPCLIP_ERROR_ARGUMENT,
                             "start: %g, expected seconds, at least 0",
                             o->start);
    if (o->end != 0.0 && !(o->end > o->start && o->end < INFINITY))
        return expclip__fail(err, EXPCLIP_ERROR_ARGUMENT,
                             "end: %g, expected 0 or seconds after start %g",
                             o->end, o->start);
    return expclip__check_positive(o->frame_rate, "frame_rate", err);
}

static expclip_status check_frames_options(expclip_frames_options *out,
                                           const expclip_frames_options *given,
                                           expclip_error *err)
{
    expclip_status status;

    *out = (expclip_frames_options)EXPCLIP_FRAMES_OPTIONS_INIT;
    if ((status = expclip__check_options(out, sizeof(*out), given, "options",
                                         err)) ||
        (status = expclip__check_range(out->sampling, "sampling",
                                       EXPCLIP_SAMPLING_ALL,
                                       EXPCLIP_SAMPLING_SPREAD, err)) ||
        (status = expclip__check_range(out->n_samples, "n_samples", 1,
                                       EXPCLIP__MAX_SAMPLES, err)) ||
        (status =
             expclip__check_range(out->order, "order", EXPCLIP_ORDER_NATURAL,
                                  EXPCLIP_ORDER_STRING, err)) ||
        (status = expclip__check_flag(out->rotate, "rotate", err)) ||
        (status = expclip__check_range(out->frame_count, "frame_count", 0,
                                       INT32_MAX, err)))
        return status;
    return check_times(out, err);
}

/* ---- functions ---- */

expclip_status expclip_frames_sample(int32_t *indices, size_t indices_size,
                                     int64_t n_frames, int32_t sampling,
                                     expclip_error *err)
{
    expclip__sampling s;
    expclip_status status;

    if ((status = expclip__check_pointer(indices, "indices", err)) ||
        (status =
             expclip__check_range(n_frames, "n_frames", 1, INT32_MAX, err)) ||
        (status =
             expclip__check_range(sampling, "sampling", EXPCLIP_SAMPLING_EXACT,
                                  EXPCLIP_SAMPLING_SPREAD, err)) ||
        (status = expclip__check_range((int64_t)indices_size, "indices_size", 1,
                                       EXPCLIP__MAX_SAMPLES, err)))
        return status;
    s = (expclip__sampling){ sampling, (int32_t)indices_size, n_frames };
    expclip__sampling_list(&s, indices);
    return expclip__returned(EXPCLIP_OK, err);
}

expclip_status expclip_frames_open(expclip_frames **out, const char *path,
                                   const expclip_frames_options *options,
                                   expclip_error *err)
{
    expclip_frames_options o;
    expclip_status status;

    if ((status = expclip__check_pointer(out, "out", err)) ||
        (status = expclip__check_pointer(path, "path", err)) ||
        (status = check_frames_options(&o, options, err)))
        return status;
    return expclip__returned(expclip__frames_open(out, path, &o, err), err);
}

expclip_status expclip_frames_read(size_t *n_added, expclip_frames *frames,
                                   expclip_batch *batch, int32_t max_frames,
                                   const expclip_image_options *options,
                                   const expclip_cancel *cancel,
                                   expclip_error *err)
{
    expclip_image_options o;
    expclip_status status;

    if ((status = expclip__check_pointer(n_added, "n_added", err)) ||
        (status = expclip__check_pointer(frames, "frames", err)) ||
        (status = expclip__check_pointer(batch, "batch", err)) ||
        (status = expclip__check_range(max_frames, "max_frames", 1, INT32_MAX,
                                       err)) ||
        (status = expclip__check_image_options(&o, options, err)) ||
        (status = expclip__fork_check(batch->model->fork_generation, err)))
        return status;
    return expclip__returned(expclip__batch_add_frames(n_added, batch, frames,
                                                       (size_t)max_frames, &o,
                                                       NULL, cancel, err),
                             err);
}

/* ---- what was read ---- */

static const expclip__frame_note *noted(const expclip_frames *frames,
                                        size_t index)
{
    return frames ? expclip__frames_noted(frames, index) : NULL;
}

int64_t expclip_frames_index(const expclip_frames *frames, size_t index)
{
    const expclip__frame_note *note = noted(frames, index);

    return note ? note->index : -1;
}

double expclip_frames_time(const expclip_frames *frames, size_t index)
{
    const expclip__frame_note *note = noted(frames, index);

    return note ? note->time : -1.0;
}

int32_t expclip_frames_weight(const expclip_frames *frames, size_t index)
{
    const expclip__frame_note *note = noted(frames, index);

    return note ? note->weight : 0;
}

int64_t expclip_frames_count(const expclip_frames *frames)
{
    return frames ? expclip__frames_count(frames) : -1;
}

double expclip_frames_duration(const expclip_frames *frames)
{
    return frames ? expclip__frames_duration(frames) : 0.0;
}

void expclip_frames_free(expclip_frames *frames)
{
    expclip__frames_free(frames);
}
