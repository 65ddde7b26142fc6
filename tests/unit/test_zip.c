/* SPDX-License-Identifier: MIT */
/*
 * test_zip.c - archives with one defect each.
 */
#include "unit/zip_maker.h"

#include "base/error.h"
#include "weights/zip.h"

static expclip_status open_zip(expclip__zip **out, expclip__file *file,
                               const zip_maker *z, expclip_error *err)
{
    assert_int_equal(expclip__file_from_bytes(file, (const uint8_t *)z->b.data,
                                              z->b.size, "x", err),
                     0);
    return expclip__zip_open(out, file, err);
}

/* Two entries: "a" with "hello", "b/c" with "" . */
static zip_maker make_two(void)
{
    zip_maker z = { 0 };

    zip_add(&z, "b/c", "", 0);
    zip_add(&z, "a", "hello", 5);
    zip_finish(&z);
    return z;
}

static void test_zip__reads_stored_entries(void **state)
{
    zip_maker z = make_two();
    expclip__file file;
    expclip__zip *zip;
    uint8_t *bytes;
    size_t size;

    (void)state;
    assert_int_equal(open_zip(&zip, &file, &z, NULL), 0);
    assert_int_equal(zip->n_entries, 2);
    assert_int_equal(expclip__zip_find(zip, "a"), 0);
    assert_int_equal(expclip__zip_find(zip, "b/c"), 1);
    assert_int_equal(expclip__zip_find(zip, "b"), -1);
    assert_int_equal(expclip__zip_read(&bytes, &size, zip, 0, &file, 5, NULL),
                     0);
    assert_int_equal(size, 5);
    assert_memory_equal(bytes, "hello", 5);
    expclip__free(bytes);
    assert_int_equal(expclip__zip_read(&bytes, &size, zip, 0, &file, 4, NULL),
                     EXPCLIP_ERROR_LIMIT);
    expclip__zip_free(zip);
    expclip__file_close(&file);
    expclip__buffer_free(&z.b);
    expclip__zip_free(NULL);
}

static void test_zip__takes_an_empty_archive(void **state)
{
    zip_maker z = { 0 };
    expclip__file file;
    expclip__zip *zip;

    (void)state;
    zip_finish(&z);
    assert_int_equal(open_zip(&zip, &file, &z, NULL), 0);
    assert_int_equal(zip->n_entries, 0);
    assert_int_equal(expclip__zip_find(zip, "a"), -1);
    expclip__zip_free(zip);
    expclip__file_close(&file);
    expclip__buffer_free(&z.b);
}

/* A place in the archive of make_two() and the byte to put there. */
enum place { LOCAL, CENTRAL, END };

static void test_zip__refuses_each_defect(void **state)
{
    static const struct {
        const char *what;
        enum place place; /* of entry "a", number 1 */
        size_t offset;
        unsigned char value;
        expclip_status status;
    } cases[] = {
        { "encrypted", CENTRAL, 8, 1, EXPCLIP_ERROR_UNSUPPORTED },
        { "other flags before the bytes", LOCAL, 6, 2, EXPCLIP_ERROR_FORMAT },
        { "method 12", CENTRAL, 10, 12, EXPCLIP_ERROR_UNSUPPORTED },
        { "other method before the bytes", LOCAL, 8, 8, EXPCLIP_ERROR_FORMAT },
        { "other sum before the bytes", LOCAL, 14, 1, EXPCLIP_ERROR_FORMAT },
        { "other size before the bytes", LOCAL, 18, 4, EXPCLIP_ERROR_FORMAT },
        { "other name before the bytes", LOCAL, 30, 'x', EXPCLIP_ERROR_FORMAT },
        { "other length of the name", LOCAL, 26, 2, EXPCLIP_ERROR_FORMAT },
        { "local header elsewhere", CENTRAL, 42, 1, EXPCLIP_ERROR_FORMAT },
        { "local header past the end", CENTRAL, 44, 1, EXPCLIP_ERROR_FORMAT },
        { "stored and packed sizes differ", CENTRAL, 24, 6,
          EXPCLIP_ERROR_FORMAT },
        { "a folder with content", CENTRAL, 38, 0x10, EXPCLIP_ERROR_FORMAT },
        { "another disk", CENTRAL, 34, 1, EXPCLIP_ERROR_FORMAT },
        { "wrong signature in the directory", CENTRAL, 1, 'X',
          EXPCLIP_ERROR_FORMAT },
        { "extra that is not there", CENTRAL, 30, 1, EXPCLIP_ERROR_FORMAT },
        { "no name", CENTRAL, 28, 0, EXPCLIP_ERROR_FORMAT },
        { "name with NUL", CENTRAL, 46, 0, EXPCLIP_ERROR_FORMAT },
        { "name from the root", CENTRAL, 46, '/', EXPCLIP_ERROR_FORMAT },
        { "name that is not UTF-8", CENTRAL, 46, 0xff, EXPCLIP_ERROR_FORMAT },
        { "one entry more", END, 10, 3, EXPCLIP_ERROR_FORMAT },
        { "entries on other disks", END, 8, 1, EXPCLIP_ERROR_FORMAT },
        { "number of a disk", END, 4, 1, EXPCLIP_ERROR_FORMAT },
        { "directory a byte longer", END, 12, 97, EXPCLIP_ERROR_FORMAT },
        { "directory elsewhere", END, 16, 1, EXPCLIP_ERROR_FORMAT },
        { "directory past the end", END, 19, 0x80, EXPCLIP_ERROR_FORMAT },
        { "a comment", END, 20, 1, EXPCLIP_ERROR_TRUNCATED },
        { "no end", END, 0, 'X', EXPCLIP_ERROR_TRUNCATED },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        zip_maker z = make_two();
        const size_t at = cases[i].place == LOCAL     ? z.entries[1].header
                          : cases[i].place == CENTRAL ? zip_central(&z, 1)
                                                      : z.end;
        expclip__zip *zip = NULL;
        expclip__file file;
        expclip_error err = { 0 };
        expclip_status status;

        z.b.data[at + cases[i].offset] = (char)cases[i].value;
        status = open_zip(&zip, &file, &z, &err);
        if (status != cases[i].status)
            print_error("%s: %s\n", cases[i].what, err.message);
        assert_int_equal(status, cases[i].status);
        assert_null(zip);
        expclip__file_close(&file);
        expclip__buffer_free(&z.b);
    }
}

static expclip_status status_of(zip_maker *z)
{
    expclip__zip *zip = NULL;
    expclip__file file;
    const expclip_status status = open_zip(&zip, &file, z, NULL);

    expclip__zip_free(zip);
    expclip__file_close(&file);
    expclip__buffer_free(&z->b);
    return status;
}

static void test_zip__refuses_names_that_are_there_twice(void **state)
{
    zip_maker z = { 0 };

    (void)state;
    zip_add(&z, "a", "1", 1);
    zip_add(&z, "a", "2", 1);
    zip_finish(&z);
    assert_int_equal(status_of(&z), EXPCLIP_ERROR_FORMAT);
}

static void test_zip__refuses_names_that_leave_the_archive(void **state)
{
    static const char *const names[] = { "..", "../a", "a/..", "a/../b" };
    static const char *const fine[] = { "..a", "a..", "a/..b/c", "a/b..c" };

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        zip_maker z = { 0 };

        zip_add(&z, names[i], "1", 1);
        zip_finish(&z);
        assert_int_equal(status_of(&z), EXPCLIP_ERROR_UNSAFE);
        z = (zip_maker){ 0 };
        zip_add(&z, fine[i], "1", 1);
        zip_finish(&z);
        assert_int_equal(status_of(&z), EXPCLIP_OK);
    }
}

static void test_zip__refuses_entries_that_overlap(void **state)
{
    zip_maker z = { 0 };

    (void)state;
    /* Two names for one local header, which agrees with both in length. */
    zip_add(&z, "a", "1", 1);
    z.entries[1] = z.entries[0];
    z.n = 2;
    zip_finish(&z);
    assert_int_equal(status_of(&z), EXPCLIP_ERROR_FORMAT);
}

static void test_zip__refuses_bytes_before_and_after(void **state)
{
    zip_maker z = { 0 };

    (void)state;
    expclip__buffer_add_string(&z.b, "#!/bin/sh\n");
    zip_add(&z, "a", "1", 1);
    zip_finish(&z);
    assert_int_equal(status_of(&z), EXPCLIP_ERROR_FORMAT);
    z = make_two();
    expclip__buffer_add_string(&z.b, "x");
    assert_int_equal(status_of(&z), EXPCLIP_ERROR_TRUNCATED);
}

static void test_zip__a_wrong_checksum_is_found_when_read(void **state)
{
    zip_maker z = make_two();
    expclip__zip *zip;
    expclip__file file;
    uint8_t *bytes = NULL;
    size_t size;
    expclip_error err;

    (void)state;
    z.b.data[z.entries[1].header + 31] ^= 1;
    assert_int_equal(open_zip(&zip, &file, &z, NULL), 0);
    assert_int_equal(expclip__zip_read(&bytes, &size, zip, 0, &file, 9, &err),
                     EXPCLIP_ERROR_FORMAT);
    assert_non_null(strstr(err.message, "\"a\": wrong checksum"));
    assert_null(bytes);
    expclip__zip_free(zip);
    expclip__file_close(&file);
    expclip__buffer_free(&z.b);
}

static void test_zip__compressed_entries_are_listed_but_not_read(void **state)
{
    zip_maker z = make_two();
    expclip__zip *zip;
    expclip__file file;
    uint8_t *bytes = NULL;
    size_t size;

    (void)state;
    z.b.data[z.entries[1].header + 8] = 8;
    z.b.data[zip_central(&z, 1) + 10] = 8;
    assert_int_equal(open_zip(&zip, &file, &z, NULL), 0);
    assert_int_equal(expclip__zip_read(&bytes, &size, zip, 0, &file, 9, NULL),
                     EXPCLIP_ERROR_UNSUPPORTED);
    expclip__zip_free(zip);
    expclip__file_close(&file);
    expclip__buffer_free(&z.b);
}

/* An archive of torch with zip64 end records: every byte of them counts. */
static void test_zip__reads_zip64_and_checks_it(void **state)
{
    size_t size;
    uint8_t *bytes =
        scratch_read(EXPCLIP_TEST_DATA "/weights/state_dict.pt", &size);
    const size_t start = size - 22 - 20 - 56;

    (void)state;
    for (size_t at = start; at <= size; at++) {
        expclip__zip *zip = NULL;
        expclip__file file;
        expclip_status status;

        /* Versions, and which disk the directory is on in a zip of one. */
        if ((at >= start + 12 && at < start + 16))
            continue;
        if (at < size)
            bytes[at] ^= 0x40;
        assert_int_equal(
            expclip__file_from_bytes(&file, bytes, size, "x", NULL), 0);
        status = expclip__zip_open(&zip, &file, NULL);
        if (at < size) {
            assert_true(status == EXPCLIP_ERROR_FORMAT ||
                        status == EXPCLIP_ERROR_TRUNCATED);
            bytes[at] ^= 0x40;
        } else {
            assert_int_equal(status, 0);
        }
        expclip__zip_free(zip);
        expclip__file_close(&file);
    }
    free(bytes);
}

/* Each byte of the wide fields of entry "a" in turn. */
static void test_zip__reads_wide_fields_and_checks_them(void **state)
{
    (void)state;
    for (size_t i = 0; i <= 34 + 26; i++) {
        zip_maker z = { .wide = 1 };
        expclip__zip *zip = NULL;
        expclip__file file;
        expclip_status status;
        size_t at;

        zip_add(&z, "b", "", 0);
        zip_add(&z, "a", "hello", 5);
        zip_finish(&z);
        at = i < 34 ? zip_central(&z, 1) + 47 + i
                    : z.entries[1].header + 31 + i - 34;
        if (i < 34 + 26)
            z.b.data[at] ^= 0x20;
        status = open_zip(&zip, &file, &z, NULL);
        if (i % 34 < 2 || i % 34 == 4 || i % 34 == 5 || i == 34 + 26) {
            assert_int_equal(status, 0); /* of the field that means nothing */
            assert_int_equal(zip->entries[0].size, 5);
        } else {
            assert_int_equal(status, EXPCLIP_ERROR_FORMAT);
        }
        expclip__zip_free(zip);
        expclip__file_close(&file);
        expclip__buffer_free(&z.b);
    }
}

static void test_zip__takes_at_most_65536_entries(void **state)
{
    uint8_t end[98] = "PK\6\6\x2c";
    expclip__zip *zip = NULL;
    expclip__file file;

    (void)state;
    end[24 + 2] = end[32 + 2] = 1; /* 65,536 in no bytes: damaged */
    memcpy(end + 56, "PK\6\7", 4);
    end[72] = 1;
    memcpy(end + 76, "PK\5\6", 4);
    memset(end + 84, 0xff, 4);
    for (int more = 0; more < 2; more++) {
        end[24] = end[32] = (uint8_t)more;
        assert_int_equal(
            expclip__file_from_bytes(&file, end, sizeof(end), "x", NULL), 0);
        assert_int_equal(expclip__zip_open(&zip, &file, NULL),
                         more ? EXPCLIP_ERROR_LIMIT : EXPCLIP_ERROR_FORMAT);
        expclip__file_close(&file);
    }
}

static int32_t open_and_read(void *data)
{
    const zip_maker *z = data;
    expclip__zip *zip = NULL;
    expclip__file file;
    uint8_t *bytes = NULL;
    size_t size;
    expclip_status status = expclip__file_from_bytes(
        &file, (const uint8_t *)z->b.data, z->b.size, "x", NULL);

    if (status)
        return status;
    if (!(status = expclip__zip_open(&zip, &file, NULL)))
        status = expclip__zip_read(&bytes, &size, zip, 0, &file, 9, NULL);
    expclip__free(bytes);
    expclip__zip_free(zip);
    expclip__file_close(&file);
    return status;
}

static void test_zip__survives_every_failing_allocation(void **state)
{
    zip_maker z = make_two();

    (void)state;
    sweep_allocations(open_and_read, &z);
    expclip__buffer_free(&z.b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_zip__reads_stored_entries),
        cmocka_unit_test(test_zip__takes_an_empty_archive),
        cmocka_unit_test(test_zip__refuses_each_defect),
        cmocka_unit_test(test_zip__refuses_names_that_are_there_twice),
        cmocka_unit_test(test_zip__refuses_names_that_leave_the_archive),
        cmocka_unit_test(test_zip__refuses_entries_that_overlap),
        cmocka_unit_test(test_zip__refuses_bytes_before_and_after),
        cmocka_unit_test(test_zip__a_wrong_checksum_is_found_when_read),
        cmocka_unit_test(test_zip__compressed_entries_are_listed_but_not_read),
        cmocka_unit_test(test_zip__reads_zip64_and_checks_it),
        cmocka_unit_test(test_zip__reads_wide_fields_and_checks_them),
        cmocka_unit_test(test_zip__takes_at_most_65536_entries),
        cmocka_unit_test(test_zip__survives_every_failing_allocation),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
