/* SPDX-License-Identifier: MIT */
/*
 * plot_axes.h - what plots are made of: text, colours, axes with ticks at round
 * numbers, legends.
 */
#ifndef EXPCLIP_CLI_PLOT_AXES_H
#define EXPCLIP_CLI_PLOT_AXES_H

#include <cairo.h>
#include <stddef.h>

/** 0xRRGGBB. */
typedef unsigned int plot_colour;

enum {
    PLOT_BLACK = 0x000000,
    PLOT_WHITE = 0xFFFFFF,
    PLOT_INK = 0x262626,  /* text and frames */
    PLOT_SOFT = 0x6B6B70, /* what matters less */
    PLOT_GRID = 0xE4E4E7
};

void plot_set_colour(cairo_t *cr, plot_colour colour, double alpha);
/** A place from 0 to 1 in Matplotlib's Reds, the 9 colours of ColorBrewer. */
plot_colour plot_reds(double place);
/** 1 when white text reads better on it than black. */
int plot_is_dark(plot_colour colour);

/** How line `index` of many looks: 8 colours that colour-blind people tell
 * apart (Okabe and Ito), then the same with dashes. */
plot_colour plot_series_colour(size_t index);
void plot_set_series(cairo_t *cr, size_t index, double width);

void plot_line(cairo_t *cr, double x0, double y0, double x1, double y1);
/** A filled rectangle. */
void plot_fill(cairo_t *cr, plot_colour colour, double alpha, double x,
               double y, double width, double height);

/* ---- text ---- */

typedef enum plot_align { PLOT_LEFT, PLOT_CENTRE, PLOT_RIGHT } plot_align;

double plot_text_width(cairo_t *cr, double size, const char *text);
/** Text whose capitals' middle is at y; in the present colour. */
void plot_text(cairo_t *cr, double x, double y, double size, plot_align align,
               const char *text);
/** The same, turned by an angle (radians, clockwise) around its place. */
void plot_text_turned(cairo_t *cr, double x, double y, double size,
                      plot_align align, double angle, const char *text);
/** In bold. */
void plot_title(cairo_t *cr, double x, double y, double size, plot_align align,
                const char *text);
/** Names with a capital in front; plot_names_free(). */
char **plot_capitalised(const char *const *names, size_t n);
void plot_names_free(char **names, size_t n);

/* ---- axes ---- */

/** A rectangle on the page, and what its sides stand for. */
typedef struct plot_frame {
    double x, y, width, height;
    double left, right; /* values at the sides */
    double bottom, top;
} plot_frame;

double plot_x(const plot_frame *f, double value);
double plot_y(const plot_frame *f, double value);

/** A step of 1, 2 or 5 times a power of ten, for `n` ticks about. */
double plot_step(double span, double n);
/** The same of seconds: steps that clocks have. */
double plot_time_step(double span, double n);

/** The text of a tick. */
typedef void (*plot_tick_text)(char *text, size_t size, double value,
                               double step);
void plot_number_text(char *text, size_t size, double value, double step);
void plot_percent_text(char *text, size_t size, double value, double step);
/** m:ss, h:mm:ss, with decimals where the step needs them. */
void plot_time_text(char *text, size_t size, double value, double step);

/** Grid lines and the numbers below the frame, or at its left. */
void plot_x_ticks(cairo_t *cr, const plot_frame *f, double step,
                  plot_tick_text text);
void plot_y_ticks(cairo_t *cr, const plot_frame *f, double step,
                  plot_tick_text text);
/** Lines around, and the names of the axes; NULL = none. */
void plot_frame_lines(cairo_t *cr, const plot_frame *f);
void plot_x_label(cairo_t *cr, const plot_frame *f, double below,
                  const char *text);
void plot_y_label(cairo_t *cr, const plot_frame *f, double beside,
                  const char *text);

/** Lines' samples and names, one below the other, from the frame's right top.
 */
void plot_legend(cairo_t *cr, double x, double y, double height,
                 const char *const *names, size_t n);
/** Width that it takes. */
double plot_legend_width(cairo_t *cr, const char *const *names, size_t n);

#endif
