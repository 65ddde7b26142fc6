/* SPDX-License-Identifier: MIT */
/*
 * npy.c - the header of a .npy file; shared/npy_header.c has its grammar.
 */
#include "rows/npy.h"

#include <string.h>

#include "base/error.h"
#include "shared/npy_header.h"

enum { LONGEST_HEADER = 4096 };

int expclip__npy_is(const expclip__file *file)
{
    char found[EXPCLIP__NPY_MAGIC_SIZE];

    return file->size >= sizeof(found) &&
           !expclip__file_read(file, 0, found, sizeof(found), NULL) &&
           memcmp(found, EXPCLIP__NPY_MAGIC, sizeof(found)) == 0;
}

static expclip_status fail_header(const expclip__file *file,
                                  expclip_status code, const char *what,
                                  expclip_error *err)
{
    return expclip__fail(err, code, "%s: .npy header: %s", file->path, what);
}

expclip_status expclip__npy_read(expclip__npy *out, const expclip__file *file,
                                 expclip_error *err)
{
    unsigned char start[12];
    char header[LONGEST_HEADER + 1];
    expclip__npy_dict dict = { 0 };
    const char *why;
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
    status = expclip__npy_parse(&dict, header, &why);
    if (status)
        return fail_header(file, status, why, err);
    *out = (expclip__npy){ dict.is_half ? EXPCLIP__F16 : EXPCLIP__F32, dict.n,
                           dict.dim, at + size };
    return EXPCLIP_OK;
}
