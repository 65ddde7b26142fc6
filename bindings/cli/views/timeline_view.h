/* SPDX-License-Identifier: MIT */
/*
 * timeline_view.h - a timeline as files: CSV, JSON Lines, WebVTT, or a plot.
 *
 * Rows and segments are written as they come; only plots keep something, and
 * no more than a page can show. Several tracks get a plot each: FILE-0.svg,
 * FILE-1.svg ...
 */
#ifndef EXPCLIP_CLI_TIMELINE_VIEW_H
#define EXPCLIP_CLI_TIMELINE_VIEW_H

#include "plots/plot.h"

/** What is in the files besides numbers. */
typedef struct timeline_facts {
    const char *path;
    const char *model;
    const char *const *names; /* [n_classes] */
    size_t n_classes;
    int has_tracks; /* rows and segments are of faces that are followed */
} timeline_facts;

typedef struct timeline_view timeline_view;

/**
 * Start the files of "a.csv,b.vtt"; their endings say which kinds.
 *
 * @return 0 or an exit code, reported
 */
int timeline_view_open(timeline_view **out, const char *files);
/** Once, before the first row. The facts are kept as they are. */
void timeline_view_begin(timeline_view *v, const timeline_facts *facts);
/** A row; `track` is the number of the face, or -1 without tracks. */
void timeline_view_row(timeline_view *v, int64_t track, double time,
                       const float *probabilities);
void timeline_view_segment(timeline_view *v, int64_t track,
                           const timeline_plot_segment *s);
/** Give the files their names and free `v`. @return 0 or an exit code */
int timeline_view_commit(timeline_view *v);
/** Leave no trace and free `v`; takes NULL. */
void timeline_view_abort(timeline_view *v);

#endif
