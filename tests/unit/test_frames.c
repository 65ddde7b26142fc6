/* SPDX-License-Identifier: MIT */
/*
 * test_frames.c - a clip's frames by a rule: each once, with its weight, and
 * the ones that are missing with a reason.
 */
#include "unit/clip_folder.h"

#include <math.h>

#include "video/frames.h"

static const expclip_image_options image_options = EXPCLIP_IMAGE_OPTIONS_INIT;

static expclip_frames *open_frames(int32_t sampling, int32_t n_samples,
                                   int64_t frame_count)
{
    expclip_frames_options o = EXPCLIP_FRAMES_OPTIONS_INIT;
    expclip_frames *frames = NULL;
    expclip_error err;

    o.sampling = sampling;
    o.n_samples = n_samples;
    o.frame_count = frame_count;
    if (expclip_frames_open(&frames, scratch_folder, &o, &err))
        fail_msg("%s", err.message);
    return frames;
}

/* @return 0 at the end */
static int next(expclip_frames *frames, expclip__frame *frame)
{
    int end = 0;

    assert_int_equal(
        expclip__frames_next(frames, frame, &end, &image_options, NULL, NULL),
        EXPCLIP_OK);
    return !end;
}

/* Expect a good frame; the BMP at index i has the colour i + 1. */
static void expect_frame(expclip_frames *frames, int64_t index, int32_t weight)
{
    expclip__frame frame;

    assert_true(next(frames, &frame));
    assert_int_equal(frame.status, EXPCLIP_OK);
    assert_int_equal(frame.index, index);
    assert_int_equal(frame.weight, weight);
    assert_int_equal(frame.image.rgb[0], index + 1);
    expclip__image_clear(&frame.image);
}

static void expect_end(expclip_frames *frames)
{
    expclip__frame frame;

    assert_false(next(frames, &frame));
    assert_false(next(frames, &frame));
    expclip_frames_free(frames);
}

static void test_frames__all_come_in_order(void **state)
{
    expclip_frames *frames;

    (void)state;
    folder_fill(5);
    frames = open_frames(EXPCLIP_SAMPLING_ALL, 1, 0);
    for (int64_t i = 0; i < 5; i++)
        expect_frame(frames, i, 1);
    expect_end(frames);
}

static void test_frames__each_is_read_once_with_its_weight(void **state)
{
    expclip_frames *frames;

    (void)state;
    folder_fill(5);
    frames = open_frames(EXPCLIP_SAMPLING_EXACT, 16, 0);
    expect_frame(frames, 0, 16);
    expect_end(frames);
    frames = open_frames(EXPCLIP_SAMPLING_SPREAD, 16, 0);
    for (int64_t i = 0; i < 4; i++)
        expect_frame(frames, i, 1);
    expect_frame(frames, 4, 12);
    expect_end(frames);
    frames = open_frames(EXPCLIP_SAMPLING_SPREAD, 2, 0);
    expect_frame(frames, 1, 1);
    expect_frame(frames, 3, 1);
    expect_end(frames);
}

static void test_frames__a_list_may_say_less_than_there_are(void **state)
{
    expclip_frames *frames;

    (void)state;
    folder_fill(5);
    frames = open_frames(EXPCLIP_SAMPLING_SPREAD, 1, 3);
    assert_int_equal(expclip_frames_count(frames), 3);
    expect_frame(frames, 1, 1);
    expect_end(frames);
}

static void test_frames__a_frame_that_a_list_made_up_is_missing(void **state)
{
    expclip_frames *frames;
    expclip__frame frame;

    (void)state;
    folder_fill(5);
    frames = open_frames(EXPCLIP_SAMPLING_SPREAD, 2, 12);
    expect_frame(frames, 3, 1);
    assert_true(next(frames, &frame));
    assert_int_equal(frame.status, EXPCLIP_ERROR_NOT_FOUND);
    assert_non_null(
        strstr(frame.why.message, ": frame 9 of 12 is missing, there are 5"));
    assert_null(frame.image.rgb);
    expect_end(frames);
}

static void test_frames__notes_are_of_the_last_read(void **state)
{
    expclip_frames *frames;

    (void)state;
    folder_fill(3);
    frames = open_frames(EXPCLIP_SAMPLING_SPREAD, 4, 0);
    assert_int_equal(expclip_frames_index(frames, 0), -1);
    expect_frame(frames, 0, 1);
    expclip__frames_forget(frames);
    expect_frame(frames, 1, 1);
    expect_frame(frames, 2, 2);
    assert_int_equal(expclip_frames_index(frames, 0), 1);
    assert_true(expclip_frames_time(frames, 1) == 2.0 / 25.0);
    assert_int_equal(expclip_frames_weight(frames, 1), 2);
    assert_int_equal(expclip_frames_index(frames, 2), -1);
    assert_true(expclip_frames_time(frames, 2) == -1.0);
    assert_int_equal(expclip_frames_weight(frames, 2), 0);
    assert_true(expclip_frames_duration(frames) == 3.0 / 25.0);
    expect_end(frames);
}

static void test_frames__a_folder_without_images_is_refused(void **state)
{
    expclip_frames *frames = NULL;
    expclip_error err;

    (void)state;
    assert_int_equal(expclip_frames_open(&frames, scratch_folder, NULL, &err),
                     EXPCLIP_ERROR_FORMAT);
    assert_non_null(strstr(err.message, "no frame"));
    assert_int_equal(
        expclip_frames_open(&frames, scratch_path("none"), NULL, &err),
        EXPCLIP_ERROR_NOT_FOUND);
    assert_null(frames);
}

static void test_frames__cancelling_leaves_the_frame_the_next(void **state)
{
    expclip_frames *frames;
    expclip_cancel *cancel = NULL;
    expclip__frame frame;
    int end = 0;

    (void)state;
    folder_fill(2);
    frames = open_frames(EXPCLIP_SAMPLING_ALL, 1, 0);
    assert_int_equal(expclip_cancel_create(&cancel, NULL), EXPCLIP_OK);
    expclip_cancel_request(cancel);
    assert_int_equal(expclip__frames_next(frames, &frame, &end, &image_options,
                                          cancel, NULL),
                     EXPCLIP_ERROR_CANCELLED);
    expclip_cancel_free(cancel);
    expect_frame(frames, 0, 1);
    expect_frame(frames, 1, 1);
    expect_end(frames);
}

/* What is set here, and a word of the message. */
static void refuse(expclip_frames_options o, const char *word)
{
    expclip_frames *frames = NULL;
    expclip_error err;

    assert_int_equal(expclip_frames_open(&frames, scratch_folder, &o, &err),
                     EXPCLIP_ERROR_ARGUMENT);
    assert_non_null(strstr(err.message, word));
    assert_null(frames);
}

static void test_frames__wrong_options_are_refused(void **state)
{
    const expclip_frames_options good = EXPCLIP_FRAMES_OPTIONS_INIT;
    const double nan = NAN;
    expclip_frames_options o;

    (void)state;
    folder_fill(1);
#define REFUSE(field, value) (o = good, o.field = (value), refuse(o, #field))
    REFUSE(struct_size, sizeof(o) + 1);
    REFUSE(sampling, 3);
    REFUSE(n_samples, 0);
    REFUSE(n_samples, INT32_MAX);
    REFUSE(order, -1);
    REFUSE(rotate, 2);
    REFUSE(frame_count, -1);
    REFUSE(start, -1.0);
    REFUSE(start, nan);
    REFUSE(end, -1.0);
    REFUSE(end, nan);
    REFUSE(frame_rate, 0.0);
    REFUSE(frame_rate, HUGE_VAL);
#undef REFUSE
    o = good;
    o.start = 2.0;
    o.end = 2.0;
    refuse(o, "end");
}

static int32_t read_all(void *data)
{
    expclip_frames *frames = NULL;
    expclip__frame frame = { 0 };
    int end = 0;
    expclip_status status =
        expclip_frames_open(&frames, scratch_folder, NULL, NULL);

    (void)data;
    while (!status && !end) {
        status = expclip__frames_next(frames, &frame, &end, &image_options,
                                      NULL, NULL);
        if (!status && !end)
            expclip__image_clear(&frame.image);
    }
    expclip_frames_free(frames);
    return status;
}

static void test_frames__out_of_memory_is_an_error(void **state)
{
    (void)state;
    folder_fill(12);
    sweep_allocations(read_all, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCRATCH_TEST(test_frames__all_come_in_order),
        SCRATCH_TEST(test_frames__each_is_read_once_with_its_weight),
        SCRATCH_TEST(test_frames__a_list_may_say_less_than_there_are),
        SCRATCH_TEST(test_frames__a_frame_that_a_list_made_up_is_missing),
        SCRATCH_TEST(test_frames__notes_are_of_the_last_read),
        SCRATCH_TEST(test_frames__a_folder_without_images_is_refused),
        SCRATCH_TEST(test_frames__cancelling_leaves_the_frame_the_next),
        SCRATCH_TEST(test_frames__wrong_options_are_refused),
        SCRATCH_TEST(test_frames__out_of_memory_is_an_error),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
