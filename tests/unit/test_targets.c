/* SPDX-License-Identifier: MIT */
/*
 * test_targets.c - targets step by step: the same however the work was
 * interrupted, no image harmed by another, and what a file is refused for.
 */
#include "unit/feature_data.h"

#include "unit/small_teacher.h"

enum { N = 11 };

static const char *const words[] = { "brows raised", "lips lowered", "brows",
                                     "lips raised raised" };

static expclip_teacher *teacher;
static expclip_dataset *data;

/* Images, and a description beside each; several are equal. */
static void write_faces(const char *bad)
{
    char name[32];

    expclip_dataset_free(data);
    data = feature_images(N, bad);
    for (int i = 1; i <= N; i++) {
        snprintf(name, sizeof(name), "%04d.txt", i);
        teacher_write_text(name, words[i * i % 4]);
    }
}

static int begin(teacher_kind kind, void **state)
{
    if (scratch_begin(state))
        return -1;
    data = NULL;
    teacher_write(kind);
    teacher = teacher_load(NULL);
    write_faces(NULL);
    return 0;
}

static int begin_images(void **state)
{
    return begin(SMALL_BLIP2, state);
}

static int begin_texts(void **state)
{
    return begin(SMALL_BERT, state);
}

static int begin_t5(void **state)
{
    return begin(SMALL_T5, state);
}

static int end(void **state)
{
    expclip_teacher_free(teacher);
    expclip_dataset_free(data);
    return scratch_end(state);
}

#define STILLS_TEST(f) cmocka_unit_test_setup_teardown(f, begin_images, end)
#define TEXTS_TEST(f) cmocka_unit_test_setup_teardown(f, begin_texts, end)
#define T5_TEST(f) cmocka_unit_test_setup_teardown(f, begin_t5, end)

static expclip_status try_open(expclip_rows **t, const char *name,
                               expclip_error *err)
{
    return expclip_rows_create_targets(t, teacher, data, scratch_path(name),
                                       err);
}

static expclip_rows *open_targets(const char *name)
{
    expclip_rows *t = NULL;
    expclip_error err = { 0 };

    if (try_open(&t, name, &err))
        fail_msg("%s", err.message);
    return t;
}

static void finish(expclip_rows *t)
{
    expclip_error err = { 0 };

    while (expclip_rows_done_count(t) < N)
        if (expclip_rows_step(t, NULL, &err))
            fail_msg("%s", err.message);
}

/* All of it in one go: the file, and its bytes for free(). */
static uint8_t *whole(const char *name, size_t *size)
{
    expclip_rows *t = open_targets(name);

    finish(t);
    expclip_rows_free(t);
    return scratch_read(scratch_path(name), size);
}

static void expect_file(const char *name, const uint8_t *bytes, size_t size)
{
    size_t found;
    uint8_t *other = scratch_read(scratch_path(name), &found);

    assert_int_equal(found, size);
    assert_memory_equal(other, bytes, size);
    free(other);
}

/* ---- rows ---- */

static void expect_unit_rows(const expclip_rows *t)
{
    float row[TEACHER_DIM];

    for (size_t i = 0; i < N; i++) {
        double sum = 0.0;

        assert_int_equal(expclip_rows_copy(row, TEACHER_DIM, t, i, NULL), 0);
        for (size_t j = 0; j < TEACHER_DIM; j++)
            sum += (double)row[j] * (double)row[j];
        assert_float_equal(sum, 1.0, 1e-6);
    }
}

static void test_targets__have_unit_length(void **state)
{
    expclip_rows *t = open_targets("t");

    (void)state;
    finish(t);
    expect_unit_rows(t);
    assert_int_equal(expclip_rows_failed_count(t), 0);
    expclip_rows_free(t);
}

static void test_targets__a_damaged_image_harms_no_other(void **state)
{
    expclip_rows *good = open_targets("good"), *t;
    float a[TEACHER_DIM], b[TEACHER_DIM];

    (void)state;
    finish(good);
    write_faces("0006.bmp");
    t = open_targets("t");
    finish(t);
    assert_int_equal(expclip_rows_failed_count(t), 1);
    assert_int_not_equal(expclip_rows_status(t, 5), EXPCLIP_OK);
    assert_true(*expclip_rows_message(t, 5));
    assert_null(strstr(expclip_rows_message(t, 5), scratch_folder));
    for (size_t i = 0; i < N; i++) {
        const expclip_status status =
            expclip_rows_copy(a, TEACHER_DIM, t, i, NULL);

        assert_int_equal(status, expclip_rows_status(t, i));
        if (i == 5)
            continue;
        assert_int_equal(status, EXPCLIP_OK);
        expclip_rows_copy(b, TEACHER_DIM, good, i, NULL);
        for (size_t j = 0; j < TEACHER_DIM; j++)
            assert_float_equal(a[j], b[j], 1e-6);
    }
    expclip_rows_free(good);
    expclip_rows_free(t);
}

static void test_targets__all_images_may_fail(void **state)
{
    char name[32];
    expclip_rows *t;

    (void)state;
    for (int i = 1; i <= N; i++) {
        snprintf(name, sizeof(name), "%04d.bmp", i);
        teacher_write_text(name, "BM");
    }
    t = open_targets("t");
    finish(t);
    assert_int_equal(expclip_rows_failed_count(t), N);
    expclip_rows_free(t);
}

static void test_targets__a_missing_description_harms_no_other(void **state)
{
    expclip_rows *t;

    (void)state;
    unlink(scratch_path("0004.txt"));
    teacher_write_text("0007.txt", " \n");
    t = open_targets("t");
    finish(t);
    assert_int_equal(expclip_rows_failed_count(t), 2);
    assert_int_equal(expclip_rows_status(t, 3), EXPCLIP_ERROR_NOT_FOUND);
    assert_int_not_equal(expclip_rows_status(t, 6), EXPCLIP_OK);
    assert_int_equal(expclip_rows_status(t, 7), EXPCLIP_OK);
    expclip_rows_free(t);
}

static void test_targets__a_text_has_a_longest_length(void **state)
{
    expclip_rows *t;

    (void)state;
    teacher_write_text("0002.txt",
                       "brows brows brows brows brows brows brows brows brows "
                       "brows brows brows brows brows brows");
    t = open_targets("t");
    finish(t);
    assert_int_equal(expclip_rows_failed_count(t), 1);
    assert_int_equal(expclip_rows_status(t, 1), EXPCLIP_ERROR_LIMIT);
    assert_non_null(
        strstr(expclip_rows_message(t, 1), "17 tokens, expected at most 16"));
    expclip_rows_free(t);
}

static void test_targets__equal_texts_have_equal_rows(void **state)
{
    expclip_rows *t = open_targets("t");
    float a[TEACHER_DIM], b[TEACHER_DIM];

    (void)state;
    finish(t);
    expclip_rows_copy(a, TEACHER_DIM, t, 1, NULL); /* 2 * 2 % 4 */
    expclip_rows_copy(b, TEACHER_DIM, t, 3, NULL); /* 4 * 4 % 4 */
    assert_memory_equal(a, b, sizeof(a));
    expclip_rows_copy(b, TEACHER_DIM, t, 0, NULL);
    assert_memory_not_equal(a, b, sizeof(a));
    expclip_rows_free(t);
}

/* They are a teacher's: no model can go on with them. */
static void test_targets__have_no_scores(void **state)
{
    expclip_rows *t = open_targets("t");
    expclip_prompts *prompts = NULL;
    expclip_classes *classes = NULL;
    expclip_model *model;
    float out[N * SMALL_HEAD];
    expclip_error err;

    (void)state;
    finish(t);
    assert_int_equal(feature_model_write(), 0);
    model = feature_model(feature_model_path, "auto");
    unlink(feature_model_path);
    assert_int_equal(
        expclip_rows_embed(out, N * SMALL_HEAD, t, model, NULL, &err),
        EXPCLIP_ERROR_ARGUMENT);
    assert_non_null(strstr(err.message, "rows: targets of a teacher"));
    assert_int_equal(expclip_prompts_builtin(&prompts, "type1", 7, NULL), 0);
    assert_int_equal(
        expclip_classes_create(&classes, model, prompts, NULL, NULL, NULL), 0);
    assert_int_equal(expclip_rows_score(out, N * 7, t, model, classes, &err),
                     EXPCLIP_ERROR_ARGUMENT);
    assert_non_null(strstr(err.message, "rows: targets of a teacher"));
    expclip_classes_free(classes);
    expclip_prompts_free(prompts);
    expclip_model_free(model);
    expclip_rows_free(t);
}

/* ---- interrupted ---- */

static void test_targets__a_cut_file_gives_the_same_bytes(void **state)
{
    size_t size;
    uint8_t *bytes = whole("whole", &size);

    (void)state;
    for (size_t cut = 16; cut <= size; cut += 149) {
        expclip_rows *t;

        scratch_write("part", bytes, cut);
        t = open_targets("part");
        finish(t);
        expclip_rows_free(t);
        expect_file("part", bytes, size);
    }
    free(bytes);
}

static void test_targets__cancelled_it_goes_on(void **state)
{
    size_t size;
    uint8_t *bytes = whole("whole", &size);
    expclip_cancel *cancel = NULL;
    expclip_rows *t = open_targets("part");

    (void)state;
    assert_int_equal(expclip_cancel_create(&cancel, NULL), EXPCLIP_OK);
    assert_int_equal(expclip_rows_step(t, cancel, NULL), EXPCLIP_OK);
    expclip_cancel_request(cancel);
    assert_int_equal(expclip_rows_step(t, cancel, NULL),
                     EXPCLIP_ERROR_CANCELLED);
    assert_true(expclip_rows_done_count(t) > 0);
    expclip_cancel_reset(cancel);
    finish(t);
    expclip_cancel_free(cancel);
    expclip_rows_free(t);
    expect_file("part", bytes, size);
    free(bytes);
}

static void test_targets__a_full_disk_loses_nothing(void **state)
{
    size_t size;
    uint8_t *bytes = whole("whole", &size);

    (void)state;
    for (size_t room = 4096; room < size; room += 211) {
        expclip_error err = { 0 };
        expclip_status status = EXPCLIP_OK;
        expclip_rows *t;

        unlink(scratch_path("part"));
        limit_files(room);
        t = open_targets("part");
        while (!status)
            status = expclip_rows_step(t, NULL, &err);
        assert_int_equal(status, EXPCLIP_ERROR_IO);
        assert_non_null(strstr(err.message, strerror(EFBIG)));
        limit_files(RLIM_INFINITY);
        finish(t); /* there is room again */
        expclip_rows_free(t);
        expect_file("part", bytes, size);
    }
    free(bytes);
}

/* ---- refused ---- */

static void expect_refused(const char *message)
{
    expclip_rows *t = NULL;
    expclip_error err = { 0 };

    assert_int_equal(try_open(&t, "t", &err), EXPCLIP_ERROR_STATE);
    assert_null(t);
    if (!strstr(err.message, message))
        fail_msg("\"%s\", expected \"%s\"", err.message, message);
}

static void test_targets__a_file_is_of_its_teacher_and_images(void **state)
{
    expclip_teacher_options o = EXPCLIP_TEACHER_OPTIONS_INIT;
    expclip_teacher *first = teacher;
    size_t size;

    (void)state;
    free(whole("t", &size));
    o.instruction = "another";
    teacher = teacher_load(&o);
    expect_refused("teacher: ");
    expclip_teacher_free(teacher);
    teacher = first;
    teacher_write_text("0003.bmp", "BM");
    expect_refused("sizes of its files: ");
    expclip_dataset_free(data);
    data = feature_images(N - 1, NULL);
    expect_refused("data set: ");
}

static void test_targets__a_file_is_of_its_descriptions(void **state)
{
    size_t size;

    (void)state;
    free(whole("t", &size));
    teacher_write_text("0003.bmp", "BM"); /* nobody looks at it */
    expclip_rows_free(open_targets("t"));
    teacher_write_text("0003.txt", "lips");
    expect_refused("descriptions: ");
}

static void test_targets__a_file_is_open_once(void **state)
{
    expclip_rows *t = open_targets("t");

    (void)state;
    expect_refused("in use");
    expclip_rows_free(t);
    expclip_rows_free(open_targets("t"));
}

static void test_targets__clips_are_refused(void **state)
{
    (void)state;
    expclip_dataset_free(data);
    mkdir(scratch_path("clip"), 0700);
    data = feature_list("clip 3 0\n");
    expect_refused("a clip, expected images only");
    rmdir(scratch_path("clip"));
}

static void test_targets__wrong_arguments_are_refused(void **state)
{
    expclip_rows *t = open_targets("t"), *none = NULL;
    float row[TEACHER_DIM];

    (void)state;
    assert_int_equal(expclip_rows_copy(row, TEACHER_DIM, t, 0, NULL),
                     EXPCLIP_ERROR_STATE); /* not done */
    assert_int_equal(expclip_rows_status(t, 0), EXPCLIP_ERROR_STATE);
    finish(t);
    assert_int_equal(expclip_rows_copy(row, TEACHER_DIM - 1, t, 0, NULL),
                     EXPCLIP_ERROR_ARGUMENT);
    assert_int_equal(expclip_rows_copy(row, TEACHER_DIM, t, N, NULL),
                     EXPCLIP_ERROR_ARGUMENT);
    assert_int_equal(expclip_rows_create_targets(&none, NULL, data, "x", NULL),
                     EXPCLIP_ERROR_ARGUMENT);
    assert_int_equal(
        expclip_rows_create_targets(&none, teacher, NULL, "x", NULL),
        EXPCLIP_ERROR_ARGUMENT);
    assert_null(none);
    expclip_rows_free(t);
}

static int32_t compute_all(void *name)
{
    expclip_rows *t = NULL;
    expclip_status status;

    unlink(scratch_path(name));
    status = try_open(&t, name, NULL);
    while (!status && expclip_rows_done_count(t) < N)
        status = expclip_rows_step(t, NULL, NULL);
    /* An image or text that had no memory may not pass for a bad one. */
    if (!status)
        assert_int_equal(expclip_rows_failed_count(t), 0);
    expclip_rows_free(t);
    return status;
}

static void test_targets__survive_any_failed_allocation(void **state)
{
    char name[] = "t";

    (void)state;
    sweep_allocations(compute_all, name);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STILLS_TEST(test_targets__have_unit_length),
        TEXTS_TEST(test_targets__have_unit_length),
        T5_TEST(test_targets__have_unit_length),
        STILLS_TEST(test_targets__a_damaged_image_harms_no_other),
        STILLS_TEST(test_targets__all_images_may_fail),
        TEXTS_TEST(test_targets__a_missing_description_harms_no_other),
        TEXTS_TEST(test_targets__a_text_has_a_longest_length),
        TEXTS_TEST(test_targets__equal_texts_have_equal_rows),
        TEXTS_TEST(test_targets__have_no_scores),
        STILLS_TEST(test_targets__a_cut_file_gives_the_same_bytes),
        TEXTS_TEST(test_targets__a_cut_file_gives_the_same_bytes),
        STILLS_TEST(test_targets__cancelled_it_goes_on),
        STILLS_TEST(test_targets__a_full_disk_loses_nothing),
        TEXTS_TEST(test_targets__a_full_disk_loses_nothing),
        STILLS_TEST(test_targets__a_file_is_of_its_teacher_and_images),
        TEXTS_TEST(test_targets__a_file_is_of_its_descriptions),
        STILLS_TEST(test_targets__a_file_is_open_once),
        STILLS_TEST(test_targets__clips_are_refused),
        STILLS_TEST(test_targets__wrong_arguments_are_refused),
        STILLS_TEST(test_targets__survive_any_failed_allocation),
        TEXTS_TEST(test_targets__survive_any_failed_allocation),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
