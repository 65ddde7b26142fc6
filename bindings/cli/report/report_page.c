/* SPDX-License-Identifier: MIT */
/*
 * report_page.c - what report/page/ is filled with: the results, and a view of
 * them with all that they have not got.
 *
 *     {"version": "0.1", "has_plots": true,
 *      "rows": [{"model", "head", "prompts"}],
 *      "columns": [{"title", "paper": [{"name", "uar", "war"}]}],
 *      "cards": [one per result: {"name", "row", "column", "classes",
 *                "best_uar", "best_war", "logged": {"uar", "war"},
 *                "confusion", "reliability": the text of an SVG}],
 *      "glyphs": [outline of a letter of these SVGs, by its number]}
 *
 * It tells no time, so that equal runs give equal pages.
 */
#include <stdlib.h>

#include <expclip.h>

#include "plots/plot.h"
#include "report/report_files.h"
#include "views/page.h"

static json_t *list_rows(const report_view *v)
{
    json_t *rows = json_array();

    for (size_t i = 0; i < v->n_rows; i++)
        json_array_append_new(
            rows, json_pack("{ss ss ss}", "model", v->rows[i].model, "head",
                            report_head_title(v->rows[i].head), "prompts",
                            v->rows[i].prompts));
    return rows;
}

static int has_backbone(const report_view *v, int backbone)
{
    for (size_t i = 0; i < v->n_rows; i++)
        if (v->rows[i].backbone == backbone)
            return 1;
    return 0;
}

/** What the paper has of this dataset, for the models in the view. */
static json_t *list_paper(const report_view *v, const report_column *column)
{
    const int dataset = reference_dataset(column->dataset);
    json_t *list = json_array();
    run_figures x;

    for (int b = 0; b < REFERENCE_N_BACKBONES; b++)
        for (int head = 0; head <= 1; head++)
            if (has_backbone(v, b) && reference_paper(&x, b, head, dataset))
                json_array_append_new(
                    list, json_pack("{ss++ sf sf}", "name",
                                    head ? "Exp-CLIP" : "CLIP", " ",
                                    reference_backbone_name((size_t)b), "uar",
                                    x.uar, "war", x.war));
    return list;
}

static json_t *list_columns(const report_view *v)
{
    json_t *columns = json_array();

    for (size_t i = 0; i < v->n_columns; i++)
        json_array_append_new(
            columns, json_pack("{ss so}", "title", v->columns[i].title, "paper",
                               list_paper(v, &v->columns[i])));
    return columns;
}

static void add_plot(json_t *card, const char *key, char *svg)
{
    if (svg)
        json_object_set_new(card, key, json_string(svg));
    free(svg);
}

static json_t *make_card(const report_view *v, const report_result *r,
                         json_t *glyphs)
{
    json_t *classes = json_array();
    json_t *card = json_pack("{ss si si so sb sb}", "name", r->name, "row",
                             (int)r->row, "column", (int)r->column, "classes",
                             classes, "best_uar", report_is_best_uar(v, r),
                             "best_war", report_is_best_war(v, r));

    for (size_t i = 0; i < r->n_classes; i++)
        json_array_append_new(classes, json_string(r->classes[i]));
    if (r->has_logged)
        json_object_set_new(
            card, "logged",
            json_pack("{sf sf}", "uar", r->logged.uar, "war", r->logged.war));
    add_plot(card, "confusion", report_confusion_svg(r, glyphs));
    add_plot(card, "reliability", report_reliability_svg(r, glyphs));
    return card;
}

void report_page(FILE *f, const report_view *v)
{
    const page_files files = { page_report_html, page_report_style,
                               page_report_script };
    json_t *cards = json_array();
    json_t *outlines = json_array();
    json_t *glyphs = json_object(); /* {outline: its place in outlines} */
    json_t *view = json_pack("{ss sb so so so so}", "version", EXPCLIP_VERSION,
                             "has_plots", plot_available(), "rows",
                             list_rows(v), "columns", list_columns(v), "cards",
                             cards, "glyphs", outlines);
    const char *outline;
    json_t *place;
    const page_data data[] = { { "results", v->json }, { "view", view } };

    for (size_t i = 0; i < v->n; i++)
        json_array_append_new(cards, make_card(v, &v->results[i], glyphs));
    json_object_foreach (glyphs, outline, place)
        json_array_append_new(outlines, json_string(outline));
    page_print(f, &files, files.html, data, sizeof(data) / sizeof(data[0]));
    json_decref(glyphs);
    json_decref(view);
}
