/* SPDX-License-Identifier: MIT */
/*
 * timeline_view.c - a timeline as files: CSV, JSON Lines, WebVTT, or a plot.
 */
#define _GNU_SOURCE
#include "views/timeline_view.h"

#include <expclip.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "terminal/failure.h"
#include "shared/formats.h"
#include "terminal/characters.h"
#include "terminal/console.h"
#include "terminal/memory.h"
#include "views/csv_line.h"
#include "views/json_line.h"
#include "views/outfile.h"
#include "views/timeline_points.h"

/** A kind of text file; functions that are NULL have nothing to write. */
typedef struct form {
    const char *ending;
    expclip__file_kind kind;
    void (*begin)(FILE *f, const timeline_facts *facts);
    void (*row)(FILE *f, const timeline_facts *facts, int64_t track,
                double time, const float *probabilities);
    void (*segment)(FILE *f, const timeline_facts *facts, int64_t track,
                    const timeline_plot_segment *s);
} form;

typedef struct output {
    char *path;
    const form *form; /* NULL: a plot */
    outfile *file;    /* of a text */
} output;

/** What a plot keeps of a track. */
typedef struct drawn_track {
    int64_t number;
    timeline_points points;
} drawn_track;

struct timeline_view {
    output *outputs;
    size_t n;
    timeline_facts facts;
    int has_plots;
    drawn_track *drawn; /* [n_drawn], when there are plots */
    size_t n_drawn;
};

/* ------------------------------------------------------------------------
 * CSV
 */

static void csv_begin(FILE *f, const timeline_facts *facts)
{
    fputs(facts->has_tracks ? "path,track,time,label" : "path,time,label", f);
    csv_fields(f, facts->names, facts->n_classes);
    fputc('\n', f);
}

static void csv_row(FILE *f, const timeline_facts *facts, int64_t track,
                    double time, const float *p)
{
    csv_field(f, facts->path);
    if (facts->has_tracks)
        fprintf(f, ",%lld", (long long)track);
    fprintf(f, ",%.6f,", time);
    csv_field(f, facts->names[expclip_logits_argmax(p, facts->n_classes)]);
    for (size_t i = 0; i < facts->n_classes; i++)
        fprintf(f, ",%.9g", (double)p[i]);
    fputc('\n', f);
}

/* ------------------------------------------------------------------------
 * JSON Lines
 */

static json_t *start_line(const timeline_facts *facts, int64_t track)
{
    json_t *line = json_object();

    json_object_set_new(line, "path", json_line_string(facts->path));
    if (facts->has_tracks)
        json_object_set_new(line, "track", json_integer(track));
    return line;
}

static void json_row(FILE *f, const timeline_facts *facts, int64_t track,
                     double time, const float *p)
{
    json_t *line = start_line(facts, track);
    json_t *scores = json_object();

    for (size_t i = 0; i < facts->n_classes; i++)
        json_object_set_new(scores, facts->names[i], json_line_number(p[i]));
    json_object_set_new(line, "time", json_real(time));
    json_object_set_new(
        line, "label",
        json_string(facts->names[expclip_logits_argmax(p, facts->n_classes)]));
    json_object_set_new(line, "scores", scores);
    json_line_write(f, line);
}

static void json_segment(FILE *f, const timeline_facts *facts, int64_t track,
                         const timeline_plot_segment *s)
{
    json_t *line = start_line(facts, track);
    json_t *segment = json_object();

    json_object_set_new(segment, "label",
                        json_string(facts->names[s->class_index]));
    json_object_set_new(segment, "start", json_real(s->start));
    json_object_set_new(segment, "end", json_real(s->end));
    json_object_set_new(segment, "probability", json_real(s->probability));
    json_object_set_new(line, "segment", segment);
    json_line_write(f, line);
}

/* ------------------------------------------------------------------------
 * WebVTT
 */

/** One line of text, with WebVTT's own characters escaped. */
static void vtt_text(FILE *f, const char *text)
{
    static const character_escape escapes[] = {
        { "<", "&lt;" },
        { ">", "&gt;" }, /* also ends no "-->" */
        { "&", "&amp;" },
        { NULL, NULL },
    };

    character_print_escaped(f, text, escapes, "\xEF\xBF\xBD");
}

static void vtt_time(FILE *f, int64_t ms)
{
    fprintf(f, "%02lld:%02lld:%02lld.%03lld", (long long)(ms / 3600000),
            (long long)(ms / 60000 % 60), (long long)(ms / 1000 % 60),
            (long long)(ms % 1000));
}

static void vtt_begin(FILE *f, const timeline_facts *facts)
{
    fputs("WEBVTT\n\nNOTE\nFacial expressions in ", f);
    vtt_text(f, facts->path);
    fputs("\nby the model ", f);
    vtt_text(f, facts->model);
    fprintf(f, ", libexpclip %s\n", expclip_library_version());
}

static void vtt_segment(FILE *f, const timeline_facts *facts, int64_t track,
                        const timeline_plot_segment *s)
{
    const int64_t start = (int64_t)llround(fmax(s->start, 0.0) * 1000.0);
    const int64_t end = (int64_t)llround(fmax(s->end, 0.0) * 1000.0);

    fputc('\n', f);
    vtt_time(f, start);
    fputs(" --> ", f);
    vtt_time(f, end > start ? end : start + 1); /* a cue takes some time */
    fputc('\n', f);
    if (facts->has_tracks)
        fprintf(f, "#%lld ", (long long)track);
    vtt_text(f, facts->names[s->class_index]);
    fprintf(f, " %.0f %%\n", 100.0 * s->probability);
}

/* ------------------------------------------------------------------------
 * The files
 */

static const form forms[] = {
    { ".csv", EXPCLIP__FILE_CSV, csv_begin, csv_row, NULL },
    { ".jsonl", EXPCLIP__FILE_JSON, NULL, json_row, json_segment },
    { ".vtt", EXPCLIP__FILE_VTT, vtt_begin, NULL, vtt_segment },
};

static const form *form_of(const char *path)
{
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
        if (expclip__ends_in(path, forms[i].ending))
            return &forms[i];
    return NULL;
}

static int open_output(timeline_view *v, const char *path, size_t size)
{
    output *o = &v->outputs[v->n++];

    o->path = memory_text("%.*s", (int)size, path);
    o->form = form_of(o->path);
    if (o->form)
        return outfile_open(&o->file, o->path, o->form->kind);
    if (!plot_knows(o->path)) {
        console_error("--timeline: found \"%s\", expected a name that ends in"
                      " .csv, .jsonl, .vtt, .svg, .pdf or .png",
                      o->path);
        return EXIT_USAGE;
    }
    v->has_plots = 1;
    if (plot_available())
        return outfile_check(o->path, EXPCLIP__FILE_PLOT);
    console_error("--timeline %s: this program was built without cairo, which"
                  " draws plots",
                  o->path);
    return EXIT_USAGE;
}

int timeline_view_open(timeline_view **out, const char *files)
{
    timeline_view *v = memory_new(1, sizeof(*v));
    int rc = 0;

    v->outputs = memory_new(strlen(files) + 1, sizeof(*v->outputs));
    for (; !rc && *files; files += *files == ',') {
        const size_t size = strcspn(files, ",");
        rc = open_output(v, files, size);
        files += size;
    }
    if (rc)
        timeline_view_abort(v);
    else
        *out = v;
    return rc;
}

void timeline_view_begin(timeline_view *v, const timeline_facts *facts)
{
    v->facts = *facts;
    for (size_t i = 0; i < v->n; i++) {
        const output *o = &v->outputs[i];
        if (o->form && o->form->begin)
            o->form->begin(outfile_stream(o->file), &v->facts);
    }
}

/** The points of a track, which begin with its first row. */
static timeline_points *points_of(timeline_view *v, int64_t track)
{
    drawn_track *d;

    for (size_t i = 0; i < v->n_drawn; i++)
        if (v->drawn[i].number == track)
            return &v->drawn[i].points;
    v->drawn = memory_resize(v->drawn, v->n_drawn + 1, sizeof(*v->drawn));
    d = &v->drawn[v->n_drawn++];
    memset(d, 0, sizeof(*d));
    d->number = track;
    timeline_points_start(&d->points, v->facts.n_classes);
    return &d->points;
}

void timeline_view_row(timeline_view *v, int64_t track, double time,
                       const float *probabilities)
{
    for (size_t i = 0; i < v->n; i++) {
        const output *o = &v->outputs[i];
        if (o->form && o->form->row)
            o->form->row(outfile_stream(o->file), &v->facts, track, time,
                         probabilities);
    }
    if (v->has_plots)
        timeline_points_add(points_of(v, track), time, probabilities);
}

void timeline_view_segment(timeline_view *v, int64_t track,
                           const timeline_plot_segment *s)
{
    for (size_t i = 0; i < v->n; i++) {
        const output *o = &v->outputs[i];
        if (o->form && o->form->segment)
            o->form->segment(outfile_stream(o->file), &v->facts, track, s);
    }
    if (v->has_plots)
        timeline_points_add_segment(points_of(v, track), s);
}

static int draw(const timeline_view *v, const timeline_points *points,
                const char *path)
{
    const char *slash = strrchr(v->facts.path, '/');
    const timeline_plot plot = {
        .title = slash && slash[1] ? slash + 1 : v->facts.path,
        .classes = v->facts.names,
        .n_classes = v->facts.n_classes,
        .n_points = points->n_points,
        .times = points->times,
        .probabilities = points->probabilities,
        .segments = points->segments,
        .n_segments = points->n_segments,
    };
    const plot_drawing drawing = plot_timeline(&plot);
    const int rc = plot_file(path, &drawing);

    if (!rc)
        console_note("timeline: %s", path);
    return rc;
}

/** One plot under the name itself, several with their numbers in it. */
static int draw_all(const timeline_view *v, const char *path)
{
    const char *ending = strrchr(path, '.'); /* plot_knows() wants one */
    const timeline_points none = { .n_classes = v->facts.n_classes };
    int rc = 0;

    if (v->n_drawn < 2)
        return draw(v, v->n_drawn ? &v->drawn[0].points : &none, path);
    for (size_t i = 0; i < v->n_drawn && !rc; i++) {
        char *name = memory_text("%.*s-%lld%s", (int)(ending - path), path,
                                 (long long)v->drawn[i].number, ending);

        rc = draw(v, &v->drawn[i].points, name);
        free(name);
    }
    return rc;
}

int timeline_view_commit(timeline_view *v)
{
    int rc = 0;

    for (size_t i = 0; i < v->n && !rc; i++) {
        output *o = &v->outputs[i];
        if (o->form) {
            outfile *file = o->file;
            o->file = NULL;
            rc = outfile_commit(file);
            if (!rc)
                console_note("timeline: %s", o->path);
        } else {
            rc = draw_all(v, o->path);
        }
    }
    timeline_view_abort(v); /* what is left */
    return rc;
}

void timeline_view_abort(timeline_view *v)
{
    if (!v)
        return;
    for (size_t i = 0; i < v->n; i++) {
        outfile_abort(v->outputs[i].file);
        free(v->outputs[i].path);
    }
    for (size_t i = 0; i < v->n_drawn; i++)
        timeline_points_free(&v->drawn[i].points);
    free(v->drawn);
    free(v->outputs);
    free(v);
}
