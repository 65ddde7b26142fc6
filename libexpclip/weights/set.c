/* SPDX-License-Identifier: MIT */
/*
 * set.c - named tensors: adding, finding, reading as floats.
 */
#include "weights/set.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/text.h"

#define CHUNK (1u << 20) /* bytes read at a time */

int expclip__shape_count(int32_t n_dims, const int64_t *shape, int64_t *out)
{
    int64_t n = 1;

    for (int32_t i = 0; i < n_dims; i++)
        if (shape[i] < 0 || __builtin_mul_overflow(n, shape[i], &n))
            return 0;
    *out = n;
    return n <= INT64_MAX / 8;
}

/* ---- adding ---- */

expclip_status expclip__set_add_source(expclip__weights *ws,
                                       expclip__file *file,
                                       expclip_error *err)
{
    expclip__source *grown = expclip__realloc(ws->sources, ws->n_sources + 1,
                                              sizeof(*grown));

    if (!grown) {
        expclip__file_close(file);
        return expclip__fail_memory(err, "weights");
    }
    ws->sources = grown;
    grown[ws->n_sources++] = (expclip__source){ .file = *file };
    return EXPCLIP_OK;
}

/* Where `name` is in the table, or the free place for it. */
static size_t find_bucket(const expclip__weights *ws, const char *name)
{
    const uint64_t hash =
        expclip__hash(EXPCLIP__HASH_START, name, strlen(name));
    size_t i = (size_t)hash & (ws->n_buckets - 1);

    while (ws->buckets[i] &&
           strcmp(ws->tensors[ws->buckets[i] - 1].name, name) != 0)
        i = (i + 1) & (ws->n_buckets - 1);
    return i;
}

/* Twice the room, with all names entered anew. */
static int grow(expclip__weights *ws)
{
    const size_t capacity = ws->tensors_capacity ? 2 * ws->tensors_capacity
                                                 : 64;
    uint32_t *buckets = expclip__alloc_zero(2 * capacity, sizeof(*buckets));
    expclip__weight *tensors =
        expclip__realloc(ws->tensors, capacity, sizeof(*tensors));

    if (tensors)
        ws->tensors = tensors;
    if (!buckets || !tensors) {
        expclip__free(buckets);
        return 0;
    }
    expclip__free(ws->buckets);
    ws->buckets = buckets;
    ws->n_buckets = 2 * capacity;
    ws->tensors_capacity = capacity;
    for (size_t i = 0; i < ws->n_tensors; i++)
        buckets[find_bucket(ws, tensors[i].name)] = (uint32_t)i + 1;
    return 1;
}

expclip_status expclip__set_add_tensor(expclip__weights *ws,
                                       const expclip__weight *w,
                                       expclip_error *err)
{
    size_t bucket;
    char *name;

    if (ws->n_tensors == EXPCLIP__MAX_TENSORS)
        return expclip__fail(err, EXPCLIP_ERROR_LIMIT,
                             "more than %d tensors", EXPCLIP__MAX_TENSORS);
    if (ws->n_tensors == ws->tensors_capacity && !grow(ws))
        return expclip__fail_memory(err, "weights");
    bucket = find_bucket(ws, w->name);
    if (ws->buckets[bucket])
        return expclip__fail(err, EXPCLIP_ERROR_FORMAT,
                             "tensor \"%s\": there twice", w->name);
    name = expclip__strdup(w->name);
    if (!name)
        return expclip__fail_memory(err, "weights");
    ws->tensors[ws->n_tensors] = *w;
    ws->tensors[ws->n_tensors].name = name;
    ws->buckets[bucket] = (uint32_t)++ws->n_tensors;
    return EXPCLIP_OK;
}

expclip_status expclip__set_add_metadata(expclip__weights *ws,
                                         const char *key, const char *value,
                                         expclip_error *err)
{
    expclip__metadata_entry *grown = expclip__realloc(
        ws->metadata, ws->n_metadata + 1, sizeof(*grown));

    if (!grown)
        return expclip__fail_memory(err, "metadata");
    ws->metadata = grown;
    grown[ws->n_metadata++] = (expclip__metadata_entry){
        expclip__strdup(key), expclip__strdup(value)
    };
    if (!grown[ws->n_metadata - 1].key || !grown[ws->n_metadata - 1].value)
        return expclip__fail_memory(err, "metadata");
    return EXPCLIP_OK;
}

void expclip__weights_free(expclip__weights *ws)
{
    if (!ws)
        return;
    for (size_t i = 0; i < ws->n_sources; i++) {
        expclip__archive_close(ws->sources[i].zip);
        expclip__file_close(&ws->sources[i].file);
    }
    for (size_t i = 0; i < ws->n_tensors; i++)
        expclip__free((char *)(uintptr_t)ws->tensors[i].name);
    for (size_t i = 0; i < ws->n_metadata; i++) {
        expclip__free(ws->metadata[i].key);
        expclip__free(ws->metadata[i].value);
    }
    expclip__free(ws->sources);
    expclip__free(ws->tensors);
    expclip__free(ws->metadata);
    expclip__free(ws->buckets);
    expclip__free(ws->folder);
    expclip__free(ws);
}

/* ---- finding ---- */

const char *expclip__weights_format(const expclip__weights *ws)
{
    return ws->format;
}

size_t expclip__weights_count(const expclip__weights *ws)
{
    return ws->n_tensors;
}

const expclip__weight *expclip__weights_at(const expclip__weights *ws,
                                           size_t index)
{
    return &ws->tensors[index];
}

const expclip__weight *expclip__weights_find(const expclip__weights *ws,
                                             const char *name)
{
    uint32_t found = ws->n_buckets ? ws->buckets[find_bucket(ws, name)] : 0;

    return found ? &ws->tensors[found - 1] : NULL;
}

size_t expclip__weights_n_metadata(const expclip__weights *ws)
{
    return ws->n_metadata;
}

const char *expclip__weights_metadata_key(const expclip__weights *ws,
                                          size_t index)
{
    return ws->metadata[index].key;
}

const char *expclip__weights_metadata(const expclip__weights *ws,
                                      const char *key)
{
    for (size_t i = 0; i < ws->n_metadata; i++)
        if (strcmp(ws->metadata[i].key, key) == 0)
            return ws->metadata[i].value;
    return NULL;
}

/* ---- reading ---- */

static expclip_status read_bytes(const expclip__weights *ws,
                                 const expclip__weight *w, uint64_t offset,
                                 void *out, size_t size, expclip_error *err)
{
    const expclip__source *source = &ws->sources[w->source];

    if (source->zip)
        return expclip__archive_read_storage(ws, w, w->offset + offset, out,
                                             size, err);
    return expclip__file_read(&source->file, w->offset + offset, out, size,
                              err);
}

static int is_row_major(const expclip__weight *w)
{
    int64_t step = 1;

    for (int32_t i = w->n_dims; i-- > 0; step *= w->shape[i])
        if (w->shape[i] != 1 && w->stride[i] != step)
            return 0;
    return 1;
}

/* Elements that lie one after the other: a megabyte at a time. */
static expclip_status read_run(const expclip__weights *ws,
                               const expclip__weight *w, float *out, int64_t n,
                               expclip_error *err)
{
    const size_t size = expclip__dtype_size(w->dtype);
    const int64_t most = (int64_t)(CHUNK / size);
    unsigned char *chunk;
    expclip_status status = EXPCLIP_OK;

    if (w->dtype == EXPCLIP__F32)
        return read_bytes(ws, w, 0, out, (size_t)n * size, err);
    chunk = expclip__alloc(CHUNK, 1);
    if (!chunk)
        return expclip__fail_memory(err, "weights");
    for (int64_t done = 0; !status && done < n; done += most) {
        const size_t now = (size_t)(n - done < most ? n - done : most);

        status = read_bytes(ws, w, (uint64_t)done * size, chunk, now * size,
                            err);
        if (!status)
            expclip__dtype_to_f32(out + done, chunk, now, w->dtype);
    }
    expclip__free(chunk);
    return status;
}

/* A view with other strides: its whole span is read, then gathered. */
static expclip_status read_view(const expclip__weights *ws,
                                const expclip__weight *w, float *out, int64_t n,
                                expclip_error *err)
{
    int64_t span = 1, index[EXPCLIP__MAX_DIMS] = { 0 };
    float *values;
    expclip_status status;

    for (int32_t i = 0; i < w->n_dims; i++)
        span += (w->shape[i] - 1) * w->stride[i];
    values = expclip__alloc((size_t)span, sizeof(*values));
    if (!values)
        return expclip__fail_memory(err, "weights");
    status = read_run(ws, w, values, span, err);
    for (int64_t k = 0; !status && k < n; k++) {
        int64_t place = 0;

        for (int32_t i = 0; i < w->n_dims; i++)
            place += index[i] * w->stride[i];
        out[k] = values[place];
        for (int32_t i = w->n_dims; i-- > 0 && ++index[i] == w->shape[i];)
            index[i] = 0;
    }
    expclip__free(values);
    return status;
}

/* A sum that no finite float can spoil: NaN and infinity have all exponent
 * bits set. */
static int all_finite(const float *values, int64_t n)
{
    uint32_t spoiled = 0;

    for (int64_t i = 0; i < n; i++) {
        uint32_t bits;

        memcpy(&bits, &values[i], sizeof(bits));
        spoiled |= (bits & 0x7f800000u) == 0x7f800000u;
    }
    return !spoiled;
}

static expclip_status fail_not_finite(const expclip__weight *w,
                                      const float *values, int64_t n,
                                      expclip_error *err)
{
    int64_t i = 0;

    while (i < n && isfinite(values[i]))
        i++;
    return expclip__fail(err, EXPCLIP_ERROR_NONFINITE,
                         "tensor \"%s\": element %lld is %s", w->name,
                         (long long)i, isnan(values[i]) ? "NaN" : "infinite");
}

expclip_status expclip__weights_read_f32(const expclip__weights *ws,
                                         const expclip__weight *w, float *out,
                                         int64_t n, int check_finite,
                                         expclip_error *err)
{
    expclip_status status;

    if (n != w->n_elements)
        return expclip__fail(err, EXPCLIP_ERROR_INTERNAL,
                             "tensor \"%s\": %lld elements, expected %lld",
                             w->name, (long long)w->n_elements, (long long)n);
    if (w->dtype > EXPCLIP__BF16)
        return expclip__fail(err, EXPCLIP_ERROR_UNSUPPORTED,
                             "tensor \"%s\": dtype %s, expected a float type",
                             w->name, expclip__dtype_name(w->dtype));
    status = n == 0 ? EXPCLIP_OK
             : is_row_major(w) ? read_run(ws, w, out, n, err)
                               : read_view(ws, w, out, n, err);
    if (!status && check_finite && !all_finite(out, n))
        status = fail_not_finite(w, out, n, err);
    return status;
}
