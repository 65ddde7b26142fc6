/* SPDX-License-Identifier: MIT */
/*
 * plot_reliability.c - is it right as often as it is sure? Accuracy by
 * confidence against the diagonal, and below how many samples each bin has.
 */
#include <math.h>
#include <stdio.h>

#include "plots/plot.h"
#include "plots/plot_axes.h"

#define PAGE_WIDTH 468.0 /* 6.5 x 7 inches */
#define PAGE_HEIGHT 504.0

#define BAR_COLOUR 0x4C86B8u
#define GAP_COLOUR 0xD1495Bu

static plot_frame frame_of(double y, double height, double top)
{
    return (plot_frame){ 64.0, y,  PAGE_WIDTH - 64.0 - 20.0, height, 0.0, 100.0,
                         0.0,  top };
}

static void fill_between(cairo_t *cr, const plot_frame *f, double left,
                         double right, double low, double high)
{
    const double x = plot_x(f, left), y = plot_y(f, fmax(low, high));

    cairo_rectangle(cr, x, y, plot_x(f, right) - x,
                    plot_y(f, fmin(low, high)) - y);
    cairo_fill(cr);
}

/** One bar; between it and the mean confidence lies the gap. */
static void draw_bin(cairo_t *cr, const plot_frame *f,
                     const reliability_plot *p, size_t i)
{
    const double left = 100.0 * p->low[i], right = 100.0 * p->high[i];
    const double accuracy = 100.0 * p->accuracy[i];
    const double confidence = 100.0 * p->confidence[i];

    if (!(p->count[i] > 0.0))
        return;
    plot_set_colour(cr, BAR_COLOUR, 1.0);
    fill_between(cr, f, left, right, 0.0, accuracy);
    plot_set_colour(cr, GAP_COLOUR, 0.38);
    fill_between(cr, f, left, right, accuracy, confidence);
    plot_set_colour(cr, PLOT_WHITE, 1.0);
    cairo_set_line_width(cr, 1.0);
    cairo_rectangle(cr, plot_x(f, left), plot_y(f, fmax(accuracy, confidence)),
                    plot_x(f, right) - plot_x(f, left),
                    plot_y(f, 0.0) - plot_y(f, fmax(accuracy, confidence)));
    cairo_stroke(cr);
    plot_set_colour(cr, PLOT_INK, 1.0);
    cairo_set_line_width(cr, 1.6);
    plot_line(cr, plot_x(f, left) + 0.5, plot_y(f, accuracy),
              plot_x(f, right) - 0.5, plot_y(f, accuracy));
}

static void draw_diagonal(cairo_t *cr, const plot_frame *f)
{
    const double dashes[] = { 5.0, 3.0 };

    plot_set_colour(cr, PLOT_SOFT, 1.0);
    cairo_set_line_width(cr, 1.2);
    cairo_set_dash(cr, dashes, 2, 0.0);
    plot_line(cr, plot_x(f, 0.0), plot_y(f, 0.0), plot_x(f, 100.0),
              plot_y(f, 100.0));
    cairo_set_dash(cr, NULL, 0, 0.0);
}

static void draw_key(cairo_t *cr, double x, double y, plot_colour colour,
                     double alpha, const char *text)
{
    plot_fill(cr, colour, alpha, x, y - 4.5, 14, 9);
    plot_set_colour(cr, PLOT_INK, 1.0);
    plot_text(cr, x + 20, y, 10.0, PLOT_LEFT, text);
}

static void draw_corner(cairo_t *cr, const plot_frame *f,
                        const reliability_plot *p)
{
    char text[64];

    snprintf(text, sizeof(text), "ECE %.2f%%", p->ece);
    plot_set_colour(cr, PLOT_WHITE, 1.0);
    cairo_rectangle(cr, f->x + 8, f->y + 8, 108, 62);
    cairo_fill_preserve(cr);
    plot_set_colour(cr, 0xC9C9CE, 1.0);
    cairo_set_line_width(cr, 0.8);
    cairo_stroke(cr);
    plot_set_colour(cr, PLOT_INK, 1.0);
    plot_title(cr, f->x + 15, f->y + 21, 12.0, PLOT_LEFT, text);
    draw_key(cr, f->x + 15, f->y + 41, BAR_COLOUR, 1.0, "accuracy");
    draw_key(cr, f->x + 15, f->y + 57, GAP_COLOUR, 0.38, "gap");
}

static void draw_curve(cairo_t *cr, const reliability_plot *p, double top)
{
    const plot_frame f = frame_of(top, 316.0 - top + 18.0, 100.0);

    plot_x_ticks(cr, &f, 20.0, NULL);
    plot_y_ticks(cr, &f, 20.0, plot_percent_text);
    for (size_t i = 0; i < p->n_bins; i++)
        draw_bin(cr, &f, p, i);
    draw_diagonal(cr, &f);
    draw_corner(cr, &f, p);
    plot_frame_lines(cr, &f);
    plot_y_label(cr, &f, 48.0, "Accuracy");
}

static void draw_counts(cairo_t *cr, const reliability_plot *p)
{
    plot_frame f = frame_of(350.0, 100.0, 100.0);
    double sum = 0.0, most = 0.0;

    for (size_t i = 0; i < p->n_bins; i++) {
        sum += p->count[i];
        most = fmax(most, p->count[i]);
    }
    if (most > 0.0)
        f.top = 100.0 * most / sum * 1.08;
    plot_x_ticks(cr, &f, 20.0, plot_percent_text);
    plot_y_ticks(cr, &f, plot_step(f.top, 3.0), plot_percent_text);
    for (size_t i = 0; i < p->n_bins; i++)
        if (p->count[i] > 0.0) {
            plot_set_colour(cr, 0x8A8F98, 1.0);
            fill_between(cr, &f, 100.0 * p->low[i] + 0.25,
                         100.0 * p->high[i] - 0.25, 0.0,
                         100.0 * p->count[i] / sum);
        }
    plot_frame_lines(cr, &f);
    plot_y_label(cr, &f, 48.0, "Samples");
    plot_x_label(cr, &f, 34.0, "Confidence");
}

static void draw(cairo_t *cr, const void *data)
{
    const reliability_plot *p = data;

    if (p->title) {
        plot_set_colour(cr, PLOT_INK, 1.0);
        plot_title(cr, PAGE_WIDTH / 2 + 22.0, 22.0, 13.0, PLOT_CENTRE,
                   p->title);
    }
    draw_curve(cr, p, p->title ? 40.0 : 18.0);
    draw_counts(cr, p);
}

plot_drawing plot_reliability(const reliability_plot *p)
{
    return (plot_drawing){ PAGE_WIDTH, PAGE_HEIGHT,
                           p->title ? p->title : "Reliability", draw, p };
}
