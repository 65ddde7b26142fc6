/* SPDX-License-Identifier: MIT */
/*
 * embed.c - expclip embed: embeddings of images or texts as .npy [n, d].
 *
 * Rows are written as they come, so memory does not grow with their number; the
 * header is written again at the end with the number that it then has. A failed
 * item is a row of NaN, and is reported.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "inputs/decoder.h"
#include "inputs/text_lines.h"
#include "options/face_settings.h"
#include "options/model_settings.h"
#include "terminal/console.h"
#include "terminal/failure.h"
#include "terminal/memory.h"
#include "terminal/progress.h"
#include "terminal/stop.h"
#include "views/json_line.h"
#include "views/npy_file.h"
#include "views/outfile.h"

typedef struct embed_settings {
    model_settings model;
    image_settings reading;
    face_settings faces;
    const char *output;
    int32_t images;
    int32_t text;
    int32_t from_stdin;
    int32_t projected;
    int32_t no_normalize;
    int32_t batch;
    int32_t json;
} embed_settings;

static const embed_settings defaults = {
    .model = MODEL_SETTINGS_DEFAULT,
    .reading = IMAGE_SETTINGS_DEFAULT,
    .faces = FACE_SETTINGS_DEFAULT("none"),
    .batch = 8,
};

static const command_option options[] = {
    OPT_HEADING("What to embed"),
    OPT_FLAG(
        embed_settings, images, "images", 0,
        "The operands are images, folders or lists, as for \"expclip score\"."),
    OPT_FLAG(embed_settings, text, "text", 0, "The operands are texts."),
    OPT_FLAG(
        embed_settings, from_stdin, "stdin", 0,
        "With --text, read the texts from stdin, one JSON string per line."),
    OPT_HEADING("Results"),
    OPT_TEXT(embed_settings, output, "output", 'o', "FILE.npy",
             "The file to write, float32 [n, d]. Required."),
    OPT_FLAG(embed_settings, projected, "projected", 0,
             "Write the embeddings after the Exp-CLIP head, instead of CLIP's "
             "own embeddings before it."),
    OPT_FLAG(embed_settings, no_normalize, "no-normalize", 0,
             "Do not scale the embeddings to unit length."),
    OPT_RESULTS(
        embed_settings, json, "json",
        "Describe the file as a JSON object: shape, dtype, failed and more; "
        "with --faces also the path, face and box of each row."),
    FACE_OPTIONS(embed_settings, faces),
    IMAGE_OPTIONS(embed_settings, reading),
    MODEL_OPTIONS(embed_settings, model),
    OPT_INT(embed_settings, batch, "batch", 1, 4096,
            "How many images or texts are computed at once."),
    OPT_END,
};

/** All that a run holds. */
typedef struct embed_run {
    const embed_settings *settings;
    expclip_embed_options options;
    expclip_model *model;
    outfile *file;
    size_t dim;
    float *rows; /* [n_rows, dim] */
    size_t n_rows;
    float *nan_row; /* [dim] */
    size_t n;
    size_t n_expected; /* 0 = unknown */
    size_t n_truncated;
    size_t n_images;
    json_t *failed;
    json_t *sources; /* of rows, when faces are looked for; or NULL */
    progress bar;
} embed_run;

static void write_header(embed_run *run, size_t n)
{
    const size_t shape[] = { n, run->dim };

    npy_write_header(outfile_stream(run->file), shape, 2);
}

static void reserve_rows(embed_run *run, size_t n)
{
    if (n <= run->n_rows)
        return;
    run->rows = memory_resize(run->rows, n * run->dim, sizeof(float));
    run->n_rows = n;
}

/** Start the file for `n` rows; 0 when nobody knows yet. */
static void start_rows(embed_run *run, const char *unit, size_t n)
{
    run->n_expected = n;
    write_header(run, n);
    progress_start(&run->bar, unit, (double)n);
}

static void write_row(embed_run *run, const float *row)
{
    npy_write_floats(outfile_stream(run->file), row, run->dim);
    run->n++;
}

static void write_failed(embed_run *run, const char *name,
                         expclip_status status, const char *message)
{
    json_array_append_new(run->failed,
                          json_pack("{s:I, s:o, s:s, s:o}", "index",
                                    (json_int_t)run->n, "path",
                                    name ? json_line_string(name) : json_null(),
                                    "status", expclip_status_name(status),
                                    "message", json_line_string(message)));
    write_row(run, run->nan_row);
}

/* ------------------------------------------------------------------------
 * Images
 */

/** Which image and which face a row is of. */
static void note_source(embed_run *run, const decoded *batch,
                        const decoded_image *image, ptrdiff_t row)
{
    const int32_t index =
        row < 0 ? -1 : expclip_batch_face(batch->batch, (size_t)row);
    json_t *source =
        json_pack("{s:o}", "path", json_line_string(image->input->path));

    if (index >= 0) {
        const expclip_face *face = &image->found.faces[index];

        json_object_set_new(source, "face", json_integer(index));
        json_object_set_new(source, "box",
                            json_pack("[o, o, o, o]", json_line_number(face->x),
                                      json_line_number(face->y),
                                      json_line_number(face->width),
                                      json_line_number(face->height)));
    }
    json_array_append_new(run->sources, source);
}

static void write_image(embed_run *run, const decoded *batch,
                        const decoded_image *image)
{
    for (size_t k = 0; k < decoded_count(image); k++) {
        expclip_status status;
        const char *message = NULL;
        const ptrdiff_t row = decoded_row(batch, image, k, &status, &message);

        if (row >= 0) {
            write_row(run, run->rows + (size_t)row * run->dim);
        } else {
            progress_hide(&run->bar);
            input_report(image->input, status, message);
            write_failed(run, image->input->path, status, message);
        }
        if (run->sources)
            note_source(run, batch, image, row);
    }
    run->n_images++;
}

static int embed_batch(embed_run *run, const decoded *batch)
{
    const size_t n = expclip_batch_count(batch->batch);
    expclip_error err;

    if (decoded_failure(batch))
        return failure_report(decoded_failure(batch));
    reserve_rows(run, n);
    if (n && expclip_model_embed_images(run->rows, n * run->dim, run->model,
                                        batch->batch, &run->options,
                                        stop_token(), &err))
        return failure_report(&err);
    for (size_t i = 0; i < batch->n; i++)
        write_image(run, batch, &batch->images[i]);
    return outfile_failure(run->file);
}

static int embed_images(embed_run *run, int n_operands, char **operands)
{
    const embed_settings *s = run->settings;
    expclip_image_options image;
    face_search search;
    inputs in = { .n = 0 };
    decoder *d = NULL;
    const decoded *batch;
    int rc = image_settings_read(&image, &s->reading);

    if (rc)
        return rc;
    rc = face_search_open(&search, &s->faces);
    if (!rc)
        rc = inputs_collect(&in, n_operands, operands, s->reading.recursive);
    start_rows(run, "images", in.n);
    if (search.detector)
        run->sources = json_array();
    if (!rc)
        rc = decoder_start(&d, run->model, &in, &image, &search,
                           (size_t)s->batch);
    while (!rc && (batch = decoder_next(d))) {
        rc = embed_batch(run, batch);
        progress_show(&run->bar, (double)run->n_images);
    }
    decoder_stop(d);
    face_search_close(&search);
    inputs_free(&in);
    return rc;
}

/* ------------------------------------------------------------------------
 * Texts
 */

/** Texts on their way to one call. */
typedef struct text_batch {
    char **texts;       /* places for settings->batch */
    int32_t *truncated; /* the same number */
    size_t n;
} text_batch;

static void forget_texts(text_batch *batch)
{
    for (size_t i = 0; i < batch->n; i++)
        free(batch->texts[i]);
    batch->n = 0;
}

/** Embed the texts of the batch, write their rows and empty it. */
static int embed_text_batch(embed_run *run, text_batch *batch)
{
    expclip_error err;
    expclip_status status;

    if (!batch->n)
        return 0;
    status = expclip_model_embed_texts(
        run->rows, batch->n * run->dim, batch->truncated, batch->n, run->model,
        (const char *const *)batch->texts, batch->n, &run->options,
        stop_token(), &err);
    if (status) {
        console_error("texts %zu to %zu: %s", run->n + 1, run->n + batch->n,
                      err.message);
        return exit_code_of(status);
    }
    for (size_t i = 0; i < batch->n; i++) {
        run->n_truncated += (size_t)batch->truncated[i];
        write_row(run, run->rows + i * run->dim);
    }
    forget_texts(batch);
    return outfile_failure(run->file);
}

static int add_text(embed_run *run, text_batch *batch, const text_lines *t)
{
    const char *problem = t->problem;
    int rc;

    if (!problem && strlen(t->text) != t->size)
        problem = "NUL in a text, which cannot be embedded";
    if (!problem) {
        batch->texts[batch->n++] = memory_text("%s", t->text);
        return batch->n == (size_t)run->settings->batch
                   ? embed_text_batch(run, batch)
                   : 0;
    }
    rc = embed_text_batch(run, batch);
    if (!rc) {
        console_error("stdin:%zu: %s", t->n_read, problem);
        write_failed(run, NULL, EXPCLIP_ERROR_FORMAT, problem);
    }
    return rc;
}

static int embed_texts(embed_run *run, int n_operands, char **operands)
{
    text_batch batch = { NULL, NULL, 0 };
    text_lines t;
    int end, rc = text_lines_open(&t, "embed", run->settings->from_stdin,
                                  n_operands, operands);

    if (rc)
        return rc;
    start_rows(run, "texts", (size_t)n_operands);
    batch.texts =
        memory_new((size_t)run->settings->batch, sizeof(*batch.texts));
    batch.truncated =
        memory_new((size_t)run->settings->batch, sizeof(*batch.truncated));
    while (!rc && text_lines_next(&t)) {
        rc = add_text(run, &batch, &t);
        progress_show(&run->bar, (double)run->n);
    }
    if (!rc)
        rc = embed_text_batch(run, &batch);
    forget_texts(&batch);
    free(batch.texts);
    free(batch.truncated);
    end = text_lines_close(&t);
    return rc ? rc : end;
}

/* ------------------------------------------------------------------------
 * The file
 */

/** Put the true number of rows into the header. */
static int write_header_again(embed_run *run)
{
    if (run->n == run->n_expected)
        return 0;
    if (fseek(outfile_stream(run->file), 0, SEEK_SET)) {
        console_error("%s: %zu rows came, and the header cannot be written"
                      " again: give a regular file",
                      run->settings->output, run->n);
        return EXIT_USAGE;
    }
    write_header(run, run->n);
    return 0;
}

static void describe(embed_run *run)
{
    const embed_settings *s = run->settings;
    json_t *facts = json_pack(
        "{s:o, s:[I, I], s:s, s:b, s:b, s:s, s:s, s:i, s:O}", "output",
        json_line_string(s->output), "shape", (json_int_t)run->n,
        (json_int_t)run->dim, "dtype", "float32", "projected", s->projected,
        "normalized", !s->no_normalize, "model", expclip_model_name(run->model),
        "fingerprint", expclip_model_fingerprint(run->model), "truncated",
        (int)run->n_truncated, "failed", run->failed);

    if (run->sources)
        json_object_set(facts, "rows", run->sources);
    json_line_print(facts);
}

static void report(embed_run *run)
{
    const embed_settings *s = run->settings;

    if (run->n_truncated)
        console_note(
            "texts truncated because they are longer than %d tokens: %zu",
            expclip_model_context_length(run->model), run->n_truncated);
    if (s->json)
        describe(run);
    else
        console_note("%s: float32 [%zu, %zu], %zu failed", s->output, run->n,
                     run->dim, json_array_size(run->failed));
}

static int check_settings(const embed_settings *s, int n_operands)
{
    const char *wrong = NULL;

    if (s->images == s->text)
        wrong = "say either --images or --text";
    else if (s->from_stdin && !s->text)
        wrong = "--stdin goes with --text; a list of images on stdin is -";
    else if (s->images && !n_operands)
        wrong = "no images named";
    else if (!s->output)
        wrong = "-o FILE.npy is needed";
    if (wrong)
        console_error("embed: %s; see \"expclip embed --help\"", wrong);
    return wrong ? EXIT_USAGE : 0;
}

/** Space for a row of NaN, and for a batch of rows. */
static void make_rows(embed_run *run)
{
    run->dim = (size_t)(run->settings->projected
                            ? expclip_model_projected_dim(run->model)
                            : expclip_model_embedding_dim(run->model));
    run->nan_row = memory_new(run->dim, sizeof(float));
    for (size_t i = 0; i < run->dim; i++)
        run->nan_row[i] = NAN;
    reserve_rows(run, (size_t)run->settings->batch);
}

static int embed_all(embed_run *run, int n_operands, char **operands)
{
    const embed_settings *s = run->settings;
    outfile *file;
    int rc;

    make_rows(run);
    rc = s->text ? embed_texts(run, n_operands, operands)
                 : embed_images(run, n_operands, operands);
    progress_hide(&run->bar);
    if (!rc && stop_wanted()) {
        console_error("stopped after %zu row%s", run->n,
                      run->n == 1 ? "" : "s");
        rc = EXIT_RESOURCES;
    }
    if (!rc)
        rc = write_header_again(run);
    if (rc)
        return rc;
    file = run->file;
    run->file = NULL;
    return outfile_commit(file);
}

static int embed(const void *settings, int n_operands, char **operands)
{
    embed_run run;
    int rc;

    memset(&run, 0, sizeof(run));
    run.settings = settings;
    expclip_embed_options_init(&run.options, sizeof(run.options));
    run.options.projected = run.settings->projected;
    run.options.normalize = !run.settings->no_normalize;
    run.failed = json_array();
    rc = check_settings(run.settings, n_operands);
    if (!rc)
        rc = outfile_open(&run.file, run.settings->output, EXPCLIP__FILE_NPY);
    if (!rc)
        rc = model_settings_load(&run.model, &run.settings->model);
    if (!rc)
        rc = embed_all(&run, n_operands, operands);
    if (!rc) {
        report(&run);
        rc = json_array_size(run.failed) ? EXIT_SOME_FAILED : EXIT_DONE;
    }
    outfile_abort(run.file);
    expclip_model_free(run.model);
    json_decref(run.failed);
    json_decref(run.sources);
    free(run.rows);
    free(run.nan_row);
    return rc;
}

const command embed_command = {
    "embed",
    "IMAGE|DIR|LIST|TEXT...",
    "Write the embeddings of images or texts as a NumPy file.",
    "The row of an image or text that fails is NaN, and the failure is "
    "reported.",
    options,
    &defaults,
    sizeof(defaults),
    embed,
};
