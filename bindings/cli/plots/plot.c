/* SPDX-License-Identifier: MIT */
/*
 * plot.c - one drawing function, three kinds of files and the text of an SVG
 * element.
 *
 * A file is drawn into memory and written when it is whole.
 */
#define _GNU_SOURCE
#include "plots/plot.h"

#include <cairo-pdf.h>
#include <cairo-svg.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "terminal/failure.h"
#include "plots/svg_text.h"
#include "shared/formats.h"
#include "terminal/console.h"
#include "terminal/memory.h"
#include "views/outfile.h"

#define PNG_SCALE 2.0 /* pixels per point: 144 per inch */

typedef struct bytes {
    char *data;
    size_t size;
    size_t capacity;
} bytes;

int plot_available(void)
{
    return 1;
}

/* ------------------------------------------------------------------------
 * Bytes
 */

static void append(bytes *b, const void *data, size_t size)
{
    if (b->size + size + 1 > b->capacity) {
        b->capacity = 2 * (b->size + size + 1);
        b->data = memory_resize(b->data, b->capacity, 1);
    }
    memcpy(b->data + b->size, data, size);
    b->size += size;
    b->data[b->size] = '\0';
}

static cairo_status_t write_bytes(void *closure, const unsigned char *data,
                                  unsigned int size)
{
    append(closure, data, size);
    return CAIRO_STATUS_SUCCESS;
}

/* ------------------------------------------------------------------------
 * Drawing
 */

static cairo_status_t draw(cairo_surface_t *surface, double scale,
                           const plot_drawing *p)
{
    cairo_t *cr = cairo_create(surface);
    cairo_status_t status;

    cairo_scale(cr, scale, scale);
    cairo_set_source_rgb(cr, 1, 1, 1);
    cairo_rectangle(cr, 0, 0, p->width, p->height);
    cairo_fill(cr);
    p->draw(cr, p->data);
    status = cairo_status(cr);
    cairo_destroy(cr);
    return status;
}

/** Finish a surface that writes as it is drawn. */
static cairo_status_t finish(cairo_surface_t *surface, cairo_status_t status)
{
    cairo_surface_finish(surface);
    if (!status)
        status = cairo_surface_status(surface);
    cairo_surface_destroy(surface);
    return status;
}

static cairo_status_t make_pdf(bytes *out, const plot_drawing *p)
{
    cairo_surface_t *surface = cairo_pdf_surface_create_for_stream(
        write_bytes, out, p->width, p->height);

    /* Without its time of birth, a file is the same each time. */
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATE_DATE,
                                   NULL);
    return finish(surface, draw(surface, 1.0, p));
}

static cairo_status_t make_png(bytes *out, const plot_drawing *p)
{
    cairo_surface_t *surface = cairo_image_surface_create(
        CAIRO_FORMAT_RGB24, (int)ceil(p->width * PNG_SCALE),
        (int)ceil(p->height * PNG_SCALE));
    cairo_status_t status = draw(surface, PNG_SCALE, p);

    if (!status)
        status = cairo_surface_write_to_png_stream(surface, write_bytes, out);
    cairo_surface_destroy(surface);
    return status;
}

/* ------------------------------------------------------------------------
 * SVG
 */

static cairo_status_t make_svg(bytes *out, const plot_drawing *p,
                               json_t *glyphs)
{
    bytes raw = { NULL, 0, 0 };
    cairo_surface_t *surface = cairo_svg_surface_create_for_stream(
        write_bytes, &raw, p->width, p->height);
    cairo_status_t status = finish(surface, draw(surface, 1.0, p));
    FILE *f =
        status || !raw.data ? NULL : open_memstream(&out->data, &out->size);

    if (f)
        svg_print(f, raw.data, p->title, glyphs);
    if (!f || fclose(f))
        status = status ? status : CAIRO_STATUS_WRITE_ERROR;
    free(raw.data);
    return status;
}

static cairo_status_t make_svg_file(bytes *out, const plot_drawing *p)
{
    return make_svg(out, p, NULL);
}

/* ------------------------------------------------------------------------
 * Files
 */

/*
 * A plot says whose it is, so that it may be replaced by the next one: in a
 * comment behind it, or in a chunk of a PNG before its last one, which has 12
 * bytes.
 */
#define PNG_END 12
static const char comment_svg[] = "<!-- " EXPCLIP__PLOT_MARK " -->\n";
static const char comment_pdf[] = "% " EXPCLIP__PLOT_MARK "\n";
static const char chunk_png[] = "\0\0\0\30tEXtSoftware\0" EXPCLIP__PLOT_MARK
                                "\x37\x3b\x69\x6f"; /* its CRC-32 */

typedef struct kind {
    const char *ending;
    cairo_status_t (*make)(bytes *out, const plot_drawing *p);
    const char *mark;
    size_t mark_size;
    size_t after; /* bytes of the file that come after the mark */
} kind;

static const kind kinds[] = {
    { ".svg", make_svg_file, comment_svg, sizeof(comment_svg) - 1, 0 },
    { ".pdf", make_pdf, comment_pdf, sizeof(comment_pdf) - 1, 0 },
    { ".png", make_png, chunk_png, sizeof(chunk_png) - 1, PNG_END },
};

static const kind *kind_of(const char *path)
{
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (expclip__ends_in(path, kinds[i].ending))
            return &kinds[i];
    return NULL;
}

int plot_knows(const char *path)
{
    return kind_of(path) != NULL;
}

static void write_marked(FILE *f, const kind *k, const bytes *whole)
{
    const size_t before = whole->size > k->after ? whole->size - k->after : 0;

    fwrite(whole->data, 1, before, f);
    fwrite(k->mark, 1, k->mark_size, f);
    fwrite(whole->data + before, 1, whole->size - before, f);
}

int plot_file(const char *path, const plot_drawing *p)
{
    const kind *k = kind_of(path);
    bytes whole = { NULL, 0, 0 };
    outfile *file = NULL;
    cairo_status_t status;
    int rc;

    if (!k) {
        console_error("plot %s: expected a name that ends in .svg, .pdf or"
                      " .png",
                      path);
        return EXIT_USAGE;
    }
    rc = outfile_open(&file, path, EXPCLIP__FILE_PLOT);
    if (rc)
        return rc;
    status = k->make(&whole, p);
    if (status) {
        console_error("plot %s: %s", path, cairo_status_to_string(status));
        outfile_abort(file);
        rc = EXIT_RESOURCES;
    } else {
        write_marked(outfile_stream(file), k, &whole);
        rc = outfile_commit(file);
    }
    free(whole.data);
    return rc;
}

char *plot_svg(const plot_drawing *p, json_t *glyphs)
{
    bytes text = { NULL, 0, 0 };

    if (make_svg(&text, p, glyphs)) {
        free(text.data);
        return NULL;
    }
    return text.data;
}
