/* SPDX-License-Identifier: MIT */
/*
 * test_detector.c - faces in images of several sizes, held against OpenCV.
 */
#define _GNU_SOURCE
#include <math.h>
#include <string.h>

#include "faces/detector.h"
#include "unit/scratch.h"

/* cv2.FaceDetectorYN 5.0.0 on examples/faces/happiness_1.png. */
static const float expected[15] = { 46.5618f,  55.3235f,  120.6849f, 158.7526f,
                                    77.7227f,  109.7872f, 137.3145f, 109.3197f,
                                    104.3231f, 138.7296f, 84.4105f,  167.7898f,
                                    135.8423f, 166.7264f, 0.8876f };

static expclip__detector detector;

static int open_detector(void **state)
{
    expclip_error err;

    (void)state;
    if (!expclip__detector_open(&detector, NULL, 1, &err))
        return 0;
    fprintf(stderr, "%s\n", err.message);
    return -1;
}

static int close_detector(void **state)
{
    (void)state;
    expclip__detector_close(&detector);
    return 0;
}

static expclip__image load_face(void)
{
    const expclip_image_options plain = EXPCLIP_IMAGE_OPTIONS_INIT;
    expclip__image image;
    expclip_error err;

    if (expclip__image_load(&image, EXPCLIP_FACES "/happiness_1.png", &plain,
                            NULL, &err))
        fail_msg("%s", err.message);
    return image;
}

/* The face on grey, `times` as large, with its corner at `at`, `at`. */
static expclip__image place_face(int32_t side, int32_t times, int32_t at)
{
    expclip__image face = load_face(), out = { side, side, NULL };

    out.rgb = malloc((size_t)side * (size_t)side * 3);
    assert_non_null(out.rgb);
    memset(out.rgb, 128, (size_t)side * (size_t)side * 3);
    for (int32_t y = 0; y < face.height * times; y++)
        for (int32_t x = 0; x < face.width * times; x++)
            memcpy(out.rgb + 3 * ((at + y) * side + at + x),
                   face.rgb + 3 * (y / times * face.width + x / times), 3);
    expclip__image_clear(&face);
    return out;
}

static expclip__candidates find(const expclip__image *image)
{
    expclip__candidates c;
    expclip_error err;

    if (expclip__detector_find(&c, &detector, image, &err))
        fail_msg("%s", err.message);
    return c;
}

static void test_detector__finds_what_opencv_finds(void **state)
{
    expclip__image image = load_face();
    expclip__candidates c = find(&image);

    (void)state;
    assert_int_equal(c.n, 1);
    for (int i = 0; i < 15; i++) {
        const float found = i < 4    ? (&c.faces[0].x)[i]
                            : i < 14 ? c.faces[0].points[i - 4]
                                     : c.faces[0].score;

        if (!(fabsf(found - expected[i]) < (i < 14 ? 0.01f : 1e-4f)))
            fail_msg("[%d]: %g, expected %g", i, (double)found,
                     (double)expected[i]);
    }
    expclip__candidates_free(&c);
    expclip__image_clear(&image);
}

static void test_detector__a_large_image_is_shrunk_and_scaled_back(void **state)
{
    expclip__image small = place_face(350, 1, 50);
    expclip__image large = place_face(1400, 4, 200);
    expclip__candidates a = find(&small), b = find(&large);

    (void)state;
    assert_int_equal(a.n, 1);
    assert_int_equal(b.n, 1);
    for (int i = 0; i < 10; i++)
        assert_true(fabsf(b.faces[0].points[i] - 4 * a.faces[0].points[i]) <
                    0.05f * b.faces[0].height);
    /* Of the enlarged face the network says 1.10, however it is shrunk. */
    assert_true(fabsf(b.faces[0].height / (4 * a.faces[0].height) - 1) < 0.15f);
    expclip__candidates_free(&a);
    expclip__candidates_free(&b);
    free(small.rgb);
    free(large.rgb);
}

static void
test_detector__of_a_reduced_image_boxes_are_those_of_the_whole(void **state)
{
    expclip__image image = load_face();
    const expclip__size full = { 4 * image.width, 2 * image.height };
    expclip__candidates whole;
    expclip_error err;

    (void)state;
    detector.smallest = 200; /* the face has 143 here */
    if (expclip__detector_find_reduced(&whole, &detector, &image, full, &err))
        fail_msg("%s", err.message);
    detector.smallest = EXPCLIP__DETECTOR_SMALLEST;
    assert_int_equal(whole.n, 1);
    assert_true(fabsf(whole.faces[0].width - 4 * expected[2]) < 0.1f);
    assert_true(fabsf(whole.faces[0].height - 2 * expected[3]) < 0.1f);
    assert_true(fabsf(whole.faces[0].points[1] - 2 * expected[5]) < 0.1f);
    expclip__candidates_free(&whole);
    expclip__image_clear(&image);
}

static void test_detector__small_faces_are_left_out(void **state)
{
    expclip__image image = load_face();
    expclip__candidates c;

    (void)state;
    detector.smallest = 400;
    c = find(&image);
    detector.smallest = EXPCLIP__DETECTOR_SMALLEST;
    assert_int_equal(c.n, 0);
    assert_true(c.best > 0.8f);
    expclip__candidates_free(&c);
    expclip__image_clear(&image);
}

static void test_detector__an_image_may_be_one_pixel(void **state)
{
    uint8_t rgb[3] = { 1, 2, 3 };
    const expclip__image image = { 1, 1, rgb };
    expclip__candidates c = find(&image);

    (void)state;
    assert_int_equal(c.n, 0);
    expclip__candidates_free(&c);
}

static void test_detector__what_one_look_misses_a_second_may_find(void **state)
{
    expclip__image image = place_face(640, 1, 200);
    expclip__candidates once, twice;

    (void)state;
    detector.side = 40; /* the face is 10 pixels high */
    once = find(&image);
    detector.side = 200; /* nothing at 200 is found at 400 */
    twice = find(&image);
    detector.side = EXPCLIP__DETECTOR_SIDE;
    assert_int_equal(once.n, 0);
    assert_int_equal(twice.n, 1);
    expclip__candidates_free(&once);
    expclip__candidates_free(&twice);
    free(image.rgb);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_detector__finds_what_opencv_finds),
        cmocka_unit_test(
            test_detector__a_large_image_is_shrunk_and_scaled_back),
        cmocka_unit_test(
            test_detector__of_a_reduced_image_boxes_are_those_of_the_whole),
        cmocka_unit_test(test_detector__small_faces_are_left_out),
        cmocka_unit_test(test_detector__an_image_may_be_one_pixel),
        cmocka_unit_test(test_detector__what_one_look_misses_a_second_may_find),
    };

    return cmocka_run_group_tests(tests, open_detector, close_detector);
}
