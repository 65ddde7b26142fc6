/* SPDX-License-Identifier: MIT */
/*
 * evaluate_features.c - the costly part of an evaluation: every picture and
 * frame through the image encoder, kept in DIR/cache as it goes.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "console.h"
#include "evaluate_run.h"
#include "memory.h"
#include "stop.h"

enum { FAILURES_SHOWN = 20 };

/** FNV-1a: tells settings apart, in a file's name. */
static uint64_t hash_text(const char *text)
{
    uint64_t hash = 0xcbf29ce484222325u;

    for (; *text; text++)
        hash = (hash ^ (unsigned char)*text) * 0x100000001b3u;
    return hash;
}

/** A file of its own for all that makes other features, so that no run has to
 * remove another's. */
static char *cache_path(const evaluate_run *run, const evaluated_data *data)
{
    const evaluate_settings *s = run->settings;
    const data_settings *r = &s->reading;
    char *settings = memory_text("%s\n%s\n%s\n%s\n%s\n%d", data->spec,
                                 r->root_map ? r->root_map : "", r->split,
                                 r->policy, s->sampling, (int)s->batch);
    char *name = memory_text("cache/%s-%s-%016" PRIx64 ".features",
                             expclip_dataset_name(data->dataset),
                             data->fingerprint, hash_text(settings));
    char *path = evaluate_path(run, name);

    free(settings);
    free(name);
    return path;
}

static int create(evaluate_run *run, evaluated_data *data)
{
    expclip_features_options o = EXPCLIP_FEATURES_OPTIONS_INIT;
    char *path = cache_path(run, data);
    expclip_error err;
    expclip_status status;

    o.cache = path;
    o.batch = run->settings->batch;
    o.sampling = strcmp(run->settings->sampling, "exact") == 0
                     ? EXPCLIP_SAMPLING_EXACT
                     : EXPCLIP_SAMPLING_SPREAD;
    if (o.sampling == EXPCLIP_SAMPLING_SPREAD)
        o.order = EXPCLIP_ORDER_NATURAL;
    status = expclip_features_create(&data->features, run->model, data->dataset,
                                     &o, &err);
    free(path);
    if (!status)
        return 0;
    console_error("%s", err.message);
    return exit_code_of(status);
}

static int compute(const evaluated_data *data)
{
    expclip_error err;
    progress bar;
    size_t done = expclip_features_done_count(data->features);
    expclip_status status = EXPCLIP_OK;

    if (done && done < data->n)
        console_note("%s: goes on from item %zu of %zu", data->title, done,
                     data->n);
    progress_start(&bar, "items", (double)(data->n - done));
    while (!status && expclip_features_done_count(data->features) < data->n) {
        status = expclip_features_step(data->features, stop_token(), &err);
        progress_show(
            &bar, (double)(expclip_features_done_count(data->features) - done));
    }
    progress_hide(&bar);
    if (!status)
        return 0;
    console_error("%s: %s; %zu of %zu items are done", data->title, err.message,
                  expclip_features_done_count(data->features), data->n);
    return exit_code_of(status);
}

/** Items that failed, and clips of which frames were left out. */
static void report_failures(evaluate_run *run, const evaluated_data *data)
{
    size_t n = 0;

    for (size_t i = 0; i < data->n; i++) {
        const char *why = expclip_features_message(data->features, i);

        if ((expclip_features_status(data->features, i) || *why) &&
            n++ < FAILURES_SHOWN)
            console_error("%s: %s", expclip_dataset_path(data->dataset, i),
                          why);
    }
    if (n > FAILURES_SHOWN)
        console_error("%s: and %zu more items", data->title,
                      n - FAILURES_SHOWN);
    run->n_failed += n;
}

int evaluate_features(evaluate_run *run, evaluated_data *data)
{
    const char *fingerprint = expclip_model_encoder_fingerprint(run->model);
    const double start = console_seconds();
    size_t before;
    int rc;

    if (data->features && strcmp(data->fingerprint, fingerprint) == 0)
        return 0;
    expclip_features_free(data->features);
    data->features = NULL;
    strcpy(data->fingerprint, fingerprint);
    rc = create(run, data);
    if (rc)
        return rc;
    before = expclip_features_done_count(data->features);
    rc = compute(data);
    if (rc)
        return rc;
    report_failures(run, data);
    if (before < data->n)
        console_note("%s: features of %zu items in %.1f s", data->title,
                     data->n - before, console_seconds() - start);
    else
        console_note("%s: features of %zu items were there", data->title,
                     data->n);
    return 0;
}
