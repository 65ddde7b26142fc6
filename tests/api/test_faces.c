/* SPDX-License-Identifier: MIT */
/*
 * test_faces.c - faces found in an image, and what a batch makes of them.
 */
#include <expclip.h>
#include <expclip_faces.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define FACE EXPCLIP_FACES "/happiness_1.png"
#define SIDE 224 /* of that image */

static expclip_model *model;
static expclip_detector *detector;
static expclip_error err;

#define OK(call)                                                               \
    do {                                                                       \
        if (call)                                                              \
            fail_msg("%s", err.message);                                       \
    } while (0)

static int open_all(void **state)
{
    expclip_load_options options = EXPCLIP_LOAD_OPTIONS_INIT;
    expclip_detector_options o = EXPCLIP_DETECTOR_OPTIONS_INIT;

    (void)state;
    options.threads = 1;
    o.threads = 1;
    OK(expclip_model_load(&model, "demo", &options, &err));
    OK(expclip_detector_create(&detector, &o, &err));
    return 0;
}

static int close_all(void **state)
{
    (void)state;
    expclip_detector_free(detector);
    expclip_model_free(model);
    return 0;
}

static expclip_faces *find_in(const uint8_t *rgb, int32_t width, int32_t height)
{
    const size_t size = (size_t)width * (size_t)height * 3;
    expclip_faces *faces = NULL;

    OK(expclip_detector_find_pixels(&faces, detector, rgb, size, width, height,
                                    0, EXPCLIP_PIXELS_RGB, NULL, &err));
    return faces;
}

static uint8_t *pixels_of(const char *path)
{
    expclip_faces *faces = NULL;
    uint8_t *rgb = malloc(SIDE * SIDE * 3);

    OK(expclip_detector_find_file(&faces, detector, path, NULL, &err));
    OK(expclip_faces_copy_image(rgb, SIDE * SIDE * 3, faces, &err));
    expclip_faces_free(faces);
    return rgb;
}

/* The face twice on grey, the second one at half the size. */
static uint8_t *make_two(int32_t *width, int32_t *height)
{
    uint8_t *face = pixels_of(FACE), *rgb;

    *width = 640;
    *height = 320;
    rgb = malloc((size_t)*width * (size_t)*height * 3);
    memset(rgb, 128, (size_t)*width * (size_t)*height * 3);
    for (int y = 0; y < SIDE; y++)
        memcpy(rgb + 3 * ((y + 40) * *width + 40), face + 3 * y * SIDE,
               3 * SIDE);
    for (int y = 0; y < SIDE / 2; y++)
        for (int x = 0; x < SIDE / 2; x++)
            memcpy(rgb + 3 * ((y + 100) * *width + 400 + x),
                   face + 3 * (2 * y * SIDE + 2 * x), 3);
    free(face);
    return rgb;
}

static expclip_batch *new_batch(void)
{
    expclip_batch *batch = NULL;

    OK(expclip_batch_create(&batch, model, &err));
    return batch;
}

static void assert_same_pixels(const expclip_batch *a, size_t i,
                               const expclip_batch *b, size_t k)
{
    const size_t side = (size_t)expclip_model_image_size(model);
    const size_t n = 3 * side * side;
    float *x = malloc(n * sizeof(*x)), *y = malloc(n * sizeof(*y));

    OK(expclip_batch_copy_pixels(x, n, a, i, &err));
    OK(expclip_batch_copy_pixels(y, n, b, k, &err));
    assert_memory_equal(x, y, n * sizeof(*x));
    free(x);
    free(y);
}

static void test_faces__each_face_becomes_an_item(void **state)
{
    int32_t width, height;
    uint8_t *rgb = make_two(&width, &height);
    expclip_faces *faces = find_in(rgb, width, height);
    expclip_batch *batch = new_batch();
    size_t n;

    (void)state;
    assert_int_equal(expclip_faces_count(faces), 2);
    OK(expclip_batch_add_pixels(batch, rgb, (size_t)width * (size_t)height * 3,
                                width, height, 0, EXPCLIP_PIXELS_RGB, NULL,
                                &err));
    OK(expclip_batch_add_faces(&n, batch, faces, EXPCLIP_FACES_ALL, NULL,
                               &err));
    assert_int_equal(n, 2);
    assert_int_equal(expclip_batch_count(batch), 3);
    assert_int_equal(expclip_batch_image(batch, 0), 0);
    assert_int_equal(expclip_batch_image(batch, 1), 1);
    assert_int_equal(expclip_batch_image(batch, 2), 1);
    assert_int_equal(expclip_batch_image(batch, 3), -1);
    assert_int_equal(expclip_batch_face(batch, 0), -1);
    assert_int_equal(expclip_batch_face(batch, 1), 0);
    assert_int_equal(expclip_batch_face(batch, 2), 1);
    expclip_batch_free(batch);
    expclip_faces_free(faces);
    free(rgb);
}

static void
test_faces__the_largest_is_the_one_with_the_largest_box(void **state)
{
    int32_t width, height;
    uint8_t *rgb = make_two(&width, &height);
    expclip_faces *faces = find_in(rgb, width, height);
    expclip_batch *batch = new_batch();
    expclip_face face;
    size_t n;

    (void)state;
    OK(expclip_faces_get(&face, faces, expclip_faces_largest(faces), &err));
    assert_true(face.x < 300.0f);
    OK(expclip_batch_add_faces(&n, batch, faces, EXPCLIP_FACES_LARGEST, NULL,
                               &err));
    assert_int_equal(n, 1);
    assert_int_equal(expclip_batch_face(batch, 0),
                     expclip_faces_largest(faces));
    expclip_batch_free(batch);
    expclip_faces_free(faces);
    free(rgb);
}

static void
test_faces__a_crop_is_what_a_box_of_the_same_numbers_is(void **state)
{
    int32_t width, height;
    uint8_t *rgb = make_two(&width, &height);
    const size_t size = (size_t)width * (size_t)height * 3;
    expclip_faces *faces = find_in(rgb, width, height);
    expclip_image_options options = EXPCLIP_IMAGE_OPTIONS_INIT;
    expclip_crop_options crop = EXPCLIP_CROP_OPTIONS_INIT;
    expclip_batch *a = new_batch(), *b = new_batch();
    expclip_box box;
    size_t n;

    (void)state;
    crop.side = 1.3f;
    crop.up = 0.1f;
    OK(expclip_faces_crop(&box, faces, 1, &crop, &err));
    OK(expclip_batch_add_faces(&n, a, faces, 1, &crop, &err));
    options.box_x = box.x;
    options.box_y = box.y;
    options.box_width = box.width;
    options.box_height = box.height;
    OK(expclip_batch_add_pixels(b, rgb, size, width, height, 0,
                                EXPCLIP_PIXELS_RGB, &options, &err));
    assert_same_pixels(a, 0, b, 0);
    expclip_batch_free(a);
    expclip_batch_free(b);
    expclip_faces_free(faces);
    free(rgb);
}

static void test_faces__the_model_says_how_to_crop(void **state)
{
    int32_t width, height;
    uint8_t *rgb = make_two(&width, &height);
    expclip_faces *faces = find_in(rgb, width, height);
    expclip_crop_options crop = EXPCLIP_CROP_OPTIONS_INIT;
    expclip_batch *batch = new_batch();
    size_t n;

    (void)state;
    crop.side = expclip_model_crop_side(model);
    crop.up = expclip_model_crop_up(model);
    OK(expclip_batch_add_faces(&n, batch, faces, 0, NULL, &err));
    OK(expclip_batch_add_faces(&n, batch, faces, 0, &crop, &err));
    assert_same_pixels(batch, 0, batch, 1);
    expclip_batch_free(batch);
    expclip_faces_free(faces);
    free(rgb);
}

static void test_faces__an_image_without_one_fails_alone(void **state)
{
    static uint8_t grey[64 * 64 * 3];
    expclip_faces *faces = find_in(grey, 64, 64);
    expclip_batch *batch = new_batch();
    size_t n = 9;

    (void)state;
    assert_int_equal(expclip_faces_count(faces), 0);
    assert_int_equal(expclip_faces_largest(faces), 0);
    assert_int_equal(expclip_batch_add_faces(&n, batch, faces,
                                             EXPCLIP_FACES_ALL, NULL, &err),
                     EXPCLIP_ERROR_NO_FACE);
    assert_int_equal(n, 1);
    assert_int_equal(expclip_batch_status(batch, 0), EXPCLIP_ERROR_NO_FACE);
    assert_non_null(strstr(expclip_batch_message(batch, 0), "64 x 64"));
    OK(expclip_batch_add_file(batch, FACE, NULL, &err));
    assert_int_equal(expclip_batch_image(batch, 1), 1);
    expclip_batch_free(batch);
    expclip_faces_free(faces);
}

static void test_faces__auto_takes_one_close_face_whole(void **state)
{
    expclip_faces *faces = NULL;
    expclip_batch *a = new_batch(), *b = new_batch();
    size_t n;

    (void)state;
    OK(expclip_detector_find_file(&faces, detector, FACE, NULL, &err));
    OK(expclip_batch_add_faces(&n, a, faces, EXPCLIP_FACES_AUTO, NULL, &err));
    assert_int_equal(n, 1);
    assert_int_equal(expclip_batch_face(a, 0), -1);
    OK(expclip_batch_add_file(b, FACE, NULL, &err));
    assert_same_pixels(a, 0, b, 0);
    expclip_batch_free(a);
    expclip_batch_free(b);
    expclip_faces_free(faces);
}

static void test_faces__a_face_that_is_not_there_adds_nothing(void **state)
{
    expclip_faces *faces = NULL;
    expclip_batch *batch = new_batch();

    (void)state;
    OK(expclip_detector_find_file(&faces, detector, FACE, NULL, &err));
    for (int32_t wrong = -4; wrong <= 1; wrong += 5) {
        size_t n = 9;

        assert_int_equal(
            expclip_batch_add_faces(&n, batch, faces, wrong, NULL, &err),
            EXPCLIP_ERROR_ARGUMENT);
        assert_int_equal(n, 0);
    }
    assert_int_equal(expclip_batch_count(batch), 0);
    expclip_batch_free(batch);
    expclip_faces_free(faces);
}

static void
test_faces__a_box_is_no_option_where_faces_are_looked_for(void **state)
{
    expclip_image_options options = EXPCLIP_IMAGE_OPTIONS_INIT;
    expclip_faces *faces = NULL;

    (void)state;
    options.box_width = options.box_height = 10;
    assert_int_equal(
        expclip_detector_find_file(&faces, detector, FACE, &options, &err),
        EXPCLIP_ERROR_ARGUMENT);
    assert_null(faces);
}

static void test_faces__an_image_on_its_side_is_found_with_turn(void **state)
{
    expclip_detector_options o = EXPCLIP_DETECTOR_OPTIONS_INIT;
    expclip_detector *turning = NULL;
    uint8_t *face = pixels_of(FACE), *side = malloc(SIDE * SIDE * 3);
    expclip_faces *plain, *turned = NULL;
    expclip_face a, b;

    (void)state;
    for (int y = 0; y < SIDE; y++) /* by 90 degrees counterclockwise */
        for (int x = 0; x < SIDE; x++)
            memcpy(side + 3 * (SIDE * (SIDE - 1 - x) + y),
                   face + 3 * (SIDE * y + x), 3);
    o.turn = 1;
    o.threads = 1;
    OK(expclip_detector_create(&turning, &o, &err));
    plain = find_in(side, SIDE, SIDE);
    assert_int_equal(expclip_faces_count(plain), 0);
    OK(expclip_detector_find_pixels(&turned, turning, side, SIDE * SIDE * 3,
                                    SIDE, SIDE, 0, EXPCLIP_PIXELS_RGB, NULL,
                                    &err));
    assert_int_equal(expclip_faces_count(turned), 1);
    assert_int_equal(expclip_faces_turn(turned), 90);
    expclip_faces_free(plain);
    plain = find_in(face, SIDE, SIDE);
    OK(expclip_faces_get(&a, plain, 0, &err));
    OK(expclip_faces_get(&b, turned, 0, &err));
    assert_memory_equal(&a, &b, sizeof(a));
    expclip_faces_free(plain);
    expclip_faces_free(turned);
    expclip_detector_free(turning);
    free(face);
    free(side);
}

static void test_faces__rows_are_in_opencvs_order(void **state)
{
    expclip_faces *faces = NULL;
    expclip_face face;
    float row[15];

    (void)state;
    OK(expclip_detector_find_file(&faces, detector, FACE, NULL, &err));
    OK(expclip_faces_get(&face, faces, 0, &err));
    OK(expclip_faces_copy(row, 15, faces, &err));
    assert_true(row[3] == face.height);
    assert_true(row[4] == face.points[0]);
    assert_true(row[13] == face.points[9]);
    assert_true(row[14] == face.score);
    expclip_faces_free(faces);
}

static void test_faces__bytes_and_file_give_the_same(void **state)
{
    static uint8_t bytes[1 << 20];
    FILE *file = fopen(FACE, "rb");
    const size_t size = fread(bytes, 1, sizeof(bytes), file);
    expclip_faces *a = NULL, *b = NULL;
    float x[15], y[15];

    (void)state;
    fclose(file);
    OK(expclip_detector_find_file(&a, detector, FACE, NULL, &err));
    OK(expclip_detector_find_bytes(&b, detector, bytes, size, NULL, &err));
    OK(expclip_faces_copy(x, 15, a, &err));
    OK(expclip_faces_copy(y, 15, b, &err));
    assert_memory_equal(x, y, sizeof(x));
    expclip_faces_free(a);
    expclip_faces_free(b);
    assert_int_equal(
        expclip_detector_find_bytes(&a, detector, bytes, 20, NULL, &err),
        EXPCLIP_ERROR_TRUNCATED);
}

static void test_faces__frames_of_a_folder_are_read_to_their_end(void **state)
{
    expclip_frames_options o = EXPCLIP_FRAMES_OPTIONS_INIT;
    expclip_frames *frames = NULL;
    expclip_faces *faces = NULL;
    size_t n = 0;

    (void)state;
    o.sampling = EXPCLIP_SAMPLING_EXACT;
    o.n_samples = 3;
    OK(expclip_frames_open(&frames, EXPCLIP_FACES, &o, &err));
    for (;;) {
        OK(expclip_detector_find_frame(&faces, detector, frames, NULL, NULL,
                                       &err));
        if (!faces)
            break;
        assert_int_equal(expclip_faces_status(faces), EXPCLIP_OK);
        assert_true(expclip_frames_time(frames, 0) >= 0.0);
        expclip_faces_free(faces);
        n++;
    }
    assert_int_equal(n, 3);
    expclip_frames_free(frames);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_faces__each_face_becomes_an_item),
        cmocka_unit_test(
            test_faces__the_largest_is_the_one_with_the_largest_box),
        cmocka_unit_test(
            test_faces__a_crop_is_what_a_box_of_the_same_numbers_is),
        cmocka_unit_test(test_faces__the_model_says_how_to_crop),
        cmocka_unit_test(test_faces__an_image_without_one_fails_alone),
        cmocka_unit_test(test_faces__auto_takes_one_close_face_whole),
        cmocka_unit_test(test_faces__a_face_that_is_not_there_adds_nothing),
        cmocka_unit_test(
            test_faces__a_box_is_no_option_where_faces_are_looked_for),
        cmocka_unit_test(test_faces__an_image_on_its_side_is_found_with_turn),
        cmocka_unit_test(test_faces__rows_are_in_opencvs_order),
        cmocka_unit_test(test_faces__bytes_and_file_give_the_same),
        cmocka_unit_test(test_faces__frames_of_a_folder_are_read_to_their_end),
    };

    return cmocka_run_group_tests(tests, open_all, close_all);
}
