/* SPDX-License-Identifier: MIT */
/*
 * npy_file.h - NumPy's .npy, of float32: a header of one size, so that it can
 * be written again when the number of rows is known, then rows.
 */
#ifndef EXPCLIP_CLI_NPY_FILE_H
#define EXPCLIP_CLI_NPY_FILE_H

#include <stddef.h>
#include <stdio.h>

/** Write the header at the place where the file is. */
void npy_write_header(FILE *f, const size_t *shape, size_t n_dims);
/** Write little-endian float32, as the header says. */
void npy_write_floats(FILE *f, const float *values, size_t n);

#endif
