/* SPDX-License-Identifier: MIT */
/*
 * test_row_store.c - rows in a file: whatever happens to it, its rows are the
 * ones that were put there or it is refused.
 */
#define _GNU_SOURCE
#include "rows/row_store.h"

#include <math.h>
#include <sys/wait.h>

#include "unit/scratch.h"

#define N 5
#define DIM 3
#define HEADER 4096
#define RECORD 280 /* 256, 3 floats, 4 zeros, 8 */
#define IDENTITY "encoder: e\nbatch: 2\n"

/* Item 2 failed. */
static void make_row(float *row, expclip__row_note *note, size_t item)
{
    memset(note, 0, sizeof(*note));
    for (int j = 0; j < DIM; j++)
        row[j] = item == 2 ? NAN : (float)item + 0.25f * (float)j;
    if (item != 2)
        return;
    note->status = EXPCLIP_ERROR_FORMAT;
    strcpy(note->message, "damaged");
}

static expclip_status add(expclip__row_store *s, size_t n, expclip_error *err)
{
    float rows[N * DIM];
    expclip__row_note notes[N];

    for (size_t i = 0; i < n; i++)
        make_row(rows + i * DIM, &notes[i], s->n_done + i);
    return expclip__row_store_add(s, rows, notes, n, err);
}

static void check_rows(const expclip__row_store *s)
{
    float row[DIM];
    expclip__row_note note;

    assert_true(s->n_done <= N);
    assert_int_equal(s->n_failed, s->n_done > 2);
    for (size_t i = 0; i < s->n_done; i++) {
        make_row(row, &note, i);
        assert_int_equal(s->notes[i].status, note.status);
        assert_string_equal(s->notes[i].message, note.message);
        assert_memory_equal(s->rows + i * DIM, row, sizeof(row));
    }
}

static expclip_status open_as(expclip__row_store *s, const char *identity,
                              expclip_error *err)
{
    return expclip__row_store_open(s, scratch_path("rows"), identity, N, DIM, 1,
                                   err);
}

static void open_rows(expclip__row_store *s)
{
    expclip_error err;

    if (open_as(s, IDENTITY, &err))
        fail_msg("%s", err.message);
}

/* The file with all its rows, for free(). */
static uint8_t *whole_file(size_t *size)
{
    expclip__row_store s;

    open_rows(&s);
    assert_int_equal(add(&s, N - s.n_done, NULL), 0);
    expclip__row_store_close(&s);
    return scratch_read(scratch_path("rows"), size);
}

static void assert_file_is(const void *bytes, size_t size)
{
    size_t found_size;
    uint8_t *found = scratch_read(scratch_path("rows"), &found_size);

    assert_int_equal(found_size, size);
    assert_memory_equal(found, bytes, size);
    free(found);
}

static void refuse_foreign(const void *bytes, size_t size)
{
    expclip__row_store s;
    expclip_error err;

    scratch_write("rows", bytes, size);
    assert_int_equal(open_as(&s, IDENTITY, &err), EXPCLIP_ERROR_FORMAT);
    assert_non_null(strstr(err.message, "not a file of features"));
    assert_non_null(strstr(err.message, scratch_path("rows")));
    assert_file_is(bytes, size);
}

/* ---- tests ---- */

static void test_row_store__rows_come_back(void **state)
{
    expclip__row_store s;
    size_t size;
    uint8_t *bytes = whole_file(&size);

    (void)state;
    assert_int_equal(size, HEADER + N * RECORD);
    assert_memory_equal(bytes, "expclip rows 1  " IDENTITY, 16 + 20);
    open_rows(&s);
    assert_int_equal(s.n_done, N);
    check_rows(&s);
    expclip__row_store_close(&s);
    assert_file_is(bytes, size);
    free(bytes);
}

static void test_row_store__without_a_file_it_keeps_rows(void **state)
{
    expclip__row_store s;

    (void)state;
    assert_int_equal(expclip__row_store_open(&s, "", IDENTITY, N, DIM, 1, NULL),
                     0);
    assert_int_equal(add(&s, 2, NULL), 0);
    assert_int_equal(add(&s, 3, NULL), 0);
    check_rows(&s);
    assert_int_equal(expclip__row_store_cut(&s, 1, NULL), 0);
    assert_int_equal(s.n_done, 1);
    check_rows(&s);
    expclip__row_store_close(&s);
}

static void test_row_store__steps_give_the_bytes_of_one_go(void **state)
{
    expclip__row_store s;
    size_t size;
    uint8_t *bytes = whole_file(&size);

    (void)state;
    for (size_t step = 1; step < N; step++) {
        unlink(scratch_path("rows"));
        for (size_t done = 0; done < N; done += step) {
            open_rows(&s);
            assert_int_equal(s.n_done, done);
            assert_int_equal(add(&s, done + step < N ? step : N - done, NULL),
                             0);
            expclip__row_store_close(&s);
        }
        assert_file_is(bytes, size);
    }
    free(bytes);
}

static void test_row_store__a_file_cut_anywhere_goes_on(void **state)
{
    expclip__row_store s;
    expclip_error err;
    size_t size;
    uint8_t *bytes = whole_file(&size);

    (void)state;
    for (size_t cut = 0; cut < size; cut++) {
        if (cut > 0 && cut < 16) { /* it could be anybody's */
            refuse_foreign(bytes, cut);
            continue;
        }
        scratch_write("rows", bytes, cut);
        if (open_as(&s, IDENTITY, &err))
            fail_msg("%zu bytes: %s", cut, err.message);
        assert_int_equal(s.n_done, cut < HEADER ? 0 : (cut - HEADER) / RECORD);
        check_rows(&s);
        assert_int_equal(add(&s, N - s.n_done, NULL), 0);
        expclip__row_store_close(&s);
        assert_file_is(bytes, size);
    }
    free(bytes);
}

static void test_row_store__a_changed_byte_is_never_believed(void **state)
{
    static const uint8_t changes[] = { 0x01, 0x80, 0xff };
    expclip__row_store s;
    size_t size;
    uint8_t *bytes = whole_file(&size);
    uint8_t *changed = malloc(size);

    (void)state;
    for (size_t i = 0; i < size * sizeof(changes); i++) {
        const size_t at = i / sizeof(changes);

        memcpy(changed, bytes, size);
        changed[at] ^= changes[i % sizeof(changes)];
        if (at < HEADER) {
            refuse_foreign(changed, size);
            continue;
        }
        scratch_write("rows", changed, size);
        open_rows(&s);
        assert_int_equal(s.n_done, (at - HEADER) / RECORD);
        check_rows(&s);
        expclip__row_store_close(&s);
    }
    free(changed);
    free(bytes);
}

static void test_row_store__a_row_changed_while_open_is_refused(void **state)
{
    float row[DIM];
    expclip__row_store s;
    expclip_error err;
    size_t size;
    uint8_t *bytes = whole_file(&size);

    (void)state;
    assert_int_equal(expclip__row_store_open(&s, scratch_path("rows"), IDENTITY,
                                             N, DIM, 0, NULL),
                     EXPCLIP_OK);
    for (size_t at = 0; at < RECORD; at++) {
        bytes[HEADER + RECORD + at] ^= 0x10;
        scratch_write("rows", bytes, size);
        assert_int_equal(expclip__row_store_read(&s, row, 1, &err),
                         EXPCLIP_ERROR_FORMAT);
        assert_non_null(strstr(err.message, "row 1 is damaged"));
        bytes[HEADER + RECORD + at] ^= 0x10;
    }
    scratch_write("rows", bytes, HEADER + RECORD + 100);
    assert_int_equal(expclip__row_store_read(&s, row, 1, &err),
                     EXPCLIP_ERROR_TRUNCATED);
    expclip__row_store_close(&s);
    free(bytes);
}

/* Whole records in wrong places, as after a copy that lost blocks. */
static void test_row_store__a_record_belongs_to_its_item(void **state)
{
    expclip__row_store s;
    size_t size;
    uint8_t *bytes = whole_file(&size);

    (void)state;
    memmove(bytes + HEADER + RECORD, bytes + HEADER + 3 * RECORD, RECORD);
    scratch_write("rows", bytes, size);
    open_rows(&s);
    assert_int_equal(s.n_done, 1);
    check_rows(&s);
    expclip__row_store_close(&s);
    free(bytes);
}

static void test_row_store__what_follows_the_last_row_is_cut_off(void **state)
{
    expclip__row_store s;
    size_t size;
    uint8_t *bytes = whole_file(&size);
    uint8_t *more = calloc(1, size + 1000);

    (void)state;
    memcpy(more, bytes, size);
    scratch_write("rows", more, size + 1000);
    open_rows(&s);
    assert_int_equal(s.n_done, N);
    expclip__row_store_close(&s);
    assert_file_is(bytes, size);
    free(more);
    free(bytes);
}

static void refuse_identity(const char *identity, size_t n, size_t dim,
                            const char *expected)
{
    expclip__row_store s;
    expclip_error err;

    assert_int_equal(expclip__row_store_open(&s, scratch_path("rows"), identity,
                                             n, dim, 1, &err),
                     EXPCLIP_ERROR_STATE);
    if (!strstr(err.message, expected))
        fail_msg("%s: not \"%s\"", err.message, expected);
}

static void test_row_store__another_identity_names_the_line(void **state)
{
    size_t size;
    uint8_t *bytes = whole_file(&size);

    (void)state;
    refuse_identity("encoder: f\nbatch: 2\n", N, DIM,
                    "made with encoder: e, expected encoder: f;");
    refuse_identity("encoder: e\nbatch: 16\n", N, DIM,
                    "made with batch: 2, expected batch: 16;");
    refuse_identity("encoder: e\n", N, DIM,
                    "made with batch: 2, expected rows: 5 of 3 numbers;");
    refuse_identity(IDENTITY "exif: 1\n", N, DIM,
                    "made with rows: 5 of 3 numbers, expected exif: 1;");
    refuse_identity(IDENTITY, N + 1, DIM,
                    "made with rows: 5 of 3 numbers, expected rows: 6 of 3");
    refuse_identity(IDENTITY, N, DIM + 1,
                    "made with rows: 5 of 3 numbers, expected rows: 5 of 4");
    assert_file_is(bytes, size);
    free(bytes);
}

static void test_row_store__an_identity_has_a_limit(void **state)
{
    char text[3502];
    expclip__row_store s;

    (void)state;
    memset(text, 'x', sizeof(text));
    text[3501] = '\0';
    assert_int_equal(open_as(&s, text, NULL), EXPCLIP_ERROR_LIMIT);
    assert_int_not_equal(access(scratch_path("rows"), F_OK), 0);
    text[3500] = '\0';
    assert_int_equal(open_as(&s, text, NULL), 0);
    expclip__row_store_close(&s);
    assert_int_equal(open_as(&s, text, NULL), 0);
    expclip__row_store_close(&s);
}

static void test_row_store__a_file_is_open_once(void **state)
{
    expclip__row_store first, second;
    expclip_error err;

    (void)state;
    open_rows(&first);
    assert_int_equal(add(&first, 2, NULL), 0);
    assert_int_equal(open_as(&second, IDENTITY, &err), EXPCLIP_ERROR_STATE);
    assert_non_null(strstr(err.message, "in use"));
    assert_int_equal(add(&first, 3, NULL), 0);
    expclip__row_store_close(&first);
    open_rows(&second);
    assert_int_equal(second.n_done, N);
    check_rows(&second);
    expclip__row_store_close(&second);
}

static void test_row_store__foreign_files_are_not_touched(void **state)
{
    static const char text[] = "expclip rows are nice\n";
    size_t size;
    uint8_t *photo = scratch_read(EXPCLIP_FACES "/happiness_1.png", &size);
    uint8_t *zeros = calloc(1, 10000);

    (void)state;
    refuse_foreign(photo, size);
    refuse_foreign(text, sizeof(text));
    refuse_foreign(text, 7);
    refuse_foreign(zeros, 10000);
    refuse_foreign(zeros, 1);
    free(zeros);
    free(photo);
}

static void test_row_store__only_a_file_will_do(void **state)
{
    expclip__row_store s;
    expclip_error err;

    (void)state;
    assert_int_equal(
        expclip__row_store_open(&s, "/dev/full", IDENTITY, N, DIM, 1, &err),
        EXPCLIP_ERROR_ARGUMENT);
    assert_non_null(strstr(err.message, "/dev/full: not a file"));
    assert_int_equal(
        expclip__row_store_open(&s, scratch_folder, IDENTITY, N, DIM, 1, &err),
        EXPCLIP_ERROR_IO);
    assert_int_equal(expclip__row_store_open(&s, scratch_path("no/rows"),
                                             IDENTITY, N, DIM, 1, &err),
                     EXPCLIP_ERROR_IO);
    assert_non_null(strstr(err.message, strerror(ENOENT)));
}

/* Root may write everywhere; who else runs this is refused. */
static int open_as_nobody(void)
{
    expclip__row_store s;
    expclip_error err;

    if (geteuid() == 0 && setuid(65534) != 0)
        return 0;
    return open_as(&s, IDENTITY, &err) == EXPCLIP_ERROR_IO &&
                   strstr(err.message, strerror(EACCES))
               ? 0
               : 1;
}

static void test_row_store__a_folder_may_be_read_only(void **state)
{
    int code;
    pid_t child;

    (void)state;
    assert_int_equal(chmod(scratch_folder, 0555), 0);
    child = fork();
    if (child == 0)
        _exit(open_as_nobody());
    assert_int_equal(waitpid(child, &code, 0), child);
    assert_int_equal(chmod(scratch_folder, 0755), 0);
    assert_int_equal(code, 0);
}

static void test_row_store__a_full_disk_loses_nothing(void **state)
{
    expclip__row_store s;
    expclip_error err;
    size_t size;
    uint8_t *bytes = whole_file(&size);

    (void)state;
    for (size_t room = 0; room < size; room += 131) {
        unlink(scratch_path("rows"));
        limit_files(room);
        if (room < HEADER) {
            assert_int_equal(open_as(&s, IDENTITY, &err), EXPCLIP_ERROR_IO);
            limit_files(RLIM_INFINITY);
            open_rows(&s);
        } else {
            open_rows(&s);
            assert_int_equal(add(&s, 1, &err),
                             room < HEADER + RECORD ? EXPCLIP_ERROR_IO : 0);
            assert_int_equal(add(&s, N - s.n_done, &err), EXPCLIP_ERROR_IO);
            assert_non_null(strstr(err.message, strerror(EFBIG)));
            assert_int_equal(s.n_done, room >= HEADER + RECORD);
            limit_files(RLIM_INFINITY);
        }
        check_rows(&s);
        assert_int_equal(add(&s, N - s.n_done, NULL), 0); /* there is room */
        expclip__row_store_close(&s);
        assert_file_is(bytes, size);
    }
    free(bytes);
}

static int32_t open_and_add(void *data)
{
    expclip__row_store s;
    expclip_status status;

    (void)data;
    unlink(scratch_path("rows"));
    status = open_as(&s, IDENTITY, NULL);
    if (status)
        return status;
    while (!status && s.n_done < N)
        status = add(&s, 1, NULL);
    check_rows(&s);
    expclip__row_store_close(&s);
    return status;
}

static void test_row_store__survives_any_failed_allocation(void **state)
{
    size_t size;
    uint8_t *bytes = whole_file(&size);

    (void)state;
    sweep_allocations(open_and_add, NULL);
    assert_file_is(bytes, size);
    free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCRATCH_TEST(test_row_store__rows_come_back),
        SCRATCH_TEST(test_row_store__without_a_file_it_keeps_rows),
        SCRATCH_TEST(test_row_store__steps_give_the_bytes_of_one_go),
        SCRATCH_TEST(test_row_store__a_file_cut_anywhere_goes_on),
        SCRATCH_TEST(test_row_store__a_changed_byte_is_never_believed),
        SCRATCH_TEST(test_row_store__a_row_changed_while_open_is_refused),
        SCRATCH_TEST(test_row_store__a_record_belongs_to_its_item),
        SCRATCH_TEST(test_row_store__what_follows_the_last_row_is_cut_off),
        SCRATCH_TEST(test_row_store__another_identity_names_the_line),
        SCRATCH_TEST(test_row_store__an_identity_has_a_limit),
        SCRATCH_TEST(test_row_store__a_file_is_open_once),
        SCRATCH_TEST(test_row_store__foreign_files_are_not_touched),
        SCRATCH_TEST(test_row_store__only_a_file_will_do),
        SCRATCH_TEST(test_row_store__a_folder_may_be_read_only),
        SCRATCH_TEST(test_row_store__a_full_disk_loses_nothing),
        SCRATCH_TEST(test_row_store__survives_any_failed_allocation),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
