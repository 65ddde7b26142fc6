/* SPDX-License-Identifier: MIT */
/*
 * plot_training.c - how a head was learned: the loss of each step and the mean
 * of each epoch, and below how often a row's own target was nearest.
 */
#include <math.h>

#include "plot.h"
#include "plot_axes.h"
#include "plot_surface.h"

#define PAGE_WIDTH 576.0 /* 8 x 6 inches */
#define PAGE_HEIGHT 432.0

#define PI 3.14159265358979323846

#define STEP_COLOUR 0x9DB7D5u
#define MEAN_COLOUR 0x0072B2u

/** One of the two curves. */
typedef struct curve {
    const double *values; /* [n] */
    double scale;
    size_t n, epoch;
} curve;

static plot_frame frame_of(double y, double height, const curve *c)
{
    double low = INFINITY, high = -INFINITY, room;

    for (size_t i = 0; i < c->n; i++) {
        low = fmin(low, c->scale * c->values[i]);
        high = fmax(high, c->scale * c->values[i]);
    }
    room = 0.06 * (high - low) + 1e-3;
    return (plot_frame){ 70.0,
                         y,
                         PAGE_WIDTH - 70.0 - 24.0,
                         height,
                         0.0,
                         (double)c->n / (double)c->epoch,
                         fmax(0.0, low - room),
                         high + room };
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

static void draw_curve(cairo_t *cr, const plot_frame *f, const curve *c,
                       plot_tick_text text, const char *label)
{
    const double step = plot_step(f->top - f->bottom, 5.0);
    const double epochs = fmax(1.0, plot_step(f->right, 8.0));

    plot_x_ticks(cr, f, epochs, f->y > 200.0 ? plot_number_text : NULL);
    plot_y_ticks(cr, f, step, text);
    draw_steps(cr, f, c);
    draw_means(cr, f, c);
    plot_frame_lines(cr, f);
    plot_y_label(cr, f, 52.0, label);
}

static void draw_key(cairo_t *cr, double x, double y, plot_colour colour,
                     double width, const char *text)
{
    plot_set_colour(cr, colour, 1.0);
    cairo_set_line_width(cr, width);
    cairo_move_to(cr, x, y);
    cairo_line_to(cr, x + 20.0, y);
    cairo_stroke(cr);
    plot_set_colour(cr, PLOT_INK, 1.0);
    plot_text(cr, x + 26.0, y, 10.0, PLOT_LEFT, text);
}

static void draw(cairo_t *cr, const void *data)
{
    const training_plot *p = data;
    const curve loss = { p->losses, 1.0, p->n, p->epoch };
    const curve accuracy = { p->accuracies, 100.0, p->n, p->epoch };
    const plot_frame above = frame_of(40.0, 210.0, &loss);
    const plot_frame below = frame_of(272.0, 110.0, &accuracy);

    if (p->title) {
        plot_set_colour(cr, PLOT_INK, 1.0);
        plot_title(cr, PAGE_WIDTH / 2 + 22.0, 22.0, 13.0, PLOT_CENTRE,
                   p->title);
    }
    draw_curve(cr, &above, &loss, plot_number_text, "Loss");
    draw_curve(cr, &below, &accuracy, plot_percent_text, "Accuracy");
    draw_key(cr, above.x + above.width - 124.0, above.y + 16.0, STEP_COLOUR,
             1.0, "a step");
    draw_key(cr, above.x + above.width - 124.0, above.y + 32.0, MEAN_COLOUR,
             2.0, "an epoch's mean");
    plot_x_label(cr, &below, 34.0, "Epochs");
}

int plot_training_file(const char *path, const training_plot *p)
{
    const plot_picture picture = { PAGE_WIDTH, PAGE_HEIGHT,
                                   p->title ? p->title : "Training", draw, p };

    return plot_picture_file(path, &picture);
}
