/* SPDX-License-Identifier: MIT */
/*
 * train_validation.c - rates on labelled data while a head is learned.
 *
 * The image encoder does not change, so that images go through it once;
 * after each epoch only the few class vectors are made anew.
 */
#include "runs/train_validation.h"

#include <stdlib.h>
#include <string.h>

#include "terminal/console.h"
#include "terminal/memory.h"
#include "terminal/stop.h"

enum { IMAGES_AT_ONCE = 16 };

struct train_validation {
    const validation_settings *settings;
    labelled_data *data; /* [n] */
    size_t n;
    size_t n_failed;
    expclip_model *model; /* without a head */
};

static int fail(const expclip_error *err)
{
    console_error("%s", err->message);
    return exit_code_of(err->code);
}

/* ------------------------------------------------------------------------
 * Before the first step
 */

static int read_prompts(labelled_data *d, const char *prompts)
{
    const int rc = prompt_sets_read(&d->sets, prompts, 0, NULL, d->dataset);

    if (rc || d->sets.n == 1)
        return rc;
    console_error("--prompts: found \"%s\", expected one set, file or template",
                  prompts);
    return EXIT_USAGE;
}

int train_validation_open(train_validation **out, const validation_settings *s)
{
    train_validation *v;
    int rc = 0;

    if (s->data.n == 0)
        return 0;
    v = memory_new(1, sizeof(*v));
    v->settings = s;
    v->data = memory_new((size_t)s->data.n, sizeof(*v->data));
    for (int i = 0; !rc && i < s->data.n; i++) {
        labelled_data *d = &v->data[v->n++];

        rc = labelled_data_open(d, s->data.items[i], &s->reading, NULL);
        if (!rc)
            rc = read_prompts(d, s->prompts);
    }
    if (rc)
        train_validation_close(v);
    else
        *out = v;
    return rc == EXIT_SOME_FAILED ? EXIT_USAGE : rc;
}

/** A model of another encoder is found before its features are computed. */
static int load_model(train_validation *v, const expclip_trainer *trainer)
{
    expclip_model *tried = NULL;
    expclip_error err;
    int rc = model_settings_load(&v->model, &v->settings->model);

    if (rc)
        return rc;
    if (expclip_trainer_model(&tried, trainer, v->model, &err)) {
        console_error("--model %s: %s", v->settings->model.model, err.message);
        return EXIT_USAGE;
    }
    expclip_model_free(tried);
    return 0;
}

/* ------------------------------------------------------------------------
 * Rates
 */

static int score(float **out, const labelled_data *d,
                 const expclip_model *model)
{
    const size_t size = d->n * d->n_classes;
    expclip_classes *classes = NULL;
    expclip_error err;
    expclip_status status = expclip_classes_create(
        &classes, model, d->sets.sets[0].prompts, NULL, stop_token(), &err);

    if (status)
        return fail(&err);
    *out = memory_new(size, sizeof(**out));
    status = expclip_rows_score(*out, size, d->features, model, classes, &err);
    expclip_classes_free(classes);
    return status ? fail(&err) : 0;
}

static double rate_of(const json_t *metrics, const char *name)
{
    return json_number_value(json_object_get(metrics, name));
}

static int rate(const labelled_data *d, const expclip_model *model,
                const expclip_trainer *trainer, train_log *log)
{
    expclip_metrics_options o = EXPCLIP_METRICS_OPTIONS_INIT;
    const int is_plain = !expclip_model_has_head(model);
    json_t *metrics = NULL;
    float *logits = NULL;
    int rc = score(&logits, d, model);

    o.n_bootstrap = 0;
    if (!rc)
        rc = labelled_data_measure(&metrics, d, logits, &o);
    if (!rc)
        console_note("  %s: UAR/WAR %.2f/%.2f%s", d->title,
                     rate_of(metrics, "uar"), rate_of(metrics, "war"),
                     is_plain ? ", plain CLIP" : "");
    if (!rc && log)
        rc = train_log_add_rates(
            log, trainer,
            &(train_rates){ d->title, d->sets.sets[0].name, is_plain,
                            rate_of(metrics, "uar"), rate_of(metrics, "war") });
    json_decref(metrics);
    free(logits);
    return rc;
}

static int rate_all(const train_validation *v, const expclip_model *model,
                    const expclip_trainer *trainer, train_log *log)
{
    int rc = 0;

    for (size_t i = 0; !rc && i < v->n; i++)
        rc = rate(&v->data[i], model, trainer, log);
    return rc;
}

int train_validation_run(train_validation *v, const expclip_trainer *trainer,
                         train_log *log)
{
    expclip_model *model = NULL;
    expclip_error err;
    int rc;

    if (expclip_trainer_model(&model, trainer, v->model, &err))
        return fail(&err);
    rc = rate_all(v, model, trainer, log);
    expclip_model_free(model);
    return rc;
}

int train_validation_start(train_validation *v, const expclip_trainer *trainer,
                           train_log *log, const char *folder)
{
    const labelled_settings s = { NULL, folder, &v->settings->reading, "exact",
                                  IMAGES_AT_ONCE };
    const int64_t steps = expclip_trainer_step_count(trainer);
    int rc = load_model(v, trainer);

    for (size_t i = 0; !rc && i < v->n; i++)
        rc = labelled_data_embed(&v->data[i], v->model, &s, &v->n_failed);
    if (rc)
        return rc;
    if (steps == 0)
        return rate_all(v, v->model, trainer, log);
    /* The log has no rates of the newest checkpoint: see train_log_open(). */
    return steps % expclip_trainer_epoch_steps(trainer)
               ? 0
               : train_validation_run(v, trainer, log);
}

size_t train_validation_failed(const train_validation *v)
{
    return v->n_failed;
}

void train_validation_close(train_validation *v)
{
    if (!v)
        return;
    for (size_t i = 0; i < v->n; i++)
        labelled_data_close(&v->data[i]);
    free(v->data);
    expclip_model_free(v->model);
    free(v);
}
