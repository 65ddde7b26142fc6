/* SPDX-License-Identifier: MIT */
/*
 * dataset_lines.h - lists and tables line by line, and their fields: what
 * stands between strangers' text and a dataset.
 *
 * Any line end (LF, CRLF, none at the end), a BOM and blank lines are fine.
 * A line with a NUL byte or of more than EXPCLIP__MAX_LINE bytes is an error of
 * that line: the next one can be read all the same. Memory does not grow with
 * the file.
 */
#ifndef EXPCLIP_DATASET_LINES_H
#define EXPCLIP_DATASET_LINES_H

#include "base/io.h"

/* FER2013's rows have 10 kB, paths at most 4 kB. */
#define EXPCLIP__MAX_LINE (1 << 20)

typedef struct expclip__lines {
    expclip__file file;
    uint64_t read; /* bytes taken from the file */
    char *buffer;
    size_t capacity;
    size_t start; /* what is in the buffer and not yet a line */
    size_t end;
    size_t number;   /* of the present line, from 1 */
    uint64_t offset; /* of its first byte in the file */
    char *text;      /* ended by NUL; may be changed */
    size_t size;
} expclip__lines;

expclip_status expclip__lines_open(expclip__lines *out, const char *path,
                                   expclip_error *err);
/** Step to the next line that is not blank; text = NULL at the end. FORMAT and
 * LIMIT are of this line; their messages do not name file and line. */
expclip_status expclip__lines_next(expclip__lines *lines, expclip_error *err);
void expclip__lines_close(expclip__lines *lines);

/** A part of a line. */
typedef struct expclip__field {
    char *text; /* not ended */
    size_t size;
} expclip__field;

/** Cut the last word off a line, and the blanks around it. @return 0 when there
 * is none */
int expclip__take_last(expclip__field *word, expclip__field *line);
/** The same with the first word. */
int expclip__take_first(expclip__field *word, expclip__field *line);
/**
 * Cut a line of a CSV table at its commas, in place; a field may be "quoted".
 *
 * @return number of fields; more than `max` = too many
 */
size_t expclip__cut_csv(expclip__field *fields, size_t max, char *text,
                        size_t size);
/** Find columns by the names in a table's first row: at [n_columns]. One that
 * is missing stays past every row, so that all of them fail too. */
expclip_status expclip__columns_find(size_t *at, const char *const *names,
                                     size_t n_columns,
                                     const expclip__field *fields,
                                     size_t n_fields, expclip_error *err);
/** FORMAT when a row of n_fields is too short for one of them. */
expclip_status expclip__columns_check(const size_t *at,
                                      const char *const *names,
                                      size_t n_columns, size_t n_fields,
                                      expclip_error *err);
int expclip__field_is(const expclip__field *field, const char *text);
/** A copy ended by NUL, for expclip__free(). */
char *expclip__field_copy(const expclip__field *field);

/** A whole number, digits with at most a "-" before; `name` is
 * for messages. */
expclip_status expclip__field_number(int64_t *out, const char *name,
                                     const expclip__field *field, int64_t min,
                                     int64_t max, expclip_error *err);
/** The same without ".0" behind it, as pandas writes a column with gaps, or
 * ".0000000e+00", as MATLAB does. */
expclip__field expclip__field_whole(const expclip__field *field);
/** FORMAT: `name "text", expected ...`. */
expclip_status expclip__fail_field(expclip_error *err, const char *name,
                                   const expclip__field *field,
                                   const char *expected);
/** FORMAT when a path is empty or has "..", or is absolute where a name inside
 * a folder is expected. */
expclip_status expclip__field_path(const expclip__field *field, int absolute,
                                   expclip_error *err);

#endif
