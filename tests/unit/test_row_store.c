/* SPDX-License-Identifier: MIT */
/*
 * test_row_store.c - rows that are kept as they are computed: whatever happens
 * to the file, no wrong number comes out of it, and going on gives the bytes of
 * work in one go.
 */
#define _GNU_SOURCE
#include "unit/scratch.h"

#include "evaluate/row_store.h"

#include <math.h>
#include <signal.h>
#include <sys/resource.h>

#define N 5
#define DIM 3
#define HEADER 4096
#define RECORD 280 /* 4 + 248 + 4 + 3 * 4, up to 272, and the hash */

static const char identity[] = "encoder: 01\ndata set: faces\nbatch: 2\n";

/* Item 2 failed. */
static void make_row(float *row, expclip__row_note *note, size_t i)
{
    memset(note, 0, sizeof(*note));
    for (size_t j = 0; j < DIM; j++)
        row[j] = i == 2 ? NAN : (float)(i * 10 + j) + 0.5f;
    if (i != 2)
        return;
    note->status = EXPCLIP_ERROR_FORMAT;
    strcpy(note->message, "c.png: not a picture");
}

static expclip_status open_rows(expclip__row_store *s, const char *path,
                                expclip_error *err)
{
    return expclip__row_store_open(s, path, identity, N, DIM, err);
}

static expclip_status add_rows(expclip__row_store *s, size_t n)
{
    float rows[N * DIM];
    expclip__row_note notes[N];

    for (size_t i = 0; i < n; i++)
        make_row(rows + i * DIM, &notes[i], s->n_done + i);
    return expclip__row_store_add(s, rows, notes, n, NULL);
}

static void expect_rows(const expclip__row_store *s)
{
    float row[DIM];
    expclip__row_note note;

    for (size_t i = 0; i < s->n_done; i++) {
        make_row(row, &note, i);
        assert_memory_equal(s->rows + i * DIM, row, sizeof(row));
        assert_int_equal(s->notes[i].status, note.status);
        assert_string_equal(s->notes[i].message, note.message);
    }
    assert_int_equal(s->n_failed, s->n_done > 2);
}

/* Open, add what is missing, close. */
static void finish(const char *path)
{
    expclip__row_store s;

    assert_int_equal(open_rows(&s, path, NULL), EXPCLIP_OK);
    expect_rows(&s);
    while (s.n_done < N)
        assert_int_equal(add_rows(&s, 1), EXPCLIP_OK);
    expect_rows(&s);
    expclip__row_store_close(&s);
}

/* The bytes of work in one go. */
static uint8_t *whole_file(size_t *size)
{
    expclip__row_store s;
    char path[512];

    strcpy(path, scratch_path("whole"));
    assert_int_equal(open_rows(&s, path, NULL), EXPCLIP_OK);
    assert_int_equal(add_rows(&s, N), EXPCLIP_OK);
    expclip__row_store_close(&s);
    return scratch_read(path, size);
}

static void expect_file(const char *path, const uint8_t *bytes, size_t size)
{
    size_t n;
    uint8_t *found = scratch_read(path, &n);

    assert_int_equal(n, size);
    assert_memory_equal(found, bytes, size);
    free(found);
}

static void test_row_store__rows_are_there_again_in_another_object(void **state)
{
    size_t size;
    uint8_t *bytes = whole_file(&size);
    expclip__row_store s;

    (void)state;
    assert_int_equal(size, HEADER + N * RECORD);
    assert_int_equal(open_rows(&s, scratch_path("whole"), NULL), EXPCLIP_OK);
    assert_int_equal(s.n_done, N);
    expect_rows(&s);
    expclip__row_store_close(&s);
    expect_file(scratch_path("whole"), bytes, size);
    free(bytes);
}

static void test_row_store__without_a_file_rows_are_in_memory(void **state)
{
    expclip__row_store s;

    (void)state;
    assert_int_equal(open_rows(&s, "", NULL), EXPCLIP_OK);
    assert_int_equal(add_rows(&s, 4), EXPCLIP_OK);
    assert_int_equal(s.n_done, 4);
    expect_rows(&s);
    assert_int_equal(expclip__row_store_cut(&s, 1, NULL), EXPCLIP_OK);
    assert_int_equal(s.n_done, 1);
    expect_rows(&s);
    expclip__row_store_close(&s);
}

static void test_row_store__a_file_cut_at_any_length_goes_on(void **state)
{
    size_t size;
    uint8_t *bytes = whole_file(&size);

    (void)state;
    for (size_t n = 0; n < size; n++) {
        char path[512];

        strcpy(path, scratch_write("cut", bytes, n));
        finish(path);
        expect_file(path, bytes, size);
    }
    free(bytes);
}

static void test_row_store__what_is_behind_the_last_row_is_cut_off(void **state)
{
    size_t size;
    uint8_t *bytes = whole_file(&size);
    uint8_t *longer = malloc(size + RECORD);
    char path[512];

    (void)state;
    memcpy(longer, bytes, size);
    memcpy(longer + size, bytes + size - RECORD, RECORD);
    strcpy(path, scratch_write("longer", longer, size + RECORD));
    finish(path);
    expect_file(path, bytes, size);
    free(longer);
    free(bytes);
}

/* In the header it is an error and nothing is touched; in a record, the rows
 * from there on are made again. */
static void test_row_store__no_flipped_bit_gives_a_wrong_number(void **state)
{
    size_t size;
    uint8_t *bytes = whole_file(&size);
    expclip__row_store s;
    char path[512];

    (void)state;
    for (size_t i = 0; i < size; i++) {
        const uint8_t kept = bytes[i];
        const size_t n_done = i < HEADER ? 0 : (i - HEADER) / RECORD;
        expclip_error err;

        bytes[i] ^= (uint8_t)(1u << i % 8);
        strcpy(path, scratch_write("flipped", bytes, size));
        if (i < HEADER) {
            assert_int_equal(open_rows(&s, path, &err), EXPCLIP_ERROR_FORMAT);
            assert_non_null(strstr(err.message, "remove it"));
            expect_file(path, bytes, size);
        } else {
            assert_int_equal(open_rows(&s, path, NULL), EXPCLIP_OK);
            assert_int_equal(s.n_done, n_done);
            expect_rows(&s);
            expclip__row_store_close(&s);
            finish(path);
        }
        bytes[i] = kept;
        if (i >= HEADER)
            expect_file(path, bytes, size);
    }
    free(bytes);
}

/* Records are whole, but not at their places. */
static void test_row_store__swapped_records_are_not_taken(void **state)
{
    size_t size;
    uint8_t *bytes = whole_file(&size);
    uint8_t *swapped = malloc(size);
    expclip__row_store s;

    (void)state;
    memcpy(swapped, bytes, size);
    memcpy(swapped + HEADER, bytes + HEADER + RECORD, RECORD);
    memcpy(swapped + HEADER + RECORD, bytes + HEADER, RECORD);
    assert_int_equal(
        open_rows(&s, scratch_write("swapped", swapped, size), NULL),
        EXPCLIP_OK);
    assert_int_equal(s.n_done, 0);
    expclip__row_store_close(&s);
    free(swapped);
    free(bytes);
}

static void test_row_store__rows_of_something_else_are_refused(void **state)
{
    static const struct {
        const char *identity;
        size_t n, dim;
        const char *message;
    } others[] = {
        { "encoder: 02\ndata set: faces\nbatch: 2\n", N, DIM,
          "made with encoder: 01, expected encoder: 02; remove it" },
        { "encoder: 01\ndata set: cats\nbatch: 2\n", N, DIM,
          "made with data set: faces, expected data set: cats; remove it" },
        { "encoder: 01\ndata set: faces\nbatch: 20\n", N, DIM,
          "made with batch: 2, expected batch: 20; remove it" },
        { "encoder: 01\ndata set: faces\nbatch: 2\nexif: 1\n", N, DIM,
          "made with nothing, expected exif: 1; remove" },
        { identity, N + 1, DIM, "not 6 rows of 3 numbers; remove it" },
        { identity, N, DIM - 1, "not 5 rows of 2 numbers; remove it" },
    };
    size_t size;
    uint8_t *bytes = whole_file(&size);

    (void)state;
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        expclip__row_store s;
        expclip_error err;

        assert_int_equal(expclip__row_store_open(
                             &s, scratch_path("whole"), others[i].identity,
                             others[i].n, others[i].dim, &err),
                         EXPCLIP_ERROR_STATE);
        assert_non_null(strstr(err.message, others[i].message));
        assert_non_null(strstr(err.message, "/whole: "));
    }
    expect_file(scratch_path("whole"), bytes, size);
    free(bytes);
}

static void test_row_store__other_files_are_refused_and_kept(void **state)
{
    static const char text[] = "what somebody wrote";
    char longer[5000];
    expclip__row_store s;

    (void)state;
    memset(longer, 'x', sizeof(longer));
    assert_int_equal(open_rows(&s, scratch_write("a", text, 19), NULL),
                     EXPCLIP_ERROR_FORMAT);
    expect_file(scratch_path("a"), (const uint8_t *)text, 19);
    assert_int_equal(open_rows(&s, scratch_write("b", longer, 5000), NULL),
                     EXPCLIP_ERROR_FORMAT);
    expect_file(scratch_path("b"), (const uint8_t *)longer, 5000);
    assert_int_equal(open_rows(&s, scratch_folder, NULL), EXPCLIP_ERROR_IO);
    assert_int_equal(open_rows(&s, scratch_path("none/c"), NULL),
                     EXPCLIP_ERROR_IO);
    assert_int_equal(mkfifo(scratch_path("fifo"), 0600), 0);
    assert_int_equal(open_rows(&s, scratch_path("fifo"), NULL),
                     EXPCLIP_ERROR_ARGUMENT);
}

static void test_row_store__a_file_is_open_once(void **state)
{
    expclip__row_store s, other;
    expclip_error err;
    char path[512];

    (void)state;
    strcpy(path, scratch_path("rows"));
    assert_int_equal(open_rows(&s, path, NULL), EXPCLIP_OK);
    assert_int_equal(open_rows(&other, path, &err), EXPCLIP_ERROR_STATE);
    assert_non_null(strstr(err.message, "in use"));
    assert_int_equal(add_rows(&s, 1), EXPCLIP_OK);
    expclip__row_store_close(&s);
    assert_int_equal(open_rows(&other, path, NULL), EXPCLIP_OK);
    assert_int_equal(other.n_done, 1);
    expclip__row_store_close(&other);
}

static void test_row_store__a_long_identity_is_refused(void **state)
{
    char longer[4000];
    expclip__row_store s;

    (void)state;
    memset(longer, 'x', sizeof(longer));
    longer[sizeof(longer) - 1] = '\0';
    assert_int_equal(
        expclip__row_store_open(&s, scratch_path("rows"), longer, N, DIM, NULL),
        EXPCLIP_ERROR_LIMIT);
    assert_int_not_equal(access(scratch_path("rows"), F_OK), 0);
}

/* A full disk: half a record is written, then no more. */
static void test_row_store__a_full_disk_loses_nothing(void **state)
{
    const struct rlimit small = { HEADER + 2 * RECORD + 100, RLIM_INFINITY };
    const struct rlimit large = { RLIM_INFINITY, RLIM_INFINITY };
    void (*before)(int) = signal(SIGXFSZ, SIG_IGN);
    size_t size;
    uint8_t *bytes = whole_file(&size);
    expclip__row_store s;

    (void)state;
    assert_int_equal(open_rows(&s, scratch_path("rows"), NULL), EXPCLIP_OK);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    assert_int_equal(add_rows(&s, 2), EXPCLIP_OK);
    assert_int_equal(add_rows(&s, 2), EXPCLIP_ERROR_IO);
    assert_int_equal(s.n_done, 2);
    expect_rows(&s);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &large), 0);
    signal(SIGXFSZ, before);
    assert_int_equal(add_rows(&s, 3), EXPCLIP_OK);
    expclip__row_store_close(&s);
    expect_file(scratch_path("rows"), bytes, size);
    free(bytes);
}

static int32_t open_and_add(void *data)
{
    expclip__row_store s;
    expclip_status status = open_rows(&s, data, NULL);

    if (status)
        return status;
    if (s.n_done < N)
        status = add_rows(&s, N - s.n_done);
    expclip__row_store_close(&s);
    return status;
}

static void test_row_store__out_of_memory_is_an_error(void **state)
{
    char path[512];

    (void)state;
    strcpy(path, scratch_path("rows"));
    sweep_allocations(open_and_add, path);
    finish(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCRATCH_TEST(test_row_store__rows_are_there_again_in_another_object),
        SCRATCH_TEST(test_row_store__without_a_file_rows_are_in_memory),
        SCRATCH_TEST(test_row_store__a_file_cut_at_any_length_goes_on),
        SCRATCH_TEST(test_row_store__what_is_behind_the_last_row_is_cut_off),
        SCRATCH_TEST(test_row_store__no_flipped_bit_gives_a_wrong_number),
        SCRATCH_TEST(test_row_store__swapped_records_are_not_taken),
        SCRATCH_TEST(test_row_store__rows_of_something_else_are_refused),
        SCRATCH_TEST(test_row_store__other_files_are_refused_and_kept),
        SCRATCH_TEST(test_row_store__a_file_is_open_once),
        SCRATCH_TEST(test_row_store__a_long_identity_is_refused),
        SCRATCH_TEST(test_row_store__a_full_disk_loses_nothing),
        SCRATCH_TEST(test_row_store__out_of_memory_is_an_error),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
