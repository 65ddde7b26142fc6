/* SPDX-License-Identifier: MIT */
/*
 * metrics_json.c - what a table needs to know of predictions, as JSON: see
 * expclip_metrics_compute() in expclip_eval.h.
 *
 * UAR and WAR are the plain means of the folds', as in the reference's test.py;
 * everything else is of all items.
 */
#include "metrics/metrics_json.h"

#include <jansson.h>
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "metrics/bootstrap.h"
#include "metrics/calibration.h"
#include "metrics/mcnemar.h"
#include "metrics/rates.h"

#define MOST_RANKS 5 /* of top_k */
#define INTERVAL_METHOD "percentile bootstrap"

/** All that is computed before any of it is written. */
typedef struct metrics {
    const char *const *names;
    const expclip_metrics_options *options;
    expclip__predictions *p;
    expclip__rates rates;
    expclip__interval intervals[EXPCLIP__N_RATES];
    expclip__reliability_bin *bins;    /* [n_bins] */
    expclip__reliability_bin *scratch; /* [n_bins] */
    double ece;
    double temperature;
    double ece_calibrated;
} metrics;

/* ---- JSON that remembers whether memory ran out ---- */

typedef struct writer {
    const char *const *names;
    size_t n_classes;
    int failed;
} writer;

static void set(writer *w, json_t *object, const char *key, json_t *value)
{
    if (json_object_set_new(object, key, value)) /* NULL fails too */
        w->failed = 1;
}

static void append(writer *w, json_t *array, json_t *value)
{
    if (json_array_append_new(array, value))
        w->failed = 1;
}

static json_t *count(size_t n)
{
    return json_integer((json_int_t)n);
}

/* null stands where there is nothing to divide by. */
static json_t *real(double x)
{
    return isnan(x) ? json_null() : json_real(x);
}

static json_t *percent(double x)
{
    return real(100.0 * x);
}

/* ---- parts ---- */

/* {class: rate} */
static json_t *class_rates(writer *w, const expclip__tally *t,
                           double (*rate)(const expclip__tally *, size_t))
{
    json_t *object = json_object();

    for (size_t i = 0; i < w->n_classes; i++)
        set(w, object, w->names[i], percent(rate(t, i)));
    return object;
}

static json_t *class_counts(writer *w, const size_t *counts)
{
    json_t *object = json_object();

    for (size_t i = 0; i < w->n_classes; i++)
        set(w, object, w->names[i], count(counts[i]));
    return object;
}

static json_t *missing_classes(writer *w, const expclip__tally *t)
{
    json_t *list = json_array();

    for (size_t i = 0; i < w->n_classes; i++)
        if (t->support[i] == 0)
            append(w, list, json_string(w->names[i]));
    return list;
}

static json_t *confusion(writer *w, const size_t *matrix)
{
    json_t *rows = json_array();

    for (size_t i = 0; i < w->n_classes; i++) {
        json_t *row = json_array();

        for (size_t j = 0; j < w->n_classes; j++)
            append(w, row, count(matrix[i * w->n_classes + j]));
        append(w, rows, row);
    }
    return rows;
}

/* {"1": percentage of items whose class is the first, "2": first or second,
 * ...} */
static json_t *top_k(writer *w, const expclip__predictions *p)
{
    const size_t n_ranks =
        p->n_classes < MOST_RANKS ? p->n_classes : (size_t)MOST_RANKS;
    size_t hits[MOST_RANKS] = { 0 }, sum = 0;
    json_t *object = json_object();

    for (size_t i = 0; i < p->n; i++)
        if ((size_t)p->items[i].rank < n_ranks)
            hits[p->items[i].rank]++;
    for (size_t k = 0; k < n_ranks; k++) {
        const char key[2] = { (char)('1' + k), '\0' };

        sum += hits[k];
        set(w, object, key, percent((double)sum / (double)p->n));
    }
    return object;
}

static json_t *pair(writer *w, const expclip__interval *interval)
{
    json_t *list = json_array();

    append(w, list, percent(interval->low));
    append(w, list, percent(interval->high));
    return list;
}

static json_t *intervals(writer *w, const metrics *m)
{
    json_t *object;

    if (m->options->n_bootstrap == 0)
        return json_null();
    object = json_object();
    set(w, object, "confidence", json_real(m->options->confidence));
    set(w, object, "method", json_string(INTERVAL_METHOD));
    set(w, object, "uar", pair(w, &m->intervals[EXPCLIP__UAR]));
    set(w, object, "war", pair(w, &m->intervals[EXPCLIP__WAR]));
    set(w, object, "macro_f1", pair(w, &m->intervals[EXPCLIP__MACRO_F1]));
    return object;
}

static json_t *folds(writer *w, const metrics *m)
{
    const size_t n_cells = w->n_classes * w->n_classes;
    json_t *list = json_array();

    for (size_t k = 0; k < (size_t)m->p->n_folds; k++) {
        const size_t *matrix = m->rates.matrices + k * n_cells;
        json_t *object = json_object();

        expclip__tally_read(m->rates.fold, matrix);
        set(w, object, "n", count(expclip__tally_count(m->rates.fold)));
        set(w, object, "n_failed", count(m->p->n_failed[k]));
        set(w, object, "uar", percent(expclip__tally_uar(m->rates.fold)));
        set(w, object, "war", percent(expclip__tally_war(m->rates.fold)));
        set(w, object, "missing_classes", missing_classes(w, m->rates.fold));
        set(w, object, "confusion", confusion(w, matrix));
        append(w, list, object);
    }
    return list;
}

static json_t *pooled(writer *w, const metrics *m)
{
    json_t *object = json_object();

    set(w, object, "uar", percent(expclip__tally_uar(m->rates.all)));
    set(w, object, "war", percent(expclip__tally_war(m->rates.all)));
    return object;
}

static json_t *calibration(writer *w, const metrics *m)
{
    json_t *object = json_object(), *list = json_array();

    set(w, object, "ece", percent(m->ece));
    set(w, object, "temperature", json_real(m->temperature));
    set(w, object, "ece_calibrated", percent(m->ece_calibrated));
    for (size_t i = 0; i < (size_t)m->options->n_bins; i++) {
        json_t *bin = json_object();

        set(w, bin, "low", json_real(m->bins[i].low));
        set(w, bin, "high", json_real(m->bins[i].high));
        set(w, bin, "n", count(m->bins[i].n));
        set(w, bin, "confidence", real(m->bins[i].confidence));
        set(w, bin, "accuracy", real(m->bins[i].accuracy));
        append(w, list, bin);
    }
    set(w, object, "bins", list);
    return object;
}

/* Takes `root`. 15 digits write 0.1 as people do; 17 would write
 * 0.10000000000000001. */
static expclip_status finish(char **out, json_t *root, const writer *w,
                             expclip_error *err)
{
    char *text = w->failed
                     ? NULL
                     : json_dumps(root, JSON_COMPACT | JSON_REAL_PRECISION(15));

    json_decref(root);
    if (!text)
        return expclip__fail_memory(err, "metrics");
    *out = text;
    return EXPCLIP_OK;
}

static expclip_status write_metrics(char **out, const metrics *m,
                                    expclip_error *err)
{
    writer w = { m->names, m->p->n_classes, 0 };
    json_t *root = json_object();
    size_t n_failed = 0;

    for (int32_t k = 0; k < m->p->n_folds; k++)
        n_failed += m->p->n_failed[k];
    set(&w, root, "n", count(m->p->n));
    set(&w, root, "n_failed", count(n_failed));
    set(&w, root, "uar", percent(m->rates.uar));
    set(&w, root, "war", percent(m->rates.war));
    set(&w, root, "macro_f1", percent(expclip__tally_macro_f1(m->rates.all)));
    set(&w, root, "recall",
        class_rates(&w, m->rates.all, expclip__tally_recall));
    set(&w, root, "precision",
        class_rates(&w, m->rates.all, expclip__tally_precision));
    set(&w, root, "f1", class_rates(&w, m->rates.all, expclip__tally_f1));
    set(&w, root, "support", class_counts(&w, m->rates.all->support));
    set(&w, root, "missing_classes", missing_classes(&w, m->rates.all));
    set(&w, root, "top_k", top_k(&w, m->p));
    set(&w, root, "confusion", confusion(&w, m->rates.matrix));
    set(&w, root, "interval", intervals(&w, m));
    set(&w, root, "folds", folds(&w, m));
    set(&w, root, "pooled", pooled(&w, m));
    set(&w, root, "calibration", calibration(&w, m));
    return finish(out, root, &w, err);
}

/* ---- computing ---- */

static void free_metrics(metrics *m)
{
    expclip__predictions_free(m->p);
    expclip__rates_free(&m->rates);
    expclip__free(m->bins);
    expclip__free(m->scratch);
}

static expclip_status allocate_bins(metrics *m, expclip_error *err)
{
    const size_t n_bins = (size_t)m->options->n_bins;

    m->bins = expclip__alloc(n_bins, sizeof(*m->bins));
    m->scratch = expclip__alloc(n_bins, sizeof(*m->scratch));
    return m->bins && m->scratch ? EXPCLIP_OK
                                 : expclip__fail_memory(err, "metrics");
}

static void compute_calibration(metrics *m)
{
    const size_t n_bins = (size_t)m->options->n_bins;
    const expclip__part all = { m->p, 0, 1 };
    const expclip__part even = { m->p, 0, 2 }, odd = { m->p, 1, 2 };

    m->ece = expclip__reliability(m->bins, n_bins, &all, 1.0);
    m->temperature = expclip__temperature(&even);
    m->ece_calibrated =
        expclip__reliability(m->scratch, n_bins, &odd, m->temperature);
}

expclip_status expclip__metrics_json(char **out, const expclip__scored *scored,
                                     const char *const *names,
                                     const expclip_metrics_options *options,
                                     const expclip_cancel *cancel,
                                     expclip_error *err)
{
    metrics m;
    expclip_status status;

    memset(&m, 0, sizeof(m));
    m.names = names;
    m.options = options;
    if ((status = expclip__predictions_create(&m.p, scored, err)) ||
        (status = expclip__rates_compute(&m.rates, m.p, err)) ||
        (status = allocate_bins(&m, err)))
        goto done;
    compute_calibration(&m);
    if (options->n_bootstrap)
        status = expclip__bootstrap(
            m.intervals, m.p, (size_t)options->n_bootstrap, options->confidence,
            (uint64_t)options->seed, cancel, err);
    if (!status)
        status = write_metrics(out, &m, err);
done:
    free_metrics(&m);
    return status;
}

/* ---- comparing ---- */

/* Both lists are in the caller's order; a row of the one lies in its array
 * where that of the other lies in the other's. */
static size_t row_of(const expclip__prediction *item, const float *logits,
                     size_t n_classes)
{
    return (size_t)(item->logits - logits) / n_classes;
}

static void count_differing(size_t counts[3], const expclip__predictions *a,
                            const float *a_logits,
                            const expclip__predictions *b,
                            const float *b_logits)
{
    const size_t width = a->n_classes;

    for (size_t i = 0, j = 0; i < a->n && j < b->n;) {
        const expclip__prediction *x = &a->items[i], *y = &b->items[j];
        const size_t row = row_of(x, a_logits, width);
        const size_t other_row = row_of(y, b_logits, width);
        const int x_right = x->found == x->truth;
        const int y_right = y->found == y->truth;

        if (row == other_row) {
            counts[0]++;
            counts[1] += x_right && !y_right;
            counts[2] += y_right && !x_right;
        }
        i += row <= other_row;
        j += other_row <= row;
    }
}

static expclip_status write_comparison(char **out, const size_t counts[3],
                                       expclip_error *err)
{
    const expclip__mcnemar test = expclip__mcnemar_test(counts[1], counts[2]);
    writer w = { NULL, 0, 0 };
    json_t *root = json_object();

    set(&w, root, "n", count(counts[0]));
    set(&w, root, "only_first", count(counts[1]));
    set(&w, root, "only_second", count(counts[2]));
    set(&w, root, "statistic", json_real(test.statistic));
    set(&w, root, "p", json_real(test.p));
    set(&w, root, "method", json_string(test.method));
    return finish(out, root, &w, err);
}

expclip_status expclip__compare_json(char **out, const expclip__scored *scored,
                                     const float *other_logits,
                                     expclip_error *err)
{
    expclip__scored other = *scored;
    expclip__predictions *a = NULL, *b = NULL;
    size_t counts[3] = { 0 }; /* both did not fail, only first, only second */
    expclip_status status;

    other.logits = other_logits;
    if ((status = expclip__predictions_create(&a, scored, err)) ||
        (status = expclip__predictions_create(&b, &other, err)))
        goto done;
    count_differing(counts, a, scored->logits, b, other_logits);
    if (counts[0])
        status = write_comparison(out, counts, err);
    else
        status = expclip__fail(err, EXPCLIP_ERROR_STATE,
                               "items: %zu, each failed in one run or in both, "
                               "expected one that did not",
                               scored->n);
done:
    expclip__predictions_free(a);
    expclip__predictions_free(b);
    return status;
}
