/* SPDX-License-Identifier: MIT */
/*
 * plot_confusion.c - a confusion matrix as the paper shows it: percent of each
 * true class, two decimals, in Matplotlib's Reds.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "plots/plot.h"
#include "plots/plot_axes.h"
#include "terminal/memory.h"

#define PAGE_WIDTH 720.0 /* 10 x 8 inches, the paper's */
#define PAGE_HEIGHT 576.0
#define LABEL_SIZE 12.0
#define AXIS_SIZE 16.0
#define CELL_LEAST 34.0 /* holds "100.00"; more classes get a larger page */
#define BAR_WIDTH 22.0
#define SLANT 0.7853981633974483 /* 45 degrees */

enum { CLASSES_OF_PAGE = 11, CLASSES_WITH_NUMBERS = 40 };

/** Where things are. */
typedef struct layout {
    plot_frame matrix;
    double cell;
    double label_size;
    int slanted;
    double largest;     /* percent */
    const double *sums; /* [n], of the rows */
} layout;

/** What each row sums up to, [n]; for free(). */
static double *row_sums(const confusion_plot *p)
{
    double *sums = memory_new(p->n, sizeof(*sums));

    for (size_t i = 0; i < p->n; i++) {
        sums[i] = 0.0;
        for (size_t j = 0; j < p->n; j++)
            sums[i] += p->counts[i * p->n + j];
    }
    return sums;
}

/** Percent of a true class; NaN when there is none of it. */
static double percent(const confusion_plot *p, const double *sums, size_t row,
                      size_t column)
{
    return sums[row] > 0.0 ? 100.0 * p->counts[row * p->n + column] / sums[row]
                           : NAN;
}

static double largest(const confusion_plot *p, const double *sums)
{
    double most = 0.0;

    for (size_t i = 0; i < p->n; i++)
        for (size_t j = 0; j < p->n; j++) /* NaN counts for nothing */
            most = fmax(most, percent(p, sums, i, j));
    return most > 0.0 ? most : 100.0;
}

static double widest_label(cairo_t *cr, double size, char *const *names,
                           size_t n)
{
    double widest = 0.0;

    for (size_t i = 0; i < n; i++)
        widest = fmax(widest, plot_text_width(cr, size, names[i]));
    return widest;
}

static double page_side(const confusion_plot *p, double least)
{
    const double n = (double)p->n;
    const double cell = n <= CLASSES_WITH_NUMBERS
                            ? CELL_LEAST
                            : fmax(8.0, CELL_LEAST * CLASSES_WITH_NUMBERS / n);

    return n <= CLASSES_OF_PAGE ? least
                                : fmax(least, cell * n + 250.0 + least - 576.0);
}

static layout arrange(cairo_t *cr, const confusion_plot *p, const double *sums,
                      char *const *names)
{
    const double width = page_side(p, PAGE_WIDTH);
    const double height = page_side(p, PAGE_HEIGHT);
    const double n = (double)p->n;
    const double top = p->title ? 44.0 : 18.0;
    layout l = { .label_size = LABEL_SIZE,
                 .largest = largest(p, sums),
                 .sums = sums };
    double widest = widest_label(cr, LABEL_SIZE, names, p->n);
    const double most = 0.3 * height;
    double left, below;

    if (widest > most) {
        l.label_size *= most / widest;
        widest = most;
    }
    left = 44.0 + widest;
    l.cell = floor((width - left - 110.0) / n);
    l.slanted = widest > l.cell - 6.0;
    below = 52.0 + (l.slanted ? widest * sin(SLANT) : 0.0);
    l.cell = floor(fmin(l.cell, (height - top - below) / n));
    l.label_size = fmin(l.label_size, l.cell * 0.9);
    l.matrix.width = l.matrix.height = l.cell * n;
    /* In the middle of what is left of the page. */
    l.matrix.x = floor(left + (width - left - 110.0 - l.matrix.width) / 2);
    l.matrix.y = floor(top);
    return l;
}

static void draw_cell(cairo_t *cr, const layout *l, const confusion_plot *p,
                      size_t row, size_t column)
{
    const double value = percent(p, l->sums, row, column);
    const double x = l->matrix.x + (double)column * l->cell;
    const double y = l->matrix.y + (double)row * l->cell;
    char text[32];

    plot_fill(cr, isnan(value) ? 0xF2F2F2 : plot_reds(value / l->largest), 1.0,
              x, y, l->cell, l->cell);
    if (p->n > CLASSES_WITH_NUMBERS)
        return;
    snprintf(text, sizeof(text), isnan(value) ? "\xE2\x80\x93" : "%.2f", value);
    plot_set_colour(
        cr, value > l->largest / 2 ? PLOT_WHITE : (plot_colour)PLOT_BLACK, 1.0);
    plot_text(cr, x + l->cell / 2, y + l->cell / 2, fmin(12.0, l->cell * 0.245),
              PLOT_CENTRE, text);
}

static void draw_labels(cairo_t *cr, const layout *l, char *const *names,
                        size_t n)
{
    const double bottom = l->matrix.y + l->matrix.height;

    plot_set_colour(cr, PLOT_INK, 1.0);
    for (size_t i = 0; i < n; i++) {
        const double middle = ((double)i + 0.5) * l->cell;

        plot_text(cr, l->matrix.x - 8, l->matrix.y + middle, l->label_size,
                  PLOT_RIGHT, names[i]);
        if (l->slanted)
            plot_text_turned(cr, l->matrix.x + middle + 2, bottom + 9,
                             l->label_size, PLOT_RIGHT, -SLANT, names[i]);
        else
            plot_text(cr, l->matrix.x + middle, bottom + 14, l->label_size,
                      PLOT_CENTRE, names[i]);
    }
}

static void draw_axes(cairo_t *cr, const layout *l, const confusion_plot *p,
                      double left, double below)
{
    const plot_frame *m = &l->matrix;

    plot_frame_lines(cr, m);
    plot_text(cr, m->x + m->width / 2, m->y + m->height + below, AXIS_SIZE,
              PLOT_CENTRE, "Predicted label");
    plot_text_turned(cr, m->x - left, m->y + m->height / 2, AXIS_SIZE,
                     PLOT_CENTRE, -2 * SLANT, "True label");
    if (p->title)
        plot_title(cr, m->x + m->width / 2, m->y - 22, 14.0, PLOT_CENTRE,
                   p->title);
}

static void draw_bar(cairo_t *cr, const layout *l)
{
    const plot_frame *m = &l->matrix;
    const plot_frame bar = { m->x + m->width + 20.0,
                             m->y,
                             BAR_WIDTH,
                             m->height,
                             0.0,
                             1.0,
                             0.0,
                             l->largest };
    const double step = plot_step(l->largest, 6.0);
    cairo_pattern_t *reds =
        cairo_pattern_create_linear(0, bar.y + bar.height, 0, bar.y);
    char text[32];

    for (int i = 0; i <= 8; i++) {
        const plot_colour c = plot_reds(i / 8.0);
        cairo_pattern_add_color_stop_rgb(reds, i / 8.0, (c >> 16) / 255.0,
                                         (c >> 8 & 0xFF) / 255.0,
                                         (c & 0xFF) / 255.0);
    }
    cairo_set_source(cr, reds);
    cairo_rectangle(cr, bar.x, bar.y, bar.width, bar.height);
    cairo_fill(cr);
    cairo_pattern_destroy(reds);
    plot_frame_lines(cr, &bar);
    for (double v = 0.0; v <= l->largest * (1.0 + 1e-9); v += step) {
        const double y = plot_y(&bar, v);
        cairo_move_to(cr, bar.x + bar.width, y);
        cairo_rel_line_to(cr, 3.5, 0);
        cairo_stroke(cr);
        plot_percent_text(text, sizeof(text), v, step);
        plot_text(cr, bar.x + bar.width + 7, y, 10.0, PLOT_LEFT, text);
    }
}

static void draw(cairo_t *cr, const void *data)
{
    const confusion_plot *p = data;
    char **names = plot_capitalised(p->classes, p->n);
    double *sums = row_sums(p);
    double widest;
    layout l;

    l = arrange(cr, p, sums, names);
    for (size_t i = 0; i < p->n; i++)
        for (size_t j = 0; j < p->n; j++)
            draw_cell(cr, &l, p, i, j);
    draw_labels(cr, &l, names, p->n);
    widest = widest_label(cr, l.label_size, names, p->n);
    draw_axes(cr, &l, p, widest + 28.0,
              l.slanted ? widest * sin(SLANT) + 36.0 : 40.0);
    draw_bar(cr, &l);
    plot_names_free(names, p->n);
    free(sums);
}

plot_drawing plot_confusion(const confusion_plot *p)
{
    return (plot_drawing){ page_side(p, PAGE_WIDTH), page_side(p, PAGE_HEIGHT),
                           p->title ? p->title : "Confusion matrix", draw, p };
}
