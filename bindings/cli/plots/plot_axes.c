/* SPDX-License-Identifier: MIT */
/*
 * plot_axes.c - what plots are made of: text, colours, axes with ticks at round
 * numbers, legends.
 */
#include "plots/plot_axes.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "terminal/characters.h"
#include "terminal/memory.h"

#define TICK_SIZE 10.0
#define LABEL_SIZE 12.0
#define LEGEND_SIZE 10.5
#define LEGEND_SAMPLE 22.0
#define PI 3.14159265358979323846

/* ------------------------------------------------------------------------
 * Colours
 */

static double channel(plot_colour colour, int shift)
{
    return (double)(colour >> shift & 0xFF) / 255.0;
}

void plot_set_colour(cairo_t *cr, plot_colour colour, double alpha)
{
    cairo_set_source_rgba(cr, channel(colour, 16), channel(colour, 8),
                          channel(colour, 0), alpha);
}

plot_colour plot_reds(double place)
{
    static const plot_colour stops[] = {
        0xFFF5F0, 0xFEE0D2, 0xFCBBA1, 0xFC9272, 0xFB6A4A,
        0xEF3B2C, 0xCB181D, 0xA50F15, 0x67000D,
    };
    enum { N = sizeof(stops) / sizeof(stops[0]) };
    const double at = fmin(fmax(place, 0.0), 1.0) * (N - 1);
    const size_t i = at < N - 1 ? (size_t)at : N - 2;
    const double fraction = at - (double)i;
    plot_colour mixed = 0;

    for (int shift = 0; shift <= 16; shift += 8) {
        const double a = channel(stops[i], shift);
        const double b = channel(stops[i + 1], shift);
        mixed |= (plot_colour)lround((a + fraction * (b - a)) * 255.0) << shift;
    }
    return mixed;
}

int plot_is_dark(plot_colour colour)
{
    return 0.299 * channel(colour, 16) + 0.587 * channel(colour, 8) +
               0.114 * channel(colour, 0) <
           0.55;
}

static const plot_colour series[] = {
    0xE69F00, 0x0072B2, 0x6B6B6B, 0xD55E00,
    0xCC79A7, 0x009E73, 0x56B4E9, 0xB8A800, /* a yellow that white bears */
};

enum { N_SERIES = sizeof(series) / sizeof(series[0]) };

plot_colour plot_series_colour(size_t index)
{
    return series[index % N_SERIES];
}

void plot_set_series(cairo_t *cr, size_t index, double width)
{
    static const double dashes[][4] = {
        { 0, 0, 0, 0 }, { 6, 2.5, 6, 2.5 }, { 1.5, 2, 1.5, 2 }, { 7, 2, 1.5, 2 }
    };
    const size_t style = index / N_SERIES % 4;

    plot_set_colour(cr, plot_series_colour(index), 1.0);
    cairo_set_line_width(cr, width);
    cairo_set_dash(cr, dashes[style], style ? 4 : 0, 0.0);
}

void plot_line(cairo_t *cr, double x0, double y0, double x1, double y1)
{
    cairo_move_to(cr, x0, y0);
    cairo_line_to(cr, x1, y1);
    cairo_stroke(cr);
}

void plot_fill(cairo_t *cr, plot_colour colour, double alpha, double x,
               double y, double width, double height)
{
    plot_set_colour(cr, colour, alpha);
    cairo_rectangle(cr, x, y, width, height);
    cairo_fill(cr);
}

/* ------------------------------------------------------------------------
 * Text
 */

/** UTF-8 that cairo takes: it draws nothing after a wrong byte, and fails at
 * what is never a character. */
static char *clean(const char *text)
{
    char *out = memory_new(strlen(text) * 3 + 1, 1);
    size_t n = 0;

    while (*text) {
        const character c = character_at(text);
        const int shown = character_is_shown(c.point);

        memcpy(out + n, shown ? text : "\xEF\xBF\xBD", shown ? c.size : 3);
        n += shown ? c.size : 3;
        text += c.size;
    }
    return out;
}

static void set_font(cairo_t *cr, double size, cairo_font_weight_t weight)
{
    /* Where there is none, fontconfig gives the system's sans-serif. */
    cairo_select_font_face(cr, "DejaVu Sans", CAIRO_FONT_SLANT_NORMAL, weight);
    cairo_set_font_size(cr, size);
}

static double width_of(cairo_t *cr, const char *cleaned)
{
    cairo_text_extents_t e;

    cairo_text_extents(cr, cleaned, &e);
    return e.x_advance;
}

static void show(cairo_t *cr, double x, double y, double size, plot_align align,
                 double angle, const char *text)
{
    char *cleaned = clean(text);
    const double width = width_of(cr, cleaned);
    const double shift = align == PLOT_LEFT     ? 0.0
                         : align == PLOT_CENTRE ? -width / 2
                                                : -width;

    cairo_save(cr);
    cairo_translate(cr, x, y);
    cairo_rotate(cr, angle);
    cairo_move_to(cr, shift, 0.365 * size); /* half the capitals' height */
    cairo_show_text(cr, cleaned);
    cairo_restore(cr);
    cairo_new_path(cr);
    free(cleaned);
}

double plot_text_width(cairo_t *cr, double size, const char *text)
{
    char *cleaned = clean(text);
    double width;

    set_font(cr, size, CAIRO_FONT_WEIGHT_NORMAL);
    width = width_of(cr, cleaned);
    free(cleaned);
    return width;
}

void plot_text(cairo_t *cr, double x, double y, double size, plot_align align,
               const char *text)
{
    plot_text_turned(cr, x, y, size, align, 0.0, text);
}

void plot_text_turned(cairo_t *cr, double x, double y, double size,
                      plot_align align, double angle, const char *text)
{
    set_font(cr, size, CAIRO_FONT_WEIGHT_NORMAL);
    show(cr, x, y, size, align, angle, text);
}

void plot_title(cairo_t *cr, double x, double y, double size, plot_align align,
                const char *text)
{
    set_font(cr, size, CAIRO_FONT_WEIGHT_BOLD);
    show(cr, x, y, size, align, 0.0, text);
}

char **plot_capitalised(const char *const *names, size_t n)
{
    char **copies = memory_new(n, sizeof(*copies));

    for (size_t i = 0; i < n; i++) {
        copies[i] = memory_text("%s", names[i]);
        if (*copies[i] >= 'a' && *copies[i] <= 'z')
            *copies[i] = (char)(*copies[i] - 'a' + 'A');
    }
    return copies;
}

void plot_names_free(char **names, size_t n)
{
    for (size_t i = 0; i < n; i++)
        free(names[i]);
    free(names);
}

/* ------------------------------------------------------------------------
 * Axes
 */

double plot_x(const plot_frame *f, double value)
{
    return f->x + (value - f->left) / (f->right - f->left) * f->width;
}

double plot_y(const plot_frame *f, double value)
{
    return f->y + f->height -
           (value - f->bottom) / (f->top - f->bottom) * f->height;
}

double plot_step(double span, double n)
{
    const double rough = span / n;
    const double power = pow(10.0, floor(log10(rough)));
    const double digit = rough / power;

    return power * (digit <= 1.0   ? 1.0
                    : digit <= 2.0 ? 2.0
                    : digit <= 5.0 ? 5.0
                                   : 10.0);
}

double plot_time_step(double span, double n)
{
    static const double steps[] = {
        1,   2,   5,    10,   15,   30,    60,    120,   300,
        600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400,
    };
    const double rough = span / n;

    if (rough <= 0.5)
        return plot_step(span, n);
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
        if (rough <= steps[i])
            return steps[i];
    return 86400.0 * ceil(rough / 86400.0);
}

/** Decimals that a step needs. */
static int decimals(double step)
{
    int n = 0;

    for (; n < 6 && fabs(step - round(step)) > 1e-6 * step; n++)
        step *= 10.0;
    return n;
}

void plot_number_text(char *text, size_t size, double value, double step)
{
    snprintf(text, size, "%.*f", decimals(step), value);
}

void plot_percent_text(char *text, size_t size, double value, double step)
{
    snprintf(text, size, "%.*f%%", decimals(step), value);
}

void plot_time_text(char *text, size_t size, double value, double step)
{
    const int n = step < 1.0 ? decimals(step) : 0;
    const double rounded = round(value * pow(10.0, n)) / pow(10.0, n);
    const long minutes = (long)floor(rounded / 60.0 + 1e-9);
    const double seconds = fabs(rounded - 60.0 * (double)minutes);
    const int width = n ? n + 3 : 2;

    if (minutes >= 60)
        snprintf(text, size, "%ld:%02ld:%0*.*f", minutes / 60, minutes % 60,
                 width, n, seconds);
    else
        snprintf(text, size, "%ld:%0*.*f", minutes, width, n, seconds);
}

static void hair_line(cairo_t *cr, double x0, double y0, double x1, double y1)
{
    plot_set_colour(cr, PLOT_GRID, 1.0);
    cairo_set_dash(cr, NULL, 0, 0.0);
    cairo_set_line_width(cr, 0.75);
    plot_line(cr, x0, y0, x1, y1);
    plot_set_colour(cr, PLOT_INK, 1.0);
}

/** Ticks of an axis with the values low to high. */
static void draw_ticks(cairo_t *cr, const plot_frame *f, int is_x, double step,
                       plot_tick_text text)
{
    const double low = is_x ? f->left : f->bottom;
    const double high = is_x ? f->right : f->top;
    const double last = floor(high / step + 1e-6);
    char label[32];

    /* + 0.0: never -0 */
    for (double i = ceil(low / step - 1e-6) + 0.0; i <= last; i++) {
        const double x = is_x ? plot_x(f, i * step) : f->x;
        const double y = is_x ? f->y + f->height : plot_y(f, i * step);

        hair_line(cr, x, is_x ? f->y : y, is_x ? x : f->x + f->width, y);
        if (!text)
            continue;
        text(label, sizeof(label), i * step, step);
        if (is_x)
            plot_text(cr, x, y + 12, TICK_SIZE, PLOT_CENTRE, label);
        else
            plot_text(cr, x - 6, y, TICK_SIZE, PLOT_RIGHT, label);
    }
}

void plot_x_ticks(cairo_t *cr, const plot_frame *f, double step,
                  plot_tick_text text)
{
    draw_ticks(cr, f, 1, step, text);
}

void plot_y_ticks(cairo_t *cr, const plot_frame *f, double step,
                  plot_tick_text text)
{
    draw_ticks(cr, f, 0, step, text);
}

void plot_frame_lines(cairo_t *cr, const plot_frame *f)
{
    plot_set_colour(cr, PLOT_INK, 1.0);
    cairo_set_dash(cr, NULL, 0, 0.0);
    cairo_set_line_width(cr, 0.8);
    cairo_rectangle(cr, f->x, f->y, f->width, f->height);
    cairo_stroke(cr);
}

void plot_x_label(cairo_t *cr, const plot_frame *f, double below,
                  const char *text)
{
    plot_set_colour(cr, PLOT_INK, 1.0);
    plot_text(cr, f->x + f->width / 2, f->y + f->height + below, LABEL_SIZE,
              PLOT_CENTRE, text);
}

void plot_y_label(cairo_t *cr, const plot_frame *f, double beside,
                  const char *text)
{
    plot_set_colour(cr, PLOT_INK, 1.0);
    plot_text_turned(cr, f->x - beside, f->y + f->height / 2, LABEL_SIZE,
                     PLOT_CENTRE, -PI / 2, text);
}

/* ------------------------------------------------------------------------
 * Legend
 */

double plot_legend_width(cairo_t *cr, const char *const *names, size_t n)
{
    double widest = 0.0;

    for (size_t i = 0; i < n; i++)
        widest = fmax(widest, plot_text_width(cr, LEGEND_SIZE, names[i]));
    return LEGEND_SAMPLE + 7 + widest;
}

void plot_legend(cairo_t *cr, double x, double y, double height,
                 const char *const *names, size_t n)
{
    /* Closer when there are many, down to lines that touch. */
    const double step = fmin(18.0, height / (double)(n ? n : 1));
    const double size = fmin(LEGEND_SIZE, step * 0.85);

    for (size_t i = 0; i < n; i++) {
        const double middle = y + step * ((double)i + 0.5);

        plot_set_series(cr, i, 2.4);
        plot_line(cr, x, middle, x + LEGEND_SAMPLE, middle);
        plot_set_colour(cr, PLOT_INK, 1.0);
        plot_text(cr, x + LEGEND_SAMPLE + 7, middle, size, PLOT_LEFT, names[i]);
    }
    cairo_set_dash(cr, NULL, 0, 0.0);
}
