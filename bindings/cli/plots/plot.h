/* SPDX-License-Identifier: MIT */
/*
 * plot.h - drawings of results, made once for SVG, PDF and PNG.
 *
 * A program that was built without cairo has no plots: plot_available() is 0
 * then, plot_file() says so, and plot_svg() gives NULL. Callers leave their
 * plots out with a note. The same results give the same bytes.
 */
#ifndef EXPCLIP_CLI_PLOT_H
#define EXPCLIP_CLI_PLOT_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

/** 1 when the program was built with cairo. */
int plot_available(void);
/** 1 when a path ends in .svg, .pdf or .png. */
int plot_knows(const char *path);

struct _cairo; /* cairo_t */

/** What is drawn on a white page; it borrows what it was made from. */
typedef struct plot_drawing {
    double width; /* points, 72 per inch */
    double height;
    const char *title; /* for those who hear the drawing */
    void (*draw)(struct _cairo *cr, const void *data);
    const void *data;
} plot_drawing;

/**
 * Write a drawing to a file; its ending says which kind.
 *
 * @return 0 or an exit code, reported
 */
int plot_file(const char *path, const plot_drawing *drawing);
/**
 * The text of an SVG element, to stand in HTML; for free(). NULL without cairo.
 *
 * @param glyphs  {outline: number}, which all elements of a page share: see
 *                svg_text.h
 */
char *plot_svg(const plot_drawing *drawing, json_t *glyphs);

/** How often a class was taken for another. */
typedef struct confusion_plot {
    const char *title; /* NULL = none */
    const char *const *classes;
    size_t n;
    const double *counts; /* [n, n], rows are true classes */
} confusion_plot;

/** How often it is right, by how sure it is; fractions of 1. */
typedef struct reliability_plot {
    const char *title; /* NULL = none */
    size_t n_bins;
    const double *low;        /* [n_bins] */
    const double *high;       /* [n_bins] */
    const double *count;      /* [n_bins]; bins of 0 stay empty */
    const double *confidence; /* [n_bins], the mean */
    const double *accuracy;   /* [n_bins] */
    double ece;               /* percent */
} reliability_plot;

typedef struct timeline_plot_segment {
    size_t class_index;
    double start; /* seconds */
    double end;
    double probability;
} timeline_plot_segment;

/** Probabilities over time. */
typedef struct timeline_plot {
    const char *title; /* NULL = none */
    const char *const *classes;
    size_t n_classes;
    size_t n_points;
    const double *times;         /* [n_points], seconds, rising */
    const double *probabilities; /* [n_points, n_classes] */
    const timeline_plot_segment *segments;
    size_t n_segments;
} timeline_plot;

/** Rates of a dataset while a head is learned. */
typedef struct training_rates {
    char *name;
    size_t n;
    double *epochs; /* [n] done */
    double *uar;    /* [n] percent */
    double plain;   /* UAR of plain CLIP; below 0 = not known */
} training_rates;

/** Loss and accuracy of a training, by step, and rates by epoch. */
typedef struct training_plot {
    const char *title;        /* NULL = none */
    size_t n;                 /* steps */
    size_t epoch;             /* steps in an epoch */
    const double *losses;     /* [n] */
    const double *accuracies; /* [n], 0..1 */
    const training_rates *rates;
    size_t n_rates;
} training_plot;

/** A box in pixels of an image. */
typedef struct photo_box {
    float x, y, width, height;
    const char *label; /* NULL = none */
} photo_box;

/** An image, pixel by pixel, with boxes around its faces. */
typedef struct photo_plot {
    const char *title; /* NULL = none */
    int32_t width;
    int32_t height;
    const uint8_t *rgb; /* [height, width, 3] */
    const photo_box *boxes;
    size_t n_boxes;
} photo_plot;

plot_drawing plot_confusion(const confusion_plot *p);
plot_drawing plot_reliability(const reliability_plot *p);
plot_drawing plot_photo(const photo_plot *p);
/**
 * Its pixels in a frame of another size, scaled into the middle of it: B, G, R
 * and a byte of nothing, without gaps; for free(). NULL without cairo, or when
 * it fails.
 */
unsigned char *plot_photo_pixels(const photo_plot *p, int32_t width,
                                 int32_t height);
plot_drawing plot_timeline(const timeline_plot *p);
plot_drawing plot_training(const training_plot *p);

#endif
