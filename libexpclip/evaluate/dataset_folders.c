/* SPDX-License-Identifier: MIT */
/*
 * dataset_folders.c - what is in a folder, and folders that are classes.
 */
#define _GNU_SOURCE
#include "evaluate/dataset_folders.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/text.h"
#include "evaluate/dataset_layouts.h"
#include "expression/prompt_tables.h"

/* ---- names ---- */

/* ASCII only: no locale. */
static int ends_in(const char *name, const char *ending)
{
    const size_t size = strlen(name), n = strlen(ending);

    for (size_t i = 0; i < n; i++) {
        char c = size > n ? name[size - n + i] : '\0';

        if (c >= 'A' && c <= 'Z')
            c = (char)(c - 'A' + 'a');
        if (c != ending[i])
            return 0;
    }
    return 1;
}

static int ends_in_one(const char *name, const char *const *endings)
{
    for (; *endings; endings++)
        if (ends_in(name, *endings))
            return 1;
    return 0;
}

int expclip__is_picture_name(const char *name)
{
    static const char *const endings[] = { ".jpg", ".jpeg", ".png", ".bmp",
                                           NULL };

    return ends_in_one(name, endings);
}

int expclip__is_video_name(const char *name)
{
    static const char *const endings[] = { ".mp4", ".mkv", ".webm", ".avi",
                                           ".mov", ".m4v", ".ts",   NULL };

    return ends_in_one(name, endings);
}

/* ---- listing ---- */

static expclip_status add_name(expclip__entries *e, const char *name,
                               expclip_error *err)
{
    if (e->n == e->capacity) {
        const size_t wanted = e->n ? 2 * e->n : 64;
        char **grown = expclip__realloc(e->names, wanted, sizeof(*grown));

        if (!grown)
            return expclip__fail_memory(err, "names in a folder");
        e->names = grown;
        e->capacity = wanted;
    }
    e->names[e->n] = expclip__strdup(name);
    if (!e->names[e->n])
        return expclip__fail_memory(err, "names in a folder");
    e->n++;
    return EXPCLIP_OK;
}

static expclip_status fail_system(expclip_error *err, const char *folder,
                                  int code)
{
    char buffer[128];

    return expclip__fail(
        err, code == ENOENT ? EXPCLIP_ERROR_NOT_FOUND : EXPCLIP_ERROR_IO,
        "%s: cannot list: %s", folder,
        strerror_r(code, buffer, sizeof(buffer)));
}

static int by_bytes(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

expclip_status expclip__entries_list(expclip__entries *out, const char *folder,
                                     int (*keep)(const char *name),
                                     expclip_error *err)
{
    expclip__entries e = { 0 };
    expclip_status status = EXPCLIP_OK;
    struct dirent *entry;
    DIR *d = opendir(folder);

    if (!d)
        return fail_system(err, folder, errno);
    /* The null pointer of an error is told from the end's by errno. */
    while (!status && (errno = 0, entry = readdir(d)))
        if (entry->d_name[0] != '.' && (!keep || keep(entry->d_name)))
            status = add_name(&e, entry->d_name, err);
    if (!status && errno)
        status = fail_system(err, folder, errno);
    closedir(d);
    if (status) {
        expclip__entries_free(&e);
        return status;
    }
    if (e.n)
        qsort(e.names, e.n, sizeof(*e.names), by_bytes);
    *out = e;
    return EXPCLIP_OK;
}

void expclip__entries_free(expclip__entries *entries)
{
    for (size_t i = 0; i < entries->n; i++)
        expclip__free(entries->names[i]);
    expclip__free(entries->names);
    memset(entries, 0, sizeof(*entries));
}

/* ---- one class ---- */

/* A picture by its name alone, so that a broken link is found missing later; a
 * clip is a video file or a folder. */
static int is_wanted(const char *path, int kinds, int64_t *n_frames)
{
    if (expclip__is_picture_name(path)) {
        *n_frames = 0;
        return kinds & EXPCLIP__PICTURES;
    }
    *n_frames = -1;
    return (kinds & EXPCLIP__CLIPS) &&
           (expclip__is_video_name(path) ||
            expclip__path_kind(path) == EXPCLIP__FOLDER);
}

static expclip_status add_entry(expclip__builder *b, const char *folder,
                                const char *name, int32_t label, int kinds,
                                expclip_error *err)
{
    expclip__item item = { .path = expclip__path_join(folder, name),
                           .label = label,
                           .list = -1 };

    if (!item.path)
        return expclip__fail_memory(err, "path");
    if (is_wanted(item.path, kinds, &item.n_frames))
        return expclip__add_item(b, &item, err);
    expclip__free(item.path);
    return EXPCLIP_OK;
}

static expclip_status add_class_folder(expclip__builder *b, const char *folder,
                                       const char *name, int32_t label,
                                       int kinds, expclip_error *err)
{
    expclip__entries entries = { 0 };
    char *path = expclip__path_join(folder, name);
    expclip_status status =
        path ? expclip__entries_list(&entries, path, NULL, err)
             : expclip__fail_memory(err, "path");

    for (size_t i = 0; !status && i < entries.n; i++)
        status = add_entry(b, path, entries.names[i], label, kinds, err);
    expclip__entries_free(&entries);
    expclip__free(path);
    return status;
}

/* ---- the folders of a folder ---- */

/* Keep the folders only. */
static expclip_status list_folders(expclip__entries *out, const char *folder,
                                   expclip_error *err)
{
    expclip__entries e = { 0 };
    size_t n = 0;
    expclip_status status = expclip__entries_list(&e, folder, NULL, err);

    for (size_t i = 0; !status && i < e.n; i++) {
        char *path = expclip__path_join(folder, e.names[i]);

        if (!path)
            status = expclip__fail_memory(err, "path");
        else if (expclip__path_kind(path) == EXPCLIP__FOLDER) {
            char *name = e.names[n];
            e.names[n++] = e.names[i];
            e.names[i] = name;
        }
        expclip__free(path);
    }
    if (status) {
        expclip__entries_free(&e);
        return status;
    }
    while (e.n > n)
        expclip__free(e.names[--e.n]);
    *out = e;
    return EXPCLIP_OK;
}

/* A class's name, or where there are codes one of these. */
static expclip_status read_folder_name(int32_t *label, expclip__builder *b,
                                       char *name, const char *folder,
                                       expclip_error *err)
{
    expclip__field field = { name, strlen(name) };
    expclip_error why;
    expclip_status status;

    if (b->known->n_codes && name[0] >= '0' && name[0] <= '9')
        status = expclip__read_code(label, b, &field, &why);
    else
        status = expclip__read_class(label, b, &field, &why);
    if (!status)
        return EXPCLIP_OK;
    *label = EXPCLIP__DROPPED;
    expclip__fail(&why, why.code, "%s: folder: %s", folder, why.message);
    return expclip__add_problem(b, -1, 0, &why, err);
}

expclip_status expclip__add_class_folders(expclip__builder *b,
                                          const char *folder, int kinds,
                                          expclip_error *err)
{
    expclip__entries entries = { 0 };
    expclip_status status = list_folders(&entries, folder, err);

    for (size_t i = 0; !status && i < entries.n; i++) {
        int32_t label = EXPCLIP__DROPPED;

        status = read_folder_name(&label, b, entries.names[i], folder, err);
        if (!status && label != EXPCLIP__DROPPED)
            status = add_class_folder(b, folder, entries.names[i], label, kinds,
                                      err);
    }
    expclip__entries_free(&entries);
    return status;
}

/* ---- the data set "folder" ---- */

/* Number the classes: those of the paper in its order, then the others in
 * theirs. labels[i] is of folder i. */
static expclip_status number_classes(expclip__builder *b, int32_t *labels,
                                     const expclip__entries *e,
                                     expclip_error *err)
{
    expclip_status status = EXPCLIP_OK;

    for (int32_t c = 0; !status && c < EXPCLIP__N_CLASSES; c++) {
        const int32_t label = (int32_t)b->dataset->n_classes;
        int found = 0;

        for (size_t i = 0; i < e->n; i++)
            if (expclip__class_of_name(e->names[i], strlen(e->names[i])) == c) {
                labels[i] = label;
                found = 1;
            }
        if (found)
            status = expclip__add_class(b, expclip__class_names[c], err);
    }
    for (size_t i = 0; !status && i < e->n; i++)
        if (labels[i] < 0) {
            labels[i] = (int32_t)b->dataset->n_classes;
            status = expclip__add_class(b, e->names[i], err);
        }
    return status;
}

expclip_status expclip__read_folder(expclip__builder *b, expclip_error *err)
{
    expclip__entries e = { 0 };
    int32_t *labels = NULL;
    expclip_status status = list_folders(&e, b->path, err);

    if (status)
        return status;
    if (e.n == 0) {
        status = expclip__fail_part(err, b, "folder, expected one a class");
        goto done;
    }
    labels = expclip__alloc(e.n, sizeof(*labels));
    if (!labels) {
        status = expclip__fail_memory(err, "classes of a data set");
        goto done;
    }
    for (size_t i = 0; i < e.n; i++)
        labels[i] = -1;
    status = number_classes(b, labels, &e, err);
    for (size_t i = 0; !status && i < e.n; i++)
        status = add_class_folder(b, b->path, e.names[i], labels[i],
                                  EXPCLIP__PICTURES | EXPCLIP__CLIPS, err);
done:
    expclip__free(labels);
    expclip__entries_free(&e);
    return status;
}
