/* SPDX-License-Identifier: MIT */
/*
 * prompts.c - expclip prompts: which words tell the classes apart best.
 *
 * The image encoder sees each item once (or never, when a file of features has
 * it) and the text encoder each prompt once; after that a way of saying the
 * classes costs a few milliseconds: vectors are chosen, scores computed, and
 * rates counted.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "options/model_settings.h"
#include "runs/labelled_data.h"
#include "terminal/console.h"
#include "terminal/failure.h"
#include "terminal/memory.h"
#include "terminal/stop.h"
#include "views/json_line.h"
#include "views/outfile.h"

typedef struct prompts_settings {
    const char *spec; /* NAME=PATH[,LIST]... */
    const char *prompts;
    const char *pooling;
    const char *cache;
    const char *sampling;
    data_settings reading;
    model_settings model;
    int32_t leave_one_out;
    int32_t batch;
    int32_t json;
} prompts_settings;

static const prompts_settings defaults = {
    .pooling = "both",
    .sampling = "exact",
    .reading = DATA_SETTINGS_DEFAULT,
    .model = MODEL_SETTINGS_DEFAULT,
    .batch = 16,
};

static const command_option options[] = {
    OPT_HEADING("Results"),
    OPT_FLAG(prompts_settings, leave_one_out, "leave-one-out", 0,
             "Also leave out each prompt of the sets that have more than one "
             "per class, and report how the rates change. A prompt helps when "
             "the change without it is below 0."),
    OPT_RESULTS(
        prompts_settings, json, "json",
        "Print one JSON object per row: dataset, prompt_set, pooling, left_out "
        "(the position from 1, or null), n, n_failed, uar, war and ms; for a "
        "set with a prompt left out also prompt, uar_change and war_change."),
    OPT_HEADING("Classes"),
    OPT_TEXT(prompts_settings, prompts, "prompts", 'p',
             "SET|FILE|TEMPLATE[,...]",
             "More prompt sets like the operands, separated by commas. Default "
             "when there are none: type1,type2,type3,type4,type5"),
    OPT_CHOICE(
        prompts_settings, pooling, "pooling", "both|logits|embeddings",
        "How the prompts of a class give one score. logits takes the mean of "
        "their logits, as the paper does; embeddings takes the mean of their "
        "embeddings, scaled to unit length, as open_clip does. both tries the "
        "two, which differ only where a class has more than one prompt."),
    DATA_OPTIONS(prompts_settings, reading),
    OPT_TEXT(prompts_settings, spec, "data", 'd', "NAME=PATH[,LIST]...",
             "The dataset, such as RAFDB=/data/RAF-DB, or folder=DIR with one "
             "folder per class, named after it. Required."),
    OPT_CHOICE(prompts_settings, sampling, "sampling", "exact|spread",
               "Which 16 frames represent a clip. exact is the rule of the "
               "paper's reference code, with the frames sorted by name, and "
               "takes only the first frame of clips of 16 frames or fewer. "
               "spread takes the middles of 16 equal parts, in natural order."),
    OPT_TEXT(prompts_settings, cache, "cache", 0, "FILE",
             "Keep the image embeddings in this file, and reuse those that are "
             "in it."),
    OPT_INT(prompts_settings, batch, "batch", 1, 4096,
            "How many images are computed at once."),
    MODEL_OPTIONS(prompts_settings, model),
    OPT_END,
};

/** One way of saying the classes, and how good it is. */
typedef struct trial {
    const char *set;
    int32_t pooling;
    size_t left_out; /* position from 1; 0 = none */
    char *prompt;    /* what stands there, or NULL */
    double uar;      /* percent */
    double war;
    double n;
    double n_failed;
    double ms;
    size_t whole; /* index of the same trial with all prompts */
} trial;

typedef struct prompts_run {
    const prompts_settings *settings;
    labelled_data data; /* and the sets */
    size_t n_failed;
    expclip_model *model;
    expclip_classes *classes; /* all prompts of all sets */
    float *logits;            /* [n, n_classes] */
    trial *trials;
    size_t n_trials;
    double texts_seconds;
} prompts_run;

/* ------------------------------------------------------------------------
 * What is computed once
 */

static int embed_prompts(prompts_run *run)
{
    const double start = console_seconds();
    expclip_prompts *all = NULL;
    expclip_error err;
    int rc = prompt_sets_join(&all, &run->data.sets);

    if (!rc && expclip_classes_create(&run->classes, run->model, all, NULL,
                                      stop_token(), &err))
        rc = failure_report(&err);
    expclip_prompts_free(all);
    if (!rc)
        prompt_sets_tell_cut(run->classes, run->model);
    run->texts_seconds = console_seconds() - start;
    return rc;
}

static expclip_status score(prompts_run *run, const expclip_classes *classes,
                            expclip_error *err)
{
    const labelled_data *d = &run->data;

    return expclip_rows_score(run->logits, d->n * d->n_classes, d->features,
                              run->model, classes, err);
}

static int prepare(prompts_run *run, int n_operands, char **operands)
{
    const prompts_settings *s = run->settings;
    labelled_data *d = &run->data;
    expclip_error err;
    int rc;

    if (!s->spec) {
        console_error("prompts: no dataset; see \"expclip prompts --help\"");
        return EXIT_USAGE;
    }
    if (s->cache && outfile_check(s->cache, EXPCLIP__FILE_ROWS))
        return EXIT_USAGE;
    rc = labelled_data_open(d, s->spec, &s->reading, NULL);
    if (rc == EXIT_SOME_FAILED)
        rc = EXIT_USAGE;
    if (!rc)
        rc = prompt_sets_read(&d->sets, s->prompts, n_operands, operands,
                              d->dataset);
    if (!rc)
        rc = model_settings_load(&run->model, &s->model);
    if (rc)
        return rc;
    run->logits = memory_new(d->n * d->n_classes, sizeof(*run->logits));
    rc = embed_prompts(run);
    if (!rc)
        rc = labelled_data_embed(d, run->model,
                                 &(labelled_settings){ s->cache ? s->cache : "",
                                                       NULL, &s->reading,
                                                       s->sampling, s->batch },
                                 &run->n_failed);
    /* The first score sends all features through the head, the later ones do
     * not: it is not a set's time. The logits are those of no set. */
    if (!rc && score(run, run->classes, &err))
        rc = failure_report(&err);
    return rc;
}

/* ------------------------------------------------------------------------
 * Trials
 */

/** Takes the metrics `m`. */
static void read_rates(trial *t, json_t *m)
{
    t->uar = json_number_value(json_object_get(m, "uar"));
    t->war = json_number_value(json_object_get(m, "war"));
    t->n = json_number_value(json_object_get(m, "n"));
    t->n_failed = json_number_value(json_object_get(m, "n_failed"));
    json_decref(m);
}

static int try_prompts(prompts_run *run, trial *t,
                       const expclip_prompts *prompts)
{
    expclip_classes_options pooling = EXPCLIP_CLASSES_OPTIONS_INIT;
    expclip_metrics_options rates = EXPCLIP_METRICS_OPTIONS_INIT;
    const double start = console_seconds();
    expclip_classes *classes = NULL;
    json_t *metrics = NULL;
    expclip_error err;
    int rc = 0;

    pooling.pooling = t->pooling;
    rates.n_bootstrap = 0;
    if (expclip_classes_select(&classes, run->classes, prompts, &pooling,
                               &err) ||
        score(run, classes, &err))
        rc = failure_report(&err);
    else
        rc = labelled_data_measure(&metrics, &run->data, run->logits, &rates);
    if (!rc)
        read_rates(t, metrics);
    t->ms = 1e3 * (console_seconds() - start);
    expclip_classes_free(classes);
    return rc;
}

static trial *add_trial(prompts_run *run, const prompt_set *set,
                        int32_t pooling)
{
    trial *t;

    run->trials =
        memory_resize(run->trials, run->n_trials + 1, sizeof(*run->trials));
    t = &run->trials[run->n_trials];
    memset(t, 0, sizeof(*t));
    t->set = set->name;
    t->pooling = pooling;
    t->whole = run->n_trials++;
    return t;
}

/** What stands at a position, of the first class that has one there. */
static const char *prompt_at(const expclip_prompts *prompts, size_t position)
{
    const char *text = "";

    for (size_t i = 0; !*text && i < expclip_prompts_class_count(prompts); i++)
        text = expclip_prompts_text(prompts, i, position);
    return text;
}

static int leave_one_out(prompts_run *run, const prompt_set *set,
                         int32_t pooling)
{
    const size_t n = prompt_set_positions(set->prompts);
    const size_t whole = run->n_trials - 1;
    int rc = 0;

    for (size_t i = 0; i < n && !rc; i++) {
        trial *t = add_trial(run, set, pooling);
        expclip_prompts *rest = NULL;

        t->whole = whole;
        t->left_out = i + 1;
        t->prompt = memory_text("%s", prompt_at(set->prompts, i));
        rc = prompt_set_without(&rest, set->prompts, i);
        if (!rc)
            rc = try_prompts(run, t, rest);
        expclip_prompts_free(rest);
    }
    return rc;
}

static int try_set(prompts_run *run, const prompt_set *set, int32_t pooling)
{
    int rc = try_prompts(run, add_trial(run, set, pooling), set->prompts);

    if (!rc && run->settings->leave_one_out &&
        prompt_set_positions(set->prompts) > 1)
        rc = leave_one_out(run, set, pooling);
    return rc;
}

/** One prompt is its own mean: both poolings are then the same. */
static int is_wanted(const prompts_run *run, const prompt_set *set,
                     int32_t pooling)
{
    const char *wanted = run->settings->pooling;
    const int embeddings = pooling == EXPCLIP_POOLING_EMBEDDINGS;

    if (strcmp(wanted, "both") == 0)
        return !embeddings || prompt_set_positions(set->prompts) > 1;
    return (strcmp(wanted, "embeddings") == 0) == embeddings;
}

static int try_all(prompts_run *run)
{
    static const int32_t poolings[] = { EXPCLIP_POOLING_LOGITS,
                                        EXPCLIP_POOLING_EMBEDDINGS };
    int rc = 0;

    for (size_t i = 0; i < run->data.sets.n && !rc; i++)
        for (size_t j = 0; j < 2 && !rc; j++)
            if (is_wanted(run, &run->data.sets.sets[i], poolings[j]))
                rc = try_set(run, &run->data.sets.sets[i], poolings[j]);
    return rc;
}

/* ------------------------------------------------------------------------
 * Results
 */

static const char *pooling_name(const trial *t)
{
    return t->pooling == EXPCLIP_POOLING_LOGITS ? "logits" : "embeddings";
}

static void print_json(const prompts_run *run, const trial *t)
{
    const trial *whole = &run->trials[t->whole];
    json_t *line = json_pack(
        "{ss so ss so}", "dataset", expclip_dataset_name(run->data.dataset),
        "prompt_set", json_line_string(t->set), "pooling", pooling_name(t),
        "left_out",
        t->left_out ? json_integer((json_int_t)t->left_out) : json_null());

    if (t->left_out)
        json_object_set_new(line, "prompt", json_line_string(t->prompt));
    json_object_update_new(
        line, json_pack("{sI sI sf sf}", "n", (json_int_t)t->n, "n_failed",
                        (json_int_t)t->n_failed, "uar", t->uar, "war", t->war));
    if (t->left_out)
        json_object_update_new(
            line, json_pack("{sf sf}", "uar_change", t->uar - whole->uar,
                            "war_change", t->war - whole->war));
    json_object_set_new(line, "ms", json_real(t->ms));
    json_line_print(line);
}

/** The best of the trials with all prompts. */
static void find_best(const prompts_run *run, double *uar, double *war)
{
    *uar = *war = -1.0;
    for (size_t i = 0; i < run->n_trials; i++)
        if (!run->trials[i].left_out) {
            *uar = fmax(*uar, run->trials[i].uar);
            *war = fmax(*war, run->trials[i].war);
        }
}

static size_t name_width(const prompts_run *run)
{
    const size_t columns = console_columns(stdout);
    const size_t most = columns > 64 ? columns - 44 : 20;
    size_t width = strlen("prompts");

    for (size_t i = 0; i < run->n_trials; i++) {
        const trial *t = &run->trials[i];
        const size_t w =
            t->left_out ? console_width(t->prompt) + 6 : console_width(t->set);
        if (w > width)
            width = w;
    }
    return width < most ? width : most;
}

static void print_left_out(const prompts_run *run, const trial *t, size_t width)
{
    const trial *whole = &run->trials[t->whole];

    printf("  -%-3zu", t->left_out);
    console_print_fit(stdout, t->prompt, width - 6);
    printf("  %10s  %+6.2f   %+6.2f   %7.1f\n", "", t->uar - whole->uar,
           t->war - whole->war, t->ms);
}

static void print_table(const prompts_run *run)
{
    const size_t width = name_width(run);
    double uar, war;

    find_best(run, &uar, &war);
    printf("%-*s  %-10s  %6s   %6s   %7s\n", (int)width, "prompts", "pooling",
           "UAR", "WAR", "ms");
    for (size_t i = 0; i < run->n_trials; i++) {
        const trial *t = &run->trials[i];

        if (t->left_out) {
            print_left_out(run, t, width);
            continue;
        }
        console_print_fit(stdout, t->set, width);
        printf("  %-10s  %6.2f %c %6.2f %c %7.1f\n", pooling_name(t), t->uar,
               t->uar >= uar ? '*' : ' ', t->war, t->war >= war ? '*' : ' ',
               t->ms);
    }
}

static void print_all(const prompts_run *run)
{
    if (!run->settings->json)
        print_table(run);
    for (size_t i = 0; run->settings->json && i < run->n_trials; i++)
        print_json(run, &run->trials[i]);
    console_note("%s: %zu item%s, %zu failed; prompts %.2f s", run->data.title,
                 run->data.n, run->data.n == 1 ? "" : "s",
                 expclip_rows_failed_count(run->data.features),
                 run->texts_seconds);
}

static void release(prompts_run *run)
{
    for (size_t i = 0; i < run->n_trials; i++)
        free(run->trials[i].prompt);
    free(run->trials);
    free(run->logits);
    expclip_classes_free(run->classes);
    labelled_data_close(&run->data);
    expclip_model_free(run->model);
}

static int prompts(const void *settings, int n_operands, char **operands)
{
    prompts_run run;
    int rc;

    memset(&run, 0, sizeof(run));
    run.settings = settings;
    rc = prepare(&run, n_operands, operands);
    if (!rc)
        rc = try_all(&run);
    if (!rc) {
        print_all(&run);
        rc = run.n_failed ? EXIT_SOME_FAILED : EXIT_DONE;
    }
    release(&run);
    return rc;
}

const command prompts_command = {
    "prompts",
    "[SET|FILE|TEMPLATE...]",
    "Find the prompts that best tell the classes of a dataset apart.",
    "Each operand is a way to put the classes into words, as --prompts of "
    "\"expclip score\": type1 to type5, a template with {} for the class, or a "
    "file, which must have prompts for all classes of the dataset. The paper's "
    "five sets are compared when there is no operand. The command prints UAR "
    "and WAR of each in percent and marks the best; with folds they are the "
    "means over the folds. Each image and each prompt is encoded once; a "
    "comparison then takes milliseconds.",
    options,
    &defaults,
    sizeof(defaults),
    prompts,
};
