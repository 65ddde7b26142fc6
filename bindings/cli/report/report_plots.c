/* SPDX-License-Identifier: MIT */
/*
 * report_plots.c - confusion matrices and reliability curves as files, named
 * after the reference's: MODEL-HEAD-DATASET[-FOLD]-PROMPTS, folds from 0.
 *
 * A result's matrix is drawn in three forms; those of folds as PDF only, as the
 * reference does.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "terminal/failure.h"
#include "plots/plot.h"
#include "report/report_files.h"
#include "terminal/console.h"
#include "terminal/memory.h"

/** Where a plot goes: to a file, or as SVG to a page. */
typedef struct target {
    const char *path; /* NULL = to a page */
    json_t *glyphs;
    char *svg;
} target;

static int draw(target *to, const plot_drawing *drawing)
{
    if (to->path)
        return plot_file(to->path, drawing);
    to->svg = plot_svg(drawing, to->glyphs);
    return 0;
}

/** @param object  the result, or one of its folds */
static int draw_confusion(target *to, const report_result *r,
                          const json_t *object, const char *title)
{
    double *counts = report_counts(object, r->n_classes);
    const confusion_plot plot = { title, r->classes, r->n_classes, counts };
    const plot_drawing drawing = plot_confusion(&plot);
    const int rc = draw(to, &drawing);

    free(counts);
    return rc;
}

static int write_confusion(const char *plots, const char *name,
                           const char *ending, const report_result *r,
                           const json_t *object, const char *title)
{
    char *path = memory_text("%s/confusion-%s.%s", plots, name, ending);
    const int rc = draw_confusion(&(target){ .path = path }, r, object, title);

    free(path);
    return rc;
}

static int draw_result(const char *plots, const report_result *r,
                       const char *title)
{
    static const char *const endings[] = { "svg", "pdf", "png" };
    int rc = 0;

    if (!report_has_confusion(r->json, r->n_classes))
        return 0;
    for (size_t i = 0; i < 3 && !rc; i++)
        rc = write_confusion(plots, r->name, endings[i], r, r->json, title);
    return rc;
}

static int draw_folds(const char *plots, const report_result *r,
                      const char *title)
{
    const json_t *folds = json_object_get(r->json, "folds");
    const size_t n = json_array_size(folds);
    int rc = 0;

    for (size_t i = 0; i < n && n > 1 && !rc; i++) {
        const json_t *fold = json_array_get(folds, i);
        char *name = memory_text("%.*s-%zu%s", (int)r->stem_size, r->name, i,
                                 r->name + r->stem_size);
        char *its = memory_text("%s, fold %zu", title, i + 1);
        if (report_has_confusion(fold, r->n_classes))
            rc = write_confusion(plots, name, "pdf", r, fold, its);
        free(its);
        free(name);
    }
    return rc;
}

/* ------------------------------------------------------------------------
 * Reliability
 */

/** Nothing when there are no bins. */
static int draw_reliability(target *to, const report_result *r,
                            const char *title)
{
    static const char *const keys[] = { "low", "high", "n", "confidence",
                                        "accuracy" };
    const json_t *calibration = json_object_get(r->json, "calibration");
    const json_t *bins = json_object_get(calibration, "bins");
    const size_t n = json_array_size(bins);
    double *x = memory_new(n * 5, sizeof(*x));
    const reliability_plot plot = {
        title,     n,         x,         x + n,
        x + 2 * n, x + 3 * n, x + 4 * n, report_number(calibration, "ece")
    };
    const plot_drawing drawing = plot_reliability(&plot);
    int rc;

    for (size_t k = 0; k < 5; k++)
        for (size_t i = 0; i < n; i++) {
            const double y = report_number(json_array_get(bins, i), keys[k]);
            x[k * n + i] = isfinite(y) ? y : 0; /* of an empty bin */
        }
    rc = n ? draw(to, &drawing) : 0;
    free(x);
    return rc;
}

static int write_reliability(const char *plots, const report_result *r,
                             const char *title)
{
    char *path = memory_text("%s/reliability-%s.svg", plots, r->name);
    const int rc = draw_reliability(&(target){ .path = path }, r, title);

    free(path);
    return rc;
}

/* ------------------------------------------------------------------------
 * For the page
 */

char *report_confusion_svg(const report_result *r, json_t *glyphs)
{
    target page = { NULL, glyphs, NULL };

    if (report_has_confusion(r->json, r->n_classes))
        draw_confusion(&page, r, r->json, NULL);
    return page.svg;
}

char *report_reliability_svg(const report_result *r, json_t *glyphs)
{
    target page = { NULL, glyphs, NULL };

    draw_reliability(&page, r, NULL);
    return page.svg;
}

/* ------------------------------------------------------------------------
 * Files
 */

int report_plots(const char *folder, const report_view *v)
{
    char *plots = memory_text("%s/plots", folder);
    int rc = 0;

    if (!plot_available()) {
        console_note("no plots: this program was built without cairo");
        free(plots);
        return 0;
    }
    if (mkdir(plots, 0777) && errno != EEXIST) {
        console_error("cannot make %s: %s", plots, strerror(errno));
        rc = EXIT_USAGE;
    }
    for (size_t i = 0; i < v->n && !rc; i++) {
        const report_result *r = &v->results[i];
        char *title =
            memory_text("%s, %s, %s, %s", r->model, report_head_title(r->head),
                        v->columns[r->column].title, r->prompts);
        if (r->n_classes > REPORT_CLASSES_DRAWN)
            console_note("no plot of the confusion of %zu classes, expected "
                         "at most %d; results.json has it",
                         r->n_classes, REPORT_CLASSES_DRAWN);
        rc = draw_result(plots, r, title);
        if (!rc)
            rc = draw_folds(plots, r, title);
        if (!rc)
            rc = write_reliability(plots, r, title);
        free(title);
    }
    free(plots);
    return rc;
}
