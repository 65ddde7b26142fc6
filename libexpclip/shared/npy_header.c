/* SPDX-License-Identifier: MIT */
/*
 * npy_header.c - the header of NumPy's .npy files, made and read.
 */
#include "shared/npy_header.h"

#include <stdio.h>
#include <string.h>

void expclip__npy_make(uint8_t out[EXPCLIP__NPY_HEADER_SIZE],
                       const size_t *shape, size_t n_dims)
{
    /* version 1.0 and the dict's size, little-endian */
    static const char prefix[] = EXPCLIP__NPY_MAGIC "\1\0\x76\0";
    enum {
        PREFIX_SIZE = sizeof(prefix) - 1,
        SIZE = EXPCLIP__NPY_HEADER_SIZE - PREFIX_SIZE
    };
    char dict[SIZE];
    int n = snprintf(dict, SIZE,
                     "{'descr': '<f4', 'fortran_order': False, 'shape': (");

    for (size_t i = 0; i < n_dims; i++)
        n += snprintf(dict + n, SIZE - (size_t)n, "%zu,%s", shape[i],
                      i + 1 < n_dims ? " " : "");
    n += snprintf(dict + n, SIZE - (size_t)n, "), }");
    memset(dict + n, ' ', SIZE - (size_t)n);
    dict[SIZE - 1] = '\n';
    memcpy(out, prefix, PREFIX_SIZE);
    memcpy(out + PREFIX_SIZE, dict, SIZE);
}

/* What follows a key and its colon; NULL when the key is not there. */
static const char *find_value(const char *dict, const char *key)
{
    const char *place = strstr(dict, key);

    if (!place)
        return NULL;
    place += strlen(key);
    while (*place == ':' || *place == ' ')
        place++;
    return place;
}

static const char *read_size(const char *text, int64_t *out)
{
    int64_t n = 0;

    text += strspn(text, " ");
    if (*text < '0' || *text > '9')
        return NULL;
    for (; *text >= '0' && *text <= '9'; text++) {
        const int digit = *text - '0';

        if (n > (INT64_MAX - digit) / 10)
            return NULL;
        n = 10 * n + digit;
    }
    *out = n;
    return text;
}

/* "(3, 4)" with spaces anywhere. */
static int read_shape(const char *text, expclip__npy_dict *out)
{
    if (!text || *text != '(' || !(text = read_size(text + 1, &out->n)))
        return 0;
    text += strspn(text, " ");
    if (*text != ',' || !(text = read_size(text + 1, &out->dim)))
        return 0;
    text += strspn(text, " ,");
    return *text == ')';
}

expclip_status expclip__npy_parse(expclip__npy_dict *out, const char *dict,
                                  const char **why)
{
    const char *type = find_value(dict, "'descr'");
    const char *order = find_value(dict, "'fortran_order'");

    *why = "no 'descr' or no 'fortran_order'";
    if (!type || !order)
        return EXPCLIP_ERROR_FORMAT;
    out->is_half = strncmp(type, "'<f2'", 5) == 0;
    *why = "another dtype than float32 or float16, little endian; convert it"
           " with .astype(\"float32\")";
    if (!out->is_half && strncmp(type, "'<f4'", 5) != 0)
        return EXPCLIP_ERROR_UNSUPPORTED;
    *why = "columns are stored first; convert it with numpy.ascontiguousarray";
    if (strncmp(order, "False", 5) != 0)
        return EXPCLIP_ERROR_UNSUPPORTED;
    *why = "shape is not (rows, columns)";
    if (!read_shape(find_value(dict, "'shape'"), out))
        return EXPCLIP_ERROR_SHAPE;
    return EXPCLIP_OK;
}
