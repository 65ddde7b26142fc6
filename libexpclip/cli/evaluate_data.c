/* SPDX-License-Identifier: MIT */
/*
 * evaluate_data.c - the data sets of an evaluation and the words for their
 * classes: all that a user may have mistyped, before a model is loaded.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "console.h"
#include "evaluate_run.h"
#include "memory.h"

/* ------------------------------------------------------------------------
 * Words
 */

static int has_word(const evaluate_words *words, const char *text)
{
    for (size_t i = 0; i < words->n; i++)
        if (strcmp(words->items[i], text) == 0)
            return 1;
    return 0;
}

/** Takes `text`. */
static const char *add_word(evaluate_words *words, char *text)
{
    words->items =
        memory_resize(words->items, words->n + 1, sizeof(*words->items));
    return words->items[words->n++] = text;
}

const char *evaluate_new_word(evaluate_words *words, const char *text)
{
    char *word = memory_text("%s", text);

    for (int i = 2; has_word(words, word); i++) {
        free(word);
        word = memory_text("%s-%d", text, i);
    }
    return add_word(words, word);
}

void evaluate_split(evaluate_words *words, const char *text)
{
    struct stat st;

    while (text) {
        const char *comma = stat(text, &st) == 0 ? NULL : strchr(text, ',');
        const size_t size = comma ? (size_t)(comma - text) : strlen(text);

        add_word(words, memory_text("%.*s", (int)size, text));
        text = comma ? comma + 1 : NULL;
    }
}

void evaluate_free_words(evaluate_words *words)
{
    for (size_t i = 0; i < words->n; i++)
        free(words->items[i]);
    free(words->items);
}

/* ------------------------------------------------------------------------
 * Data sets
 */

static int read_prompts(evaluated_data *d, const char *prompts)
{
    /* No list means all sets of the paper. */
    const char *list = strcmp(prompts, "all") == 0 ? NULL : prompts;

    return prompt_sets_read(&d->sets, list, 0, NULL, d->dataset);
}

static int check_labels(const evaluated_data *d)
{
    for (size_t i = 0; i < d->n; i++)
        if (d->labels[i] < 0 || (size_t)d->labels[i] >= d->n_classes) {
            console_error("%s: %s has no class", d->spec,
                          expclip_dataset_path(d->dataset, i));
            return EXIT_USAGE;
        }
    return 0;
}

static int read_data(evaluated_data *d, const char *prompts)
{
    int rc;

    d->n = expclip_dataset_count(d->dataset);
    d->n_classes = expclip_dataset_class_count(d->dataset);
    d->labels = memory_new(d->n, sizeof(*d->labels));
    d->folds = memory_new(d->n, sizeof(*d->folds));
    d->names = memory_new(d->n_classes, sizeof(*d->names));
    for (size_t i = 0; i < d->n; i++) {
        d->labels[i] = expclip_dataset_label(d->dataset, i);
        d->folds[i] = expclip_dataset_fold(d->dataset, i);
    }
    for (size_t c = 0; c < d->n_classes; c++)
        d->names[c] = expclip_dataset_class_name(d->dataset, c);
    rc = check_labels(d);
    return rc ? rc : read_prompts(d, prompts);
}

static void report_problems(const evaluated_data *d)
{
    const size_t n = expclip_dataset_problem_count(d->dataset);

    for (size_t i = 0; i < n; i++)
        console_error("left out: %s", expclip_dataset_problem(d->dataset, i));
}

/** @return EXIT_SOME_FAILED when the others can go on */
static int open_one(evaluate_run *run, evaluate_words *names, const char *name,
                    const char *path)
{
    evaluated_data *d = &run->data[run->n_data];
    int rc;

    d->spec = name ? memory_text("%s=%s", name, path) : memory_text("%s", path);
    rc = data_settings_try(&d->dataset, d->spec, &run->settings->reading);
    if (rc) {
        free(d->spec);
        return rc;
    }
    run->n_data++;
    report_problems(d);
    d->name = memory_text(
        "%s", evaluate_new_word(names, expclip_dataset_name(d->dataset)));
    return read_data(d, run->settings->prompts);
}

/** All of them, so that every mistake is told at once. */
static int open_all(evaluate_run *run, int n_folders, char **folders)
{
    const option_texts *given = &run->settings->data;
    const int n = given->n + n_folders;
    evaluate_words names = { NULL, 0 };
    int worst = 0;

    run->data = memory_new((size_t)n, sizeof(*run->data));
    for (int i = 0; i < n; i++) {
        const int is_folder = i >= given->n;
        const int rc =
            open_one(run, &names, is_folder ? "folder" : NULL,
                     is_folder ? folders[i - given->n] : given->items[i]);

        if (rc && worst <= EXIT_SOME_FAILED)
            worst = rc;
    }
    evaluate_free_words(&names);
    return worst;
}

int evaluate_open_data(evaluate_run *run, int n_folders, char **folders)
{
    int rc = open_all(run, n_folders, folders);

    if (rc != EXIT_SOME_FAILED)
        return rc;
    if (run->n_data == 0)
        return EXIT_USAGE;
    run->worst = rc;
    return 0;
}

void evaluate_close_data(evaluate_run *run)
{
    for (size_t i = 0; i < run->n_data; i++) {
        evaluated_data *d = &run->data[i];

        expclip_features_free(d->features);
        expclip_dataset_free(d->dataset);
        prompt_sets_free(&d->sets);
        free(d->name);
        free(d->spec);
        free(d->labels);
        free(d->folds);
        free(d->names);
    }
    free(run->data);
}
