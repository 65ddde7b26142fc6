/* SPDX-License-Identifier: MIT */
/*
 * plot_photo.c - an image with a box around each face and words above it.
 */
#include <math.h>
#include <stdlib.h>

#include "plots/plot.h"
#include "plots/plot_axes.h"
#include "terminal/memory.h"

#define PIXEL 0.5 /* points: a PNG has two pixels per point */

/* For free(), after the surface. */
static unsigned char *to_cairo(const photo_plot *p, int stride)
{
    unsigned char *pixels = memory_new((size_t)stride * (size_t)p->height, 1);

    for (int32_t y = 0; y < p->height; y++) {
        const uint8_t *rgb = p->rgb + (size_t)y * (size_t)p->width * 3;
        uint32_t *row =
            (uint32_t *)(void *)(pixels + (size_t)y * (size_t)stride);

        for (int32_t x = 0; x < p->width; x++, rgb += 3)
            row[x] = (uint32_t)rgb[0] << 16 | (uint32_t)rgb[1] << 8 | rgb[2];
    }
    return pixels;
}

static void paint(cairo_t *cr, const photo_plot *p)
{
    const int stride =
        cairo_format_stride_for_width(CAIRO_FORMAT_RGB24, p->width);
    unsigned char *pixels = to_cairo(p, stride);
    cairo_surface_t *image = cairo_image_surface_create_for_data(
        pixels, CAIRO_FORMAT_RGB24, p->width, p->height, stride);

    cairo_set_source_surface(cr, image, 0, 0);
    cairo_pattern_set_filter(cairo_get_source(cr), CAIRO_FILTER_NEAREST);
    cairo_paint(cr);
    cairo_surface_flush(image);
    cairo_surface_destroy(image);
    free(pixels);
}

static void outline(cairo_t *cr, const photo_box *box, double line)
{
    cairo_rectangle(cr, (double)box->x, (double)box->y, (double)box->width,
                    (double)box->height);
    cairo_set_source_rgba(cr, 0, 0, 0, 0.55);
    cairo_set_line_width(cr, 2.0 * line);
    cairo_stroke_preserve(cr);
    cairo_set_source_rgb(cr, 1, 1, 1);
    cairo_set_line_width(cr, line);
    cairo_stroke(cr);
}

/* Above the box, or in it at the upper border. */
static void print_label(cairo_t *cr, const photo_box *box, double size)
{
    const double high = 1.35 * size;
    const double x = fmax((double)box->x, 0.0);
    const double above = (double)box->y - high;
    const double y = above > 0.0 ? above : fmax((double)box->y, 0.0);
    cairo_text_extents_t extents;

    cairo_set_font_size(cr, size);
    cairo_text_extents(cr, box->label, &extents);
    cairo_rectangle(cr, x, y, extents.x_advance + 0.7 * size, high);
    cairo_set_source_rgba(cr, 0, 0, 0, 0.7);
    cairo_fill(cr);
    cairo_move_to(cr, x + 0.35 * size, y + size);
    cairo_set_source_rgb(cr, 1, 1, 1);
    cairo_show_text(cr, box->label);
}

/** Lines and letters are as large as the drawing wants them, which shows the
 * image scaled. */
static void draw_all(cairo_t *cr, const photo_plot *p, double scale)
{
    const double longer = scale * fmax((double)p->width, (double)p->height);
    const double line = fmax(1.0, longer / 500.0) / scale;
    const double letters = fmax(11.0, longer / 45.0) / scale;

    paint(cr, p);
    cairo_select_font_face(cr, "sans-serif", CAIRO_FONT_SLANT_NORMAL,
                           CAIRO_FONT_WEIGHT_BOLD);
    for (size_t i = 0; i < p->n_boxes; i++)
        outline(cr, &p->boxes[i], line);
    for (size_t i = 0; i < p->n_boxes; i++)
        if (p->boxes[i].label)
            print_label(cr, &p->boxes[i], letters);
}

static void draw_photo(cairo_t *cr, const void *data)
{
    cairo_scale(cr, PIXEL, PIXEL);
    draw_all(cr, data, 1.0);
}

/** In the middle; black is left where the proportions differ. */
static void draw_fitted(cairo_t *cr, const photo_plot *p, int32_t width,
                        int32_t height)
{
    const double scale = fmin((double)width / (double)p->width,
                              (double)height / (double)p->height);

    cairo_translate(cr, ((double)width - scale * (double)p->width) / 2.0,
                    ((double)height - scale * (double)p->height) / 2.0);
    cairo_scale(cr, scale, scale);
    draw_all(cr, p, scale);
}

unsigned char *plot_photo_pixels(const photo_plot *p, int32_t width,
                                 int32_t height)
{
    const int stride = 4 * width;
    unsigned char *pixels = memory_new((size_t)stride * (size_t)height, 1);
    cairo_surface_t *surface = cairo_image_surface_create_for_data(
        pixels, CAIRO_FORMAT_RGB24, width, height, stride);
    cairo_t *cr = cairo_create(surface);
    cairo_status_t status;

    draw_fitted(cr, p, width, height);
    status = cairo_status(cr);
    cairo_destroy(cr);
    cairo_surface_flush(surface);
    cairo_surface_destroy(surface);
    if (!status)
        return pixels;
    free(pixels);
    return NULL;
}

plot_drawing plot_photo(const photo_plot *p)
{
    return (plot_drawing){
        .width = PIXEL * p->width,
        .height = PIXEL * p->height,
        .title = p->title,
        .draw = draw_photo,
        .data = p,
    };
}
