/* SPDX-License-Identifier: MIT */
/*
 * plot_surface.h - where plots are drawn: one drawing function, three kinds of
 * files and the text of an SVG element.
 */
#ifndef EXPCLIP_CLI_PLOT_SURFACE_H
#define EXPCLIP_CLI_PLOT_SURFACE_H

#include <cairo.h>

typedef struct plot_drawing {
    double width; /* points, 72 an inch */
    double height;
    const char *title; /* for those who hear the image; NULL = none */
    void (*draw)(cairo_t *cr, const void *data); /* on a white page */
    const void *data;
} plot_drawing;

/** Write a file of the kind that its ending says. @return as plot.h */
int plot_drawing_file(const char *path, const plot_drawing *image);
/** The text of an SVG element, for free(). */
char *plot_drawing_svg(const plot_drawing *image);

#endif
