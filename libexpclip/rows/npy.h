/* SPDX-License-Identifier: MIT */
/*
 * npy.h - the header of a .npy file.
 */
#ifndef EXPCLIP_ROWS_NPY_H
#define EXPCLIP_ROWS_NPY_H

#include "base/dtype.h"
#include "base/io.h"

/** What a matrix's header says. */
typedef struct expclip__npy {
    expclip__dtype dtype; /* F32 or F16 */
    int64_t n;            /* rows */
    int64_t dim;          /* columns */
    uint64_t offset;      /* bytes before the numbers */
} expclip__npy;

/** 1 when a file starts as .npy files do. */
int expclip__npy_is(const expclip__file *file);
/** Read the header: FORMAT, TRUNCATED, UNSUPPORTED (Fortran order, another
 * dtype), SHAPE (not two dimensions). */
expclip_status expclip__npy_read(expclip__npy *out, const expclip__file *file,
                                 expclip_error *err);

#endif
