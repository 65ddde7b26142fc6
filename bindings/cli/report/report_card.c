/* SPDX-License-Identifier: MIT */
/*
 * report_card.c - one result with all its figures: tiles, confusion matrix,
 * classes, ranks, calibration, folds, facts.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/report_files.h"
#include "terminal/memory.h"
#include "views/html_text.h"

enum { N_LEVELS = 20 }; /* of the heat, see report_style.c */

static const bar_marks no_marks = BAR_MARKS_NONE;

/* ------------------------------------------------------------------------
 * Tiles and notes
 */

static void print_tile(FILE *f, const char *term, const char *format, double x,
                       const json_t *interval)
{
    fprintf(f, "<div class=\"tile\"><span>%s</span><b>", term);
    report_figure(f, format, x);
    fputs("</b>", f);
    if (json_array_size(interval) == 2)
        fprintf(f, "<small>%.2f\xE2\x80\x93%.2f</small>",
                json_number_value(json_array_get(interval, 0)),
                json_number_value(json_array_get(interval, 1)));
    fputs("</div>\n", f);
}

static void print_tiles(FILE *f, const report_result *r)
{
    const json_t *interval = json_object_get(r->json, "interval");
    const json_t *calibration = json_object_get(r->json, "calibration");

    fputs("<div class=\"tiles\">\n", f);
    print_tile(f, "UAR, %", "%.2f", r->uar, json_object_get(interval, "uar"));
    print_tile(f, "WAR, %", "%.2f", r->war, json_object_get(interval, "war"));
    print_tile(f, "Macro F1, %", "%.2f", report_number(r->json, "macro_f1"),
               json_object_get(interval, "macro_f1"));
    if (isfinite(report_number(calibration, "ece")))
        print_tile(f, "ECE, %", "%.2f", report_number(calibration, "ece"),
                   NULL);
    print_tile(f, "Items", "%.0f", report_number(r->json, "n"), NULL);
    if (report_number(r->json, "n_failed") > 0)
        print_tile(f, "Items that failed", "%.0f",
                   report_number(r->json, "n_failed"), NULL);
    fputs("</div>\n", f);
}

static void print_reference(FILE *f, const report_result *r)
{
    if (!r->has_logged)
        return;
    fprintf(f,
            "<p class=\"soft\">The reference logged UAR/WAR %.2f/%.2f for its"
            " head on this model with these prompts. Here: %+.2f/%+.2f"
            " points.</p>\n",
            r->logged.uar, r->logged.war, r->uar - r->logged.uar,
            r->war - r->logged.war);
}

static void print_failures(FILE *f, const json_t *failures)
{
    const json_t *item;
    size_t i;

    if (!json_array_size(failures))
        return;
    fputs(
        "<details class=\"fold\"><summary>Items that failed</summary>\n<dl>\n",
        f);
    json_array_foreach (failures, i, item) {
        fputs("<div><dt>", f);
        html_text(f, report_text(item, "path"));
        fputs("</dt><dd>", f);
        html_text(f, report_text(item, "message"));
        fputs("</dd></div>\n", f);
    }
    fputs("</dl>\n</details>\n", f);
}

static void print_notes(FILE *f, const report_result *r)
{
    const double n_failed = report_number(r->json, "n_failed");
    char *missing = report_missing(r->json);

    if (missing) {
        fputs("<p class=\"note\">No item of: ", f);
        html_text(f, missing);
        fputs(". UAR is the mean of the other classes&#39; recalls.</p>\n", f);
    }
    if (n_failed > 0)
        fprintf(f,
                "<p class=\"note\">%.0f item%s could not be used and %s left"
                " out of all figures.</p>\n",
                n_failed, n_failed > 1 ? "s" : "", n_failed > 1 ? "are" : "is");
    print_failures(f, json_object_get(r->json, "failures"));
    free(missing);
}

/* ------------------------------------------------------------------------
 * Confusion matrix
 */

static void print_heat_head(FILE *f, const report_result *r)
{
    fputs("<thead><tr><td></td>", f);
    for (size_t i = 0; i < r->n_classes; i++) {
        fputs("<th scope=\"col\"><span title=\"", f);
        html_text(f, r->classes[i]);
        fputs("\">", f);
        html_text(f, r->classes[i]);
        fputs("</span></th>", f);
    }
    fputs("<th scope=\"col\">Items</th></tr></thead>\n", f);
}

static void print_heat_cell(FILE *f, const report_result *r, size_t truth,
                            size_t guess, double count, double sum)
{
    const double share = sum > 0 ? count / sum : 0;

    fprintf(f, "<td class=\"h%.0f\" title=\"", N_LEVELS * share);
    html_text(f, r->classes[truth]);
    fputs(" read as ", f);
    html_text(f, r->classes[guess]);
    fprintf(f, ": %.0f of %.0f\">", count, sum);
    if (sum > 0)
        fprintf(f, "%.1f", 100 * share);
    else
        fputs("\xE2\x80\x93", f);
    fputs("</td>", f);
}

static void print_heat_row(FILE *f, const report_result *r, size_t truth,
                           const double *counts)
{
    double sum = 0;

    for (size_t i = 0; i < r->n_classes; i++)
        sum += counts[i];
    fputs("<tr><th scope=\"row\" title=\"", f);
    html_text(f, r->classes[truth]);
    fputs("\">", f);
    html_text(f, r->classes[truth]);
    fputs("</th>", f);
    for (size_t i = 0; i < r->n_classes; i++)
        print_heat_cell(f, r, truth, i, counts[i], sum);
    fprintf(f, "<td class=\"sum\">%.0f</td></tr>\n", sum);
}

static void print_confusion(FILE *f, const report_result *r)
{
    double *counts;

    if (!report_has_confusion(r->json, r->n_classes))
        return;
    counts = report_counts(r->json, r->n_classes);
    fputs("<div>\n<h4>Confusion matrix</h4>\n<div class=\"scroll\">"
          "<table class=\"heat\">\n<caption>Rows are true classes, columns what"
          " the model said; percent of the row.</caption>\n",
          f);
    print_heat_head(f, r);
    fputs("<tbody>\n", f);
    for (size_t i = 0; i < r->n_classes; i++)
        print_heat_row(f, r, i, counts + i * r->n_classes);
    fputs("</tbody></table></div>\n</div>\n", f);
    free(counts);
}

/* ------------------------------------------------------------------------
 * Classes and ranks
 */

static void print_rate(FILE *f, const char *kind, const json_t *rates,
                       const char *class_name)
{
    const double rate = report_number(rates, class_name);

    fprintf(f, "<td class=\"%s\">", kind);
    report_figure(f, "%.1f", rate);
    report_bar(f, rate, &no_marks);
    fputs("</td>", f);
}

static void print_classes(FILE *f, const report_result *r)
{
    const json_t *recall = json_object_get(r->json, "recall");
    const json_t *precision = json_object_get(r->json, "precision");
    const json_t *f1 = json_object_get(r->json, "f1");
    const json_t *support = json_object_get(r->json, "support");

    fputs("<div>\n<h4>Classes</h4>\n<div class=\"scroll\">"
          "<table class=\"classes\">\n<caption>Recall: of the class, found."
          " Precision: of the answers, right. Percent.</caption>\n"
          "<thead><tr><th scope=\"col\">Class</th>"
          "<th scope=\"col\">Recall</th><th scope=\"col\">Precision</th>"
          "<th scope=\"col\">F1</th><th scope=\"col\" class=\"num\">Items</th>"
          "</tr></thead>\n<tbody>\n",
          f);
    for (size_t i = 0; i < r->n_classes; i++) {
        fputs("<tr><th scope=\"row\">", f);
        html_text(f, r->classes[i]);
        fputs("</th>", f);
        print_rate(f, "rec", recall, r->classes[i]);
        print_rate(f, "pre", precision, r->classes[i]);
        print_rate(f, "f1", f1, r->classes[i]);
        fputs("<td class=\"num\">", f);
        report_figure(f, "%.0f", report_number(support, r->classes[i]));
        fputs("</td></tr>\n", f);
    }
    fputs("</tbody></table></div>\n</div>\n", f);
}

static void print_ranks(FILE *f, const report_result *r)
{
    json_t *ranks = json_object_get(r->json, "top_k");
    const char *rank;
    json_t *share;

    if (!json_object_size(ranks))
        return;
    fputs("<div class=\"ranks\">\n<h4>Right class among the first k,"
          " percent</h4>\n",
          f);
    json_object_foreach (ranks, rank, share) {
        fputs("<div class=\"m\"><span>Top ", f);
        html_text(f, rank);
        fputs("</span>", f);
        report_bar(f, json_number_value(share), &no_marks);
        fputs("<b>", f);
        report_figure(f, "%.1f", json_number_value(share));
        fputs("</b></div>\n", f);
    }
    fputs("</div>\n", f);
}

/* ------------------------------------------------------------------------
 * Calibration and folds
 */

static void print_calibration(FILE *f, const report_result *r)
{
    const json_t *calibration = json_object_get(r->json, "calibration");
    const double temperature = report_number(calibration, "temperature");

    if (!json_is_object(calibration))
        return;
    fputs("<figure>\n<h4>Reliability</h4>\n", f);
    if (!report_curve(f, calibration))
        fputs("<p class=\"soft\">There is nothing to draw.</p>\n", f);
    fprintf(f,
            "<figcaption>The bars are the accuracy, the pale parts its"
            " distance from the confidence. Calibration error (ECE) %.2f %%",
            report_number(calibration, "ece"));
    if (isfinite(temperature) &&
        isfinite(report_number(calibration, "ece_calibrated")))
        fprintf(f,
                "; %.2f %% with the logits divided by %.3g (fitted to every"
                " second item, measured on the others)",
                report_number(calibration, "ece_calibrated"), temperature);
    fputs(".</figcaption>\n</figure>\n", f);
}

static void print_fold(FILE *f, const char *name, const json_t *fold)
{
    char *missing = report_missing(fold);

    fprintf(f, "<tr><th scope=\"row\">%s</th><td>", name);
    report_figure(f, "%.0f", report_number(fold, "n"));
    fputs("</td><td>", f);
    report_figure(f, "%.0f", report_number(fold, "n_failed"));
    fputs("</td><td>", f);
    report_figure(f, "%.2f", report_number(fold, "uar"));
    fputs("</td><td>", f);
    report_figure(f, "%.2f", report_number(fold, "war"));
    fputs("</td><td>", f);
    html_text(f, missing ? missing : "");
    fputs("</td></tr>\n", f);
    free(missing);
}

static void print_folds(FILE *f, const report_result *r)
{
    const json_t *folds = json_object_get(r->json, "folds");
    const size_t n = json_array_size(folds);

    if (n < 2)
        return;
    fputs("<div>\n<h4>Folds</h4>\n<div class=\"scroll\"><table class=\"num"
          " folds\">\n<caption>UAR and WAR in percent; the result is the mean"
          " of the folds.</caption>\n<thead><tr><th scope=\"col\">Fold</th>"
          "<th scope=\"col\">Items</th><th scope=\"col\">Failed</th>"
          "<th scope=\"col\">UAR</th><th scope=\"col\">WAR</th>"
          "<th scope=\"col\">No item of</th></tr></thead>\n<tbody>\n",
          f);
    for (size_t i = 0; i < n; i++) {
        char *name = memory_text("%zu", i + 1);
        print_fold(f, name, json_array_get(folds, i));
        free(name);
    }
    print_fold(f, "Mean of folds", r->json);
    print_fold(f, "All items as one", json_object_get(r->json, "pooled"));
    fputs("</tbody></table></div>\n</div>\n", f);
}

void report_card(FILE *f, const report_view *v, const report_result *r,
                 int is_open)
{
    fprintf(f,
            "<details class=\"card\" id=\"%s\" data-m=\"%zu\" data-p=\"%zu\"%s>"
            "<summary><h3>",
            r->name, report_model_key(v, r->row), report_prompts_key(v, r->row),
            is_open ? " open" : "");
    html_text(f, r->prompts);
    fputs(" <span>", f);
    html_text(f, r->model);
    fputs(" \xC2\xB7 ", f);
    html_text(f, report_head_title(r->head));
    fputs("</span></h3><span class=\"nums\"><small>UAR</small> <b>", f);
    report_figure(f, "%.2f", r->uar);
    fputs("</b> &nbsp; <small>WAR</small> <b>", f);
    report_figure(f, "%.2f", r->war);
    fputs("</b></span></summary>\n<div class=\"inner\">\n", f);
    print_notes(f, r);
    print_tiles(f, r);
    print_reference(f, r);
    fputs("<div class=\"two\">\n<div class=\"stack\">\n", f);
    print_confusion(f, r);
    print_calibration(f, r);
    fputs("</div>\n<div class=\"stack\">\n", f);
    print_classes(f, r);
    print_ranks(f, r);
    print_folds(f, r);
    fputs("</div>\n</div>\n", f);
    fputs("<details class=\"fold\"><summary>What was run</summary>\n", f);
    report_facts(f, v, r);
    fputs("</details>\n</div>\n</details>\n", f);
}
