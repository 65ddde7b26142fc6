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

/** Where in its image the face is, and how many there are. */
static void add_face(json_t *line, const score_result *r)
{
    const expclip_face *face = &r->found->faces[r->face];
    json_t *points = json_array();

    for (size_t i = 0; i < 10; i++)
        json_array_append_new(points, json_line_number(face->points[i]));
    json_object_set_new(line, "face", json_integer(r->face));
    json_object_set_new(line, "box",
                        json_pack("[o, o, o, o]", json_line_number(face->x),
                                  json_line_number(face->y),
                                  json_line_number(face->width),
                                  json_line_number(face->height)));
    json_object_set_new(line, "face_score", json_line_number(face->score));
    json_object_set_new(line, "points", points);
}

static void add_found(json_t *line, const score_result *r)
{
    json_object_set_new(line, "faces", json_integer((json_int_t)r->found->n));
    json_object_set_new(
        line, "size",
        json_pack("[i, i]", (int)r->found->width, (int)r->found->height));
    if (r->found->turn)
        json_object_set_new(line, "turn", json_integer(r->found->turn));
    if (r->face >= 0)
        add_face(line, r);
}

static void add_frame(json_t *line, const stream_frame *frame)
{
    json_object_set_new(line, "frame", json_integer(frame->index));
    json_object_set_new(line, "time", json_real(frame->time));
}

static void add_track(json_t *line, const expclip_track *track)
{
    json_object_set_new(line, "track", json_integer(track->number));
    json_object_set_new(line, "first", json_real(track->first));
    json_object_set_new(line, "last", json_real(track->last));
    json_object_set_new(line, "track_frames", json_integer(track->n_frames));
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
    if (r->found)
        add_found(line, r);
    if (r->track)
        add_track(line, r->track);
    if (r->frame)
        add_frame(line, r->frame);
    if (r->facts)
        json_object_update(line, r->facts);
    json_line_print(line);
}

const score_form score_json = { json_begin, json_item };

/* ------------------------------------------------------------------------
 * CSV
 */

/** What came later stands behind the classes, so that columns keep their
 * places. */
static void csv_begin(score_view *v)
{
    fputs("path,status,label", stdout);
    csv_fields(stdout, v->names, v->n_classes);
    if (v->has_faces)
        fputs(",face,box_x,box_y,box_width,box_height,face_score", stdout);
    if (v->has_tracks)
        fputs(",track,first,last", stdout);
    if (v->has_frames)
        fputs(",frame,time", stdout);
    putchar('\n');
}

/** Empty fields for a result that is of no face. */
static void csv_face(const score_result *r)
{
    const expclip_face *face =
        r->found && r->face >= 0 ? &r->found->faces[r->face] : NULL;

    if (!face)
        fputs(",,,,,,", stdout);
    else
        printf(",%d,%.9g,%.9g,%.9g,%.9g,%.9g", (int)r->face, (double)face->x,
               (double)face->y, (double)face->width, (double)face->height,
               (double)face->score);
}

static void csv_track(const expclip_track *track)
{
    if (!track)
        fputs(",,,", stdout);
    else
        printf(",%lld,%.6f,%.6f", (long long)track->number, track->first,
               track->last);
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
    if (v->has_faces)
        csv_face(r);
    if (v->has_tracks)
        csv_track(r->track);
    if (r->frame)
        printf(",%lld,%.6f", (long long)r->frame->index, r->frame->time);
    putchar('\n');
}

const score_form score_csv = { csv_begin, csv_item };
