/* SPDX-License-Identifier: MIT */
/*
 * evaluate.c - expclip evaluate: datasets x prompt sets x models and
 * heads in one run.
 *
 * model -> features of every dataset, once an encoder -> for each head and
 * prompt set: class vectors -> logits -> metrics -> a result; then the report.
 * What the user may have mistyped is checked before a model is loaded.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "options/comma_words.h"
#include "report/report.h"
#include "runs/evaluate_run.h"
#include "terminal/console.h"
#include "terminal/memory.h"
#include "terminal/stop.h"

static const evaluate_settings defaults = {
    .prompts = "all",
    .pooling = "logits",
    .sampling = "exact",
    .metrics = EXPCLIP_METRICS_OPTIONS_INIT,
    .batch = 16,
    .reading = DATA_SETTINGS_DEFAULT,
    .faces = FACE_SETTINGS_DEFAULT("none"),
    .model = MODEL_SETTINGS_DEFAULT,
};

static const command_option options[] = {
    OPT_HEADING("Datasets and prompts"),
    OPT_TEXTS(evaluate_settings, data, "data", 'd', "NAME=PATH[,LIST]...",
              "A dataset: RAFDB, AffectNet7, AffectNet8, FERPlus, FER2013, "
              "DFEW, FERV39k, MAFW, AFEW, CAER-S or CKPlus in its published "
              "layout; folder=DIR with one folder per class; list=FILE with "
              "lines \"path frames label\". LISTs of such lines, one per fold, "
              "replace the layout's own. May be repeated. A DIR without --data "
              "means folder=DIR."),
    OPT_TEXT(evaluate_settings, prompts, "prompts", 'p', "SET,...",
             "The prompt sets to compare, separated by commas: sets of the "
             "paper, files, or templates with {} for the class. all means "
             "type1,type2,type3,type4,type5."),
    OPT_TEXT(evaluate_settings, output, "output", 'o', "DIR",
             "The folder for the report, which is created when it is missing. "
             "Required."),
    OPT_CHOICE(
        evaluate_settings, pooling, "pooling", "logits|embeddings",
        "How the prompts of a class give one score. logits takes the mean of "
        "their logits, as the paper does; embeddings takes the mean of their "
        "embeddings, scaled to unit length, as open_clip does."),
    OPT_CHOICE(evaluate_settings, sampling, "sampling", "exact|spread",
               "Which 16 frames represent a clip. exact is the rule of the "
               "paper's reference code, with the frames sorted by name, and "
               "takes only the first frame of clips of 16 frames or fewer. "
               "spread takes the middles of 16 equal parts, in natural order."),
    OPT_HEADING("Results"),
    OPT_RESULTS(evaluate_settings, json, "json",
                "Print one JSON object per result, as in results.json."),
    OPT_INT(evaluate_settings, metrics.n_bootstrap, "bootstrap", 0, 1000000,
            "How many bootstrap samples give the 95 % intervals; 0 means no "
            "intervals."),
    OPT_LONG(evaluate_settings, metrics.seed, "seed", 0, 2147483647,
             "The seed of the bootstrap."),
    OPT_FLAG(evaluate_settings, compare, "compare", 0,
             "Also test each model and head against the first on the same "
             "items (McNemar), and write comparisons.json."),
    OPT_FLAG(evaluate_settings, no_predictions, "no-predictions", 0,
             "Do not write the prediction for every item."),
    DATA_OPTIONS(evaluate_settings, reading),
    ROW_FACE_OPTIONS(evaluate_settings, faces, "[,...]"),
    OPT_HEADING("Models"),
    OPT_TEXTS(evaluate_settings, models, "model", 'm', "FILE|NAME[,...]",
              "The weights: a file or a folder, a name that \"expclip pull\" "
              "has fetched, or demo, a small model for drawn faces that cannot "
              "read photographs. Several are separated by commas. May be "
              "repeated. Default: demo"),
    OPT_TEXTS(evaluate_settings, heads, "head", 0, "FILE|auto|none[,...]",
              "The Exp-CLIP head: a file, a name that \"expclip pull\" has "
              "fetched, auto for the model file's own, or none for plain CLIP. "
              "Several are separated by commas. May be repeated: each model "
              "runs with each head. Default: auto"),
    LOADING_OPTIONS(evaluate_settings, model),
    OPT_INT(evaluate_settings, batch, "batch", 1, 4096,
            "How many images are computed at once."),
    OPT_END,
};

/* ------------------------------------------------------------------------
 * Names
 */

char *evaluate_path(const evaluate_run *run, const char *name)
{
    return memory_text("%s/%s", run->settings->output, name);
}

char *evaluate_file_name(const char *text)
{
    char *name = memory_text("%.200s", text);

    for (char *c = name; *c; c++)
        if (*c == '/' || *c == ' ' || (unsigned char)*c < 0x20)
            *c = '-';
    return name;
}

static void split_all(comma_words *words, const option_texts *given,
                      const char *otherwise)
{
    if (given->n == 0)
        comma_words_add_names(words, otherwise);
    for (int32_t i = 0; i < given->n; i++)
        comma_words_add_names(words, given->items[i]);
}

/* ------------------------------------------------------------------------
 * Before the first image
 */

static int check_settings(const evaluate_settings *s, int n_operands)
{
    if (!s->output) {
        console_error("evaluate: -o DIR is needed; see \"expclip evaluate"
                      " --help\"");
        return EXIT_USAGE;
    }
    if (s->data.n + n_operands == 0) {
        console_error("evaluate: no data given; name a folder that has one "
                      "folder per class, or use --data NAME=PATH");
        return EXIT_USAGE;
    }
    return 0;
}

/** Report a framing that is like one before it. @return 0 or EXIT_USAGE */
static int check_new(const face_framing *all, size_t i, const char *text)
{
    for (size_t k = 0; k < i; k++)
        if (all[k].side == all[i].side && all[k].up == all[i].up) {
            console_error("--margin: \"%s\" is listed twice", text);
            return EXIT_USAGE;
        }
    return 0;
}

/** The framings that --margin lists; one without it. @return 0 or EXIT_USAGE */
static int read_framings(face_framing **out, size_t *n, const face_settings *s)
{
    comma_words margins = { 0 };
    int rc = 0;

    if (s->margin)
        comma_words_add(&margins, s->margin);
    *n = margins.n ? margins.n : 1;
    *out = memory_new(*n, sizeof(**out));
    for (size_t i = 0; i < *n && !rc; i++) {
        const char *margin = margins.n ? margins.items[i] : NULL;

        rc = face_framing_read(&(*out)[i], s, margin);
        if (!rc)
            rc = check_new(*out, i, margin);
    }
    comma_words_free(&margins);
    return rc;
}

/** Every mistake is told at once; a dataset that cannot be read does not hold
 * up the others. Each framing makes a dataset of its own. */
static int open_each(evaluate_run *run, size_t n_specs, const char **specs,
                     const face_framing *framings, size_t n_framings)
{
    int worst = 0;

    run->data = memory_new(n_specs * n_framings, sizeof(*run->data));
    for (size_t i = 0; i < n_specs * n_framings; i++) {
        labelled_data *d = &run->data[run->n_data];
        const int rc = labelled_data_open(d, specs[i / n_framings],
                                          &run->settings->reading,
                                          &framings[i % n_framings]);

        run->n_data += d->dataset != NULL;
        if (worst <= EXIT_SOME_FAILED && rc)
            worst = rc;
    }
    return worst;
}

static int open_data(evaluate_run *run, int n_operands, char **operands)
{
    const evaluate_settings *s = run->settings;
    const size_t n = (size_t)(s->data.n + n_operands);
    const char **specs = memory_new(n, sizeof(*specs));
    face_framing *framings = NULL;
    size_t n_framings;
    int worst = read_framings(&framings, &n_framings, &s->faces);

    for (int32_t i = 0; i < s->data.n; i++)
        specs[i] = s->data.items[i];
    for (int i = 0; i < n_operands; i++)
        specs[s->data.n + i] = operands[i];
    if (!worst)
        worst = open_each(run, n, specs, framings, n_framings);
    free((void *)specs);
    free(framings);
    if (worst != EXIT_SOME_FAILED)
        return worst;
    run->worst = worst;
    return run->n_data ? 0 : EXIT_USAGE;
}

static int make_folder(const char *path)
{
    if (mkdir(path, 0777) == 0 || errno == EEXIST)
        return 0;
    console_error("%s: cannot be made: %s", path, strerror(errno));
    return errno == ENOENT || errno == ENOTDIR ? EXIT_USAGE : EXIT_RESOURCES;
}

static int make_folders(const evaluate_run *run)
{
    static const char *const names[] = { "cache", "predictions" };
    int rc = make_folder(run->settings->output);

    for (size_t i = 0; !rc && i < sizeof(names) / sizeof(names[0]); i++) {
        char *path = evaluate_path(run, names[i]);

        rc = make_folder(path);
        free(path);
    }
    return rc;
}

static int prepare(evaluate_run *run, int n_operands, char **operands)
{
    const evaluate_settings *s = run->settings;
    int rc = check_settings(s, n_operands);

    if (rc)
        return rc;
    split_all(&run->models, &s->models, s->model.model);
    split_all(&run->heads, &s->heads, s->model.load.head);
    run->results = json_array();
    run->comparisons = json_array();
    rc = open_data(run, n_operands, operands);
    if (!rc)
        rc = evaluate_read_prompts(run);
    if (!rc)
        rc = make_folders(run);
    return rc ? rc : evaluate_check_files(run);
}

/* ------------------------------------------------------------------------
 * The run
 */

/** A rate, or a dash where there is nothing to divide by. */
static void print_rate(const json_t *rate, int width)
{
    if (json_is_number(rate))
        printf("%*.2f", width, json_number_value(rate));
    else
        printf("%*s", width, "-");
}

/** A line as the reference logs it. */
static void print_result(const evaluate_run *run, const labelled_data *data)
{
    const json_t *r =
        json_array_get(run->results, json_array_size(run->results) - 1);
    const char *prompts = json_string_value(json_object_get(r, "prompt_set"));

    if (run->settings->json) {
        json_dumpf(r, stdout, JSON_COMPACT | JSON_REAL_PRECISION(15));
        putchar('\n');
        return;
    }
    console_print_fit(stdout, data->title, console_width(data->title) + 1);
    console_print_fit(stdout, prompts, console_width(prompts) + 1);
    fputs("UAR/WAR: ", stdout);
    print_rate(json_object_get(r, "uar"), 5);
    putchar('/');
    print_rate(json_object_get(r, "war"), 5);
    fputs("  (", stdout);
    console_print(stdout, json_string_value(json_object_get(r, "model")));
    fputs(", head ", stdout);
    console_print(stdout, run->head);
    fputs(")\n", stdout);
}

/** What fails is reported, and the rest goes on. */
static void go_on(evaluate_run *run, int rc)
{
    if (run->worst <= EXIT_SOME_FAILED && rc)
        run->worst = rc;
}

static int run_data(evaluate_run *run, size_t data)
{
    const evaluate_settings *s = run->settings;
    char *cache = evaluate_path(run, "cache");
    int rc = labelled_data_embed(
        &run->data[data], run->model,
        &(labelled_settings){ NULL, cache, &s->reading, s->sampling, s->batch },
        &run->n_failed);
    const double start = console_seconds();

    free(cache);
    for (size_t p = 0; !rc && p < run->n_prompts; p++) {
        rc = evaluate_prompt_set(run, data, p);
        if (!rc) {
            print_result(run, &run->data[data]);
            console_flush(); /* a failure is found at the end */
        }
    }
    if (!rc)
        console_note("%s: scored with %zu prompt set%s in %.2f s",
                     run->data[data].title, run->n_prompts,
                     run->n_prompts == 1 ? "" : "s", console_seconds() - start);
    /* Not the command is wrong, but something with the dataset. */
    return rc == EXIT_USAGE ? EXIT_SOME_FAILED : rc;
}

/** Was the model run with this head? "auto" may be "none". */
static int is_repeated(const comma_words *done, const char *head)
{
    for (size_t i = 0; i < done->n; i++)
        if (strcmp(done->items[i], head) == 0)
            return 1;
    return 0;
}

static int run_head(evaluate_run *run, const char *model, const char *head,
                    comma_words *done)
{
    model_settings s = run->settings->model;
    int rc;

    s.model = model;
    s.load.head = head;
    rc = model_settings_load(&run->model, &s);
    if (rc)
        return rc;
    /* "auto" that found none is no Exp-CLIP result. */
    run->head = expclip_model_has_head(run->model) ? head : "none";
    if (!is_repeated(done, run->head)) {
        comma_words_add_names(done, run->head);
        rc = evaluate_embed_prompts(run);
        for (size_t d = 0; !rc && d < run->n_data && !stop_wanted(); d++)
            go_on(run, run_data(run, d));
    }
    expclip_classes_free(run->classes);
    expclip_model_free(run->model);
    run->classes = NULL;
    run->model = NULL;
    return rc;
}

static void run_all(evaluate_run *run)
{
    for (size_t m = 0; m < run->models.n; m++) {
        comma_words done = { NULL, 0 };

        for (size_t h = 0; h < run->heads.n && !stop_wanted(); h++)
            go_on(run, run_head(run, run->models.items[m], run->heads.items[h],
                                &done));
        comma_words_free(&done);
    }
}

/** A report of what there is, also when something failed. */
static int finish(const evaluate_run *run)
{
    int rc = 0;

    if (stop_wanted()) {
        console_error("interrupted: the same command continues");
        return EXIT_RESOURCES;
    }
    if (json_array_size(run->results) > 0) {
        rc = evaluate_write(run);
        if (!rc)
            rc = report_write(run->settings->output, run->results);
        if (!rc)
            console_note("report: %s/report.html", run->settings->output);
    }
    if (!rc)
        rc = run->worst;
    return rc || !run->n_failed ? rc : EXIT_SOME_FAILED;
}

static void release(evaluate_run *run)
{
    for (size_t i = 0; i < run->n_data; i++)
        labelled_data_close(&run->data[i]);
    free(run->data);
    for (size_t i = 0; i < run->n_logits; i++)
        free(run->logits[i].logits);
    free(run->logits);
    comma_words_free(&run->models);
    comma_words_free(&run->heads);
    json_decref(run->results);
    json_decref(run->comparisons);
}

/** In a dataset's folder, plots would be a class of it the next time. */
static int check_apart(const char *output, int n, char **folders)
{
    struct stat out, in;

    if (!output || stat(output, &out))
        return 0;
    for (int i = 0; i < n; i++)
        if (stat(folders[i], &in) == 0 && in.st_dev == out.st_dev &&
            in.st_ino == out.st_ino) {
            console_error("evaluate: -o %s is the folder of the dataset %s;"
                          " name another one",
                          output, folders[i]);
            return EXIT_USAGE;
        }
    return 0;
}

/** A DIR means folder=DIR. */
static char **as_specs(int n, char **operands)
{
    char **specs = memory_new((size_t)n + 1, sizeof(*specs));

    for (int i = 0; i < n; i++)
        specs[i] = memory_text("folder=%s", operands[i]);
    return specs;
}

static int evaluate(const void *settings, int n_operands, char **operands)
{
    evaluate_run run;
    comma_words specs = { as_specs(n_operands, operands), (size_t)n_operands };
    int rc;

    memset(&run, 0, sizeof(run));
    run.settings = settings;
    rc = check_apart(run.settings->output, n_operands, operands);
    if (!rc)
        rc = prepare(&run, n_operands, specs.items);
    if (!rc) {
        run_all(&run);
        rc = finish(&run);
    }
    release(&run);
    comma_words_free(&specs);
    return rc;
}

const command evaluate_command = {
    "evaluate",
    "[DIR...]",
    "Measure models on labelled datasets, and write a report.",
    "Each DIR has one folder per class, named after it, with images, videos or "
    "folders of frames.\n\nThe folder that -o names gets report.html, "
    "tables.md and tables.tex to read; results.json and results.csv with UAR, "
    "WAR and more for each dataset, prompt set, model and head; plots; and "
    "predictions for every item. Images and frames go through the image "
    "encoder once, however many prompt sets and heads there are, unless heads "
    "need differently prepared pixels. Finished work is kept in the subfolder "
    "cache: after an interruption, the same command continues and writes the "
    "same bytes. A clip is scored without its damaged frames, which are "
    "reported. A dataset or a model that fails is reported, and the others are "
    "still evaluated.\n\nCheck the data first with \"expclip "
    "check-list\".\n\nFor your own images, put them into folders named after "
    "their expression and run\n\nexpclip evaluate faces -o report\n\nThe "
    "paper's runs, with OpenAI's CLIP and the paper's head:\n\nexpclip "
    "evaluate --model ViT-L/14 --head ExpCLIP_L14 -o report --data "
    "RAFDB=/data/RAF-DB --data AffectNet7=/data/AffectNet",
    options,
    &defaults,
    sizeof(defaults),
    evaluate,
};
