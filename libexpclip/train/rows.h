/* SPDX-License-Identifier: MIT */
/*
 * rows.h - a matrix in a file, read row by row: .npy, or a safetensors file
 * with one matrix. Features and targets are larger than what training needs in
 * memory at once.
 */
#ifndef EXPCLIP_TRAIN_ROWS_H
#define EXPCLIP_TRAIN_ROWS_H

#include "base/dtype.h"
#include "base/io.h"

typedef struct expclip__rows {
    expclip__file file;
    uint64_t offset; /* bytes before the first row */
    int64_t n;
    int32_t dim;
    expclip__dtype dtype; /* F32, F16 or BF16 */
    uint64_t hash;        /* of everything in the file */
} expclip__rows;

/** Open and look at all of it: NOT_FOUND, IO, FORMAT, TRUNCATED, UNSUPPORTED,
 * SHAPE, LIMIT. */
expclip_status expclip__rows_open(expclip__rows *out, const char *path,
                                  expclip_error *err);
/** Rows by their numbers, as floats: out [n, dim]. NONFINITE names the row. */
expclip_status expclip__rows_read(const expclip__rows *rows, float *out,
                                  const int64_t *indices, size_t n,
                                  expclip_error *err);
void expclip__rows_close(expclip__rows *rows);

#endif
