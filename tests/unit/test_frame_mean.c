/* SPDX-License-Identifier: MIT */
/*
 * test_frame_mean.c - a clip's embedding is the weighted mean of its frames',
 * after the head and before unit length.
 */
#include "unit/clip_folder.h"

#include <expclip_clips.h>
#include <math.h>

#include "unit/small_model.h"

#define N_CLASSES 7
#define N_FRAMES 20

static char path[] = "/tmp/expclip-test-frame-mean-XXXXXX";
static expclip_model *model;
static expclip_classes *classes;

static expclip_clip *new_clip(void)
{
    expclip_clip *clip = NULL;

    assert_int_equal(expclip_clip_create(&clip, model, NULL), EXPCLIP_OK);
    return clip;
}

/* A batch of the frames that folder_fill() writes, `failed` a broken one. */
static expclip_batch *new_batch(int n, int failed)
{
    expclip_batch *batch = NULL;
    uint8_t pixels[2 * 2 * 3];

    assert_int_equal(expclip_batch_create(&batch, model, NULL), EXPCLIP_OK);
    for (int i = 0; i < n; i++) {
        memset(pixels, i + 1, sizeof(pixels));
        if (i == failed)
            expclip_batch_add_bytes(batch, (const uint8_t *)"BM", 2, NULL,
                                    NULL);
        else
            expclip_batch_add_pixels(batch, pixels, sizeof(pixels), 2, 2, 0,
                                     EXPCLIP_PIXELS_RGB, NULL, NULL);
    }
    return batch;
}

static expclip_frames *open_folder(int32_t sampling, int32_t n_samples,
                                   int64_t frame_count)
{
    expclip_frames_options o = EXPCLIP_FRAMES_OPTIONS_INIT;
    expclip_frames *frames = NULL;

    o.sampling = sampling;
    o.n_samples = n_samples;
    o.frame_count = frame_count;
    assert_int_equal(expclip_frames_open(&frames, scratch_folder, &o, NULL),
                     EXPCLIP_OK);
    return frames;
}

static void embed(float *row, const expclip_clip *clip)
{
    assert_int_equal(expclip_clip_embed(row, SMALL_HEAD, clip, NULL, NULL),
                     EXPCLIP_OK);
}

static void expect_near(const float *a, const float *b, size_t n)
{
    for (size_t i = 0; i < n; i++)
        assert_float_equal(a[i], b[i], 2e-6f);
}

/* The definition: rows after the head, not of unit length, then their mean. */
static void
test_frame_mean__it_is_the_mean_after_the_head_then_unit_length(void **state)
{
    static const int32_t weights[] = { 1, 5, 2 };
    const expclip_embed_options raw = { sizeof(raw), 1, 0 };
    float rows[3 * SMALL_HEAD], mean[SMALL_HEAD], found[SMALL_HEAD];
    expclip_batch *batch = new_batch(3, -1);
    expclip_clip *clip = new_clip();
    double length = 0.0;

    (void)state;
    assert_int_equal(expclip_model_embed_images(rows, 3 * SMALL_HEAD, model,
                                                batch, &raw, NULL, NULL),
                     EXPCLIP_OK);
    for (size_t j = 0; j < SMALL_HEAD; j++) {
        double sum = 0.0;

        for (size_t i = 0; i < 3; i++)
            sum += weights[i] * (double)rows[i * SMALL_HEAD + j];
        mean[j] = (float)(sum / 8.0);
        length += sum / 8.0 * sum / 8.0;
    }
    assert_int_equal(
        expclip_clip_add_images(clip, batch, weights, 3, NULL, NULL),
        EXPCLIP_OK);
    assert_int_equal(expclip_clip_embed(found, SMALL_HEAD, clip, &raw, NULL),
                     EXPCLIP_OK);
    expect_near(found, mean, SMALL_HEAD);
    embed(found, clip);
    for (size_t j = 0; j < SMALL_HEAD; j++)
        mean[j] = (float)(mean[j] / sqrt(length));
    expect_near(found, mean, SMALL_HEAD);
    assert_int_equal(expclip_clip_frame_count(clip), 3);
    expclip_batch_free(batch);
    expclip_clip_free(clip);
}

static void test_frame_mean__one_frame_scores_as_its_image(void **state)
{
    float logits[N_CLASSES], expected[N_CLASSES];
    expclip_batch *batch = new_batch(1, -1);
    expclip_clip *clip = new_clip();

    (void)state;
    assert_int_equal(expclip_model_score_images(expected, N_CLASSES, model,
                                                classes, batch, NULL, NULL),
                     EXPCLIP_OK);
    assert_int_equal(expclip_clip_add_images(clip, batch, NULL, 0, NULL, NULL),
                     EXPCLIP_OK);
    assert_int_equal(expclip_clip_score(logits, N_CLASSES, clip, classes, NULL),
                     EXPCLIP_OK);
    for (int i = 0; i < N_CLASSES; i++)
        assert_float_equal(logits[i], expected[i], 1e-4f);
    expclip_batch_free(batch);
    expclip_clip_free(clip);
}

static void test_frame_mean__frames_of_a_folder_are_added_to_the_end(void **s)
{
    float found[SMALL_HEAD], expected[SMALL_HEAD];
    expclip_frames *frames;
    expclip_batch *batch = new_batch(N_FRAMES, -1);
    expclip_clip *clip = new_clip(), *by_hand = new_clip();

    (void)s;
    folder_fill(N_FRAMES);
    frames = open_folder(EXPCLIP_SAMPLING_ALL, 1, 0);
    assert_int_equal(expclip_clip_add_frames(clip, frames, NULL, NULL, NULL),
                     EXPCLIP_OK);
    assert_int_equal(expclip_clip_frame_count(clip), N_FRAMES);
    assert_int_equal(expclip_clip_failed_count(clip), 0);
    assert_int_equal(
        expclip_clip_add_images(by_hand, batch, NULL, 0, NULL, NULL),
        EXPCLIP_OK);
    embed(found, clip);
    embed(expected, by_hand);
    expect_near(found, expected, SMALL_HEAD);
    expclip_frames_free(frames);
    expclip_batch_free(batch);
    expclip_clip_free(clip);
    expclip_clip_free(by_hand);
}

/* Three frames for seven samples: the last one five times. */
static void test_frame_mean__weights_stand_for_repeated_frames(void **state)
{
    static const int32_t weights[] = { 1, 1, 5 };
    float found[SMALL_HEAD], expected[SMALL_HEAD];
    expclip_frames *frames;
    expclip_batch *batch = new_batch(3, -1);
    expclip_clip *clip = new_clip(), *by_hand = new_clip();

    (void)state;
    folder_fill(3);
    frames = open_folder(EXPCLIP_SAMPLING_SPREAD, 7, 0);
    assert_int_equal(expclip_clip_add_frames(clip, frames, NULL, NULL, NULL),
                     EXPCLIP_OK);
    assert_int_equal(
        expclip_clip_add_images(by_hand, batch, weights, 3, NULL, NULL),
        EXPCLIP_OK);
    embed(found, clip);
    embed(expected, by_hand);
    expect_near(found, expected, SMALL_HEAD);
    expclip_frames_free(frames);
    expclip_batch_free(batch);
    expclip_clip_free(clip);
    expclip_clip_free(by_hand);
}

static void test_frame_mean__failed_frames_are_counted_and_left_out(void **s)
{
    float found[SMALL_HEAD], expected[SMALL_HEAD];
    expclip_frames *frames;
    expclip_clip *clip = new_clip(), *without = new_clip();
    expclip_batch *batch = new_batch(1, -1);
    expclip_error err = { 0 };

    (void)s;
    folder_fill(1);
    scratch_write("0002.bmp", "BM", 2);
    frames = open_folder(EXPCLIP_SAMPLING_SPREAD, 3, 3);
    assert_string_equal(expclip_clip_message(clip), "");
    assert_int_equal(expclip_clip_add_frames(clip, frames, NULL, NULL, &err),
                     EXPCLIP_OK);
    assert_int_equal(err.code, EXPCLIP_OK); /* it is filled by failed calls */
    assert_int_equal(expclip_clip_frame_count(clip), 1);
    assert_int_equal(expclip_clip_failed_count(clip), 2);
    assert_non_null(strstr(expclip_clip_message(clip), "0002.bmp"));
    expclip_clip_add_images(without, batch, NULL, 0, NULL, NULL);
    embed(found, clip);
    embed(expected, without);
    expect_near(found, expected, SMALL_HEAD);
    expclip_frames_free(frames);
    expclip_batch_free(batch);
    expclip_clip_free(clip);
    expclip_clip_free(without);
}

static void test_frame_mean__without_a_frame_there_is_none(void **state)
{
    float row[SMALL_HEAD], logits[N_CLASSES];
    expclip_clip *clip = new_clip();
    expclip_batch *batch = new_batch(1, 0);
    expclip_error err;

    (void)state;
    assert_int_equal(expclip_clip_embed(row, SMALL_HEAD, clip, NULL, NULL),
                     EXPCLIP_ERROR_STATE);
    expclip_clip_add_images(clip, batch, NULL, 0, NULL, NULL);
    assert_int_equal(expclip_clip_score(logits, N_CLASSES, clip, classes, &err),
                     EXPCLIP_ERROR_STATE);
    assert_non_null(strstr(err.message, "no frame in it, 1 failed: "));
    expclip_batch_free(batch);
    expclip_clip_free(clip);
}

static void test_frame_mean__a_cleared_clip_is_as_new(void **state)
{
    float found[SMALL_HEAD], expected[SMALL_HEAD];
    expclip_clip *clip = new_clip(), *other = new_clip();
    expclip_batch *first = new_batch(3, 1), *second = new_batch(2, -1);

    (void)state;
    expclip_clip_add_images(clip, first, NULL, 0, NULL, NULL);
    expclip_clip_clear(clip);
    assert_int_equal(expclip_clip_frame_count(clip), 0);
    assert_int_equal(expclip_clip_failed_count(clip), 0);
    assert_string_equal(expclip_clip_message(clip), "");
    expclip_clip_add_images(clip, second, NULL, 0, NULL, NULL);
    expclip_clip_add_images(other, second, NULL, 0, NULL, NULL);
    embed(found, clip);
    embed(expected, other);
    assert_memory_equal(found, expected, sizeof(found));
    expclip_batch_free(first);
    expclip_batch_free(second);
    expclip_clip_free(clip);
    expclip_clip_free(other);
}

static void test_frame_mean__a_cancelled_call_adds_nothing(void **state)
{
    expclip_cancel *cancel = NULL;
    expclip_clip *clip = new_clip();
    expclip_frames *frames;

    (void)state;
    folder_fill(N_FRAMES);
    frames = open_folder(EXPCLIP_SAMPLING_ALL, 1, 0);
    assert_int_equal(expclip_cancel_create(&cancel, NULL), EXPCLIP_OK);
    expclip_cancel_request(cancel);
    assert_int_equal(expclip_clip_add_frames(clip, frames, NULL, cancel, NULL),
                     EXPCLIP_ERROR_CANCELLED);
    assert_int_equal(expclip_clip_frame_count(clip), 0);
    expclip_cancel_reset(cancel);
    assert_int_equal(expclip_clip_add_frames(clip, frames, NULL, cancel, NULL),
                     EXPCLIP_OK);
    assert_int_equal(expclip_clip_frame_count(clip), N_FRAMES);
    expclip_cancel_free(cancel);
    expclip_frames_free(frames);
    expclip_clip_free(clip);
}

static void test_frame_mean__reads_fill_a_batch_a_few_at_a_time(void **state)
{
    expclip_batch *batch = new_batch(0, -1);
    expclip_frames *frames;
    size_t n = 99;

    (void)state;
    folder_fill(5);
    frames = open_folder(EXPCLIP_SAMPLING_ALL, 1, 0);
    assert_int_equal(
        expclip_frames_read(&n, frames, batch, 3, NULL, NULL, NULL),
        EXPCLIP_OK);
    assert_int_equal(n, 3);
    assert_int_equal(
        expclip_frames_read(&n, frames, batch, 3, NULL, NULL, NULL),
        EXPCLIP_OK);
    assert_int_equal(n, 2);
    assert_int_equal(expclip_batch_count(batch), 5);
    assert_int_equal(expclip_frames_index(frames, 1), 4);
    assert_int_equal(
        expclip_frames_read(&n, frames, batch, 3, NULL, NULL, NULL),
        EXPCLIP_OK);
    assert_int_equal(n, 0);
    assert_int_equal(expclip_frames_index(frames, 0), -1);
    expclip_frames_free(frames);
    expclip_batch_free(batch);
}

static void test_frame_mean__wrong_arguments_are_refused(void **state)
{
    static const int32_t zero[] = { 1, 0 };
    float row[SMALL_HEAD + 1];
    expclip_batch *batch = new_batch(2, -1);
    expclip_clip *clip = new_clip();
    expclip_clip *none = NULL;
    expclip_frames *frames;
    size_t n = 7;

    (void)state;
    folder_fill(1);
    frames = open_folder(EXPCLIP_SAMPLING_ALL, 1, 0);
    const expclip_status statuses[] = {
        expclip_clip_create(NULL, model, NULL),
        expclip_clip_create(&none, NULL, NULL),
        expclip_clip_add_images(NULL, batch, NULL, 0, NULL, NULL),
        expclip_clip_add_images(clip, NULL, NULL, 0, NULL, NULL),
        expclip_clip_add_images(clip, batch, NULL, 2, NULL, NULL),
        expclip_clip_add_images(clip, batch, zero, 1, NULL, NULL),
        expclip_clip_add_images(clip, batch, zero, 2, NULL, NULL),
        expclip_clip_add_frames(clip, NULL, NULL, NULL, NULL),
        expclip_clip_add_frames(NULL, frames, NULL, NULL, NULL),
        expclip_clip_embed(row, SMALL_HEAD + 1, clip, NULL, NULL),
        expclip_clip_embed(NULL, SMALL_HEAD, clip, NULL, NULL),
        expclip_clip_score(row, N_CLASSES - 1, clip, classes, NULL),
        expclip_clip_score(row, N_CLASSES, clip, NULL, NULL),
        expclip_frames_read(NULL, frames, batch, 1, NULL, NULL, NULL),
        expclip_frames_read(&n, NULL, batch, 1, NULL, NULL, NULL),
        expclip_frames_read(&n, frames, NULL, 1, NULL, NULL, NULL),
        expclip_frames_read(&n, frames, batch, 0, NULL, NULL, NULL),
    };
    for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++)
        assert_int_equal(statuses[i], EXPCLIP_ERROR_ARGUMENT);
    assert_int_equal(n, 7);
    assert_int_equal(expclip_clip_frame_count(clip), 0);
    assert_int_equal(expclip_clip_frame_count(NULL), 0);
    assert_string_equal(expclip_clip_message(NULL), "");
    expclip_clip_free(NULL);
    expclip_clip_clear(NULL);
    expclip_frames_free(NULL);
    expclip_frames_free(frames);
    expclip_batch_free(batch);
    expclip_clip_free(clip);
}

/* Memory that ran out while an image was made ready, or in the encoder. */
static int32_t score_folder(void *data)
{
    expclip_frames *frames = NULL;
    expclip_clip *clip = NULL;
    float logits[N_CLASSES];
    expclip_status status;

    (void)data;
    if (!(status = expclip_frames_open(&frames, scratch_folder, NULL, NULL)) &&
        !(status = expclip_clip_create(&clip, model, NULL)) &&
        !(status = expclip_clip_add_frames(clip, frames, NULL, NULL, NULL)))
        status =
            expclip_clip_failed_count(clip)
                ? EXPCLIP_ERROR_MEMORY
                : expclip_clip_score(logits, N_CLASSES, clip, classes, NULL);
    expclip_clip_free(clip);
    expclip_frames_free(frames);
    return status;
}

static void test_frame_mean__out_of_memory_is_an_error(void **state)
{
    (void)state;
    folder_fill(10);
    sweep_allocations(score_folder, NULL);
}

static int load(void **state)
{
    expclip_prompts *prompts = NULL;
    expclip_error err = { 0, "" };
    int fd = mkstemp(path);

    (void)state;
    if (fd < 0 || close(fd))
        return -1;
    if (small_model_write(path, NULL, 0, &err) ||
        expclip_model_load(&model, path, NULL, &err) ||
        expclip_prompts_builtin(&prompts, "type1", N_CLASSES, &err) ||
        expclip_classes_create(&classes, model, prompts, NULL, NULL, &err))
        print_error("%s\n", err.message);
    expclip_prompts_free(prompts);
    return classes ? 0 : -1;
}

static int unload(void **state)
{
    (void)state;
    expclip_classes_free(classes);
    expclip_model_free(model);
    return unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            test_frame_mean__it_is_the_mean_after_the_head_then_unit_length),
        cmocka_unit_test(test_frame_mean__one_frame_scores_as_its_image),
        SCRATCH_TEST(test_frame_mean__frames_of_a_folder_are_added_to_the_end),
        SCRATCH_TEST(test_frame_mean__weights_stand_for_repeated_frames),
        SCRATCH_TEST(test_frame_mean__failed_frames_are_counted_and_left_out),
        cmocka_unit_test(test_frame_mean__without_a_frame_there_is_none),
        cmocka_unit_test(test_frame_mean__a_cleared_clip_is_as_new),
        SCRATCH_TEST(test_frame_mean__a_cancelled_call_adds_nothing),
        SCRATCH_TEST(test_frame_mean__reads_fill_a_batch_a_few_at_a_time),
        SCRATCH_TEST(test_frame_mean__wrong_arguments_are_refused),
        SCRATCH_TEST(test_frame_mean__out_of_memory_is_an_error),
    };

    return cmocka_run_group_tests(tests, load, unload);
}
