/* SPDX-License-Identifier: MIT */
/*
 * track_reader.c - the faces of a clip, found, followed and cut out, one batch
 * ahead.
 *
 * A track opens with its second face, so the frame before is kept: the face in
 * it then gets its row as well.
 */
#include "inputs/track_reader.h"

#include <stdio.h>
#include <stdlib.h>

#include "inputs/ahead.h"
#include "inputs/frame_clock.h"
#include "terminal/failure.h"
#include "terminal/memory.h"
#include "terminal/stop.h"

/** A frame, with what is known of its faces. */
typedef struct seen_frame {
    expclip_faces *faces; /* NULL = none */
    double time;
    int32_t weight; /* samples that it stands for; 0 = none */
} seen_frame;

struct track_reader {
    track_part parts[AHEAD_SLOTS];
    ahead *worker;
    track_source source;
    expclip_tracker *tracker;
    seen_frame before;
    int32_t *tracks; /* of the faces of a frame */
    size_t next_sample;
    frame_clock clock;
    float best_score;
};

/* ------------------------------------------------------------------------
 * Rows
 */

static expclip_status add_row(track_reader *r, track_part *p,
                              const seen_frame *frame, size_t face,
                              int64_t track)
{
    track_row row = { .track = track,
                      .time = frame->time,
                      .weight = frame->weight ? frame->weight : 1 };
    size_t n;

    expclip_faces_get(&row.face, frame->faces, face, NULL);
    expclip_batch_add_faces(&n, p->batch, frame->faces, (int32_t)face,
                            &r->source.search->crop, &p->error);
    if (n == 0)
        return p->error.code;
    p->rows = memory_resize(p->rows, p->n_rows + 1, sizeof(*p->rows));
    p->rows[p->n_rows++] = row;
    return EXPCLIP_OK;
}

/** The first face of each track that the frame opens, one frame back; tracks
 * are opened in the order of their numbers. */
static expclip_status add_earlier(track_reader *r, track_part *p)
{
    const size_t n = expclip_tracker_earlier_count(r->tracker);
    expclip_status status = EXPCLIP_OK;

    for (size_t i = 0; i < n && !status && r->before.faces; i++) {
        expclip_track_face earlier;

        expclip_tracker_earlier(&earlier, r->tracker, i, NULL);
        status =
            add_row(r, p, &r->before, (size_t)earlier.face, earlier.number);
    }
    return status;
}

/** The face of the least track above `number`, or `n`; faces are few. */
static size_t next_by_track(const track_reader *r, size_t n, int32_t number)
{
    size_t next = n;

    for (size_t i = 0; i < n; i++)
        if (r->tracks[i] > number &&
            (next == n || r->tracks[i] < r->tracks[next]))
            next = i;
    return next;
}

/** In the order of tracks: the detector's changes from frame to frame. */
static expclip_status add_rows(track_reader *r, track_part *p,
                               const seen_frame *frame)
{
    const size_t n = expclip_faces_count(frame->faces);
    expclip_status status = add_earlier(r, p);
    int32_t number = -1;

    while (!status && frame->weight) {
        const size_t i = next_by_track(r, n, number);

        if (i == n)
            break;
        number = r->tracks[i];
        status = add_row(r, p, frame, i, number);
    }
    return status;
}

static void add_ended(track_reader *r, track_part *p)
{
    const size_t n = expclip_tracker_ended_count(r->tracker);

    p->ended = memory_resize(p->ended, p->n_ended + n, sizeof(*p->ended));
    for (size_t i = 0; i < n; i++)
        expclip_tracker_ended(&p->ended[p->n_ended++], r->tracker, i, NULL);
}

/* ------------------------------------------------------------------------
 * Frames
 */

/** How many samples the rule takes of a frame; without a rule, one. */
static int32_t weight_of(track_reader *r, int64_t index)
{
    const track_source *s = &r->source;
    int32_t weight = 0;

    if (!s->samples)
        return 1;
    while (r->next_sample < s->n_samples &&
           s->samples[r->next_sample] <= index) {
        weight += s->samples[r->next_sample] == index;
        r->next_sample++;
    }
    return weight;
}

static void keep_failure(track_part *p, const expclip_faces *faces)
{
    if (p->n_failed++ > 0)
        return;
    p->first_failure.code = expclip_faces_status(faces);
    snprintf(p->first_failure.message, sizeof(p->first_failure.message), "%s",
             expclip_faces_message(faces));
}

static expclip_status follow(track_reader *r, track_part *p,
                             expclip_faces *faces)
{
    const size_t n = expclip_faces_count(faces);
    const double time = expclip_frames_time(r->source.frames, 0);
    seen_frame frame = { faces, frame_clock_next(&r->clock, time),
                         weight_of(r,
                                   expclip_frames_index(r->source.frames, 0)) };
    expclip_status status;

    r->tracks = memory_resize(r->tracks, n, sizeof(*r->tracks));
    status = expclip_tracker_add(r->tracks, n, r->tracker, frame.time, faces,
                                 &p->error);
    p->n_frames++;
    if (expclip_faces_status(faces))
        keep_failure(p, faces);
    if (expclip_faces_best_score(faces) > r->best_score)
        r->best_score = expclip_faces_best_score(faces);
    if (!status)
        status = add_rows(r, p, &frame);
    if (!status)
        add_ended(r, p);
    expclip_faces_free(r->before.faces);
    r->before = frame;
    return status;
}

/** @return 0 at the end of the clip or after a failure */
static int read_frame(track_reader *r, track_part *p)
{
    const track_source *s = &r->source;
    expclip_faces *faces = NULL;

    p->status =
        expclip_detector_find_frame(&faces, s->search->detector, s->frames,
                                    &s->image, stop_token(), &p->error);
    if (!p->status && faces) {
        p->status = follow(r, p, faces);
    } else if (!p->status) {
        p->is_end = 1;
        p->status = expclip_tracker_finish(r->tracker, &p->error);
        if (!p->status)
            add_ended(r, p);
    }
    p->time = r->before.time;
    p->best_score = r->best_score;
    return !p->status && !p->is_end;
}

static int fill(void *owner, size_t which)
{
    track_reader *r = owner;
    track_part *p = &r->parts[which];
    int64_t n = 0;

    expclip_batch_clear(p->batch);
    p->n_rows = p->n_ended = 0;
    p->n_frames = p->n_failed = 0;
    while (read_frame(r, p))
        if (++n >= 25 || p->n_rows >= r->source.batch_size)
            return 1;
    return 0;
}

/* ------------------------------------------------------------------------
 * The caller
 */

int track_reader_start(track_reader **out, const track_source *source)
{
    track_reader *r = memory_new(1, sizeof(*r));
    expclip_error err;
    int rc = 0;

    r->source = *source;
    if (expclip_tracker_create(&r->tracker, &source->search->tracker, &err))
        rc = failure_report(&err);
    for (int i = 0; !rc && i < AHEAD_SLOTS; i++)
        if (expclip_batch_create(&r->parts[i].batch, source->model, &err))
            rc = failure_report(&err);
    if (!rc)
        rc = ahead_start(&r->worker, fill, r);
    if (rc)
        track_reader_stop(r);
    else
        *out = r;
    return rc;
}

const track_part *track_reader_next(track_reader *r)
{
    return &r->parts[ahead_next(r->worker)];
}

void track_reader_stop(track_reader *r)
{
    if (!r)
        return;
    ahead_stop(r->worker);
    for (int i = 0; i < AHEAD_SLOTS; i++) {
        expclip_batch_free(r->parts[i].batch);
        free(r->parts[i].rows);
        free(r->parts[i].ended);
    }
    expclip_tracker_free(r->tracker);
    expclip_faces_free(r->before.faces);
    free(r->tracks);
    free(r);
}
