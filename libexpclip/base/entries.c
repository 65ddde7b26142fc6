/* SPDX-License-Identifier: MIT */
/*
 * entries.c - the names in a folder.
 */
#define _GNU_SOURCE
#include "base/entries.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/text.h"

static expclip_status add_name(expclip__entries *e, const char *name,
                               expclip_error *err)
{
    char **grown = expclip__grown(e->names, e->n, sizeof(*grown));

    if (!grown)
        return expclip__fail_memory(err, "names in a folder");
    e->names = grown;
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

static int is_entry(const char *name)
{
    return strcmp(name, ".") != 0 && strcmp(name, "..") != 0;
}

static expclip_status list_names(expclip__entries *out, const char *folder,
                                 int (*keep)(const char *name), int hidden,
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
        if (is_entry(entry->d_name) && (hidden || entry->d_name[0] != '.') &&
            (!keep || keep(entry->d_name)))
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

expclip_status expclip__entries_list(expclip__entries *out, const char *folder,
                                     int (*keep)(const char *name),
                                     expclip_error *err)
{
    return list_names(out, folder, keep, 0, err);
}

expclip_status expclip__entries_list_all(expclip__entries *out,
                                         const char *folder, expclip_error *err)
{
    return list_names(out, folder, NULL, 1, err);
}

void expclip__entries_free(expclip__entries *entries)
{
    for (size_t i = 0; i < entries->n; i++)
        expclip__free(entries->names[i]);
    expclip__free(entries->names);
    memset(entries, 0, sizeof(*entries));
}
