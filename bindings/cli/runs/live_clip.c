/* SPDX-License-Identifier: MIT */
/*
 * live_clip.c - the faces of frames as they come on stdin.
 *
 * frame -> faces -> tracks -> crops -> logits -> lines; one frame is done
 * before the next one is taken, so that a line is never older than a frame.
 */
#include "runs/live_clip.h"

#include <stdlib.h>
#include <string.h>

#include "runs/clip_failure.h"
#include "terminal/console.h"
#include "terminal/failure.h"
#include "terminal/memory.h"
#include "terminal/stop.h"

typedef struct live {
    scoring *run;
    const face_search *search;
    const raw_format *format;
    input input; /* what a line is of */
    expclip_batch *batch;
    expclip_tracker *tracker;
    int32_t *tracks;      /* of the faces of a frame */
    expclip_track *known; /* [n_known], the open ones */
    size_t n_known;
    int64_t answered; /* the track of --faces largest; -1 = none */
    found_faces found;
    int32_t *rows; /* faces behind the rows of the batch */
    size_t n_rows;
    float *logits; /* [n_rows, n_classes] */
    int64_t n_frames;
} live;

/* ------------------------------------------------------------------------
 * Tracks
 */

/** Since when a track is there, and until now. */
static const expclip_track *note_track(live *l, int64_t number, double time)
{
    expclip_track *t = NULL;

    for (size_t i = 0; i < l->n_known && !t; i++)
        if (l->known[i].number == number)
            t = &l->known[i];
    if (!t) {
        l->known = memory_resize(l->known, l->n_known + 1, sizeof(*l->known));
        t = &l->known[l->n_known++];
        *t = (expclip_track){ .number = number, .first = time };
    }
    t->last = time;
    t->n_frames++;
    return t;
}

static void forget_ended(live *l)
{
    const size_t n = expclip_tracker_ended_count(l->tracker);

    for (size_t i = 0; i < n; i++) {
        expclip_track ended;

        expclip_tracker_ended(&ended, l->tracker, i, NULL);
        if (ended.number == l->answered)
            l->answered = -1;
        for (size_t k = 0; k < l->n_known; k++)
            if (l->known[k].number == ended.number)
                l->known[k--] = l->known[--l->n_known];
    }
}

/* ------------------------------------------------------------------------
 * Faces
 */

/** The face that is answered for: the one of the frame before until its track
 * ends, then the largest. @return -1 when it is not in this frame */
static int32_t choose_one(live *l)
{
    float largest = 0.0f;
    int32_t chosen = -1;

    for (size_t i = 0; i < l->found.n; i++) {
        const expclip_face *f = &l->found.faces[i];

        if (l->tracks[i] < 0)
            continue;
        if (l->answered >= 0 && l->tracks[i] == l->answered)
            return (int32_t)i;
        if (l->answered < 0 && f->width * f->height > largest) {
            largest = f->width * f->height;
            chosen = (int32_t)i;
        }
    }
    return chosen;
}

/** Which of the followed faces are scored. */
static void choose_rows(live *l)
{
    const int all = l->search->which == EXPCLIP_FACES_ALL;
    const int32_t one = all ? -1 : choose_one(l);

    l->n_rows = 0;
    for (size_t i = 0; i < l->found.n; i++)
        if (all ? l->tracks[i] >= 0 : (int32_t)i == one)
            l->rows[l->n_rows++] = (int32_t)i;
    if (one >= 0)
        l->answered = l->tracks[one];
}

static void keep_faces(live *l, const expclip_faces *faces)
{
    found_faces *f = &l->found;

    f->width = expclip_faces_width(faces);
    f->height = expclip_faces_height(faces);
    f->n = expclip_faces_count(faces);
    f->faces = memory_resize(f->faces, f->n, sizeof(*f->faces));
    l->tracks = memory_resize(l->tracks, f->n, sizeof(*l->tracks));
    l->rows = memory_resize(l->rows, f->n, sizeof(*l->rows));
    for (size_t i = 0; i < f->n; i++)
        expclip_faces_get(&f->faces[i], faces, i, NULL);
}

/** Find and follow the faces of a frame, and cut them out. */
static expclip_status take_faces(live *l, const raw_frame *frame,
                                 expclip_error *err)
{
    const raw_format *f = l->format;
    const size_t size = (size_t)f->width * (size_t)f->height * 3;
    expclip_faces *faces = NULL;
    expclip_status status = expclip_detector_find_pixels(
        &faces, l->search->detector, frame->rgb, size, f->width, f->height, 0,
        EXPCLIP_PIXELS_RGB, NULL, err);

    if (status)
        return status;
    keep_faces(l, faces);
    status = expclip_tracker_add(l->tracks, l->found.n, l->tracker, frame->time,
                                 faces, err);
    if (!status)
        choose_rows(l);
    for (size_t i = 0; i < l->n_rows && !status; i++) {
        size_t n;

        expclip_batch_add_faces(&n, l->batch, faces, l->rows[i],
                                &l->search->crop, err);
        if (n == 0)
            status = err->code;
    }
    expclip_faces_free(faces);
    return status;
}

static expclip_status take_whole(live *l, const raw_frame *frame,
                                 expclip_error *err)
{
    const raw_format *f = l->format;

    return expclip_batch_add_pixels(
        l->batch, frame->rgb, (size_t)f->width * (size_t)f->height * 3,
        f->width, f->height, 0, EXPCLIP_PIXELS_RGB, &l->run->image, err);
}

/* ------------------------------------------------------------------------
 * Lines
 */

static void show_row(live *l, const raw_frame *frame, size_t row)
{
    const stream_frame place = { frame->index, frame->time };
    const size_t n = l->run->view.n_classes;
    score_result r = { .input = &l->input,
                       .status = expclip_batch_status(l->batch, row),
                       .message = expclip_batch_message(l->batch, row),
                       .face = -1,
                       .frame = &place };

    if (l->search->detector) {
        r.found = &l->found;
        r.face = l->rows[row];
        r.track = note_track(l, l->tracks[r.face], frame->time);
    }
    scoring_show(l->run, &r, l->logits + row * n);
}

static void show_rows(live *l, const raw_frame *frame)
{
    const size_t n = expclip_batch_count(l->batch);

    /* A table has no column for the time, which is all that tells its lines
     * apart; elsewhere it has a name. */
    if (l->run->form == &score_table) {
        free(l->input.path);
        l->input.path = memory_text("%.2f s", frame->time);
    }
    for (size_t i = 0; i < n; i++)
        show_row(l, frame, i);
}

static int score_frame(live *l, const raw_frame *frame)
{
    const size_t n_classes = l->run->view.n_classes;
    expclip_error err;
    expclip_status status;
    size_t n;

    expclip_batch_clear(l->batch);
    l->n_rows = 0;
    status = l->search->detector ? take_faces(l, frame, &err)
                                 : take_whole(l, frame, &err);
    n = expclip_batch_count(l->batch);
    if (!status && n) {
        l->logits = memory_resize(l->logits, n * n_classes, sizeof(float));
        status = expclip_model_score_images(l->logits, n * n_classes,
                                            l->run->model, l->run->classes,
                                            l->batch, stop_token(), &err);
    }
    if (status)
        return clip_failure_report(&err);
    show_rows(l, frame);
    if (l->search->detector)
        forget_ended(l);
    l->n_frames++;
    return console_flush() ? EXIT_RESOURCES : 0;
}

/* ------------------------------------------------------------------------
 * The stream
 */

/** What made the stream end early. @return 0 or an exit code */
static int report_end(const live *l, raw_frames *frames)
{
    const size_t size =
        (size_t)l->format->width * (size_t)l->format->height * 3;

    if (stop_wanted()) {
        console_error("stopped after %lld frames", (long long)l->n_frames);
        return EXIT_RESOURCES;
    }
    if (raw_frames_failure(frames)) {
        console_error("stdin: %s", strerror(raw_frames_failure(frames)));
        return EXIT_RESOURCES;
    }
    if (l->n_frames == 0 && raw_frames_rest(frames) == 0) {
        console_error("stdin: no frame could be read: it is empty, expected "
                      "%zu bytes for each frame",
                      size);
        return EXIT_SOME_FAILED;
    }
    if (raw_frames_rest(frames)) {
        console_error("stdin: ends in frame %lld, after %zu of its %zu bytes "
                      "(TRUNCATED)",
                      (long long)(l->n_frames + raw_frames_dropped(frames)),
                      raw_frames_rest(frames), size);
        return EXIT_SOME_FAILED;
    }
    return 0;
}

static int read_stream(live *l)
{
    raw_frames *frames = NULL;
    raw_frame frame;
    int rc = raw_frames_start(&frames, l->format);

    if (rc)
        return rc;
    l->run->form->begin(&l->run->view);
    while (!rc && raw_frames_next(frames, &frame))
        rc = score_frame(l, &frame);
    if (!rc)
        rc = report_end(l, frames);
    if (!rc || rc == EXIT_SOME_FAILED) {
        const double seconds = console_seconds() - l->run->start;

        console_note("%lld frames, %lld dropped, %.1f s, %.1f frames/s",
                     (long long)l->n_frames,
                     (long long)raw_frames_dropped(frames), seconds,
                     (double)l->n_frames / (seconds + 1e-9));
    }
    raw_frames_stop(frames);
    return rc;
}

int live_clip_run(scoring *run, const face_search *search,
                  const raw_format *format)
{
    live l = { .run = run, .search = search, .format = format, .answered = -1 };
    expclip_error err;
    int rc = 0;

    l.input.path = memory_text("-");
    run->view.what = run->form == &score_table ? "time" : run->view.what;
    run->view.path_least = strlen("86400.00 s #100");
    if (expclip_batch_create(&l.batch, run->model, &err) ||
        expclip_tracker_create(&l.tracker, &search->tracker, &err))
        rc = failure_report(&err);
    if (!rc)
        rc = read_stream(&l);
    expclip_batch_free(l.batch);
    expclip_tracker_free(l.tracker);
    free(l.input.path);
    free(l.tracks);
    free(l.known);
    free(l.found.faces);
    free(l.rows);
    free(l.logits);
    return rc;
}
