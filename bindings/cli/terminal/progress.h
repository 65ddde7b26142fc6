/* SPDX-License-Identifier: MIT */
/*
 * progress.h - where progress is drawn: a bar on stderr.
 */
#ifndef EXPCLIP_CLI_PROGRESS_H
#define EXPCLIP_CLI_PROGRESS_H

#include <stddef.h>

/** A bar on stderr, when that is a terminal and the work takes a second. */
typedef struct progress {
    const char *unit; /* "images" */
    double total;     /* 0 = unknown */
    double start;
    double drawn; /* time of the last drawing, 0 = nothing is there */
} progress;

void progress_start(progress *p, const char *unit, double total);
/** Draw the bar when 0.1 s passed. */
void progress_show(progress *p, double done);
enum { PROGRESS_SIZE = 512 };

/** What is drawn in a terminal of so many columns. It leaves the last one free,
 * where many terminals would begin a new line. */
void progress_text(char out[PROGRESS_SIZE], const progress *p, double done,
                   double seconds, size_t columns);
/** Remove the bar, so that lines can be printed. */
void progress_hide(progress *p);

#endif
