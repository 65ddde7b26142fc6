/* SPDX-License-Identifier: MIT */
/*
 * inputs.c - the images that a command line names, in order.
 */
#define _GNU_SOURCE
#include "inputs/inputs.h"

#include <dirent.h>
#include <errno.h>
#include <expclip_tools.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "terminal/failure.h"
#include "shared/formats.h"
#include "shared/left_out.h"
#include "inputs/lines.h"
#include "terminal/console.h"
#include "terminal/memory.h"
#include "terminal/stop.h"
#include "views/outfile.h"

/* All paths are in memory, about 200 bytes each: a list without an end must
 * end. */
enum { MOST_ITEMS = 1 << 24 };

static const char too_many[] =
    "more than 16777216 images in one call: split the list";

/* ------------------------------------------------------------------------
 * Boxes
 */

/** Read one number and the comma or the end behind it. */
static int take_number(const char **text, double min, double max, double *out)
{
    char *end = NULL;

    *out = strtod(*text, &end);
    if (end == *text || !(*out >= min && *out <= max) || (*end && *end != ','))
        return 0;
    *text = *end ? end + 1 : end;
    return 1;
}

int face_box_parse(face_box *out, const char *text)
{
    double n[4];
    double margin = 0;

    for (int i = 0; i < 4; i++)
        if (!take_number(&text, i < 2 ? INT32_MIN : 1, INT32_MAX, &n[i]) ||
            n[i] != (double)(int32_t)n[i] || (i < 3 && !*text))
            return 0;
    if (text[-1] == ',' || *text)
        if (!take_number(&text, 0, 1, &margin) || text[-1] == ',' || *text)
            return 0;
    *out = (face_box){ (int32_t)n[0], (int32_t)n[1], (int32_t)n[2],
                       (int32_t)n[3], (float)margin };
    return 1;
}

/* ------------------------------------------------------------------------
 * The growing list
 */

static input *add(inputs *in, char *path)
{
    if (in->n == in->capacity) {
        in->capacity = in->capacity ? in->capacity * 2 : 64;
        in->items = memory_resize(in->items, in->capacity, sizeof(input));
    }
    memset(&in->items[in->n], 0, sizeof(input));
    in->items[in->n].path = path;
    outfile_protect(path);
    return &in->items[in->n++];
}

static void add_problem(inputs *in, const char *path, expclip_status status,
                        const char *problem)
{
    input *item = add(in, memory_text("%s", path));

    item->status = status;
    item->problem = memory_text("%s", problem);
}

void inputs_free(inputs *in)
{
    for (size_t i = 0; i < in->n; i++) {
        free(in->items[i].path);
        free(in->items[i].problem);
    }
    free(in->items);
}

/* ------------------------------------------------------------------------
 * Folders
 */

/** By its ending, else by its first bytes. */
static int is_image(const char *path, const char *name)
{
    uint8_t bytes[EXPCLIP__FORMAT_BYTES];

    return expclip__is_image_name(name) ||
           expclip_image_probe(bytes, expclip__format_bytes(bytes, path)) > 0;
}

static int is_shown(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

/** A folder itself; links to folders are not followed, so nothing loops. */
static int is_folder(const char *path)
{
    struct stat st;

    return lstat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static void add_folder(inputs *in, const char *folder, int32_t recursive,
                       expclip__left_out *left)
{
    const size_t size = strlen(folder);
    const char *slash = size && folder[size - 1] == '/' ? "" : "/";
    struct dirent **entries = NULL;
    const int n = scandir(folder, &entries, is_shown, versionsort);

    if (n < 0) {
        const int cause = errno;
        add_problem(in, folder, EXPCLIP_ERROR_IO, strerror(cause));
        return;
    }
    for (int i = 0; i < n; i++) {
        char *path = memory_text("%s%s%s", folder, slash, entries[i]->d_name);
        if (is_folder(path)) {
            if (recursive && !stop_wanted())
                add_folder(in, path, 1, left);
            free(path);
        } else if (is_image(path, entries[i]->d_name)) {
            add(in, path);
        } else {
            expclip__left_out_count(left, path, entries[i]->d_name);
            free(path);
        }
        free(entries[i]);
    }
    free(entries);
}

/** Say how many of each there are. Texts beside images are no news. */
static void tell_left_out(const expclip__left_out *left, const char *folder,
                          int is_empty)
{
    const int which =
        EXPCLIP__LEFT_FILES | (is_empty ? EXPCLIP__LEFT_TEXTS : 0);
    char text[640];

    if (expclip__left_out_text(text, sizeof(text), left, which))
        console_error(
            "note: %s: left out: %s (not images of a type that is read)",
            folder, text);
}

static void add_operand_folder(inputs *in, const char *folder,
                               int32_t recursive)
{
    const size_t before = in->n;
    expclip__left_out left = { 0 };

    add_folder(in, folder, recursive, &left);
    tell_left_out(&left, folder, in->n == before);
    if (in->n == before)
        add_problem(in, folder, EXPCLIP_ERROR_NOT_FOUND,
                    recursive ? "the folder and those in it hold no image"
                                " that is read, such as .jpg, .png or .bmp"
                              : "the folder holds no image that is read, such"
                                " as .jpg, .png or .bmp (--recursive looks"
                                " deeper)");
}

/* ------------------------------------------------------------------------
 * Lists
 */

/** Take one line: "path" or "path<TAB>x,y,w,h[,margin]". */
static void add_line(inputs *in, const lines *l)
{
    char *line = l->text;
    const size_t size = l->size;
    const int has_nul = size && memchr(line, '\0', size) != NULL;
    char *tab;
    input *item;

    if (size == 0)
        return;
    tab = strchr(line, '\t');
    if (tab)
        *tab = '\0';
    item = add(in, memory_text("%s", line));
    item->list = l->name;
    item->line = l->number;
    if (has_nul || size > PATH_MAX) {
        item->status = EXPCLIP_ERROR_FORMAT;
        item->problem = memory_text(
            has_nul ? "the line holds a NUL byte: is this a list of paths?"
                    : "the line is longer than a path can be");
    } else if (tab && !face_box_parse(&item->box, tab + 1)) {
        item->status = EXPCLIP_ERROR_FORMAT;
        item->problem = memory_text(
            "after the tab: found \"%s\", expected a box x,y,w,h[,margin]",
            tab + 1);
    }
}

/** What made a list end early is the problem of an item of its own, so that
 * what came before it is done and the exit code tells. */
static void add_failure(inputs *in, const lines *l)
{
    char *place = l->number ? memory_text("%s:%zu", l->name, l->number)
                            : memory_text("%s", l->name);

    add_problem(in, place, l->status, l->problem);
    free(place);
}

/** Takes `l`, whose name outlives `in`. */
static void add_list(inputs *in, lines *l)
{
    const size_t before = in->n;

    while (in->n < MOST_ITEMS && lines_next(l))
        add_line(in, l);
    if (in->n == MOST_ITEMS && !l->status)
        add_problem(in, l->name, EXPCLIP_ERROR_LIMIT, too_many);
    else if (l->status)
        add_failure(in, l);
    else if (in->n == before && !stop_wanted())
        add_problem(in, l->name, EXPCLIP_ERROR_NOT_FOUND, "the list is empty");
    lines_close(l);
}

static void add_list_file(inputs *in, const char *path)
{
    lines l;

    lines_open(&l, path);
    add_list(in, &l);
}

static void add_list_stdin(inputs *in)
{
    lines l;

    lines_open_stdin(&l);
    add_list(in, &l);
}

/* ------------------------------------------------------------------------
 * Operands
 */

int inputs_collect(inputs *out, int n_operands, char **operands,
                   int32_t recursive)
{
    struct stat st;

    memset(out, 0, sizeof(*out));
    for (int i = 0; i < n_operands; i++) {
        if (strcmp(operands[i], "-") == 0)
            add_list_stdin(out);
        else if (stat(operands[i], &st) == 0 && S_ISDIR(st.st_mode))
            add_operand_folder(out, operands[i], recursive);
        else if (expclip__ends_in(operands[i], ".txt") ||
                 expclip__ends_in(operands[i], ".list"))
            add_list_file(out, operands[i]);
        else
            add(out, memory_text("%s", operands[i]));
    }
    if (!stop_wanted())
        return 0;
    console_error("stopped while the inputs were listed, %zu so far", out->n);
    return EXIT_RESOURCES;
}

const char *input_reason(const input *in, const char *message)
{
    const size_t n = strlen(in->path);

    if (strncmp(message, in->path, n) == 0 &&
        strncmp(message + n, ": ", 2) == 0)
        return message + n + 2;
    return message;
}

void input_report(const input *in, expclip_status status, const char *message)
{
    const char *reason = input_reason(in, message);

    if (in->list)
        console_error("%s:%zu: %s: %s (%s)", in->list, in->line, in->path,
                      reason, expclip_status_name(status));
    else
        console_error("%s: %s (%s)", in->path, reason,
                      expclip_status_name(status));
}
