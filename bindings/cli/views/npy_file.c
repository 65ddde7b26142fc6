/* SPDX-License-Identifier: MIT */
/*
 * npy_file.c - NumPy's .npy, of float32.
 */
#include "views/npy_file.h"

#include <stdint.h>
#include <string.h>

#include "shared/npy_header.h"

void npy_write_header(FILE *f, const size_t *shape, size_t n_dims)
{
    uint8_t header[EXPCLIP__NPY_HEADER_SIZE];

    expclip__npy_make(header, shape, n_dims);
    fwrite(header, 1, sizeof(header), f);
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
