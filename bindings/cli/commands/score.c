/* SPDX-License-Identifier: MIT */
/*
 * score.c - expclip score: zero-shot expression of images.
 *
 * prompts -> model -> class vectors; then batch by batch: pixels -> logits ->
 * probabilities -> one line an image. What the user may have mistyped is
 * checked before the model is loaded.
 */
#include <stdlib.h>
#include <string.h>

#include "inputs/decoder.h"
#include "runs/scoring.h"
#include "terminal/console.h"
#include "terminal/failure.h"
#include "terminal/memory.h"
#include "terminal/progress.h"
#include "terminal/stop.h"
#include "views/outfile.h"

typedef struct score_settings {
    scoring_settings scoring;
    const char *html;
} score_settings;

static const score_settings defaults = { .scoring = SCORING_SETTINGS_DEFAULT };

static const command_option options[] = {
    OPT_HEADING("Results"),
    OPT_RESULTS(
        score_settings, scoring.json, "json",
        "Print one JSON object per image: path, label, scores, logits and "
        "status; for an image that failed: path, status and message."),
    SCORING_CSV_OPTION(score_settings, scoring),
    OPT_TEXT(score_settings, html, "html", 0, "FILE",
             "Also write a page that shows each image with its probabilities "
             "as bars. It is one file and needs only a browser. Images of more "
             "than 2 MB are left out."),
    SCORING_NUMBER_OPTIONS(score_settings, scoring),
    CLASS_OPTIONS(score_settings, scoring.classes),
    IMAGE_OPTIONS(score_settings, scoring.images),
    MODEL_OPTIONS(score_settings, scoring.model),
    OPT_INT(score_settings, scoring.batch, "batch", 1, 4096,
            "How many images are computed at once."),
    OPT_END,
};

/** All that a run holds. */
typedef struct score_run {
    scoring scoring;
    const char *html; /* NULL = no sheet */
    outfile *sheet;
    const char *sheet_rest;
    sheet_facts facts;
    decoder *decoder;
    float *logits; /* [batch, n_classes] */
} score_run;

/* ------------------------------------------------------------------------
 * Before the first image
 */

static void describe(score_run *run)
{
    const scoring_settings *s = run->scoring.settings;
    const expclip_model *model = run->scoring.model;

    run->facts = (sheet_facts){
        .model = expclip_model_name(model),
        .fingerprint = expclip_model_fingerprint(model),
        .head = !expclip_model_has_head(model)            ? "none, plain CLIP"
                : strcmp(s->model.load.head, "auto") == 0 ? "of the model file"
                                                          : s->model.load.head,
        .preprocess = expclip_model_preprocess(model),
        .dtype = s->model.load.dtype,
        .prompts = class_settings_prompts(&s->classes),
        .pooling = s->classes.class_set ? NULL : s->classes.pooling,
        .temperature = (double)s->temperature,
        .is_demo = strcmp(s->model.model, "demo") == 0,
    };
}

static int prepare(score_run *run, const score_settings *s, int n_operands,
                   char **operands)
{
    scoring *r = &run->scoring;
    const size_t batch = (size_t)s->scoring.batch;
    int rc = scoring_open(r, &s->scoring, "score", "image", n_operands);

    run->html = s->html;
    if (!rc && s->html)
        rc = outfile_open(&run->sheet, s->html, EXPCLIP__FILE_HTML);
    if (!rc)
        rc = inputs_collect(&r->in, n_operands, operands,
                            s->scoring.images.recursive);
    if (!rc)
        rc = scoring_load(r);
    if (rc)
        return rc;
    describe(run);
    run->logits = memory_new(batch * r->view.n_classes, sizeof(float));
    return decoder_start(&run->decoder, r->model, &r->in, &r->image, batch);
}

/* ------------------------------------------------------------------------
 * Images
 */

static void show(score_run *run, const decoded *batch, size_t i)
{
    scoring *s = &run->scoring;
    score_result r = { .input = &batch->inputs[i] };
    const ptrdiff_t row = decoded_row(batch, i, &r.status, &r.message);

    scoring_show(
        s, &r, row < 0 ? NULL : run->logits + (size_t)row * s->view.n_classes);
    if (run->sheet)
        sheet_item(outfile_stream(run->sheet), &s->view, &r);
}

static int score_batch(score_run *run, const decoded *batch)
{
    const scoring *s = &run->scoring;
    const size_t n = expclip_batch_count(batch->batch);
    expclip_error err;

    if (n && expclip_model_score_images(run->logits, n * s->view.n_classes,
                                        s->model, s->classes, batch->batch,
                                        stop_token(), &err))
        return failure_report(&err);
    for (size_t i = 0; i < batch->n; i++)
        show(run, batch, i);
    return console_flush() ? EXIT_RESOURCES : 0;
}

static int score_all(score_run *run)
{
    scoring *s = &run->scoring;
    const decoded *batch;
    progress bar;
    int rc = 0;

    progress_start(&bar, "images", (double)s->in.n);
    s->form->begin(&s->view);
    if (run->sheet)
        run->sheet_rest =
            sheet_begin(outfile_stream(run->sheet), &s->view, &run->facts);
    while (!rc && (batch = decoder_next(run->decoder))) {
        progress_hide(&bar);
        rc = score_batch(run, batch);
        progress_show(&bar, (double)s->n_done);
    }
    progress_hide(&bar);
    if (!rc && s->n_done < s->in.n) {
        console_error("stopped after %zu of %zu images", s->n_done, s->in.n);
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
        console_note("sheet: %s", run->html);
    return rc;
}

static void summarise(const score_run *run)
{
    const scoring *s = &run->scoring;
    const double seconds = console_seconds() - s->start;

    console_note("%zu image%s, %zu failed, %.1f s, %.1f images/s"
                 " (model %s, head %s, pixels %s, prompts %s)",
                 s->n_done, s->n_done == 1 ? "" : "s", s->n_failed, seconds,
                 (double)s->n_done / (seconds + 1e-9), run->facts.model,
                 run->facts.head, run->facts.preprocess, run->facts.prompts);
}

static int score(const void *settings, int n_operands, char **operands)
{
    score_run run = { .html = NULL };
    int rc = prepare(&run, settings, n_operands, operands);

    if (!rc)
        rc = score_all(&run);
    if (!rc)
        rc = finish_sheet(&run);
    if (!rc)
        summarise(&run);
    decoder_stop(run.decoder);
    outfile_abort(run.sheet);
    free(run.logits);
    return scoring_end(&run.scoring, rc);
}

const command score_command = {
    "score",
    "IMAGE|DIR|LIST...",
    "Score images of faces on expression classes, zero-shot.",
    "The images of a DIR are its .jpg, .jpeg, .png and .bmp files, and others "
    "whose first bytes are those of an image, in natural order: 2 before 10. "
    "Files that are left out are counted by their endings. A LIST is a file "
    "that ends in .txt or .list and has one path per line, relative to the "
    "working folder; a tab and a face box may follow the path. An operand - is "
    "a list on stdin. An image that fails is reported, and the others are "
    "still scored.\n\nEach image should show one face, cut out: see --box.",
    options,
    &defaults,
    sizeof(defaults),
    score,
};
