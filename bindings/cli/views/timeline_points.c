/* SPDX-License-Identifier: MIT */
/*
 * timeline_points.c - what a plot keeps of a timeline of any length.
 *
 * Each point is the mean of some rows. When the points are full, neighbours are
 * joined, and from then on a point takes twice as many rows.
 */
#include "views/timeline_points.h"

#include <stdlib.h>
#include <string.h>

#include "terminal/memory.h"

enum {
    MOST_POINTS = 4000,  /* even; a page has 1400 dots across */
    MOST_SEGMENTS = 4000 /* half of them may be wider than one of MOST/2 */
};

void timeline_points_start(timeline_points *p, size_t n_classes)
{
    memset(p, 0, sizeof(*p));
    p->n_classes = n_classes;
    p->rows_a_point = 1;
    p->times = memory_new(MOST_POINTS, sizeof(*p->times));
    p->probabilities =
        memory_new(MOST_POINTS * n_classes, sizeof(*p->probabilities));
    p->segments = memory_new(MOST_SEGMENTS, sizeof(*p->segments));
}

/** Join points 2i and 2i + 1, which have as many rows, to point i. */
static void halve(timeline_points *p)
{
    const size_t n = p->n_classes;

    p->n_points /= 2;
    for (size_t i = 0; i < p->n_points; i++) {
        const double *both = p->probabilities + 2 * i * n;

        p->times[i] = (p->times[2 * i] + p->times[2 * i + 1]) / 2;
        for (size_t c = 0; c < n; c++)
            p->probabilities[i * n + c] = (both[c] + both[n + c]) / 2;
    }
    p->rows_a_point *= 2;
    p->rows_in_last = p->rows_a_point;
}

/** Move a mean of n - 1 numbers to that of n. */
static void move_mean(double *mean, double number, size_t n)
{
    *mean += (number - *mean) / (double)n;
}

void timeline_points_add(timeline_points *p, double time,
                         const float *probabilities)
{
    double *row;

    if (p->n_points == 0 || p->rows_in_last == p->rows_a_point) {
        if (p->n_points == MOST_POINTS)
            halve(p);
        p->n_points++;
        p->rows_in_last = 0;
    }
    p->rows_in_last++;
    row = p->probabilities + (p->n_points - 1) * p->n_classes;
    if (p->rows_in_last == 1) { /* its place was another point's before */
        p->times[p->n_points - 1] = 0;
        memset(row, 0, p->n_classes * sizeof(*row));
    }
    move_mean(&p->times[p->n_points - 1], time, p->rows_in_last);
    for (size_t c = 0; c < p->n_classes; c++)
        move_mean(&row[c], (double)probabilities[c], p->rows_in_last);
}

/** Drop what is too narrow to be seen: at most half of them stay. */
static void drop_narrow(timeline_points *p)
{
    const double span =
        p->segments[p->n_segments - 1].end - p->segments[0].start;
    const double least = span / (MOST_SEGMENTS / 2.0);
    size_t n = 0;

    for (size_t i = 0; i < p->n_segments; i++)
        if (p->segments[i].end - p->segments[i].start > least)
            p->segments[n++] = p->segments[i];
    p->n_segments = n;
}

void timeline_points_add_segment(timeline_points *p,
                                 const timeline_plot_segment *segment)
{
    if (p->n_segments == MOST_SEGMENTS)
        drop_narrow(p);
    p->segments[p->n_segments++] = *segment;
}

void timeline_points_free(timeline_points *p)
{
    free(p->times);
    free(p->probabilities);
    free(p->segments);
}
