/* SPDX-License-Identifier: MIT */
/*
 * matrix.c - a matrix in files, read row by row.
 *
 * All files are read once when they are opened: their hash tells whether they
 * are still the ones that a checkpoint was trained on.
 */
#include "rows/matrix.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/text.h"
#include "rows/npy.h"
#include "rows/row_store.h"
#include "weights/weights.h"

enum { HASH_BLOCK = 1 << 20, MOST_SHARDS = 10000 };

/* ---- what a file holds ---- */

static expclip_status find_npy(expclip__matrix_part *p, expclip_error *err)
{
    expclip__npy npy;
    expclip_status status = expclip__npy_read(&npy, &p->file, err);

    if (status)
        return status;
    p->n = npy.n;
    p->dim = npy.dim;
    p->dtype = npy.dtype;
    p->offset = npy.offset;
    return EXPCLIP_OK;
}

static expclip_status take_tensor(expclip__matrix_part *p,
                                  const expclip__weights *ws,
                                  expclip_error *err)
{
    const char *path = p->file.path;
    const expclip__weight *w =
        expclip__weights_count(ws) ? expclip__weights_at(ws, 0) : NULL;

    if (strcmp(expclip__weights_format(ws), "safetensors") != 0)
        return expclip__fail(err, EXPCLIP_ERROR_UNSUPPORTED,
                             "%s: %s, expected a file of features or targets, "
                             ".npy or safetensors",
                             path, expclip__weights_format(ws));
    if (expclip__weights_count(ws) != 1 || !w || w->n_dims != 2)
        return expclip__fail(err, EXPCLIP_ERROR_SHAPE,
                             "%s: %zu tensors, expected one matrix", path,
                             expclip__weights_count(ws));
    if (w->dtype != EXPCLIP__F32 && w->dtype != EXPCLIP__F16 &&
        w->dtype != EXPCLIP__BF16)
        return expclip__fail(err, EXPCLIP_ERROR_UNSUPPORTED,
                             "%s: tensor \"%s\": %s, expected F32, F16 or BF16",
                             path, w->name, expclip__dtype_name(w->dtype));
    p->n = w->shape[0];
    p->dim = w->shape[1];
    p->dtype = w->dtype;
    p->offset = w->offset;
    return EXPCLIP_OK;
}

static expclip_status find_tensor(expclip__matrix_part *p, expclip_error *err)
{
    expclip__weights *ws = NULL;
    expclip_status status = expclip__weights_open(&ws, p->file.path, err);

    if (!status)
        status = take_tensor(p, ws, err);
    expclip__weights_free(ws);
    return status;
}

static expclip_status check_size(const expclip__matrix_part *p,
                                 expclip_error *err)
{
    const expclip__file *file = &p->file;
    uint64_t size;

    if (p->n < 1 || p->dim < 1 || p->dim > INT32_MAX)
        return expclip__fail(
            err, EXPCLIP_ERROR_SHAPE,
            "%s: shape [%lld, %lld], expected rows and columns", file->path,
            (long long)p->n, (long long)p->dim);
    if (__builtin_mul_overflow((uint64_t)p->n, p->stride, &size) ||
        __builtin_add_overflow(size, p->offset, &size) || size > file->size)
        return expclip__fail(err, EXPCLIP_ERROR_TRUNCATED,
                             "%s: %llu bytes, too few for [%lld, %lld]",
                             file->path, (unsigned long long)file->size,
                             (long long)p->n, (long long)p->dim);
    return EXPCLIP_OK;
}

static int is_row_file(const expclip__file *file)
{
    static const char start[] = "expclip rows";
    char first[sizeof(start) - 1];

    return file->size >= EXPCLIP__ROW_HEADER &&
           !expclip__file_read(file, 0, first, sizeof(first), NULL) &&
           memcmp(first, start, sizeof(first)) == 0;
}

/* The last line is "rows: N of DIM numbers". */
static int read_last_line(expclip__matrix_part *p, const char *text)
{
    const char *line = strstr(text, "\nrows: ");
    uint64_t n, dim;
    size_t digits;

    if (!line)
        return 0;
    line += strlen("\nrows: ");
    digits = strspn(line, "0123456789");
    if (!expclip__parse_u64(line, digits, &n) ||
        strncmp(line + digits, " of ", 4) != 0)
        return 0;
    line += digits + 4;
    if (!expclip__parse_u64(line, strspn(line, "0123456789"), &dim))
        return 0;
    p->n = (int64_t)n;
    p->dim = (int64_t)dim;
    return n > 0 && n <= INT64_MAX / 16 && dim > 0 && dim <= INT32_MAX;
}

/* A finished file of features or targets; its text is left in the header. */
static expclip_status find_store(expclip__matrix_part *p,
                                 char header[EXPCLIP__ROW_HEADER],
                                 expclip_error *err)
{
    expclip_status status =
        expclip__file_read(&p->file, 0, header, EXPCLIP__ROW_HEADER, err);
    uint64_t n;

    if (status)
        return status;
    if (!expclip__row_header_sound(header) ||
        !read_last_line(p, header + EXPCLIP__ROW_TEXT))
        return expclip__fail(err, EXPCLIP_ERROR_FORMAT,
                             "%s: damaged at its beginning", p->file.path);
    p->dtype = EXPCLIP__F32;
    p->offset = EXPCLIP__ROW_HEADER + EXPCLIP__ROW_START;
    p->stride = expclip__row_record_size((size_t)p->dim);
    p->is_store = 1;
    n = (p->file.size - EXPCLIP__ROW_HEADER) / p->stride;
    if (n >= (uint64_t)p->n)
        return EXPCLIP_OK;
    return expclip__fail(err, EXPCLIP_ERROR_STATE,
                         "%s: %llu of %lld rows are there; the command that "
                         "makes it continues when it is run again",
                         p->file.path, (unsigned long long)n, (long long)p->n);
}

static expclip_status find_rows(expclip__matrix_part *p,
                                char header[EXPCLIP__ROW_HEADER],
                                expclip_error *err)
{
    expclip_status status;

    memset(header, 0, EXPCLIP__ROW_HEADER);
    if (is_row_file(&p->file))
        return find_store(p, header, err);
    status = expclip__npy_is(&p->file) ? find_npy(p, err) : find_tensor(p, err);
    if (status)
        return status;
    p->stride = (uint64_t)p->dim * expclip__dtype_size(p->dtype);
    return check_size(p, err);
}

/* ---- the identity that a file of features or targets keeps ---- */

/* Copy the line "name: value" to out, "" when there is none. */
static void find_line(char *out, size_t size, const char *identity,
                      const char *name)
{
    const char *line = strstr(identity, name);

    snprintf(out, size, "%.*s", line ? (int)strcspn(line, "\n") : 0,
             line ? line : "");
}

/* "0.015625" and the like, as printf wrote it; no locale, no exponent below
 * 1e-4: factors of cosines are about 1 to 100. 0 for another text. */
static double read_decimal(const char *text)
{
    double value = 0.0, unit = 1.0;
    int after = 0;

    for (; *text; text++) {
        if (*text == '.' && !after)
            after = 1;
        else if (*text < '0' || *text > '9')
            return 0.0;
        else if (after)
            value += (double)(*text - '0') * (unit /= 10.0);
        else
            value = 10.0 * value + (double)(*text - '0');
    }
    return value;
}

static void take_identity(expclip__matrix *r, const char *identity)
{
    static const char scale[] = "logit_scale: ";
    char line[96];

    find_line(r->data, sizeof(r->data), identity, "data set: ");
    find_line(r->encoder, sizeof(r->encoder), identity, "encoder: ");
    find_line(line, sizeof(line), identity, scale);
    r->logit_scale = *line ? read_decimal(line + sizeof(scale) - 1) : 0.0;
}

/* ---- opening ---- */

static expclip_status hash_file(expclip__matrix *r, const expclip__file *file,
                                expclip_error *err)
{
    uint8_t *block = expclip__alloc(HASH_BLOCK, 1);
    expclip_status status = EXPCLIP_OK;

    if (!block)
        return expclip__fail_memory(err, "rows");
    for (uint64_t at = 0; !status && at < file->size; at += HASH_BLOCK) {
        const uint64_t left = file->size - at;
        const size_t size = left < HASH_BLOCK ? (size_t)left : HASH_BLOCK;

        status = expclip__file_read(file, at, block, size, err);
        if (!status)
            r->hash = expclip__hash(r->hash, block, size);
    }
    expclip__free(block);
    return status;
}

/* A whole record of a part that has them. */
static expclip_status read_record(const expclip__matrix_part *part,
                                  void *record, size_t dim, int64_t item,
                                  expclip_error *err)
{
    const expclip_status status = expclip__file_read(
        &part->file, EXPCLIP__ROW_HEADER + (uint64_t)item * part->stride,
        record, (size_t)part->stride, err);

    if (status || expclip__row_record_sound(record, dim, (size_t)item))
        return status;
    return expclip__fail_row_record(err, part->file.path, (size_t)item);
}

/* Which rows of a part failed when they were computed; each must agree with its
 * checksum, status and message too. */
static expclip_status note_failed(expclip__matrix *r,
                                  const expclip__matrix_part *part,
                                  expclip_error *err)
{
    char *record = expclip__alloc((size_t)part->stride, 1);
    uint8_t *failed = expclip__realloc(r->failed, (size_t)r->n, 1);
    expclip_status status = EXPCLIP_OK;

    if (failed)
        r->failed = failed;
    if (!failed || !record)
        status = expclip__fail_memory(err, "rows");
    for (int64_t i = 0; !status && i < part->n; i++) {
        int32_t code;

        status = read_record(part, record, (size_t)r->dim, i, err);
        if (status)
            break;
        memcpy(&code, record, sizeof(code));
        failed[part->first + i] = code != EXPCLIP_OK;
    }
    expclip__free(record);
    return status;
}

static expclip_status check_same(const expclip__matrix *r,
                                 const expclip__matrix_part *p,
                                 const char *identity, expclip_error *err)
{
    char data[sizeof(r->data)];

    find_line(data, sizeof(data), identity, "data set: ");
    if (p->is_store && p->dim == r->dim && strcmp(data, r->data) == 0)
        return EXPCLIP_OK;
    return expclip__fail(err, EXPCLIP_ERROR_STATE,
                         "%s: %lld columns, \"%s\", expected %d, \"%s\", as in "
                         "the first shard",
                         p->file.path, (long long)p->dim, data, (int)r->dim,
                         r->data);
}

/* Append a file to the whole. */
static expclip_status add_part(expclip__matrix *r, const char *path,
                               expclip_error *err)
{
    expclip__matrix_part *p = &r->parts[r->n_parts];
    char header[EXPCLIP__ROW_HEADER];
    const char *identity = header + EXPCLIP__ROW_TEXT;
    expclip_status status = expclip__file_open(&p->file, path, err);

    if (status)
        return status;
    r->n_parts++; /* to be closed */
    status = find_rows(p, header, err);
    if (!status && r->n_parts > 1)
        status = check_same(r, p, identity, err);
    if (status)
        return status;
    p->first = r->n;
    r->n += p->n;
    r->dim = (int32_t)p->dim;
    r->dtype = p->dtype;
    if (p->is_store) {
        take_identity(r, identity);
        status = note_failed(r, p, err);
    }
    return status ? status : hash_file(r, &p->file, err);
}

/* Shards NAME-00001-of-0000N: how many there are, 0 = none. */
static int32_t count_shards(const char *path)
{
    for (int32_t n = 2; n <= MOST_SHARDS; n++) {
        expclip__buffer name = { 0 };
        int there;

        expclip__buffer_add_format(&name, "%s-00001-of-%05d", path, (int)n);
        there = !name.failed && access(name.data, F_OK) == 0;
        expclip__buffer_free(&name);
        if (there)
            return n;
    }
    return 0;
}

static expclip_status add_shards(expclip__matrix *r, const char *path,
                                 int32_t n, expclip_error *err)
{
    expclip_status status = EXPCLIP_OK;

    for (int32_t i = 1; !status && i <= n; i++) {
        expclip__buffer name = { 0 };

        expclip__buffer_add_format(&name, "%s-%05d-of-%05d", path, (int)i,
                                   (int)n);
        status = name.failed ? expclip__fail_memory(err, "rows")
                             : add_part(r, name.data, err);
        expclip__buffer_free(&name);
    }
    return status;
}

expclip_status expclip__matrix_open(expclip__matrix *out, const char *path,
                                    expclip_error *err)
{
    const int32_t n = access(path, F_OK) == 0 ? 0 : count_shards(path);
    expclip__matrix r = { .hash = EXPCLIP__HASH_START };
    expclip_status status;

    r.parts = expclip__alloc_zero(n ? (size_t)n : 1, sizeof(*r.parts));
    if (!r.parts)
        return expclip__fail_memory(err, "rows");
    status = n ? add_shards(&r, path, n, err) : add_part(&r, path, err);
    if (status)
        expclip__matrix_close(&r);
    else
        *out = r;
    return status;
}

/* ---- reading ---- */

static expclip_status check_finite(const expclip__matrix *m,
                                   const expclip__matrix_part *part,
                                   const float *row, int64_t index,
                                   expclip_error *err)
{
    for (int32_t j = 0; j < m->dim; j++)
        if (!isfinite(row[j]))
            return expclip__fail(err, EXPCLIP_ERROR_NONFINITE,
                                 "%s: row %lld, column %d: %g, expected a "
                                 "finite number",
                                 part->file.path,
                                 (long long)(index - part->first), (int)j,
                                 (double)row[j]);
    return EXPCLIP_OK;
}

/* `bytes` has room for a row or, in parts that have them, a record. */
static expclip_status read_row(const expclip__matrix *m, float *out,
                               uint8_t *bytes, int64_t index,
                               expclip_error *err)
{
    const size_t size = (size_t)m->dim * expclip__dtype_size(m->dtype);
    const expclip__matrix_part *part = m->parts;
    const uint8_t *row = bytes;
    expclip_status status;

    while (index >= part->first + part->n)
        part++;
    if (part->is_store) {
        status =
            read_record(part, bytes, (size_t)m->dim, index - part->first, err);
        row += EXPCLIP__ROW_START;
    } else {
        status = expclip__file_read(
            &part->file,
            part->offset + (uint64_t)(index - part->first) * part->stride,
            bytes, size, err);
    }
    if (status)
        return status;
    expclip__dtype_to_f32(out, row, (size_t)m->dim, m->dtype);
    return check_finite(m, part, out, index, err);
}

expclip_status expclip__matrix_read(const expclip__matrix *m, float *out,
                                    const int64_t *indices, size_t n,
                                    expclip_error *err)
{
    const size_t dim = (size_t)m->dim;
    uint8_t *bytes = expclip__alloc(expclip__row_record_size(dim), 1);
    expclip_status status = EXPCLIP_OK;

    if (!bytes)
        return expclip__fail_memory(err, "row");
    for (size_t i = 0; !status && i < n; i++)
        status = read_row(m, out + i * dim, bytes, indices[i], err);
    expclip__free(bytes);
    return status;
}

void expclip__matrix_close(expclip__matrix *m)
{
    for (size_t i = 0; i < m->n_parts; i++)
        expclip__file_close(&m->parts[i].file);
    expclip__free(m->parts);
    expclip__free(m->failed);
    memset(m, 0, sizeof(*m));
}
