/* SPDX-License-Identifier: MIT */
/*
 * dataset_images.c - images without labels, to learn from: all that lie in a
 * folder and the folders in it, sorted by bytes, or the lines of a list.
 */
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/text.h"
#include "datasets/dataset_entries.h"
#include "datasets/dataset_layouts.h"
#include "datasets/dataset_strays.h"

enum { DEEPEST = 32 };

static expclip_status add_image(expclip__builder *b, char *path,
                                expclip_error *err)
{
    const expclip__item item = { .path = path, .list = -1 };

    return expclip__add_item(b, &item, err);
}

static expclip_status add_tree(expclip__builder *b, const char *folder,
                               int depth, expclip_error *err);

static expclip_status add_folder(expclip__builder *b, const char *path,
                                 const char *name, int depth,
                                 expclip_error *err)
{
    const char *why = expclip__stray_folder(path, name);

    return why ? expclip__note_stray(b, path, why, err)
               : add_tree(b, path, depth, err);
}

static expclip_status add_tree(expclip__builder *b, const char *folder,
                               int depth, expclip_error *err)
{
    expclip__entries e = { 0 };
    expclip_status status = expclip__entries_list(&e, folder, NULL, err);

    if (!status && depth == DEEPEST)
        status = expclip__fail(err, EXPCLIP_ERROR_LIMIT,
                               "%s: folders in folders deeper than %d", folder,
                               DEEPEST);
    for (size_t i = 0; !status && i < e.n; i++) {
        char *path = expclip__path_join(folder, e.names[i]);

        if (!path) {
            status = expclip__fail_memory(err, "path");
        } else if (expclip__path_kind(path) == EXPCLIP__FOLDER) {
            status = add_folder(b, path, e.names[i], depth + 1, err);
            expclip__free(path);
        } else if (expclip__is_image_file(path, e.names[i])) {
            status = add_image(b, path, err);
        } else {
            expclip__leave_out(b, path, e.names[i]);
            expclip__free(path);
        }
    }
    expclip__entries_free(&e);
    return status;
}

/* A line is a path, from the list's folder unless it is absolute. */
static expclip_status read_line(expclip__item *item, const expclip__builder *b,
                                const expclip__lines *line, void *data,
                                expclip_error *err)
{
    const expclip__field whole = { line->text, line->size };
    expclip_status status = expclip__field_path(&whole, 1, err);
    char *name, *folder;

    (void)data;
    if (status)
        return status;
    name = expclip__field_copy(&whole);
    folder = expclip__path_folder(b->path);
    if (name && name[0] == '/')
        item->path = name;
    else if (name && folder)
        item->path = expclip__path_join(folder, name);
    if (item->path != name)
        expclip__free(name);
    expclip__free(folder);
    return item->path ? EXPCLIP_OK : expclip__fail_memory(err, "path");
}

expclip_status expclip__read_images(expclip__builder *b, expclip_error *err)
{
    expclip_status status = expclip__add_class(b, "unlabelled", err);

    if (status)
        return status;
    return expclip__path_kind(b->path) == EXPCLIP__FOLDER
               ? add_tree(b, b->path, 0, err)
               : expclip__add_rows(b, b->path, 0, read_line, NULL, err);
}
