/* SPDX-License-Identifier: MIT */
/*
 * scratch.h - a temporary folder for tests, and the sweep that makes every
 * allocation of a call fail.
 */
#ifndef EXPCLIP_TEST_SCRATCH_H
#define EXPCLIP_TEST_SCRATCH_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include <dirent.h>
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/alloc.h"

/** One folder for each test, removed by scratch_end(). */
static char scratch_folder[64];
static char scratch_buffer[512];

/** For cmocka_unit_test_setup_teardown(). */
static inline int scratch_begin(void **state)
{
    (void)state;
    strcpy(scratch_folder, "/tmp/expclip_test_XXXXXX");
    return mkdtemp(scratch_folder) ? 0 : -1;
}

static inline int scratch_end(void **state)
{
    struct dirent *entry;
    DIR *d = opendir(scratch_folder);
    char path[512];

    (void)state;
    while (d && (entry = readdir(d))) {
        snprintf(path, sizeof(path), "%s/%.255s", scratch_folder,
                 entry->d_name);
        if (entry->d_name[0] != '.')
            unlink(path);
    }
    if (d)
        closedir(d);
    return rmdir(scratch_folder);
}

#define SCRATCH_TEST(f)                                                        \
    cmocka_unit_test_setup_teardown(f, scratch_begin, scratch_end)

/** Path of a file in the folder; valid until the next call. */
static inline const char *scratch_path(const char *name)
{
    snprintf(scratch_buffer, sizeof(scratch_buffer), "%s/%s", scratch_folder,
             name);
    return scratch_buffer;
}

/** Write a file. @return its path, valid until the next call */
static inline const char *scratch_write(const char *name, const void *bytes,
                                        size_t size)
{
    FILE *f = fopen(scratch_path(name), "wb");

    assert_non_null(f);
    assert_int_equal(fwrite(bytes, 1, size, f), size);
    fclose(f);
    return scratch_buffer;
}

/** A whole file, for free(). */
static inline uint8_t *scratch_read(const char *path, size_t *size)
{
    struct stat s;
    FILE *f = fopen(path, "rb");
    uint8_t *bytes;

    assert_non_null(f);
    assert_int_equal(fstat(fileno(f), &s), 0);
    *size = (size_t)s.st_size;
    bytes = malloc(*size + 1);
    assert_int_equal(fread(bytes, 1, *size, f), *size);
    fclose(f);
    return bytes;
}

/** As a disk that is full: no file grows beyond it; RLIM_INFINITY = it ends. */
static inline void limit_files(rlim_t size)
{
    struct rlimit limit;

    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = size;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
    signal(SIGXFSZ, size == RLIM_INFINITY ? SIG_DFL : SIG_IGN);
}

/* The thread sanitizer is slow, and no thread hangs on which one fails. */
#ifdef __SANITIZE_THREAD__
#define SWEEP_STEP 7
#else
#define SWEEP_STEP 1
#endif

/* Call `f` while its n-th allocation fails, for each n that it has. */
static inline void fail_each_allocation(int32_t (*f)(void *), void *data,
                                        int for_ever, int needed)
{
    int has_failed = 1;

    for (int64_t n = 0; has_failed; n += SWEEP_STEP) {
        int32_t status;

        expclip__alloc_fail_after(n, for_ever);
        status = f(data);
        has_failed = expclip__alloc_has_failed();
        expclip__alloc_fail_after(-1, 0);
        if (!has_failed)
            assert_int_equal(status, 0);
        else if (status != 0 || needed)
            assert_int_equal(status, -50 /* EXPCLIP_ERROR_MEMORY */);
        assert_true(n > 0 || has_failed);
        assert_true(n < 100000);
    }
}

/**
 * Call `f` while each of its allocations fails, once and for ever. It may do
 * without one, but then its answer is the whole one: f looks at it itself. f
 * returns an expclip_status, and must free what it made.
 */
static inline void sweep_allocations(int32_t (*f)(void *), void *data)
{
    fail_each_allocation(f, data, 0, 0);
    fail_each_allocation(f, data, 1, 0);
}

/** The same of an `f` that needs all. */
static inline void sweep_needed_allocations(int32_t (*f)(void *), void *data)
{
    fail_each_allocation(f, data, 0, 1);
    fail_each_allocation(f, data, 1, 1);
}

#endif
