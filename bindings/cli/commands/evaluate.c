/* SPDX-License-Identifier: MIT */
/*
 * evaluate.c - expclip evaluate: data sets x prompt sets x models and
 * heads in one run.
 *
 * model -> features of every data set, once an encoder -> for each head and
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
    .model = MODEL_SETTINGS_DEFAULT,
};

static const command_option options[] = {
    OPT_HEADING("What"),
    OPT_TEXTS(evaluate_settings, data, "data", 'd', "NAME=PATH[,LIST]...",
              "A data set: RAFDB, AffectNet7, AffectNet8, FERPlus, FER2013,"
              " DFEW, FERV39k, MAFW, AFEW, CAER-S, CKPlus in its published"
              " layout; folder=DIR, a folder a class; list=FILE, rows \"path"
              " frames label\". A LIST a fold replaces the layout's own. May be"
              " repeated. A DIR without --data means folder=DIR."),
    OPT_TEXT(evaluate_settings, prompts, "prompts", 'p', "SET,...",
             "Sets of the paper, files of prompts or templates with {}, with"
             " commas between; all = type1,type2,type3,type4,type5."),
    OPT_TEXT(evaluate_settings, output, "output", 'o', "DIR",
             "Where the report is written. Needed."),
    OPT_CHOICE(evaluate_settings, pooling, "pooling", "logits|embeddings",
               "How the prompts of a class give one score; logits as in the"
               " paper."),
    OPT_CHOICE(evaluate_settings, sampling, "sampling", "exact|spread",
               "Which 16 frames stand for a clip: exact = the reference's rule,"
               " which takes frame 0 alone of clips of 16 frames or fewer."),
    OPT_HEADING("Results"),
    OPT_RESULTS(evaluate_settings, json, "json",
                "Print each result as one JSON object a line."),
    OPT_INT(evaluate_settings, metrics.n_bootstrap, "bootstrap", 0, 1000000,
            "Samples for the 95 % intervals; 0 = none."),
    OPT_LONG(evaluate_settings, metrics.seed, "seed", 0, 2147483647,
             "Of these samples."),
    OPT_FLAG(evaluate_settings, compare, "compare", 0,
             "Also test each model and head against the first, on the same"
             " items (McNemar): comparisons.json."),
    OPT_FLAG(evaluate_settings, no_predictions, "no-predictions", 0,
             "Do not write the prediction of every item."),
    DATA_OPTIONS(evaluate_settings, reading),
    OPT_HEADING("Models"),
    OPT_TEXTS(evaluate_settings, models, "model", 'm', "FILE|NAME[,...]",
              "Weights: a file or folder, a name fetched by \"expclip pull\","
              " or \"demo\" for drawn faces. May be repeated. Default: demo"),
    OPT_TEXTS(evaluate_settings, heads, "head", 0, "FILE|auto|none[,...]",
              "Exp-CLIP head: auto = the model file's own, none = plain CLIP."
              " May be repeated: each model is run with each head. Default:"
              " auto"),
    LOADING_OPTIONS(evaluate_settings, model),
    OPT_INT(evaluate_settings, batch, "batch", 1, 4096,
            "Pictures computed at once."),
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
 * Before the first picture
 */

static int check_settings(const evaluate_settings *s, int n_operands)
{
    if (!s->output) {
        console_error("evaluate: -o DIR is needed; see \"expclip evaluate"
                      " --help\"");
        return EXIT_USAGE;
    }
    if (s->data.n + n_operands == 0) {
        console_error("evaluate: no data; give a folder that has a folder a"
                      " class, or --data NAME=PATH");
        return EXIT_USAGE;
    }
    return 0;
}

/** Every mistake is told at once; a data set that cannot be read does not hold
 * up the others. */
static int open_data(evaluate_run *run, int n_operands, char **operands)
{
    const evaluate_settings *s = run->settings;
    const int n = s->data.n + n_operands;
    int worst = 0;

    run->data = memory_new((size_t)n, sizeof(*run->data));
    for (int i = 0; i < n; i++) {
        labelled_data *d = &run->data[run->n_data];
        const int rc = labelled_data_open(
            d, i < s->data.n ? s->data.items[i] : operands[i - s->data.n],
            &s->reading);

        run->n_data += d->dataset != NULL;
        if (worst <= EXIT_SOME_FAILED && rc)
            worst = rc;
    }
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
        json_dumpf(r, stdout, JSON_COMPACT | JSON_REAL_PRECISION(17));
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
        console_note("%s: prompt sets in %.2f s, %zu of them",
                     run->data[data].title, console_seconds() - start,
                     run->n_prompts);
    /* Not the command is wrong, but something with the data set. */
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
        console_error("interrupted: run the same command again to go on");
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
    "UAR, WAR and more of models on data sets, with a report.",
    "DIR gets report.html, tables.md, tables.tex, results.json, results.csv,"
    " plots and the prediction of every item. Pictures and frames go through "
    "the image"
    " encoder once, whatever the number of prompts and heads; what is done is"
    " kept in DIR/cache, so that the same command goes on after an"
    " interruption. \"expclip check-list\" looks at the data first.\n\n"
    "Your own pictures: put them in folders named after their expression and"
    " run\n\n"
    "expclip evaluate faces -o report\n\n"
    "The reference's runs, with OpenAI's CLIP and the paper's head:\n\n"
    "expclip evaluate --model ViT-L/14 --head ExpCLIP_L14 -o report"
    " --data RAFDB=/data/RAF-DB --data AffectNet7=/data/AffectNet",
    options,
    &defaults,
    sizeof(defaults),
    evaluate,
};
