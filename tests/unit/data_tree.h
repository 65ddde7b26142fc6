/* SPDX-License-Identifier: MIT */
/*
 * data_tree.h - datasets in miniature for tests: files in folders of folders,
 * and what an open dataset must hold.
 */
#ifndef EXPCLIP_TEST_DATA_TREE_H
#define EXPCLIP_TEST_DATA_TREE_H

#include "unit/scratch.h"

#include <ftw.h>

#include "datasets/dataset.h"

static inline int tree_remove(const char *path, const struct stat *s, int type,
                              struct FTW *ftw)
{
    (void)s;
    (void)type;
    (void)ftw;
    return remove(path);
}

/** For cmocka_unit_test_setup_teardown(), in scratch_end()'s place. */
static inline int tree_end(void **state)
{
    (void)state;
    return nftw(scratch_folder, tree_remove, 16, FTW_DEPTH | FTW_PHYS);
}

#define TREE_TEST(f) cmocka_unit_test_setup_teardown(f, scratch_begin, tree_end)

/** Write a file, and the folders that it lies in. */
static inline void tree_bytes(const char *name, const void *bytes, size_t size)
{
    char path[512];

    snprintf(path, sizeof(path), "%s", scratch_path(name));
    for (char *slash = path + 1; (slash = strchr(slash, '/')); slash++) {
        *slash = '\0';
        mkdir(path, 0777);
        *slash = '/';
    }
    scratch_write(name, bytes, size);
}

static inline void tree_file(const char *name, const char *text)
{
    tree_bytes(name, text, strlen(text));
}

/** A folder of `n` empty images, 1.jpg, 2.jpg ... */
static inline void tree_clip(const char *name, int n)
{
    char file[256];

    for (int i = 1; i <= n; i++) {
        snprintf(file, sizeof(file), "%s/%03d.jpg", name, i);
        tree_file(file, "");
    }
}

static expclip_error tree_error;

/** Open the scratch folder, or `part` of it, as a dataset. */
static inline expclip_status tree_try(expclip_dataset **out, const char *name,
                                      const char *part, const char *split,
                                      int32_t policy)
{
    expclip_dataset_options options = EXPCLIP_DATASET_OPTIONS_INIT;
    char path[512];

    snprintf(path, sizeof(path), "%s",
             *part ? scratch_path(part) : scratch_folder);
    options.split = split;
    options.policy = policy;
    memset(&tree_error, 0, sizeof(tree_error));
    return expclip_dataset_open(out, name, path, NULL, 0, &options,
                                &tree_error);
}

static inline expclip_dataset *tree_open(const char *name, const char *split)
{
    expclip_dataset *d = NULL;

    if (tree_try(&d, name, "", split, EXPCLIP_POLICY_STOP))
        fail_msg("%s", tree_error.message);
    return d;
}

static inline void expect_tree_error(expclip_status status,
                                     expclip_status expected, const char *part)
{
    assert_int_equal(status, expected);
    if (!strstr(tree_error.message, part))
        fail_msg("\"%s\" is not in \"%s\"", part, tree_error.message);
}

/** The item whose path ends in `ending`; there is one. */
static inline const expclip__item *tree_item(const expclip_dataset *d,
                                             const char *ending)
{
    const expclip__item *found = NULL;

    for (size_t i = 0; i < d->n_items; i++) {
        const char *path = d->items[i].path;
        const size_t size = strlen(path), n = strlen(ending);

        if (size >= n && strcmp(path + size - n, ending) == 0) {
            assert_null(found);
            found = &d->items[i];
        }
    }
    if (!found)
        fail_msg("no item %s", ending);
    return found;
}

#endif
