/* SPDX-License-Identifier: MIT */
/*
 * labelled_features.c - the costly part of an evaluation: every image and
 * frame through the image encoder, kept in a folder as it goes.
 */
#include "runs/labelled_data.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "options/model_settings.h"
#include "runs/row_work.h"
#include "terminal/console.h"
#include "terminal/memory.h"

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
static char *cache_path(const labelled_data *data, const labelled_settings *s)
{
    const data_settings *r = s->reading;
    char *settings = memory_text(
        "%s\n%s\n%s\n%s\n%s\n%d%s", data->spec, r->root_map ? r->root_map : "",
        r->split, r->policy, s->sampling, (int)s->batch,
        data->framing.faces == EXPCLIP_FACES_NONE ? "" : data->name);
    char *path = memory_text("%s/%s-%s-%016" PRIx64 ".features", s->folder,
                             expclip_dataset_name(data->dataset),
                             data->fingerprint, hash_text(settings));

    free(settings);
    return path;
}

static int create(labelled_data *data, const expclip_model *model,
                  const labelled_settings *s)
{
    expclip_features_options o = EXPCLIP_FEATURES_OPTIONS_INIT;
    char *path = s->file ? memory_text("%s", s->file) : cache_path(data, s);
    expclip_error err;
    expclip_status status;

    o.cache = path;
    o.batch = s->batch;
    o.sampling = strcmp(s->sampling, "exact") == 0 ? EXPCLIP_SAMPLING_EXACT
                                                   : EXPCLIP_SAMPLING_SPREAD;
    face_framing_apply(&o, &data->framing);
    if (o.sampling == EXPCLIP_SAMPLING_SPREAD)
        o.order = EXPCLIP_ORDER_NATURAL;
    status = expclip_rows_create_features(&data->features, model, data->dataset,
                                          &o, &err);
    free(path);
    if (!status)
        return 0;
    console_error("%s", err.message);
    return exit_code_of(status);
}

static int compute(const labelled_data *data, size_t before)
{
    expclip_error err;

    if (before && before < data->n)
        console_note("%s: continues from item %zu of %zu", data->title, before,
                     data->n);
    if (!row_steps_run(data->features, data->n, "items", &err))
        return 0;
    console_error("%s: %s; %zu of %zu items are done", data->title, err.message,
                  expclip_rows_done_count(data->features), data->n);
    return exit_code_of(err.code);
}

int labelled_data_embed(labelled_data *data, const expclip_model *model,
                        const labelled_settings *s, size_t *n_failed)
{
    const char *fingerprint = expclip_model_encoder_fingerprint(model);
    const double start = console_seconds();
    size_t before;
    int rc;

    if (data->features && strcmp(data->fingerprint, fingerprint) == 0)
        return 0;
    expclip_rows_free(data->features);
    data->features = NULL;
    strcpy(data->fingerprint, fingerprint);
    rc = create(data, model, s);
    if (rc)
        return rc;
    before = expclip_rows_done_count(data->features);
    rc = compute(data, before);
    if (rc)
        return rc;
    *n_failed += row_steps_report(data->features, data->dataset, data->title);
    if (before < data->n)
        console_note("%s: features of %zu items in %.1f s", data->title,
                     data->n - before, console_seconds() - start);
    else
        console_note("%s: features of %zu items were already there",
                     data->title, data->n);
    return 0;
}
