/* SPDX-License-Identifier: MIT */
/*
 * matrix_files.h - .npy files for the tests of training.
 */
#ifndef EXPCLIP_TEST_MATRIX_FILES_H
#define EXPCLIP_TEST_MATRIX_FILES_H

#include "unit/scratch.h"

/** Write a header and numbers. @return the path, valid until the next call */
static inline const char *write_npy(const char *name, const char *header,
                                    const void *numbers, size_t size)
{
    const size_t n = strlen(header);
    unsigned char *bytes = malloc(10 + n + size);
    const char *path;

    memcpy(bytes, "\x93NUMPY\1\0", 8);
    bytes[8] = (unsigned char)(n & 255);
    bytes[9] = (unsigned char)(n >> 8);
    memcpy(bytes + 10, header, n);
    memcpy(bytes + 10 + n, numbers, size);
    path = scratch_write(name, bytes, 10 + n + size);
    free(bytes);
    return path;
}

/** The same numbers in -1..1 for the same seed. */
static inline void fill_numbers(float *out, size_t n, uint32_t seed)
{
    for (size_t i = 0; i < n; i++) {
        seed = seed * 1664525u + 1013904223u;
        out[i] = (float)(seed >> 8) / 8388608.0f - 1.0f;
    }
}

/** Write float32 [n, dim] of a seed as numpy does. */
static inline const char *write_matrix(const char *name, int n, int dim,
                                       uint32_t seed)
{
    float *numbers = malloc((size_t)(n * dim) * sizeof(*numbers));
    char header[128];
    const char *path;

    fill_numbers(numbers, (size_t)(n * dim), seed);
    snprintf(header, sizeof(header),
             "{'descr': '<f4', 'fortran_order': False, 'shape': (%d, %d), }\n",
             n, dim);
    path =
        write_npy(name, header, numbers, (size_t)(n * dim) * sizeof(*numbers));
    free(numbers);
    return path;
}

#endif
