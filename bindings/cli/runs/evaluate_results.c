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

#include "report/report.h"
#include "options/comma_words.h"
#include "runs/evaluate_run.h"
#include "terminal/console.h"
#include "terminal/failure.h"
#include "terminal/memory.h"
#include "terminal/stop.h"
#include "views/csv_line.h"
#include "views/json_line.h"
#include "views/outfile.h"

/* ------------------------------------------------------------------------
 * The object
 */

static json_t *list_prompts(const expclip_prompts *p)
{
    json_t *object = json_object();

    for (size_t c = 0; c < expclip_prompts_class_count(p); c++) {
        json_t *texts = json_array();

        for (size_t i = 0; i < expclip_prompts_count(p, c); i++)
            json_array_append_new(texts,
                                  json_string(expclip_prompts_text(p, c, i)));
        json_object_set_new(object, expclip_prompts_class_name(p, c), texts);
    }
    return object;
}

/** What "PATH,LIST,LIST" names. */
static void add_files(json_t *to, const char *text)
{
    comma_words w = { NULL, 0 };
    json_t *lists = json_array();

    comma_words_add_names(&w, text);
    for (size_t i = 1; i < w.n; i++)
        json_array_append_new(lists, json_line_string(w.items[i]));
    json_object_set_new(to, "data", json_line_string(w.items[0]));
    json_object_set_new(to, "lists", lists);
    comma_words_free(&w);
}

static json_t *make_provenance(const evaluate_run *run,
                               const labelled_data *data, const prompt_set *set)
{
    const evaluate_settings *s = run->settings;
    const char *order =
        strcmp(s->sampling, "exact") == 0 ? "string" : "natural";
    json_t *p = json_pack(
        "{ss ss ss so ss ss ss ss si ss ss}", "library",
        expclip_library_version(), "model", expclip_model_name(run->model),
        "model_fingerprint", expclip_model_fingerprint(run->model), "head",
        json_line_string(run->head), "preprocess",
        expclip_model_preprocess(run->model), "dtype", s->model.load.dtype,
        "pooling", s->pooling, "sampling", s->sampling, "n_samples", 16,
        "order", order, "split", s->reading.split);

    add_files(p, strchr(data->spec, '=') + 1);
    json_object_set_new(p, "prompts", list_prompts(set->prompts));
    return p;
}

/** Items that failed; or those that did not, but lost frames. */
static json_t *list_notes(const labelled_data *data, int failed)
{
    json_t *list = json_array();

    for (size_t i = 0; i < data->n; i++) {
        const char *path = expclip_dataset_path(data->dataset, i);
        const char *why = expclip_rows_message(data->features, i);
        const int is_failed = expclip_rows_status(data->features, i) != 0;

        if (is_failed == failed && (failed || *why))
            json_array_append_new(
                list, json_pack("{s:o, s:o}", "path", json_line_string(path),
                                "message", json_line_string(why)));
    }
    return list;
}

/* ------------------------------------------------------------------------
 * Predictions
 */

static void write_item(FILE *f, const labelled_data *data, size_t i,
                       const float *logits, float *probabilities)
{
    const size_t n = data->n_classes;
    const float *row = logits + i * n;
    const size_t best = expclip_logits_argmax(row, n);
    const int32_t status = expclip_rows_status(data->features, i);

    expclip_logits_softmax(probabilities, n, row, n, 1.0f, NULL);
    csv_field(f, expclip_dataset_path(data->dataset, i));
    fprintf(f, ",%d,", (int)data->folds[i]);
    csv_field(f, data->names[data->labels[i]]);
    fputc(',', f);
    if (best < n)
        csv_field(f, data->names[best]);
    fprintf(f, ",%s", expclip_status_name(status));
    for (size_t c = 0; c < n; c++)
        if (best < n)
            fprintf(f, ",%.9g", (double)probabilities[c]);
        else
            fputc(',', f);
    fputc('\n', f);
}

/** What a file of predictions is printed from. */
typedef struct predictions {
    const labelled_data *data;
    const float *logits;
} predictions;

static void print_predictions(FILE *f, const void *data)
{
    const predictions *p = data;
    const labelled_data *d = p->data;
    float *probabilities = memory_new(d->n_classes, sizeof(*probabilities));

    fputs("path,fold,label,prediction,status", f);
    csv_fields(f, d->names, d->n_classes);
    fputc('\n', f);
    for (size_t i = 0; i < d->n; i++)
        write_item(f, d, i, p->logits, probabilities);
    free(probabilities);
}

static int write_predictions(const evaluate_run *run, const labelled_data *data,
                             const char *prompts, const float *logits)
{
    /* The number tells apart what is alike without its odd letters. */
    char *text = memory_text(
        "%zu-%s-%s-%s-%s", json_array_size(run->results) + 1,
        expclip_model_name(run->model), run->head, data->title, prompts);
    char *file = evaluate_file_name(text);
    char *name = memory_text("predictions/%s.csv", file);
    const outfile_part part = { name, EXPCLIP__FILE_CSV, print_predictions };
    const int rc = outfile_write_parts(run->settings->output, &part, 1,
                                       &(predictions){ data, logits });

    free(name);
    free(file);
    free(text);
    return rc;
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

static void add_comparison(evaluate_run *run, size_t first,
                           const expclip_string *text)
{
    const size_t second = json_array_size(run->results) - 1;
    const json_t *one = json_array_get(run->results, first);
    const json_t *other = json_array_get(run->results, second);
    json_t *found =
        json_pack("{s:O, s:O, s:O, s:O, s:O, s:O, s:O}", "dataset",
                  json_object_get(one, "dataset"), "data",
                  json_object_get(json_object_get(one, "provenance"), "data"),
                  "prompt_set", json_object_get(one, "prompt_set"),
                  "first_model", json_object_get(one, "model"), "first_head",
                  json_object_get(one, "head"), "second_model",
                  json_object_get(other, "model"), "second_head",
                  json_object_get(other, "head"));

    json_object_update_new(found,
                           json_loadb(expclip_string_data(text),
                                      expclip_string_size(text), 0, NULL));
    json_array_append_new(run->comparisons, found);
}

/** The newest result against the first. Takes `logits`. */
static int compare(evaluate_run *run, size_t data, size_t prompts,
                   float *logits)
{
    const labelled_data *d = &run->data[data];
    const size_t size = d->n * d->n_classes;
    const evaluated_logits *first = find_first(run, data, prompts);
    expclip_string *text = NULL;
    expclip_error err;
    expclip_status status;

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
        return failure_report(&err);
    add_comparison(run, first->result, text);
    expclip_string_free(text);
    return 0;
}

/* ------------------------------------------------------------------------
 * One result
 */

static void append(evaluate_run *run, const labelled_data *d,
                   const prompt_set *set, json_t *metrics)
{
    json_t *result = json_pack(
        "{so so ss so}", "dataset", json_line_string(d->name), "prompt_set",
        json_line_string(set->name), "model", expclip_model_name(run->model),
        "head", json_line_string(run->head));

    json_object_update_new(result, metrics);
    json_object_set_new(result, "failures", list_notes(d, 1));
    json_object_set_new(result, "partial_clips", list_notes(d, 0));
    json_object_set_new(result, "provenance", make_provenance(run, d, set));
    json_array_append_new(run->results, result);
}

int evaluate_prompt_set(evaluate_run *run, size_t data, size_t prompts)
{
    const labelled_data *d = &run->data[data];
    const prompt_set *set = &d->sets.sets[prompts];
    const size_t size = d->n * d->n_classes;
    expclip_classes *classes = NULL;
    json_t *metrics = NULL;
    expclip_error err;
    expclip_status status;
    float *logits;
    int rc = evaluate_classes(&classes, run, set);

    if (rc)
        return rc;
    logits = memory_new(size, sizeof(*logits));
    status = expclip_rows_score(logits, size, d->features, run->model, classes,
                                &err);
    expclip_classes_free(classes);
    rc = status ? failure_report(&err)
                : labelled_data_measure(&metrics, d, logits,
                                        &run->settings->metrics);
    if (!rc && !run->settings->no_predictions)
        rc = write_predictions(run, d, set->name, logits);
    if (!rc)
        append(run, d, set, metrics);
    else
        json_decref(metrics);
    if (!rc && run->settings->compare)
        return compare(run, data, prompts, logits);
    free(logits);
    return rc;
}

/* ------------------------------------------------------------------------
 * Files
 */

static void print_json(FILE *f, const json_t *value)
{
    json_dumpf(value, f, JSON_INDENT(1) | JSON_REAL_PRECISION(15));
    fputc('\n', f);
}

static void print_results(FILE *f, const void *run)
{
    print_json(f, ((const evaluate_run *)run)->results);
}

static void print_comparisons(FILE *f, const void *run)
{
    print_json(f, ((const evaluate_run *)run)->comparisons);
}

/** A number at a path of keys, or of an array's index; empty for null. */
static void print_number(FILE *f, const json_t *value)
{
    fputc(',', f);
    if (json_is_number(value))
        fprintf(f, "%.15g", json_number_value(value));
}

static void print_row(FILE *f, const json_t *r)
{
    static const char *const texts[] = { "dataset", "prompt_set", "model",
                                         "head" };
    static const char *const numbers[] = { "n", "n_failed", "uar", "war" };
    const json_t *interval = json_object_get(r, "interval");

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        if (i)
            fputc(',', f);
        csv_field(f, json_string_value(json_object_get(r, texts[i])));
    }
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
        print_number(f, json_object_get(r, numbers[i]));
    for (size_t i = 0; i < 4; i++)
        print_number(
            f, json_array_get(json_object_get(interval, numbers[2 + i / 2]),
                              i % 2));
    print_number(f, json_object_get(r, "macro_f1"));
    print_number(f, json_object_get(json_object_get(r, "calibration"), "ece"));
    fputc('\n', f);
}

static void print_csv(FILE *f, const void *run)
{
    const json_t *results = ((const evaluate_run *)run)->results;

    fputs("dataset,prompt_set,model,head,n,n_failed,uar,war,uar_low,uar_high,"
          "war_low,war_high,macro_f1,ece\n",
          f);
    for (size_t i = 0; i < json_array_size(results); i++)
        print_row(f, json_array_get(results, i));
}

static const outfile_part parts[] = {
    { "results.json", EXPCLIP__FILE_JSON, print_results },
    { "results.csv", EXPCLIP__FILE_CSV, print_csv },
    { "comparisons.json", EXPCLIP__FILE_JSON, print_comparisons },
};

enum { N_PARTS = sizeof(parts) / sizeof(parts[0]) };

int evaluate_check_files(const evaluate_run *run)
{
    const char *folder = run->settings->output;
    const int rc = report_check(folder);

    return rc ? rc : outfile_check_parts(folder, parts, N_PARTS);
}

int evaluate_write(const evaluate_run *run)
{
    return outfile_write_parts(run->settings->output, parts, N_PARTS, run);
}
