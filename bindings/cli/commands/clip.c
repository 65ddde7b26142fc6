/* SPDX-License-Identifier: MIT */
/*
 * clip.c - expclip clip: zero-shot expression of clips, folders of frames
 * or video files, and of one clip over time.
 *
 * prompts -> model -> class vectors; then clip by clip: frames -> embeddings
 * -> their mean -> logits -> probabilities -> one line a clip.
 */
#include <string.h>

#include "options/clip_settings.h"
#include "options/raw_settings.h"
#include "runs/clip_scorer.h"
#include "runs/live_clip.h"
#include "runs/scoring.h"
#include "runs/track_scorer.h"
#include "shared/formats.h"
#include "terminal/console.h"
#include "terminal/failure.h"
#include "terminal/memory.h"
#include "terminal/progress.h"
#include "terminal/stop.h"
#include "views/outfile.h"

typedef struct clip_settings {
    scoring_settings scoring;
    frames_settings frames;
    timeline_settings timeline;
    face_settings faces;
    const char *raw;
    const char *draw;
} clip_settings;

static const clip_settings defaults = {
    .scoring = SCORING_SETTINGS_DEFAULT,
    .frames = FRAMES_SETTINGS_DEFAULT,
    .timeline = TIMELINE_SETTINGS_DEFAULT,
    .faces = FACE_SETTINGS_DEFAULT("auto"),
};

static const command_option options[] = {
    OPT_HEADING("Results"),
    OPT_RESULTS(
        clip_settings, scoring.json, "json",
        "Print one JSON object per clip: path, label, scores, logits, status, "
        "frames (how many were used), failed_frames and, unless all frames "
        "were used, times (of the frames used, in seconds); of a face that was "
        "followed its track, first, last and track_frames instead of times."),
    SCORING_CSV_OPTION(clip_settings, scoring),
    SCORING_NUMBER_OPTIONS(clip_settings, scoring),
    FRAMES_OPTIONS(clip_settings, frames),
    FRAME_IMAGE_OPTIONS(clip_settings, scoring.images),
    FACE_OPTIONS(clip_settings, faces),
    OPT_TEXT(
        clip_settings, raw, "raw", 0, "WxH[@FPS]",
        "Read frames as bare pixels, 3 bytes R, G, B each, from stdin, and "
        "print a line for each face of each frame as it comes: \"ffmpeg "
        "... -f rawvideo -pix_fmt rgb24 - | expclip clip --raw 640x480@25 "
        "-\". Frames that come faster than they can be scored are dropped "
        "and counted, unless they come ahead of FPS. With --faces largest or "
        "auto the largest face is followed until it is gone for half a second, "
        "then the one that is the largest by that time."),
    OPT_TEXT(
        clip_settings, draw, "draw", 0, "FILE",
        "Also write the film with a box and a label around each face that is "
        "followed, as .mp4, .mkv, .mov, .webm or .avi. It has the size of the "
        "first frame and an even frame rate, and no sound. It needs the "
        "program ffmpeg, and every frame is scored."),
    TIMELINE_OPTIONS(clip_settings, timeline),
    CLASS_OPTIONS(clip_settings, scoring.classes),
    MODEL_OPTIONS(clip_settings, scoring.model),
    OPT_INT(clip_settings, scoring.batch, "batch", 1, 4096,
            "How many frames are computed at once."),
    OPT_END,
};

/** All that a run holds; a clip counts as failed when frames of it did. */
typedef struct clip_run {
    scoring scoring;
    clip_scorer scorer;
    face_search search;
    raw_format raw;
    film_drawing *drawing; /* NULL = none */
    progress bar;
    int64_t n_frames;
} clip_run;

/* ------------------------------------------------------------------------
 * Before the first clip
 */

static void list_clips(inputs *in, int n_operands, char **operands)
{
    in->items = memory_new((size_t)n_operands, sizeof(*in->items));
    in->n = (size_t)n_operands;
    for (size_t i = 0; i < in->n; i++) {
        in->items[i].path = memory_text("%s", operands[i]);
        outfile_protect(operands[i]);
    }
}

static void begin_timeline(clip_run *run, int has_tracks)
{
    const scoring *s = &run->scoring;
    const timeline_facts facts = {
        .path = s->in.items[0].path,
        .model = expclip_model_name(s->model),
        .names = s->names,
        .n_classes = s->view.n_classes,
        .has_tracks = has_tracks,
    };

    timeline_view_begin(run->scorer.view, &facts);
}

/** Frames on stdin with a box are taken by it. */
static void set_columns(clip_run *run, const clip_settings *s)
{
    score_view *v = &run->scoring.view;

    if (s->raw && run->scoring.image.box_width)
        face_search_close(&run->search);
    v->has_tracks = run->search.detector != NULL;
    v->has_faces = s->raw && v->has_tracks;
    v->has_frames = s->raw != NULL;
}

/** What the user may have mistyped is checked before the model is loaded. */
static int read_settings(clip_run *run, const clip_settings *s, int n_operands,
                         char **operands)
{
    const char *files = s->timeline.files;
    const char *all = files ? "--timeline" : s->draw ? "--draw" : NULL;
    clip_scorer *scorer = &run->scorer;
    int rc =
        scoring_open(&run->scoring, &s->scoring, "clip", "clip", n_operands);

    list_clips(&run->scoring.in, n_operands, operands);
    if (!rc)
        rc = raw_settings_read(&run->raw,
                               &(raw_settings){ s->raw, options, s, &defaults },
                               n_operands, operands);
    if (!rc && all && n_operands > 1) {
        console_error("%s takes one clip, found %d", all, n_operands);
        rc = EXIT_USAGE;
    }
    if (!rc && s->draw &&
        (s->scoring.images.box || strcmp(s->faces.faces, "none") == 0)) {
        console_error("--draw needs --faces largest or all, and no --box");
        rc = EXIT_USAGE;
    }
    if (!rc)
        rc = frames_settings_read(&scorer->frames, &s->frames, all);
    if (!rc)
        rc = timeline_settings_read(&scorer->timeline, &s->timeline,
                                    s->scoring.temperature);
    if (!rc)
        rc = face_search_open_film(&run->search, &s->faces);
    if (!rc && files)
        rc = timeline_view_open(&scorer->view, files);
    if (!rc && s->draw)
        rc = film_drawing_open(&run->drawing, s->draw);
    set_columns(run, s);
    return rc;
}

static int prepare(clip_run *run, const clip_settings *s, int n_operands,
                   char **operands)
{
    clip_scorer *scorer = &run->scorer;
    int rc = read_settings(run, s, n_operands, operands);

    if (!rc)
        rc = scoring_load(&run->scoring);
    if (rc)
        return rc;
    scorer->model = run->scoring.model;
    scorer->classes = run->scoring.classes;
    scorer->image = run->scoring.image;
    scorer->batch = s->scoring.batch;
    scorer->bar = n_operands == 1 ? &run->bar : NULL;
    if (run->drawing)
        film_drawing_set_classes(run->drawing, run->scoring.names,
                                 run->scoring.view.n_classes,
                                 s->scoring.temperature);
    return 0;
}

/* ------------------------------------------------------------------------
 * Clips
 */

/** What a line of JSON has of a clip alone. */
static json_t *describe(const clip_result *clip)
{
    json_t *facts =
        json_pack("{s:I, s:I}", "frames", (json_int_t)clip->n_frames,
                  "failed_frames", (json_int_t)clip->n_failed);
    json_t *times = clip->times ? json_array() : NULL;

    for (size_t i = 0; i < clip->n_times; i++)
        json_array_append_new(times, json_real(clip->times[i]));
    if (times)
        json_object_set_new(facts, "times", times);
    return facts;
}

/** A clip some frames of which failed. */
static void report_frames(clip_run *run, const input *in, expclip_status status,
                          int64_t n_failed, int64_t n_frames,
                          const char *failure)
{
    if (status || n_failed == 0)
        return;
    console_flush();
    console_error("%s: %lld of %lld frames failed, the first: %s", in->path,
                  (long long)n_failed, (long long)(n_failed + n_frames),
                  input_reason(in, failure));
    run->scoring.n_failed++;
}

static int show(clip_run *run, const input *in, const clip_result *clip)
{
    json_t *facts = describe(clip);
    score_result r = { .input = in,
                       .status = clip->status,
                       .message = clip->message,
                       .face = -1,
                       .facts = facts };

    scoring_show(&run->scoring, &r, clip->logits);
    run->scoring.n_done++;
    json_decref(facts);
    report_frames(run, in, clip->status, clip->n_failed, clip->n_frames,
                  clip->failure);
    run->n_frames += clip->n_frames;
    return console_flush() ? EXIT_RESOURCES : 0;
}

/** One line for a face that was followed, or NULL for a clip that failed. */
static void show_track(clip_run *run, const input *in, const track_result *clip,
                       const scored_track *track)
{
    const int64_t n = track ? track->n_scored : 0;
    json_t *facts = json_pack("{s:I, s:I}", "frames", (json_int_t)n,
                              "failed_frames", (json_int_t)clip->n_failed);
    score_result r = { .input = in,
                       .status = clip->status,
                       .message = clip->message,
                       .face = -1,
                       .track = track ? &track->track : NULL,
                       .facts = facts };

    scoring_show(&run->scoring, &r, track ? track->logits : NULL);
    json_decref(facts);
    run->n_frames += n;
}

static int show_tracks(clip_run *run, const input *in, const track_result *clip)
{
    const int all = run->search.which == EXPCLIP_FACES_ALL;
    const size_t longest = track_result_longest(clip);

    if (clip->status)
        show_track(run, in, clip, NULL);
    for (size_t i = 0; i < clip->n_tracks && !clip->status; i++)
        if (all || i == longest)
            show_track(run, in, clip, &clip->tracks[i]);
    run->scoring.n_done++;
    report_frames(run, in, clip->status, clip->n_failed, clip->n_frames,
                  clip->failure);
    if (!all && clip->n_tracks > 1)
        console_note("%s: %zu faces were followed, and the one that was seen "
                     "longest was taken; --faces all takes each",
                     in->path, clip->n_tracks);
    return console_flush() ? EXIT_RESOURCES : 0;
}

/** After a clip that went well. @return 0 or an exit code, reported */
static int commit_timeline(clip_run *run)
{
    timeline_view *view = run->scorer.view;

    run->scorer.view = NULL;
    return view ? timeline_view_commit(view) : 0;
}

static int score_whole(clip_run *run, const input *in)
{
    clip_result clip;
    int rc;

    if (run->scorer.view)
        begin_timeline(run, 0);
    rc = clip_scorer_run(&clip, &run->scorer, in->path);
    if (!rc && !clip.status)
        rc = commit_timeline(run);
    if (!rc) {
        if (!run->scorer.bar)
            progress_hide(&run->bar);
        rc = show(run, in, &clip);
    }
    clip_result_free(&clip);
    return rc;
}

/** What was found out is shown although the film could not be drawn. */
static int score_tracks(clip_run *run, const input *in)
{
    track_result clip;
    int drawn = 0;
    int rc;

    if (run->scorer.view)
        begin_timeline(run, 1);
    rc = track_scorer_run(&clip, &run->scorer, &run->search, run->drawing,
                          in->path);
    if (!rc && !clip.status)
        rc = commit_timeline(run);
    if (!rc && !clip.status && run->drawing)
        drawn = film_drawing_write(run->drawing, in->path, &run->scorer.frames,
                                   &run->scorer.image);
    if (!rc && !(drawn && stop_wanted())) {
        if (!run->scorer.bar)
            progress_hide(&run->bar);
        rc = show_tracks(run, in, &clip);
    }
    track_result_free(&clip);
    return rc ? rc : drawn;
}

/** What an image is called that was taken for a clip, or NULL. */
static const char *image_name(const char *path)
{
    uint8_t bytes[EXPCLIP__FORMAT_BYTES];
    const expclip__format *f =
        expclip__format_sure(bytes, expclip__format_bytes(bytes, path));

    return f && f->kind != EXPCLIP__FORMAT_FOREIGN ? f->name : NULL;
}

static int refuse_image(clip_run *run, const input *in, const char *name)
{
    clip_result clip = {
        .status = EXPCLIP_ERROR_UNSUPPORTED,
        .message = memory_text("found an image (%s), expected a video or a "
                               "folder of frames; \"expclip score\" takes "
                               "images",
                               name),
    };
    const int rc = show(run, in, &clip);

    clip_result_free(&clip);
    return rc;
}

static int score_clip(clip_run *run, const input *in)
{
    const int finds = run->search.detector && !run->scorer.image.box_width;
    const char *image = image_name(in->path);

    if (image)
        return refuse_image(run, in, image);
    if (finds)
        run->scorer.image.exif = 1;
    if (finds && !(run->search.which == EXPCLIP_FACES_AUTO && !run->drawing &&
                   track_scorer_is_close(&run->scorer, &run->search, in->path)))
        return score_tracks(run, in);
    return score_whole(run, in);
}

static int score_all(clip_run *run)
{
    scoring *s = &run->scoring;
    const int many = !run->scorer.bar;
    int rc = 0;

    if (many)
        progress_start(&run->bar, "clips", (double)s->in.n);
    s->form->begin(&s->view);
    for (size_t i = 0; i < s->in.n && !rc; i++) {
        rc = stop_wanted() ? EXIT_RESOURCES : score_clip(run, &s->in.items[i]);
        if (many && !rc)
            progress_show(&run->bar, (double)s->n_done);
    }
    if (many)
        progress_hide(&run->bar);
    if (rc && stop_wanted())
        console_error("stopped after %zu of %zu clips", s->n_done, s->in.n);
    return rc;
}

static void summarise(const clip_run *run)
{
    const scoring *s = &run->scoring;
    const double seconds = console_seconds() - s->start;

    console_note("%zu clip%s, %zu with failures, %lld frames, %.1f s, %.1f"
                 " frames/s (model %s, pixels %s, prompts %s)",
                 s->n_done, s->n_done == 1 ? "" : "s", s->n_failed,
                 (long long)run->n_frames, seconds,
                 (double)run->n_frames / (seconds + 1e-9),
                 expclip_model_name(s->model),
                 expclip_model_preprocess(s->model),
                 class_settings_prompts(&s->settings->classes));
}

static int clip(const void *settings, int n_operands, char **operands)
{
    clip_run run = { .n_frames = 0 };
    const clip_settings *s = settings;
    int rc = prepare(&run, s, n_operands, operands);

    if (!rc && s->raw)
        rc = live_clip_run(&run.scoring, &run.search, &run.raw);
    else if (!rc)
        rc = score_all(&run);
    if (!rc && !s->raw)
        summarise(&run);
    timeline_view_abort(run.scorer.view);
    film_drawing_free(run.drawing);
    face_search_close(&run.search);
    return scoring_end(&run.scoring, rc);
}

const command clip_command = {
    "clip",
    "FRAMEDIR|VIDEO...",
    "Score clips, or one clip over time, zero-shot.",
    "Each clip gets one answer, from the mean of the embeddings of its frames. "
    "A FRAMEDIR is a folder with the frames as .jpg, .jpeg, .png or .bmp "
    "files. A VIDEO is read through FFmpeg, where the system has it: MP4, MOV, "
    "Matroska, WebM, AVI, MPEG-TS. Damaged frames are left out and counted on "
    "stderr. With --timeline, each frame of the one clip is scored too; memory "
    "use does not grow with its length.\n\nIn films the faces are found and "
    "followed: see --faces. largest and auto answer for the face that is seen "
    "in the most frames; all gives one answer per face, which #0, #1 ... tell "
    "apart. A face that goes and comes back, or that is seen after a scene "
    "cut, is a new one: faces are followed by their place, and nobody is "
    "recognised. Every frame is then decoded and looked at; the sampling rule "
    "says which are scored, and the first of each face always is.",
    options,
    &defaults,
    sizeof(defaults),
    clip,
};
