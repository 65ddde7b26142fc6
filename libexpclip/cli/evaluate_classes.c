/* SPDX-License-Identifier: MIT */
/*
 * evaluate_classes.c - class vectors of a data set's classes: each text goes
 * through the text encoder once a model, whatever the number of data sets.
 */
#include <stdlib.h>
#include <string.h>

#include "console.h"
#include "evaluate_run.h"
#include "memory.h"
#include "stop.h"

static int fail(const expclip_error *err, int code)
{
    console_error("%s", err->message);
    return code;
}

/** Prompts of a set of the paper or a template. */
static int add_classes(expclip_prompts *p, const evaluated_data *data,
                       const char *set_or_template)
{
    expclip_error err;

    for (size_t c = 0; c < data->n_classes; c++)
        if (expclip_prompts_add_class(p, data->names[c], set_or_template, &err))
            return fail(&err, EXIT_USAGE);
    return 0;
}

static size_t find_class(const expclip_prompts *p, const char *name)
{
    size_t c = 0;

    while (c < expclip_prompts_class_count(p) &&
           strcmp(expclip_prompts_class_name(p, c), name) != 0)
        c++;
    return c;
}

/** A file's prompts, in the order of the data set's classes. */
static int take_file(expclip_prompts *p, const evaluated_data *data,
                     const expclip_prompts *file, const char *path)
{
    expclip_error err;

    for (size_t c = 0; c < data->n_classes; c++) {
        const size_t from = find_class(file, data->names[c]);

        if (from == expclip_prompts_class_count(file)) {
            console_error("%s: no class \"%s\", which %s has", path,
                          data->names[c], expclip_dataset_name(data->dataset));
            return EXIT_USAGE;
        }
        for (size_t i = 0; i < expclip_prompts_count(file, from); i++)
            if (expclip_prompts_add(p, data->names[c],
                                    expclip_prompts_text(file, from, i), &err))
                return fail(&err, EXIT_USAGE);
    }
    return 0;
}

static int read_prompts(expclip_prompts **out, const evaluated_data *data,
                        const char *prompts)
{
    expclip_prompts *p = NULL, *file = NULL;
    expclip_error err;
    int rc;

    if (expclip_prompts_create(&p, &err))
        return fail(&err, EXIT_RESOURCES);
    if (strstr(prompts, "{}") || strncmp(prompts, "type", 4) == 0)
        rc = add_classes(p, data, prompts);
    else if (expclip_prompts_load(&file, prompts, &err))
        rc = fail(&err, EXIT_USAGE);
    else
        rc = take_file(p, data, file, prompts);
    expclip_prompts_free(file);
    if (rc)
        expclip_prompts_free(p);
    else
        *out = p;
    return rc;
}

/** The prompts' name and the classes'. */
static char *key_of(const evaluated_data *data, const char *prompts)
{
    char *key = memory_text("%s", prompts);

    for (size_t c = 0; c < data->n_classes; c++) {
        char *longer = memory_text("%s\n%s", key, data->names[c]);

        free(key);
        key = longer;
    }
    return key;
}

static int embed(expclip_classes **out, const evaluate_run *run,
                 const evaluated_data *data, const char *prompts)
{
    expclip_classes_options o = EXPCLIP_CLASSES_OPTIONS_INIT;
    expclip_prompts *p = NULL;
    expclip_error err;
    expclip_status status;
    int rc = read_prompts(&p, data, prompts);

    if (rc)
        return rc;
    o.pooling = strcmp(run->settings->pooling, "logits") == 0
                    ? EXPCLIP_POOLING_LOGITS
                    : EXPCLIP_POOLING_EMBEDDINGS;
    status = expclip_classes_create(out, run->model, p, &o, stop_token(), &err);
    expclip_prompts_free(p);
    return status ? fail(&err, exit_code_of(status)) : 0;
}

int evaluate_classes(const expclip_classes **out, evaluate_run *run,
                     const evaluated_data *data, const char *prompts)
{
    char *key = key_of(data, prompts);
    expclip_classes *made = NULL;
    int rc;

    for (size_t i = 0; i < run->n_classes; i++)
        if (strcmp(run->classes[i].key, key) == 0) {
            free(key);
            *out = run->classes[i].classes;
            return 0;
        }
    rc = embed(&made, run, data, prompts);
    if (rc) {
        free(key);
        return rc;
    }
    run->classes =
        memory_resize(run->classes, run->n_classes + 1, sizeof(*run->classes));
    run->classes[run->n_classes++] = (evaluated_classes){ key, made };
    *out = made;
    return 0;
}

void evaluate_forget_classes(evaluate_run *run)
{
    for (size_t i = 0; i < run->n_classes; i++) {
        free(run->classes[i].key);
        expclip_classes_free(run->classes[i].classes);
    }
    free(run->classes);
    run->classes = NULL;
    run->n_classes = 0;
}
