/* SPDX-License-Identifier: MIT */
/*
 * test_timeline.c - smoothing by hand-made numbers and against a slow oracle,
 * segments, and memory that does not grow.
 */
#include "unit/scratch.h"

#include <expclip_clips.h>
#include <math.h>

#include "expression/timeline.h"

enum { MANY = 400, CLASSES = 3 };

static void assert_near(double found, double expected, double tolerance)
{
    if (!(fabs(found - expected) <= tolerance))
        fail_msg("found %.9g, expected %.9g", found, expected);
}

static expclip_timeline *make(const expclip_timeline_options *options,
                              int32_t n_classes)
{
    expclip_timeline *t = NULL;
    expclip_error err;

    if (expclip_timeline_create(&t, n_classes, options, &err))
        fail_msg("%s", err.message);
    return t;
}

static expclip_timeline_options plain_options(int32_t smoothing)
{
    expclip_timeline_options o = EXPCLIP_TIMELINE_OPTIONS_INIT;

    o.smoothing = smoothing;
    return o;
}

/* Two classes of which the first one has probability p. */
static void add_two(expclip_timeline *t, double time, double p)
{
    const float logits[] = { (float)log(p), (float)log(1.0 - p) };

    assert_int_equal(expclip_timeline_add(t, time, logits, 2, NULL),
                     EXPCLIP_OK);
}

static float first_of(const expclip_timeline *t, size_t index)
{
    float row[2] = { -1.0f, -1.0f };

    assert_int_equal(expclip_timeline_copy(row, 2, t, index, NULL), EXPCLIP_OK);
    assert_near(row[0] + row[1], 1.0, 1e-6);
    return row[0];
}

static void expect_segment(const expclip_timeline *t, size_t index,
                           int32_t class_index, double start, double end,
                           double probability)
{
    assert_int_equal(expclip_timeline_segment_class(t, index), class_index);
    assert_near(expclip_timeline_segment_start(t, index), start, 1e-9);
    assert_near(expclip_timeline_segment_end(t, index), end, 1e-9);
    assert_near(expclip_timeline_segment_probability(t, index), probability,
                1e-6);
}

/* ------------------------------------------------------------------------
 * Smoothing
 */

static void test_timeline__without_smoothing_it_is_softmax(void **state)
{
    expclip_timeline_options o = plain_options(EXPCLIP_SMOOTHING_NONE);
    const float logits[] = { 10.0f, 11.0f, 9.0f };
    float row[3];
    expclip_timeline *t;

    (void)state;
    o.temperature = 2.0;
    t = make(&o, 3);
    assert_int_equal(expclip_timeline_add(t, 4.5, logits, 3, NULL), EXPCLIP_OK);
    assert_int_equal(expclip_timeline_count(t), 1);
    assert_near(expclip_timeline_time(t, 0), 4.5, 0.0);
    assert_int_equal(expclip_timeline_copy(row, 3, t, 0, NULL), EXPCLIP_OK);
    assert_near(row[0], 0.3071959, 1e-6);
    assert_near(row[1], 0.5064804, 1e-6);
    expclip_timeline_free(t);
}

/* The same seconds weigh the same, in whatever steps they pass. */
static void test_timeline__ema_goes_by_time(void **state)
{
    const expclip_timeline_options o = plain_options(EXPCLIP_SMOOTHING_EMA);
    const double left = exp(-0.3 / 0.5);
    expclip_timeline *t = make(NULL, 2), *steps = make(&o, 2);

    (void)state;
    add_two(t, 1.0, 0.9);
    add_two(t, 1.3, 0.1);
    assert_near(first_of(t, 0), 0.9, 1e-6);
    assert_near(first_of(t, 1), 0.1 + 0.8 * left, 1e-6);
    add_two(t, 1.3, 0.5); /* no time passed: nothing moves */
    assert_near(first_of(t, 2), first_of(t, 1), 1e-7);
    add_two(steps, 1.0, 0.9);
    add_two(steps, 1.05, 0.1);
    add_two(steps, 1.06, 0.1);
    add_two(steps, 1.3, 0.1);
    assert_near(first_of(steps, 3), first_of(t, 1), 1e-6);
    expclip_timeline_free(t);
    expclip_timeline_free(steps);
}

static void test_timeline__the_median_looks_both_ways(void **state)
{
    static const double p[] = { 0.9, 0.2, 0.8, 0.6, 0.4 };
    expclip_timeline_options o = plain_options(EXPCLIP_SMOOTHING_MEDIAN);
    expclip_timeline *t;

    (void)state;
    o.median_frames = 3;
    t = make(&o, 2);
    for (size_t i = 0; i < 5; i++) {
        add_two(t, (double)i, p[i]);
        assert_int_equal(expclip_timeline_count(t), i);
    }
    assert_int_equal(expclip_timeline_finish(t, 5.0, NULL), EXPCLIP_OK);
    assert_int_equal(expclip_timeline_count(t), 5);
    assert_near(first_of(t, 0), 0.55, 1e-6); /* of 2: their mean */
    assert_near(first_of(t, 1), 0.8, 1e-6);
    assert_near(first_of(t, 2), 0.6, 1e-6);
    assert_near(first_of(t, 3), 0.6, 1e-6);
    assert_near(first_of(t, 4), 0.5, 1e-6);
    assert_near(expclip_timeline_time(t, 4), 4.0, 0.0);
    expclip_timeline_free(t);
}

static int compare(const void *a, const void *b)
{
    const float x = *(const float *)a, y = *(const float *)b;

    return (x > y) - (x < y);
}

/* What the header says, slowly: sort the window of each class. */
static void oracle_median(double *out, const float *rows, int n, int frame,
                          int size)
{
    const int half = size / 2;
    const int low = frame < half ? 0 : frame - half;
    const int high = frame + half < n ? frame + half : n - 1;
    const int count = high - low + 1;
    float window[MANY];
    double sum = 0.0;

    for (int c = 0; c < CLASSES; c++) {
        for (int i = 0; i < count; i++)
            window[i] = rows[(low + i) * CLASSES + c];
        qsort(window, (size_t)count, sizeof(*window), compare);
        out[c] =
            count % 2
                ? (double)window[count / 2]
                : ((double)window[count / 2 - 1] + (double)window[count / 2]) /
                      2.0;
        sum += out[c];
    }
    for (int c = 0; c < CLASSES; c++)
        out[c] /= sum;
}

static uint32_t noise;

static float next_noise(void)
{
    noise = noise * 1664525u + 1013904223u;
    return (float)(noise >> 8) / (float)(1 << 24) * 6.0f - 3.0f;
}

static void check_median(int32_t n, int32_t size)
{
    expclip_timeline_options o = plain_options(EXPCLIP_SMOOTHING_MEDIAN);
    float rows[MANY * CLASSES], row[CLASSES];
    double expected[CLASSES];
    expclip_timeline *t;

    o.median_frames = size;
    t = make(&o, CLASSES);
    for (int32_t i = 0; i < n; i++) {
        float logits[CLASSES];

        for (int c = 0; c < CLASSES; c++)
            /* Equal values too. */
            logits[c] = i % 7 == 3 ? 0.0f : next_noise();
        expclip_logits_softmax(rows + i * CLASSES, CLASSES, logits, CLASSES,
                               1.0f, NULL);
        expclip_timeline_add(t, i * 0.04, logits, CLASSES, NULL);
    }
    assert_int_equal(expclip_timeline_finish(t, n * 0.04, NULL), EXPCLIP_OK);
    assert_int_equal(expclip_timeline_count(t), n);
    for (int32_t i = 0; i < n; i++) {
        oracle_median(expected, rows, n, i, size);
        expclip_timeline_copy(row, CLASSES, t, (size_t)i, NULL);
        for (int c = 0; c < CLASSES; c++)
            assert_near(row[c], expected[c], 1e-6);
        assert_near(expclip_timeline_time(t, (size_t)i), i * 0.04, 0.0);
    }
    expclip_timeline_free(t);
}

static void test_timeline__medians_are_those_of_sorted_windows(void **state)
{
    static const int32_t lengths[] = { 0, 1, 2, 3, 4, 5, 40, MANY };
    static const int32_t sizes[] = { 1, 3, 5, 7, 39, 101, 999 };

    (void)state;
    for (size_t i = 0; i < sizeof(lengths) / sizeof(*lengths); i++)
        for (size_t j = 0; j < sizeof(sizes) / sizeof(*sizes); j++)
            check_median(lengths[i], sizes[j]);
}

static void test_timeline__frames_that_agree_in_nothing_stand(void **state)
{
    expclip_timeline_options o = plain_options(EXPCLIP_SMOOTHING_MEDIAN);
    float row[3];
    expclip_timeline *t;

    (void)state;
    o.median_frames = 3;
    t = make(&o, 3);
    for (int i = 0; i < 3; i++) {
        float logits[3] = { 0.0f, 0.0f, 0.0f };

        logits[i] = 1000.0f;
        expclip_timeline_add(t, i, logits, 3, NULL);
    }
    assert_int_equal(expclip_timeline_count(t), 2);
    expclip_timeline_copy(row, 3, t, 1, NULL);
    assert_near(row[1], 1.0, 0.0);
    expclip_timeline_free(t);
}

static void test_timeline__a_failed_frame_is_left_out(void **state)
{
    const float failed[] = { NAN, NAN };

    (void)state;
    for (int32_t kind = 0; kind <= EXPCLIP_SMOOTHING_MEDIAN; kind++) {
        expclip_timeline_options o = plain_options(kind);
        expclip_timeline *t, *without;

        o.median_frames = 3;
        t = make(&o, 2);
        without = make(&o, 2);
        for (int i = 0; i < 6; i++) {
            if (i == 2)
                expclip_timeline_add(t, i, failed, 2, NULL);
            else
                add_two(t, i, 0.1 + 0.13 * i);
            if (i != 2)
                add_two(without, i, 0.1 + 0.13 * i);
        }
        assert_int_equal(expclip_timeline_finish(t, 6.0, NULL), EXPCLIP_OK);
        assert_int_equal(expclip_timeline_finish(without, 6.0, NULL),
                         EXPCLIP_OK);
        assert_int_equal(expclip_timeline_count(t), 5);
        for (size_t i = 0; i < 5; i++)
            assert_near(first_of(t, i), first_of(without, i), 0.0);
        expclip_timeline_free(t);
        expclip_timeline_free(without);
    }
}

/* ------------------------------------------------------------------------
 * Segments
 */

/* Probabilities of the first class, a frame every 0.1 s. */
static expclip_timeline *play(const expclip_timeline_options *o,
                              const double *p, int n)
{
    expclip_timeline *t = make(o, 2);

    for (int i = 0; i < n; i++)
        add_two(t, i / 10.0, p[i]);
    assert_int_equal(expclip_timeline_finish(t, n / 10.0, NULL), EXPCLIP_OK);
    return t;
}

static void test_timeline__a_segment_holds_until_it_falls(void **state)
{
    /* enters at 0.2, is not left at 0.41, is at 0.39; the other class then */
    static const double p[] = { 0.5,  0.59, 0.61, 0.9, 0.41,
                                0.45, 0.39, 0.3,  0.5, 0.59 };
    const expclip_timeline_options o = plain_options(EXPCLIP_SMOOTHING_NONE);
    expclip_timeline *t = play(&o, p, 10);

    (void)state;
    assert_int_equal(expclip_timeline_segment_count(t), 2);
    expect_segment(t, 0, 0, 0.2, 0.6, (0.61 + 0.9 + 0.41 + 0.45) / 4);
    expect_segment(t, 1, 1, 0.6, 1.0, (0.61 + 0.7 + 0.5 + 0.41) / 4);
    assert_int_equal(expclip_timeline_segment_class(t, 2), -1);
    assert_near(expclip_timeline_segment_start(t, 2), -1.0, 0.0);
    assert_near(expclip_timeline_segment_end(t, 2), -1.0, 0.0);
    assert_near(expclip_timeline_segment_probability(t, 2), -1.0, 0.0);
    expclip_timeline_free(t);
}

static void test_timeline__short_segments_are_dropped(void **state)
{
    /* 0.1 s, 0.2 s exactly (1.2 - 1.0 in floating point), and to the end */
    static const double p[] = { 0.5, 0.9, 0.5, 0.5, 0.5, 0.5, 0.5,
                                0.5, 0.5, 0.5, 0.8, 0.8, 0.5, 0.9 };
    expclip_timeline_options o = plain_options(EXPCLIP_SMOOTHING_NONE);
    expclip_timeline *t;

    (void)state;
    o.leave = 0.6;
    t = play(&o, p, 14);
    assert_int_equal(expclip_timeline_segment_count(t), 1);
    expect_segment(t, 0, 0, 1.0, 1.2, 0.8);
    expclip_timeline_free(t);
    o.min_seconds = 0.0;
    t = play(&o, p, 14);
    assert_int_equal(expclip_timeline_segment_count(t), 3);
    expect_segment(t, 2, 0, 1.3, 1.4, 0.9);
    expclip_timeline_free(t);
}

/* With low limits both classes may be inside; the larger one takes over, an
 * equal one does not. */
static void test_timeline__another_class_takes_over_when_it_enters(void **state)
{
    static const double p[] = { 0.6, 0.6, 0.5, 0.45, 0.35, 0.35, 0.55 };
    expclip_timeline_options o = plain_options(EXPCLIP_SMOOTHING_NONE);
    expclip_timeline *t;

    (void)state;
    o.enter = 0.5;
    o.leave = 0.1;
    o.min_seconds = 0.0;
    t = play(&o, p, 7);
    assert_int_equal(expclip_timeline_segment_count(t), 3);
    expect_segment(t, 0, 0, 0.0, 0.3, (0.6 + 0.6 + 0.5) / 3);
    expect_segment(t, 1, 1, 0.3, 0.6, (0.55 + 0.65 + 0.65) / 3);
    expect_segment(t, 2, 0, 0.6, 0.7, 0.55);
    expclip_timeline_free(t);
    o.enter = 0.6; /* 0.55 of the other is no entry, and 0.45 no exit */
    t = play(&o, p, 4);
    assert_int_equal(expclip_timeline_segment_count(t), 1);
    expect_segment(t, 0, 0, 0.0, 0.4, (0.6 + 0.6 + 0.5 + 0.45) / 4);
    expclip_timeline_free(t);
}

static void test_timeline__enter_and_leave_may_be_one(void **state)
{
    static const double p[] = { 0.7, 0.7, 0.69, 0.71, 0.2 };
    expclip_timeline_options o = plain_options(EXPCLIP_SMOOTHING_NONE);
    expclip_timeline *t;

    (void)state;
    o.enter = o.leave = 0.695;
    o.min_seconds = 0.0;
    t = play(&o, p, 5);
    assert_int_equal(expclip_timeline_segment_count(t), 3);
    expect_segment(t, 0, 0, 0.0, 0.2, 0.7);
    expect_segment(t, 1, 0, 0.3, 0.4, 0.71);
    expect_segment(t, 2, 1, 0.4, 0.5, 0.8);
    expclip_timeline_free(t);
}

static void test_timeline__one_frame_and_none(void **state)
{
    static const double p[] = { 0.9 };
    expclip_timeline_options o = plain_options(EXPCLIP_SMOOTHING_MEDIAN);
    expclip_timeline *t;

    (void)state;
    o.min_seconds = 0.0;
    t = play(&o, p, 1);
    assert_int_equal(expclip_timeline_count(t), 1);
    assert_near(first_of(t, 0), 0.9, 1e-6);
    assert_int_equal(expclip_timeline_segment_count(t), 1);
    expect_segment(t, 0, 0, 0.0, 0.1, 0.9);
    expclip_timeline_free(t);
    t = play(&o, p, 0);
    assert_int_equal(expclip_timeline_count(t), 0);
    assert_int_equal(expclip_timeline_segment_count(t), 0);
    expclip_timeline_free(t);
}

/* ------------------------------------------------------------------------
 * Memory
 */

static void test_timeline__cleared_it_does_not_grow(void **state)
{
    (void)state;
    for (int32_t kind = 0; kind <= EXPCLIP_SMOOTHING_MEDIAN; kind++) {
        expclip_timeline_options o = plain_options(kind);
        expclip_timeline *t;
        size_t n_segments = 0;

        o.min_seconds = 0.0;
        o.median_frames = 1;
        t = make(&o, 2);
        add_two(t, 0.0, 0.9);
        for (int i = 1; i < 100000; i++) {
            expclip_timeline_clear(t);
            expclip__alloc_fail_after(0, 1); /* no further allocation */
            add_two(t, i * 10.0, i % 2 ? 0.1 : 0.9);
            expclip__alloc_fail_after(-1, 0);
            assert_int_equal(expclip_timeline_count(t), 1);
            n_segments += expclip_timeline_segment_count(t);
        }
        assert_int_equal(n_segments, 99999);
        assert_true(t->rows_capacity <= 16 && t->segments_capacity <= 16);
        expclip_timeline_free(t);
    }
}

static void test_timeline__what_is_kept_may_be_much(void **state)
{
    expclip_timeline *t = make(NULL, 2);

    (void)state;
    for (int i = 0; i < 5000; i++)
        add_two(t, i, i % 2 ? 0.1 : 0.9);
    assert_int_equal(expclip_timeline_count(t), 5000);
    assert_near(expclip_timeline_time(t, 4999), 4999.0, 0.0);
    assert_near(expclip_timeline_time(t, 5000), -1.0, 0.0);
    expclip_timeline_free(t);
}

/* A call that found no memory is repeated, and the end is as if it had. */
static expclip_status retry(expclip_status status, int *n_failed)
{
    *n_failed += status == EXPCLIP_ERROR_MEMORY;
    return status;
}

static void test_timeline__a_call_without_memory_changes_nothing(void **state)
{
    expclip_timeline_options o = plain_options(EXPCLIP_SMOOTHING_MEDIAN);
    const float logits[] = { 1.0f, 0.0f };
    int n_failed = 0;
    expclip_timeline *t;

    (void)state;
    o.median_frames = 99;
    t = make(&o, 2);
    for (int i = 0; i < 60; i++)
        for (int64_t n = 0;; n++) {
            expclip_status status;

            expclip__alloc_fail_after(n, 1);
            status =
                retry(expclip_timeline_add(t, i, logits, 2, NULL), &n_failed);
            expclip__alloc_fail_after(-1, 0);
            if (!status)
                break;
        }
    for (int64_t n = 0;; n++) {
        expclip_status status;

        expclip__alloc_fail_after(n, 1);
        status = retry(expclip_timeline_finish(t, 60.0, NULL), &n_failed);
        expclip__alloc_fail_after(-1, 0);
        if (!status)
            break;
    }
    assert_true(n_failed >= 3);
    assert_int_equal(expclip_timeline_count(t), 60);
    assert_int_equal(expclip_timeline_segment_count(t), 1);
    expect_segment(t, 0, 0, 0.0, 60.0, 1.0 / (1.0 + exp(-1.0)));
    expclip_timeline_free(t);
}

static int32_t run_all(void *data)
{
    const float logits[] = { 1.0f, 0.0f };
    expclip_timeline *t = NULL;
    expclip_status status = expclip_timeline_create(&t, 2, data, NULL);

    for (int i = 0; !status && i < 40; i++)
        status = expclip_timeline_add(t, i, logits, 2, NULL);
    if (!status)
        status = expclip_timeline_finish(t, 40.0, NULL);
    expclip_timeline_free(t);
    return status;
}

static void test_timeline__no_allocation_is_trusted(void **state)
{
    (void)state;
    for (int32_t kind = 0; kind <= EXPCLIP_SMOOTHING_MEDIAN; kind++) {
        expclip_timeline_options o = plain_options(kind);

        sweep_allocations(run_all, &o);
    }
}

/* ------------------------------------------------------------------------
 * Misuse
 */

static void expect_refused(const expclip_timeline_options *o, const char *name)
{
    expclip_timeline *t = NULL;
    expclip_error err;

    assert_int_equal(expclip_timeline_create(&t, 2, o, &err),
                     EXPCLIP_ERROR_ARGUMENT);
    assert_null(t);
    assert_non_null(strstr(err.message, name));
}

static void test_timeline__wrong_options_are_named(void **state)
{
    static const struct {
        const char *name;
        size_t place;
        double value;
    } wrong[] = {
#define PLACE(field) #field, offsetof(expclip_timeline_options, field)
        { PLACE(ema_seconds), 0.0 },   { PLACE(ema_seconds), NAN },
        { PLACE(ema_seconds), -1.0 },  { PLACE(temperature), 0.0 },
        { PLACE(temperature), 1e-60 }, { PLACE(temperature), INFINITY },
        { PLACE(temperature), 1e60 },  { PLACE(enter), 1.1 },
        { PLACE(enter), NAN },         { PLACE(leave), 0.61 },
        { PLACE(leave), -0.1 },        { PLACE(min_seconds), -1.0 },
        { PLACE(min_seconds), NAN },   { PLACE(min_seconds), INFINITY },
#undef PLACE
    };
    expclip_timeline_options o;

    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
        o = plain_options(EXPCLIP_SMOOTHING_EMA);
        memcpy((char *)&o + wrong[i].place, &wrong[i].value, sizeof(double));
        expect_refused(&o, wrong[i].name);
    }
    for (int32_t n = 0; n <= 1001; n += n < 4 ? 2 : 997) {
        o = plain_options(EXPCLIP_SMOOTHING_MEDIAN);
        o.median_frames = n;
        expect_refused(&o, "median_frames");
    }
    o = plain_options(3);
    expect_refused(&o, "smoothing");
    o = plain_options(-1);
    expect_refused(&o, "smoothing");
    o.struct_size++;
    expect_refused(&o, "struct_size");
}

static void test_timeline__init_is_the_macro(void **state)
{
    static const expclip_timeline_options macro = EXPCLIP_TIMELINE_OPTIONS_INIT;
    static expclip_timeline_options function;

    (void)state;
    expclip_timeline_options_init(&function, sizeof(function));
    assert_memory_equal(&macro, &function, sizeof(macro));
    expclip_timeline_options_init(NULL, 0);
}

static void test_timeline__time_does_not_go_back(void **state)
{
    const float logits[] = { 1.0f, 0.0f }, failed[] = { NAN, 0.0f };
    expclip_timeline *t = make(NULL, 2);
    expclip_error err;

    (void)state;
    assert_int_equal(expclip_timeline_add(t, NAN, logits, 2, &err),
                     EXPCLIP_ERROR_ARGUMENT);
    assert_int_equal(expclip_timeline_add(t, 2.0, logits, 2, &err), EXPCLIP_OK);
    assert_int_equal(expclip_timeline_add(t, 1.9, logits, 2, &err),
                     EXPCLIP_ERROR_ARGUMENT);
    assert_non_null(strstr(err.message, "time: 1.9"));
    assert_int_equal(expclip_timeline_add(t, INFINITY, logits, 2, &err),
                     EXPCLIP_ERROR_ARGUMENT);
    assert_int_equal(expclip_timeline_add(t, 3.0, failed, 2, &err), EXPCLIP_OK);
    assert_int_equal(expclip_timeline_add(t, 2.5, logits, 2, &err),
                     EXPCLIP_ERROR_ARGUMENT);
    assert_int_equal(expclip_timeline_finish(t, 2.9, &err),
                     EXPCLIP_ERROR_ARGUMENT);
    assert_int_equal(expclip_timeline_count(t), 1);
    assert_int_equal(expclip_timeline_finish(t, 3.0, &err), EXPCLIP_OK);
    assert_int_equal(expclip_timeline_add(t, 4.0, logits, 2, &err),
                     EXPCLIP_ERROR_STATE);
    assert_int_equal(expclip_timeline_finish(t, 4.0, &err),
                     EXPCLIP_ERROR_STATE);
    expclip_timeline_clear(t);
    assert_int_equal(expclip_timeline_count(t), 0);
    expclip_timeline_free(t);
}

static void test_timeline__misuse_is_an_error(void **state)
{
    const float logits[] = { 1.0f, 0.0f }, endless[] = { INFINITY, 0.0f };
    expclip_timeline *t = NULL;
    float row[2] = { 7.0f, 7.0f };

    (void)state;
    assert_int_equal(expclip_timeline_create(NULL, 2, NULL, NULL),
                     EXPCLIP_ERROR_ARGUMENT);
    assert_int_equal(expclip_timeline_create(&t, 0, NULL, NULL),
                     EXPCLIP_ERROR_ARGUMENT);
    t = make(NULL, 2);
    assert_int_equal(expclip_timeline_add(NULL, 0, logits, 2, NULL),
                     EXPCLIP_ERROR_ARGUMENT);
    assert_int_equal(expclip_timeline_add(t, 0, NULL, 2, NULL),
                     EXPCLIP_ERROR_ARGUMENT);
    assert_int_equal(expclip_timeline_add(t, 0, logits, 1, NULL),
                     EXPCLIP_ERROR_ARGUMENT);
    assert_int_equal(expclip_timeline_add(t, 0, endless, 2, NULL),
                     EXPCLIP_ERROR_ARGUMENT);
    assert_int_equal(expclip_timeline_finish(NULL, 0, NULL),
                     EXPCLIP_ERROR_ARGUMENT);
    assert_int_equal(expclip_timeline_copy(row, 2, t, 0, NULL),
                     EXPCLIP_ERROR_ARGUMENT);
    assert_int_equal(expclip_timeline_add(t, 0, logits, 2, NULL), EXPCLIP_OK);
    assert_int_equal(expclip_timeline_copy(row, 3, t, 0, NULL),
                     EXPCLIP_ERROR_ARGUMENT);
    assert_int_equal(expclip_timeline_copy(NULL, 2, t, 0, NULL),
                     EXPCLIP_ERROR_ARGUMENT);
    assert_int_equal(expclip_timeline_copy(row, 2, NULL, 0, NULL),
                     EXPCLIP_ERROR_ARGUMENT);
    assert_near(row[0], 7.0, 0.0);
    assert_int_equal(expclip_timeline_count(NULL), 0);
    assert_near(expclip_timeline_time(NULL, 0), -1.0, 0.0);
    assert_int_equal(expclip_timeline_segment_count(NULL), 0);
    assert_int_equal(expclip_timeline_segment_class(NULL, 0), -1);
    expclip_timeline_clear(NULL);
    expclip_timeline_free(NULL);
    expclip_timeline_free(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_timeline__without_smoothing_it_is_softmax),
        cmocka_unit_test(test_timeline__ema_goes_by_time),
        cmocka_unit_test(test_timeline__the_median_looks_both_ways),
        cmocka_unit_test(test_timeline__medians_are_those_of_sorted_windows),
        cmocka_unit_test(test_timeline__frames_that_agree_in_nothing_stand),
        cmocka_unit_test(test_timeline__a_failed_frame_is_left_out),
        cmocka_unit_test(test_timeline__a_segment_holds_until_it_falls),
        cmocka_unit_test(test_timeline__short_segments_are_dropped),
        cmocka_unit_test(
            test_timeline__another_class_takes_over_when_it_enters),
        cmocka_unit_test(test_timeline__enter_and_leave_may_be_one),
        cmocka_unit_test(test_timeline__one_frame_and_none),
        cmocka_unit_test(test_timeline__cleared_it_does_not_grow),
        cmocka_unit_test(test_timeline__what_is_kept_may_be_much),
        cmocka_unit_test(test_timeline__a_call_without_memory_changes_nothing),
        cmocka_unit_test(test_timeline__no_allocation_is_trusted),
        cmocka_unit_test(test_timeline__wrong_options_are_named),
        cmocka_unit_test(test_timeline__init_is_the_macro),
        cmocka_unit_test(test_timeline__time_does_not_go_back),
        cmocka_unit_test(test_timeline__misuse_is_an_error),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
