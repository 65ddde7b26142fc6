/* SPDX-License-Identifier: MIT */
/*
 * api_metrics.c - rates, intervals, calibration and comparison of predictions.
 */
#include <string.h>

#include "api/api_strings.h"
#include "api/check.h"
#include "base/error.h"
#include "base/text.h"
#include "metrics/calibration.h"
#include "metrics/metrics_json.h"
#include "metrics/rates.h"

#define MOST_SAMPLES 1000000
#define MOST_BINS 10000

/* ---- checks ---- */

static expclip_status check_options(expclip_metrics_options *out,
                                    const expclip_metrics_options *options,
                                    expclip_error *err)
{
    expclip_status status;

    *out = (expclip_metrics_options)EXPCLIP_METRICS_OPTIONS_INIT;
    status = expclip__check_options(out, sizeof(*out), options, "options", err);
    if (status)
        return status;
    if ((status = expclip__check_range(out->n_bootstrap, "n_bootstrap", 0,
                                       MOST_SAMPLES, err)) ||
        (status =
             expclip__check_range(out->n_bins, "n_bins", 1, MOST_BINS, err)))
        return status;
    if (!(out->confidence > 0.0 && out->confidence < 1.0))
        return expclip__fail(err, EXPCLIP_ERROR_ARGUMENT,
                             "confidence: %g, expected more than 0 and less "
                             "than 1",
                             out->confidence);
    if (out->seed < 0)
        return expclip__fail(err, EXPCLIP_ERROR_ARGUMENT,
                             "seed: %lld, expected at least 0",
                             (long long)out->seed);
    return EXPCLIP_OK;
}

/* They become keys of JSON objects: UTF-8, and each another. */
static expclip_status check_names(const char *const *names, size_t n,
                                  expclip_error *err)
{
    expclip_status status;

    if (n > EXPCLIP__MOST_CELLS / n)
        return expclip__fail(err, EXPCLIP_ERROR_LIMIT,
                             "class_names_size: %zu, expected at most 2048", n);
    status = expclip__check_texts(names, n, "class_names", err);
    if (status)
        return status;
    for (size_t i = 0; i < n; i++) {
        if (!expclip__utf8_valid(names[i], strlen(names[i])))
            return expclip__fail(err, EXPCLIP_ERROR_ARGUMENT,
                                 "class_names[%zu]: \"%s\" is not UTF-8", i,
                                 names[i]);
        for (size_t j = 0; j < i; j++)
            if (strcmp(names[i], names[j]) == 0)
                return expclip__fail(err, EXPCLIP_ERROR_ARGUMENT,
                                     "class_names[%zu]: \"%s\" is the name of "
                                     "class %zu too",
                                     i, names[i], j);
    }
    return EXPCLIP_OK;
}

static expclip_status check_labels(const expclip__scored *s, expclip_error *err)
{
    if (s->n > INT32_MAX)
        return expclip__fail(err, EXPCLIP_ERROR_LIMIT,
                             "labels_size: %zu, expected at most %d", s->n,
                             INT32_MAX);
    for (size_t i = 0; i < s->n; i++)
        if (s->labels[i] < 0 || (size_t)s->labels[i] >= s->n_classes)
            return expclip__fail(err, EXPCLIP_ERROR_ARGUMENT,
                                 "labels[%zu]: %d, expected 0 to %zu", i,
                                 (int)s->labels[i], s->n_classes - 1);
    return EXPCLIP_OK;
}

/* A fold has a matrix of its own, so no number may be a mistyped one. */
static expclip_status read_folds(expclip__scored *s, const int32_t *folds,
                                 size_t folds_size, expclip_error *err)
{
    const int32_t most = (int32_t)EXPCLIP__MOST_CELLS;
    expclip_status status;

    if ((status = expclip__check_array(folds, folds_size, "folds", err)) ||
        (folds &&
         (status = expclip__check_size(folds_size, s->n, "folds_size", err))))
        return status;
    s->folds = folds;
    for (size_t i = 0; s->folds && i < s->n; i++)
        if (s->folds[i] < 0 || s->folds[i] >= most)
            return expclip__fail(err, EXPCLIP_ERROR_ARGUMENT,
                                 "folds[%zu]: %d, expected 0 to %d", i,
                                 (int)s->folds[i], (int)most - 1);
    return EXPCLIP_OK;
}

/* Without class names their number follows from the sizes. */
static expclip_status read_rows(expclip__scored *out, const float *logits,
                                size_t logits_size, const int32_t *labels,
                                size_t labels_size, expclip_error *err)
{
    expclip_status status;

    if ((status = expclip__check_array(logits, logits_size, "logits", err)) ||
        (status = expclip__check_array(labels, labels_size, "labels", err)))
        return status;
    if (labels_size == 0)
        return expclip__fail(err, EXPCLIP_ERROR_STATE,
                             "labels: none, expected one at least");
    if (logits_size == 0 || logits_size % labels_size)
        return expclip__fail(err, EXPCLIP_ERROR_ARGUMENT,
                             "logits_size: %zu, expected rows for %zu labels",
                             logits_size, labels_size);
    memset(out, 0, sizeof(*out));
    out->logits = logits;
    out->labels = labels;
    out->n = labels_size;
    out->n_classes = logits_size / labels_size;
    return check_labels(out, err);
}

/* ---- functions ---- */

static expclip_status read_scored(expclip__scored *out, const float *logits,
                                  size_t logits_size, const int32_t *labels,
                                  size_t labels_size, const int32_t *folds,
                                  size_t folds_size, size_t n_classes,
                                  expclip_error *err)
{
    expclip_status status;

    if (n_classes == 0)
        return expclip__fail(err, EXPCLIP_ERROR_ARGUMENT,
                             "class_names: none, expected one at least");
    if (labels_size > SIZE_MAX / n_classes)
        return expclip__fail(err, EXPCLIP_ERROR_ARGUMENT,
                             "labels_size: %zu, expected as many as rows of "
                             "logits",
                             labels_size);
    if ((status = expclip__check_size(logits_size, labels_size * n_classes,
                                      "logits_size", err)) ||
        (status =
             read_rows(out, logits, logits_size, labels, labels_size, err)))
        return status;
    return read_folds(out, folds, folds_size, err);
}

expclip_status expclip_metrics_rates(expclip_rates *rates, const float *logits,
                                     size_t logits_size, const int32_t *labels,
                                     size_t labels_size, const int32_t *folds,
                                     size_t folds_size, expclip_error *err)
{
    expclip__predictions *p = NULL;
    expclip__rates found = { 0 };
    expclip__scored scored;
    expclip_status status;

    if ((status = expclip__check_pointer(rates, "rates", err)) ||
        (status = read_rows(&scored, logits, logits_size, labels, labels_size,
                            err)) ||
        (status = read_folds(&scored, folds, folds_size, err)) ||
        (status = expclip__predictions_create(&p, &scored, err)))
        return status;
    status = expclip__rates_compute(&found, p, err);
    if (!status)
        *rates = (expclip_rates){
            .uar = 100.0 * found.uar,
            .war = 100.0 * found.war,
            .macro_f1 = 100.0 * expclip__tally_macro_f1(found.all),
            .n = (int64_t)p->n,
            .n_failed = (int64_t)(scored.n - p->n),
        };
    expclip__rates_free(&found);
    expclip__predictions_free(p);
    return expclip__returned(status, err);
}

expclip_status expclip_metrics_compute(
    expclip_string **out, const float *logits, size_t logits_size,
    const int32_t *labels, size_t labels_size, const int32_t *folds,
    size_t folds_size, const char *const *class_names, size_t class_names_size,
    const expclip_metrics_options *options, const expclip_cancel *cancel,
    expclip_error *err)
{
    expclip_metrics_options o;
    expclip__scored scored;
    char *text = NULL;
    expclip_status status;

    if ((status = expclip__check_pointer(out, "out", err)) ||
        (status = expclip__check_array(class_names, class_names_size,
                                       "class_names", err)) ||
        (status = check_options(&o, options, err)) ||
        (status = read_scored(&scored, logits, logits_size, labels, labels_size,
                              folds, folds_size, class_names_size, err)) ||
        (status = check_names(class_names, class_names_size, err)) ||
        (status = expclip__metrics_json(&text, &scored, class_names, &o, cancel,
                                        err)))
        return status;
    return expclip__returned(expclip__string_create(out, text, err), err);
}

expclip_status expclip_metrics_compare(expclip_string **out,
                                       const float *logits, size_t logits_size,
                                       const float *other_logits,
                                       size_t other_logits_size,
                                       const int32_t *labels,
                                       size_t labels_size, expclip_error *err)
{
    expclip__scored scored;
    char *text = NULL;
    expclip_status status;

    if ((status = expclip__check_pointer(out, "out", err)) ||
        (status = read_rows(&scored, logits, logits_size, labels, labels_size,
                            err)) ||
        (status = expclip__check_array(other_logits, other_logits_size,
                                       "other_logits", err)) ||
        (status = expclip__check_size(other_logits_size, logits_size,
                                      "other_logits_size", err)) ||
        (status = expclip__compare_json(&text, &scored, other_logits, err)))
        return status;
    return expclip__returned(expclip__string_create(out, text, err), err);
}

expclip_status
expclip_metrics_fit_temperature(float *temperature, const float *logits,
                                size_t logits_size, const int32_t *labels,
                                size_t labels_size, expclip_error *err)
{
    expclip__part part = { NULL, 0, 1 };
    expclip__predictions *p = NULL;
    expclip__scored scored;
    expclip_status status;

    if ((status = expclip__check_pointer(temperature, "temperature", err)) ||
        (status = read_rows(&scored, logits, logits_size, labels, labels_size,
                            err)) ||
        (status = expclip__predictions_create(&p, &scored, err)))
        return status;
    part.all = p;
    *temperature = (float)expclip__temperature(&part);
    expclip__predictions_free(p);
    return expclip__returned(EXPCLIP_OK, err);
}
