/* SPDX-License-Identifier: MIT */
/*
 * api_timeline.c - scores over time.
 */
#include <expclip_clips.h>
#include <math.h>
#include <string.h>

#include "api/check.h"
#include "base/error.h"
#include "expression/timeline.h"

#define MEDIAN_MAX 999

/* ---- arguments ---- */

/* NaN fails every comparison here. */
static expclip_status check_between(double value, double highest,
                                    const char *name, expclip_error *err)
{
    if (value >= 0.0 && value <= highest)
        return EXPCLIP_OK;
    return expclip__fail(err, EXPCLIP_ERROR_ARGUMENT,
                         "%s: %g, expected 0 to %g", name, value, highest);
}

static expclip_status check_smoothing(const expclip_timeline_options *o,
                                      expclip_error *err)
{
    const expclip_status status =
        expclip__check_range(o->smoothing, "smoothing", EXPCLIP_SMOOTHING_NONE,
                             EXPCLIP_SMOOTHING_MEDIAN, err);

    if (status)
        return status;
    if (o->median_frames < 1 || o->median_frames > MEDIAN_MAX ||
        o->median_frames % 2 == 0)
        return expclip__fail(err, EXPCLIP_ERROR_ARGUMENT,
                             "median_frames: %d, expected an odd number from "
                             "1 to %d",
                             (int)o->median_frames, MEDIAN_MAX);
    return expclip__check_positive(o->ema_seconds, "ema_seconds", err);
}

static expclip_status
check_timeline_options(expclip_timeline_options *out,
                       const expclip_timeline_options *given,
                       expclip_error *err)
{
    expclip_status status;

    *out = (expclip_timeline_options)EXPCLIP_TIMELINE_OPTIONS_INIT;
    if ((status = expclip__check_options(out, sizeof(*out), given, "options",
                                         err)) ||
        (status = check_smoothing(out, err)) ||
        (status =
             expclip__check_positive(out->temperature, "temperature", err)) ||
        (status = check_between(out->enter, 1.0, "enter", err)) ||
        (status = check_between(out->leave, out->enter, "leave", err)))
        return status;
    if (!(out->min_seconds >= 0.0 && out->min_seconds < INFINITY))
        return expclip__fail(err, EXPCLIP_ERROR_ARGUMENT,
                             "min_seconds: %g, expected seconds, at least 0",
                             out->min_seconds);
    return EXPCLIP_OK;
}

/* ---- frames in ---- */

expclip_status expclip_timeline_create(expclip_timeline **out,
                                       int32_t n_classes,
                                       const expclip_timeline_options *options,
                                       expclip_error *err)
{
    expclip_timeline_options o;
    expclip_status status;

    if ((status = expclip__check_pointer(out, "out", err)) ||
        (status = check_timeline_options(&o, options, err)))
        return status;
    if (n_classes < 1)
        return expclip__fail(err, EXPCLIP_ERROR_ARGUMENT,
                             "n_classes: %d, expected at least 1",
                             (int)n_classes);
    return expclip__returned(
        expclip__timeline_create(out, (size_t)n_classes, &o, err), err);
}

expclip_status expclip_timeline_add(expclip_timeline *timeline, double time,
                                    const float *logits, size_t logits_size,
                                    expclip_error *err)
{
    expclip_status status;

    if ((status = expclip__check_pointer(timeline, "timeline", err)) ||
        (status = expclip__check_pointer(logits, "logits", err)) ||
        (status = expclip__check_size(logits_size, timeline->n_classes,
                                      "logits_size", err)))
        return status;
    return expclip__returned(expclip__timeline_add(timeline, time, logits, err),
                             err);
}

expclip_status expclip_timeline_finish(expclip_timeline *timeline, double time,
                                       expclip_error *err)
{
    expclip_status status = expclip__check_pointer(timeline, "timeline", err);

    return expclip__returned(
        status ? status : expclip__timeline_finish(timeline, time, err), err);
}

/* ---- rows out ---- */

size_t expclip_timeline_count(const expclip_timeline *timeline)
{
    return timeline ? timeline->n_rows : 0;
}

double expclip_timeline_time(const expclip_timeline *timeline, size_t index)
{
    return index < expclip_timeline_count(timeline) ? timeline->times[index]
                                                    : -1.0;
}

expclip_status expclip_timeline_copy(float *probabilities,
                                     size_t probabilities_size,
                                     const expclip_timeline *timeline,
                                     size_t index, expclip_error *err)
{
    expclip_status status;

    if ((status =
             expclip__check_pointer(probabilities, "probabilities", err)) ||
        (status = expclip__check_pointer(timeline, "timeline", err)) ||
        (status = expclip__check_size(probabilities_size, timeline->n_classes,
                                      "probabilities_size", err)))
        return status;
    if (index >= timeline->n_rows)
        return expclip__fail(err, EXPCLIP_ERROR_ARGUMENT,
                             "index: %zu, expected below %zu", index,
                             timeline->n_rows);
    memcpy(probabilities, timeline->rows + index * timeline->n_classes,
           timeline->n_classes * sizeof(*probabilities));
    return expclip__returned(EXPCLIP_OK, err);
}

/* ---- segments out ---- */

static const expclip__segment *segment_at(const expclip_timeline *timeline,
                                          size_t index)
{
    return index < expclip_timeline_segment_count(timeline)
               ? &timeline->segments[index]
               : NULL;
}

size_t expclip_timeline_segment_count(const expclip_timeline *timeline)
{
    return timeline ? timeline->n_segments : 0;
}

int32_t expclip_timeline_segment_class(const expclip_timeline *timeline,
                                       size_t index)
{
    const expclip__segment *s = segment_at(timeline, index);

    return s ? s->class_index : -1;
}

double expclip_timeline_segment_start(const expclip_timeline *timeline,
                                      size_t index)
{
    const expclip__segment *s = segment_at(timeline, index);

    return s ? s->start : -1.0;
}

double expclip_timeline_segment_end(const expclip_timeline *timeline,
                                    size_t index)
{
    const expclip__segment *s = segment_at(timeline, index);

    return s ? s->end : -1.0;
}

double expclip_timeline_segment_probability(const expclip_timeline *timeline,
                                            size_t index)
{
    const expclip__segment *s = segment_at(timeline, index);

    return s ? s->sum / (double)s->n_frames : -1.0;
}

void expclip_timeline_clear(expclip_timeline *timeline)
{
    if (timeline)
        expclip__timeline_clear(timeline);
}

void expclip_timeline_free(expclip_timeline *timeline)
{
    expclip__timeline_free(timeline);
}
