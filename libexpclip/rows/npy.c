/* SPDX-License-Identifier: MIT */
/*
 * npy.c - the header of NumPy's .npy files.
 *
 * It is a Python dict as text, of which numpy writes just these three keys:
 *     {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }
 * Nothing is evaluated: the keys are searched and their values must be spelled
 * as numpy does.
 */
#include "rows/npy.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"

static const char magic[6] = { '\x93', 'N', 'U', 'M', 'P', 'Y' };

enum { LONGEST_HEADER = 4096 };

int expclip__npy_is(const expclip__file *file)
{
    char found[sizeof(magic)];

    return file->size >= sizeof(magic) &&
           !expclip__file_read(file, 0, found, sizeof(found), NULL) &&
           memcmp(found, magic, sizeof(magic)) == 0;
}

static expclip_status fail_header(const expclip__file *file,
                                  expclip_status code, const char *what,
                                  expclip_error *err)
{
    return expclip__fail(err, code, "%s: .npy header: %s", file->path, what);
}

/* What follows a key and its colon; NULL when the key is not there. */
static const char *find_value(const char *header, const char *key)
{
    const char *place = strstr(header, key);

    if (!place)
        return NULL;
    place += strlen(key);
    while (*place == ':' || *place == ' ')
        place++;
    return place;
}

static const char *read_size(const char *text, int64_t *out)
{
    uint64_t n;
    size_t digits;

    text += strspn(text, " ");
    digits = strspn(text, "0123456789");
    if (digits == 0 || !expclip__parse_u64(text, digits, &n) || n > INT64_MAX)
        return NULL;
    *out = (int64_t)n;
    return text + digits;
}

/* "(3, 4)" with spaces anywhere. */
static int read_shape(const char *text, expclip__npy *out)
{
    if (!text || *text != '(' || !(text = read_size(text + 1, &out->n)))
        return 0;
    text += strspn(text, " ");
    if (*text != ',' || !(text = read_size(text + 1, &out->dim)))
        return 0;
    text += strspn(text, " ,");
    return *text == ')';
}

static expclip_status parse(expclip__npy *out, const char *header,
                            const expclip__file *file, expclip_error *err)
{
    const char *type = find_value(header, "'descr'");
    const char *order = find_value(header, "'fortran_order'");

    if (!type || !order)
        return fail_header(file, EXPCLIP_ERROR_FORMAT,
                           "no 'descr' or no 'fortran_order'", err);
    if (strncmp(type, "'<f4'", 5) == 0)
        out->dtype = EXPCLIP__F32;
    else if (strncmp(type, "'<f2'", 5) == 0)
        out->dtype = EXPCLIP__F16;
    else
        return fail_header(file, EXPCLIP_ERROR_UNSUPPORTED,
                           "another dtype than float32 or float16, little "
                           "endian; convert it with .astype(\"float32\")",
                           err);
    if (strncmp(order, "False", 5) != 0)
        return fail_header(file, EXPCLIP_ERROR_UNSUPPORTED,
                           "columns are stored first; convert it with "
                           "numpy.ascontiguousarray",
                           err);
    if (!read_shape(find_value(header, "'shape'"), out))
        return fail_header(file, EXPCLIP_ERROR_SHAPE,
                           "shape is not (rows, columns)", err);
    return EXPCLIP_OK;
}

expclip_status expclip__npy_read(expclip__npy *out, const expclip__file *file,
                                 expclip_error *err)
{
    unsigned char start[12];
    char header[LONGEST_HEADER + 1];
    expclip__npy npy = { 0 };
    uint64_t at = 10, size;
    expclip_status status = expclip__file_read(file, 0, start, at, err);

    if (status)
        return status;
    size = start[8] | (uint64_t)start[9] << 8;
    if (start[6] == 2 || start[6] == 3) {
        at = 12;
        status = expclip__file_read(file, 0, start, at, err);
        size |= (uint64_t)start[10] << 16 | (uint64_t)start[11] << 24;
    } else if (start[6] != 1) {
        return fail_header(file, EXPCLIP_ERROR_UNSUPPORTED,
                           "a version that is not 1, 2 or 3", err);
    }
    if (!status && size > LONGEST_HEADER)
        return fail_header(file, EXPCLIP_ERROR_LIMIT, "longer than 4096 bytes",
                           err);
    if (!status)
        status = expclip__file_read(file, at, header, size, err);
    if (status)
        return status;
    header[size] = '\0';
    npy.offset = at + size;
    status = parse(&npy, header, file, err);
    if (!status)
        *out = npy;
    return status;
}
