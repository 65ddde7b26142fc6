/* SPDX-License-Identifier: MIT */
/*
 * legacy.c - what torch.save() wrote before torch 1.6, and still writes when it
 * is asked to: five pickles, and then the bytes of each storage.
 *
 *   a magic number, 1001, facts of the machine, the object, the storages' keys;
 *   for each key: int64 number of elements, and the elements
 *
 * All is little-endian. The pickles are read by the reader that runs nothing.
 */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "weights/set.h"
#include "weights/state_dict.h"

#define MAX_PICKLES (16u << 20) /* bytes of all five */
#define PROTOCOL 1001
#define SIZE_COUNT 8

/* The first pickle's number, 0x1950a86a20f9469cfc6c, and its end. */
static const uint8_t magic[] = { 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9,
                                 0x20, 0x6a, 0xa8, 0x50, 0x19, '.' };

typedef struct storage {
    uint64_t key;
    int64_t n_elements;
    expclip__dtype dtype;
    uint64_t start; /* in the file; 0 = not there */
} storage;

typedef struct reader {
    const expclip__file *file;
    uint8_t *bytes; /* the beginning of the file */
    size_t size;
    size_t at;
    storage *storages; /* in the order of their keys */
    size_t n_storages;
    expclip_error *err;
} reader;

static expclip_status fail(const reader *r, expclip_status code,
                           const char *what)
{
    return expclip__fail(r->err, code, "%s", what);
}

/* The next pickle. */
static expclip_status next(reader *r, expclip__pickle **out)
{
    size_t used = 0;
    expclip_status status = expclip__pickle_read_next(
        out, &used, r->bytes + r->at, r->size - r->at, r->err);

    r->at += used;
    if (status == EXPCLIP_ERROR_TRUNCATED && r->size < r->file->size)
        status = fail(r, EXPCLIP_ERROR_LIMIT,
                      "pickles of more than 16 MiB before the tensors");
    return status;
}

/* Magic number, protocol, machine. */
static expclip_status read_preamble(reader *r)
{
    expclip__pickle *p = NULL;
    expclip_status status = next(r, &p);

    expclip__pickle_free(p);
    p = NULL;
    if (status)
        return status;
    if (r->at < sizeof(magic) ||
        memcmp(r->bytes + r->at - sizeof(magic), magic, sizeof(magic)) != 0)
        return fail(r, EXPCLIP_ERROR_UNSUPPORTED,
                    "a pickle that torch.save() did not write; load it "
                    "with what wrote it, and use torch.save() for its tensors");
    status = next(r, &p);
    if (!status && (p->nodes[p->root].kind != EXPCLIP__PICKLE_INT ||
                    p->nodes[p->root].is.integer != PROTOCOL))
        status = fail(r, EXPCLIP_ERROR_UNSUPPORTED,
                      "a format of torch.save() other than 1001");
    expclip__pickle_free(p);
    p = NULL;
    if (!status)
        status = next(r, &p);
    expclip__pickle_free(p);
    return status;
}

/* ---- storages ---- */

static int by_key(const void *a, const void *b)
{
    const storage *x = a, *y = b;

    return x->key < y->key ? -1 : x->key > y->key;
}

static storage *find(const reader *r, uint64_t key)
{
    const storage wanted = { .key = key };

    return r->n_storages ? bsearch(&wanted, r->storages, r->n_storages,
                                   sizeof(wanted), by_key)
                         : NULL;
}

/* The storages that the object mentions, each once. */
static expclip_status collect(reader *r, const expclip__pickle *p)
{
    size_t n = 0, kept = 0;

    for (uint32_t i = 0; i < p->n_nodes; i++)
        n += p->nodes[i].kind == EXPCLIP__PICKLE_STORAGE;
    r->storages = expclip__alloc_zero(n ? n : 1, sizeof(*r->storages));
    if (!r->storages)
        return expclip__fail_memory(r->err, "storages");
    for (uint32_t i = 0; i < p->n_nodes; i++)
        if (p->nodes[i].kind == EXPCLIP__PICKLE_STORAGE)
            r->storages[r->n_storages++] =
                (storage){ .key = p->nodes[i].is.storage.key,
                           .n_elements = p->nodes[i].is.storage.n_elements,
                           .dtype = p->nodes[i].is.storage.dtype };
    if (n)
        qsort(r->storages, n, sizeof(*r->storages), by_key);
    for (size_t i = 0; i < n; i++) {
        const storage *s = &r->storages[i];
        const storage *last = kept ? &r->storages[kept - 1] : NULL;

        if (last && last->key == s->key &&
            (last->dtype != s->dtype || last->n_elements != s->n_elements))
            return expclip__fail(
                r->err, EXPCLIP_ERROR_FORMAT,
                "storage \"%llu\" is of two types or two sizes",
                (unsigned long long)s->key);
        if (!last || last->key != s->key)
            r->storages[kept++] = *s;
    }
    r->n_storages = kept;
    return EXPCLIP_OK;
}

/* One storage: its count must be the one of the object's pickle. */
static expclip_status place_one(reader *r, storage *s, uint64_t *at)
{
    const uint64_t size =
        (uint64_t)s->n_elements * expclip__dtype_size(s->dtype);
    uint8_t bytes[SIZE_COUNT];
    uint64_t count;
    expclip_status status;

    if (r->file->size - *at < SIZE_COUNT)
        return fail(r, EXPCLIP_ERROR_TRUNCATED, "ends before its tensors");
    status = expclip__file_read(r->file, *at, bytes, SIZE_COUNT, r->err);
    if (status)
        return status;
    count = expclip__little_endian(bytes, SIZE_COUNT);
    if (count != (uint64_t)s->n_elements)
        return expclip__fail(r->err, EXPCLIP_ERROR_FORMAT,
                             "storage \"%llu\": %llu elements, expected %lld",
                             (unsigned long long)s->key,
                             (unsigned long long)count,
                             (long long)s->n_elements);
    *at += SIZE_COUNT;
    if (size > r->file->size - *at)
        return expclip__fail(r->err, EXPCLIP_ERROR_TRUNCATED,
                             "storage \"%llu\": %llu bytes, expected %llu",
                             (unsigned long long)s->key,
                             (unsigned long long)(r->file->size - *at),
                             (unsigned long long)size);
    s->start = *at;
    *at += size;
    return EXPCLIP_OK;
}

/* The key of a list's item; NULL when it is none, or none of the object's. */
static storage *storage_of(const reader *r, const expclip__pickle_node *key)
{
    uint64_t number;

    return key->kind == EXPCLIP__PICKLE_STRING &&
                   expclip__parse_u64(key->is.string.text, key->is.string.size,
                                      &number)
               ? find(r, number)
               : NULL;
}

/* Where each storage is, in the order of the list of keys. */
static expclip_status place_all(reader *r, const expclip__pickle *keys)
{
    const expclip__pickle_node *list = &keys->nodes[keys->root];
    uint64_t at = r->at;
    expclip_status status = EXPCLIP_OK;

    if (list->kind != EXPCLIP__PICKLE_LIST)
        return fail(r, EXPCLIP_ERROR_FORMAT, "no list of storages");
    for (uint32_t i = list->is.items.first; !status && i;
         i = keys->items[i].next) {
        storage *s = storage_of(r, &keys->nodes[keys->items[i].value]);

        if (!s || s->start)
            return fail(r, EXPCLIP_ERROR_FORMAT,
                        "the list of storages is not that of the tensors");
        status = place_one(r, s, &at);
    }
    if (!status && at != r->file->size)
        status = fail(r, EXPCLIP_ERROR_FORMAT, "bytes after the last tensor");
    return status;
}

static expclip_status place(expclip__weight *w, void *data,
                            const expclip__pickle_node *node,
                            expclip_error *err)
{
    const storage *s = find(data, node->is.storage.key);

    if (!s || !s->start)
        return expclip__fail(err, EXPCLIP_ERROR_FORMAT,
                             "tensor \"%s\": no storage \"%llu\" in the file",
                             w->name, (unsigned long long)node->is.storage.key);
    w->offset = s->start;
    return EXPCLIP_OK;
}

/* ---- the file ---- */

static expclip_status read_object(expclip__weights *ws, int32_t source,
                                  reader *r)
{
    expclip__pickle *object = NULL, *keys = NULL;
    expclip_status status;

    if ((status = read_preamble(r)) || (status = next(r, &object)) ||
        (status = next(r, &keys)) || (status = collect(r, object)) ||
        (status = place_all(r, keys)))
        goto done;
    status = expclip__state_dict_read(ws, source, object, place, r, r->err);
done:
    expclip__pickle_free(object);
    expclip__pickle_free(keys);
    return status;
}

expclip_status expclip__legacy_read(expclip__weights *ws, int32_t source,
                                    expclip_error *err)
{
    const expclip__file *file = &ws->sources[source].file;
    expclip_error why;
    reader r = { .file = file, .err = &why };
    expclip_status status;

    r.size = file->size < MAX_PICKLES ? (size_t)file->size : MAX_PICKLES;
    r.bytes = expclip__alloc(r.size, 1);
    if (!r.bytes)
        return expclip__fail_memory(err, "weights");
    status = expclip__file_read(file, 0, r.bytes, r.size, &why);
    if (!status)
        status = read_object(ws, source, &r);
    if (status)
        status = expclip__fail(err, status, "%s: %s", file->path, why.message);
    expclip__free(r.bytes);
    expclip__free(r.storages);
    ws->format = "torch file before 1.6";
    return status;
}
