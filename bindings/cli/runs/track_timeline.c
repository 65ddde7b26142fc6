/* SPDX-License-Identifier: MIT */
/*
 * track_timeline.c - a timeline for each face that is followed.
 */
#include "runs/track_timeline.h"

#include <stdlib.h>
#include <string.h>

#include "runs/clip_failure.h"
#include "terminal/memory.h"

struct track_timeline {
    track_timelines *owner;
    int64_t number;
    expclip_timeline *timeline; /* NULL when the track has ended */
    double last_time;
    double last_step;
    double *times; /* [n_rows] that wait */
    float *rows;   /* [n_rows, n_classes] */
    size_t n_rows;
    timeline_plot_segment *segments; /* [n_segments] that wait */
    size_t n_segments;
};

struct track_timelines {
    timeline_view *view;
    expclip_timeline_options options;
    size_t n_classes;
    int all;
    double step;
    float *row;              /* [n_classes] */
    track_timeline **tracks; /* [n] */
    size_t n;
};

track_timelines *track_timelines_new(timeline_view *view,
                                     const expclip_timeline_options *options,
                                     size_t n_classes, int all, double step)
{
    track_timelines *ts = memory_new(1, sizeof(*ts));

    ts->view = view;
    ts->options = *options;
    ts->n_classes = n_classes;
    ts->all = all;
    ts->step = step;
    ts->row = memory_new(n_classes, sizeof(*ts->row));
    return ts;
}

static void free_track(track_timeline *t)
{
    expclip_timeline_free(t->timeline);
    free(t->times);
    free(t->rows);
    free(t->segments);
    free(t);
}

void track_timelines_free(track_timelines *ts)
{
    if (!ts)
        return;
    for (size_t i = 0; i < ts->n; i++)
        free_track(ts->tracks[i]);
    free(ts->tracks);
    free(ts->row);
    free(ts);
}

void track_timelines_show(track_timelines *ts, int64_t number)
{
    for (size_t i = 0; i < ts->n; i++) {
        const track_timeline *t = ts->tracks[i];

        if (t->number != number)
            continue;
        for (size_t k = 0; k < t->n_rows; k++)
            timeline_view_row(ts->view, number, t->times[k],
                              t->rows + k * ts->n_classes);
        for (size_t k = 0; k < t->n_segments; k++)
            timeline_view_segment(ts->view, number, &t->segments[k]);
    }
}

/* ------------------------------------------------------------------------
 * One track
 */

track_timeline *track_timeline_open(track_timelines *ts, int64_t number)
{
    track_timeline *t = memory_new(1, sizeof(*t));
    expclip_error err;

    t->owner = ts;
    t->number = number;
    t->last_time = -1.0;
    t->last_step = ts->step;
    if (expclip_timeline_create(&t->timeline, (int32_t)ts->n_classes,
                                &ts->options, &err)) {
        clip_failure_report(&err);
        free_track(t);
        return NULL;
    }
    ts->tracks = memory_resize(ts->tracks, ts->n + 1, sizeof(*ts->tracks));
    ts->tracks[ts->n++] = t;
    return t;
}

static void take_row(track_timeline *t, double time, const float *row)
{
    const size_t n = t->owner->n_classes;

    if (t->owner->all) {
        timeline_view_row(t->owner->view, t->number, time, row);
        return;
    }
    t->times = memory_resize(t->times, t->n_rows + 1, sizeof(*t->times));
    t->rows = memory_resize(t->rows, (t->n_rows + 1) * n, sizeof(*t->rows));
    t->times[t->n_rows] = time;
    memcpy(t->rows + t->n_rows++ * n, row, n * sizeof(*row));
}

static void take_segment(track_timeline *t, const timeline_plot_segment *s)
{
    if (t->owner->all) {
        timeline_view_segment(t->owner->view, t->number, s);
        return;
    }
    t->segments =
        memory_resize(t->segments, t->n_segments + 1, sizeof(*t->segments));
    t->segments[t->n_segments++] = *s;
}

/** Take what is ready. */
static void take_ready(track_timeline *t)
{
    const expclip_timeline *from = t->timeline;
    const size_t n_rows = expclip_timeline_count(from);
    const size_t n_segments = expclip_timeline_segment_count(from);
    float *row = t->owner->row;

    for (size_t i = 0; i < n_rows; i++) {
        expclip_timeline_copy(row, t->owner->n_classes, from, i, NULL);
        take_row(t, expclip_timeline_time(from, i), row);
    }
    for (size_t i = 0; i < n_segments; i++) {
        const timeline_plot_segment segment = {
            (size_t)expclip_timeline_segment_class(from, i),
            expclip_timeline_segment_start(from, i),
            expclip_timeline_segment_end(from, i),
            expclip_timeline_segment_probability(from, i),
        };
        take_segment(t, &segment);
    }
    expclip_timeline_clear(t->timeline);
}

int track_timeline_add(track_timeline *t, double time, const float *logits)
{
    expclip_error err;

    if (t->last_time >= 0.0 && time > t->last_time)
        t->last_step = time - t->last_time;
    t->last_time = time;
    if (expclip_timeline_add(t->timeline, time, logits, t->owner->n_classes,
                             &err))
        return clip_failure_report(&err);
    take_ready(t);
    return 0;
}

/** The last frame is shown as long as the one before. */
int track_timeline_close(track_timeline *t)
{
    expclip_error err;

    if (t->last_time >= 0.0 &&
        expclip_timeline_finish(t->timeline, t->last_time + t->last_step, &err))
        return clip_failure_report(&err);
    take_ready(t);
    expclip_timeline_free(t->timeline);
    t->timeline = NULL;
    return 0;
}
