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
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/text.h"
#include "weights/set.h"

#define MAX_INDEX (16u << 20)
#define MAX_SHARDS 512 /* all are open at the same time */
#define MAX_NAMED 10   /* tensors in a message */

/* ---- opening ---- */

/* Is `path` below the folder `folder`, followed by `below`? Both resolved. */
static int lies_in(const char *path, const char *folder, const char *below)
{
    expclip__buffer b = { 0 };
    char *real;
    int inside = 0;

    expclip__buffer_add_format(&b, "%s%s", folder, below);
    real = b.failed ? NULL : realpath(b.data, NULL);
    if (real) {
        const size_t n = strlen(real);

        inside = strncmp(path, real, n) == 0 && path[n] == '/';
    }
    free(real); /* the C library's memory */
    expclip__buffer_free(&b);
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
    expclip__buffer path = { 0 };
    struct stat s;
    char *real = NULL;
    expclip_status status = EXPCLIP_OK;

    expclip__buffer_add_format(&path, "%s/%s", folder, name);
    if (path.failed) {
        status = expclip__fail_memory(err, "path");
    } else if (lstat(path.data, &s) == 0 && S_ISLNK(s.st_mode)) {
        real = realpath(path.data, NULL);
        if (real && !lies_in(real, folder, "") &&
            !lies_in(real, folder, "/../../blobs"))
            status = expclip__fail(err, EXPCLIP_ERROR_UNSAFE,
                                   "%s: links to %s, outside its folder",
                                   path.data, real);
    }
    free(real);
    expclip__buffer_free(&path);
    return status;
}

static expclip_status open_shard(expclip__weights *ws, const char *name,
                                 expclip_error *err)
{
    expclip__file file;
    expclip_status status;

    if (!name[0] || name[0] == '.' || strchr(name, '/'))
        return expclip__fail(err, EXPCLIP_ERROR_UNSAFE,
                             "\"%s\": expected a plain file name", name);
    if ((status = check_link(ws->folder, name, err)) ||
        (status = expclip__file_open_beside(&file, ws->folder, name, err)))
        return status;
    return expclip__set_read_source(ws, &file, err);
}

/* Open each file of the map once; shards: name to source number. */
static expclip_status open_shards(expclip__weights *ws, json_t *shards,
                                  json_t *map, expclip_error *err)
{
    const char *tensor;
    json_t *value;

    json_object_foreach (map, tensor, value) {
        const char *name = json_string_value(value);
        const size_t number = ws->n_sources;
        expclip_status status;

        if (!name)
            return expclip__fail(err, EXPCLIP_ERROR_FORMAT,
                                 "tensor \"%s\": its file is not a text",
                                 tensor);
        if (json_object_get(shards, name))
            continue;
        if (number == MAX_SHARDS)
            return expclip__fail(err, EXPCLIP_ERROR_LIMIT, "more than %d files",
                                 MAX_SHARDS);
        status = open_shard(ws, name, err);
        if (status)
            return status;
        if (json_object_set_new(shards, name,
                                json_integer((json_int_t)number)) != 0)
            return expclip__fail_memory(err, "index");
    }
    return EXPCLIP_OK;
}

/* ---- comparing ---- */

/* Up to MAX_NAMED names, then how many there are. */
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

/* Every tensor of the map must be in its file, and no other one. */
static expclip_status compare(const expclip__weights *ws, const json_t *shards,
                              json_t *map, expclip_error *err)
{
    names missing = { 0 }, extra = { 0 };
    const char *name;
    json_t *value;
    expclip_status status;

    json_object_foreach (map, name, value) {
        const json_t *number =
            json_object_get(shards, json_string_value(value));
        const expclip__weight *w = expclip__weights_find(ws, name);

        if (!w || w->source != json_integer_value(number))
            add_name(&missing, name);
    }
    for (size_t i = 0; i < ws->n_tensors; i++)
        if (!json_object_get(map, ws->tensors[i].name))
            add_name(&extra, ws->tensors[i].name);
    status =
        fail_names(&missing, "are not in the file that the index says", err);
    if (status) {
        expclip__buffer_free(&extra.text);
        return status;
    }
    return fail_names(&extra, "are in a file but not in the index", err);
}

/* ---- the index ---- */

static expclip_status read_index(json_t **out, const char *path,
                                 expclip_error *err)
{
    uint8_t *text;
    size_t size;
    json_error_t why;
    expclip_status status =
        expclip__read_file(&text, &size, path, MAX_INDEX, err);

    if (status)
        return status;
    *out = json_loadb((const char *)text, size, JSON_REJECT_DUPLICATES, &why);
    expclip__free(text);
    if (!*out)
        return expclip__fail(err, EXPCLIP_ERROR_FORMAT, "%s: byte %d: %s", path,
                             why.position, why.text);
    return EXPCLIP_OK;
}

static expclip_status read_map(expclip__weights *ws, json_t *map,
                               expclip_error *err)
{
    json_t *shards;
    expclip_status status;

    if (!json_is_object(map) || json_object_size(map) == 0)
        return expclip__fail(err, EXPCLIP_ERROR_FORMAT,
                             "no weight_map, or an empty one");
    if (json_object_size(map) > EXPCLIP__MAX_TENSORS)
        return expclip__fail(err, EXPCLIP_ERROR_LIMIT,
                             "%zu tensors, expected at most %d",
                             json_object_size(map), EXPCLIP__MAX_TENSORS);
    shards = json_object();
    if (!shards)
        return expclip__fail_memory(err, "index");
    if (!(status = open_shards(ws, shards, map, err)))
        status = compare(ws, shards, map, err);
    json_decref(shards);
    return status;
}

expclip_status expclip__shards_read(expclip__weights *ws, const char *path,
                                    expclip_error *err)
{
    json_t *root = NULL;
    expclip_error why;
    expclip_status status = read_index(&root, path, err);

    if (status)
        return status;
    status = read_map(ws, json_object_get(root, "weight_map"), &why);
    if (status)
        status = expclip__fail(err, status, "%s: %s", path, why.message);
    else
        ws->format =
            ws->sources[0].archive ? "torch index" : "safetensors index";
    json_decref(root);
    return status;
}
