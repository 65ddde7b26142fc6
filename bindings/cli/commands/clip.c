/* SPDX-License-Identifier: MIT */
/*
 * clip.c - expclip clip: zero-shot expression of clips, folders of frames
 * or video files, and of one clip over time.
 *
 * prompts -> model -> class vectors; then clip by clip: frames -> embeddings
 * -> their mean -> logits -> probabilities -> one line a clip.
 */
#include <stdlib.h>
#include <string.h>

#include "options/class_settings.h"
#include "options/clip_settings.h"
#include "options/model_settings.h"
#include "runs/clip_scorer.h"
#include "terminal/console.h"
#include "terminal/memory.h"
#include "terminal/stop.h"
#include "views/json_line.h"
#include "views/score_view.h"

typedef struct clip_settings {
    model_settings model;
    class_settings classes;
    picture_settings pictures;
    frames_settings frames;
    timeline_settings timeline;
    float temperature;
    int32_t top;
    int32_t batch;
    int32_t json;
    int32_t csv;
} clip_settings;

static const clip_settings defaults = {
    .model = MODEL_SETTINGS_DEFAULT,
    .pictures = PICTURE_SETTINGS_DEFAULT,
    .classes = CLASS_SETTINGS_DEFAULT,
    .frames = FRAMES_SETTINGS_DEFAULT,
    .timeline = TIMELINE_SETTINGS_DEFAULT,
    .temperature = 1.0f,
    .batch = 8,
};

static const command_option options[] = {
    OPT_HEADING("Results"),
    OPT_RESULTS(
        clip_settings, json, "json",
        "Print one JSON object per clip: path, label, scores, logits, status, "
        "frames (how many were used), failed_frames and, unless all frames "
        "were used, times (of the frames used, in seconds)."),
    OPT_RESULTS(
        clip_settings, csv, "csv",
        "Print comma-separated values: path, status, label, then one column "
        "per class. A text that begins with = + - @, a tab or a carriage "
        "return gets a ' in front, so that spreadsheets do not compute it."),
    OPT_INT(clip_settings, top, "top", 1, 1000000,
            "Show only the N best classes."),
    OPT_REAL(clip_settings, temperature, "temperature", 1e-3, 1e6,
             "Divide the logits by X. A value above 1 makes the probabilities "
             "less confident."),
    FRAMES_OPTIONS(clip_settings, frames),
    FRAME_PICTURE_OPTIONS(clip_settings, pictures),
    TIMELINE_OPTIONS(clip_settings, timeline),
    CLASS_OPTIONS(clip_settings, classes),
    MODEL_OPTIONS(clip_settings, model),
    OPT_INT(clip_settings, batch, "batch", 1, 4096,
            "How many frames are computed at once."),
    OPT_END,
};

/** All that a run holds. */
typedef struct clip_run {
    const clip_settings *settings;
    const score_form *form;
    inputs in; /* the clips, for the view */
    expclip_model *model;
    expclip_prompts *prompts;
    expclip_classes *classes;
    clip_scorer scorer;
    progress bar;
    score_view view;
    const char **names; /* [n_classes] */
    float *shares;      /* [n_classes] */
    int32_t *order;     /* [n_classes] */
    size_t n_done;
    size_t n_failed; /* clips that failed, or frames of theirs */
    int64_t n_frames;
    double start;
} clip_run;

/* ------------------------------------------------------------------------
 * Before the first clip
 */

static int check_settings(const clip_settings *s, int n_operands)
{
    if (n_operands == 0) {
        console_error("clip: no clips named; see \"expclip clip --help\"");
        return EXIT_USAGE;
    }
    if (s->json && s->csv) {
        console_error("--json and --csv exclude each other");
        return EXIT_USAGE;
    }
    if (s->timeline.files && n_operands > 1) {
        console_error("--timeline takes one clip, found %d", n_operands);
        return EXIT_USAGE;
    }
    return 0;
}

static void list_clips(inputs *in, int n_operands, char **operands)
{
    in->items = memory_new((size_t)n_operands, sizeof(*in->items));
    in->n = (size_t)n_operands;
    for (size_t i = 0; i < in->n; i++)
        in->items[i].path = memory_text("%s", operands[i]);
}

static void make_view(clip_run *run)
{
    const size_t n = expclip_classes_count(run->classes);

    run->names = memory_new(n, sizeof(*run->names));
    for (size_t i = 0; i < n; i++)
        run->names[i] = expclip_classes_name(run->classes, i);
    run->shares = memory_new(n, sizeof(float));
    run->order = memory_new(n, sizeof(int32_t));
    run->view.what = "clip";
    run->view.in = &run->in;
    run->view.names = run->names;
    run->view.n_classes = n;
    run->view.top = (size_t)run->settings->top;
}

static void begin_timeline(clip_run *run)
{
    const timeline_facts facts = {
        .path = run->in.items[0].path,
        .model = expclip_model_name(run->model),
        .names = run->names,
        .n_classes = run->view.n_classes,
    };

    timeline_view_begin(run->scorer.view, &facts);
}

/** What the user may have mistyped is checked before the model is loaded. */
static int read_settings(clip_run *run, int n_operands)
{
    const clip_settings *s = run->settings;
    const char *files = s->timeline.files;
    clip_scorer *scorer = &run->scorer;
    int rc = check_settings(s, n_operands);

    if (!rc)
        rc = picture_settings_read(&scorer->image, &s->pictures);
    if (!rc)
        rc = frames_settings_read(&scorer->frames, &s->frames, files != NULL);
    if (!rc)
        rc = timeline_settings_read(&scorer->timeline, &s->timeline,
                                    s->temperature);
    if (!rc)
        rc = class_settings_read(&run->prompts, &s->classes);
    if (!rc && files)
        rc = timeline_view_open(&scorer->view, files);
    return rc;
}

static int prepare(clip_run *run, int n_operands, char **operands)
{
    const clip_settings *s = run->settings;
    clip_scorer *scorer = &run->scorer;
    int rc = read_settings(run, n_operands);

    if (!rc)
        rc = model_settings_load(&run->model, &s->model);
    if (!rc)
        rc = class_settings_create(&run->classes, &s->classes, run->model,
                                   run->prompts);
    if (rc)
        return rc;
    list_clips(&run->in, n_operands, operands);
    make_view(run);
    scorer->model = run->model;
    scorer->classes = run->classes;
    scorer->batch = s->batch;
    scorer->bar = n_operands == 1 ? &run->bar : NULL;
    if (scorer->view)
        begin_timeline(run);
    run->start = console_seconds();
    return 0;
}

/* ------------------------------------------------------------------------
 * Clips
 */

static void print_json(const score_view *v, const score_result *r,
                       const clip_result *clip)
{
    json_t *line = score_json_object(v, r);
    json_t *times;

    json_object_set_new(line, "frames", json_integer(clip->n_frames));
    json_object_set_new(line, "failed_frames", json_integer(clip->n_failed));
    if (clip->times) {
        times = json_array();
        for (size_t i = 0; i < clip->n_times; i++)
            json_array_append_new(times, json_real(clip->times[i]));
        json_object_set_new(line, "times", times);
    }
    json_line_print(line);
}

static void report(clip_run *run, const input *in, const clip_result *clip)
{
    if (!clip->status && !clip->n_failed)
        return;
    console_flush(); /* a terminal shows both in their order */
    if (clip->status)
        input_report(in, clip->status, clip->message);
    else
        console_error("%s: %lld of %lld frames failed, the first: %s", in->path,
                      (long long)clip->n_failed,
                      (long long)(clip->n_failed + clip->n_frames),
                      input_reason(in, clip->failure));
    run->n_failed++;
}

static int show(clip_run *run, const input *in, const clip_result *clip)
{
    const size_t n = run->view.n_classes;
    score_result r = { .input = in,
                       .status = clip->status,
                       .message = clip->message };

    if (!r.status) {
        expclip_logits_softmax(run->shares, n, clip->logits, n,
                               run->settings->temperature, NULL);
        expclip_logits_top_k(run->order, n, clip->logits, n, NULL);
        r.logits = clip->logits;
        r.probabilities = run->shares;
        r.order = run->order;
    }
    if (run->settings->json)
        print_json(&run->view, &r, clip);
    else
        run->form->item(&run->view, &r);
    report(run, in, clip);
    run->n_done++;
    run->n_frames += clip->n_frames;
    return console_flush() ? EXIT_RESOURCES : 0;
}

static int score_clip(clip_run *run, const input *in)
{
    timeline_view *view = run->scorer.view;
    clip_result clip;
    int rc = clip_scorer_run(&clip, &run->scorer, in->path);

    if (!rc && !clip.status && view) {
        run->scorer.view = NULL;
        rc = timeline_view_commit(view);
    }
    if (!rc) {
        if (!run->scorer.bar)
            progress_hide(&run->bar);
        rc = show(run, in, &clip);
    }
    clip_result_free(&clip);
    return rc;
}

static int score_all(clip_run *run)
{
    const int many = !run->scorer.bar;
    int rc = 0;

    if (many)
        progress_start(&run->bar, "clips", (double)run->in.n);
    run->form->begin(&run->view);
    for (size_t i = 0; i < run->in.n && !rc; i++) {
        rc =
            stop_wanted() ? EXIT_RESOURCES : score_clip(run, &run->in.items[i]);
        if (many && !rc)
            progress_show(&run->bar, (double)run->n_done);
    }
    if (many)
        progress_hide(&run->bar);
    if (rc && stop_wanted())
        console_error("stopped after %zu of %zu clips", run->n_done, run->in.n);
    return rc;
}

static void summarise(const clip_run *run)
{
    const double seconds = console_seconds() - run->start;

    console_note("%zu clip%s, %zu with failures, %lld frames, %.1f s, %.1f"
                 " frames/s (model %s, pixels %s, prompts %s)",
                 run->n_done, run->n_done == 1 ? "" : "s", run->n_failed,
                 (long long)run->n_frames, seconds,
                 (double)run->n_frames / (seconds + 1e-9),
                 expclip_model_name(run->model),
                 expclip_model_preprocess(run->model),
                 class_settings_prompts(&run->settings->classes));
}

static void release(clip_run *run)
{
    timeline_view_abort(run->scorer.view);
    expclip_classes_free(run->classes);
    expclip_prompts_free(run->prompts);
    expclip_model_free(run->model);
    inputs_free(&run->in);
    free(run->names);
    free(run->shares);
    free(run->order);
}

static int clip(const void *settings, int n_operands, char **operands)
{
    clip_run run;
    int rc;

    memset(&run, 0, sizeof(run));
    run.settings = settings;
    run.form = run.settings->json  ? &score_json
               : run.settings->csv ? &score_csv
                                   : &score_table;
    rc = prepare(&run, n_operands, operands);
    if (!rc)
        rc = score_all(&run);
    if (!rc) {
        summarise(&run);
        rc = run.n_failed ? EXIT_SOME_FAILED : EXIT_DONE;
    }
    release(&run);
    return rc;
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
    "use does not grow with its length.\n\nThe frames should show one face, "
    "cut out: see --box.",
    options,
    &defaults,
    sizeof(defaults),
    clip,
};
