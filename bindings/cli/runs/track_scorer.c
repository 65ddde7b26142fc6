/* SPDX-License-Identifier: MIT */
/*
 * track_scorer.c - one clip from its frames to the scores of its tracks.
 *
 * While a track is open it has the sum of its embeddings and its timeline; when
 * it ends, only its logits are kept. So memory is that of the open tracks.
 */
#include "runs/track_scorer.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "inputs/track_reader.h"
#include "runs/clip_failure.h"
#include "runs/track_timeline.h"
#include "terminal/failure.h"
#include "terminal/memory.h"
#include "terminal/stop.h"

/** A track that is open. */
typedef struct open_track {
    int64_t number;
    double *sum; /* [dim] */
    double weight;
    int64_t n_scored;
    track_timeline *timeline; /* NULL = none */
} open_track;

/** A clip while it is read. */
typedef struct reading {
    const clip_scorer *s;
    const face_search *search;
    track_result *result;
    size_t dim;
    size_t n_classes;
    float *rows;   /* [n_reserved, dim] */
    float *logits; /* [n_reserved, n_classes] */
    size_t n_reserved;
    open_track *open; /* [n_open] */
    size_t n_open;
    track_timelines *timelines; /* NULL = none */
    film_drawing *drawing;      /* NULL = none */
    float best_score;
    int64_t n_frames;
} reading;

/* ------------------------------------------------------------------------
 * Tracks
 */

static open_track *find_track(reading *g, int64_t number)
{
    open_track *t;

    for (size_t i = 0; i < g->n_open; i++)
        if (g->open[i].number == number)
            return &g->open[i];
    g->open = memory_resize(g->open, g->n_open + 1, sizeof(*g->open));
    t = &g->open[g->n_open++];
    *t = (open_track){ .number = number,
                       .sum = memory_new(g->dim, sizeof(double)) };
    if (g->timelines)
        t->timeline = track_timeline_open(g->timelines, number);
    return t;
}

static int score_sum(reading *g, const open_track *t, float *logits)
{
    float *mean = memory_new(g->dim, sizeof(*mean));
    expclip_error err;
    expclip_status status;

    for (size_t i = 0; i < g->dim; i++)
        mean[i] = (float)(t->sum[i] / t->weight);
    status = expclip_classes_score_embeddings(
        logits, g->n_classes, g->s->classes, mean, g->dim,
        expclip_model_fingerprint(g->s->model), &err);
    free(mean);
    return status ? clip_failure_report(&err) : 0;
}

/** Results stand in the order of their numbers. */
static scored_track *insert_result(track_result *r, const expclip_track *track)
{
    size_t i = r->n_tracks++;

    r->tracks = memory_resize(r->tracks, r->n_tracks, sizeof(*r->tracks));
    for (; i > 0 && r->tracks[i - 1].track.number > track->number; i--)
        r->tracks[i] = r->tracks[i - 1];
    r->tracks[i] = (scored_track){ .track = *track };
    return &r->tracks[i];
}

static int end_track(reading *g, const expclip_track *track)
{
    open_track *t = find_track(g, track->number);
    scored_track *scored;
    int rc = 0;

    if (t->n_scored) {
        scored = insert_result(g->result, track);
        scored->n_scored = t->n_scored;
        scored->logits = memory_new(g->n_classes, sizeof(float));
        rc = score_sum(g, t, scored->logits);
    }
    if (!rc && t->timeline)
        rc = track_timeline_close(t->timeline);
    free(t->sum);
    *t = g->open[--g->n_open];
    return rc;
}

/* ------------------------------------------------------------------------
 * Rows
 */

static int add_row(reading *g, const track_row *row, const float *embedding,
                   const float *logits)
{
    open_track *t = find_track(g, row->track);

    for (size_t i = 0; i < g->dim; i++)
        t->sum[i] += (double)row->weight * (double)embedding[i];
    t->weight += (double)row->weight;
    t->n_scored++;
    if (g->drawing)
        film_drawing_add(g->drawing, row->track, row->time, &row->face, logits);
    return t->timeline ? track_timeline_add(t->timeline, row->time, logits) : 0;
}

static void reserve(reading *g, size_t n)
{
    if (n <= g->n_reserved)
        return;
    g->rows = memory_resize(g->rows, n * g->dim, sizeof(*g->rows));
    g->logits = memory_resize(g->logits, n * g->n_classes, sizeof(*g->logits));
    g->n_reserved = n;
}

static int add_rows(reading *g, const track_part *p)
{
    expclip_embed_options options = EXPCLIP_EMBED_OPTIONS_INIT;
    expclip_error err;
    int rc = 0;

    if (p->n_rows == 0)
        return 0;
    reserve(g, p->n_rows);
    options.normalize = 0;
    if (expclip_model_embed_images(g->rows, p->n_rows * g->dim, g->s->model,
                                   p->batch, &options, stop_token(), &err) ||
        ((g->timelines || g->drawing) &&
         expclip_classes_score_embeddings(
             g->logits, p->n_rows * g->n_classes, g->s->classes, g->rows,
             p->n_rows * g->dim, expclip_model_fingerprint(g->s->model), &err)))
        return clip_failure_report(&err);
    for (size_t i = 0; i < p->n_rows && !rc; i++)
        if (!expclip_batch_status(p->batch, i))
            rc = add_row(g, &p->rows[i], g->rows + i * g->dim,
                         g->logits + i * g->n_classes);
    return rc;
}

static int add_part(reading *g, const track_part *p)
{
    track_result *r = g->result;
    int rc = add_rows(g, p);

    if (p->n_failed && !r->failure)
        r->failure = memory_text("%s", p->first_failure.message);
    r->n_failed += p->n_failed;
    r->n_frames += p->n_frames - p->n_failed;
    g->best_score = p->best_score;
    for (size_t i = 0; i < p->n_ended && !rc; i++)
        rc = end_track(g, &p->ended[i]);
    return rc;
}

/* ------------------------------------------------------------------------
 * Frames
 */

static int read_parts(reading *g, track_reader *reader)
{
    for (;;) {
        const track_part *p = track_reader_next(reader);
        int rc;

        if (p->status)
            return clip_failure(&g->result->status, &g->result->message,
                                &p->error);
        rc = add_part(g, p);
        if (rc || p->is_end)
            return rc;
        if (g->s->bar)
            progress_show(g->s->bar,
                          (double)(g->result->n_frames + g->result->n_failed));
    }
}

/** The frames that the rule takes, as it would without faces. */
static int32_t *choose_samples(const reading *g, int64_t n_frames)
{
    const expclip_frames_options *o = &g->s->frames;
    int32_t *samples;
    expclip_error err;

    if (o->sampling == EXPCLIP_SAMPLING_ALL || n_frames < 1)
        return NULL;
    samples = memory_new((size_t)o->n_samples, sizeof(*samples));
    if (expclip_frames_sample(samples, (size_t)o->n_samples, n_frames,
                              o->sampling, &err)) {
        free(samples);
        samples = NULL;
    }
    return samples;
}

/** A rule needs to know how many frames there are; only then is this asked. */
static expclip_status count_frames(int64_t *n, const reading *g,
                                   const char *path, expclip_error *err)
{
    expclip_frames *frames = NULL;
    expclip_status status;

    *n = -1;
    if (g->s->frames.sampling == EXPCLIP_SAMPLING_ALL)
        return EXPCLIP_OK;
    status = expclip_frames_open(&frames, path, &g->s->frames, err);
    if (!status)
        *n = expclip_frames_count(frames);
    expclip_frames_free(frames);
    return status;
}

static int read_frames(reading *g, expclip_frames *frames, int64_t n_frames)
{
    int32_t *samples = choose_samples(g, n_frames);
    const track_source source = {
        .model = g->s->model,
        .search = g->search,
        .frames = frames,
        .image = g->s->image,
        .samples = samples,
        .n_samples = samples ? (size_t)g->s->frames.n_samples : 0,
        .batch_size = (size_t)g->s->batch,
    };
    track_reader *reader = NULL;
    int rc;

    if (g->s->bar)
        progress_start(
            g->s->bar, "frames",
            (double)(n_frames > 0 ? n_frames : expclip_frames_count(frames)));
    rc = track_reader_start(&reader, &source);
    if (!rc)
        rc = read_parts(g, reader);
    track_reader_stop(reader);
    if (g->s->bar)
        progress_hide(g->s->bar);
    free(samples);
    return rc;
}

/** A clip without a track has failed. */
static void check_tracks(reading *g)
{
    track_result *r = g->result;

    if (r->status || r->n_tracks)
        return;
    if (r->n_frames == 0) {
        r->status = EXPCLIP_ERROR_FORMAT;
        r->message = r->failure
                         ? memory_text("no frame could be read: %s", r->failure)
                         : memory_text("no frame from --start to --end");
        return;
    }
    r->status = EXPCLIP_ERROR_NO_FACE;
    r->message = memory_text(
        "no face is in two frames that follow each other, of %lld frames%s%s; "
        "the best candidate has a score of %.2f; --faces none takes whole "
        "frames",
        (long long)r->n_frames, r->failure ? "; " : "",
        r->failure ? r->failure : "", (double)g->best_score);
}

static int open_and_read(reading *g, const char *path)
{
    expclip_frames_options options = g->s->frames;
    expclip_frames *frames = NULL;
    expclip_error err;
    int64_t n_frames;
    int rc;

    options.sampling = EXPCLIP_SAMPLING_ALL;
    if (count_frames(&n_frames, g, path, &err) ||
        expclip_frames_open(&frames, path, &options, &err))
        return clip_failure(&g->result->status, &g->result->message, &err);
    rc = read_frames(g, frames, n_frames);
    expclip_frames_free(frames);
    return rc;
}

int track_scorer_run(track_result *out, const clip_scorer *s,
                     const face_search *search, film_drawing *drawing,
                     const char *path)
{
    reading g = { .s = s, .search = search, .result = out, .drawing = drawing };
    int rc;

    memset(out, 0, sizeof(*out));
    g.dim = (size_t)expclip_classes_dim(s->classes);
    g.n_classes = expclip_classes_count(s->classes);
    if (s->view)
        g.timelines = track_timelines_new(s->view, &s->timeline, g.n_classes,
                                          search->which == EXPCLIP_FACES_ALL,
                                          1.0 / s->frames.frame_rate);
    rc = open_and_read(&g, path);
    if (!rc)
        check_tracks(&g);
    if (!rc && g.timelines && out->n_tracks)
        track_timelines_show(
            g.timelines, out->tracks[track_result_longest(out)].track.number);
    for (size_t i = 0; i < g.n_open; i++)
        free(g.open[i].sum);
    track_timelines_free(g.timelines);
    free(g.open);
    free(g.rows);
    free(g.logits);
    return rc;
}

/* ------------------------------------------------------------------------
 * Results
 */

/** Of the faces that are certain, is there one, and is it close? */
static int is_close(const expclip_faces *faces, const face_search *search)
{
    size_t n_certain = 0;
    float width = 0.0f;

    for (size_t i = 0; i < expclip_faces_count(faces); i++) {
        expclip_face face;

        expclip_faces_get(&face, faces, i, NULL);
        if (face.score < search->tracker.upper)
            continue;
        n_certain++;
        width = face.width;
    }
    return n_certain == 1 && width >= 0.45f * (float)expclip_faces_width(faces);
}

/** The next frame, if there is one. @return 1, or 0 at the end */
static int look(expclip_frames *frames, const clip_scorer *s,
                const face_search *search, int *n_close)
{
    expclip_faces *faces = NULL;

    if (expclip_detector_find_frame(&faces, search->detector, frames, &s->image,
                                    stop_token(), NULL) ||
        !faces)
        return 0;
    *n_close += is_close(faces, search);
    expclip_faces_free(faces);
    return 1;
}

int track_scorer_is_close(const clip_scorer *s, const face_search *search,
                          const char *path)
{
    expclip_frames_options options = s->frames;
    expclip_frames *frames = NULL;
    int n_close = 0, n = 0;

    options.sampling = EXPCLIP_SAMPLING_SPREAD;
    options.n_samples = 3;
    if (expclip_frames_open(&frames, path, &options, NULL) == EXPCLIP_OK)
        while (n < options.n_samples && look(frames, s, search, &n_close))
            n++;
    expclip_frames_free(frames);
    return 2 * n_close > n;
}

size_t track_result_longest(const track_result *r)
{
    size_t longest = 0;

    for (size_t i = 1; i < r->n_tracks; i++)
        if (r->tracks[i].track.n_frames > r->tracks[longest].track.n_frames)
            longest = i;
    return longest;
}

void track_result_free(track_result *r)
{
    for (size_t i = 0; i < r->n_tracks; i++)
        free(r->tracks[i].logits);
    free(r->tracks);
    free(r->message);
    free(r->failure);
}
