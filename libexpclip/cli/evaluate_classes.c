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

/** The prompts' name and the classes'. */
static char *key_of(const evaluated_data *data, size_t prompts)
{
    char *key = memory_text("%s", data->sets.sets[prompts].name);

    for (size_t c = 0; c < data->n_classes; c++) {
        char *longer = memory_text("%s\n%s", key, data->names[c]);

        free(key);
        key = longer;
    }
    return key;
}

static int embed(expclip_classes **out, const evaluate_run *run,
                 const expclip_prompts *prompts)
{
    expclip_classes_options o = EXPCLIP_CLASSES_OPTIONS_INIT;
    expclip_error err;
    expclip_status status;

    o.pooling = strcmp(run->settings->pooling, "logits") == 0
                    ? EXPCLIP_POOLING_LOGITS
                    : EXPCLIP_POOLING_EMBEDDINGS;
    status = expclip_classes_create(out, run->model, prompts, &o, stop_token(),
                                    &err);
    if (!status)
        return 0;
    console_error("%s", err.message);
    return exit_code_of(status);
}

int evaluate_classes(const expclip_classes **out, evaluate_run *run,
                     const evaluated_data *data, size_t prompts)
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
    rc = embed(&made, run, data->sets.sets[prompts].prompts);
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
