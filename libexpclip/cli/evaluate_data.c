/* SPDX-License-Identifier: MIT */
/*
 * evaluate_data.c - the data sets of an evaluation, opened before any model is
 * loaded: every mistake is told at once.
 */
#include <stdlib.h>
#include <string.h>

#include "console.h"
#include "evaluate_run.h"
#include "memory.h"

/** What people call it: data without a name of its own has a path. */
static const char *title_of(const evaluated_data *d)
{
    const char *name = expclip_dataset_name(d->dataset);

    return strcmp(name, "folder") == 0 || strcmp(name, "list") == 0
               ? strchr(d->spec, '=') + 1
               : name;
}

/** Scores without true classes are no rates. */
static int check_labels(const evaluated_data *d)
{
    for (size_t i = 0; i < d->n; i++)
        if (d->labels[i] < 0 || (size_t)d->labels[i] >= d->n_classes) {
            console_error("%s: %s has no class", d->title,
                          expclip_dataset_path(d->dataset, i));
            return EXIT_USAGE;
        }
    return 0;
}

static int open_data(evaluate_run *run, const char *spec)
{
    evaluated_data *d = &run->data[run->n_data];
    int rc = data_settings_try(&d->dataset, spec, &run->settings->reading);

    if (rc)
        return rc;
    run->n_data++;
    d->spec = spec;
    d->title = title_of(d);
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
    for (size_t i = 0; i < expclip_dataset_problem_count(d->dataset); i++)
        console_error("left out: %s", expclip_dataset_problem(d->dataset, i));
    return check_labels(d);
}

int evaluate_open_data(evaluate_run *run, int n_operands, char **operands)
{
    const option_texts *given = &run->settings->data;
    const int n = given->n + n_operands;
    int worst = 0;

    run->data = memory_new((size_t)n, sizeof(*run->data));
    for (int i = 0; i < n; i++) {
        const int rc = open_data(run, i < given->n ? given->items[i]
                                                   : operands[i - given->n]);

        if (worst <= EXIT_SOME_FAILED && rc)
            worst = rc;
    }
    if (worst != EXIT_SOME_FAILED)
        return worst;
    run->worst = worst;
    return run->n_data ? 0 : EXIT_USAGE;
}

void evaluate_close_data(evaluate_run *run)
{
    for (size_t i = 0; i < run->n_data; i++) {
        evaluated_data *d = &run->data[i];

        expclip_features_free(d->features);
        expclip_dataset_free(d->dataset);
        free(d->labels);
        free(d->folds);
        free(d->names);
        prompt_sets_free(&d->sets);
    }
    free(run->data);
}
