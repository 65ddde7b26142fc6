/* SPDX-License-Identifier: MIT */
/*
 * safetensors.c - the header of a safetensors file.
 *
 *     8 bytes  n, little endian
 *     n bytes  {"name": {"dtype", "shape", "data_offsets": [begin, end]}, ...,
 *               "__metadata__": {"key": "value", ...}}
 *     the rest: the tensors, without gaps
 *
 * As strict as the format's own library (safetensors 0.8, tensor.rs): the
 * tensors must cover the rest exactly, with no hole and no overlap. Stricter
 * in this: no key may be there twice.
 */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/error.h"
#include "weights/json_scan.h"
#include "weights/set.h"

#define MAX_HEADER                                                             \
    (16u << 20) /* bytes; a header of 65,536 tensors has 8 MB                  \
                 */
#define MAX_METADATA 4096

/* A header while it is read. */
typedef struct reader {
    expclip__weights *ws;
    int32_t source;
    expclip__json json;
    uint64_t data_start; /* byte of the file where the tensors begin */
    uint64_t data_size;
    int has_metadata;
    size_t first_metadata; /* of this file; each shard may have its own */
    expclip_error *err;
} reader;

/* What the header says of one tensor. */
typedef struct entry {
    char *name;
    int has_dtype;
    expclip__dtype dtype;
    int32_t n_dims; /* -1 = no shape yet */
    int64_t shape[EXPCLIP__MAX_DIMS];
    int n_offsets;
    int64_t offsets[2];
} entry;

/* ---- one tensor ---- */

static expclip_status read_dtype(reader *r, entry *e)
{
    const char *text = expclip__json_string(&r->json);

    if (r->json.why)
        return EXPCLIP_OK; /* told once, at the end */
    for (int i = 0; i < EXPCLIP__N_DTYPES && !e->has_dtype; i++) {
        e->dtype = (expclip__dtype)i;
        e->has_dtype = strcmp(expclip__dtype_name(e->dtype), text) == 0;
    }
    if (e->has_dtype)
        return EXPCLIP_OK;
    return expclip__fail(r->err, EXPCLIP_ERROR_UNSUPPORTED,
                         "tensor \"%s\": dtype %s", e->name, text);
}

static expclip_status read_shape(reader *r, entry *e)
{
    e->n_dims = 0;
    expclip__json_open(&r->json, '[');
    while (expclip__json_more(&r->json, ']')) {
        const int64_t size = expclip__json_size(&r->json);

        if (e->n_dims == EXPCLIP__MAX_DIMS)
            return expclip__fail(r->err, EXPCLIP_ERROR_LIMIT,
                                 "tensor \"%s\": more than %d dimensions",
                                 e->name, EXPCLIP__MAX_DIMS);
        e->shape[e->n_dims++] = size;
    }
    return EXPCLIP_OK;
}

static expclip_status read_offsets(reader *r, entry *e)
{
    expclip__json_open(&r->json, '[');
    while (expclip__json_more(&r->json, ']')) {
        const int64_t offset = expclip__json_size(&r->json);

        if (e->n_offsets == 2)
            return expclip__fail(r->err, EXPCLIP_ERROR_FORMAT,
                                 "tensor \"%s\": data_offsets are not [begin, "
                                 "end]",
                                 e->name);
        e->offsets[e->n_offsets++] = offset;
    }
    return EXPCLIP_OK;
}

static expclip_status read_fields(reader *r, entry *e)
{
    expclip_status status = EXPCLIP_OK;

    expclip__json_open(&r->json, '{');
    while (!status && expclip__json_more(&r->json, '}')) {
        const char *key = expclip__json_key(&r->json);

        if (strcmp(key, "dtype") == 0 && !e->has_dtype)
            status = read_dtype(r, e);
        else if (strcmp(key, "shape") == 0 && e->n_dims < 0)
            status = read_shape(r, e);
        else if (strcmp(key, "data_offsets") == 0 && e->n_offsets == 0)
            status = read_offsets(r, e);
        else
            expclip__json_fail(&r->json, "expected dtype, shape and "
                                         "data_offsets, each once");
    }
    if (!status && !r->json.why &&
        (!e->has_dtype || e->n_dims < 0 || e->n_offsets != 2))
        status = expclip__fail(r->err, EXPCLIP_ERROR_FORMAT,
                               "tensor \"%s\": expected dtype, shape and "
                               "data_offsets [begin, end]",
                               e->name);
    return status;
}

/* The numbers of an entry agree with each other and with the file. */
static expclip_status add_tensor(reader *r, const entry *e)
{
    const int64_t begin = e->offsets[0], end = e->offsets[1];
    const int64_t size = (int64_t)expclip__dtype_size(e->dtype);
    expclip__weight w = { .name = e->name,
                          .dtype = e->dtype,
                          .n_dims = e->n_dims,
                          .source = r->source,
                          .offset = r->data_start + (uint64_t)begin };
    int64_t step = 1;

    memcpy(w.shape, e->shape, sizeof(w.shape));
    if (!expclip__shape_count(w.n_dims, w.shape, &w.n_elements))
        return expclip__fail(r->err, EXPCLIP_ERROR_FORMAT,
                             "tensor \"%s\": its shape has too many elements",
                             e->name);
    if (end < begin || end - begin != w.n_elements * size)
        return expclip__fail(r->err, EXPCLIP_ERROR_FORMAT,
                             "tensor \"%s\": bytes %lld to %lld, expected %lld "
                             "elements of %lld bytes",
                             e->name, (long long)begin, (long long)end,
                             (long long)w.n_elements, (long long)size);
    if ((uint64_t)end > r->data_size)
        return expclip__fail(r->err, EXPCLIP_ERROR_TRUNCATED,
                             "tensor \"%s\": ends at byte %lld of the data, "
                             "the file has %llu",
                             e->name, (long long)end,
                             (unsigned long long)r->data_size);
    for (int32_t i = w.n_dims; i-- > 0; step *= w.shape[i])
        w.stride[i] = step;
    return expclip__set_add_tensor(r->ws, &w, r->err);
}

static expclip_status read_tensor(reader *r, const char *name)
{
    entry e = { .name = expclip__strdup(name), .n_dims = -1 };
    expclip_status status;

    if (!e.name)
        return expclip__fail_memory(r->err, "tensor");
    status = read_fields(r, &e);
    if (!status && !r->json.why)
        status = add_tensor(r, &e);
    expclip__free(e.name);
    return status;
}

/* ---- metadata ---- */

static int has_key(const reader *r, const char *key)
{
    for (size_t i = r->first_metadata; i < r->ws->n_metadata; i++)
        if (strcmp(r->ws->metadata[i].key, key) == 0)
            return 1;
    return 0;
}

static expclip_status read_metadata(reader *r)
{
    expclip_status status = EXPCLIP_OK;

    if (r->has_metadata++)
        return expclip__fail(r->err, EXPCLIP_ERROR_FORMAT,
                             "__metadata__: there twice");
    expclip__json_open(&r->json, '{');
    while (!status && expclip__json_more(&r->json, '}')) {
        char *key = expclip__strdup(expclip__json_key(&r->json));
        const char *value = expclip__json_string(&r->json);

        if (!key)
            status = expclip__fail_memory(r->err, "metadata");
        else if (r->json.why)
            status = EXPCLIP_OK; /* told once, at the end */
        else if (has_key(r, key))
            status = expclip__fail(r->err, EXPCLIP_ERROR_FORMAT,
                                   "__metadata__ \"%s\": there twice", key);
        else if (r->ws->n_metadata - r->first_metadata == MAX_METADATA)
            status =
                expclip__fail(r->err, EXPCLIP_ERROR_LIMIT,
                              "__metadata__: more than %d keys", MAX_METADATA);
        else
            status = expclip__set_add_metadata(r->ws, key, value, r->err);
        expclip__free(key);
    }
    return status;
}

/* ---- the whole ---- */

/* Messages name the byte of the file. */
static expclip_status fail_json(const reader *r)
{
    if (r->json.word.failed)
        return expclip__fail_memory(r->err, "header");
    return expclip__fail(r->err, EXPCLIP_ERROR_FORMAT, "header, byte %zu: %s",
                         8 + r->json.at, r->json.why);
}

static expclip_status read_entries(reader *r)
{
    expclip_status status = EXPCLIP_OK;

    expclip__json_open(&r->json, '{');
    while (!status && expclip__json_more(&r->json, '}')) {
        const char *name = expclip__json_key(&r->json);

        if (!r->json.why)
            status = strcmp(name, "__metadata__") == 0 ? read_metadata(r)
                                                       : read_tensor(r, name);
    }
    if (!status)
        expclip__json_end(&r->json);
    return !status && r->json.why ? fail_json(r) : status;
}

static uint64_t end_of(const expclip__weight *w)
{
    return w->offset + (uint64_t)w->n_elements * expclip__dtype_size(w->dtype);
}

static int by_place(const void *a, const void *b)
{
    const expclip__weight *x = *(const expclip__weight *const *)a;
    const expclip__weight *y = *(const expclip__weight *const *)b;

    if (x->offset != y->offset)
        return x->offset < y->offset ? -1 : 1;
    return end_of(x) < end_of(y) ? -1 : end_of(x) > end_of(y);
}

/* The tensors from number `first` on lie one after the other, and nothing else
 * is in the file. */
static expclip_status check_cover(const reader *r, size_t first)
{
    const size_t n = r->ws->n_tensors - first;
    const expclip__weight **list = expclip__alloc(n, sizeof(*list));
    uint64_t place = r->data_start;
    expclip_status status = EXPCLIP_OK;

    if (!list)
        return expclip__fail_memory(r->err, "tensor list");
    for (size_t i = 0; i < n; i++)
        list[i] = &r->ws->tensors[first + i];
    qsort(list, n, sizeof(*list), by_place);
    for (size_t i = 0; !status && i < n; i++) {
        if (list[i]->offset != place)
            status = expclip__fail(r->err, EXPCLIP_ERROR_FORMAT,
                                   "tensor \"%s\": begins at byte %llu, "
                                   "expected %llu",
                                   list[i]->name,
                                   (unsigned long long)list[i]->offset,
                                   (unsigned long long)place);
        place = end_of(list[i]);
    }
    if (!status && place != r->data_start + r->data_size)
        status = expclip__fail(
            r->err, EXPCLIP_ERROR_FORMAT, "%llu bytes after the last tensor",
            (unsigned long long)(r->data_start + r->data_size - place));
    expclip__free(list);
    return status;
}

/* The header's text, for expclip__free(). */
static expclip_status read_header(char **out, size_t *out_size,
                                  const expclip__file *file, expclip_error *err)
{
    uint8_t raw[8];
    uint64_t size;
    expclip_status status = expclip__file_read(file, 0, raw, 8, err);

    if (status)
        return status;
    size = expclip__little_endian(raw, 8);
    if (size > MAX_HEADER)
        return expclip__fail(err, EXPCLIP_ERROR_LIMIT,
                             "%s: header of %llu bytes, expected at most %u",
                             file->path, (unsigned long long)size, MAX_HEADER);
    if (size > file->size - 8)
        return expclip__fail(err, EXPCLIP_ERROR_TRUNCATED,
                             "%s: header of %llu bytes, the file has %llu",
                             file->path, (unsigned long long)size,
                             (unsigned long long)file->size);
    *out_size = (size_t)size;
    *out = expclip__alloc(*out_size, 1);
    if (!*out)
        return expclip__fail_memory(err, "header");
    status = expclip__file_read(file, 8, *out, *out_size, err);
    if (status)
        expclip__free(*out);
    return status;
}

expclip_status expclip__safetensors_read(expclip__weights *ws, int32_t source,
                                         expclip_error *err)
{
    const expclip__file *file = &ws->sources[source].file;
    const size_t first = ws->n_tensors;
    expclip_error why;
    reader r = { .ws = ws,
                 .source = source,
                 .first_metadata = ws->n_metadata,
                 .err = &why };
    char *text;
    expclip_status status = read_header(&text, &r.json.size, file, err);

    if (status)
        return status;
    r.json.text = text;
    r.data_start = 8 + r.json.size;
    r.data_size = file->size - r.data_start;
    status = read_entries(&r);
    if (!status)
        status = check_cover(&r, first);
    if (status)
        status = expclip__fail(err, status, "%s: %s", file->path, why.message);
    expclip__buffer_free(&r.json.word);
    expclip__free(text);
    return status;
}
