/* SPDX-License-Identifier: MIT */
/*
 * dataset_folders.c - folders that are classes.
 */
#define _GNU_SOURCE
#include "datasets/dataset_folders.h"

#include <dirent.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/text.h"
#include "datasets/class_names.h"
#include "datasets/dataset_entries.h"
#include "datasets/dataset_layouts.h"
#include "datasets/dataset_names.h"
#include "datasets/dataset_strays.h"
#include "datasets/dataset_tables.h"
#include "shared/formats.h"

/* ---- one class ---- */

/* A folder of frames has one; what is in the others is looked at by nobody. */
static int has_frame(const char *path)
{
    const struct dirent *entry;
    DIR *d = opendir(path);
    int found = 0;

    while (d && !found && (entry = readdir(d)))
        found =
            entry->d_name[0] != '.' && expclip__is_frame_name(entry->d_name);
    if (d)
        closedir(d);
    return found;
}

/* A "clip" whose name is a class or a split is a folder of a tree that begins
 * one level higher than was said. */
static expclip_status check_level(const expclip__builder *b, const char *folder,
                                  const char *name, expclip_error *err)
{
    if (expclip__class_of_name(name, strlen(name)) < 0 &&
        !expclip__is_split_name(name))
        return EXPCLIP_OK;
    return expclip__fail(err, EXPCLIP_ERROR_FORMAT,
                         "%s: %s: holds the folder \"%s\", which is named like "
                         "a class or a split, expected images or clips; name "
                         "%s as the dataset's folder when the classes lie in "
                         "it",
                         b->known->name, folder, name, folder);
}

/* happy/images/1.jpg: the only folder of a class, which holds its images and
 * would count as one clip. */
static expclip_status check_holder(const expclip__builder *b,
                                   const char *folder,
                                   const expclip__entries *e,
                                   expclip_error *err)
{
    char *path;
    int is_folder;

    if (e->n != 1 || !expclip__is_holder_name(e->names[0]))
        return EXPCLIP_OK;
    path = expclip__path_join(folder, e->names[0]);
    if (!path)
        return expclip__fail_memory(err, "path");
    is_folder = expclip__path_kind(path) == EXPCLIP__FOLDER;
    expclip__free(path);
    if (!is_folder)
        return EXPCLIP_OK;
    return expclip__fail(
        err, EXPCLIP_ERROR_FORMAT,
        "%s: %s: holds the folder \"%s\" only, and it is not "
        "certain whether that is one clip or a class's images; "
        "move its images into %s, or rename it when it is a "
        "clip",
        b->known->name, folder, e->names[0], folder);
}

/* 1 = it is an item, of n_frames; 0 = not. An image by its name alone, so that
 * a broken link is found missing later; a clip is a video file or a folder. */
static expclip_status is_item(int *out, expclip__builder *b, const char *folder,
                              const char *name, const char *path, int kinds,
                              int64_t *n_frames, expclip_error *err)
{
    const int kind = expclip__path_kind(path);
    const char *why = NULL;
    expclip_status status;

    *out = 0;
    *n_frames = 0;
    if (kind != EXPCLIP__FOLDER) {
        const int is_video = expclip__is_video_name(name);

        *n_frames = is_video ? -1 : 0;
        *out = is_video ? (kinds & EXPCLIP__CLIPS) != 0
                        : (kinds & EXPCLIP__IMAGES) &&
                              expclip__is_image_file(path, name);
        if (!*out)
            expclip__leave_out(b, path, name);
        return EXPCLIP_OK;
    }
    *n_frames = -1;
    if (!(why = expclip__stray_folder(path, name)) &&
        (status = check_level(b, folder, name, err)))
        return status;
    if (!why && !(kinds & EXPCLIP__CLIPS))
        why = "a folder, expected an image";
    if (!why && !has_frame(path))
        why = "a folder without an image";
    if (why)
        return expclip__note_stray(b, path, why, err);
    *out = 1;
    return EXPCLIP_OK;
}

static expclip_status add_entry(expclip__builder *b, const char *folder,
                                const char *name, int32_t label, int kinds,
                                expclip_error *err)
{
    expclip__item item = { .path = expclip__path_join(folder, name),
                           .label = label,
                           .list = -1 };
    int is_wanted = 0;
    expclip_status status;

    if (!item.path)
        return expclip__fail_memory(err, "path");
    status = is_item(&is_wanted, b, folder, name, item.path, kinds,
                     &item.n_frames, err);
    if (!status && is_wanted)
        return expclip__add_item(b, &item, err);
    expclip__free(item.path);
    return status;
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

    if (!status)
        status = check_holder(b, path, &entries, err);
    for (size_t i = 0; !status && i < entries.n; i++)
        status = add_entry(b, path, entries.names[i], label, kinds, err);
    expclip__entries_free(&entries);
    expclip__free(path);
    return status;
}

/* ---- the folders of a folder ---- */

/* Is it a folder that may be a class? A stray one is noted. */
static expclip_status is_candidate(int *out, expclip__builder *b,
                                   const char *folder, const char *name,
                                   expclip_error *err)
{
    char *path = expclip__path_join(folder, name);
    expclip_status status = EXPCLIP_OK;
    const char *why;

    *out = 0;
    if (!path)
        return expclip__fail_memory(err, "path");
    if (expclip__path_kind(path) == EXPCLIP__FOLDER) {
        why = expclip__stray_folder(path, name);
        *out = !why;
        if (why)
            status = expclip__note_stray(b, path, why, err);
    }
    expclip__free(path);
    return status;
}

/* Keep the folders only. */
static expclip_status list_folders(expclip__entries *out, expclip__builder *b,
                                   const char *folder, expclip_error *err)
{
    expclip__entries e = { 0 };
    size_t n = 0;
    expclip_status status = expclip__entries_list_all(&e, folder, err);

    for (size_t i = 0; !status && i < e.n; i++) {
        int kept = 0;

        status = is_candidate(&kept, b, folder, e.names[i], err);
        if (!status && kept) {
            char *name = e.names[n];
            e.names[n++] = e.names[i];
            e.names[i] = name;
        }
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

/* Say what a name was read as, when it is not that name. */
static expclip_status note_reading(expclip__builder *b, const char *folder,
                                   const char *name,
                                   const expclip__class_name *c,
                                   expclip_error *err)
{
    if (!c->is_numbered && !c->is_told)
        return EXPCLIP_OK;
    if (c->known >= 0)
        return expclip__add_note(b, EXPCLIP__NOTE_READ_AS, err,
                                 "%s/%s: read as %s", folder, name,
                                 expclip__class_names[c->known]);
    return expclip__add_note(b, EXPCLIP__NOTE_READ_AS, err,
                             "%s/%s: read as %.*s", folder, name,
                             (int)c->text.size, c->text.text);
}

/* A class's name, or where there are codes one of these. */
static expclip_status read_folder_name(int32_t *label, expclip__builder *b,
                                       char *name, const char *folder,
                                       expclip_error *err)
{
    expclip__field field = { name, strlen(name) };
    expclip__class_name said;
    expclip_error why;
    expclip_status status;

    if (b->known->n_codes && strspn(name, "0123456789") == field.size) {
        status = expclip__read_code(label, b, &field, &why);
    } else {
        status = expclip__read_class_name(&said, b, name, &why);
        if (!status)
            status = expclip__read_class(label, b, &said.text, &why);
        if (!status)
            return note_reading(b, folder, name, &said, err);
    }
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
    expclip_status status = list_folders(&entries, b, folder, err);

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

/* ---- the dataset "folder" ---- */

/* The folders of the dataset, and what each is. */
typedef struct class_tree {
    expclip__entries folders;
    expclip__class_name *classes; /* [folders.n] */
    int32_t *labels;              /* [folders.n], -1 = it holds no item */
} class_tree;

static int is_told(const expclip__builder *b, const char *name)
{
    const expclip__field field = { (char *)(uintptr_t)name, strlen(name) };
    expclip__class_name told;

    return expclip__labels_find(&told, b->options->labels, &field);
}

/* Classes called train and test are parts: say which folder to name. */
static expclip_status check_splits(const expclip__builder *b,
                                   const expclip__entries *e,
                                   expclip_error *err)
{
    const char *found = NULL;

    for (size_t i = 0; i < e->n; i++) {
        char *path = expclip__path_join(b->path, e->names[i]);
        const int is_split = expclip__is_split_name(e->names[i]) && path &&
                             !is_told(b, e->names[i]) &&
                             expclip__has_entries(path);

        expclip__free(path);
        if (!path)
            return expclip__fail_memory(err, "path");
        if (is_split && (!found || strcmp(e->names[i], "test") == 0))
            found = e->names[i];
    }
    if (!found)
        return EXPCLIP_OK;
    return expclip__fail(
        err, EXPCLIP_ERROR_FORMAT,
        "%s: %s: the folder \"%s\" is named like a split, "
        "expected one folder per class; name %s/%s instead of %s",
        b->known->name, b->path, found, b->path, found, b->path);
}

/* Images beside the class folders are of no class: say so. */
static expclip_status note_loose(expclip__builder *b, expclip_error *err)
{
    expclip__entries e = { 0 };
    size_t n = 0;
    expclip_status status = expclip__entries_list(&e, b->path, NULL, err);

    for (size_t i = 0; !status && i < e.n; i++) {
        char *path = expclip__path_join(b->path, e.names[i]);

        if (!path)
            status = expclip__fail_memory(err, "path");
        else
            n += expclip__path_kind(path) == EXPCLIP__FILE &&
                 (expclip__is_video_name(e.names[i]) ||
                  expclip__is_image_file(path, e.names[i]));
        expclip__free(path);
    }
    if (!status && n)
        status = expclip__add_note(b, EXPCLIP__NOTE_LEFT_OUT, err,
                                   "%s: left out: %zu images or videos beside "
                                   "the folders of the classes",
                                   b->path, n);
    expclip__entries_free(&e);
    return status;
}

/* Add the items, labelled by their folder for now. */
static expclip_status add_folders(expclip__builder *b, class_tree *t,
                                  expclip_error *err)
{
    expclip_status status = EXPCLIP_OK;

    for (size_t i = 0; !status && i < t->folders.n; i++) {
        const char *name = t->folders.names[i];
        const size_t before = b->dataset->n_items;

        t->labels[i] = -1;
        status = add_class_folder(b, b->path, name, (int32_t)i,
                                  EXPCLIP__IMAGES | EXPCLIP__CLIPS, err);
        if (!status && b->dataset->n_items > before)
            t->labels[i] = 0;
        else if (!status)
            status = expclip__add_note(b, EXPCLIP__NOTE_LEFT_OUT, err,
                                       "%s/%s: left out: a folder without an "
                                       "image",
                                       b->path, name);
    }
    return status;
}

/* Are two folders one class? One of the paper's has several names. */
static int same_class(const expclip__class_name *a,
                      const expclip__class_name *b)
{
    if (a->known >= 0 || b->known >= 0)
        return a->known == b->known;
    return a->text.size == b->text.size &&
           memcmp(a->text.text, b->text.text, a->text.size) == 0;
}

/* 0_happy and 1_happiness were two classes to whoever numbered them. */
static expclip_status check_numbers(const expclip__builder *b,
                                    const class_tree *t, size_t i,
                                    expclip_error *err)
{
    for (size_t k = 0; k < i; k++)
        if (t->labels[k] >= 0 && same_class(&t->classes[k], &t->classes[i]) &&
            (t->classes[k].is_numbered || t->classes[i].is_numbered))
            return expclip__fail(
                err, EXPCLIP_ERROR_FORMAT,
                "%s: %s: the folders \"%s\" and \"%s\" are "
                "both %s by their names, and it is not certain "
                "which class each is; rename one, or tell both "
                "with labels",
                b->known->name, b->path, t->folders.names[k],
                t->folders.names[i], expclip__class_names[t->classes[i].known]);
    return EXPCLIP_OK;
}

/* What the folders with items are called. */
static expclip_status read_names(expclip__builder *b, class_tree *t,
                                 expclip_error *err)
{
    const char *const *names = (const char *const *)t->folders.names;
    expclip_status status = EXPCLIP_OK;

    for (size_t i = 0; !status && i < t->folders.n; i++) {
        if (t->labels[i] < 0)
            continue;
        status = expclip__read_class_name(&t->classes[i], b, names[i], err);
        if (!status)
            status = check_numbers(b, t, i, err);
        if (!status)
            status = note_reading(b, b->path, names[i], &t->classes[i], err);
    }
    return status ? status
                  : expclip__labels_unused(b, names, t->folders.n, err);
}

/* Folder i is of a class that is none of the paper's. */
static expclip_status add_own_class(expclip__builder *b, class_tree *t,
                                    size_t i, expclip_error *err)
{
    expclip_status status;
    char *name;

    for (size_t k = 0; k < i; k++)
        if (t->labels[k] >= 0 && same_class(&t->classes[k], &t->classes[i])) {
            t->labels[i] = t->labels[k];
            return EXPCLIP_OK;
        }
    name = expclip__field_copy(&t->classes[i].text);
    if (!name)
        return expclip__fail_memory(err, "class of a dataset");
    t->labels[i] = (int32_t)b->dataset->n_classes;
    status = expclip__add_class(b, name, err);
    expclip__free(name);
    return status;
}

/* Number the classes that have items: those of the paper in its order, then
 * the others in theirs. */
static expclip_status number_classes(expclip__builder *b, class_tree *t,
                                     expclip_error *err)
{
    expclip_status status = EXPCLIP_OK;

    for (int32_t c = 0; !status && c < EXPCLIP__N_CLASSES; c++) {
        const int32_t label = (int32_t)b->dataset->n_classes;
        int found = 0;

        for (size_t i = 0; i < t->folders.n; i++)
            if (t->labels[i] >= 0 && t->classes[i].known == c) {
                t->labels[i] = label;
                found = 1;
            }
        if (found)
            status = expclip__add_class(b, expclip__class_names[c], err);
    }
    for (size_t i = 0; !status && i < t->folders.n; i++)
        if (t->labels[i] >= 0 && t->classes[i].known < 0)
            status = add_own_class(b, t, i, err);
    for (size_t i = 0; !status && i < b->dataset->n_items; i++) {
        expclip__item *item = &b->dataset->items[i];

        item->label = t->labels[item->label];
    }
    return status;
}

expclip_status expclip__read_folder(expclip__builder *b, expclip_error *err)
{
    class_tree t = { { 0 }, NULL, NULL };
    expclip_status status = list_folders(&t.folders, b, b->path, err);

    if (status)
        return status;
    if (t.folders.n == 0) {
        status = expclip__fail_part(err, b, "folder, expected one a class");
        goto done;
    }
    if ((status = check_splits(b, &t.folders, err)))
        goto done;
    t.labels = expclip__alloc(t.folders.n, sizeof(*t.labels));
    t.classes = expclip__alloc_zero(t.folders.n, sizeof(*t.classes));
    if (!t.labels || !t.classes) {
        status = expclip__fail_memory(err, "classes of a dataset");
        goto done;
    }
    status = add_folders(b, &t, err);
    if (!status)
        status = note_loose(b, err);
    if (!status)
        status = read_names(b, &t, err);
    if (!status)
        status = number_classes(b, &t, err);
done:
    expclip__free(t.classes);
    expclip__free(t.labels);
    expclip__entries_free(&t.folders);
    return status;
}
