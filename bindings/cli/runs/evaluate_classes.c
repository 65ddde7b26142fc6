/* SPDX-License-Identifier: MIT */
/*
 * evaluate_classes.c - class vectors of the datasets' classes: each text goes
 * through the text encoder once a model, whatever the number of datasets and
 * prompt sets.
 */
#include <stdlib.h>
#include <string.h>

#include "runs/evaluate_run.h"
#include "terminal/console.h"
#include "terminal/failure.h"
#include "terminal/memory.h"
#include "terminal/stop.h"

int evaluate_read_prompts(evaluate_run *run)
{
    /* No list means all sets of the paper. */
    const char *list = strcmp(run->settings->prompts, "all") == 0
                           ? NULL
                           : run->settings->prompts;
    int rc = 0;

    for (size_t d = 0; !rc && d < run->n_data; d++)
        rc = prompt_sets_read(&run->data[d].sets, list, 0, NULL,
                              run->data[d].dataset);
    run->n_prompts = rc ? 0 : run->data[0].sets.n;
    return rc;
}

/** Every prompt of every set of every dataset, once a class. */
static int join(expclip_prompts **out, const evaluate_run *run)
{
    prompt_sets all = { NULL, 0 };
    int rc;

    all.sets = memory_new(run->n_data * run->n_prompts, sizeof(*all.sets));
    for (size_t d = 0; d < run->n_data; d++)
        for (size_t p = 0; p < run->n_prompts; p++)
            all.sets[all.n++] = run->data[d].sets.sets[p];
    rc = prompt_sets_join(out, &all);
    free(all.sets); /* the sets themselves are the datasets' */
    return rc;
}

int evaluate_embed_prompts(evaluate_run *run)
{
    const double start = console_seconds();
    expclip_prompts *all = NULL;
    expclip_error err;
    expclip_status status;
    int rc = join(&all, run);

    if (rc)
        return rc;
    status = expclip_classes_create(&run->classes, run->model, all, NULL,
                                    stop_token(), &err);
    expclip_prompts_free(all);
    if (status)
        return failure_report(&err);
    prompt_sets_tell_cut(run->classes, run->model);
    console_note("prompts embedded in %.2f s", console_seconds() - start);
    return 0;
}

int evaluate_classes(expclip_classes **out, const evaluate_run *run,
                     const prompt_set *set)
{
    expclip_classes_options o = EXPCLIP_CLASSES_OPTIONS_INIT;
    expclip_error err;
    expclip_status status;

    o.pooling = strcmp(run->settings->pooling, "logits") == 0
                    ? EXPCLIP_POOLING_LOGITS
                    : EXPCLIP_POOLING_EMBEDDINGS;
    status = expclip_classes_select(out, run->classes, set->prompts, &o, &err);
    return status ? failure_report(&err) : 0;
}
