/* SPDX-License-Identifier: MIT */
/*
 * evaluate_results.c - one result: logits, metrics, where they come from, and
 * the prediction of every item.
 *
 * Nothing here depends on time or place, so that equal runs give equal bytes.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "console.h"
#include "csv_line.h"
#include "evaluate_run.h"
#include "json_line.h"
#include "memory.h"
#include "outfile.h"
#include "stop.h"

static int fail(const expclip_error *err, expclip_status status)
{
    console_error("%s", err->message);
    return exit_code_of(status);
}

/* ------------------------------------------------------------------------
 * The object
 */

static json_t *list_prompts(const expclip_classes *classes)
{
    expclip_prompts *p = NULL;
    json_t *object = json_object();

    if (expclip_classes_prompts(&p, classes, NULL))
        return object;
    for (size_t c = 0; c < expclip_prompts_class_count(p); c++) {
        json_t *texts = json_array();

        for (size_t i = 0; i < expclip_prompts_count(p, c); i++)
            json_array_append_new(texts,
                                  json_string(expclip_prompts_text(p, c, i)));
        json_object_set_new(object, expclip_prompts_class_name(p, c), texts);
    }
    expclip_prompts_free(p);
    return object;
}

/** The lists of "NAME=PATH,LIST,LIST", as they were written. */
static json_t *list_lists(const char *spec)
{
    json_t *lists = json_array();
    const char *text = strchr(spec, ',');

    while (text) {
        const char *next = strchr(text + 1, ',');
        const size_t size = next ? (size_t)(next - text - 1) : strlen(text + 1);

        json_array_append_new(lists, json_line_text(text + 1, size));
        text = next;
    }
    return lists;
}

static json_t *make_provenance(const evaluate_run *run,
                               const evaluated_data *data,
                               const expclip_classes *classes)
{
    const evaluate_settings *s = run->settings;
    const char *path = strchr(data->spec, '=') + 1;
    json_t *p = json_object();

    json_object_set_new(p, "library", json_string(expclip_version()));
    json_object_set_new(p, "model", json_string(run->name));
    json_object_set_new(p, "model_fingerprint",
                        json_string(expclip_model_fingerprint(run->model)));
    json_object_set_new(p, "head",
                        json_line_text(run->head, strlen(run->head)));
    json_object_set_new(p, "preprocess",
                        json_string(expclip_model_preprocess(run->model)));
    json_object_set_new(p, "dtype", json_string(s->model.dtype));
    json_object_set_new(p, "pooling", json_string(s->pooling));
    json_object_set_new(p, "sampling", json_string(s->sampling));
    json_object_set_new(p, "n_samples", json_integer(16));
    json_object_set_new(
        p, "order",
        json_string(strcmp(s->sampling, "exact") == 0 ? "string" : "natural"));
    json_object_set_new(p, "split", json_string(s->reading.split));
    json_object_set_new(p, "data", json_line_text(path, strcspn(path, ",")));
    json_object_set_new(p, "lists", list_lists(data->spec));
    json_object_set_new(p, "prompts", list_prompts(classes));
    return p;
}

/** Items that failed, or clips that lost frames. */
static json_t *list_failures(const evaluated_data *data, int partial)
{
    json_t *list = json_array();

    for (size_t i = 0; i < data->n; i++) {
        const char *path = expclip_dataset_path(data->dataset, i);
        const char *why = expclip_features_message(data->features, i);
        const int failed = expclip_features_status(data->features, i) != 0;

        if (partial ? !failed && *why : failed)
            json_array_append_new(
                list, json_pack("{s:o, s:o}", "path",
                                json_line_text(path, strlen(path)), "message",
                                json_line_text(why, strlen(why))));
    }
    return list;
}

static int measure(json_t **out, const evaluate_run *run,
                   const evaluated_data *data, const float *logits)
{
    expclip_metrics_options o = EXPCLIP_METRICS_OPTIONS_INIT;
    expclip_string *text = NULL;
    expclip_error err;
    expclip_status status;

    o.n_bootstrap = run->settings->n_bootstrap;
    o.seed = run->settings->seed;
    status =
        expclip_metrics(&text, logits, data->n * data->n_classes, data->labels,
                        data->n, data->folds, data->n, data->names,
                        data->n_classes, &o, stop_token(), &err);
    if (status)
        return fail(&err, status);
    *out = json_loadb(expclip_string_data(text), expclip_string_size(text), 0,
                      NULL);
    expclip_string_free(text);
    return *out ? 0 : EXIT_RESOURCES;
}

/* ------------------------------------------------------------------------
 * Predictions
 */

static void print_item(FILE *f, const evaluated_data *data, size_t i,
                       const float *logits, float *shares)
{
    const size_t n = data->n_classes;
    const float *row = logits + i * n;
    const size_t best = expclip_argmax(row, n);
    const int32_t status = expclip_features_status(data->features, i);

    expclip_softmax(shares, n, row, n, 1.0f, NULL);
    csv_field(f, expclip_dataset_path(data->dataset, i));
    fprintf(f, ",%d,", (int)data->folds[i]);
    csv_field(f, data->names[data->labels[i]]);
    fputc(',', f);
    if (best < n)
        csv_field(f, data->names[best]);
    fprintf(f, ",%s", expclip_status_name(status));
    for (size_t c = 0; c < n; c++)
        if (best < n)
            fprintf(f, ",%.9g", (double)shares[c]);
        else
            fputc(',', f);
    fputc('\n', f);
}

/** "predictions/MODEL-HEAD-DATA-PROMPTS.csv", which no other result has. */
static char *predictions_path(evaluate_run *run, const evaluated_data *data,
                              const char *prompts)
{
    char *text =
        memory_text("%s-%s-%s-%s", run->name, run->head, data->name, prompts);
    char *cut, *name, *path;

    for (char *c = text; *c; c++)
        if (*c == '/' || *c == ' ' || (unsigned char)*c < 0x20)
            *c = '-';
    cut = memory_text("%.200s", text); /* a name has 255 bytes at most */
    name =
        memory_text("predictions/%s.csv", evaluate_new_word(&run->files, cut));
    path = evaluate_path(run, name);
    free(text);
    free(cut);
    free(name);
    return path;
}

static void print_items(FILE *f, const evaluated_data *data,
                        const float *logits)
{
    float *shares = memory_new(data->n_classes, sizeof(*shares));

    fputs("path,fold,label,prediction,status", f);
    for (size_t c = 0; c < data->n_classes; c++) {
        fputc(',', f);
        csv_field(f, data->names[c]);
    }
    fputc('\n', f);
    for (size_t i = 0; i < data->n; i++)
        print_item(f, data, i, logits, shares);
    free(shares);
}

static int write_predictions(evaluate_run *run, const evaluated_data *data,
                             const char *prompts, const float *logits)
{
    char *path = predictions_path(run, data, prompts);
    outfile *out = NULL;
    int rc = outfile_open(&out, path);

    free(path);
    if (rc)
        return rc;
    print_items(outfile_stream(out), data, logits);
    return outfile_commit(out);
}

/* ------------------------------------------------------------------------
 * Comparisons: McNemar's test against the first model and head
 */

static const evaluated_logits *find_first(const evaluate_run *run, size_t data,
                                          size_t prompts)
{
    for (size_t i = 0; i < run->n_logits; i++)
        if (run->logits[i].data == data && run->logits[i].prompts == prompts)
            return &run->logits[i];
    return NULL;
}

static void add_comparison(evaluate_run *run, const evaluated_logits *first,
                           expclip_string *found)
{
    const json_t *a = json_array_get(run->results, first->result);
    const json_t *b =
        json_array_get(run->results, json_array_size(run->results) - 1);
    json_t *c = json_pack("{s:O, s:O, s:O, s:O, s:O, s:O}", "dataset",
                          json_object_get(b, "dataset"), "prompt_set",
                          json_object_get(b, "prompt_set"), "first_model",
                          json_object_get(a, "model"), "first_head",
                          json_object_get(a, "head"), "second_model",
                          json_object_get(b, "model"), "second_head",
                          json_object_get(b, "head"));

    json_object_update_new(c, json_loadb(expclip_string_data(found),
                                         expclip_string_size(found), 0, NULL));
    json_array_append_new(run->comparisons, c);
    expclip_string_free(found);
}

/** Compare the newest result. Takes `logits`. */
static int compare(evaluate_run *run, size_t data, size_t prompts,
                   float *logits)
{
    const evaluated_data *d = &run->data[data];
    const size_t size = d->n * d->n_classes;
    const evaluated_logits *first = find_first(run, data, prompts);
    expclip_string *text = NULL;
    expclip_error err;
    expclip_status status = EXPCLIP_OK;

    if (!first) {
        run->logits =
            memory_resize(run->logits, run->n_logits + 1, sizeof(*run->logits));
        run->logits[run->n_logits++] =
            (evaluated_logits){ data, prompts,
                                json_array_size(run->results) - 1, logits };
        return 0;
    }
    status = expclip_metrics_compare(&text, first->logits, size, logits, size,
                                     d->labels, d->n, &err);
    free(logits);
    if (status)
        return fail(&err, status);
    add_comparison(run, first, text);
    return 0;
}

/* ------------------------------------------------------------------------
 * One result
 */

static void append(evaluate_run *run, const evaluated_data *d, const char *name,
                   json_t *metrics, const expclip_classes *classes)
{
    json_t *result = json_object();

    json_object_set_new(result, "dataset", json_string(d->name));
    json_object_set_new(result, "prompt_set",
                        json_line_text(name, strlen(name)));
    json_object_set_new(result, "model", json_string(run->name));
    json_object_set_new(result, "head",
                        json_line_text(run->head, strlen(run->head)));
    json_object_update(result, metrics);
    json_decref(metrics);
    json_object_set_new(result, "failures", list_failures(d, 0));
    json_object_set_new(result, "partial_clips", list_failures(d, 1));
    json_object_set_new(result, "provenance", make_provenance(run, d, classes));
    json_array_append_new(run->results, result);
}

int evaluate_prompt_set(evaluate_run *run, size_t data, size_t prompts)
{
    evaluated_data *d = &run->data[data];
    const char *name = d->sets.sets[prompts].name;
    const size_t size = d->n * d->n_classes;
    const expclip_classes *classes = NULL;
    json_t *metrics = NULL;
    expclip_error err;
    expclip_status status;
    float *logits;
    int rc = evaluate_classes(&classes, run, d, prompts);

    if (rc)
        return rc;
    logits = memory_new(size, sizeof(*logits));
    status = expclip_features_score(logits, size, d->features, run->model,
                                    classes, &err);
    rc = status ? fail(&err, status) : measure(&metrics, run, d, logits);
    if (!rc && !run->settings->no_predictions)
        rc = write_predictions(run, d, name, logits);
    if (!rc)
        append(run, d, name, metrics, classes);
    if (!rc && run->settings->compare)
        return compare(run, data, prompts, logits);
    if (rc)
        json_decref(metrics);
    free(logits);
    return rc;
}

/* ------------------------------------------------------------------------
 * Files
 */

static int write_json(const evaluate_run *run, const char *name,
                      const json_t *value)
{
    char *path = evaluate_path(run, name);
    outfile *out = NULL;
    int rc = outfile_open(&out, path);

    if (!rc) {
        json_dumpf(value, outfile_stream(out),
                   JSON_INDENT(1) | JSON_REAL_PRECISION(17));
        fputc('\n', outfile_stream(out));
        rc = outfile_commit(out);
    }
    free(path);
    return rc;
}

/** A number at a path of keys, or of an array's index; empty for null. */
static void print_number(FILE *f, const json_t *value)
{
    fputc(',', f);
    if (json_is_number(value))
        fprintf(f, "%.17g", json_number_value(value));
}

static void print_row(FILE *f, const json_t *r)
{
    static const char *const texts[] = { "dataset", "prompt_set", "model",
                                         "head" };
    const json_t *interval = json_object_get(r, "interval");
    const json_t *uar = json_object_get(interval, "uar");
    const json_t *war = json_object_get(interval, "war");

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        if (i)
            fputc(',', f);
        csv_field(f, json_string_value(json_object_get(r, texts[i])));
    }
    print_number(f, json_object_get(r, "n"));
    print_number(f, json_object_get(r, "n_failed"));
    print_number(f, json_object_get(r, "uar"));
    print_number(f, json_object_get(r, "war"));
    print_number(f, json_array_get(uar, 0));
    print_number(f, json_array_get(uar, 1));
    print_number(f, json_array_get(war, 0));
    print_number(f, json_array_get(war, 1));
    print_number(f, json_object_get(r, "macro_f1"));
    print_number(f, json_object_get(json_object_get(r, "calibration"), "ece"));
    fputc('\n', f);
}

static int write_csv(const evaluate_run *run)
{
    char *path = evaluate_path(run, "results.csv");
    outfile *out = NULL;
    int rc = outfile_open(&out, path);

    free(path);
    if (rc)
        return rc;
    fputs("dataset,prompt_set,model,head,n,n_failed,uar,war,uar_low,uar_high,"
          "war_low,war_high,macro_f1,ece\n",
          outfile_stream(out));
    for (size_t i = 0; i < json_array_size(run->results); i++)
        print_row(outfile_stream(out), json_array_get(run->results, i));
    return outfile_commit(out);
}

int evaluate_write(const evaluate_run *run)
{
    int rc = write_json(run, "results.json", run->results);

    if (!rc)
        rc = write_csv(run);
    if (!rc && run->settings->compare)
        rc = write_json(run, "comparisons.json", run->comparisons);
    return rc;
}
