/* SPDX-License-Identifier: MIT */
/*
 * score_sheet.c - what views/page/sheet.html is filled with: the run, then one
 * object per image, printed as it comes. Images are in the page.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "shared/formats.h"
#include "terminal/memory.h"
#include "views/json_line.h"
#include "views/page.h"
#include "views/score_view.h"

enum { IMAGE_MAX = 8 * 1024 * 1024 }; /* bytes of a file that is put in */

/* ------------------------------------------------------------------------
 * Images
 */

/** What browsers show and the library reads, by its first bytes. */
static const char *media_type(const unsigned char *bytes, size_t size)
{
    static const char *const types[EXPCLIP__N_FORMATS] = {
        [EXPCLIP__FORMAT_JPEG] = "image/jpeg",
        [EXPCLIP__FORMAT_PNG] = "image/png",
        [EXPCLIP__FORMAT_BMP] = "image/bmp",
        [EXPCLIP__FORMAT_GIF] = "image/gif",
        [EXPCLIP__FORMAT_WEBP] = "image/webp",
    };
    const expclip__format *f = expclip__format_find(bytes, size);

    return f ? types[f->kind] : NULL;
}

/** Read a regular file of at most IMAGE_MAX bytes; NULL for any other. */
static unsigned char *read_image(const char *path, size_t *size)
{
    const int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    unsigned char *bytes = NULL;
    struct stat st;
    ssize_t n = 0;

    *size = 0;
    if (fd < 0)
        return NULL;
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0 &&
        st.st_size <= IMAGE_MAX) {
        bytes = memory_new((size_t)st.st_size, 1);
        while (*size < (size_t)st.st_size &&
               (n = read(fd, bytes + *size, (size_t)st.st_size - *size)) > 0)
            *size += (size_t)n;
    }
    close(fd);
    return bytes;
}

/** An image's file as an address of data, for free(); NULL when it has none. */
static char *read_address(const char *path)
{
    size_t size = 0;
    unsigned char *bytes = read_image(path, &size);
    const char *type = bytes ? media_type(bytes, size) : NULL;
    char *address = NULL;
    size_t address_size;
    FILE *f = type ? open_memstream(&address, &address_size) : NULL;

    if (f) {
        fprintf(f, "data:%s;base64,", type);
        page_base64(f, bytes, size);
        if (fclose(f)) {
            free(address);
            address = NULL;
        }
    }
    free(bytes);
    return address;
}

/* ------------------------------------------------------------------------
 * Page
 */

static void add_text(json_t *object, const char *key, const char *text)
{
    if (text)
        json_object_set_new(object, key, json_line_string(text));
}

static json_t *make_facts(const score_view *v, const sheet_facts *facts)
{
    json_t *names = json_array();
    json_t *run = json_pack("{so sb sf ss}", "names", names, "is_demo",
                            facts->is_demo, "temperature", facts->temperature,
                            "made_by", "expclip " EXPCLIP_VERSION);
    const time_t now = time(NULL);
    struct tm utc;
    char text[64];

    for (size_t i = 0; i < v->n_classes; i++)
        json_array_append_new(names, json_line_string(v->names[i]));
    add_text(run, "model", facts->model);
    add_text(run, "fingerprint", facts->fingerprint);
    add_text(run, "head", facts->head);
    add_text(run, "preprocess", facts->preprocess);
    add_text(run, "dtype", facts->dtype);
    add_text(run, "prompts", facts->prompts);
    add_text(run, "pooling", facts->pooling);
    if (gmtime_r(&now, &utc) &&
        strftime(text, sizeof(text), "%Y-%m-%d %H:%M UTC", &utc))
        add_text(run, "made_on", text);
    return run;
}

const char *sheet_begin(FILE *f, const score_view *v, const sheet_facts *facts)
{
    const page_files files = { page_sheet_html, page_sheet_style,
                               page_sheet_script };
    json_t *run = make_facts(v, facts);
    const page_data data = { "facts", run };
    const char *rest = page_print(f, &files, files.html, &data, 1);

    json_decref(run);
    return rest;
}

static void add_scores(json_t *item, const score_view *v, const score_result *r)
{
    const size_t n = v->top && v->top < v->n_classes ? v->top : v->n_classes;
    json_t *shown = json_array();
    json_t *probabilities = json_array();

    for (size_t i = 0; i < n; i++)
        json_array_append_new(
            shown, json_integer(v->top ? r->order[i] : (json_int_t)i));
    for (size_t i = 0; i < v->n_classes; i++)
        json_array_append_new(probabilities,
                              json_real((double)r->probabilities[i]));
    json_object_set_new(item, "best", json_integer(r->order[0]));
    json_object_set_new(item, "shown", shown);
    json_object_set_new(item, "probabilities", probabilities);
}

/**
 * The box as a browser shows the image: it knows of EXIF, but not of the
 * further turn in which a face was found.
 */
static json_t *make_box(const expclip_face *face, const found_faces *found)
{
    const double w = (double)found->width, h = (double)found->height;
    const double x = (double)face->x, y = (double)face->y;
    const double wide = (double)face->width, high = (double)face->height;

    if (found->turn == 90)
        return json_pack("[f, f, f, f]", y, w - x - wide, high, wide);
    if (found->turn == 180)
        return json_pack("[f, f, f, f]", w - x - wide, h - y - high, wide,
                         high);
    if (found->turn == 270)
        return json_pack("[f, f, f, f]", h - y - high, x, high, wide);
    return json_pack("[f, f, f, f]", x, y, wide, high);
}

void sheet_add(json_t *results, const score_view *v, const score_result *r)
{
    json_t *result = json_object();

    if (r->status) {
        add_text(result, "status", expclip_status_name(r->status));
        add_text(result, "message", input_reason(r->input, r->message));
    } else {
        add_scores(result, v, r);
    }
    if (r->found && r->face >= 0)
        json_object_set_new(result, "box",
                            make_box(&r->found->faces[r->face], r->found));
    json_array_append_new(results, result);
}

/** Could it be decoded, with a face or without? */
static int is_readable(const found_faces *found, const json_t *results)
{
    return found->width ||
           !json_object_get(json_array_get(results, 0), "message");
}

void sheet_item(FILE *f, const input *in, const found_faces *found,
                json_t *results)
{
    const int sideways = found->turn % 180 != 0;
    char *address = is_readable(found, results) ? read_address(in->path) : NULL;
    json_t *item = json_object();

    add_text(item, "path", in->path);
    add_text(item, "image", address);
    if (found->width)
        json_object_set_new(item, "size",
                            json_pack("[i, i]",
                                      sideways ? found->height : found->width,
                                      sideways ? found->width : found->height));
    json_object_set_new(item, "results", results);
    fputs(",\n", f);
    page_json(f, item);
    json_decref(item);
    free(address);
}

void sheet_end(FILE *f, const char *rest)
{
    const page_files files = { page_sheet_html, page_sheet_style,
                               page_sheet_script };

    page_print(f, &files, rest, NULL, 0);
}
