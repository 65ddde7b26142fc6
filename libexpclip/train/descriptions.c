/* SPDX-License-Identifier: MIT */
/*
 * descriptions.c - what is written about a picture: a text file beside it.
 */
#include "train/descriptions.h"

#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/io.h"
#include "base/text.h"

/* The picture's path with the ending .txt; NULL when memory is out. */
static char *path_beside(const char *picture)
{
    const char *slash = strrchr(picture, '/');
    const char *dot = strrchr(picture, '.');
    const int ends = dot && dot != picture && (!slash || dot > slash + 1);
    expclip__buffer path = { 0 };

    expclip__buffer_add(&path, picture,
                        ends ? (size_t)(dot - picture) : strlen(picture));
    expclip__buffer_add_string(&path, ".txt");
    return path.failed ? NULL : path.data;
}

static int is_blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Blanks around it go; a byte order mark too. */
static expclip_status trim(char **text, size_t *size, uint8_t *bytes, size_t n,
                           const char *path, expclip_error *err)
{
    char *start = (char *)bytes, *copy;

    if (n >= 3 && memcmp(start, "\xef\xbb\xbf", 3) == 0) {
        start += 3;
        n -= 3;
    }
    for (; n && is_blank(*start); start++)
        n--;
    while (n && is_blank(start[n - 1]))
        n--;
    if (n == 0)
        return expclip__fail(err, EXPCLIP_ERROR_FORMAT,
                             "%s: empty, expected a description", path);
    if (!expclip__utf8_valid(start, n) || memchr(start, 0, n))
        return expclip__fail(err, EXPCLIP_ERROR_FORMAT,
                             "%s: no UTF-8 text, expected a description", path);
    copy = expclip__strndup(start, n);
    if (!copy)
        return expclip__fail_memory(err, "description");
    *text = copy;
    *size = n;
    return EXPCLIP_OK;
}

expclip_status expclip__description_read(char **text, size_t *size,
                                         const expclip__item *item,
                                         expclip_error *err)
{
    uint8_t *bytes = NULL;
    char *path;
    size_t n = 0;
    expclip_status status;

    if (item->pixels_size)
        return expclip__fail(err, EXPCLIP_ERROR_UNSUPPORTED,
                             "a picture inside a table, expected a file with "
                             "its description beside it");
    path = path_beside(item->path);
    if (!path)
        return expclip__fail_memory(err, "description");
    status =
        expclip__read_file(&bytes, &n, path, EXPCLIP__DESCRIPTION_SIZE, err);
    if (!status)
        status = trim(text, size, bytes, n, path, err);
    expclip__free(bytes);
    expclip__free(path);
    return status;
}

uint64_t expclip__descriptions_hash(const expclip_dataset *d)
{
    uint64_t hash = EXPCLIP__HASH_START;

    for (size_t i = 0; i < d->n_items; i++) {
        char *text = NULL;
        size_t size = 0;

        if (expclip__description_read(&text, &size, &d->items[i], NULL))
            size = 0;
        hash = expclip__hash(hash, text ? text : "", size);
        expclip__free(text);
    }
    return hash;
}
