/* SPDX-License-Identifier: MIT */
/*
 * npy_header.c - NumPy's .npy, version 1.0, of float32.
 * (Format: numpy/lib/format.py, "NumPy array file format".)
 */
#include "views/npy_header.h"

#include <stdint.h>
#include <string.h>

enum { HEADER_SIZE = 128, PREFIX_SIZE = 10 };

void npy_header_write(FILE *f, const size_t *shape, size_t n_dims)
{
    char text[HEADER_SIZE - PREFIX_SIZE + 1];
    int n = snprintf(text, sizeof(text),
                     "{'descr': '<f4', 'fortran_order': False, 'shape': (");

    for (size_t i = 0; i < n_dims; i++)
        n += snprintf(text + n, sizeof(text) - (size_t)n, "%zu,%s", shape[i],
                      i + 1 < n_dims ? " " : "");
    n += snprintf(text + n, sizeof(text) - (size_t)n, "), }");
    memset(text + n, ' ', sizeof(text) - (size_t)n);
    text[sizeof(text) - 2] = '\n';
    fwrite("\x93NUMPY\x01\x00", 1, 8, f);
    fputc(HEADER_SIZE - PREFIX_SIZE, f); /* little-endian 16 bits */
    fputc(0, f);
    fwrite(text, 1, HEADER_SIZE - PREFIX_SIZE, f);
}

void npy_write_floats(FILE *f, const float *values, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        uint32_t bits;
        unsigned char bytes[4];
        memcpy(&bits, &values[i], sizeof(bits));
        for (int k = 0; k < 4; k++)
            bytes[k] = (unsigned char)(bits >> 8 * k);
        fwrite(bytes, 1, sizeof(bytes), f);
    }
}
