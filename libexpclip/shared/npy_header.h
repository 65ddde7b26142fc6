/* SPDX-License-Identifier: MIT */
/*
 * npy_header.h - the header of NumPy's .npy files (numpy.lib.format, versions 1
 * to 3), made and read.
 *
 * Behind some bytes of its own it is a Python dict as text, of which numpy
 * writes just these three keys:
 *     {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }
 * Nothing is evaluated: the keys are searched and their values must be spelled
 * as numpy does.
 */
#ifndef EXPCLIP_NPY_HEADER_H
#define EXPCLIP_NPY_HEADER_H

#include <expclip.h>

#define EXPCLIP__NPY_MAGIC "\x93NUMPY"

enum {
    EXPCLIP__NPY_MAGIC_SIZE = sizeof(EXPCLIP__NPY_MAGIC) - 1,
    /* of those made here, whatever the shape, so that one can be written again
     * when the number of rows is known */
    EXPCLIP__NPY_HEADER_SIZE = 128
};

/** What a matrix's dict says. */
typedef struct expclip__npy_dict {
    int is_half; /* float16, else float32 */
    int64_t n;   /* rows */
    int64_t dim; /* columns */
} expclip__npy_dict;

/** The header, version 1.0, of little-endian float32. */
void expclip__npy_make(uint8_t out[EXPCLIP__NPY_HEADER_SIZE],
                       const size_t *shape, size_t n_dims);
/**
 * Read a dict, ended by NUL.
 *
 * @param why  gets what is wrong with it
 * @return 0, FORMAT, UNSUPPORTED (Fortran order, another dtype) or SHAPE (not
 *         two dimensions)
 */
expclip_status expclip__npy_parse(expclip__npy_dict *out, const char *dict,
                                  const char **why);

#endif
