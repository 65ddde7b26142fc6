/* SPDX-License-Identifier: MIT */
/*
 * descriptions.c - what is written about an image: a text file beside it.
 */
#include "rows/descriptions.h"

#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/io.h"
#include "base/text.h"

/* ---- one ---- */

/* The image's path with the ending .txt; NULL when memory is out. */
static char *path_beside(const char *image)
{
    const char *slash = strrchr(image, '/');
    const char *dot = strrchr(image, '.');
    const int ends = dot && dot != image && (!slash || dot > slash + 1);
    expclip__buffer path = { 0 };

    expclip__buffer_add(&path, image,
                        ends ? (size_t)(dot - image) : strlen(image));
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
    const size_t bom = expclip__bom_size((const char *)bytes, n);
    char *start = (char *)bytes + bom, *copy;

    n -= bom;
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
                             "an image inside a table, expected a file with "
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

/* ---- all of them ---- */

/** Which item was the first with a hash; open addressing. */
typedef struct seen {
    uint64_t *hashes; /* [n_slots] */
    size_t *items;    /* [n_slots], SIZE_MAX = free */
    size_t n_slots;   /* a power of 2, more than the items */
} seen;

static size_t find_or_add(seen *s, uint64_t hash, size_t item)
{
    size_t slot = (size_t)hash & (s->n_slots - 1);

    while (s->items[slot] != SIZE_MAX && s->hashes[slot] != hash)
        slot = (slot + 1) & (s->n_slots - 1);
    if (s->items[slot] == SIZE_MAX) {
        s->items[slot] = item;
        s->hashes[slot] = hash;
    }
    return s->items[slot];
}

static expclip_status make_room(expclip__descriptions *out, seen *s, size_t n,
                                expclip_error *err)
{
    s->n_slots = 2;
    while (s->n_slots < 2 * n)
        s->n_slots *= 2;
    out->first = expclip__alloc(n + 1, sizeof(*out->first));
    s->hashes = expclip__alloc(s->n_slots, sizeof(*s->hashes));
    s->items = expclip__alloc(s->n_slots, sizeof(*s->items));
    if (!out->first || !s->hashes || !s->items)
        return expclip__fail_memory(err, "descriptions");
    for (size_t i = 0; i < s->n_slots; i++)
        s->items[i] = SIZE_MAX;
    return EXPCLIP_OK;
}

static expclip_status read_all(expclip__descriptions *out, seen *s,
                               const expclip_dataset *d, expclip_error *err)
{
    out->hash = EXPCLIP__HASH_START;
    for (size_t i = 0; i < d->n_items; i++) {
        char *text = NULL;
        size_t size = 0;
        const expclip_status status =
            expclip__description_read(&text, &size, &d->items[i], NULL);
        const uint64_t hash =
            status ? 0 : expclip__hash(EXPCLIP__HASH_START, text, size);

        if (status == EXPCLIP_ERROR_MEMORY)
            return expclip__fail_memory(err, "descriptions");
        out->hash = expclip__hash(out->hash, &hash, sizeof(hash));
        out->first[i] = status ? SIZE_MAX : find_or_add(s, hash, i);
        expclip__free(text);
    }
    return EXPCLIP_OK;
}

expclip_status expclip__descriptions_open(expclip__descriptions *out,
                                          const expclip_dataset *d,
                                          expclip_error *err)
{
    seen s = { 0 };
    expclip_status status = make_room(out, &s, d->n_items, err);

    if (!status)
        status = read_all(out, &s, d, err);
    if (status)
        expclip__descriptions_close(out);
    expclip__free(s.hashes);
    expclip__free(s.items);
    return status;
}

void expclip__descriptions_close(expclip__descriptions *s)
{
    expclip__free(s->first);
    s->first = NULL;
}
