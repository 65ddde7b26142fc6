/* SPDX-License-Identifier: MIT */
/*
 * plot_training.c - how a head was learned: the loss of each step and the mean
 * of each epoch; below, how often a row's own target was nearest, and the rates
 * of labelled data after each epoch.
 */
#include <math.h>
#include <stdlib.h>

#include "plots/plot.h"
#include "plots/plot_axes.h"
#include "terminal/memory.h"

#define PAGE_WIDTH 576.0 /* 8 x 6 inches */
#define PAGE_HEIGHT 432.0
#define RATES_HEIGHT 150.0 /* of the page, when there are rates */

#define PI 3.14159265358979323846

#define STEP_COLOUR 0x9DB7D5u
#define MEAN_COLOUR 0x0072B2u

/** One of the two curves. */
typedef struct curve {
    const double *values; /* [n] */
    double scale;
    size_t n, epoch;
} curve;

/** A frame that has no values yet. */
static plot_frame begin_frame(const plot_frame *place, double y, double height)
{
    plot_frame f = *place;

    f.y = y;
    f.height = height;
    f.bottom = INFINITY;
    f.top = -INFINITY;
    return f;
}

static void widen(plot_frame *f, double value)
{
    f->bottom = fmin(f->bottom, value);
    f->top = fmax(f->top, value);
}

/** Room above and below its values. */
static void end_frame(plot_frame *f)
{
    const double room = 0.06 * (f->top - f->bottom) + 1e-3;

    f->bottom = fmax(0.0, f->bottom - room);
    f->top += room;
}

static plot_frame curve_frame(const plot_frame *place, double y, double height,
                              const curve *c)
{
    plot_frame f = begin_frame(place, y, height);

    for (size_t i = 0; i < c->n; i++)
        widen(&f, c->scale * c->values[i]);
    end_frame(&f);
    return f;
}

static plot_frame rates_frame(const plot_frame *place, double y, double height,
                              const training_plot *p)
{
    plot_frame f = begin_frame(place, y, height);

    for (size_t i = 0; i < p->n_rates; i++) {
        const training_rates *r = &p->rates[i];

        for (size_t k = 0; k < r->n; k++)
            widen(&f, r->uar[k]);
        if (r->plain >= 0.0)
            widen(&f, r->plain);
    }
    end_frame(&f);
    return f;
}

static void draw_steps(cairo_t *cr, const plot_frame *f, const curve *c)
{
    plot_set_colour(cr, STEP_COLOUR, 1.0);
    cairo_set_line_width(cr, 1.0);
    for (size_t i = 0; i < c->n; i++)
        cairo_line_to(cr, plot_x(f, ((double)i + 0.5) / (double)c->epoch),
                      plot_y(f, c->scale * c->values[i]));
    cairo_stroke(cr);
}

/* A dot in the middle of each epoch, whole or not, and lines between. */
static void draw_means(cairo_t *cr, const plot_frame *f, const curve *c)
{
    plot_set_colour(cr, MEAN_COLOUR, 1.0);
    cairo_set_line_width(cr, 2.0);
    for (int dots = 0; dots < 2; dots++) {
        for (size_t at = 0; at < c->n; at += c->epoch) {
            const size_t n = c->n - at < c->epoch ? c->n - at : c->epoch;
            const double middle =
                ((double)at + 0.5 * (double)n) / (double)c->epoch;
            double sum = 0.0;

            for (size_t i = at; i < at + n; i++)
                sum += c->scale * c->values[i];
            if (dots)
                cairo_new_sub_path(cr);
            if (dots)
                cairo_arc(cr, plot_x(f, middle), plot_y(f, sum / (double)n),
                          3.5, 0.0, 2.0 * PI);
            else
                cairo_line_to(cr, plot_x(f, middle),
                              plot_y(f, sum / (double)n));
        }
        if (dots)
            cairo_fill(cr);
        else
            cairo_stroke(cr);
    }
}

static void draw_axes(cairo_t *cr, const plot_frame *f, plot_tick_text text,
                      const char *label, int has_numbers)
{
    const double epochs = fmax(1.0, plot_step(f->right, 8.0));

    plot_x_ticks(cr, f, epochs, has_numbers ? plot_number_text : NULL);
    plot_y_ticks(cr, f, plot_step(f->top - f->bottom, 5.0), text);
    plot_y_label(cr, f, 52.0, label);
}

static void draw_curve(cairo_t *cr, const plot_frame *f, const curve *c)
{
    draw_steps(cr, f, c);
    draw_means(cr, f, c);
    plot_frame_lines(cr, f);
}

/* A dot after each epoch, lines between, and dashes where plain CLIP is. */
static void draw_rates(cairo_t *cr, const plot_frame *f,
                       const training_rates *r, size_t index)
{
    static const double dashes[] = { 4.0, 3.0 };

    plot_set_series(cr, index, 2.0);
    for (size_t i = 0; i < r->n; i++)
        cairo_line_to(cr, plot_x(f, r->epochs[i]), plot_y(f, r->uar[i]));
    cairo_stroke(cr);
    for (size_t i = 0; i < r->n; i++) {
        cairo_new_sub_path(cr);
        cairo_arc(cr, plot_x(f, r->epochs[i]), plot_y(f, r->uar[i]), 3.5, 0.0,
                  2.0 * PI);
    }
    cairo_fill(cr);
    if (r->plain < 0.0)
        return;
    cairo_set_line_width(cr, 1.0);
    cairo_set_dash(cr, dashes, 2, 0.0);
    plot_line(cr, plot_x(f, f->left), plot_y(f, r->plain), plot_x(f, f->right),
              plot_y(f, r->plain));
    cairo_set_dash(cr, NULL, 0, 0.0);
}

static void draw_all_rates(cairo_t *cr, const plot_frame *f,
                           const training_plot *p, const char *const *names)
{
    draw_axes(cr, f, plot_percent_text, "UAR", 1);
    for (size_t i = 0; i < p->n_rates; i++)
        draw_rates(cr, f, &p->rates[i], i);
    cairo_set_dash(cr, NULL, 0, 0.0);
    plot_frame_lines(cr, f);
    plot_legend(cr, f->x + f->width + 12.0, f->y, f->height, names, p->n_rates);
    plot_set_colour(cr, PLOT_SOFT, 1.0);
    plot_text(cr, f->x + f->width, f->y - 10.0, 9.0, PLOT_RIGHT,
              "dashes: plain CLIP");
}

static void draw_key(cairo_t *cr, double x, double y, plot_colour colour,
                     double width, const char *text)
{
    plot_set_colour(cr, colour, 1.0);
    cairo_set_line_width(cr, width);
    plot_line(cr, x, y, x + 20.0, y);
    plot_set_colour(cr, PLOT_INK, 1.0);
    plot_text(cr, x + 26.0, y, 10.0, PLOT_LEFT, text);
}

static void draw_curves(cairo_t *cr, const plot_frame *place,
                        const training_plot *p)
{
    const curve loss = { p->losses, 1.0, p->n, p->epoch };
    const curve accuracy = { p->accuracies, 100.0, p->n, p->epoch };
    const plot_frame above = curve_frame(place, 40.0, 210.0, &loss);
    const plot_frame below = curve_frame(place, 272.0, 110.0, &accuracy);

    draw_axes(cr, &above, plot_number_text, "Loss", 0);
    draw_curve(cr, &above, &loss);
    draw_axes(cr, &below, plot_percent_text, "Accuracy", p->n_rates == 0);
    draw_curve(cr, &below, &accuracy);
    draw_key(cr, above.x + above.width - 124.0, above.y + 16.0, STEP_COLOUR,
             1.0, "a step");
    draw_key(cr, above.x + above.width - 124.0, above.y + 32.0, MEAN_COLOUR,
             2.0, "an epoch's mean");
    if (p->n_rates == 0)
        plot_x_label(cr, &below, 34.0, "Epochs");
}

static void draw(cairo_t *cr, const void *data)
{
    const training_plot *p = data;
    const char **names = memory_new(p->n_rates, sizeof(*names));
    plot_frame place = { .x = 70.0,
                         .width = PAGE_WIDTH - 70.0 - 24.0,
                         .right = (double)p->n / (double)p->epoch };

    for (size_t i = 0; i < p->n_rates; i++)
        names[i] = p->rates[i].name;
    if (p->n_rates)
        place.width -= fmin(plot_legend_width(cr, names, p->n_rates), 200.0);
    if (p->title) {
        plot_set_colour(cr, PLOT_INK, 1.0);
        plot_title(cr, place.x + place.width / 2, 22.0, 13.0, PLOT_CENTRE,
                   p->title);
    }
    draw_curves(cr, &place, p);
    if (p->n_rates) {
        const plot_frame rates = rates_frame(&place, 414.0, 120.0, p);

        draw_all_rates(cr, &rates, p, names);
        plot_x_label(cr, &rates, 34.0, "Epochs");
    }
    free(names);
}

plot_drawing plot_training(const training_plot *p)
{
    return (plot_drawing){ PAGE_WIDTH,
                           PAGE_HEIGHT + (p->n_rates ? RATES_HEIGHT : 0.0),
                           p->title ? p->title : "Training", draw, p };
}
