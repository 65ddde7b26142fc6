/* SPDX-License-Identifier: MIT */
/*
 * plot_timeline.c - probabilities over time: a line a class, and beneath them
 * the segments as bands with their class's name.
 */
#include <math.h>

#include "plots/plot.h"
#include "plots/plot_axes.h"

#define PAGE_WIDTH 864.0 /* 12 x 5 inches */
#define PAGE_HEIGHT 360.0
#define BAND_HEIGHT 22.0
#define BAND_TEXT 9.5

/** From the first point or segment to the last; never empty. */
static void span_of(const timeline_plot *p, double *start, double *end)
{
    *start = p->n_points ? p->times[0] : 0.0;
    *end = p->n_points ? p->times[p->n_points - 1] : 0.0;
    if (p->n_segments) {
        *start = fmin(*start, p->segments[0].start);
        *end = fmax(*end, p->segments[p->n_segments - 1].end);
    }
    if (!(*end - *start > 1e-6))
        *end = *start + 1.0;
}

static void draw_line(cairo_t *cr, const plot_frame *f, const timeline_plot *p,
                      size_t c)
{
    plot_set_series(cr, c, 1.7);
    cairo_set_line_join(cr, CAIRO_LINE_JOIN_ROUND);
    for (size_t i = 0; i < p->n_points; i++)
        cairo_line_to(
            cr, plot_x(f, p->times[i]),
            plot_y(f, 100.0 * p->probabilities[i * p->n_classes + c]));
    if (p->n_points == 1) /* a dot, where a line has no length */
        cairo_rel_line_to(cr, 3.0, 0.0);
    cairo_stroke(cr);
    cairo_set_dash(cr, NULL, 0, 0.0);
}

static void draw_segment(cairo_t *cr, const plot_frame *f,
                         const timeline_plot_segment *s, const char *name)
{
    const plot_colour colour = plot_series_colour(s->class_index);
    const double x = plot_x(f, s->start);
    const double width = plot_x(f, s->end) - x;

    plot_fill(cr, colour, 1.0, x, f->y, fmax(width, 0.4), f->height);
    if (width > 3.0) { /* a gap between neighbours of one colour */
        plot_fill(cr, PLOT_WHITE, 1.0, x + width - 0.8, f->y, 0.8, f->height);
    }
    if (plot_text_width(cr, BAND_TEXT, name) + 6.0 > width)
        return;
    plot_set_colour(
        cr, plot_is_dark(colour) ? PLOT_WHITE : (plot_colour)PLOT_BLACK, 1.0);
    plot_text(cr, x + width / 2, f->y + f->height / 2, BAND_TEXT, PLOT_CENTRE,
              name);
}

static void draw_lines(cairo_t *cr, const plot_frame *f, const timeline_plot *p)
{
    const double step = plot_time_step(f->right - f->left, 10.0);

    plot_x_ticks(cr, f, step, NULL);
    plot_y_ticks(cr, f, 20.0, plot_percent_text);
    cairo_save(cr);
    for (size_t c = 0; c < p->n_classes; c++)
        draw_line(cr, f, p, c);
    cairo_restore(cr);
    plot_frame_lines(cr, f);
    plot_y_label(cr, f, 46.0, "Probability");
}

static void draw_bands(cairo_t *cr, const plot_frame *f, const timeline_plot *p,
                       const char *const *names)
{
    plot_fill(cr, 0xF4F4F5, 1.0, f->x, f->y, f->width, f->height);
    plot_x_ticks(cr, f, plot_time_step(f->right - f->left, 10.0),
                 plot_time_text);
    for (size_t i = 0; i < p->n_segments; i++)
        draw_segment(cr, f, &p->segments[i], names[p->segments[i].class_index]);
    plot_frame_lines(cr, f);
    plot_x_label(cr, f, 32.0, "Time");
}

static void draw(cairo_t *cr, const void *data)
{
    const timeline_plot *p = data;
    char **names = plot_capitalised(p->classes, p->n_classes);
    const char *const *shown = (const char *const *)names;
    const double top = p->title ? 42.0 : 18.0;
    plot_frame f = { 62.0, top, 0, PAGE_HEIGHT - top - 84.0, 0, 0, 0, 100.0 };
    plot_frame bands;
    double legend;

    span_of(p, &f.left, &f.right);
    legend = fmin(plot_legend_width(cr, shown, p->n_classes), 240.0);
    f.width = PAGE_WIDTH - f.x - legend - 36.0;
    bands = f;
    bands.y = f.y + f.height + 8.0;
    bands.height = BAND_HEIGHT;
    draw_lines(cr, &f, p);
    draw_bands(cr, &bands, p, shown);
    plot_legend(cr, f.x + f.width + 18.0, f.y, f.height, shown, p->n_classes);
    if (p->title)
        plot_title(cr, f.x + f.width / 2, 22.0, 13.0, PLOT_CENTRE, p->title);
    plot_names_free(names, p->n_classes);
}

plot_drawing plot_timeline(const timeline_plot *p)
{
    return (plot_drawing){ PAGE_WIDTH, PAGE_HEIGHT,
                           p->title ? p->title : "Timeline", draw, p };
}
