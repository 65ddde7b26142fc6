/* SPDX-License-Identifier: MIT */
/*
 * plot.c - one drawing function, three kinds of files and the text of an SVG
 * element.
 *
 * A file is drawn into memory and written when it is whole. cairo names the
 * parts of an SVG file (glyph0-1, clip2, ...) alike in every file, and browsers
 * look names up in the whole page: so names get a prefix made of the image's
 * own text, and several images can stand in one page.
 */
#define _GNU_SOURCE
#include "plots/plot.h"

#include <cairo-pdf.h>
#include <cairo-svg.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "terminal/failure.h"
#include "plots/plot_surface.h"
#include "shared/formats.h"
#include "terminal/characters.h"
#include "terminal/console.h"
#include "terminal/memory.h"
#include "views/outfile.h"

#define PNG_SCALE 2.0 /* pixels a point: 144 an inch */

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

static void append_text(bytes *b, const char *text)
{
    append(b, text, strlen(text));
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

/** FNV-1a, 32 bits. */
static uint32_t digest(const char *text)
{
    uint32_t sum = 2166136261u;

    for (; *text; text++)
        sum = (sum ^ (unsigned char)*text) * 16777619u;
    return sum;
}

/** Leave out the names of surfaces: they count what was drawn before. */
static void remove_surface_names(char *svg)
{
    static const char name[] = " id=\"surface";
    char *to = svg;

    for (const char *from = svg; *from;) {
        const char *end = strncmp(from, name, sizeof(name) - 1) == 0
                              ? strchr(from + sizeof(name) - 1, '"')
                              : NULL;
        if (end)
            from = end + 1;
        else
            *to++ = *from++;
    }
    *to = '\0';
}

/** Copy, with a prefix for each name where it is given and where it is used. */
static void append_renamed(bytes *out, const char *svg)
{
    static const char *const before[] = { " id=\"", "href=\"#", "url(#" };
    char prefix[16];

    snprintf(prefix, sizeof(prefix), "p%08x-", (unsigned)digest(svg));
    while (*svg) {
        size_t size = 1;
        int is_name = 0;

        for (size_t i = 0; i < sizeof(before) / sizeof(before[0]); i++)
            if (strncmp(svg, before[i], strlen(before[i])) == 0) {
                size = strlen(before[i]);
                is_name = 1;
            }
        append(out, svg, size);
        if (is_name)
            append_text(out, prefix);
        svg += size;
    }
}

/** What XML allows of a text, with its own characters escaped. */
static void append_escaped(bytes *out, const char *text)
{
    while (*text) {
        const character c = character_at(text);

        if (*text == '<')
            append_text(out, "&lt;");
        else if (*text == '&')
            append_text(out, "&amp;");
        else if (*text == '"')
            append_text(out, "&quot;");
        else if (c.point == CHARACTER_STRAY || character_is_control(c.point))
            append_text(out, "\xEF\xBF\xBD");
        else
            append(out, text, c.size);
        text += c.size;
    }
}

/** @param inlined  1 = from the element on, to stand in HTML */
static cairo_status_t make_svg(bytes *out, const plot_drawing *p, int inlined)
{
    static const char element[] = "<svg ";
    bytes raw = { NULL, 0, 0 };
    cairo_surface_t *surface = cairo_svg_surface_create_for_stream(
        write_bytes, &raw, p->width, p->height);
    cairo_status_t status = finish(surface, draw(surface, 1.0, p));
    char *start;

    if (!status && !raw.data)
        status = CAIRO_STATUS_WRITE_ERROR;
    if (!status) {
        remove_surface_names(raw.data);
        start = strstr(raw.data, element);
        if (start && !inlined)
            append(out, raw.data, (size_t)(start - raw.data));
        append_text(out, element);
        append_text(out, "role=\"img\" aria-label=\"");
        append_escaped(out, p->title ? p->title : "plot");
        append_text(out, "\" ");
        append_renamed(out, start ? start + sizeof(element) - 1 : raw.data);
    }
    free(raw.data);
    return status;
}

static cairo_status_t make_svg_file(bytes *out, const plot_drawing *p)
{
    return make_svg(out, p, 0);
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

int plot_drawing_file(const char *path, const plot_drawing *p)
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

char *plot_drawing_svg(const plot_drawing *p)
{
    bytes text = { NULL, 0, 0 };

    if (make_svg(&text, p, 1)) {
        free(text.data);
        return NULL;
    }
    return text.data;
}
