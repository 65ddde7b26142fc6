/* SPDX-License-Identifier: MIT */
/*
 * score_data.c - scores for programs: JSON Lines and CSV.
 */
#include <string.h>

#include "views/csv_line.h"
#include "views/json_line.h"
#include "views/score_view.h"

/* ------------------------------------------------------------------------
 * JSON Lines
 */

static void json_begin(score_view *v)
{
    (void)v; /* each line stands alone */
}

/** {class: probability}: all in their order, or the best `top`, best first. */
static json_t *make_scores(const score_view *v, const score_result *r)
{
    const size_t n = v->top && v->top < v->n_classes ? v->top : v->n_classes;
    json_t *scores = json_object();

    for (size_t i = 0; i < n; i++) {
        const size_t c = v->top ? (size_t)r->order[i] : i;
        json_object_set_new(scores, v->names[c],
                            json_line_number(r->probabilities[c]));
    }
    return scores;
}

static json_t *make_logits(const score_view *v, const score_result *r)
{
    json_t *logits = json_array();

    for (size_t i = 0; i < v->n_classes; i++)
        json_array_append_new(logits, json_line_number(r->logits[i]));
    return logits;
}

static void json_item(const score_view *v, const score_result *r)
{
    json_t *line = json_object();
    const char *path = r->input->path;

    json_object_set_new(line, "path", json_line_string(path));
    if (!r->status) {
        json_object_set_new(line, "label", json_string(v->names[r->order[0]]));
        json_object_set_new(line, "scores", make_scores(v, r));
        json_object_set_new(line, "logits", make_logits(v, r));
    }
    json_object_set_new(line, "status",
                        json_string(expclip_status_name(r->status)));
    if (r->status)
        json_object_set_new(line, "message", json_line_string(r->message));
    if (r->facts)
        json_object_update(line, r->facts);
    json_line_print(line);
}

const score_form score_json = { json_begin, json_item };

/* ------------------------------------------------------------------------
 * CSV
 */

static void csv_begin(score_view *v)
{
    fputs("path,status,label", stdout);
    csv_fields(stdout, v->names, v->n_classes);
    putchar('\n');
}

static void csv_item(const score_view *v, const score_result *r)
{
    csv_field(stdout, r->input->path);
    printf(",%s,", expclip_status_name(r->status));
    if (!r->status)
        csv_field(stdout, v->names[r->order[0]]);
    for (size_t i = 0; i < v->n_classes; i++) {
        putchar(',');
        if (!r->status)
            printf("%.9g", (double)r->probabilities[i]);
    }
    putchar('\n');
}

const score_form score_csv = { csv_begin, csv_item };
