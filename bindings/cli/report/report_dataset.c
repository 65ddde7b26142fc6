/* SPDX-License-Identifier: MIT */
/*
 * report_dataset.c - a data set's part of the page: its results as bars beside
 * the reference's, then a card a result.
 */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "report/report_files.h"
#include "views/html_text.h"

enum { MOST_OPEN = 2 }; /* results that are all open from the start */

static void print_measure(FILE *f, const char *kind, double x, int is_best,
                          const bar_marks *marks)
{
    fprintf(f, "<td class=\"%s\"><div class=\"m\">", kind);
    report_best(f, x, is_best);
    report_bar(f, x, marks);
    if (isfinite(marks->low) && isfinite(marks->high))
        fprintf(f, "<small>%.2f\xE2\x80\x93%.2f</small>", marks->low,
                marks->high);
    fputs("</div></td>", f);
}

static double chance_of(const report_result *r)
{
    const size_t n_missing =
        json_array_size(json_object_get(r->json, "missing_classes"));

    return r->n_classes > n_missing ? 100.0 / (double)r->n_classes
                                    : (double)NAN;
}

static void print_bars(FILE *f, const report_view *v, const report_result *r,
                       int has_reference)
{
    const json_t *interval = json_object_get(r->json, "interval");
    bar_marks marks = { report_item(interval, "uar", 0),
                        report_item(interval, "uar", 1), chance_of(r),
                        r->has_logged ? r->logged.uar : (double)NAN };

    report_row_begin(f, v, r->row);
    fprintf(f, "<a href=\"#%s\">", r->name);
    html_text(f, r->prompts);
    fputs("</a></th>", f);
    print_measure(f, "uar", r->uar, report_is_best_uar(v, r), &marks);
    marks.low = report_item(interval, "war", 0);
    marks.high = report_item(interval, "war", 1);
    marks.chance = (double)NAN;
    marks.reference = r->has_logged ? r->logged.war : (double)NAN;
    print_measure(f, "war", r->war, report_is_best_war(v, r), &marks);
    if (has_reference && r->has_logged)
        fprintf(f,
                "<td class=\"num ours\">%.2f/%.2f</td>"
                "<td class=\"num ours\">%+.2f/%+.2f</td>",
                r->logged.uar, r->logged.war, r->uar - r->logged.uar,
                r->war - r->logged.war);
    else if (has_reference)
        fputs("<td class=\"ours\"></td><td class=\"ours\"></td>", f);
    fputs("</tr>\n", f);
}

static void print_legend(FILE *f, int has_interval, int has_reference)
{
    fputs("<p class=\"legend\">", f);
    if (has_interval)
        fputs("<span><span class=\"rail\"><i class=\"span\""
              " style=\"left:0;width:100%\"></i></span>interval</span>\n",
              f);
    fputs("<span><span class=\"rail\"><i class=\"chance\""
          " style=\"left:50%\"></i></span>guessing</span>\n",
          f);
    if (has_reference)
        fputs("<span><span class=\"rail\"><i class=\"ref\" style=\"left:50%;"
              "bottom:2px\"></i></span>the reference&#39;s log</span>\n",
              f);
    fputs("</p>\n", f);
}

/** The paper's rows of the models in the column. */
static void print_paper(FILE *f, const report_view *v, size_t column)
{
    const int dataset = reference_dataset(v->columns[column].dataset);
    run_figures figures;
    size_t n = 0;

    for (int b = 0; b < REFERENCE_N_BACKBONES; b++)
        for (int head = 0; head <= 1; head++) {
            size_t row = 0;
            while (row < v->n_rows && v->rows[row].backbone != b)
                row++;
            if (row == v->n_rows ||
                !reference_paper(&figures, b, head, dataset))
                continue;
            fputs(n++ ? "; "
                      : "<p class=\"soft paper\">The paper&#39;s tables 1 and"
                        " 2, of another run, prompts not stated: ",
                  f);
            fprintf(f, "%s %s %.2f/%.2f", head ? "Exp-CLIP" : "CLIP",
                    reference_backbone_name((size_t)b), figures.uar,
                    figures.war);
        }
    if (n)
        fputs(".</p>\n", f);
}

static void print_size(FILE *f, const report_result *r)
{
    const double n_failed = report_number(r->json, "n_failed");
    const size_t n_folds = json_array_size(json_object_get(r->json, "folds"));
    char *missing = report_missing(r->json);

    fprintf(f, "<p class=\"soft\">%.0f items, %zu classes",
            report_number(r->json, "n"), r->n_classes);
    if (n_folds > 1)
        fprintf(f, ", %zu folds", n_folds);
    if (n_failed > 0)
        fprintf(f, ", %.0f more failed", n_failed);
    if (missing) {
        fputs(", no item of: ", f);
        html_text(f, missing);
    }
    fputs("</p>\n", f);
    free(missing);
}

static const report_result *first_of(const report_view *v, size_t column)
{
    size_t row = 0;

    while (!report_at(v, row, column))
        row++;
    return report_at(v, row, column);
}

static void print_table(FILE *f, const report_view *v, size_t column)
{
    const report_result *first = first_of(v, column);
    size_t last = SIZE_MAX;
    int has_reference = 0;

    for (size_t i = 0; i < v->n; i++)
        if (v->results[i].column == column && v->results[i].has_logged)
            has_reference = 1;
    fputs("<div class=\"panel\"><table class=\"head\">\n"
          "<caption class=\"gone\">UAR and WAR as bars</caption>\n<thead><tr>"
          "<th scope=\"col\">Prompts</th>"
          "<th scope=\"col\" class=\"uar\">UAR, %</th>"
          "<th scope=\"col\" class=\"war\">WAR, %</th>",
          f);
    if (has_reference)
        fputs("<th scope=\"col\" class=\"ours\">Reference&#39;s log</th>"
              "<th scope=\"col\" class=\"ours\">Difference</th>",
              f);
    fputs("</tr></thead>\n<tbody>\n", f);
    for (size_t i = 0; i < v->n_rows; i++) {
        if (!report_at(v, i, column))
            continue;
        report_group(f, v, i, &last, has_reference ? 5 : 3);
        print_bars(f, v, report_at(v, i, column), has_reference);
    }
    fputs("</tbody></table>\n", f);
    print_legend(f, json_is_object(json_object_get(first->json, "interval")),
                 has_reference);
    fputs("</div>\n", f);
}

/** Few are all open; of one data set, the best. */
static int is_open(const report_view *v, const report_result *r)
{
    return v->n <= MOST_OPEN || (v->n_columns == 1 && report_is_best_uar(v, r));
}

void report_dataset(FILE *f, const report_view *v, size_t column)
{
    fprintf(f, "<section id=\"data-%zu\">\n<h2>", column + 1);
    html_text(f, v->columns[column].title);
    fputs("</h2>\n", f);
    print_size(f, first_of(v, column));
    print_table(f, v, column);
    print_paper(f, v, column);
    for (size_t i = 0; i < v->n_rows; i++)
        if (report_at(v, i, column))
            report_card(f, v, report_at(v, i, column),
                        is_open(v, report_at(v, i, column)));
    fputs("</section>\n", f);
}
