/* SPDX-License-Identifier: MIT */
/*
 * matrix.h - a matrix in files, read row by row: what features and targets left
 * (rows/row_store.h), in one file or shards, .npy, or a safetensors file with
 * one matrix. It may be larger than the memory.
 */
#ifndef EXPCLIP_ROWS_MATRIX_H
#define EXPCLIP_ROWS_MATRIX_H

#include "base/dtype.h"
#include "base/io.h"

/** One file of it. */
typedef struct expclip__matrix_part {
    expclip__file file;
    int64_t first; /* its first row's number */
    int64_t n;     /* rows */
    int64_t dim;   /* columns */
    expclip__dtype dtype;
    uint64_t offset; /* bytes before the first row */
    uint64_t stride; /* bytes from row to row */
    int is_store;    /* rows are records with checksums (row_store.h) */
} expclip__matrix_part;

typedef struct expclip__matrix {
    expclip__matrix_part *parts; /* [n_parts], in order */
    size_t n_parts;
    int64_t n;
    int32_t dim;
    expclip__dtype dtype; /* F32, F16 or BF16 */
    uint64_t hash;        /* of everything in the files */
    uint8_t *failed;      /* [n] 1 = there is no row; NULL = all are there */
    double logit_scale;   /* that the files keep, 0 = none */
    char data[96];        /* the line "data set: ..." that they keep, or "" */
    char encoder[96];     /* the line "encoder: ..." of features, or "" */
} expclip__matrix;

/**
 * Open and look at all of it: NOT_FOUND, IO, FORMAT, TRUNCATED, UNSUPPORTED,
 * SHAPE, LIMIT; STATE when rows are still to be computed or a shard is missing.
 */
expclip_status expclip__matrix_open(expclip__matrix *out, const char *path,
                                    expclip_error *err);
/** Rows by their numbers, as floats: out [n, dim]. NONFINITE names the row, and
 * FORMAT one that no longer agrees with its checksum. */
expclip_status expclip__matrix_read(const expclip__matrix *m, float *out,
                                    const int64_t *indices, size_t n,
                                    expclip_error *err);
void expclip__matrix_close(expclip__matrix *m);

#endif
