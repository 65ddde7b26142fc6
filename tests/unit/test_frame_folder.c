/* SPDX-License-Identifier: MIT */
/*
 * test_frame_folder.c - which files of a folder are frames, and in which order.
 */
#include "unit/clip_folder.h"

#include "video/frames.h"

static const expclip_image_options image_options = EXPCLIP_IMAGE_OPTIONS_INIT;

static expclip__frame_source open_folder(const expclip_frames_options *options)
{
    const expclip_frames_options defaults = EXPCLIP_FRAMES_OPTIONS_INIT;
    expclip__frame_source source = { 0 };

    assert_int_equal(expclip__folder_open(&source, scratch_folder,
                                          options ? options : &defaults, NULL),
                     EXPCLIP_OK);
    return source;
}

static expclip__frame read_frame(expclip__frame_source *source, int64_t index)
{
    expclip__frame frame = { .index = index };
    int missing = 0;

    assert_int_equal(
        source->read(source, &frame, &missing, &image_options, NULL, NULL),
        EXPCLIP_OK);
    assert_false(missing);
    return frame;
}

/* The colour of a frame, or its status. */
static int colour(expclip__frame_source *source, int64_t index)
{
    expclip__frame frame = read_frame(source, index);
    const int found = frame.status ? frame.status : frame.image.rgb[0];

    expclip__image_clear(&frame.image);
    return found;
}

static void check_colours(const expclip_frames_options *options,
                          const int *expected, int64_t n)
{
    expclip__frame_source source = open_folder(options);

    assert_int_equal(source.n_frames, n);
    for (int64_t i = 0; i < n; i++)
        assert_int_equal(colour(&source, i), expected[i]);
    source.close(&source);
}

static void test_frame_folder__numbers_count_as_people_count(void **state)
{
    static const char *const names[] = { "1.bmp",
                                         "2.bmp",
                                         "10.bmp",
                                         "a1b2.bmp",
                                         "a1b10.bmp",
                                         "a01b11.bmp",
                                         "a2b1.bmp",
                                         "frame-18446744073709551617.bmp",
                                         "frame-18446744073709551618.bmp",
                                         "frame-28446744073709551616.bmp" };
    int expected[10];

    (void)state;
    for (int i = 9; i >= 0; i--) {
        folder_add(names[i], (uint8_t)(i + 1));
        expected[i] = i + 1;
    }
    check_colours(NULL, expected, 10);
}

static void test_frame_folder__or_sort_by_bytes_as_the_reference(void **state)
{
    static const int expected[] = { 2, 1, 3, 5, 4 };
    expclip_frames_options o = EXPCLIP_FRAMES_OPTIONS_INIT;

    (void)state;
    folder_add("2.bmp", 1);
    folder_add("10.bmp", 2);
    folder_add("B.bmp", 3);
    folder_add("b.bmp", 4);
    folder_add("a.BMP", 5);
    o.order = EXPCLIP_ORDER_STRING;
    check_colours(&o, expected, 5);
}

static void test_frame_folder__equal_numbers_have_an_order_too(void **state)
{
    static const int expected[] = { 1, 2, 3 };

    (void)state;
    folder_add("001.bmp", 1);
    folder_add("01.bmp", 2);
    folder_add("1.bmp", 3);
    check_colours(NULL, expected, 3);
}

static void test_frame_folder__other_files_are_left_out(void **state)
{
    static const int expected[] = { 1, 2, 3 };

    (void)state;
    folder_add("a.bmp", 1);
    folder_add("b.BmP", 2);
    folder_add("c d \xff'.\n.Bmp", 3); /* a name is bytes */
    folder_add("d.tif", 9);
    folder_add("e.bmp.txt", 9);
    folder_add("bmp", 9);
    folder_add(".hidden.bmp", 9);
    check_colours(NULL, expected, 3);
    unlink(scratch_path(".hidden.bmp"));
}

static void test_frame_folder__all_four_endings_are_frames(void **state)
{
    expclip__frame_source source;

    (void)state;
    scratch_write("a.jpg", "x", 1);
    scratch_write("b.JPEG", "x", 1);
    scratch_write("c.Png", "x", 1);
    scratch_write("d.bmp", "x", 1);
    source = open_folder(NULL);
    assert_int_equal(source.n_frames, 4);
    source.close(&source);
}

static void test_frame_folder__links_to_files_are_frames(void **state)
{
    static const int expected[] = { 5, EXPCLIP_ERROR_NOT_FOUND };

    (void)state;
    folder_add("image", 5);
    assert_int_equal(symlink("image", scratch_path("1.bmp")), 0);
    assert_int_equal(symlink("nothing", scratch_path("2.bmp")), 0);
    check_colours(NULL, expected, 2);
}

static void test_frame_folder__what_is_no_image_keeps_its_place(void **state)
{
    static const int expected[] = { 1, EXPCLIP_ERROR_UNSUPPORTED,
                                    EXPCLIP_ERROR_UNSUPPORTED,
                                    EXPCLIP_ERROR_TRUNCATED, 5 };

    (void)state;
    folder_add("1.bmp", 1);
    assert_int_equal(mkdir(scratch_path("2.bmp"), 0700), 0);
    assert_int_equal(mkfifo(scratch_path("3.bmp"), 0600), 0);
    scratch_write("4.bmp", "BM", 2);
    folder_add("5.bmp", 5);
    check_colours(NULL, expected, 5);
    rmdir(scratch_path("2.bmp"));
}

static void test_frame_folder__a_failed_frame_says_which_file(void **state)
{
    expclip__frame_source source;
    expclip__frame frame;

    (void)state;
    scratch_write("4.bmp", "BM", 2);
    source = open_folder(NULL);
    frame = read_frame(&source, 0);
    assert_int_equal(frame.status, EXPCLIP_ERROR_TRUNCATED);
    assert_non_null(strstr(frame.why.message, "/4.bmp: "));
    source.close(&source);
}

static void test_frame_folder__times_choose_the_window(void **state)
{
    static const int expected[] = { 4, 5, 6, 7 };
    expclip_frames_options o = EXPCLIP_FRAMES_OPTIONS_INIT;
    expclip__frame_source source;
    expclip__frame frame;

    (void)state;
    folder_fill(10);
    o.frame_rate = 10.0;
    o.start = 0.3;
    o.end = 0.7;
    check_colours(&o, expected, 4);
    source = open_folder(&o);
    frame = read_frame(&source, 1);
    assert_int_equal(frame.index, 1);
    assert_true(frame.time == 4 / 10.0);
    assert_true(source.duration == 4 / 10.0);
    expclip__image_clear(&frame.image);
    source.close(&source);
}

static void test_frame_folder__a_window_behind_the_end_is_empty(void **state)
{
    expclip_frames_options o = EXPCLIP_FRAMES_OPTIONS_INIT;
    expclip__frame_source source;

    (void)state;
    folder_fill(3);
    o.start = 60.0;
    source = open_folder(&o);
    assert_int_equal(source.n_frames, 0);
    source.close(&source);
}

static void test_frame_folder__beyond_the_last_there_is_none(void **state)
{
    expclip__frame_source source;
    expclip__frame frame = { .index = 3 };
    int missing = 0;

    (void)state;
    folder_fill(3);
    source = open_folder(NULL);
    assert_int_equal(
        source.read(&source, &frame, &missing, &image_options, NULL, NULL),
        EXPCLIP_OK);
    assert_true(missing);
    source.close(&source);
}

static int32_t open_and_read(void *data)
{
    const expclip_frames_options o = EXPCLIP_FRAMES_OPTIONS_INIT;
    expclip__frame_source source = { 0 };
    expclip__frame frame = { .index = 1 };
    int missing = 0;
    expclip_status status =
        expclip__folder_open(&source, scratch_folder, &o, NULL);

    (void)data;
    if (status)
        return status;
    status = source.read(&source, &frame, &missing, &image_options, NULL, NULL);
    expclip__image_clear(&frame.image);
    source.close(&source);
    return status ? status : frame.status;
}

static void test_frame_folder__out_of_memory_is_an_error(void **state)
{
    (void)state;
    folder_fill(70);
    sweep_allocations(open_and_read, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCRATCH_TEST(test_frame_folder__numbers_count_as_people_count),
        SCRATCH_TEST(test_frame_folder__or_sort_by_bytes_as_the_reference),
        SCRATCH_TEST(test_frame_folder__equal_numbers_have_an_order_too),
        SCRATCH_TEST(test_frame_folder__other_files_are_left_out),
        SCRATCH_TEST(test_frame_folder__all_four_endings_are_frames),
        SCRATCH_TEST(test_frame_folder__links_to_files_are_frames),
        SCRATCH_TEST(test_frame_folder__what_is_no_image_keeps_its_place),
        SCRATCH_TEST(test_frame_folder__a_failed_frame_says_which_file),
        SCRATCH_TEST(test_frame_folder__times_choose_the_window),
        SCRATCH_TEST(test_frame_folder__a_window_behind_the_end_is_empty),
        SCRATCH_TEST(test_frame_folder__beyond_the_last_there_is_none),
        SCRATCH_TEST(test_frame_folder__out_of_memory_is_an_error),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
