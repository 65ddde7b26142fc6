/* SPDX-License-Identifier: MIT */
/*
 * dataset_lines.c - lists and tables line by line, and their fields.
 */
#include "datasets/dataset_lines.h"

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/text.h"

#define FIRST_CAPACITY 65536
#define SHOWN 60 /* bytes of a field in a message */

/* ---- lines ---- */

expclip_status expclip__lines_open(expclip__lines *out, const char *path,
                                   expclip_error *err)
{
    memset(out, 0, sizeof(*out));
    return expclip__file_open(&out->file, path, err);
}

void expclip__lines_close(expclip__lines *lines)
{
    expclip__free(lines->buffer);
    expclip__file_close(&lines->file);
    memset(lines, 0, sizeof(*lines));
    lines->file.fd = -1;
}

/* Room behind `end` for at least one byte and a NUL: by moving what is there to
 * the front, or by growing. */
static expclip_status make_room(expclip__lines *l, expclip_error *err)
{
    const size_t wanted = l->capacity ? 2 * l->capacity : FIRST_CAPACITY;
    char *grown;

    if (l->start) {
        memmove(l->buffer, l->buffer + l->start, l->end - l->start);
        l->end -= l->start;
        l->start = 0;
    }
    if (l->end + 1 < l->capacity)
        return EXPCLIP_OK;
    grown = expclip__realloc(l->buffer, wanted, 1);
    if (!grown)
        return expclip__fail_memory(err, "line");
    l->buffer = grown;
    l->capacity = wanted;
    return EXPCLIP_OK;
}

/* Read on behind `end`; *n = 0 at the end of the file. */
static expclip_status fill(expclip__lines *l, size_t *n, expclip_error *err)
{
    const uint64_t left = l->file.size - l->read;
    expclip_status status;
    size_t room;

    *n = 0;
    if (left == 0)
        return EXPCLIP_OK;
    if ((status = make_room(l, err)))
        return status;
    room = l->capacity - l->end - 1;
    *n = left < room ? (size_t)left : room;
    status = expclip__file_read(&l->file, l->read, l->buffer + l->end, *n, err);
    if (status)
        return status;
    l->read += *n;
    l->end += *n;
    return EXPCLIP_OK;
}

/*
 * Find the end of the line at `start`: *size bytes, without its LF. Too long a
 * line is read to its end and thrown away, so the buffer stays small.
 */
static expclip_status find_end(expclip__lines *l, size_t *size, int *too_long,
                               expclip_error *err)
{
    size_t seen = 0, n = 1;
    char *lf = NULL;

    *too_long = 0;
    while (!lf) {
        expclip_status status;

        if (l->end > l->start + seen)
            lf = memchr(l->buffer + l->start + seen, '\n',
                        l->end - l->start - seen);
        seen = l->end - l->start;
        if (lf)
            break;
        if (seen > EXPCLIP__MAX_LINE) {
            *too_long = 1;
            l->start = l->end;
            seen = 0;
        }
        if ((status = fill(l, &n, err)))
            return status;
        if (n == 0)
            break;
    }
    *size = lf ? (size_t)(lf - (l->buffer + l->start)) : seen;
    *too_long |= *size > EXPCLIP__MAX_LINE;
    return EXPCLIP_OK;
}

static int is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

/* Let `text` be the `size` bytes at `start` without BOM and CR. */
static void take_line(expclip__lines *l, size_t size)
{
    size_t bom;

    l->text = l->buffer + l->start;
    l->offset = l->read - (l->end - l->start);
    l->start += size < l->end - l->start ? size + 1 : size;
    l->number++;
    bom = l->number == 1 ? expclip__bom_size(l->text, size) : 0;
    l->text += bom;
    l->offset += bom;
    size -= bom;
    while (size && l->text[size - 1] == '\r')
        size--;
    l->text[size] = '\0';
    l->size = size;
}

static int is_empty(const expclip__lines *l)
{
    for (size_t i = 0; i < l->size; i++)
        if (!is_blank(l->text[i]))
            return 0;
    return 1;
}

expclip_status expclip__lines_next(expclip__lines *lines, expclip_error *err)
{
    do {
        size_t size;
        int too_long;
        expclip_status status = find_end(lines, &size, &too_long, err);

        if (status)
            return status;
        lines->text = NULL;
        if (!too_long && size == 0 && lines->start == lines->end)
            return EXPCLIP_OK;
        take_line(lines, size);
        if (too_long)
            return expclip__fail(err, EXPCLIP_ERROR_LIMIT,
                                 "longer than %d bytes", EXPCLIP__MAX_LINE);
        if (memchr(lines->text, '\0', lines->size))
            return expclip__fail(err, EXPCLIP_ERROR_FORMAT,
                                 "a NUL byte, expected text");
    } while (is_empty(lines));
    return EXPCLIP_OK;
}

/* ---- fields ---- */

static void trim(expclip__field *f)
{
    while (f->size && is_blank(f->text[f->size - 1]))
        f->size--;
    while (f->size && is_blank(f->text[0])) {
        f->text++;
        f->size--;
    }
}

int expclip__take_last(expclip__field *word, expclip__field *line)
{
    size_t start;

    trim(line);
    for (start = line->size; start && !is_blank(line->text[start - 1]); start--)
        ;
    word->text = line->text + start;
    word->size = line->size - start;
    line->size = start;
    trim(line);
    return word->size > 0;
}

int expclip__take_first(expclip__field *word, expclip__field *line)
{
    size_t n = 0;

    trim(line);
    while (n < line->size && !is_blank(line->text[n]))
        n++;
    word->text = line->text;
    word->size = n;
    line->text += n;
    line->size -= n;
    trim(line);
    return n > 0;
}

/* A field in quotes at text[0], "" in it being one quote; its end in *at. */
static expclip__field take_quoted(char *text, size_t size, size_t *at)
{
    expclip__field f = { text + 1, 0 };
    size_t i = 1;

    while (i < size &&
           (text[i] != '"' || (i + 1 < size && text[i + 1] == '"'))) {
        const char c = text[i];

        f.text[f.size++] = c;
        i += c == '"' ? 2 : 1;
    }
    while (i < size && text[i] != ',')
        i++;
    *at = i;
    return f;
}

size_t expclip__cut_csv(expclip__field *fields, size_t max, char *text,
                        size_t size)
{
    size_t n = 0;

    for (;; n++) {
        expclip__field f = { text, 0 };
        size_t at = 0;
        int quoted;

        while (size && is_blank(*text)) {
            text++;
            size--;
        }
        quoted = size && *text == '"';
        if (quoted) {
            f = take_quoted(text, size, &at);
        } else {
            const char *comma = size ? memchr(text, ',', size) : NULL;
            at = comma ? (size_t)(comma - text) : size;
            f = (expclip__field){ text, at };
            trim(&f);
        }
        if (n < max)
            fields[n] = f;
        if (at == size)
            return n + 1;
        text += at + 1;
        size -= at + 1;
    }
}

int expclip__field_is(const expclip__field *field, const char *text)
{
    return strlen(text) == field->size &&
           memcmp(text, field->text, field->size) == 0;
}

expclip_status expclip__columns_find(size_t *at, const char *const *names,
                                     size_t n_columns,
                                     const expclip__field *fields,
                                     size_t n_fields, expclip_error *err)
{
    for (size_t c = 0; c < n_columns; c++) {
        size_t i = 0;

        while (i < n_fields && !expclip__field_is(&fields[i], names[c]))
            i++;
        at[c] = i < n_fields ? i : SIZE_MAX;
        if (i == n_fields)
            return expclip__fail(err, EXPCLIP_ERROR_FORMAT, "no column \"%s\"",
                                 names[c]);
    }
    return EXPCLIP_OK;
}

expclip_status expclip__columns_check(const size_t *at,
                                      const char *const *names,
                                      size_t n_columns, size_t n_fields,
                                      expclip_error *err)
{
    for (size_t c = 0; c < n_columns; c++)
        if (at[c] >= n_fields)
            return expclip__fail(err, EXPCLIP_ERROR_FORMAT,
                                 "%zu columns, \"%s\" is not among them",
                                 n_fields, names[c]);
    return EXPCLIP_OK;
}

char *expclip__field_copy(const expclip__field *field)
{
    return expclip__strndup(field->text, field->size);
}

expclip_status expclip__fail_field(expclip_error *err, const char *name,
                                   const expclip__field *field,
                                   const char *expected)
{
    const int shown = field->size > SHOWN ? SHOWN : (int)field->size;

    return expclip__fail(
        err, EXPCLIP_ERROR_FORMAT, "%s \"%.*s%s\", expected %s", name, shown,
        shown ? field->text : "", field->size > SHOWN ? "..." : "", expected);
}

expclip_status expclip__field_number(int64_t *out, const char *name,
                                     const expclip__field *field, int64_t min,
                                     int64_t max, expclip_error *err)
{
    const int negative = field->size && field->text[0] == '-';
    char expected[80];
    uint64_t digits;

    if (expclip__parse_u64(field->text + negative,
                           field->size - (size_t)negative, &digits) &&
        digits <= INT64_MAX) {
        const int64_t value = negative ? -(int64_t)digits : (int64_t)digits;

        if (value >= min && value <= max) {
            *out = value;
            return EXPCLIP_OK;
        }
    }
    snprintf(expected, sizeof(expected), "a whole number from %lld to %lld",
             (long long)min, (long long)max);
    return expclip__fail_field(err, name, field, expected);
}

expclip__field expclip__field_whole(const expclip__field *field)
{
    static const char exponent[] = "e+00";
    const size_t n = sizeof(exponent) - 1;
    size_t end = field->size;
    size_t zeros;

    if (end > n && memcmp(field->text + end - n, exponent, n) == 0)
        end -= n;
    zeros = end;
    while (zeros && field->text[zeros - 1] == '0')
        zeros--;
    if (zeros < 2 || zeros == end || field->text[zeros - 1] != '.')
        return *field;
    return (expclip__field){ field->text, zeros - 1 };
}

/* Is there a part ".." between slashes? */
static int climbs(const expclip__field *f)
{
    size_t start = 0;

    for (size_t i = 0; i <= f->size; i++)
        if (i == f->size || f->text[i] == '/') {
            if (i - start == 2 && memcmp(f->text + start, "..", 2) == 0)
                return 1;
            start = i + 1;
        }
    return 0;
}

expclip_status expclip__field_path(const expclip__field *field, int absolute,
                                   expclip_error *err)
{
    if (field->size == 0)
        return expclip__fail_field(err, "path", field, "a path");
    if (climbs(field))
        return expclip__fail_field(err, "path", field, "no \"..\" in it");
    if (!absolute && field->text[0] == '/')
        return expclip__fail_field(err, "path", field,
                                   "one inside the dataset's folder");
    return EXPCLIP_OK;
}
