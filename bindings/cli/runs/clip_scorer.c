/* SPDX-License-Identifier: MIT */
/*
 * clip_scorer.c - one clip from its frames to its scores.
 *
 * The encoder runs once a frame: its embeddings, before they get unit length,
 * give the frame's scores, and their weighted mean the clip's, as
 * expclip_clip_score() has them.
 */
#include "runs/clip_scorer.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "inputs/clip_reader.h"
#include "runs/clip_failure.h"
#include "terminal/failure.h"
#include "terminal/memory.h"
#include "terminal/stop.h"

/** A clip while it is read. */
typedef struct reading {
    const clip_scorer *s;
    clip_result *result;
    size_t dim;
    size_t n_classes;
    float *rows;         /* [batch, dim] */
    float *frame_scores; /* [batch, n_classes]: logits */
    double *sum;         /* [dim] */
    double weight;
    int by_time; /* what the progress counts */
    expclip_status first_failure;
    expclip_timeline *timeline; /* NULL = none */
    double last_time;
    double last_step; /* seconds between the last two frames */
} reading;

static int fail_clip(clip_result *r, const expclip_error *err)
{
    return clip_failure(&r->status, &r->message, err);
}

/* ------------------------------------------------------------------------
 * The mean
 */

static void add_failed(reading *g, const clip_part *part, size_t i)
{
    clip_result *r = g->result;

    if (r->n_failed++ > 0)
        return;
    g->first_failure = expclip_batch_status(part->batch, i);
    r->failure = memory_text("%s", expclip_batch_message(part->batch, i));
}

static void add_frame(reading *g, const clip_part *part, size_t i)
{
    clip_result *r = g->result;
    const float *row = g->rows + i * g->dim;

    for (size_t j = 0; j < g->dim; j++)
        g->sum[j] += (double)part->weights[i] * (double)row[j];
    g->weight += (double)part->weights[i];
    r->n_frames++;
    if (g->s->frames.sampling != EXPCLIP_SAMPLING_ALL)
        r->times[r->n_times++] = part->times[i];
}

static int score_mean(reading *g)
{
    clip_result *r = g->result;
    float *mean;
    expclip_error err;
    expclip_status status;

    if (r->n_frames == 0) {
        r->status = g->first_failure ? g->first_failure : EXPCLIP_ERROR_FORMAT;
        r->message = r->failure
                         ? memory_text("no frame could be read: %s", r->failure)
                         : memory_text("no frame from --start to --end");
        return 0;
    }
    mean = memory_new(g->dim, sizeof(*mean));
    for (size_t j = 0; j < g->dim; j++)
        mean[j] = (float)(g->sum[j] / g->weight);
    r->logits = memory_new(g->n_classes, sizeof(*r->logits));
    status = expclip_classes_score_embeddings(
        r->logits, g->n_classes, g->s->classes, mean, g->dim,
        expclip_model_fingerprint(g->s->model), &err);
    free(mean);
    return status ? clip_failure_report(&err) : 0;
}

/* ------------------------------------------------------------------------
 * The timeline
 */

/** Hand on what came out. */
static void show_timeline(reading *g)
{
    expclip_timeline *t = g->timeline;
    const size_t n_rows = expclip_timeline_count(t);
    const size_t n_segments = expclip_timeline_segment_count(t);
    float *row = g->frame_scores; /* read already */

    for (size_t i = 0; i < n_rows; i++) {
        expclip_timeline_copy(row, g->n_classes, t, i, NULL);
        timeline_view_row(g->s->view, -1, expclip_timeline_time(t, i), row);
    }
    for (size_t i = 0; i < n_segments; i++) {
        const timeline_plot_segment segment = {
            (size_t)expclip_timeline_segment_class(t, i),
            expclip_timeline_segment_start(t, i),
            expclip_timeline_segment_end(t, i),
            expclip_timeline_segment_probability(t, i),
        };
        timeline_view_segment(g->s->view, -1, &segment);
    }
    expclip_timeline_clear(t);
}

static int add_to_timeline(reading *g, const clip_part *part)
{
    expclip_error err;
    expclip_status status = expclip_classes_score_embeddings(
        g->frame_scores, part->n * g->n_classes, g->s->classes, g->rows,
        part->n * g->dim, expclip_model_fingerprint(g->s->model), &err);

    for (size_t i = 0; !status && i < part->n; i++) {
        if (g->last_time >= 0.0)
            g->last_step = part->times[i] - g->last_time;
        g->last_time = part->times[i];
        status = expclip_timeline_add(g->timeline, part->times[i],
                                      g->frame_scores + i * g->n_classes,
                                      g->n_classes, &err);
    }
    if (status)
        return clip_failure_report(&err);
    show_timeline(g);
    return 0;
}

static int start_timeline(reading *g)
{
    expclip_error err;

    if (!g->s->view)
        return 0;
    g->last_time = -1.0;
    g->last_step = 1.0 / g->s->frames.frame_rate;
    if (expclip_timeline_create(&g->timeline, (int32_t)g->n_classes,
                                &g->s->timeline, &err))
        return clip_failure_report(&err);
    return 0;
}

/** The last frame is shown as long as the one before. */
static int finish_timeline(reading *g)
{
    expclip_error err;

    if (!g->timeline || g->result->n_frames == 0)
        return 0;
    if (expclip_timeline_finish(g->timeline, g->last_time + g->last_step, &err))
        return clip_failure_report(&err);
    show_timeline(g);
    return 0;
}

/* ------------------------------------------------------------------------
 * Frames
 */

static int add_part(reading *g, const clip_part *part)
{
    expclip_embed_options options = EXPCLIP_EMBED_OPTIONS_INIT;
    expclip_error err;

    options.normalize = 0;
    if (expclip_model_embed_images(g->rows, part->n * g->dim, g->s->model,
                                   part->batch, &options, stop_token(), &err))
        return clip_failure_report(&err);
    for (size_t i = 0; i < part->n; i++)
        if (expclip_batch_status(part->batch, i))
            add_failed(g, part, i);
        else
            add_frame(g, part, i);
    return g->timeline ? add_to_timeline(g, part) : 0;
}

/** How far a clip is: by frames, or by time where those are not counted. */
static void show_progress(const reading *g, const clip_part *part)
{
    const clip_result *r = g->result;

    if (!g->s->bar)
        return;
    progress_show(g->s->bar, g->by_time
                                 ? part->times[part->n - 1] - g->s->frames.start
                                 : (double)(r->n_frames + r->n_failed));
}

static void start_progress(reading *g, const expclip_frames *frames)
{
    const double n = (double)expclip_frames_count(frames);
    const double seconds = expclip_frames_duration(frames);
    const double most = (double)g->s->frames.n_samples;

    if (!g->s->bar)
        return;
    g->by_time = n < 0.0 && seconds > 0.0;
    if (g->by_time)
        progress_start(g->s->bar, "s", seconds);
    else if (g->s->frames.sampling == EXPCLIP_SAMPLING_ALL)
        progress_start(g->s->bar, "frames", fmax(n, 0.0));
    else
        progress_start(g->s->bar, "frames", fmin(fmax(n, 0.0), most));
}

static int read_parts(reading *g, clip_reader *reader)
{
    for (;;) {
        const clip_part *part = clip_reader_next(reader);
        int rc;

        if (part->status)
            return fail_clip(g->result, &part->error);
        if (part->n == 0)
            return 0;
        rc = add_part(g, part);
        if (rc)
            return rc;
        show_progress(g, part);
    }
}

static int read_frames(reading *g, expclip_frames *frames)
{
    const clip_scorer *s = g->s;
    clip_reader *reader = NULL;
    int rc;

    if (s->frames.sampling != EXPCLIP_SAMPLING_ALL)
        g->result->times =
            memory_new((size_t)s->frames.n_samples, sizeof(double));
    start_progress(g, frames);
    rc = clip_reader_start(&reader, s->model, frames, &s->image, s->batch);
    if (!rc)
        rc = read_parts(g, reader);
    clip_reader_stop(reader);
    if (s->bar)
        progress_hide(s->bar);
    return rc;
}

int clip_scorer_run(clip_result *out, const clip_scorer *s, const char *path)
{
    reading g = { .s = s, .result = out };
    const size_t batch = (size_t)s->batch;
    expclip_frames *frames = NULL;
    expclip_error err;
    expclip_status status;
    int rc;

    memset(out, 0, sizeof(*out));
    status = expclip_frames_open(&frames, path, &s->frames, &err);
    if (status)
        return fail_clip(out, &err);
    g.dim = (size_t)expclip_classes_dim(s->classes);
    g.n_classes = expclip_classes_count(s->classes);
    g.rows = memory_new(batch * g.dim, sizeof(*g.rows));
    g.frame_scores = memory_new(batch * g.n_classes, sizeof(*g.frame_scores));
    g.sum = memory_new(g.dim, sizeof(*g.sum));
    rc = start_timeline(&g);
    if (!rc)
        rc = read_frames(&g, frames);
    if (!rc && !out->status)
        rc = finish_timeline(&g);
    if (!rc && !out->status)
        rc = score_mean(&g);
    expclip_timeline_free(g.timeline);
    expclip_frames_free(frames);
    free(g.rows);
    free(g.frame_scores);
    free(g.sum);
    return rc;
}

void clip_result_free(clip_result *r)
{
    free(r->message);
    free(r->failure);
    free(r->times);
    free(r->logits);
}
