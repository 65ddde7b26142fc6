/* SPDX-License-Identifier: MIT */
/*
 * row_store.c - rows computed in steps, kept in a file as it goes.
 *
 *     header, 4,096 bytes:
 *         16      "expclip rows 1  "
 *         ...     identity, how many rows of how many numbers, zeros
 *         8       hash of all before
 *     record:
 *         4       status
 *         248     message
 *         4       dim
 *         4 x dim row
 *         ...     zeros up to a multiple of 8
 *         8       hash of all before and of the item's number
 *
 * Little endian, as all machines that libtorch runs on.
 */
#define _GNU_SOURCE /* O_CLOEXEC, flock() */
#include "rows/row_store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/io.h"
#include "base/text.h"

enum {
    HEADER_SIZE = EXPCLIP__ROW_HEADER,
    IDENTITY_AT = EXPCLIP__ROW_TEXT,
    LONGEST_IDENTITY = EXPCLIP__ROW_IDENTITY
};

static const char magic[16] = { 'e', 'x', 'p', 'c', 'l', 'i', 'p', ' ',
                                'r', 'o', 'w', 's', ' ', '1', ' ', ' ' };

/* The part of a record before its row. */
typedef struct record_start {
    int32_t status;
    char message[EXPCLIP__ROW_MESSAGE];
    int32_t dim;
} record_start;

_Static_assert(sizeof(record_start) == EXPCLIP__ROW_START, "as it is in files");

static expclip_status fail_file(const expclip__row_store *s, const char *what,
                                expclip_error *err)
{
    return expclip__fail(err, EXPCLIP_ERROR_IO, "%s: %s: %s", s->path, what,
                         strerror(errno));
}

size_t expclip__row_record_size(size_t dim)
{
    const size_t body = sizeof(record_start) + dim * sizeof(float);

    return (body + 7) / 8 * 8 + sizeof(uint64_t);
}

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* ---- reading and writing at a place ---- */

static expclip_status write_at(const expclip__row_store *s, const void *data,
                               size_t size, uint64_t at, expclip_error *err)
{
    const char *p = data;

    while (size > 0) {
        const ssize_t n = pwrite(s->fd, p, size, (off_t)at);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return fail_file(s, "cannot be written", err);
        p += n;
        at += (uint64_t)n;
        size -= (size_t)n;
    }
    return EXPCLIP_OK;
}

/* Bytes read, fewer at the end of the file; -1 after a failure. */
static ssize_t read_at(const expclip__row_store *s, void *data, size_t size,
                       uint64_t at)
{
    size_t done = 0;

    while (done < size) {
        const ssize_t n =
            pread(s->fd, (char *)data + done, size - done, (off_t)(at + done));

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -1;
        if (n == 0)
            break;
        done += (size_t)n;
    }
    return (ssize_t)done;
}

static uint64_t place_of(const expclip__row_store *s, size_t item)
{
    return HEADER_SIZE + (uint64_t)item * s->record_size;
}

/* ---- header ---- */

static void make_header(char out[HEADER_SIZE], const expclip__row_store *s,
                        const char *identity)
{
    uint64_t sum;

    memset(out, 0, HEADER_SIZE);
    memcpy(out, magic, sizeof(magic));
    snprintf(out + IDENTITY_AT, HEADER_SIZE - IDENTITY_AT - sizeof(sum),
             "%srows: %zu of %zu numbers\n", identity, s->n, s->dim);
    sum = expclip__hash(EXPCLIP__HASH_START, out, HEADER_SIZE - sizeof(sum));
    memcpy(out + HEADER_SIZE - sizeof(sum), &sum, sizeof(sum));
}

/* The first line in which two identities differ. */
static expclip_status fail_identity(const expclip__row_store *s,
                                    const char *found, const char *expected,
                                    expclip_error *err)
{
    size_t a = 0, b = 0;

    while (*found && *expected) {
        a = strcspn(found, "\n");
        b = strcspn(expected, "\n");
        if (a != b || strncmp(found, expected, a) != 0)
            break;
        found += a + (found[a] != '\0');
        expected += b + (expected[b] != '\0');
    }
    return expclip__fail(err, EXPCLIP_ERROR_STATE,
                         "%s: made with %.*s, expected %.*s; remove it or name "
                         "another file",
                         s->path, (int)a, found, (int)b, expected);
}

int expclip__row_header_sound(const char *header)
{
    uint64_t sum;

    memcpy(&sum, header + HEADER_SIZE - sizeof(sum), sizeof(sum));
    return memcmp(header, magic, sizeof(magic)) == 0 &&
           expclip__hash(EXPCLIP__HASH_START, header,
                         HEADER_SIZE - sizeof(sum)) == sum &&
           header[HEADER_SIZE - sizeof(sum) - 1] == '\0';
}

static expclip_status check_header(const expclip__row_store *s,
                                   const char *found, const char *expected,
                                   expclip_error *err)
{
    if (!expclip__row_header_sound(found))
        return expclip__fail(err, EXPCLIP_ERROR_FORMAT,
                             "%s: not a file of features, or damaged at its "
                             "beginning; remove it or name another file",
                             s->path);
    if (memcmp(found, expected, HEADER_SIZE) != 0)
        return fail_identity(s, found + IDENTITY_AT, expected + IDENTITY_AT,
                             err);
    return EXPCLIP_OK;
}

/*
 * A new or empty file gets a header. What is there must be ours: a shorter file
 * is one whose header was being written, if it starts as ours does.
 */
static expclip_status start_file(expclip__row_store *s, const char *identity,
                                 expclip_error *err)
{
    char header[HEADER_SIZE], found[HEADER_SIZE] = { 0 };
    expclip_status status;
    ssize_t n;

    make_header(header, s, identity);
    n = read_at(s, found, sizeof(found), 0);
    if (n < 0)
        return fail_file(s, "cannot be read", err);
    if (n == HEADER_SIZE || (n > 0 && memcmp(found, magic, sizeof(magic)) != 0))
        return check_header(s, found, header, err);
    if (ftruncate(s->fd, 0) != 0)
        return fail_file(s, "cannot be written", err);
    status = write_at(s, header, sizeof(header), 0, err);
    if (!status)
        expclip__sync_folder(s->path);
    return status;
}

static expclip_status open_file(expclip__row_store *s, const char *path,
                                expclip_error *err)
{
    struct stat st;

    s->path = expclip__strdup(path);
    if (!s->path)
        return expclip__fail_memory(err, "features");
    s->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0666);
    if (s->fd < 0)
        return fail_file(s, "cannot be opened", err);
    if (fstat(s->fd, &st) != 0 || !S_ISREG(st.st_mode))
        return expclip__fail(err, EXPCLIP_ERROR_ARGUMENT,
                             "%s: not a file, expected one or a new name",
                             path);
    if (flock(s->fd, LOCK_EX | LOCK_NB) == 0)
        return EXPCLIP_OK;
    if (errno != EWOULDBLOCK)
        return fail_file(s, "cannot be locked", err);
    return expclip__fail(err, EXPCLIP_ERROR_STATE,
                         "%s: in use by another process or object", path);
}

/* ---- records ---- */

static uint64_t sum_of(const char *record, size_t record_size, size_t item)
{
    const uint64_t number = item;

    return expclip__hash(
        expclip__hash(EXPCLIP__HASH_START, &number, sizeof(number)), record,
        record_size - sizeof(uint64_t));
}

int expclip__row_record_sound(const char *record, size_t dim, size_t item)
{
    const size_t size = expclip__row_record_size(dim);
    uint64_t sum;

    memcpy(&sum, record + size - sizeof(sum), sizeof(sum));
    return sum_of(record, size, item) == sum;
}

expclip_status expclip__fail_row_record(expclip_error *err, const char *path,
                                        size_t item)
{
    return expclip__fail(err, EXPCLIP_ERROR_FORMAT,
                         "%s: row %zu is damaged: found another checksum than "
                         "its bytes have; run the command that made the file "
                         "again, it continues from that row",
                         path, item);
}

static void make_record(char *out, const expclip__row_store *s, size_t item,
                        const float *row, const expclip__row_note *note)
{
    record_start start = { .status = note->status, .dim = (int32_t)s->dim };
    uint64_t sum;

    memcpy(start.message, note->message, sizeof(start.message));
    memset(out, 0, s->record_size);
    memcpy(out, &start, sizeof(start));
    memcpy(out + sizeof(start), row, s->dim * sizeof(float));
    sum = sum_of(out, s->record_size, item);
    memcpy(out + s->record_size - sizeof(sum), &sum, sizeof(sum));
}

/* Put a record in its place in memory. @return 0 when it is damaged */
static int take_record(expclip__row_store *s, const char *record, size_t item)
{
    expclip__row_note *note = &s->notes[item];
    record_start start;

    if (!expclip__row_record_sound(record, s->dim, item))
        return 0;
    memcpy(&start, record, sizeof(start));
    start.message[sizeof(start.message) - 1] = '\0';
    note->status = start.status;
    memcpy(note->message, start.message, sizeof(note->message));
    if (s->rows)
        memcpy(s->rows + item * s->dim, record + sizeof(start),
               s->dim * sizeof(float));
    s->n_failed += start.status != EXPCLIP_OK;
    return 1;
}

/* Read records until the end of the file or the first that is not whole. */
static expclip_status read_records(expclip__row_store *s, expclip_error *err)
{
    char *record = expclip__alloc(s->record_size, 1);
    expclip_status status = EXPCLIP_OK;

    if (!record)
        return expclip__fail_memory(err, "features");
    while (s->n_done < s->n) {
        const ssize_t n =
            read_at(s, record, s->record_size, place_of(s, s->n_done));

        if (n < 0) {
            status = fail_file(s, "cannot be read", err);
            break;
        }
        if ((size_t)n < s->record_size || !take_record(s, record, s->n_done))
            break;
        s->n_done++;
    }
    expclip__free(record);
    return status;
}

static expclip_status read_file(expclip__row_store *s, const char *path,
                                const char *identity, expclip_error *err)
{
    expclip_status status;

    if (strlen(identity) > LONGEST_IDENTITY)
        return expclip__fail(err, EXPCLIP_ERROR_LIMIT,
                             "features: %zu bytes describe them, expected at "
                             "most %d",
                             strlen(identity), LONGEST_IDENTITY);
    if ((status = open_file(s, path, err)) ||
        (status = start_file(s, identity, err)) ||
        (status = read_records(s, err)))
        return status;
    return expclip__row_store_cut(s, s->n_done, err);
}

/* ---- public ---- */

expclip_status expclip__row_store_open(expclip__row_store *out,
                                       const char *path, const char *identity,
                                       size_t n, size_t dim, int keep,
                                       expclip_error *err)
{
    expclip__row_store s = { .n = n, .dim = dim, .fd = -1 };
    expclip_status status = EXPCLIP_OK;

    s.record_size = expclip__row_record_size(dim);
    s.rows = keep ? expclip__alloc(n, dim * sizeof(float)) : NULL;
    s.notes = expclip__alloc_zero(n, sizeof(*s.notes));
    if ((keep && !s.rows) || !s.notes)
        status = expclip__fail_memory(err, "features");
    else if (*path)
        status = read_file(&s, path, identity, err);
    if (status)
        expclip__row_store_close(&s);
    else
        *out = s;
    return status;
}

expclip_status expclip__row_store_cut(expclip__row_store *s, size_t n_done,
                                      expclip_error *err)
{
    for (size_t i = n_done; i < s->n_done; i++)
        s->n_failed -= s->notes[i].status != EXPCLIP_OK;
    s->n_done = n_done;
    if (s->fd < 0 || ftruncate(s->fd, (off_t)place_of(s, n_done)) == 0)
        return EXPCLIP_OK;
    return fail_file(s, "cannot be written", err);
}

/* Forced to the disk once a second, and when the last row is there. */
static expclip_status sync_file(expclip__row_store *s, size_t n_done,
                                expclip_error *err)
{
    const double t = now();

    if (n_done < s->n && t - s->synced < 1.0)
        return EXPCLIP_OK;
    if (fdatasync(s->fd) != 0)
        return fail_file(s, "cannot be written", err);
    s->synced = t;
    return EXPCLIP_OK;
}

static expclip_status write_records(expclip__row_store *s, const float *rows,
                                    const expclip__row_note *notes,
                                    size_t n_rows, expclip_error *err)
{
    char *records = expclip__alloc(n_rows, s->record_size);
    expclip_status status;

    if (!records)
        return expclip__fail_memory(err, "features");
    for (size_t i = 0; i < n_rows; i++)
        make_record(records + i * s->record_size, s, s->n_done + i,
                    rows + i * s->dim, &notes[i]);
    status = write_at(s, records, n_rows * s->record_size,
                      place_of(s, s->n_done), err);
    if (!status)
        status = sync_file(s, s->n_done + n_rows, err);
    expclip__free(records);
    return status;
}

expclip_status expclip__row_store_add(expclip__row_store *s, const float *rows,
                                      const expclip__row_note *notes,
                                      size_t n_rows, expclip_error *err)
{
    expclip_status status = EXPCLIP_OK;

    if (s->fd >= 0)
        status = write_records(s, rows, notes, n_rows, err);
    if (status)
        return status;
    if (s->rows)
        memcpy(s->rows + s->n_done * s->dim, rows,
               n_rows * s->dim * sizeof(*rows));
    memcpy(s->notes + s->n_done, notes, n_rows * sizeof(*notes));
    for (size_t i = 0; i < n_rows; i++)
        s->n_failed += notes[i].status != EXPCLIP_OK;
    s->n_done += n_rows;
    return EXPCLIP_OK;
}

expclip_status expclip__row_store_read(const expclip__row_store *s, float *row,
                                       size_t item, expclip_error *err)
{
    expclip_status status = EXPCLIP_OK;
    char *record;
    ssize_t n;

    if (s->rows) {
        memcpy(row, s->rows + item * s->dim, s->dim * sizeof(*row));
        return EXPCLIP_OK;
    }
    record = expclip__alloc(s->record_size, 1);
    if (!record)
        return expclip__fail_memory(err, "row");
    n = read_at(s, record, s->record_size, place_of(s, item));
    if (n < 0)
        status = fail_file(s, "cannot be read", err);
    else if (n != (ssize_t)s->record_size)
        status = expclip__fail(err, EXPCLIP_ERROR_TRUNCATED,
                               "%s: ends inside row %zu, which was there; it "
                               "was changed while it was open",
                               s->path, item);
    else if (!expclip__row_record_sound(record, s->dim, item))
        status = expclip__fail_row_record(err, s->path, item);
    else
        memcpy(row, record + sizeof(record_start), s->dim * sizeof(*row));
    expclip__free(record);
    return status;
}

void expclip__row_store_close(expclip__row_store *s)
{
    if (s->fd >= 0)
        close(s->fd); /* unlocks */
    expclip__free(s->path);
    expclip__free(s->rows);
    expclip__free(s->notes);
    memset(s, 0, sizeof(*s));
    s->fd = -1;
}
