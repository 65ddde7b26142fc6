/* SPDX-License-Identifier: MIT */
/*
 * score.c - expclip score: zero-shot expression of pictures.
 *
 * prompts -> model -> class vectors; then batch by batch: pixels -> logits ->
 * probabilities -> one line a picture. What the user may have mistyped is
 * checked before the model is loaded.
 */
#include <stdlib.h>
#include <string.h>

#include "inputs/decoder.h"
#include "options/class_settings.h"
#include "options/model_settings.h"
#include "terminal/console.h"
#include "terminal/memory.h"
#include "terminal/stop.h"
#include "views/outfile.h"
#include "views/score_view.h"

typedef struct score_settings {
    model_settings model;
    class_settings classes;
    picture_settings pictures;
    float temperature;
    int32_t top;
    int32_t batch;
    int32_t json;
    int32_t csv;
    const char *html;
} score_settings;

static const score_settings defaults = {
    .model = MODEL_SETTINGS_DEFAULT,
    .pictures = PICTURE_SETTINGS_DEFAULT,
    .classes = CLASS_SETTINGS_DEFAULT,
    .temperature = 1.0f,
    .batch = 8,
};

static const command_option options[] = {
    OPT_HEADING("Results"),
    OPT_RESULTS(
        score_settings, json, "json",
        "Print one JSON object per image: path, label, scores, logits and "
        "status; for an image that failed path, status and message."),
    OPT_RESULTS(
        score_settings, csv, "csv",
        "Print comma-separated values: path, status, label, then one column "
        "per class. A text that begins with = + - @, a tab or a carriage "
        "return gets a ' in front, so that spreadsheets do not compute it."),
    OPT_TEXT(score_settings, html, "html", 0, "FILE",
             "Also write a page that shows each image with its probabilities "
             "as bars. It is one file and needs only a browser. Images of more "
             "than 2 MB are left out."),
    OPT_INT(score_settings, top, "top", 1, 1000000,
            "Show only the N best classes."),
    OPT_REAL(score_settings, temperature, "temperature", 1e-3, 1e6,
             "Divide the logits by X. A value above 1 makes the probabilities "
             "less confident."),
    CLASS_OPTIONS(score_settings, classes),
    PICTURE_OPTIONS(score_settings, pictures),
    MODEL_OPTIONS(score_settings, model),
    OPT_INT(score_settings, batch, "batch", 1, 4096,
            "How many images are computed at once."),
    OPT_END,
};

/** All that a run holds. */
typedef struct score_run {
    const score_settings *settings;
    const score_form *form;
    inputs in;
    expclip_model *model;
    expclip_prompts *prompts;
    expclip_classes *classes;
    decoder *decoder;
    outfile *sheet;
    const char *sheet_rest;
    sheet_facts facts;
    score_view view;
    const char **names; /* [n_classes] */
    float *logits;      /* [batch, n_classes] */
    float *shares;      /* [n_classes] */
    int32_t *order;     /* [n_classes] */
    size_t n_done;
    size_t n_failed;
    double start;
} score_run;

/* ------------------------------------------------------------------------
 * Before the first picture
 */

static int check_settings(const score_settings *s, int n_operands)
{
    if (n_operands == 0) {
        console_error("score: no pictures named; see \"expclip score --help\"");
        return EXIT_USAGE;
    }
    if (s->json && s->csv) {
        console_error("--json and --csv exclude each other");
        return EXIT_USAGE;
    }
    return 0;
}

static void describe(score_run *run)
{
    const score_settings *s = run->settings;

    run->facts.model = expclip_model_name(run->model);
    run->facts.fingerprint = expclip_model_fingerprint(run->model);
    run->facts.head = !expclip_model_has_head(run->model) ? "none, plain CLIP"
                      : strcmp(s->model.load.head, "auto") == 0
                          ? "of the model file"
                          : s->model.load.head;
    run->facts.preprocess = expclip_model_preprocess(run->model);
    run->facts.dtype = s->model.load.dtype;
    run->facts.prompts = class_settings_prompts(&s->classes);
    run->facts.pooling = s->classes.class_set ? NULL : s->classes.pooling;
    run->facts.temperature = (double)s->temperature;
    run->facts.is_demo = strcmp(s->model.model, "demo") == 0;
}

static void make_view(score_run *run)
{
    const size_t n = expclip_classes_count(run->classes);
    const size_t batch = (size_t)run->settings->batch;

    run->names = memory_new(n, sizeof(*run->names));
    for (size_t i = 0; i < n; i++)
        run->names[i] = expclip_classes_name(run->classes, i);
    run->logits = memory_new(batch * n, sizeof(float));
    run->shares = memory_new(n, sizeof(float));
    run->order = memory_new(n, sizeof(int32_t));
    run->view.what = "picture";
    run->view.in = &run->in;
    run->view.names = run->names;
    run->view.n_classes = n;
    run->view.top = (size_t)run->settings->top;
}

static int prepare(score_run *run, int n_operands, char **operands)
{
    const score_settings *s = run->settings;
    expclip_image_options image;
    int rc = check_settings(s, n_operands);

    if (!rc)
        rc = picture_settings_read(&image, &s->pictures);
    if (!rc)
        rc = class_settings_read(&run->prompts, &s->classes);
    if (!rc && s->html)
        rc = outfile_open(&run->sheet, s->html, EXPCLIP__FILE_HTML);
    if (!rc)
        rc = inputs_collect(&run->in, n_operands, operands,
                            s->pictures.recursive);
    if (!rc)
        rc = model_settings_load(&run->model, &s->model);
    if (!rc)
        rc = class_settings_create(&run->classes, &s->classes, run->model,
                                   run->prompts);
    if (rc)
        return rc;
    describe(run);
    make_view(run);
    run->start = console_seconds();
    return decoder_start(&run->decoder, run->model, &run->in, &image,
                         (size_t)s->batch);
}

/* ------------------------------------------------------------------------
 * Pictures
 */

/** Probabilities and order of one row; the calls cannot fail on good sizes. */
static void rank(score_run *run, score_result *r, const float *logits)
{
    const size_t n = run->view.n_classes;

    expclip_logits_softmax(run->shares, n, logits, n,
                           run->settings->temperature, NULL);
    expclip_logits_top_k(run->order, n, logits, n, NULL);
    r->logits = logits;
    r->probabilities = run->shares;
    r->order = run->order;
}

static void show(score_run *run, const decoded *batch, size_t i)
{
    score_result r = { .input = &batch->inputs[i] };
    const ptrdiff_t row = decoded_row(batch, i, &r.status, &r.message);

    if (row >= 0)
        rank(run, &r, run->logits + (size_t)row * run->view.n_classes);
    run->form->item(&run->view, &r);
    if (run->sheet)
        sheet_item(outfile_stream(run->sheet), &run->view, &r);
    if (r.status) {
        console_flush(); /* a terminal shows both in their order */
        input_report(r.input, r.status, r.message);
        run->n_failed++;
    }
    run->n_done++;
}

static int score_batch(score_run *run, const decoded *batch)
{
    const size_t n = expclip_batch_count(batch->batch);
    expclip_error err;
    expclip_status status = 0;

    if (n)
        status = expclip_model_score_images(
            run->logits, n * run->view.n_classes, run->model, run->classes,
            batch->batch, stop_token(), &err);
    if (status) {
        console_error("%s", err.message);
        return exit_code_of(status);
    }
    for (size_t i = 0; i < batch->n; i++)
        show(run, batch, i);
    return console_flush() ? EXIT_RESOURCES : 0;
}

static int score_all(score_run *run)
{
    const decoded *batch;
    progress bar;
    int rc = 0;

    progress_start(&bar, "pictures", (double)run->in.n);
    run->form->begin(&run->view);
    if (run->sheet)
        run->sheet_rest =
            sheet_begin(outfile_stream(run->sheet), &run->view, &run->facts);
    while (!rc && (batch = decoder_next(run->decoder))) {
        progress_hide(&bar);
        rc = score_batch(run, batch);
        progress_show(&bar, (double)run->n_done);
    }
    progress_hide(&bar);
    if (!rc && run->n_done < run->in.n) {
        console_error("stopped after %zu of %zu pictures", run->n_done,
                      run->in.n);
        rc = EXIT_RESOURCES;
    }
    return rc;
}

static int finish_sheet(score_run *run)
{
    outfile *sheet = run->sheet;
    int rc;

    if (!sheet)
        return 0;
    sheet_end(outfile_stream(sheet), run->sheet_rest);
    run->sheet = NULL;
    rc = outfile_commit(sheet);
    if (!rc)
        console_note("sheet: %s", run->settings->html);
    return rc;
}

static void summarise(const score_run *run)
{
    const double seconds = console_seconds() - run->start;

    console_note("%zu picture%s, %zu failed, %.1f s, %.1f pictures/s"
                 " (model %s, head %s, pixels %s, prompts %s)",
                 run->n_done, run->n_done == 1 ? "" : "s", run->n_failed,
                 seconds, (double)run->n_done / (seconds + 1e-9),
                 run->facts.model, run->facts.head, run->facts.preprocess,
                 run->facts.prompts);
}

static void release(score_run *run)
{
    decoder_stop(run->decoder);
    outfile_abort(run->sheet);
    expclip_classes_free(run->classes);
    expclip_prompts_free(run->prompts);
    expclip_model_free(run->model);
    inputs_free(&run->in);
    free(run->names);
    free(run->logits);
    free(run->shares);
    free(run->order);
}

static int score(const void *settings, int n_operands, char **operands)
{
    score_run run;
    int rc;

    memset(&run, 0, sizeof(run));
    run.settings = settings;
    run.form = run.settings->json  ? &score_json
               : run.settings->csv ? &score_csv
                                   : &score_table;
    rc = prepare(&run, n_operands, operands);
    if (!rc)
        rc = score_all(&run);
    if (!rc)
        rc = finish_sheet(&run);
    if (!rc) {
        summarise(&run);
        rc = run.n_failed ? EXIT_SOME_FAILED : EXIT_DONE;
    }
    release(&run);
    return rc;
}

const command score_command = {
    "score",
    "IMAGE|DIR|LIST...",
    "Score images of faces on expression classes, zero-shot.",
    "A DIR gives its .jpg, .jpeg, .png and .bmp files, and others that begin "
    "like such images, in natural order: 2 before 10. Files that are left out "
    "are counted by their endings. A LIST is a file that ends in .txt or .list "
    "and has one path per line, relative to the working folder; a tab and a "
    "face box may follow the path. - is a list on stdin. An image that fails "
    "is reported, and the others are still scored.\n\nEach image should show "
    "one face, cut out: see --box.",
    options,
    &defaults,
    sizeof(defaults),
    score,
};
