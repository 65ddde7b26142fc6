/* SPDX-License-Identifier: MIT */
/*
 * rows.c - a matrix in a file, read row by row.
 *
 * The whole file is read once when it is opened: its hash tells whether it is
 * still the file that a checkpoint was trained on.
 */
#include "train/rows.h"

#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/hash.h"
#include "train/npy.h"
#include "weights/weights.h"

enum { HASH_BLOCK = 1 << 20 };

static expclip_status find_npy(expclip__rows *r, int64_t *dim,
                               expclip_error *err)
{
    expclip__npy npy;
    expclip_status status = expclip__npy_read(&npy, &r->file, err);

    if (status)
        return status;
    r->dtype = npy.dtype;
    r->offset = npy.offset;
    r->n = npy.n;
    *dim = npy.dim;
    return EXPCLIP_OK;
}

static expclip_status take_tensor(expclip__rows *r, int64_t *dim,
                                  const expclip__weights *ws,
                                  expclip_error *err)
{
    const expclip__weight *w = expclip__weights_at(ws, 0);

    if (strcmp(expclip__weights_format(ws), "safetensors") != 0)
        return expclip__fail(err, EXPCLIP_ERROR_UNSUPPORTED,
                             "%s: %s, expected .npy or one safetensors file",
                             r->file.path, expclip__weights_format(ws));
    if (expclip__weights_count(ws) != 1 || w->n_dims != 2)
        return expclip__fail(err, EXPCLIP_ERROR_SHAPE,
                             "%s: %zu tensors, expected one matrix",
                             r->file.path, expclip__weights_count(ws));
    if (w->dtype != EXPCLIP__F32 && w->dtype != EXPCLIP__F16 &&
        w->dtype != EXPCLIP__BF16)
        return expclip__fail(err, EXPCLIP_ERROR_UNSUPPORTED,
                             "%s: tensor \"%s\": %s, expected F32, F16 or BF16",
                             r->file.path, w->name,
                             expclip__dtype_name(w->dtype));
    r->dtype = w->dtype;
    r->offset = w->offset;
    r->n = w->shape[0];
    *dim = w->shape[1];
    return EXPCLIP_OK;
}

static expclip_status find_tensor(expclip__rows *r, int64_t *dim,
                                  const char *path, expclip_error *err)
{
    expclip__weights *ws = NULL;
    expclip_status status = expclip__weights_open(&ws, path, err);

    if (!status)
        status = take_tensor(r, dim, ws, err);
    expclip__weights_free(ws);
    return status;
}

static expclip_status hash_file(expclip__rows *r, expclip_error *err)
{
    uint8_t *block = expclip__alloc(HASH_BLOCK, 1);
    expclip_status status = EXPCLIP_OK;

    if (!block)
        return expclip__fail_memory(err, "rows");
    r->hash = EXPCLIP__HASH_START;
    for (uint64_t at = 0; !status && at < r->file.size; at += HASH_BLOCK) {
        const uint64_t left = r->file.size - at;
        const size_t size = left < HASH_BLOCK ? (size_t)left : HASH_BLOCK;

        status = expclip__file_read(&r->file, at, block, size, err);
        r->hash = expclip__hash(r->hash, block, size);
    }
    expclip__free(block);
    return status;
}

static expclip_status check_size(expclip__rows *r, int64_t dim,
                                 expclip_error *err)
{
    uint64_t size;

    if (r->n < 1 || dim < 1 || dim > INT32_MAX)
        return expclip__fail(
            err, EXPCLIP_ERROR_SHAPE,
            "%s: shape [%lld, %lld], expected rows and columns", r->file.path,
            (long long)r->n, (long long)dim);
    r->dim = (int32_t)dim;
    if (__builtin_mul_overflow((uint64_t)r->n, (uint64_t)dim, &size) ||
        __builtin_mul_overflow(size, expclip__dtype_size(r->dtype), &size) ||
        __builtin_add_overflow(size, r->offset, &size) || size > r->file.size)
        return expclip__fail(err, EXPCLIP_ERROR_TRUNCATED,
                             "%s: %llu bytes, too few for [%lld, %lld]",
                             r->file.path, (unsigned long long)r->file.size,
                             (long long)r->n, (long long)dim);
    return EXPCLIP_OK;
}

expclip_status expclip__rows_open(expclip__rows *out, const char *path,
                                  expclip_error *err)
{
    expclip__rows r = { 0 };
    int64_t dim = 0;
    expclip_status status = expclip__file_open(&r.file, path, err);

    if (status)
        return status;
    if (expclip__npy_is(&r.file))
        status = find_npy(&r, &dim, err);
    else
        status = find_tensor(&r, &dim, path, err);
    if (!status)
        status = check_size(&r, dim, err);
    if (!status)
        status = hash_file(&r, err);
    if (status)
        expclip__rows_close(&r);
    else
        *out = r;
    return status;
}

static expclip_status check_finite(const expclip__rows *rows, const float *row,
                                   int64_t index, expclip_error *err)
{
    for (int32_t j = 0; j < rows->dim; j++)
        if (!isfinite(row[j]))
            return expclip__fail(err, EXPCLIP_ERROR_NONFINITE,
                                 "%s: row %lld, column %d: %g, expected a "
                                 "finite number",
                                 rows->file.path, (long long)index, (int)j,
                                 (double)row[j]);
    return EXPCLIP_OK;
}

expclip_status expclip__rows_read(const expclip__rows *rows, float *out,
                                  const int64_t *indices, size_t n,
                                  expclip_error *err)
{
    const size_t dim = (size_t)rows->dim;
    const size_t size = dim * expclip__dtype_size(rows->dtype);
    uint8_t *bytes = expclip__alloc(size, 1);
    expclip_status status = EXPCLIP_OK;

    if (!bytes)
        return expclip__fail_memory(err, "row");
    for (size_t i = 0; !status && i < n; i++) {
        status = expclip__file_read(&rows->file,
                                    rows->offset + (uint64_t)indices[i] * size,
                                    bytes, size, err);
        if (status)
            break;
        expclip__dtype_to_f32(out + i * dim, bytes, dim, rows->dtype);
        status = check_finite(rows, out + i * dim, indices[i], err);
    }
    expclip__free(bytes);
    return status;
}

void expclip__rows_close(expclip__rows *rows)
{
    expclip__file_close(&rows->file);
    memset(rows, 0, sizeof(*rows));
    rows->file.fd = -1;
}
