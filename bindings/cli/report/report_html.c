/* SPDX-License-Identifier: MIT */
/*
 * report_html.c - results as one page of HTML that needs nothing else: what was
 * run, the paper's grid, the data sets, the words.
 *
 * All text from outside goes through html_text(). The page's own policy allows
 * its styles and, by its digest, its one script.
 */
#define _GNU_SOURCE
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <expclip.h>

#include "inputs/digest.h"
#include "report/report_files.h"
#include "views/html_text.h"

enum { SHA256_SIZE = 32 };

/* ------------------------------------------------------------------------
 * Head
 */

/** The digest of the script, by which browsers know that it is ours. */
static void print_policy(FILE *f)
{
    char hex[DIGEST_HEX_SIZE];
    unsigned char bytes[SHA256_SIZE];
    FILE *script =
        fmemopen((void *)(uintptr_t)report_script, strlen(report_script), "r");
    const int is_known = script && digest_file(hex, DIGEST_SHA256, script) == 0;

    fputs("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src"
          " 'none'; style-src 'unsafe-inline'",
          f);
    if (is_known) {
        for (size_t i = 0; i < SHA256_SIZE; i++) {
            const char digits[] = { hex[2 * i], hex[2 * i + 1], '\0' };
            bytes[i] = (unsigned char)strtoul(digits, NULL, 16);
        }
        fputs("; script-src 'sha256-", f);
        html_base64(f, bytes, sizeof(bytes));
        fputs("'", f);
    }
    fputs("\">\n", f);
    if (script)
        fclose(script);
}

static void print_number_of(FILE *f, size_t n, const char *thing)
{
    fprintf(f, "%zu %s%s", n, thing, n == 1 ? "" : "s");
}

static int is_first_of_model(const report_view *v, size_t row)
{
    for (size_t i = 0; i < row; i++)
        if (strcmp(v->rows[i].model, v->rows[row].model) == 0)
            return 0;
    return 1;
}

static void print_lead(FILE *f, const report_view *v)
{
    size_t n_models = 0;
    size_t n_heads = 0;
    size_t n_prompts = 0;

    for (size_t i = 0; i < v->n_rows; i++) {
        n_models += is_first_of_model(v, i) ? 1 : 0;
        n_heads += report_model_key(v, i) == i ? 1 : 0;
        n_prompts += report_prompts_key(v, i) == i ? 1 : 0;
    }
    fputs("<p class=\"lead\">Zero-shot: ", f);
    if (n_heads > n_models)
        fprintf(f, "%zu heads on ", n_heads);
    print_number_of(f, n_models, "model");
    fputs(", ", f);
    print_number_of(f, n_prompts, "prompt set");
    fputs(", ", f);
    print_number_of(f, v->n_columns, "data set");
    fputs("; ", f);
    print_number_of(f, v->n, "result");
    fputs(".</p>\n", f);
}

static int is_demo(const report_view *v)
{
    for (size_t i = 0; i < v->n_rows; i++)
        if (strcmp(v->rows[i].model, "demo") == 0)
            return 1;
    return 0;
}

static void print_head(FILE *f, const report_view *v)
{
    fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n"
          "<meta charset=\"utf-8\">\n"
          "<meta name=\"viewport\" content=\"width=device-width,"
          "initial-scale=1\">\n"
          "<meta name=\"generator\" content=\"expclip\">\n",
          f);
    print_policy(f);
    fputs("<title>Facial expressions: evaluation - expclip</title>\n", f);
    report_style(f);
    fputs("</head>\n<body>\n<a class=\"skip\" href=\"#results\">To the"
          " results</a>\n<header>\n<h1>Facial expressions: evaluation</h1>\n",
          f);
    print_lead(f, v);
    if (is_demo(v))
        fputs("<p class=\"note\">The demo model reads drawn faces only: its"
              " figures show that the software works and say nothing about"
              " photographs.</p>\n",
              f);
    fputs("<div class=\"panel\">\n", f);
    report_facts(f, v, NULL);
    fputs("</div>\n</header>\n", f);
}

/* ------------------------------------------------------------------------
 * Links and filters
 */

static void print_links(FILE *f, const report_view *v)
{
    fputs("<nav aria-label=\"Data sets\">\n", f);
    for (size_t i = 0; i < v->n_columns; i++) {
        fprintf(f, "<a href=\"#data-%zu\">", i + 1);
        html_text(f, v->columns[i].title);
        fputs("</a>\n", f);
    }
    fputs("<a href=\"#reading\">How to read this</a>\n</nav>\n", f);
}

static void print_picks(FILE *f, const report_view *v)
{
    fputs("<form id=\"picks\" hidden>\n<select name=\"model\""
          " aria-label=\"Model\"><option value=\"\">All models</option>\n",
          f);
    for (size_t i = 0; i < v->n_rows; i++) {
        if (report_model_key(v, i) != i)
            continue;
        fprintf(f, "<option value=\"%zu\">", i);
        report_model(f, &v->rows[i]);
        fputs("</option>\n", f);
    }
    fputs("</select>\n<select name=\"prompts\" aria-label=\"Prompts\">"
          "<option value=\"\">All prompts</option>\n",
          f);
    for (size_t i = 0; i < v->n_rows; i++) {
        if (report_prompts_key(v, i) != i)
            continue;
        fprintf(f, "<option value=\"%zu\">", i);
        html_text(f, v->rows[i].prompts);
        fputs("</option>\n", f);
    }
    fputs(
        "</select>\n<button type=\"button\" name=\"opens\">Open all</button>\n"
        "<button type=\"button\" name=\"closes\">Close all</button>\n"
        "</form>\n",
        f);
}

/* ------------------------------------------------------------------------
 * The paper's grid
 */

static void print_grid_cell(FILE *f, const report_view *v,
                            const report_result *r)
{
    if (!r) {
        fputs("<td></td>", f);
        return;
    }
    fprintf(f, "<td><a href=\"#%s\">", r->name);
    report_best(f, r->uar, report_is_best_uar(v, r));
    fputs("<br><small>", f);
    report_best(f, r->war, report_is_best_war(v, r));
    fputs("</small></a></td>", f);
}

static void print_grid(FILE *f, const report_view *v)
{
    size_t last = SIZE_MAX;

    fputs("<section>\n<h2>At a glance</h2>\n<div class=\"panel scroll\">"
          "<table class=\"grid\">\n<caption>UAR, and WAR below it, in percent;"
          " the best of each column is marked.</caption>\n<thead><tr>"
          "<th scope=\"col\">Prompts</th>",
          f);
    for (size_t i = 0; i < v->n_columns; i++) {
        fprintf(f, "<th scope=\"col\"><a href=\"#data-%zu\">", i + 1);
        html_text(f, v->columns[i].title);
        fputs("</a></th>", f);
    }
    fputs("</tr></thead>\n<tbody>\n", f);
    for (size_t i = 0; i < v->n_rows; i++) {
        report_group(f, v, i, &last, v->n_columns + 1);
        report_row_begin(f, v, i);
        html_text(f, v->rows[i].prompts);
        fputs("</th>", f);
        for (size_t j = 0; j < v->n_columns; j++)
            print_grid_cell(f, v, report_at(v, i, j));
        fputs("</tr>\n", f);
    }
    fputs("</tbody></table></div>\n</section>\n", f);
}

/* ------------------------------------------------------------------------
 * Page
 */

/** Without the time, so that equal runs give equal pages. */
static void print_foot(FILE *f)
{
    fputs("<footer>Made by expclip " EXPCLIP_VERSION ". The figures are also in"
          " results.json, tables.md and tables.tex beside this page, the"
          " matrices and curves as pictures in plots/.</footer>\n<script>",
          f);
    fputs(report_script, f);
    fputs("</script>\n</body>\n</html>\n", f);
}

void report_page(FILE *f, const report_view *v)
{
    print_head(f, v);
    if (v->n > 1) {
        fputs("<div class=\"tools\">\n", f);
        print_links(f, v);
        print_picks(f, v);
        fputs("</div>\n", f);
    }
    fputs("<main id=\"results\">\n", f);
    if (v->n_columns > 1)
        print_grid(f, v);
    for (size_t i = 0; i < v->n_columns; i++)
        report_dataset(f, v, i);
    report_prompts(f, v);
    report_reading(f, v);
    fputs("</main>\n", f);
    print_foot(f);
}
