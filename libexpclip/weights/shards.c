/* SPDX-License-Identifier: MIT */
/*
 * shards.c - an index that says in which file each tensor is.
 *
 *     {"metadata": {...}, "weight_map": {"tensor": "file", ...}}
 *
 * The file names come from a stranger: only plain names in the index's own
 * folder are opened, or what the Hugging Face cache links them to.
 */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/text.h"
#include "weights/json_scan.h"
#include "weights/set.h"
#include "weights/weights.h"

#define MAX_INDEX (16u << 20)
#define MAX_SHARDS 512 /* all are open at the same time */
#define MAX_NAMED 10   /* tensors in a message */

/* ---- opening ---- */

/* Is `path` below the folder `folder`, followed by `below`? Both resolved. */
static int lies_in(const char *path, const char *folder, const char *below)
{
    char *outer = expclip__path_join(folder, below);
    char *real = outer ? realpath(outer, NULL) : NULL;
    int inside = 0;

    if (real) {
        const size_t n = strlen(real);

        inside = strncmp(path, real, n) == 0 && path[n] == '/';
    }
    free(real); /* the C library's memory */
    expclip__free(outer);
    return inside;
}

/*
 * A link may lead to a file of the same folder, or from a snapshot of the
 * Hugging Face cache to its blobs (models--x/snapshots/<commit>/name ->
 * ../../blobs/<hash>).
 */
static expclip_status check_link(const char *folder, const char *name,
                                 expclip_error *err)
{
    char *path = expclip__path_join(folder, name), *real = NULL;
    struct stat s;
    expclip_status status = EXPCLIP_OK;

    if (!path) {
        status = expclip__fail_memory(err, "path");
    } else if (lstat(path, &s) == 0 && S_ISLNK(s.st_mode)) {
        real = realpath(path, NULL);
        if (real && !lies_in(real, folder, "") &&
            !lies_in(real, folder, "../../blobs"))
            status = expclip__fail(err, EXPCLIP_ERROR_UNSAFE,
                                   "%s: links to %s, outside its folder", path,
                                   real);
    }
    free(real);
    expclip__free(path);
    return status;
}

static expclip_status open_shard(expclip__weights *ws, const char *name,
                                 expclip_error *err)
{
    expclip__file file;
    expclip_status status;

    if ((status = expclip__check_file_name(name, err)) ||
        (status = check_link(ws->folder, name, err)) ||
        (status = expclip__file_open_beside(&file, ws->folder, name, err)))
        return status;
    return expclip__set_read_source(ws, &file, err);
}

/* ---- the map ---- */

/* One line of the map. */
typedef struct line {
    char *tensor;
    size_t file; /* number in `files` */
} line;

typedef struct map {
    line *lines;
    size_t n_lines;
    char *files[MAX_SHARDS];
    size_t n_files;
} map;

static void free_map(map *m)
{
    if (!m)
        return;
    for (size_t i = 0; i < m->n_lines; i++)
        expclip__free(m->lines[i].tensor);
    for (size_t i = 0; i < m->n_files; i++)
        expclip__free(m->files[i]);
    expclip__free(m->lines);
    expclip__free(m);
}

/* The number of a file, a new one when it was not there. */
static expclip_status find_file(map *m, const char *name, size_t *out,
                                expclip_error *err)
{
    for (*out = 0; *out < m->n_files; ++*out)
        if (strcmp(m->files[*out], name) == 0)
            return EXPCLIP_OK;
    if (m->n_files == MAX_SHARDS)
        return expclip__fail(err, EXPCLIP_ERROR_LIMIT, "more than %d files",
                             MAX_SHARDS);
    m->files[m->n_files] = expclip__strdup(name);
    if (!m->files[m->n_files])
        return expclip__fail_memory(err, "index");
    m->n_files++;
    return EXPCLIP_OK;
}

static expclip_status grow(map *m, expclip_error *err)
{
    line *grown;

    if (m->n_lines == EXPCLIP__MAX_TENSORS)
        return expclip__fail(err, EXPCLIP_ERROR_LIMIT, "more than %d tensors",
                             EXPCLIP__MAX_TENSORS);
    grown = expclip__grown(m->lines, m->n_lines, sizeof(*grown));
    if (!grown)
        return expclip__fail_memory(err, "index");
    m->lines = grown;
    return EXPCLIP_OK;
}

/* "tensor": "file" */
static expclip_status read_line(map *m, expclip__json *j, expclip_error *err)
{
    expclip_status status = grow(m, err);
    line *new = m->lines + m->n_lines;
    const char *file;

    if (status)
        return status;
    new->tensor = expclip__strdup(expclip__json_key(j));
    if (!new->tensor)
        return expclip__fail_memory(err, "index");
    m->n_lines++;
    file = expclip__json_string(j);
    return j->why ? EXPCLIP_OK : find_file(m, file, &new->file, err);
}

static expclip_status read_object(map *m, expclip__json *j, expclip_error *err)
{
    int seen = 0;
    expclip_status status = EXPCLIP_OK;

    expclip__json_open(j, '{');
    while (!status && expclip__json_more(j, '}')) {
        if (strcmp(expclip__json_key(j), "weight_map") != 0) {
            expclip__json_skip(j);
            continue;
        }
        if (seen++)
            expclip__json_fail(j, "weight_map is there twice");
        expclip__json_open(j, '{');
        while (!status && expclip__json_more(j, '}'))
            status = read_line(m, j, err);
    }
    if (!status)
        expclip__json_end(j);
    if (!status && j->why)
        status = expclip__fail(
            err, j->word.failed ? EXPCLIP_ERROR_MEMORY : EXPCLIP_ERROR_FORMAT,
            "byte %zu: %s", j->at, j->why);
    if (!status && m->n_lines == 0)
        status = expclip__fail(err, EXPCLIP_ERROR_FORMAT,
                               "no weight_map, or an empty one, expected an "
                               "index of shards; if a download left it, fetch "
                               "the weights anew");
    return status;
}

static expclip_status read_map(map *m, const char *path, expclip_error *err)
{
    expclip__json j = { 0 };
    uint8_t *text;
    expclip_status status =
        expclip__read_file(&text, &j.size, path, MAX_INDEX, err);

    if (status)
        return status;
    j.text = (const char *)text;
    status = read_object(m, &j, err);
    expclip__buffer_free(&j.word);
    expclip__free(text);
    return status;
}

/* ---- comparing ---- */

/* Up to MAX_NAMED names, and how many there are. */
typedef struct names {
    expclip__buffer text;
    size_t n;
} names;

static void add_name(names *list, const char *name)
{
    if (list->n++ < MAX_NAMED)
        expclip__buffer_add_format(&list->text, "%s\"%s\"",
                                   list->n > 1 ? ", " : "", name);
}

static expclip_status fail_names(names *list, const char *what,
                                 expclip_error *err)
{
    expclip_status status = EXPCLIP_OK;

    if (list->text.failed)
        status = expclip__fail_memory(err, "index");
    else if (list->n > 0)
        status = expclip__fail(err, EXPCLIP_ERROR_SHAPE, "%zu tensors %s: %s",
                               list->n, what, list->text.data);
    expclip__buffer_free(&list->text);
    return status;
}

/* Every tensor of the map must be in its file; marks it in `named`. */
static expclip_status check_lines(const expclip__weights *ws, const map *m,
                                  unsigned char *named, expclip_error *err)
{
    names missing = { 0 };

    for (size_t i = 0; i < m->n_lines; i++) {
        const expclip__weight *w =
            expclip__weights_find(ws, m->lines[i].tensor);

        if (!w || (size_t)w->source != m->lines[i].file) {
            add_name(&missing, m->lines[i].tensor);
        } else if (named[w - ws->tensors]++) {
            expclip__buffer_free(&missing.text);
            return expclip__fail(err, EXPCLIP_ERROR_FORMAT,
                                 "tensor \"%s\": there twice", w->name);
        }
    }
    return fail_names(&missing, "are not in the file that the index says", err);
}

/* And no other one. */
static expclip_status compare(const expclip__weights *ws, const map *m,
                              expclip_error *err)
{
    unsigned char *named = expclip__alloc_zero(ws->n_tensors, 1);
    names extra = { 0 };
    expclip_status status;

    if (!named)
        return expclip__fail_memory(err, "index");
    status = check_lines(ws, m, named, err);
    if (!status) {
        for (size_t i = 0; i < ws->n_tensors; i++)
            if (!named[i])
                add_name(&extra, ws->tensors[i].name);
        status = fail_names(&extra, "are in a file but not in the index", err);
    }
    expclip__free(named);
    return status;
}

expclip_status expclip__shards_read(expclip__weights *ws, const char *path,
                                    expclip_error *err)
{
    map *m = expclip__alloc_zero(1, sizeof(*m));
    expclip_error why;
    expclip_status status;

    if (!m)
        return expclip__fail_memory(err, "index");
    status = read_map(m, path, &why);
    for (size_t i = 0; !status && i < m->n_files; i++)
        status = open_shard(ws, m->files[i], &why);
    if (!status)
        status = compare(ws, m, &why);
    if (status)
        status = expclip__fail(err, status, "%s: %s", path, why.message);
    else
        ws->format =
            ws->sources[0].archive ? "torch index" : "safetensors index";
    free_map(m);
    return status;
}
