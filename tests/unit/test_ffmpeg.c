/* SPDX-License-Identifier: MIT */
/*
 * test_ffmpeg.c - video files: the same images and times as the program
 * ffmpeg gives, and what becomes of files that are damaged, cut or no videos.
 *
 * The files are made by that program; without it the tests are skipped.
 */
#include "unit/scratch.h"

#include <math.h>

#include "video/frames.h"

#define WIDTH 160
#define HEIGHT 120
#define N_FRAMES 60 /* 2 seconds */
#define FRAME_BYTES (WIDTH * HEIGHT * 3)
#define SOURCE "-f lavfi -i testsrc2=size=160x120:rate=30:duration=2 "
#define H264 "-c:v libx264 -g 12 -bf 3 -pix_fmt yuv420p "

static const expclip_image_options image_options = EXPCLIP_IMAGE_OPTIONS_INIT;

/* ---- making files ---- */

static void run(const char *command)
{
    if (system(command) != 0)
        fail_msg("%s", command);
}

/* Run ffmpeg; $1 in the arguments is the folder. */
static void ffmpeg(const char *arguments)
{
    char command[1024];

    snprintf(command, sizeof(command),
             "set -- %s; ffmpeg -nostdin -y -v error %s", scratch_folder,
             arguments);
    run(command);
}

/* What ffmpeg decodes, all frames one after the other, for free(). */
static uint8_t *decoded_by_ffmpeg(const char *name, size_t *size)
{
    char arguments[256];

    snprintf(arguments, sizeof(arguments),
             "-i $1/%s -fps_mode passthrough -pix_fmt rgb24 -f rawvideo $1/raw",
             name);
    ffmpeg(arguments);
    return scratch_read(scratch_path("raw"), size);
}

/* ---- reading them ---- */

static expclip_status try_open(expclip_frames **out, const char *name,
                               const expclip_frames_options *options,
                               expclip_error *err)
{
    expclip_frames_options all = EXPCLIP_FRAMES_OPTIONS_INIT;

    all.sampling = EXPCLIP_SAMPLING_ALL;
    return expclip_frames_open(out, scratch_path(name),
                               options ? options : &all, err);
}

static expclip_frames *open_frames(const char *name,
                                   const expclip_frames_options *options)
{
    expclip_frames *frames = NULL;
    expclip_error err;

    if (try_open(&frames, name, options, &err))
        fail_msg("%s", err.message);
    return frames;
}

/* @return 0 at the end */
static int next(expclip_frames *frames, expclip__frame *frame)
{
    expclip_error err;
    int end = 0;

    if (expclip__frames_next(frames, frame, &end, &image_options, NULL, &err))
        fail_msg("%s", err.message);
    return !end;
}

static void expect_refusal(const char *name, expclip_status status,
                           const char *word)
{
    expclip_frames *frames = NULL;
    expclip_error err;

    assert_int_equal(try_open(&frames, name, NULL, &err), status);
    if (!strstr(err.message, word))
        fail_msg("%s, expected: %s", err.message, word);
    assert_null(frames);
}

static int largest_difference(const uint8_t *a, const uint8_t *b, size_t n)
{
    int largest = 0;

    for (size_t i = 0; i < n; i++)
        if (abs(a[i] - b[i]) > largest)
            largest = abs(a[i] - b[i]);
    return largest;
}

/* Every frame of the file is the one of ffmpeg, in its shape too. */
static void compare_with_ffmpeg(const char *name, int width, int height)
{
    const size_t bytes = (size_t)width * (size_t)height * 3;
    expclip_frames *frames = open_frames(name, NULL);
    expclip__frame frame;
    uint8_t *expected;
    size_t size, n = 0;

    expected = decoded_by_ffmpeg(name, &size);
    for (; next(frames, &frame); n++) {
        assert_int_equal(frame.status, EXPCLIP_OK);
        assert_int_equal(frame.image.width, width);
        assert_int_equal(frame.image.height, height);
        assert_true((n + 1) * bytes <= size);
        assert_in_range(
            largest_difference(frame.image.rgb, expected + n * bytes, bytes), 0,
            3);
        expclip__image_clear(&frame.image);
    }
    assert_int_equal(n * bytes, size);
    free(expected);
    expclip_frames_free(frames);
}

/* ---- images ---- */

static void test_ffmpeg__images_are_those_of_ffmpeg(void **state)
{
    static const struct {
        const char *name;
        const char *codec;
    } files[] = {
        { "a.mp4", H264 },
        { "b.mkv", H264 },
        { "c.ts", H264 },
        { "d.mov", "-c:v mpeg4 -bf 2 -q:v 3 " },
        { "e.avi", "-c:v mpeg4 -q:v 3 " },
        { "f.avi", "-c:v mjpeg " },
        { "g.webm", "-c:v libvpx -auto-alt-ref 1 -lag-in-frames 16 " },
        { "h.webm", "-c:v libvpx-vp9 -deadline realtime " },
        { "i.mp4", "-c:v libx265 -x265-params log-level=none " },
    };
    char arguments[256];

    (void)state;
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        snprintf(arguments, sizeof(arguments), SOURCE "%s $1/%s",
                 files[i].codec, files[i].name);
        ffmpeg(arguments);
        compare_with_ffmpeg(files[i].name, WIDTH, HEIGHT);
    }
}

static void test_ffmpeg__colours_follow_the_file(void **state)
{
    (void)state;
    ffmpeg("-f lavfi -i testsrc2=size=162x122:rate=10:duration=1 "
           "-vf scale=out_color_matrix=bt709:out_range=full "
           "-colorspace bt709 -color_range pc "
           "-c:v libx264 -pix_fmt yuv444p $1/a.mp4");
    compare_with_ffmpeg("a.mp4", 162, 122);
}

static void test_ffmpeg__rotation_is_that_of_ffmpeg(void **state)
{
    expclip_frames_options o = EXPCLIP_FRAMES_OPTIONS_INIT;
    expclip_frames *frames;
    expclip__frame frame;

    (void)state;
    ffmpeg(SOURCE H264 "$1/a.mp4");
    ffmpeg("-i $1/a.mp4 -c copy -metadata:s:v:0 rotate=90 $1/b.mp4");
    ffmpeg("-i $1/a.mp4 -c copy -metadata:s:v:0 rotate=180 $1/c.mp4");
    ffmpeg("-i $1/a.mp4 -c copy -metadata:s:v:0 rotate=270 $1/d.mp4");
    compare_with_ffmpeg("b.mp4", HEIGHT, WIDTH);
    compare_with_ffmpeg("c.mp4", WIDTH, HEIGHT);
    compare_with_ffmpeg("d.mp4", HEIGHT, WIDTH);
    o.rotate = 0;
    frames = open_frames("b.mp4", &o);
    assert_true(next(frames, &frame));
    assert_int_equal(frame.image.width, WIDTH);
    expclip__image_clear(&frame.image);
    expclip_frames_free(frames);
}

/* ---- times ---- */

/* Thirty frames a second, then ten, then sixty. */
static void test_ffmpeg__times_are_those_of_ffprobe(void **state)
{
    char command[1024];
    double time, first = 0.0;
    expclip_frames *frames;
    expclip__frame frame;
    int n = 0;
    FILE *f;

    (void)state;
    ffmpeg(SOURCE "-vf \"setpts='if(lt(N,20),N/30,if(lt(N,40),20/30+(N-20)/10,"
                  "20/30+2+(N-40)/60))/TB'\" -fps_mode vfr " H264 "$1/a.mp4");
    snprintf(command, sizeof(command),
             "ffprobe -v error -select_streams v -show_entries "
             "frame=best_effort_timestamp_time -of default=nw=1:nk=1 %s",
             scratch_path("a.mp4"));
    f = popen(command, "r");
    assert_non_null(f);
    frames = open_frames("a.mp4", NULL);
    for (; fscanf(f, "%lf", &time) == 1; n++) {
        assert_true(next(frames, &frame));
        if (n == 0)
            first = time;
        assert_true(fabs(frame.time - (time - first)) < 1e-5);
        assert_int_equal(frame.index, n);
        expclip__image_clear(&frame.image);
    }
    pclose(f);
    assert_true(n > 40);
    assert_false(next(frames, &frame));
    expclip_frames_free(frames);
}

/* Frames 15 to 35 of 30 a second, in each container, from a file whose key
 * frames are 0, 12, 24, ...: the same as without a window. */
static void test_ffmpeg__a_window_is_a_part_of_the_whole(void **state)
{
    static const char *const names[] = { "a.mp4", "b.mkv", "c.ts", "d.avi" };
    expclip_frames_options o = EXPCLIP_FRAMES_OPTIONS_INIT;
    char arguments[128];

    (void)state;
    o.sampling = EXPCLIP_SAMPLING_ALL;
    o.start = 0.4999;
    o.end = 1.1999;
    ffmpeg(SOURCE H264 "$1/a.mp4");
    for (size_t i = 0; i < 4; i++) {
        expclip_frames *frames;
        expclip__frame frame;
        uint8_t *whole;
        size_t size;
        int64_t n = 0;

        snprintf(arguments, sizeof(arguments), "-i $1/a.mp4 %s $1/%s",
                 i == 3 ? "-c:v mpeg4 -g 12" : "-c copy", names[i]);
        if (i > 0)
            ffmpeg(arguments);
        whole = decoded_by_ffmpeg(names[i], &size);
        frames = open_frames(names[i], &o);
        for (; next(frames, &frame); n++) {
            assert_int_equal(frame.index, n);
            assert_true(fabs(frame.time - (double)(n + 15) / 30.0) < 6e-4);
            assert_in_range(largest_difference(frame.image.rgb,
                                               whole + (n + 15) * FRAME_BYTES,
                                               FRAME_BYTES),
                            0, 3);
            expclip__image_clear(&frame.image);
        }
        assert_int_equal(n, 21);
        assert_true(fabs(expclip_frames_duration(frames) - 0.7) < 1e-3);
        free(whole);
        expclip_frames_free(frames);
    }
}

/* ---- sampling ---- */

static void test_ffmpeg__sampled_frames_are_those_of_the_whole(void **state)
{
    static const int64_t expected[] = { 7, 22, 37, 52 };
    expclip_frames_options o = EXPCLIP_FRAMES_OPTIONS_INIT;
    expclip_frames *frames;
    expclip__frame frame;
    uint8_t *whole;
    size_t size;

    (void)state;
    ffmpeg(SOURCE H264 "$1/a.mp4");
    whole = decoded_by_ffmpeg("a.mp4", &size);
    o.sampling = EXPCLIP_SAMPLING_EXACT;
    o.n_samples = 4;
    frames = open_frames("a.mp4", &o);
    assert_int_equal(expclip_frames_count(frames), N_FRAMES);
    for (size_t i = 0; i < 4; i++) {
        assert_true(next(frames, &frame));
        assert_int_equal(frame.index, expected[i]);
        assert_memory_equal(frame.image.rgb, whole + expected[i] * FRAME_BYTES,
                            FRAME_BYTES);
        expclip__image_clear(&frame.image);
    }
    assert_false(next(frames, &frame));
    free(whole);
    expclip_frames_free(frames);
}

/* Far from the next sample, frames that no other needs are not decoded. */
static void test_ffmpeg__samples_far_apart_are_the_same_images(void **state)
{
    expclip_frames_options o = EXPCLIP_FRAMES_OPTIONS_INIT;
    expclip_frames *frames;
    expclip__frame frame;
    uint8_t *whole;
    size_t size;

    (void)state;
    ffmpeg("-f lavfi -i testsrc2=size=160x120:rate=30:duration=20 " H264
           "$1/a.mp4");
    whole = decoded_by_ffmpeg("a.mp4", &size);
    o.n_samples = 2;
    frames = open_frames("a.mp4", &o);
    for (int64_t index = 150; index < 600; index += 300) {
        assert_true(next(frames, &frame));
        assert_int_equal(frame.index, index);
        assert_int_equal(frame.status, EXPCLIP_OK);
        assert_memory_equal(frame.image.rgb, whole + index * FRAME_BYTES,
                            FRAME_BYTES);
        expclip__image_clear(&frame.image);
    }
    free(whole);
    expclip_frames_free(frames);
}

static void test_ffmpeg__a_frame_that_a_list_made_up_is_missing(void **state)
{
    expclip_frames_options o = EXPCLIP_FRAMES_OPTIONS_INIT;
    expclip_frames *frames;
    expclip__frame frame;

    (void)state;
    ffmpeg(SOURCE H264 "$1/a.mp4");
    o.n_samples = 2;
    o.frame_count = 100;
    frames = open_frames("a.mp4", &o);
    assert_true(next(frames, &frame));
    assert_int_equal(frame.index, 25);
    assert_int_equal(frame.status, EXPCLIP_OK);
    expclip__image_clear(&frame.image);
    assert_true(next(frames, &frame));
    assert_int_equal(frame.status, EXPCLIP_ERROR_NOT_FOUND);
    assert_non_null(strstr(frame.why.message, "frame 75 of 100 is missing, "
                                              "there are 60"));
    assert_false(next(frames, &frame));
    expclip_frames_free(frames);
}

/* ---- what is no video ---- */

static void test_ffmpeg__what_is_no_video_is_refused(void **state)
{
    static const char hls[] = "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n"
                              "a.mp4\n#EXT-X-ENDLIST\n";
    static const char list[] = "ffconcat version 1.0\nfile a.mp4\n";
    static const uint8_t zeros[4096];

    (void)state;
    ffmpeg(SOURCE H264 "$1/a.mp4");
    ffmpeg("-f lavfi -i sine=duration=1 -c:a aac $1/audio.mp4");
    ffmpeg(SOURCE "-frames:v 1 $1/image.png");
    scratch_write("empty.mp4", "", 0);
    scratch_write("text.mp4", "This is not a video, it is a text.\n", 35);
    scratch_write("zeros.mp4", zeros, sizeof(zeros));
    scratch_write("hls.mp4", hls, sizeof(hls) - 1);
    scratch_write("list.mp4", list, sizeof(list) - 1);
    scratch_write("head.mp4",
                  "\0\0\0\x20"
                  "ftypisom",
                  12);
    scratch_write("head.mkv", "\x1a\x45\xdf\xa3", 4);
    expect_refusal("none.mp4", EXPCLIP_ERROR_NOT_FOUND, "none.mp4");
    expect_refusal("empty.mp4", EXPCLIP_ERROR_FORMAT, "0 bytes");
    expect_refusal("text.mp4", EXPCLIP_ERROR_UNSUPPORTED, "no known format");
    expect_refusal("zeros.mp4", EXPCLIP_ERROR_UNSUPPORTED, "no known format");
    expect_refusal("hls.mp4", EXPCLIP_ERROR_UNSUPPORTED, "no known format");
    expect_refusal("list.mp4", EXPCLIP_ERROR_UNSUPPORTED, "no known format");
    expect_refusal("image.png", EXPCLIP_ERROR_UNSUPPORTED, "no known format");
    expect_refusal("head.mp4", EXPCLIP_ERROR_TRUNCATED, "too early");
    expect_refusal("head.mkv", EXPCLIP_ERROR_FORMAT, "damaged");
    expect_refusal("audio.mp4", EXPCLIP_ERROR_FORMAT, "no video stream");
}

static void test_ffmpeg__a_pipe_is_refused_at_once(void **state)
{
    (void)state;
    assert_int_equal(mkfifo(scratch_path("a.mp4"), 0600), 0);
    expect_refusal("a.mp4", EXPCLIP_ERROR_UNSUPPORTED, "regular file");
}

static void test_ffmpeg__large_frames_are_over_the_limit(void **state)
{
    expclip_image_options options = EXPCLIP_IMAGE_OPTIONS_INIT;
    expclip_frames *frames;
    expclip__frame frame;
    int n = 0, end = 0;

    (void)state;
    ffmpeg(SOURCE H264 "$1/a.mp4");
    options.max_pixels = WIDTH * HEIGHT - 1;
    frames = open_frames("a.mp4", NULL);
    for (;; n++) {
        assert_int_equal(
            expclip__frames_next(frames, &frame, &end, &options, NULL, NULL),
            EXPCLIP_OK);
        if (end)
            break;
        assert_int_equal(frame.status, EXPCLIP_ERROR_LIMIT);
        assert_non_null(strstr(frame.why.message, "160 x 120"));
    }
    assert_int_equal(n, N_FRAMES);
    expclip_frames_free(frames);
}

static void test_ffmpeg__a_box_is_cut_out(void **state)
{
    expclip_image_options options = EXPCLIP_IMAGE_OPTIONS_INIT;
    expclip_frames *frames;
    expclip__frame frame;
    int end = 0;

    (void)state;
    ffmpeg(SOURCE H264 "$1/a.mp4");
    options.box_x = 10;
    options.box_width = 20;
    options.box_height = 30;
    frames = open_frames("a.mp4", NULL);
    assert_int_equal(
        expclip__frames_next(frames, &frame, &end, &options, NULL, NULL),
        EXPCLIP_OK);
    assert_int_equal(frame.image.width, 20);
    assert_int_equal(frame.image.height, 30);
    expclip__image_clear(&frame.image);
    expclip_frames_free(frames);
}

/* ---- damage ---- */

static void rewrite(const char *name, const uint8_t *bytes, size_t size)
{
    unlink(scratch_path(name));
    scratch_write(name, bytes, size);
}

static void test_ffmpeg__a_cut_file_gives_what_is_there(void **state)
{
    expclip_frames *frames;
    expclip__frame frame;
    uint8_t *bytes, *whole;
    size_t size, whole_size;
    int64_t n = 0, n_good = 0;

    (void)state;
    ffmpeg(SOURCE H264 "-movflags faststart $1/a.mp4");
    whole = decoded_by_ffmpeg("a.mp4", &whole_size);
    bytes = scratch_read(scratch_path("a.mp4"), &size);
    rewrite("a.mp4", bytes, size * 6 / 10);
    frames = open_frames("a.mp4", NULL);
    for (; next(frames, &frame); n++) {
        assert_int_equal(frame.index, n);
        assert_true(fabs(frame.time - (double)n / 30.0) < 1e-6);
        if (frame.status)
            continue;
        n_good++;
        assert_memory_equal(frame.image.rgb, whole + n * FRAME_BYTES,
                            FRAME_BYTES);
        expclip__image_clear(&frame.image);
    }
    assert_int_equal(n, N_FRAMES);
    assert_in_range(n_good, 20, 50);
    assert_int_equal(frame.status, EXPCLIP_ERROR_TRUNCATED);
    expclip_frames_free(frames);
    rewrite("a.mp4", bytes, 300);
    expect_refusal("a.mp4", EXPCLIP_ERROR_TRUNCATED, "ends too early");
    free(bytes);
    free(whole);
}

/* Bytes in the middle are other ones: all frames keep their places, some fail,
 * and those that were decoded before are as they were. */
static void check_flipped(const char *name)
{
    expclip_frames *frames;
    expclip__frame frame;
    uint8_t *bytes, *whole;
    size_t size, whole_size;
    int64_t n = 0, n_failed = 0;

    whole = decoded_by_ffmpeg(name, &whole_size);
    bytes = scratch_read(scratch_path(name), &size);
    for (size_t i = 0; i < 8; i++)
        bytes[size * 6 / 10 + 97 * i] ^= 0x5a;
    rewrite(name, bytes, size);
    frames = open_frames(name, NULL);
    for (; next(frames, &frame); n++) {
        assert_int_equal(frame.index, n);
        n_failed += frame.status != EXPCLIP_OK;
        if (n < N_FRAMES / 3) {
            assert_int_equal(frame.status, EXPCLIP_OK);
            assert_in_range(largest_difference(frame.image.rgb,
                                               whole + n * FRAME_BYTES,
                                               FRAME_BYTES),
                            0, 3);
        }
        expclip__image_clear(&frame.image);
    }
    assert_int_equal(n, N_FRAMES);
    assert_in_range(n_failed, 1, 30);
    expclip_frames_free(frames);
    free(bytes);
    free(whole);
}

static void test_ffmpeg__damage_in_the_middle_loses_only_itself(void **state)
{
    (void)state;
    ffmpeg(SOURCE H264 "-movflags faststart $1/a.mp4");
    ffmpeg("-i $1/a.mp4 -c:v mpeg4 -bf 0 -q:v 3 -movflags faststart $1/b.mp4");
    check_flipped("a.mp4");
    check_flipped("b.mp4");
}

static void test_ffmpeg__nothing_is_printed(void **state)
{
    char path[512];
    uint8_t *bytes;
    size_t size;
    int before = dup(2);

    (void)state;
    ffmpeg(SOURCE H264 "-movflags faststart $1/a.mp4");
    snprintf(path, sizeof(path), "%s", scratch_path("stderr"));
    assert_non_null(freopen(path, "w", stderr));
    check_flipped("a.mp4");
    fflush(stderr);
    assert_true(dup2(before, 2) == 2);
    close(before);
    bytes = scratch_read(path, &size);
    assert_int_equal(size, 0);
    free(bytes);
}

/* ---- failures of a call ---- */

static void test_ffmpeg__cancelling_leaves_the_frame_the_next(void **state)
{
    expclip_cancel *cancel = NULL;
    expclip_frames *frames;
    expclip__frame frame;
    int end = 0;

    (void)state;
    ffmpeg(SOURCE H264 "$1/a.mp4");
    assert_int_equal(expclip_cancel_create(&cancel, NULL), EXPCLIP_OK);
    expclip_cancel_request(cancel);
    frames = open_frames("a.mp4", NULL);
    assert_int_equal(expclip__frames_next(frames, &frame, &end, &image_options,
                                          cancel, NULL),
                     EXPCLIP_ERROR_CANCELLED);
    assert_true(next(frames, &frame));
    assert_int_equal(frame.index, 0);
    expclip__image_clear(&frame.image);
    expclip_cancel_free(cancel);
    expclip_frames_free(frames);
}

static int32_t read_three(void *data)
{
    expclip_frames_options o = EXPCLIP_FRAMES_OPTIONS_INIT;
    expclip_frames *frames = NULL;
    expclip__frame frame = { 0 };
    int end = 0;
    expclip_status status;

    o.n_samples = 3;
    status = expclip_frames_open(&frames, data, &o, NULL);
    while (!status && !end) {
        status = expclip__frames_next(frames, &frame, &end, &image_options,
                                      NULL, NULL);
        if (!status && !end) {
            status = frame.status;
            expclip__image_clear(&frame.image);
        }
    }
    expclip_frames_free(frames);
    return status;
}

static void test_ffmpeg__out_of_memory_is_an_error(void **state)
{
    char path[512];

    (void)state;
    ffmpeg(SOURCE H264 "-metadata:s:v:0 rotate=90 $1/a.mp4");
    snprintf(path, sizeof(path), "%s", scratch_path("a.mp4"));
    sweep_allocations(read_three, path);
}

/* Any file tells a build without FFmpeg. */
static int is_left_out(void)
{
    expclip_frames *frames = NULL;
    expclip_error err = { 0, "" };

    expclip_frames_open(&frames, "/proc/self/exe", NULL, &err);
    expclip_frames_free(frames);
    return strstr(err.message, "this build reads no video") != NULL;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCRATCH_TEST(test_ffmpeg__images_are_those_of_ffmpeg),
        SCRATCH_TEST(test_ffmpeg__colours_follow_the_file),
        SCRATCH_TEST(test_ffmpeg__rotation_is_that_of_ffmpeg),
        SCRATCH_TEST(test_ffmpeg__times_are_those_of_ffprobe),
        SCRATCH_TEST(test_ffmpeg__a_window_is_a_part_of_the_whole),
        SCRATCH_TEST(test_ffmpeg__sampled_frames_are_those_of_the_whole),
        SCRATCH_TEST(test_ffmpeg__samples_far_apart_are_the_same_images),
        SCRATCH_TEST(test_ffmpeg__a_frame_that_a_list_made_up_is_missing),
        SCRATCH_TEST(test_ffmpeg__what_is_no_video_is_refused),
        SCRATCH_TEST(test_ffmpeg__a_pipe_is_refused_at_once),
        SCRATCH_TEST(test_ffmpeg__large_frames_are_over_the_limit),
        SCRATCH_TEST(test_ffmpeg__a_box_is_cut_out),
        SCRATCH_TEST(test_ffmpeg__a_cut_file_gives_what_is_there),
        SCRATCH_TEST(test_ffmpeg__damage_in_the_middle_loses_only_itself),
        SCRATCH_TEST(test_ffmpeg__nothing_is_printed),
        SCRATCH_TEST(test_ffmpeg__cancelling_leaves_the_frame_the_next),
        SCRATCH_TEST(test_ffmpeg__out_of_memory_is_an_error),
    };

    if (is_left_out()) {
        print_message("skipped: a build that reads no video files\n");
        return 0;
    }
    if (system("ffmpeg -version >/dev/null 2>&1") != 0) {
        print_message("skipped: no program ffmpeg\n");
        return 0;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
