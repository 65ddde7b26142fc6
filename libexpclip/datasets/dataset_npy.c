/* SPDX-License-Identifier: MIT */
/*
 * dataset_npy.c - the one number in a NumPy file, as AffectNet's later release
 * keeps its labels: text ('<U1'), an integer or a whole float, shape () or
 * (1,).
 */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/error.h"
#include "datasets/dataset_layouts.h"

#define MAX_SIZE 4096
#define MAX_DIGITS 18

/* What is left to read of a file. */
typedef struct rest {
    const uint8_t *at;
    size_t size;
} rest;

static int take(rest *r, const char *text)
{
    const size_t n = strlen(text);

    if (r->size < n || memcmp(r->at, text, n) != 0)
        return 0;
    r->at += n;
    r->size -= n;
    return 1;
}

/* Magic, version and the length of the header; what follows is in *r. */
static int take_start(rest *r)
{
    size_t header;
    int wide;

    if (!take(r, "\x93NUMPY") || r->size < 6 || r->at[0] < 1 || r->at[0] > 3 ||
        r->at[1] != 0)
        return 0;
    wide = r->at[0] > 1;
    header = (size_t)expclip__little_endian(r->at + 2, wide ? 4 : 2);
    r->at += wide ? 6 : 4;
    r->size -= wide ? 6 : 4;
    return header > 0 && header <= r->size && r->at[header - 1] == '\n';
}

/* The header as NumPy writes it, keys in order. */
static int take_header(rest *r, char *kind, size_t *width)
{
    if (!take(r, "{'descr': '") || r->size < 4 || !memchr("<|", r->at[0], 2) ||
        !memchr("USiuf", r->at[1], 5) || r->at[2] < '1' || r->at[2] > '9')
        return 0;
    *kind = (char)r->at[1];
    *width = (size_t)(r->at[2] - '0');
    r->at += 3;
    r->size -= 3;
    if (!take(r, "', 'fortran_order': False, 'shape': ("))
        return 0;
    take(r, "1,");
    if (!take(r, "), }"))
        return 0;
    while (take(r, " "))
        ;
    return take(r, "\n");
}

/* Characters of one or four bytes; NULs fill the end. */
static int read_text(int64_t *out, const uint8_t *at, size_t n, size_t bytes)
{
    expclip__field digits = { NULL, 0 };
    char text[MAX_DIGITS];

    for (size_t i = 0; i < n; i++, at += bytes) {
        const uint8_t c = at[0];

        if (bytes == 4 && (at[1] || at[2] || at[3]))
            return 0;
        if (c && digits.size < i)
            return 0; /* behind a NUL */
        if (c)
            text[digits.size++] = (char)c;
    }
    digits.text = text;
    return !expclip__field_number(out, "", &digits, 0, INT32_MAX, NULL);
}

static int read_integer(int64_t *out, const uint8_t *at, size_t n)
{
    uint64_t value;

    if (n != 1 && n != 2 && n != 4 && n != 8)
        return 0;
    value = expclip__little_endian(at, n);
    *out = (int64_t)value;
    return value <= INT32_MAX; /* a negative one is none that we know */
}

/* A whole number kept as float32 or float64, as pandas makes of labels. */
static int read_float(int64_t *out, const uint8_t *at, size_t n)
{
    double value = -1;
    float narrow;

    if (n == sizeof(narrow)) {
        memcpy(&narrow, at, n);
        value = (double)narrow;
    } else if (n == sizeof(value)) {
        memcpy(&value, at, n);
    }
    if (!(value >= 0 && value <= INT32_MAX) || (double)(int64_t)value != value)
        return 0;
    *out = (int64_t)value;
    return 1;
}

static int read_number(int64_t *out, const uint8_t *bytes, size_t size)
{
    rest r = { bytes, size };
    size_t width, character;
    char kind;

    if (!take_start(&r) || !take_header(&r, &kind, &width))
        return 0;
    character = kind == 'U' ? 4 : 1;
    if (r.size != width * character)
        return 0;
    return kind == 'U' || kind == 'S' ? read_text(out, r.at, width, character)
           : kind == 'f'              ? read_float(out, r.at, width)
                                      : read_integer(out, r.at, width);
}

expclip_status expclip__read_npy_number(int64_t *out, const char *path,
                                        expclip_error *err)
{
    uint8_t *bytes;
    size_t size;
    expclip_status status =
        expclip__read_file(&bytes, &size, path, MAX_SIZE, err);

    if (status)
        return status;
    if (!read_number(out, bytes, size))
        status = expclip__fail(err, EXPCLIP_ERROR_FORMAT,
                               "%s: expected a NumPy file of one whole number",
                               path);
    expclip__free(bytes);
    return status;
}
