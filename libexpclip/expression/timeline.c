/* SPDX-License-Identifier: MIT */
/*
 * timeline.c - frames' logits in, smoothed probabilities and segments out.
 *
 *     logits -> softmax -> smoothing -> a row -> hysteresis -> segments
 *
 * Each function that can fail reserves memory for all that may come out before
 * it changes anything, so that a failed call can be repeated.
 */
#include "expression/timeline.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "expression/score.h"
#include "metrics/logits.h"

#define FIRST_CAPACITY 16

/* Times are sums and products of rounded numbers: 1.2 - 1.0 is below 0.2. */
#define TIME_TOLERANCE 1e-9

/* ---- life ---- */

static int allocate(expclip_timeline *t)
{
    const size_t n = t->n_classes;
    expclip__median_window *w = &t->window;

    t->row = expclip__alloc(n, sizeof(*t->row));
    if (t->options.smoothing == EXPCLIP_SMOOTHING_EMA)
        return t->row && (t->mean = expclip__alloc(n, sizeof(*t->mean)));
    if (t->options.smoothing != EXPCLIP_SMOOTHING_MEDIAN)
        return t->row != NULL;
    w->size = (size_t)t->options.median_frames;
    w->times = expclip__alloc(w->size, sizeof(*w->times));
    w->rows = expclip__alloc(w->size * n, sizeof(*w->rows));
    w->sorted = expclip__alloc(w->size * n, sizeof(*w->sorted));
    return t->row && w->times && w->rows && w->sorted;
}

expclip_status expclip__timeline_create(expclip_timeline **out,
                                        size_t n_classes,
                                        const expclip_timeline_options *options,
                                        expclip_error *err)
{
    expclip_timeline *t = expclip__alloc_zero(1, sizeof(*t));

    if (!t)
        return expclip__fail_memory(err, "timeline");
    t->options = *options;
    t->n_classes = n_classes;
    if (!allocate(t)) {
        expclip__timeline_free(t);
        return expclip__fail_memory(err, "timeline");
    }
    *out = t;
    return EXPCLIP_OK;
}

void expclip__timeline_free(expclip_timeline *t)
{
    if (!t)
        return;
    expclip__free(t->row);
    expclip__free(t->mean);
    expclip__free(t->window.times);
    expclip__free(t->window.rows);
    expclip__free(t->window.sorted);
    expclip__free(t->times);
    expclip__free(t->rows);
    expclip__free(t->segments);
    expclip__free(t);
}

void expclip__timeline_clear(expclip_timeline *t)
{
    t->n_rows = 0;
    t->n_segments = 0;
}

/* ---- room for what comes out ---- */

/* At least twice as large, so that adding n rows copies each a few times. */
static size_t larger(size_t capacity, size_t needed)
{
    if (capacity < FIRST_CAPACITY / 2)
        capacity = FIRST_CAPACITY / 2;
    return needed > 2 * capacity ? needed : 2 * capacity;
}

static expclip_status reserve_rows(expclip_timeline *t, size_t needed,
                                   expclip_error *err)
{
    const size_t capacity = larger(t->rows_capacity, needed);
    double *times;
    float *rows;

    if (needed <= t->rows_capacity)
        return EXPCLIP_OK;
    times = expclip__realloc(t->times, capacity, sizeof(*times));
    if (times)
        t->times = times;
    rows = expclip__realloc(t->rows, capacity, t->n_classes * sizeof(*rows));
    if (rows)
        t->rows = rows;
    if (!times || !rows)
        return expclip__fail_memory(err, "timeline's rows");
    t->rows_capacity = capacity;
    return EXPCLIP_OK;
}

static expclip_status reserve_segments(expclip_timeline *t, size_t needed,
                                       expclip_error *err)
{
    const size_t capacity = larger(t->segments_capacity, needed);
    expclip__segment *segments;

    if (needed <= t->segments_capacity)
        return EXPCLIP_OK;
    segments = expclip__realloc(t->segments, capacity, sizeof(*segments));
    if (!segments)
        return expclip__fail_memory(err, "timeline's segments");
    t->segments = segments;
    t->segments_capacity = capacity;
    return EXPCLIP_OK;
}

/* For n_rows more rows; each ends one segment at most, and the end one more. */
static expclip_status reserve(expclip_timeline *t, size_t n_rows,
                              expclip_error *err)
{
    const expclip_status status = reserve_rows(t, t->n_rows + n_rows, err);

    return status ? status
                  : reserve_segments(t, t->n_segments + n_rows + 1, err);
}

/* ---- segments ---- */

static void end_segment(expclip_timeline *t, double time)
{
    t->inside = 0;
    t->open.end = time;
    if (time - t->open.start >= t->options.min_seconds - TIME_TOLERANCE)
        t->segments[t->n_segments++] = t->open;
}

/* The most likely class, the first of equals. */
static size_t leader(const float *row, size_t n)
{
    size_t best = 0;

    for (size_t c = 1; c < n; c++)
        if (row[c] > row[best])
            best = c;
    return best;
}

static void follow_segment(expclip_timeline *t, double time, const float *row)
{
    const size_t lead = leader(row, t->n_classes);
    const int enters = (double)row[lead] >= t->options.enter;
    const float *own = &row[t->open.class_index];

    /* A class that is as likely as the open segment's takes nothing over. */
    if (t->inside &&
        ((double)*own < t->options.leave || (enters && row[lead] > *own)))
        end_segment(t, time);
    if (!t->inside && enters) {
        t->inside = 1;
        t->open = (expclip__segment){ (int32_t)lead, time, 0.0, 0.0, 0 };
    }
    if (t->inside) {
        t->open.sum += (double)row[t->open.class_index];
        t->open.n_frames++;
    }
}

/* A row comes out; its room is reserved. */
static void put(expclip_timeline *t, double time, const float *row)
{
    t->times[t->n_rows] = time;
    memcpy(t->rows + t->n_rows * t->n_classes, row,
           t->n_classes * sizeof(*row));
    t->n_rows++;
    follow_segment(t, time, row);
}

/* ---- exponential mean ---- */

static void put_mean(expclip_timeline *t, double time)
{
    const double passed = time - t->mean_time;
    /* -expm1(-x) is 1 - exp(-x) without cancellation. */
    const double weight =
        t->has_mean ? -expm1(-passed / t->options.ema_seconds) : 1.0;

    for (size_t c = 0; c < t->n_classes; c++) {
        const double old = t->has_mean ? t->mean[c] : 0.0;

        t->mean[c] = old + weight * ((double)t->row[c] - old);
        t->row[c] = (float)t->mean[c];
    }
    t->has_mean = 1;
    t->mean_time = time;
    put(t, time, t->row);
}

/* ---- median ---- */

/* The first place in a rising array whose value is not below `value`. */
static size_t place_of(const float *sorted, size_t n, float value)
{
    size_t low = 0;

    while (low < n) {
        const size_t middle = low + (n - low) / 2;

        if (sorted[middle] < value)
            low = middle + 1;
        else
            n = middle;
    }
    return low;
}

static float *window_row(const expclip_timeline *t, int64_t frame)
{
    const expclip__median_window *w = &t->window;

    return w->rows + (size_t)(frame % (int64_t)w->size) * t->n_classes;
}

static void window_push(expclip_timeline *t, double time, const float *row)
{
    expclip__median_window *w = &t->window;
    const size_t n = (size_t)(w->high - w->low);

    for (size_t c = 0; c < t->n_classes; c++) {
        float *sorted = w->sorted + c * w->size;
        const size_t place = place_of(sorted, n, row[c]);

        memmove(sorted + place + 1, sorted + place,
                (n - place) * sizeof(*sorted));
        sorted[place] = row[c];
    }
    memcpy(window_row(t, w->high), row, t->n_classes * sizeof(*row));
    w->times[w->high % (int64_t)w->size] = time;
    w->high++;
}

static void window_drop(expclip_timeline *t)
{
    expclip__median_window *w = &t->window;
    const size_t n = (size_t)(w->high - w->low);
    const float *row = window_row(t, w->low);

    for (size_t c = 0; c < t->n_classes; c++) {
        float *sorted = w->sorted + c * w->size;
        const size_t place = place_of(sorted, n, row[c]);

        memmove(sorted + place, sorted + place + 1,
                (n - place - 1) * sizeof(*sorted));
    }
    w->low++;
}

/* Drop the frames that are too old to be around frame `middle`. */
static void window_advance(expclip_timeline *t, int64_t middle)
{
    while (t->window.low < middle - (int64_t)t->window.size / 2)
        window_drop(t);
}

/* The medians around the next frame, made to add up to 1. */
static void put_median(expclip_timeline *t)
{
    expclip__median_window *w = &t->window;
    const int64_t frame = w->next++;
    const size_t n = (size_t)(w->high - w->low);
    double sum = 0.0;

    for (size_t c = 0; c < t->n_classes; c++) {
        const float *middle = w->sorted + c * w->size + n / 2;

        t->row[c] = n % 2 ? *middle : (middle[-1] + *middle) / 2.0f;
        sum += (double)t->row[c];
    }
    /* Frames that agree in nothing: all medians are 0. The frame stands. */
    if (sum > 0.0)
        for (size_t c = 0; c < t->n_classes; c++)
            t->row[c] = (float)((double)t->row[c] / sum);
    else
        memcpy(t->row, window_row(t, frame), t->n_classes * sizeof(*t->row));
    put(t, w->times[frame % (int64_t)w->size], t->row);
}

static void add_to_window(expclip_timeline *t, double time)
{
    const int64_t middle = t->window.high - (int64_t)t->window.size / 2;

    window_advance(t, middle);
    window_push(t, time, t->row);
    if (middle >= 0)
        put_median(t);
}

/* ---- frames ---- */

static expclip_status check_open(const expclip_timeline *t, double time,
                                 expclip_error *err)
{
    if (t->finished)
        return expclip__fail(err, EXPCLIP_ERROR_STATE,
                             "timeline: finished, expected an open one");
    if (!isfinite(time) || (t->has_frame && time < t->last_time))
        return expclip__fail(err, EXPCLIP_ERROR_ARGUMENT,
                             "time: %g, expected seconds, not before the last "
                             "frame's %g",
                             time, t->has_frame ? t->last_time : 0.0);
    return EXPCLIP_OK;
}

/* 1 when a frame is left out, as NaN says. */
static expclip_status check_logits(int *left_out, const float *logits, size_t n,
                                   expclip_error *err)
{
    *left_out = 0;
    for (size_t c = 0; c < n; c++) {
        if (isinf(logits[c]))
            return expclip__fail(err, EXPCLIP_ERROR_ARGUMENT,
                                 "logits[%zu]: %g, expected a finite number, "
                                 "or NaN for a failed frame",
                                 c, (double)logits[c]);
        if (isnan(logits[c]))
            *left_out = 1;
    }
    return EXPCLIP_OK;
}

expclip_status expclip__timeline_add(expclip_timeline *t, double time,
                                     const float *logits, expclip_error *err)
{
    expclip_status status;
    int left_out;

    if ((status = check_open(t, time, err)) ||
        (status = check_logits(&left_out, logits, t->n_classes, err)) ||
        (status = reserve(t, 1, err)))
        return status;
    t->has_frame = 1;
    t->last_time = time;
    if (left_out)
        return EXPCLIP_OK;
    expclip__softmax(t->row, logits, t->n_classes,
                     (float)t->options.temperature);
    if (t->options.smoothing == EXPCLIP_SMOOTHING_EMA)
        put_mean(t, time);
    else if (t->options.smoothing == EXPCLIP_SMOOTHING_MEDIAN)
        add_to_window(t, time);
    else
        put(t, time, t->row);
    return EXPCLIP_OK;
}

expclip_status expclip__timeline_finish(expclip_timeline *t, double time,
                                        expclip_error *err)
{
    expclip__median_window *w = &t->window;
    expclip_status status;

    if ((status = check_open(t, time, err)) ||
        (status = reserve(t, (size_t)(w->high - w->next), err)))
        return status;
    while (w->next < w->high) {
        window_advance(t, w->next);
        put_median(t);
    }
    if (t->inside)
        end_segment(t, time);
    t->finished = 1;
    return EXPCLIP_OK;
}
