/* SPDX-License-Identifier: MIT */
/*
 * test_mp4_tables.c - tables of an MP4 that say more than they hold.
 */
#include "unit/scratch.h"

#include "video/mp4_tables.h"

static uint8_t bytes[256];
static size_t size;
static expclip_error error;

static void add(uint32_t n)
{
    for (int i = 3; i >= 0; i--)
        bytes[size++] = (uint8_t)(n >> 8 * i);
}

static void add_box(uint32_t box_size, const char *name)
{
    add(box_size);
    memcpy(bytes + size, name, 4);
    size += 4;
}

/* A track whose table is of `box_size` bytes, with numbers behind the flags. */
static expclip_status check(uint32_t box_size, const char *name, uint32_t first,
                            uint32_t second)
{
    static const char *const parents[] = { "moov", "trak", "mdia", "minf",
                                           "stbl" };
    expclip__file file;
    expclip_status status;

    size = 0;
    add_box(16, "ftyp");
    add(0);
    add(0);
    for (uint32_t i = 0; i < 5; i++)
        add_box(box_size + 8 * (5 - i), parents[i]);
    add_box(box_size, name);
    add(0);
    add(first);
    add(second);
    while (size < 16 + 5 * 8 + (box_size < 100 ? box_size : 100))
        bytes[size++] = 0;
    scratch_write("a.mp4", bytes, size);
    assert_int_equal(expclip__file_open(&file, scratch_path("a.mp4"), &error),
                     0);
    status = expclip__mp4_check_tables(&file, &error);
    expclip__file_close(&file);
    return status;
}

static void test_mp4_tables__entries_must_be_in_their_box(void **state)
{
    (void)state;
    assert_int_equal(check(16 + 3 * 8, "stts", 3, 0), EXPCLIP_OK);
    assert_int_equal(check(16 + 3 * 8, "stts", 4, 0), EXPCLIP_ERROR_FORMAT);
    assert_non_null(strstr(error.message, "\"stts\""));
    assert_non_null(strstr(error.message, "4 entries, expected at most 3"));
    assert_int_equal(check(16 + 3 * 4, "stco", 3, 0), EXPCLIP_OK);
    assert_int_equal(check(16 + 3 * 4, "stco", UINT32_MAX, 0),
                     EXPCLIP_ERROR_FORMAT);
    assert_int_equal(check(40, "free", UINT32_MAX, UINT32_MAX), EXPCLIP_OK);
}

/* The sizes of samples need no bytes when all have the same. */
static void test_mp4_tables__samples_are_not_many_more_than_bytes(void **state)
{
    (void)state;
    assert_int_equal(check(20, "stsz", 1, 4000000), EXPCLIP_OK);
    assert_int_equal(check(20, "stsz", 1, 5000000), EXPCLIP_ERROR_FORMAT);
    assert_int_equal(check(20, "trun", 5000000, 0), EXPCLIP_ERROR_FORMAT);
}

/* The demuxer says what is wrong with it. */
static void test_mp4_tables__boxes_that_are_cut_are_not_judged(void **state)
{
    (void)state;
    assert_int_equal(check(1000, "stts", 1000, 0), EXPCLIP_OK);
    assert_int_equal(check(4, "stts", 1000, 0), EXPCLIP_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCRATCH_TEST(test_mp4_tables__entries_must_be_in_their_box),
        SCRATCH_TEST(test_mp4_tables__samples_are_not_many_more_than_bytes),
        SCRATCH_TEST(test_mp4_tables__boxes_that_are_cut_are_not_judged),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
