/* SPDX-License-Identifier: MIT */
/*
 * writer.c - writing a safetensors file, all or nothing.
 *
 * The header is padded with spaces to a multiple of 8 bytes, as the format's
 * own library does, so that the tensors are aligned. Equal input gives equal
 * bytes.
 */
#include "weights/writer.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/io.h"
#include "base/text.h"
#include "weights/set.h"

#define CHUNK 262144 /* floats converted at a time */

typedef struct described {
    expclip__dtype dtype;
    int64_t n;
} described;

struct expclip__tensors_writer {
    expclip__writer *file;
    json_t *metadata; /* name to value */
    json_t *tensors;  /* name to {dtype, shape, data_offsets} */
    described *list;  /* in order */
    size_t n_described;
    size_t n_written;
    uint64_t data_size;
};

expclip_status expclip__tensors_create(expclip__tensors_writer **out,
                                       const char *path, expclip_error *err)
{
    expclip__tensors_writer *w = expclip__alloc_zero(1, sizeof(*w));
    expclip_status status;

    if (!w)
        return expclip__fail_memory(err, "file writer");
    w->metadata = json_object();
    w->tensors = json_object();
    status =
        w->metadata && w->tensors
            ? expclip__writer_open(&w->file, path, EXPCLIP__FILE_TENSORS, err)
            : expclip__fail_memory(err, "file writer");
    if (status)
        expclip__tensors_free(w);
    else
        *out = w;
    return status;
}

void expclip__tensors_free(expclip__tensors_writer *w)
{
    if (!w)
        return;
    expclip__writer_abort(w->file);
    json_decref(w->metadata);
    json_decref(w->tensors);
    expclip__free(w->list);
    expclip__free(w);
}

expclip_status expclip__tensors_metadata(expclip__tensors_writer *w,
                                         const char *key, const char *value,
                                         expclip_error *err)
{
    if (json_object_set_new(w->metadata, key, json_string(value)) != 0)
        return expclip__fail(err, EXPCLIP_ERROR_ARGUMENT,
                             "metadata \"%s\": not UTF-8", key);
    return EXPCLIP_OK;
}

/* {dtype, shape, data_offsets}, NULL when memory is out. */
static json_t *make_entry(expclip__dtype dtype, int32_t n_dims,
                          const int64_t *shape, uint64_t begin, uint64_t end)
{
    json_t *sizes = json_array();

    for (int32_t i = 0; i < n_dims; i++)
        if (json_array_append_new(sizes, json_integer(shape[i])) != 0) {
            json_decref(sizes);
            return NULL;
        }
    return json_pack("{s:s, s:o, s:[I, I]}", "dtype",
                     expclip__dtype_name(dtype), "shape", sizes, "data_offsets",
                     (json_int_t)begin, (json_int_t)end);
}

expclip_status expclip__tensors_describe(expclip__tensors_writer *w,
                                         const char *name, expclip__dtype dtype,
                                         int32_t n_dims, const int64_t *shape,
                                         expclip_error *err)
{
    described *grown;
    uint64_t end;
    int64_t n;

    if (w->n_written > 0 || json_object_get(w->tensors, name) ||
        !expclip__shape_count(n_dims, shape, &n) ||
        (dtype != EXPCLIP__F32 && dtype != EXPCLIP__F16 &&
         dtype != EXPCLIP__BF16))
        return expclip__fail(err, EXPCLIP_ERROR_INTERNAL,
                             "tensor \"%s\": cannot be written like this",
                             name);
    grown = expclip__grown(w->list, w->n_described, sizeof(*grown));
    if (!grown)
        return expclip__fail_memory(err, "tensor list");
    w->list = grown;
    end = w->data_size + (uint64_t)n * expclip__dtype_size(dtype);
    if (json_object_set_new(
            w->tensors, name,
            make_entry(dtype, n_dims, shape, w->data_size, end)) != 0)
        return expclip__fail_memory(err, "tensor list");
    grown[w->n_described++] = (described){ dtype, n };
    w->data_size = end;
    return EXPCLIP_OK;
}

static expclip_status write_header(expclip__tensors_writer *w,
                                   expclip_error *err)
{
    static const char spaces[8] = "        ";
    json_t *root = json_object();
    uint8_t raw[8];
    size_t size, padding;
    char *text;
    expclip_status status;

    json_object_set(root, "__metadata__", w->metadata);
    json_object_update(root, w->tensors);
    text = json_dumps(root, JSON_COMPACT);
    json_decref(root);
    if (!text)
        return expclip__fail_memory(err, "header");
    size = strlen(text);
    padding = (8 - size % 8) % 8;
    for (int i = 0; i < 8; i++)
        raw[i] = (uint8_t)((uint64_t)(size + padding) >> (8 * i));
    if (!(status = expclip__writer_add(w->file, raw, 8, err)) &&
        !(status = expclip__writer_add(w->file, text, size, err)))
        status = expclip__writer_add(w->file, spaces, padding, err);
    free(text); /* jansson's memory */
    return status;
}

expclip_status expclip__tensors_write_f32(expclip__tensors_writer *w,
                                          const float *values, int64_t n,
                                          expclip_error *err)
{
    unsigned char *chunk;
    size_t size;
    expclip__dtype dtype;
    expclip_status status = EXPCLIP_OK;

    if (w->n_written == w->n_described || w->list[w->n_written].n != n)
        return expclip__fail(err, EXPCLIP_ERROR_INTERNAL,
                             "tensor %zu: %lld values, not as described",
                             w->n_written, (long long)n);
    dtype = w->list[w->n_written].dtype;
    size = expclip__dtype_size(dtype);
    if (w->n_written == 0)
        status = write_header(w, err);
    chunk = expclip__alloc(CHUNK, size);
    if (!status && !chunk)
        status = expclip__fail_memory(err, "file writer");
    for (int64_t done = 0; !status && done < n; done += CHUNK) {
        const size_t now = (size_t)(n - done < CHUNK ? n - done : CHUNK);

        expclip__dtype_from_f32(chunk, values + done, now, dtype);
        status = expclip__writer_add(w->file, chunk, now * size, err);
    }
    expclip__free(chunk);
    w->n_written++;
    return status;
}

expclip_status expclip__tensors_commit(expclip__tensors_writer *w,
                                       expclip_error *err)
{
    expclip__writer *file = w->file;

    if (w->n_written != w->n_described || w->n_described == 0)
        return expclip__fail(err, EXPCLIP_ERROR_INTERNAL,
                             "%zu tensors written, %zu described", w->n_written,
                             w->n_described);
    w->file = NULL;
    return expclip__writer_commit(file, err);
}
