/* SPDX-License-Identifier: MIT */
/*
 * timeline_points.h - what a plot keeps of a timeline of any length: points and
 * segments as fine as a page can show, in memory that does not grow.
 */
#ifndef EXPCLIP_CLI_TIMELINE_POINTS_H
#define EXPCLIP_CLI_TIMELINE_POINTS_H

#include "plots/plot.h"

typedef struct timeline_points {
    size_t n_classes;
    double *times;         /* of each point's rows, the mean */
    double *probabilities; /* [points, n_classes], the same */
    size_t n_points;
    size_t rows_a_point; /* 1, 2, 4 ... */
    size_t rows_in_last; /* of the last point */
    timeline_plot_segment *segments;
    size_t n_segments;
} timeline_points;

void timeline_points_start(timeline_points *p, size_t n_classes);
void timeline_points_add(timeline_points *p, double time,
                         const float *probabilities);
void timeline_points_add_segment(timeline_points *p,
                                 const timeline_plot_segment *segment);
void timeline_points_free(timeline_points *p);

#endif
