/* SPDX-License-Identifier: MIT */
/*
 * values.c - the elements of a tensor, as floats.
 *
 * A tensor is read from front to back in windows of a megabyte, so that it
 * needs no more memory than its result and each byte is touched while it is in
 * the cache: read, summed for the archive's checksum, converted, looked at.
 */
#include <math.h>
#include <string.h>
#include <zlib.h>

#include "base/alloc.h"
#include "base/error.h"
#include "weights/set.h"

#define WINDOW (1u << 18) /* elements converted at a time */

/* The bytes of a tensor's storage, in order. */
typedef struct stream {
    const expclip__file *file;
    const expclip__zip_entry *entry; /* NULL when there is nothing to check */
    uint64_t at;                     /* next byte of the file */
    uLong crc;                       /* of the entry's bytes before it */
    expclip_error *err;
} stream;

/* A tensor being read; `values` are its storage's elements first..end-1. */
typedef struct reader {
    const expclip__weight *w;
    stream s;
    unsigned char *bytes;
    float *values;
    int64_t first;
    int64_t end;
    int64_t span; /* elements between the tensor's first and last, with them */
} reader;

/* One dimension: its size, and the distance of its elements in the file and
 * in the result. */
typedef struct dimension {
    int64_t size;
    int64_t stride;
    int64_t step;
} dimension;

/* ---- bytes ---- */

static expclip_status read_bytes(stream *s, void *out, size_t size)
{
    const expclip_status status =
        expclip__file_read(s->file, s->at, out, size, s->err);

    if (!status && s->entry)
        s->crc = crc32_z(s->crc, out, size);
    s->at += size;
    return status;
}

/* Go on to byte `end`, for the checksum's sake. */
static expclip_status skip_to(reader *r, uint64_t end)
{
    const size_t most = WINDOW;
    expclip_status status = EXPCLIP_OK;

    while (!status && r->s.at < end)
        status =
            read_bytes(&r->s, r->bytes,
                       end - r->s.at < most ? (size_t)(end - r->s.at) : most);
    return status;
}

/* From the beginning of the entry, when its checksum is still to compare. */
static expclip_status start(reader *r)
{
    if (!r->s.entry)
        return EXPCLIP_OK;
    r->s.at = r->s.entry->start;
    return skip_to(r, r->w->offset);
}

/* To the end of the entry. */
static expclip_status finish(reader *r)
{
    const expclip__zip_entry *e = r->s.entry;
    expclip_status status;

    if (!e)
        return EXPCLIP_OK;
    status = skip_to(r, e->start + e->size);
    if (!status && r->s.crc != e->crc)
        status = expclip__fail(r->s.err, EXPCLIP_ERROR_FORMAT,
                               "%s: tensor \"%s\": wrong checksum of zip entry "
                               "\"%s\"",
                               r->s.file->path, r->w->name, e->name);
    return status;
}

/* ---- elements ---- */

/* The next `n` elements of the storage. */
static expclip_status read_elements(reader *r, float *out, size_t n)
{
    const size_t size = expclip__dtype_size(r->w->dtype);
    expclip_status status;

    if (r->w->dtype == EXPCLIP__F32)
        return read_bytes(&r->s, out, n * size);
    status = read_bytes(&r->s, r->bytes, n * size);
    if (!status)
        expclip__dtype_to_f32(out, r->bytes, n, r->w->dtype);
    return status;
}

static int64_t at_most(int64_t n)
{
    return n < (int64_t)WINDOW ? n : (int64_t)WINDOW;
}

/* NaN and infinity are what has all exponent bits set. */
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

/* `first` is the number of values[0] in the tensor. */
static expclip_status check_finite(const reader *r, const float *values,
                                   int64_t first, int64_t n)
{
    int64_t i = 0;

    if (all_finite(values, n))
        return EXPCLIP_OK;
    while (isfinite(values[i]))
        i++;
    return expclip__fail(r->s.err, EXPCLIP_ERROR_NONFINITE,
                         "%s: tensor \"%s\": element %lld is %s",
                         r->s.file->path, r->w->name, (long long)(first + i),
                         isnan(values[i]) ? "NaN" : "infinite");
}

/* Elements that lie as the result does. */
static expclip_status read_run(reader *r, float *out, int finite)
{
    expclip_status status = EXPCLIP_OK;

    for (int64_t done = 0; !status && done < r->w->n_elements;) {
        const int64_t now = at_most(r->w->n_elements - done);

        status = read_elements(r, out + done, (size_t)now);
        if (!status && finite)
            status = check_finite(r, out + done, done, now);
        done += now;
    }
    return status;
}

/* Windows up to the one that holds element `place` of the span. */
static expclip_status move_window(reader *r, int64_t place)
{
    expclip_status status = EXPCLIP_OK;

    while (!status && place >= r->end) {
        const int64_t now = at_most(r->span - r->end);

        status = read_elements(r, r->values, (size_t)now);
        r->first = r->end;
        r->end += now;
    }
    return status;
}

/*
 * The dimensions, largest stride first: in this order elements lie one behind
 * the other in the file, for no two of them are the same (pickle.c saw to it).
 */
static int32_t sort_dimensions(dimension *out, const expclip__weight *w)
{
    int64_t step = 1;
    int32_t n = 0;

    for (int32_t i = w->n_dims; i-- > 0; step *= w->shape[i]) {
        int32_t k = n;

        if (w->shape[i] == 1)
            continue;
        for (; k > 0 && out[k - 1].stride < w->stride[i]; k--)
            out[k] = out[k - 1];
        out[k] = (dimension){ w->shape[i], w->stride[i], step };
        n++;
    }
    return n;
}

/* Elements in the order of the file, each to its place in the result. */
static expclip_status read_view(reader *r, float *out, const dimension *dims,
                                int32_t n_dims)
{
    int64_t index[EXPCLIP__MAX_DIMS] = { 0 }, place = 0, target = 0;

    for (int64_t k = 0; k < r->w->n_elements; k++) {
        if (place >= r->end) {
            const expclip_status status = move_window(r, place);

            if (status)
                return status;
        }
        out[target] = r->values[place - r->first];
        for (int32_t d = n_dims; d-- > 0;) {
            place += dims[d].stride;
            target += dims[d].step;
            if (++index[d] < dims[d].size)
                break;
            place -= dims[d].stride * dims[d].size;
            target -= dims[d].step * dims[d].size;
            index[d] = 0;
        }
    }
    return EXPCLIP_OK;
}

static expclip_status read_tensor(reader *r, float *out, int finite)
{
    dimension dims[EXPCLIP__MAX_DIMS];
    const int32_t n_dims = sort_dimensions(dims, r->w);
    int row_major = 1;
    expclip_status status;

    r->span = 1;
    for (int32_t d = 0; d < n_dims; d++) {
        r->span += (dims[d].size - 1) * dims[d].stride;
        row_major &= dims[d].stride == dims[d].step;
    }
    r->bytes = expclip__alloc(WINDOW, sizeof(double));
    r->values = row_major ? NULL : expclip__alloc(WINDOW, sizeof(float));
    if (!r->bytes || (!row_major && !r->values))
        return expclip__fail_memory(r->s.err, r->w->name);
    if ((status = start(r)))
        return status;
    if (row_major) {
        status = read_run(r, out, finite);
    } else if (!(status = read_view(r, out, dims, n_dims)) && finite) {
        status = check_finite(r, out, 0, r->w->n_elements);
    }
    return status ? status : finish(r);
}

expclip_status expclip__weights_read_f32(const expclip__weights *ws,
                                         const expclip__weight *w, float *out,
                                         int64_t n, int check_finite_values,
                                         expclip_error *err)
{
    const expclip__source *source = &ws->sources[w->source];
    reader r = { .w = w,
                 .s = { .file = &source->file, .at = w->offset, .err = err } };
    expclip_status status;

    if (n != w->n_elements)
        return expclip__fail(err, EXPCLIP_ERROR_INTERNAL,
                             "tensor \"%s\": %lld elements, expected %lld",
                             w->name, (long long)w->n_elements, (long long)n);
    if (w->dtype > EXPCLIP__BF16)
        return expclip__fail(err, EXPCLIP_ERROR_UNSUPPORTED,
                             "tensor \"%s\": dtype %s, expected a float type",
                             w->name, expclip__dtype_name(w->dtype));
    if (n == 0)
        return EXPCLIP_OK;
    if (source->archive)
        r.s.entry = expclip__archive_unchecked(source, w);
    status = read_tensor(&r, out, check_finite_values);
    if (!status && r.s.entry)
        expclip__archive_set_checked(source, w);
    expclip__free(r.bytes);
    expclip__free(r.values);
    return status;
}
