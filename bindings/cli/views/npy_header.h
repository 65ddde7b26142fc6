/* SPDX-License-Identifier: MIT */
/*
 * npy_header.h - NumPy's .npy, version 1.0, of float32: 128 bytes, then rows.
 *
 * The header has one size whatever the shape, so that it can be written again
 * when the number of rows is known.
 */
#ifndef EXPCLIP_CLI_NPY_HEADER_H
#define EXPCLIP_CLI_NPY_HEADER_H

#include <stddef.h>
#include <stdio.h>

/** Write the header at the place where the file is. */
void npy_header_write(FILE *f, const size_t *shape, size_t n_dims);
/** Write little-endian float32, as the header says. */
void npy_write_floats(FILE *f, const float *values, size_t n);

#endif
