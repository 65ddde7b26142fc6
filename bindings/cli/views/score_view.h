/* SPDX-License-Identifier: MIT */
/*
 * score_view.h - the ways in which scores are shown: a table
 * for people, JSON Lines, CSV, and a sheet of HTML.
 */
#ifndef EXPCLIP_CLI_SCORE_VIEW_H
#define EXPCLIP_CLI_SCORE_VIEW_H

#include <jansson.h>
#include <stdio.h>

#include "inputs/decoder.h"

typedef struct score_view {
    const char *what; /* an input is: "image" */
    const inputs *in;
    const char *const *names; /* [n_classes] */
    size_t n_classes;
    int has_tracks;    /* results may be of faces that are followed */
    int has_faces;     /* results may be of faces in images */
    int has_frames;    /* results are of single frames */
    size_t top;        /* classes to show, 0 = as many as suit the form */
    size_t path_least; /* columns that names will take at least */
    size_t path_width; /* columns of the table, set by its begin */
    size_t name_width;
    size_t bar_width;
    size_t columns;
    int colour;
} score_view;

/** A frame of a stream. */
typedef struct stream_frame {
    int64_t index;
    double time; /* seconds */
} stream_frame;

/** What became of one input. */
typedef struct score_result {
    const input *input;
    expclip_status status;
    const char *message;
    const found_faces *found;   /* of the image; NULL = none were looked for */
    int32_t face;               /* of those; -1 = the whole image */
    const float *logits;        /* [n_classes]; NULL when it failed */
    const float *probabilities; /* [n_classes] */
    const int32_t *order;       /* [n_classes], best first */
    const expclip_track *track; /* of the face; NULL = none */
    const stream_frame *frame;  /* NULL = the whole input */
    json_t *facts; /* more members of a line of JSON; NULL = none */
} score_result;

/** A form on stdout. */
typedef struct score_form {
    void (*begin)(score_view *v);
    void (*item)(const score_view *v, const score_result *r);
} score_form;

extern const score_form score_table;
extern const score_form score_json;
extern const score_form score_csv;

/** What the foot of a sheet tells; texts that are NULL are left out. */
typedef struct sheet_facts {
    const char *model;
    const char *fingerprint;
    const char *head;
    const char *preprocess;
    const char *dtype;
    const char *prompts;
    const char *pooling;
    double temperature;
    int is_demo;
} sheet_facts;

/** @return what sheet_end() must get */
const char *sheet_begin(FILE *f, const score_view *v, const sheet_facts *facts);
/** Append a result of an image to `results`. */
void sheet_add(json_t *results, const score_view *v, const score_result *r);
/** Print an image with its results, which it takes. */
void sheet_item(FILE *f, const input *in, const found_faces *found,
                json_t *results);
void sheet_end(FILE *f, const char *rest);

#endif
