/* SPDX-License-Identifier: MIT */
/*
 * row_store.h - a row of numbers for each item of a dataset, computed in steps
 * and, if wanted, kept in a file as it goes, so that the work can end at any
 * moment and go on later.
 *
 * The file: a header that says what the rows are of, then a record of fixed
 * size for each item, in order. Header and records end in a checksum. What is
 * not whole at the end of the file is cut off when it is opened.
 */
#ifndef EXPCLIP_ROWS_ROW_STORE_H
#define EXPCLIP_ROWS_ROW_STORE_H

#include <expclip_base.h>

/** Bytes of the header, of its text at most, of a record before its row, and of
 * a record in all. */
#define EXPCLIP__ROW_HEADER 4096
#define EXPCLIP__ROW_IDENTITY 3500
#define EXPCLIP__ROW_START 256
size_t expclip__row_record_size(size_t dim);
/** 1 when a header is whole; its text is at EXPCLIP__ROW_TEXT and ends in the
 * line "rows: N of DIM numbers". */
int expclip__row_header_sound(const char *header);
#define EXPCLIP__ROW_TEXT 16
/** 1 when the record of an item, row_record_size(dim) bytes, agrees with the
 * checksum at its end. Every reader of records asks here. */
int expclip__row_record_sound(const char *record, size_t dim, size_t item);
/** FORMAT: the record of an item is damaged, and what to do. */
expclip_status expclip__fail_row_record(expclip_error *err, const char *path,
                                        size_t item);

/** Bytes of a message that a record keeps, with its NUL. */
#define EXPCLIP__ROW_MESSAGE 248

/** What became of one item; its row is beside it. */
typedef struct expclip__row_note {
    expclip_status status;
    char message[EXPCLIP__ROW_MESSAGE]; /* "" when it did not fail */
} expclip__row_note;

typedef struct expclip__row_store {
    size_t n;
    size_t dim;
    size_t n_done;
    size_t n_failed;
    float *rows; /* [n, dim], NaN where an item failed; NULL = not kept */
    expclip__row_note *notes; /* [n] */
    int fd;                   /* -1 = no file */
    char *path;
    size_t record_size;
    double synced; /* when the file was last forced to the disk */
} expclip__row_store;

/**
 * Start, or read what the file has. It is locked while it is open.
 *
 * @param path      "" = no file
 * @param identity  lines "name: value", at most 3,500 bytes: all that the rows
 *                  depend on
 * @param keep      1 = rows are in memory, too
 * @return OK, STATE (rows of another identity, or in use), FORMAT (not such a
 *         file), IO, MEMORY
 */
expclip_status expclip__row_store_open(expclip__row_store *out,
                                       const char *path, const char *identity,
                                       size_t n, size_t dim, int keep,
                                       expclip_error *err);
/** Forget the rows from n_done on, also in the file. */
expclip_status expclip__row_store_cut(expclip__row_store *s, size_t n_done,
                                      expclip_error *err);
/** Take the next n_rows rows. Nothing is taken when it fails. */
expclip_status expclip__row_store_add(expclip__row_store *s, const float *rows,
                                      const expclip__row_note *notes,
                                      size_t n_rows, expclip_error *err);
/** Row of an item that is done, from memory or else the file; FORMAT when it
 * was changed there. */
expclip_status expclip__row_store_read(const expclip__row_store *s, float *row,
                                       size_t item, expclip_error *err);
void expclip__row_store_close(expclip__row_store *s);

#endif
