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
    face_settings faces;
    const char *html;
} score_settings;

static const score_settings defaults = {
    .scoring = SCORING_SETTINGS_DEFAULT,
    .faces = FACE_SETTINGS_DEFAULT("auto"),
};

static const command_option options[] = {
    OPT_HEADING("Results"),
    OPT_RESULTS(
        score_settings, scoring.json, "json",
        "Print one JSON object per image or face: path, label, scores, logits "
        "and status, and of a face its number, box, face_score and points; "
        "for an image that failed: path, status and message."),
    SCORING_CSV_OPTION(score_settings, scoring),
    OPT_TEXT(
        score_settings, html, "html", 0, "FILE",
        "Also write a page that shows each image with its probabilities "
        "as bars, and its faces with their boxes. It is one file and needs "
        "only a browser. Images of more than 8 MB are left out."),
    SCORING_NUMBER_OPTIONS(score_settings, scoring),
    CLASS_OPTIONS(score_settings, scoring.classes),
    FACE_OPTIONS(score_settings, faces),
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
    face_search search;
    decoder *decoder;
    float *logits; /* [n_rows, n_classes] */
    size_t n_rows;
    size_t n_results;
    size_t n_largest; /* images of several faces of which one was taken */
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

    if (!rc)
        rc = face_search_open(&run->search, &s->faces);
    r->view.has_faces = run->search.detector != NULL;

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
    return decoder_start(&run->decoder, r->model, &r->in, &r->image,
                         &run->search, batch);
}

/* ------------------------------------------------------------------------
 * Images
 */

static void show_result(score_run *run, const decoded *batch,
                        const decoded_image *image, size_t k, json_t *results)
{
    scoring *s = &run->scoring;
    score_result r = {
        .input = image->input,
        .found = image->found.width ? &image->found : NULL,
        .face =
            image->n ? expclip_batch_face(batch->batch, image->first + k) : -1,
    };
    const ptrdiff_t row = decoded_row(batch, image, k, &r.status, &r.message);

    scoring_show(
        s, &r, row < 0 ? NULL : run->logits + (size_t)row * s->view.n_classes);
    run->n_results++;
    if (results)
        sheet_add(results, &s->view, &r);
}

static void show(score_run *run, const decoded *batch,
                 const decoded_image *image)
{
    json_t *results = run->sheet ? json_array() : NULL;

    for (size_t k = 0; k < decoded_count(image); k++)
        show_result(run, batch, image, k, results);
    run->scoring.n_done++;
    run->n_largest += image->n == 1 && image->found.n > 1;
    if (results)
        sheet_item(outfile_stream(run->sheet), image->input, &image->found,
                   results);
}

static void reserve_rows(score_run *run, size_t n)
{
    if (n <= run->n_rows)
        return;
    run->logits = memory_resize(run->logits, n * run->scoring.view.n_classes,
                                sizeof(float));
    run->n_rows = n;
}

static int score_batch(score_run *run, const decoded *batch)
{
    const scoring *s = &run->scoring;
    const size_t n = expclip_batch_count(batch->batch);
    expclip_error err;

    if (decoded_failure(batch))
        return failure_report(decoded_failure(batch));
    reserve_rows(run, n);
    if (n && expclip_model_score_images(run->logits, n * s->view.n_classes,
                                        s->model, s->classes, batch->batch,
                                        stop_token(), &err))
        return failure_report(&err);
    for (size_t i = 0; i < batch->n; i++)
        show(run, batch, &batch->images[i]);
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

/** ", crop 1.4:0" where faces are cut out, else "", for free(). */
static char *crop_text(const score_run *run)
{
    const expclip_model *model = run->scoring.model;
    const expclip_crop_options *o = &run->search.crop;

    if (!run->search.detector)
        return memory_text("%s", "");
    return memory_text(
        ", crop %g:%g",
        (double)(o->side > 0.0f ? o->side : expclip_model_crop_side(model)),
        (double)(o->side > 0.0f ? o->up : expclip_model_crop_up(model)));
}

static void summarise(const score_run *run)
{
    const scoring *s = &run->scoring;
    const double seconds = console_seconds() - s->start;
    char *results = NULL;
    char *crop = crop_text(run);

    if (run->n_largest)
        console_note("%zu image%s several faces, and the largest was taken; "
                     "--faces all takes each",
                     run->n_largest, run->n_largest == 1 ? " shows" : "s show");
    if (run->n_results > s->n_done)
        results = memory_text(" with %zu results", run->n_results);
    console_note("%zu image%s%s, %zu failed, %.1f s, %.1f images/s"
                 " (model %s, head %s, pixels %s, prompts %s%s)",
                 s->n_done, s->n_done == 1 ? "" : "s", results ? results : "",
                 s->n_failed, seconds, (double)s->n_done / (seconds + 1e-9),
                 run->facts.model, run->facts.head, run->facts.preprocess,
                 run->facts.prompts, crop);
    free(crop);
    free(results);
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
    face_search_close(&run.search);
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
    "still scored.\n\nIn photographs the faces are found and cut out: see "
    "--faces. Boxes of your own detector are taken instead where there are "
    "any: see --box.",
    options,
    &defaults,
    sizeof(defaults),
    score,
};
