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
 * tensors must cover the rest exactly, with no hole and no overlap.
 */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "weights/set.h"

#define MAX_HEADER (16u << 20) /* bytes; a header of 65,536 tensors has 8 MB   \
                                */

/* Where a tensor's bytes are. */
typedef struct extent {
    uint64_t begin;
    uint64_t end;
    const char *name;
} extent;

static int find_dtype(const char *name, expclip__dtype *out)
{
    for (int i = 0; i < EXPCLIP__N_DTYPES; i++)
        if (strcmp(expclip__dtype_name((expclip__dtype)i), name) == 0) {
            *out = (expclip__dtype)i;
            return 1;
        }
    return 0;
}

static expclip_status read_dtype(expclip__weight *w, const json_t *entry,
                                 expclip_error *err)
{
    const char *dtype = json_string_value(json_object_get(entry, "dtype"));

    if (!dtype)
        return expclip__fail(err, EXPCLIP_ERROR_FORMAT,
                             "tensor \"%s\": no dtype", w->name);
    if (!find_dtype(dtype, &w->dtype))
        return expclip__fail(err, EXPCLIP_ERROR_UNSUPPORTED,
                             "tensor \"%s\": dtype %s", w->name, dtype);
    return EXPCLIP_OK;
}

static expclip_status read_shape(expclip__weight *w, const json_t *entry,
                                 expclip_error *err)
{
    const json_t *shape = json_object_get(entry, "shape");
    const size_t n = json_array_size(shape);
    int64_t step = 1;

    if (!json_is_array(shape) || n > EXPCLIP__MAX_DIMS)
        return expclip__fail(
            err, EXPCLIP_ERROR_FORMAT,
            "tensor \"%s\": %zu dimensions, expected a list of "
            "at most %d",
            w->name, n, EXPCLIP__MAX_DIMS);
    w->n_dims = (int32_t)n;
    for (size_t i = 0; i < n; i++) {
        const json_t *size = json_array_get(shape, i);

        if (!json_is_integer(size) || json_integer_value(size) < 0)
            return expclip__fail(err, EXPCLIP_ERROR_FORMAT,
                                 "tensor \"%s\": dimension %zu is not a whole "
                                 "number",
                                 w->name, i);
        w->shape[i] = json_integer_value(size);
    }
    if (!expclip__shape_count(w->n_dims, w->shape, &w->n_elements))
        return expclip__fail(err, EXPCLIP_ERROR_FORMAT,
                             "tensor \"%s\": too many elements", w->name);
    for (size_t i = n; i-- > 0; step *= w->shape[i])
        w->stride[i] = step;
    return EXPCLIP_OK;
}

/* begin and end, counted from the end of the header. */
static expclip_status read_offsets(extent *out, const expclip__weight *w,
                                   const json_t *entry, uint64_t data_size,
                                   expclip_error *err)
{
    const json_t *offsets = json_object_get(entry, "data_offsets");
    const json_t *begin = json_array_get(offsets, 0);
    const json_t *end = json_array_get(offsets, 1);
    const uint64_t size = expclip__dtype_size(w->dtype);
    uint64_t wanted;

    if (json_array_size(offsets) != 2 || !json_is_integer(begin) ||
        !json_is_integer(end) || json_integer_value(begin) < 0 ||
        json_integer_value(end) < json_integer_value(begin))
        return expclip__fail(err, EXPCLIP_ERROR_FORMAT,
                             "tensor \"%s\": data_offsets are not [begin, end]",
                             w->name);
    out->begin = (uint64_t)json_integer_value(begin);
    out->end = (uint64_t)json_integer_value(end);
    out->name = w->name;
    if (__builtin_mul_overflow((uint64_t)w->n_elements, size, &wanted) ||
        out->end - out->begin != wanted)
        return expclip__fail(
            err, EXPCLIP_ERROR_FORMAT,
            "tensor \"%s\": %llu bytes, expected %lld elements "
            "of %llu",
            w->name, (unsigned long long)(out->end - out->begin),
            (long long)w->n_elements, (unsigned long long)size);
    if (out->end > data_size)
        return expclip__fail(
            err, EXPCLIP_ERROR_TRUNCATED,
            "tensor \"%s\": ends at byte %llu of the data, the "
            "file has %llu",
            w->name, (unsigned long long)out->end,
            (unsigned long long)data_size);
    return EXPCLIP_OK;
}

static int by_place(const void *a, const void *b)
{
    const extent *x = a, *y = b;

    if (x->begin != y->begin)
        return x->begin < y->begin ? -1 : 1;
    return x->end < y->end ? -1 : x->end > y->end;
}

/* The tensors lie one after the other and nothing else is in the file. */
static expclip_status check_cover(extent *list, size_t n, uint64_t data_size,
                                  expclip_error *err)
{
    uint64_t place = 0;

    qsort(list, n, sizeof(*list), by_place);
    for (size_t i = 0; i < n; i++) {
        if (list[i].begin != place)
            return expclip__fail(err, EXPCLIP_ERROR_FORMAT,
                                 "tensor \"%s\": begins at byte %llu of the "
                                 "data, expected %llu",
                                 list[i].name,
                                 (unsigned long long)list[i].begin,
                                 (unsigned long long)place);
        place = list[i].end;
    }
    if (place != data_size)
        return expclip__fail(err, EXPCLIP_ERROR_FORMAT,
                             "%llu bytes after the last tensor",
                             (unsigned long long)(data_size - place));
    return EXPCLIP_OK;
}

static expclip_status read_metadata(expclip__weights *ws, json_t *object,
                                    expclip_error *err)
{
    const char *key;
    json_t *value;
    expclip_status status = EXPCLIP_OK;

    if (!json_is_object(object))
        return expclip__fail(err, EXPCLIP_ERROR_FORMAT,
                             "__metadata__: expected an object of strings");
    json_object_foreach (object, key, value) {
        status =
            json_is_string(value)
                ? expclip__set_add_metadata(ws, key, json_string_value(value),
                                            err)
                : expclip__fail(err, EXPCLIP_ERROR_FORMAT,
                                "__metadata__ \"%s\": expected a string", key);
        if (status)
            break;
    }
    return status;
}

static expclip_status read_entry(expclip__weights *ws, expclip__weight *w,
                                 extent *place, const json_t *entry,
                                 uint64_t data_start, uint64_t data_size,
                                 expclip_error *err)
{
    expclip_status status;

    if ((status = read_dtype(w, entry, err)) ||
        (status = read_shape(w, entry, err)) ||
        (status = read_offsets(place, w, entry, data_size, err)))
        return status;
    w->offset = data_start + place->begin;
    return expclip__set_add_tensor(ws, w, err);
}

static expclip_status read_tensors(expclip__weights *ws, int32_t source,
                                   json_t *root, uint64_t data_start,
                                   uint64_t data_size, expclip_error *err)
{
    const size_t n = json_object_size(root);
    extent *list;
    size_t count = 0;
    const char *name;
    json_t *entry;
    expclip_status status = EXPCLIP_OK;

    if (n > EXPCLIP__MAX_TENSORS)
        return expclip__fail(err, EXPCLIP_ERROR_LIMIT,
                             "%zu tensors, expected at most %d", n,
                             EXPCLIP__MAX_TENSORS);
    list = expclip__alloc(n, sizeof(*list));
    if (!list)
        return expclip__fail_memory(err, "tensor list");
    json_object_foreach (root, name, entry) {
        expclip__weight w = { .name = name, .source = source };

        if (strcmp(name, "__metadata__") == 0)
            status = read_metadata(ws, entry, err);
        else
            status = read_entry(ws, &w, &list[count++], entry, data_start,
                                data_size, err);
        if (status)
            break;
    }
    if (!status)
        status = check_cover(list, count, data_size, err);
    expclip__free(list);
    return status;
}

/* The JSON text, parsed; *data_start is where the tensors begin. */
static expclip_status read_header(json_t **out, uint64_t *data_start,
                                  const expclip__file *file, expclip_error *err)
{
    uint8_t raw[8];
    uint64_t size = 0;
    char *text;
    json_error_t why;
    expclip_status status = expclip__file_read(file, 0, raw, 8, err);

    if (status)
        return status;
    for (int i = 8; i-- > 0;)
        size = size << 8 | raw[i];
    if (size > MAX_HEADER)
        return expclip__fail(err, EXPCLIP_ERROR_LIMIT,
                             "%s: header of %llu bytes, expected at most %u",
                             file->path, (unsigned long long)size, MAX_HEADER);
    if (size > file->size - 8)
        return expclip__fail(err, EXPCLIP_ERROR_TRUNCATED,
                             "%s: header of %llu bytes, the file has %llu",
                             file->path, (unsigned long long)size,
                             (unsigned long long)file->size);
    text = expclip__alloc((size_t)size, 1);
    if (!text)
        return expclip__fail_memory(err, "header");
    status = expclip__file_read(file, 8, text, (size_t)size, err);
    if (!status) {
        *out = json_loadb(text, (size_t)size, JSON_REJECT_DUPLICATES, &why);
        if (!json_is_object(*out)) {
            status = expclip__fail(err, EXPCLIP_ERROR_FORMAT,
                                   "%s: header, byte %d: %s", file->path,
                                   *out ? 0 : why.position,
                                   *out ? "not an object" : why.text);
            json_decref(*out);
        }
    }
    expclip__free(text);
    *data_start = 8 + size;
    return status;
}

expclip_status expclip__safetensors_read(expclip__weights *ws, int32_t source,
                                         expclip_error *err)
{
    const expclip__file *file = &ws->sources[source].file;
    json_t *root = NULL;
    uint64_t data_start = 0;
    expclip_error why;
    expclip_status status = read_header(&root, &data_start, file, err);

    if (status)
        return status;
    status = read_tensors(ws, source, root, data_start, file->size - data_start,
                          &why);
    if (status)
        status = expclip__fail(err, status, "%s: %s", file->path, why.message);
    json_decref(root);
    return status;
}
