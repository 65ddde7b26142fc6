/* SPDX-License-Identifier: MIT */
/*
 * report_marks.c - what the parts of the page have in common: figures, bars,
 * and the rows that its filters know.
 */
#include <math.h>
#include <string.h>

#include "report/report_files.h"
#include "views/html_text.h"

size_t report_model_key(const report_view *v, size_t row)
{
    size_t i = 0;

    while (strcmp(v->rows[i].model, v->rows[row].model) != 0 ||
           strcmp(v->rows[i].head, v->rows[row].head) != 0)
        i++;
    return i;
}

size_t report_prompts_key(const report_view *v, size_t row)
{
    size_t i = 0;

    while (strcmp(v->rows[i].prompts, v->rows[row].prompts) != 0)
        i++;
    return i;
}

void report_figure(FILE *f, const char *format, double x)
{
    char text[32];

    snprintf(text, sizeof(text), format, x);
    fputs(isfinite(x) ? text : "\xE2\x80\x93", f);
}

static double clamp(double percent)
{
    return percent < 0 ? 0 : percent > 100 ? 100 : percent;
}

void report_bar(FILE *f, double value, const bar_marks *marks)
{
    fputs("<span class=\"rail\" aria-hidden=\"true\">", f);
    if (isfinite(value))
        fprintf(f, "<i class=\"bar\" style=\"width:%.2f%%\"></i>",
                clamp(value));
    if (isfinite(marks->low) && isfinite(marks->high))
        fprintf(f, "<i class=\"span\" style=\"left:%.2f%%;width:%.2f%%\"></i>",
                clamp(marks->low), clamp(marks->high) - clamp(marks->low));
    if (isfinite(marks->chance))
        fprintf(f, "<i class=\"chance\" style=\"left:%.2f%%\"></i>",
                clamp(marks->chance));
    if (isfinite(marks->reference))
        fprintf(f, "<i class=\"ref\" style=\"left:%.2f%%\"></i>",
                clamp(marks->reference));
    fputs("</span>", f);
}

void report_best(FILE *f, double x, int is_best)
{
    fprintf(f, "<b%s>", is_best ? " class=\"best\"" : "");
    report_figure(f, "%.2f", x);
    fputs("</b>", f);
}

void report_model(FILE *f, const report_row *row)
{
    html_text(f, row->model);
    fputs(" \xC2\xB7 ", f);
    html_text(f, report_head_title(row->head));
}

/** A line that names the model, before its rows. */
void report_group(FILE *f, const report_view *v, size_t row, size_t *last,
                  size_t n_columns)
{
    const size_t key = report_model_key(v, row);

    if (key == *last)
        return;
    *last = key;
    fprintf(f,
            "<tr class=\"group\" data-m=\"%zu\"><th colspan=\"%zu\""
            " scope=\"rowgroup\">",
            key, n_columns);
    report_model(f, &v->rows[row]);
    fputs("</th></tr>\n", f);
}

void report_row_begin(FILE *f, const report_view *v, size_t row)
{
    fprintf(f, "<tr data-m=\"%zu\" data-p=\"%zu\"><th scope=\"row\">",
            report_model_key(v, row), report_prompts_key(v, row));
}
