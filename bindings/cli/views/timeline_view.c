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
    void (*row)(FILE *f, const timeline_facts *facts, double time,
                const float *probabilities);
    void (*segment)(FILE *f, const timeline_facts *facts,
                    const timeline_plot_segment *s);
} form;

typedef struct output {
    char *path;
    const form *form; /* NULL: a plot */
    outfile *file;    /* of a text */
} output;

struct timeline_view {
    output *outputs;
    size_t n;
    timeline_facts facts;
    int has_plots;
    timeline_points points; /* when there are plots */
};

/* ------------------------------------------------------------------------
 * CSV
 */

static void csv_begin(FILE *f, const timeline_facts *facts)
{
    fputs("path,time,label", f);
    csv_fields(f, facts->names, facts->n_classes);
    fputc('\n', f);
}

static void csv_row(FILE *f, const timeline_facts *facts, double time,
                    const float *p)
{
    csv_field(f, facts->path);
    fprintf(f, ",%.6f,", time);
    csv_field(f, facts->names[expclip_logits_argmax(p, facts->n_classes)]);
    for (size_t i = 0; i < facts->n_classes; i++)
        fprintf(f, ",%.9g", (double)p[i]);
    fputc('\n', f);
}

/* ------------------------------------------------------------------------
 * JSON Lines
 */

static json_t *start_line(const timeline_facts *facts)
{
    json_t *line = json_object();

    json_object_set_new(line, "path", json_line_string(facts->path));
    return line;
}

static void json_row(FILE *f, const timeline_facts *facts, double time,
                     const float *p)
{
    json_t *line = start_line(facts);
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

static void json_segment(FILE *f, const timeline_facts *facts,
                         const timeline_plot_segment *s)
{
    json_t *line = start_line(facts);
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

static void vtt_segment(FILE *f, const timeline_facts *facts,
                        const timeline_plot_segment *s)
{
    const int64_t start = (int64_t)llround(fmax(s->start, 0.0) * 1000.0);
    const int64_t end = (int64_t)llround(fmax(s->end, 0.0) * 1000.0);

    fputc('\n', f);
    vtt_time(f, start);
    fputs(" --> ", f);
    vtt_time(f, end > start ? end : start + 1); /* a cue takes some time */
    fputc('\n', f);
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
    if (v->has_plots)
        timeline_points_start(&v->points, facts->n_classes);
    for (size_t i = 0; i < v->n; i++) {
        const output *o = &v->outputs[i];
        if (o->form && o->form->begin)
            o->form->begin(outfile_stream(o->file), &v->facts);
    }
}

void timeline_view_row(timeline_view *v, double time,
                       const float *probabilities)
{
    for (size_t i = 0; i < v->n; i++) {
        const output *o = &v->outputs[i];
        if (o->form && o->form->row)
            o->form->row(outfile_stream(o->file), &v->facts, time,
                         probabilities);
    }
    if (v->has_plots)
        timeline_points_add(&v->points, time, probabilities);
}

void timeline_view_segment(timeline_view *v, const timeline_plot_segment *s)
{
    for (size_t i = 0; i < v->n; i++) {
        const output *o = &v->outputs[i];
        if (o->form && o->form->segment)
            o->form->segment(outfile_stream(o->file), &v->facts, s);
    }
    if (v->has_plots)
        timeline_points_add_segment(&v->points, s);
}

static int draw(const timeline_view *v, const char *path)
{
    const char *slash = strrchr(v->facts.path, '/');
    const timeline_plot plot = {
        .title = slash && slash[1] ? slash + 1 : v->facts.path,
        .classes = v->facts.names,
        .n_classes = v->facts.n_classes,
        .n_points = v->points.n_points,
        .times = v->points.times,
        .probabilities = v->points.probabilities,
        .segments = v->points.segments,
        .n_segments = v->points.n_segments,
    };

    const plot_drawing drawing = plot_timeline(&plot);

    return plot_file(path, &drawing);
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
        } else {
            rc = draw(v, o->path);
        }
        if (!rc)
            console_note("timeline: %s", o->path);
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
    timeline_points_free(&v->points);
    free(v->outputs);
    free(v);
}
