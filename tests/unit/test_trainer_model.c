/* SPDX-License-Identifier: MIT */
/*
 * test_trainer_model.c - the model of a trainer is the one that loads its saved
 * head, without loading anything.
 */
#include "unit/feature_data.h"

#include <expclip_train.h>
#include <pthread.h>

#include "unit/matrix_files.h"

enum { N = 12, D = SMALL_HEAD };

static expclip_dataset *data;
static char rows[512], targets[512];

/* Features of the small model, in a file as `expclip features` leaves it. */
static void write_features(const char *head)
{
    expclip_model *model = feature_model(feature_model_path, head);
    expclip_features_options o = EXPCLIP_FEATURES_OPTIONS_INIT;
    expclip_rows *f = NULL;

    o.cache = rows;
    assert_int_equal(expclip_rows_create_features(&f, model, data, &o, NULL),
                     EXPCLIP_OK);
    feature_finish(f, N);
    expclip_rows_free(f);
    expclip_model_free(model);
}

static int begin(void **state)
{
    if (scratch_begin(state))
        return -1;
    data = feature_images(N, NULL);
    strcpy(rows, scratch_path("rows"));
    strcpy(targets, write_matrix("t.npy", N, D, 2));
    write_features("none");
    return 0;
}

static int end(void **state)
{
    expclip_dataset_free(data);
    return scratch_end(state);
}

#define MODEL_TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

static expclip_trainer *create(const char *features)
{
    expclip_trainer_options o = EXPCLIP_TRAINER_OPTIONS_INIT;
    expclip_trainer *t = NULL;
    expclip_error err = { 0 };

    o.batch = 4;
    o.threads = 1;
    if (expclip_trainer_create(&t, features, targets, &o, &err))
        fail_msg("%s", err.message);
    return t;
}

static void embed(float out[D], const expclip_model *model)
{
    static const char *const texts[] = { "a face" };

    assert_int_equal(expclip_model_embed_texts(out, D, NULL, 0, model, texts, 1,
                                               NULL, NULL, NULL),
                     EXPCLIP_OK);
}

static void test_trainer_model__it_is_the_one_of_the_saved_head(void **state)
{
    expclip_trainer *t = create(rows);
    expclip_model *plain = feature_model(feature_model_path, "none");
    expclip_model *made = NULL, *loaded;
    float a[D], b[D];

    (void)state;
    assert_int_equal(expclip_trainer_step(t, NULL, NULL), EXPCLIP_OK);
    assert_int_equal(expclip_trainer_model(&made, t, plain, NULL), EXPCLIP_OK);
    assert_int_equal(
        expclip_trainer_save_head(t, scratch_path("head.safetensors"), NULL),
        EXPCLIP_OK);
    loaded =
        feature_model(feature_model_path, scratch_path("head.safetensors"));
    assert_string_equal(expclip_model_fingerprint(made),
                        expclip_model_fingerprint(loaded));
    assert_string_equal(expclip_model_encoder_fingerprint(made),
                        expclip_model_encoder_fingerprint(plain));
    assert_int_equal(expclip_model_projected_dim(made), D);
    embed(a, made);
    embed(b, loaded);
    assert_memory_equal(a, b, sizeof(a));
    expclip_model_free(plain);
    expclip_model_free(made);
    expclip_model_free(loaded);
    expclip_trainer_free(t);
}

static void test_trainer_model__it_lives_without_its_parents(void **state)
{
    expclip_trainer *t = create(rows);
    expclip_model *plain = feature_model(feature_model_path, "none");
    expclip_model *first = NULL, *second = NULL;
    float a[D], b[D];

    (void)state;
    assert_int_equal(expclip_trainer_model(&first, t, plain, NULL), EXPCLIP_OK);
    expclip_model_free(plain);
    assert_int_equal(expclip_trainer_step(t, NULL, NULL), EXPCLIP_OK);
    assert_int_equal(expclip_trainer_model(&second, t, first, NULL),
                     EXPCLIP_OK);
    expclip_trainer_free(t);
    assert_string_not_equal(expclip_model_fingerprint(first),
                            expclip_model_fingerprint(second));
    embed(a, first);
    expclip_model_free(first);
    embed(b, second);
    assert_memory_not_equal(a, b, sizeof(a));
    expclip_model_free(second);
}

static void
test_trainer_model__features_of_another_encoder_are_refused(void **state)
{
    expclip_trainer *t = create(rows);
    expclip_load_options o = EXPCLIP_LOAD_OPTIONS_INIT;
    expclip_model *other = NULL, *made = NULL;
    expclip_error err = { 0 };

    (void)state;
    o.preprocess = "clip"; /* other pixels are another encoder */
    o.threads = 1;
    assert_int_equal(expclip_model_load(&other, feature_model_path, &o, &err),
                     EXPCLIP_OK);
    assert_int_equal(expclip_trainer_model(&made, t, other, &err),
                     EXPCLIP_ERROR_STATE);
    assert_non_null(strstr(err.message, "expected that of the features"));
    assert_null(made);
    expclip_trainer_free(t);
    /* A matrix does not say whose it is, but its width may. */
    t = create(write_matrix("f.npy", N, SMALL_DIM + 1, 1));
    assert_int_equal(expclip_trainer_model(&made, t, other, &err),
                     EXPCLIP_ERROR_SHAPE);
    expclip_trainer_free(t);
    t = create(write_matrix("f.npy", N, SMALL_DIM, 1));
    assert_int_equal(expclip_trainer_model(&made, t, other, &err), EXPCLIP_OK);
    expclip_model_free(made);
    expclip_trainer_free(t);
    expclip_model_free(other);
}

typedef struct shared {
    expclip_trainer *trainer;
    expclip_model *model;
} shared;

static void *use_model(void *argument)
{
    const shared *s = argument;

    for (int i = 0; i < 200; i++) {
        expclip_batch *batch = NULL; /* keeps the model alive */

        if (expclip_batch_create(&batch, s->model, NULL))
            return argument;
        expclip_batch_free(batch);
    }
    return NULL;
}

static void test_trainer_model__others_may_use_the_model_meanwhile(void **state)
{
    shared s = { create(rows), feature_model(feature_model_path, "none") };
    pthread_t thread;
    void *failed;

    (void)state;
    assert_int_equal(pthread_create(&thread, NULL, use_model, &s), 0);
    for (int i = 0; i < 50; i++) {
        expclip_model *made = NULL;

        assert_int_equal(expclip_trainer_model(&made, s.trainer, s.model, NULL),
                         EXPCLIP_OK);
        expclip_model_free(made);
    }
    assert_int_equal(pthread_join(thread, &failed), 0);
    assert_null(failed);
    expclip_model_free(s.model);
    expclip_trainer_free(s.trainer);
}

static int32_t make_one(void *argument)
{
    const shared *s = argument;
    expclip_model *made = NULL;
    const expclip_status status =
        expclip_trainer_model(&made, s->trainer, s->model, NULL);

    expclip_model_free(made);
    return status;
}

static void test_trainer_model__survives_any_failed_allocation(void **state)
{
    shared s = { create(rows), feature_model(feature_model_path, "none") };

    (void)state;
    sweep_allocations(make_one, &s);
    expclip_model_free(s.model);
    expclip_trainer_free(s.trainer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        MODEL_TEST(test_trainer_model__it_is_the_one_of_the_saved_head),
        MODEL_TEST(test_trainer_model__it_lives_without_its_parents),
        MODEL_TEST(test_trainer_model__features_of_another_encoder_are_refused),
        MODEL_TEST(test_trainer_model__others_may_use_the_model_meanwhile),
        MODEL_TEST(test_trainer_model__survives_any_failed_allocation),
    };
    int failed;

    if (feature_model_write())
        return 1;
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    unlink(feature_model_path);
    return failed;
}
