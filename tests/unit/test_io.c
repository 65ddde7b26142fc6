/* SPDX-License-Identifier: MIT */
/*
 * test_io.c - files: what is refused, and all-or-nothing writing.
 */
#define _GNU_SOURCE
#include "unit/scratch.h"

#include <errno.h>
#include <sys/syscall.h>

#include "base/io.h"

/* ---- faults: these stand in front of the C library's own ---- */

/* The call that fails, counted down to zero, and how. */
static struct {
    int reads, writes, syncs, closes, renames;
    int error;
    int piecemeal; /* reads and writes of a byte, each second one EINTR */
} fault;

/* 1 when this call must fail; errno is set. */
static int must_fail(int *countdown)
{
    static int second;

    if (*countdown > 0 && --*countdown == 0) {
        errno = fault.error;
        return 1;
    }
    if ((countdown == &fault.reads || countdown == &fault.writes) &&
        fault.piecemeal && (second ^= 1)) {
        errno = EINTR;
        return 1;
    }
    return 0;
}

ssize_t pread(int fd, void *out, size_t n, off_t offset)
{
    if (must_fail(&fault.reads))
        return -1;
    return syscall(SYS_pread64, fd, out, fault.piecemeal && n ? 1 : n, offset);
}

ssize_t write(int fd, const void *bytes, size_t n)
{
    if (must_fail(&fault.writes))
        return -1;
    return syscall(SYS_write, fd, bytes, fault.piecemeal && n ? 1 : n);
}

int fsync(int fd)
{
    return must_fail(&fault.syncs) ? -1 : (int)syscall(SYS_fsync, fd);
}

int close(int fd)
{
    const int result = (int)syscall(SYS_close, fd);

    return must_fail(&fault.closes) ? -1 : result;
}

int rename(const char *from, const char *to)
{
    return must_fail(&fault.renames) ? -1 : (int)syscall(SYS_rename, from, to);
}

/* Number of files in the scratch folder. */
static int n_files(void)
{
    struct dirent *entry;
    DIR *d = opendir(scratch_folder);
    int n = 0;

    while ((entry = readdir(d)))
        n += entry->d_name[0] != '.';
    closedir(d);
    return n;
}

static void test_io__reads_at_an_offset(void **state)
{
    expclip__file f;
    char out[4] = "";

    (void)state;
    assert_int_equal(
        expclip__file_open(&f, scratch_write("a", "0123456789", 10), NULL), 0);
    assert_int_equal(f.size, 10);
    assert_int_equal(expclip__file_read(&f, 6, out, 4, NULL), 0);
    assert_memory_equal(out, "6789", 4);
    assert_int_equal(expclip__file_read(&f, 10, out, 0, NULL), 0);
    assert_int_equal(expclip__file_read(&f, 7, out, 4, NULL),
                     EXPCLIP_ERROR_TRUNCATED);
    assert_int_equal(expclip__file_read(&f, UINT64_MAX, out, 4, NULL),
                     EXPCLIP_ERROR_TRUNCATED);
    expclip__file_close(&f);
}

static void test_io__reads_memory_as_a_file(void **state)
{
    expclip__file f;
    char out[2];

    (void)state;
    assert_int_equal(
        expclip__file_from_bytes(&f, (const uint8_t *)"abc", 3, "m", NULL), 0);
    assert_int_equal(expclip__file_read(&f, 1, out, 2, NULL), 0);
    assert_memory_equal(out, "bc", 2);
    assert_int_equal(expclip__file_read(&f, 2, out, 2, NULL),
                     EXPCLIP_ERROR_TRUNCATED);
    expclip__file_close(&f);
}

static void test_io__a_file_that_shrinks_is_truncated(void **state)
{
    expclip__file f;
    char out[10];

    (void)state;
    assert_int_equal(
        expclip__file_open(&f, scratch_write("a", "0123456789", 10), NULL), 0);
    assert_int_equal(truncate(scratch_path("a"), 4), 0);
    assert_int_equal(expclip__file_read(&f, 0, out, 10, NULL),
                     EXPCLIP_ERROR_TRUNCATED);
    expclip__file_close(&f);
}

static void test_io__refuses_what_is_no_regular_file(void **state)
{
    expclip__file f;
    expclip_error err;

    (void)state;
    assert_int_equal(expclip__file_open(&f, scratch_folder, &err),
                     EXPCLIP_ERROR_UNSUPPORTED);
    assert_non_null(strstr(err.message, "a folder"));
    assert_int_equal(expclip__file_open(&f, "/dev/zero", &err),
                     EXPCLIP_ERROR_UNSUPPORTED);
    assert_int_equal(mkfifo(scratch_path("fifo"), 0600), 0);
    assert_int_equal(expclip__file_open(&f, scratch_path("fifo"), &err),
                     EXPCLIP_ERROR_UNSUPPORTED);
    assert_int_equal(expclip__file_open(&f, scratch_path("none"), &err),
                     EXPCLIP_ERROR_NOT_FOUND);
    assert_non_null(strstr(err.message, "none"));
}

static void test_io__names_beside_stay_in_the_folder(void **state)
{
    static const char *const bad[] = { "",   ".",   "..",     "../a",
                                       "/a", "b/a", ".hidden" };
    expclip__file f;

    (void)state;
    scratch_write("a", "x", 1);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_int_equal(
            expclip__file_open_beside(&f, scratch_folder, bad[i], NULL),
            EXPCLIP_ERROR_UNSAFE);
    assert_int_equal(expclip__file_open_beside(&f, scratch_folder, "a", NULL),
                     0);
    expclip__file_close(&f);
}

static void test_io__reads_a_whole_file_up_to_a_limit(void **state)
{
    uint8_t *bytes = NULL;
    size_t size = 0;

    (void)state;
    scratch_write("a", "0123456789", 10);
    assert_int_equal(
        expclip__read_file(&bytes, &size, scratch_path("a"), 9, NULL),
        EXPCLIP_ERROR_LIMIT);
    assert_null(bytes);
    assert_int_equal(
        expclip__read_file(&bytes, &size, scratch_path("a"), 10, NULL), 0);
    assert_int_equal(size, 10);
    expclip__free(bytes);
}

static void test_io__a_write_appears_whole_or_not_at_all(void **state)
{
    expclip__writer *w = NULL;
    uint8_t *bytes;
    size_t size;

    (void)state;
    scratch_write("a", "old", 3);
    assert_int_equal(
        expclip__writer_open(&w, scratch_path("a"), EXPCLIP__FILE_ANY, NULL),
        0);
    assert_int_equal(expclip__writer_add(w, "new!", 4, NULL), 0);
    bytes = scratch_read(scratch_path("a"), &size);
    assert_int_equal(size, 3);
    free(bytes);
    assert_int_equal(expclip__writer_commit(w, NULL), 0);
    bytes = scratch_read(scratch_path("a"), &size);
    assert_int_equal(size, 4);
    assert_memory_equal(bytes, "new!", 4);
    free(bytes);
    assert_int_equal(n_files(), 1);
}

static void test_io__an_aborted_write_leaves_nothing(void **state)
{
    expclip__writer *w = NULL;

    (void)state;
    assert_int_equal(
        expclip__writer_open(&w, scratch_path("a"), EXPCLIP__FILE_ANY, NULL),
        0);
    assert_int_equal(expclip__writer_add(w, "x", 1, NULL), 0);
    expclip__writer_abort(w);
    assert_int_equal(n_files(), 0);
    expclip__writer_abort(NULL);
}

static void test_io__new_files_have_the_mode_of_the_umask(void **state)
{
    const mode_t before = umask(027);
    expclip__writer *w = NULL;
    struct stat s;

    (void)state;
    assert_int_equal(
        expclip__writer_open(&w, scratch_path("a"), EXPCLIP__FILE_ANY, NULL),
        0);
    assert_int_equal(expclip__writer_commit(w, NULL), 0);
    umask(before);
    assert_int_equal(stat(scratch_path("a"), &s), 0);
    assert_int_equal(s.st_mode & 0777, 0640);
}

static void test_io__a_write_that_cannot_be_put_in_place_fails(void **state)
{
    expclip__writer *w = NULL;
    expclip_error err;

    (void)state;
    assert_int_equal(
        expclip__writer_open(&w, "/nonexistent/a", EXPCLIP__FILE_ANY, &err),
        EXPCLIP_ERROR_NOT_FOUND);
    assert_null(w);
    /* A folder took the name meanwhile. */
    assert_int_equal(
        expclip__writer_open(&w, scratch_path("a"), EXPCLIP__FILE_ANY, &err),
        0);
    assert_int_equal(mkdir(scratch_path("a"), 0700), 0);
    assert_int_equal(expclip__writer_commit(w, &err), EXPCLIP_ERROR_IO);
    assert_int_equal(n_files(), 1);
    assert_int_equal(rmdir(scratch_path("a")), 0);
}

static void test_io__short_and_interrupted_calls_are_continued(void **state)
{
    expclip__writer *w = NULL;
    uint8_t *bytes = NULL;
    size_t size = 0;
    expclip_status status;

    (void)state;
    assert_int_equal(
        expclip__writer_open(&w, scratch_path("a"), EXPCLIP__FILE_ANY, NULL),
        0);
    fault.piecemeal = 1;
    status = expclip__writer_add(w, "0123456789", 10, NULL);
    fault.piecemeal = 0;
    assert_int_equal(status, 0);
    assert_int_equal(expclip__writer_commit(w, NULL), 0);
    fault.piecemeal = 1;
    status = expclip__read_file(&bytes, &size, scratch_path("a"), 99, NULL);
    fault.piecemeal = 0;
    assert_int_equal(status, 0);
    assert_int_equal(size, 10);
    assert_memory_equal(bytes, "0123456789", 10);
    expclip__free(bytes);
}

static void test_io__a_failing_read_is_an_error(void **state)
{
    uint8_t *bytes = NULL;
    size_t size;
    expclip_error err;

    (void)state;
    scratch_write("a", "x", 1);
    fault.error = EIO;
    fault.reads = 1;
    assert_int_equal(
        expclip__read_file(&bytes, &size, scratch_path("a"), 9, &err),
        EXPCLIP_ERROR_IO);
    assert_non_null(strstr(err.message, "cannot read: Input/output error"));
    assert_null(bytes);
}

/* Write "new" over a file; any step may fail. */
static expclip_status overwrite(const char *path)
{
    expclip__writer *w = NULL;
    expclip_status status =
        expclip__writer_open(&w, path, EXPCLIP__FILE_ANY, NULL);

    if (!status && (status = expclip__writer_add(w, "new", 3, NULL)))
        expclip__writer_abort(w);
    else if (!status)
        status = expclip__writer_commit(w, NULL);
    return status;
}

static void test_io__a_failing_write_leaves_the_old_file(void **state)
{
    int *const calls[] = { &fault.writes, &fault.syncs, &fault.closes,
                           &fault.renames };
    static const int errors[] = { ENOSPC, EIO, EDQUOT };
    char path[100];

    (void)state;
    scratch_write("a", "old", 3);
    strcpy(path, scratch_path("a"));
    for (size_t i = 0; i < 12; i++) {
        uint8_t *bytes;
        size_t size;

        fault.error = errors[i % 3];
        *calls[i / 3] = 1;
        assert_int_equal(overwrite(path), EXPCLIP_ERROR_IO);
        *calls[i / 3] = 0;
        bytes = scratch_read(path, &size);
        assert_memory_equal(bytes, "old", 3);
        free(bytes);
        assert_int_equal(n_files(), 1);
    }
    assert_int_equal(overwrite(path), 0);
}

static void make_dead(const char *name)
{
    scratch_write(name, "x", 1);
    assert_int_equal(access(scratch_path(name), F_OK), 0);
}

static int is_there(const char *name)
{
    return access(scratch_path(name), F_OK) == 0;
}

static void test_io__what_the_dead_left_is_swept_and_nothing_else(void **state)
{
    static const char *const others[] = {
        ".a.expclip-abcdefghijk.tmp", /* a letter too few */
        ".a.expclip-abcdefghijkl.tmpx", ".a.expclip-ABCDEFGHIJKL.tmp",
        ".b.expclip-abcdefghijkl.tmp",  "a.expclip-abcdefghijkl.tmp",
        ".a.b.expclip-abcdefghijkl.tmp"
    };
    expclip__writer *first = NULL, *second = NULL;

    (void)state;
    for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
        make_dead(others[i]);
    make_dead(".a.expclip-abcdefghijkl.tmp");
    assert_int_equal(
        symlink("nowhere", scratch_path(".a.expclip-bbbbbbbbbbbb.tmp")), 0);
    assert_int_equal(mkfifo(scratch_path(".a.expclip-cccccccccccc.tmp"), 0600),
                     0);
    assert_int_equal(expclip__writer_open(&first, scratch_path("a"),
                                          EXPCLIP__FILE_ANY, NULL),
                     0);
    assert_false(is_there(".a.expclip-abcdefghijkl.tmp"));
    assert_true(is_there(".a.expclip-cccccccccccc.tmp"));
    for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
        assert_true(is_there(others[i]));
    /* One at work is not swept by another of the same target. */
    assert_int_equal(expclip__writer_open(&second, scratch_path("a"),
                                          EXPCLIP__FILE_ANY, NULL),
                     0);
    assert_int_equal(expclip__writer_add(first, "1", 1, NULL), 0);
    assert_int_equal(expclip__writer_commit(first, NULL), 0);
    assert_int_equal(expclip__writer_commit(second, NULL), 0);
    for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
        unlink(scratch_path(others[i]));
    unlink(scratch_path(".a.expclip-bbbbbbbbbbbb.tmp"));
    unlink(scratch_path(".a.expclip-cccccccccccc.tmp"));
}

static void test_io__a_long_name_can_be_written(void **state)
{
    char name[256];
    expclip__writer *w = NULL;

    (void)state;
    memset(name, 'n', 255);
    name[255] = '\0';
    assert_int_equal(
        expclip__writer_open(&w, scratch_path(name), EXPCLIP__FILE_ANY, NULL),
        0);
    assert_int_equal(expclip__writer_commit(w, NULL), 0);
    assert_true(is_there(name));
}

static int32_t write_and_read(void *data)
{
    expclip__writer *w = NULL;
    uint8_t *bytes = NULL;
    size_t size;
    int32_t status = expclip__writer_open(&w, data, EXPCLIP__FILE_ANY, NULL);

    if (!status)
        status = expclip__writer_commit(w, NULL);
    if (!status)
        status = expclip__read_file(&bytes, &size, data, 10, NULL);
    expclip__free(bytes);
    return status;
}

static void test_io__survives_every_failing_allocation(void **state)
{
    char path[100];

    (void)state;
    strcpy(path, scratch_path("a"));
    sweep_needed_allocations(write_and_read, path);
    assert_int_equal(n_files(), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCRATCH_TEST(test_io__reads_at_an_offset),
        SCRATCH_TEST(test_io__reads_memory_as_a_file),
        SCRATCH_TEST(test_io__a_file_that_shrinks_is_truncated),
        SCRATCH_TEST(test_io__refuses_what_is_no_regular_file),
        SCRATCH_TEST(test_io__names_beside_stay_in_the_folder),
        SCRATCH_TEST(test_io__reads_a_whole_file_up_to_a_limit),
        SCRATCH_TEST(test_io__a_write_appears_whole_or_not_at_all),
        SCRATCH_TEST(test_io__an_aborted_write_leaves_nothing),
        SCRATCH_TEST(test_io__new_files_have_the_mode_of_the_umask),
        SCRATCH_TEST(test_io__a_write_that_cannot_be_put_in_place_fails),
        SCRATCH_TEST(test_io__short_and_interrupted_calls_are_continued),
        SCRATCH_TEST(test_io__a_failing_read_is_an_error),
        SCRATCH_TEST(test_io__a_failing_write_leaves_the_old_file),
        SCRATCH_TEST(test_io__what_the_dead_left_is_swept_and_nothing_else),
        SCRATCH_TEST(test_io__a_long_name_can_be_written),
        SCRATCH_TEST(test_io__survives_every_failing_allocation),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
