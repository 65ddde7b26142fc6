/* SPDX-License-Identifier: MIT */
/*
 * test_tracker.c - faces on paths that are written here.
 */
#define _GNU_SOURCE
#include <math.h>

#include "faces/tracker.h"
#include "unit/scratch.h"

static const expclip__tracker_options OPTIONS = EXPCLIP__TRACKER_OPTIONS;

static expclip_face face(double x, double y, double side, double score)
{
    return (expclip_face){ .x = (float)(x - side / 2),
                           .y = (float)(y - side / 2),
                           .width = (float)side,
                           .height = (float)side,
                           .score = (float)score };
}

static expclip__tracker *tracker(const expclip__tracker_options *options)
{
    expclip__tracker *t;
    expclip_error err;

    if (expclip__tracker_create(&t, options, &err))
        fail_msg("%s", err.message);
    return t;
}

static expclip__tracks next(expclip__tracker *t,
                            const expclip__tracker_frame *frame)
{
    expclip__tracks r;
    expclip_error err;

    if (expclip__tracker_step(&r, t, frame, &err))
        fail_msg("%s", err.message);
    assert_int_equal(r.n_faces, frame->n_faces);
    return r;
}

static expclip__tracks step(expclip__tracker *t, double time,
                            const expclip_face *faces, size_t n)
{
    return next(t, &(expclip__tracker_frame){
                       .time = time, .faces = faces, .n_faces = n });
}

static expclip__tracks end(expclip__tracker *t)
{
    expclip__tracks r;
    expclip_error err;

    if (expclip__tracker_end(&r, t, &err))
        fail_msg("%s", err.message);
    return r;
}

/* ---- one face ---- */

static void test_tracker__the_second_hit_opens_and_names_the_first(void **state)
{
    const expclip_face faces[] = { face(300, 100, 50, 0.9),
                                   face(100, 100, 50, 0.8) };
    expclip__tracker *t = tracker(&OPTIONS);
    expclip__tracks r = step(t, 0, faces, 2);

    (void)state;
    assert_int_equal(r.of_face[0], -1);
    assert_int_equal(r.of_face[1], -1);
    assert_int_equal(r.n_earlier, 0);
    r = step(t, 0.04, &faces[1], 1);
    assert_int_equal(r.frame, 1);
    assert_int_equal(r.of_face[0], 0);
    assert_int_equal(r.n_earlier, 1);
    assert_int_equal(r.earlier[0].track, 0);
    assert_int_equal(r.earlier[0].frame, 0);
    assert_int_equal(r.earlier[0].face, 1);
    assert_int_equal(r.n_ended, 0);
    r = end(t);
    assert_int_equal(r.n_ended, 1); /* the other one came once */
    assert_int_equal(r.ended[0].track, 0);
    assert_int_equal(r.ended[0].n_frames, 2);
    assert_true(r.ended[0].first == 0.0 && r.ended[0].last == 0.04);
    expclip__tracker_free(t);
}

static void test_tracker__hits_are_as_many_as_asked_for(void **state)
{
    const expclip_face f = face(100, 100, 50, 0.9);

    (void)state;
    for (int32_t hits = 1; hits <= EXPCLIP__TRACKER_MOST_HITS; hits++) {
        expclip__tracker_options options = OPTIONS;
        expclip__tracker *t;

        options.hits = hits;
        t = tracker(&options);
        for (int32_t i = 0; i < 20; i++) {
            const expclip__tracks r = step(t, 0.04 * i, &f, 1);

            assert_int_equal(r.of_face[0], i + 1 < hits ? -1 : 0);
            assert_int_equal(r.n_earlier, i + 1 == hits ? hits - 1 : 0);
            for (size_t j = 0; j < r.n_earlier; j++)
                assert_int_equal(r.earlier[j].frame, j);
        }
        expclip__tracker_free(t);
    }
}

/* How many tracks a face on a straight line becomes. */
static int64_t tracks_of_line(double rate, double widths_per_second,
                              double hidden_from, double hidden_to)
{
    expclip__tracker *t = tracker(&OPTIONS);
    int64_t most = -1;

    for (int i = 0; i < 3 * rate; i++) {
        const double time = i / rate;
        const int hidden = time >= hidden_from && time < hidden_to;
        const expclip_face f =
            face(50 * widths_per_second * time, 100, 50, 0.9);
        const expclip__tracks r = step(t, time, &f, hidden ? 0 : 1);

        if (!hidden && r.of_face[0] > most)
            most = r.of_face[0];
    }
    expclip__tracker_free(t);
    return most + 1;
}

static void test_tracker__a_face_that_moves_keeps_its_number(void **state)
{
    (void)state;
    assert_int_equal(tracks_of_line(25, 0, 9, 9), 1);
    assert_int_equal(tracks_of_line(25, 3, 9, 9), 1);
    assert_int_equal(tracks_of_line(25, 10, 9, 9), 1);
}

static void test_tracker__fast_at_5_frames_a_second_keeps_it_too(void **state)
{
    (void)state;
    assert_int_equal(tracks_of_line(5, 5, 9, 9), 1);
    assert_int_equal(tracks_of_line(5, 10, 9, 9), 1);
    assert_int_equal(tracks_of_line(5, 40, 9, 9), 0); /* beyond its reach */
}

static void test_tracker__hidden_for_less_than_half_a_second(void **state)
{
    (void)state;
    assert_int_equal(tracks_of_line(25, 2, 1.0, 1.3), 1);
    assert_int_equal(tracks_of_line(25, 2, 1.0, 1.7), 2);
}

static void test_tracker__an_unsure_box_continues_and_opens_none(void **state)
{
    expclip_face f = face(100, 100, 50, 0.6);
    expclip__tracker *t = tracker(&OPTIONS);

    (void)state;
    for (int i = 0; i < 5; i++)
        assert_int_equal(step(t, 0.04 * i, &f, 1).of_face[0], -1);
    f.score = 0.7f;
    step(t, 1.00, &f, 1);
    assert_int_equal(step(t, 1.04, &f, 1).of_face[0], 0);
    f.score = 0.31f;
    assert_int_equal(step(t, 1.08, &f, 1).of_face[0], 0);
    f.score = 0.29f;
    assert_int_equal(step(t, 1.12, &f, 1).of_face[0], -1);
    expclip__tracker_free(t);
}

static void test_tracker__a_face_of_another_size_is_another(void **state)
{
    const expclip_face near = face(100, 100, 100, 0.9);
    const expclip_face far = face(100, 100, 45, 0.9);
    expclip__tracker *t = tracker(&OPTIONS);

    (void)state;
    step(t, 0, &near, 1);
    step(t, 0.04, &near, 1);
    assert_int_equal(step(t, 0.08, &far, 1).of_face[0], -1);
    assert_int_equal(step(t, 0.12, &far, 1).of_face[0], 1);
    expclip__tracker_free(t);
}

/* ---- several ---- */

static void test_tracker__two_who_cross_keep_their_numbers(void **state)
{
    expclip__tracker *t = tracker(&OPTIONS);

    (void)state;
    for (int i = 0; i < 50; i++) {
        const expclip_face faces[] = {
            face(100 + 4 * i, 100, 50, 0.9), /* they meet at i = 25 */
            face(300 - 4 * i, 110, 50, i % 2 ? 0.95 : 0.85)
        };
        const expclip__tracks r = step(t, 0.04 * i, faces, 2);

        if (i > 0) {
            assert_int_equal(r.of_face[0], 0);
            assert_int_equal(r.of_face[1], 1);
        }
    }
    expclip__tracker_free(t);
}

static void test_tracker__after_a_cut_all_are_new(void **state)
{
    const expclip_face faces[] = { face(100, 100, 50, 0.9),
                                   face(300, 100, 50, 0.9) };
    expclip__tracker_frame frame = { .faces = faces, .n_faces = 2 };
    expclip__tracker *t = tracker(&OPTIONS);
    expclip__tracks r;

    (void)state;
    next(t, &frame);
    frame.time = 0.04;
    next(t, &frame);
    frame.time = 0.08;
    frame.is_cut = 1;
    r = next(t, &frame);
    assert_int_equal(r.of_face[0], -1);
    assert_int_equal(r.n_ended, 2);
    assert_int_equal(r.ended[1].track, 1);
    frame.time = 0.12;
    frame.is_cut = 0;
    r = next(t, &frame);
    assert_int_equal(r.of_face[0], 2);
    assert_int_equal(r.of_face[1], 3);
    assert_int_equal(r.n_ended, 0);
    assert_int_equal(r.earlier[0].frame, 2);
    expclip__tracker_free(t);
}

static void test_tracker__a_film_may_change_its_size(void **state)
{
    const expclip_face large[] = { face(200, 100, 80, 0.9) };
    const expclip_face small[] = { face(100, 50, 40, 0.9) };
    expclip__tracker *t = tracker(&OPTIONS);

    (void)state;
    for (int i = 0; i < 20; i++) {
        const int is_small = i / 5 % 2;
        const expclip__tracks r = next(
            t, &(expclip__tracker_frame){ .time = 0.04 * i,
                                          .width = is_small ? 320 : 640,
                                          .height = is_small ? 180 : 360,
                                          .faces = is_small ? small : large,
                                          .n_faces = 1 });

        assert_int_equal(r.of_face[0], i == 0 ? -1 : 0);
    }
    expclip__tracker_free(t);
}

/* ---- bad input ---- */

static void test_tracker__times_must_go_on(void **state)
{
    const double bad[] = { 1.0, 0.5, NAN, INFINITY, -INFINITY };
    const expclip_face f = face(100, 100, 50, 0.9);
    expclip__tracker *t = tracker(&OPTIONS);
    expclip__tracks r;
    expclip_error err;

    (void)state;
    step(t, 1.0, &f, 1);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_int_equal(expclip__tracker_step(
                             &r, t,
                             &(expclip__tracker_frame){
                                 .time = bad[i], .faces = &f, .n_faces = 1 },
                             &err),
                         EXPCLIP_ERROR_ARGUMENT);
    assert_non_null(strstr(err.message, "-inf"));
    assert_int_equal(step(t, 1.04, &f, 1).of_face[0], 0);
    end(t);
    step(t, 0.0, &f, 1); /* another film */
    assert_int_equal(step(t, 0.04, &f, 1).of_face[0], 1);
    expclip__tracker_free(t);
}

static void test_tracker__boxes_that_are_none_are_no_tracks(void **state)
{
    expclip_face faces[9];
    expclip__tracker *t = tracker(&OPTIONS);
    size_t n = 0;

    (void)state;
    for (size_t i = 0; i < 9; i++)
        faces[i] = face(100, 100, 50, 0.9);
    faces[n++].x = NAN;
    faces[n++].y = INFINITY;
    faces[n++].width = NAN;
    faces[n++].height = -1;
    faces[n++].width = 0;
    faces[n++].score = NAN;
    faces[n++].x = -3e38f;
    faces[n++].width = 3e38f;
    for (int i = 0; i < 5; i++) {
        const expclip__tracks r = step(t, 0.04 * i, faces, 9);

        for (size_t j = 0; j < 8; j++)
            assert_int_equal(r.of_face[j], -1);
        assert_int_equal(r.of_face[8], i == 0 ? -1 : 0);
    }
    expclip__tracker_free(t);
}

static void test_tracker__options_out_of_range_are_refused(void **state)
{
    const expclip__tracker_options bad[] = {
        { 1.1f, 0.5f, 12, 0.5f, 2 },  { NAN, 0.5f, 12, 0.5f, 2 },
        { 0.7f, 0.8f, 12, 0.5f, 2 },  { 0.7f, -0.1f, 12, 0.5f, 2 },
        { 0.7f, 0.5f, 0, 0.5f, 2 },   { 0.7f, 0.5f, INFINITY, 0.5f, 2 },
        { 0.7f, 0.5f, 12, -0.1f, 2 }, { 0.7f, 0.5f, 12, 61, 2 },
        { 0.7f, 0.5f, 12, 0.5f, 0 },  { 0.7f, 0.5f, 12, 0.5f, 17 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        expclip__tracker *t = NULL;
        expclip_error err;

        assert_int_equal(expclip__tracker_create(&t, &bad[i], &err),
                         EXPCLIP_ERROR_ARGUMENT);
        assert_null(t);
        assert_non_null(strstr(err.message, "tracker: "));
    }
}

/* ---- many ---- */

enum { CROWD = 700 };

static uint64_t seed;

static double some(double most)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return most * (double)(seed >> 33) / 2147483648.0;
}

static void crowd(expclip_face *faces, double most)
{
    for (size_t i = 0; i < CROWD; i++)
        faces[i] = face(some(most), some(most), 20 + some(20),
                        1 - 0.7 * (double)i / CROWD);
}

static void test_tracker__a_crowd_is_bounded(void **state)
{
    expclip_face faces[CROWD];
    expclip__tracker *t = tracker(&OPTIONS);

    (void)state;
    seed = 1;
    for (int i = 0; i < 40; i++) {
        expclip__tracks r;

        crowd(faces, i % 4 < 2 ? 50 : 5000); /* all in one place, or not */
        r = step(t, 0.004 * i, faces, CROWD);
        for (size_t j = EXPCLIP__TRACKER_MOST_FACES; j < CROWD; j++)
            assert_int_equal(r.of_face[j], -1);
        assert_in_range(r.n_ended, 0, EXPCLIP__TRACKER_MOST_TRACKS);
    }
    assert_in_range(end(t).n_ended, 1, EXPCLIP__TRACKER_MOST_TRACKS);
    expclip__tracker_free(t);
}

enum { BURST = 60 };

/* A sum over what is told of many frames with faces that come and go, many in
 * the first one; calls back before each frame. */
static uint64_t run_film(int n, void (*before)(int frame))
{
    expclip__tracker *t = tracker(&OPTIONS);
    uint64_t sum = 0;

    seed = 2;
    for (int i = 0; i < n; i++) {
        expclip_face faces[BURST];
        expclip__tracks r;

        for (int j = 0; j < BURST; j++)
            faces[j] = face(300 + 250 * sin(0.02 * i * (j + 1)) + some(4),
                            200 + 100 * sin(0.03 * i + j), 40 + 4 * j,
                            0.45 + some(0.55));
        before(i);
        r = next(t, &(expclip__tracker_frame){ .time = 0.04 * i,
                                               .is_cut = i % 97 == 96,
                                               .faces = faces,
                                               .n_faces = i ? (size_t)some(7)
                                                            : BURST });
        for (size_t j = 0; j < r.n_faces; j++)
            sum = sum * 31 + (uint64_t)r.of_face[j];
        sum = sum * 31 + r.n_ended + 7 * r.n_earlier;
    }
    expclip__tracker_free(t);
    return sum;
}

static void nothing(int frame)
{
    (void)frame;
}

/* ---- memory ---- */

/* The frame with the most faces was the first. From then on what a tracker
 * keeps must not grow: only a step's pairs, given back within it, may ask for
 * memory, at most three times for each of the two bands. */
static void little_memory(int frame)
{
    if (frame > 0)
        expclip__alloc_fail_after(6, 1);
}

static void test_tracker__10000_frames_need_no_more_than_one(void **state)
{
    (void)state;
    run_film(10000, little_memory);
    expclip__alloc_fail_after(-1, 0);
}

static void test_tracker__each_run_says_the_same(void **state)
{
    (void)state;
    assert_true(run_film(2000, nothing) == run_film(2000, nothing));
}

static int32_t follow(void *data)
{
    const expclip_face faces[] = { face(100, 100, 50, 0.9),
                                   face(300, 100, 50, 0.9) };
    expclip__tracker *t = NULL;
    expclip__tracks r;
    int32_t status = expclip__tracker_create(&t, &OPTIONS, NULL);

    (void)data;
    for (int i = 0; !status && i < 5; i++)
        status = expclip__tracker_step(
            &r, t,
            &(expclip__tracker_frame){
                .time = 0.04 * i, .faces = faces, .n_faces = 2 },
            NULL);
    if (!status)
        status = expclip__tracker_end(&r, t, NULL);
    if (!status)
        assert_int_equal(r.n_ended, 2);
    expclip__tracker_free(t);
    return status;
}

static void test_tracker__survives_failing_allocations(void **state)
{
    (void)state;
    sweep_needed_allocations(follow, NULL);
}

static void test_tracker__a_step_without_memory_can_be_repeated(void **state)
{
    const expclip_face f = face(100, 100, 50, 0.9);
    const expclip__tracker_frame frame = { .time = 0.04,
                                           .faces = &f,
                                           .n_faces = 1 };
    expclip__tracker *t = tracker(&OPTIONS);
    expclip__tracks r;

    (void)state;
    step(t, 0, &f, 1);
    expclip__alloc_fail_after(0, 1);
    assert_int_equal(expclip__tracker_step(&r, t, &frame, NULL),
                     EXPCLIP_ERROR_MEMORY);
    expclip__alloc_fail_after(-1, 0);
    assert_int_equal(next(t, &frame).of_face[0], 0);
    expclip__tracker_free(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            test_tracker__the_second_hit_opens_and_names_the_first),
        cmocka_unit_test(test_tracker__hits_are_as_many_as_asked_for),
        cmocka_unit_test(test_tracker__a_face_that_moves_keeps_its_number),
        cmocka_unit_test(test_tracker__fast_at_5_frames_a_second_keeps_it_too),
        cmocka_unit_test(test_tracker__hidden_for_less_than_half_a_second),
        cmocka_unit_test(test_tracker__an_unsure_box_continues_and_opens_none),
        cmocka_unit_test(test_tracker__a_face_of_another_size_is_another),
        cmocka_unit_test(test_tracker__two_who_cross_keep_their_numbers),
        cmocka_unit_test(test_tracker__after_a_cut_all_are_new),
        cmocka_unit_test(test_tracker__a_film_may_change_its_size),
        cmocka_unit_test(test_tracker__times_must_go_on),
        cmocka_unit_test(test_tracker__boxes_that_are_none_are_no_tracks),
        cmocka_unit_test(test_tracker__options_out_of_range_are_refused),
        cmocka_unit_test(test_tracker__a_crowd_is_bounded),
        cmocka_unit_test(test_tracker__10000_frames_need_no_more_than_one),
        cmocka_unit_test(test_tracker__each_run_says_the_same),
        cmocka_unit_test(test_tracker__survives_failing_allocations),
        cmocka_unit_test(test_tracker__a_step_without_memory_can_be_repeated),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
