/* SPDX-License-Identifier: MIT */
/*
 * test_feature_scores.c - scores from features are those of the projected
 * embeddings, for any head of the same encoder and any classes.
 */
#include "unit/feature_data.h"

#include "expression/model.h"

#define N 23
#define BATCH 4
#define N_CLASSES 7
#define FAILED 5 /* index of the item that is no image */

static expclip_model *model, *headless, *other_head;
static char other_path[] = "/tmp/expclip-test-head-XXXXXX";
static expclip_rows *features;
static expclip_dataset *data;

static expclip_classes *make_classes(const expclip_model *m, const char *set,
                                     int32_t pooling)
{
    expclip_classes_options o = EXPCLIP_CLASSES_OPTIONS_INIT;
    expclip_prompts *prompts = NULL;
    expclip_classes *classes = NULL;

    o.pooling = pooling;
    assert_int_equal(expclip_prompts_builtin(&prompts, set, N_CLASSES, NULL),
                     EXPCLIP_OK);
    assert_int_equal(
        expclip_classes_create(&classes, m, prompts, &o, NULL, NULL),
        EXPCLIP_OK);
    expclip_prompts_free(prompts);
    return classes;
}

/* Against the plain way: every row through the head, then the cosines. */
static void expect_scores(const expclip_model *m, const char *set,
                          int32_t pooling)
{
    const size_t dim = (size_t)expclip_model_projected_dim(m);
    expclip_classes *classes = make_classes(m, set, pooling);
    float logits[N * N_CLASSES], expected[N_CLASSES];
    float *rows = malloc(N * dim * sizeof(*rows));

    assert_int_equal(expclip_rows_embed(rows, N * dim, features, m, NULL, NULL),
                     EXPCLIP_OK);
    assert_int_equal(
        expclip_rows_score(logits, N * N_CLASSES, features, m, classes, NULL),
        EXPCLIP_OK);
    for (size_t i = 0; i < N; i++) {
        if (i != FAILED)
            assert_int_equal(expclip_classes_score_embeddings(
                                 expected, N_CLASSES, classes, rows + i * dim,
                                 dim, expclip_model_fingerprint(m), NULL),
                             EXPCLIP_OK);
        for (size_t c = 0; c < N_CLASSES; c++)
            if (i == FAILED)
                assert_true(isnan(logits[i * N_CLASSES + c]));
            else
                assert_float_equal(logits[i * N_CLASSES + c], expected[c],
                                   1e-5f);
    }
    free(rows);
    expclip_classes_free(classes);
}

static void test_feature_scores__they_are_those_of_the_embeddings(void **state)
{
    (void)state;
    expect_scores(model, "type1", EXPCLIP_POOLING_LOGITS);
    expect_scores(model, "type5", EXPCLIP_POOLING_LOGITS);
    expect_scores(model, "type4", EXPCLIP_POOLING_EMBEDDINGS);
}

/* The lengths of one head are not those of another. */
static void test_feature_scores__every_head_of_the_encoder_is_served(void **s)
{
    (void)s;
    assert_string_equal(expclip_model_encoder_fingerprint(headless),
                        expclip_model_encoder_fingerprint(model));
    assert_string_equal(expclip_model_encoder_fingerprint(other_head),
                        expclip_model_encoder_fingerprint(model));
    assert_string_not_equal(expclip_model_fingerprint(other_head),
                            expclip_model_fingerprint(model));
    for (int i = 0; i < 2; i++) {
        expect_scores(headless, "type4", EXPCLIP_POOLING_LOGITS);
        expect_scores(model, "type3", EXPCLIP_POOLING_LOGITS);
        expect_scores(other_head, "type3", EXPCLIP_POOLING_LOGITS);
    }
}

static void test_feature_scores__rows_of_failed_items_are_nan(void **state)
{
    const size_t dim = SMALL_HEAD;
    float rows[N * SMALL_HEAD];

    (void)state;
    assert_int_equal(
        expclip_rows_embed(rows, N * dim, features, model, NULL, NULL),
        EXPCLIP_OK);
    for (size_t i = 0; i < N; i++) {
        double sum = 0.0;

        for (size_t j = 0; j < dim; j++)
            sum += (double)rows[i * dim + j] * (double)rows[i * dim + j];
        if (i == FAILED)
            assert_true(isnan(rows[i * dim]) && isnan(rows[i * dim + dim - 1]));
        else
            assert_float_equal(sum, 1.0, 1e-5);
    }
}

/* There is something to score even when nothing could be read. */
static void test_feature_scores__without_a_good_item_all_is_nan(void **state)
{
    expclip_classes *classes = make_classes(model, "type1", 0);
    expclip_dataset *none = feature_list("a.bmp 0 0\nb.bmp 0 1\n");
    expclip_rows *f = feature_create(model, none, "", BATCH);
    float logits[2 * N_CLASSES], rows[2 * SMALL_HEAD];

    (void)state;
    feature_finish(f, 2);
    assert_int_equal(expclip_rows_failed_count(f), 2);
    assert_int_equal(
        expclip_rows_score(logits, 2 * N_CLASSES, f, model, classes, NULL),
        EXPCLIP_OK);
    assert_int_equal(
        expclip_rows_embed(rows, 2 * SMALL_HEAD, f, model, NULL, NULL),
        EXPCLIP_OK);
    assert_true(isnan(logits[0]) && isnan(logits[2 * N_CLASSES - 1]));
    assert_true(isnan(rows[0]) && isnan(rows[2 * SMALL_HEAD - 1]));
    expclip_rows_free(f);
    expclip_dataset_free(none);
    expclip_classes_free(classes);
}

static void test_feature_scores__another_encoder_is_refused(void **state)
{
    expclip_load_options o = EXPCLIP_LOAD_OPTIONS_INIT;
    expclip_model *m = NULL;
    expclip_classes *classes;
    float logits[N * N_CLASSES];
    float rows[N * SMALL_HEAD];
    expclip_error err;

    (void)state;
    o.preprocess = "clip";
    assert_int_equal(expclip_model_load(&m, feature_model_path, &o, NULL),
                     EXPCLIP_OK);
    classes = make_classes(m, "type1", 0);
    assert_int_equal(
        expclip_rows_score(logits, N * N_CLASSES, features, m, classes, &err),
        EXPCLIP_ERROR_STATE);
    assert_non_null(strstr(err.message, expclip_model_encoder_fingerprint(m)));
    assert_non_null(
        strstr(err.message, expclip_model_encoder_fingerprint(model)));
    assert_int_equal(
        expclip_rows_embed(rows, N * SMALL_HEAD, features, m, NULL, NULL),
        EXPCLIP_ERROR_STATE);
    /* Classes of another head, too. */
    assert_int_equal(expclip_rows_score(logits, N * N_CLASSES, features, model,
                                        classes, &err),
                     EXPCLIP_ERROR_STATE);
    assert_memory_equal(err.message, "classes: ", 9);
    expclip_classes_free(classes);
    expclip_model_free(m);
}

static void test_feature_scores__a_head_that_gives_nothing_is_an_error(void **s)
{
    static const float zeros[SMALL_HEAD * SMALL_DIM];
    const int64_t shape[] = { SMALL_HEAD, SMALL_DIM };
    expclip__tensors_writer *w = NULL;
    expclip_classes *classes = make_classes(model, "type1", 0);
    expclip_model *m;
    float logits[N * N_CLASSES];
    expclip_error err;

    (void)s;
    assert_int_equal(expclip__tensors_create(&w, scratch_path("zero"), NULL),
                     EXPCLIP_OK);
    assert_int_equal(expclip__tensors_describe(w, "mlp.weight", EXPCLIP__F32, 2,
                                               shape, NULL),
                     EXPCLIP_OK);
    assert_int_equal(
        expclip__tensors_write_f32(w, zeros, SMALL_HEAD * SMALL_DIM, NULL),
        EXPCLIP_OK);
    assert_int_equal(expclip__tensors_commit(w, NULL), EXPCLIP_OK);
    expclip__tensors_free(w);
    m = feature_model(feature_model_path, scratch_path("zero"));
    /* Its own classes cannot be made, so these only say they are its. */
    strcpy(m->fingerprint, model->fingerprint);
    assert_int_equal(
        expclip_rows_score(logits, N * N_CLASSES, features, m, classes, &err),
        EXPCLIP_ERROR_NONFINITE);
    expclip_model_free(m);
    expclip_classes_free(classes);
    expect_scores(model, "type1", EXPCLIP_POOLING_LOGITS);
}

static void test_feature_scores__wrong_arguments_are_refused(void **state)
{
    expclip_classes *classes = make_classes(model, "type1", 0);
    expclip_rows *undone = feature_create(model, data, "", BATCH);
    float logits[N * N_CLASSES + 1];
    const size_t n = N * N_CLASSES;
    expclip_error err;

    (void)state;
    const expclip_status statuses[] = {
        expclip_rows_embed(logits, 1, features, model, NULL, NULL),
        expclip_rows_score(NULL, n, features, model, classes, NULL),
        expclip_rows_score(logits, n + 1, features, model, classes, NULL),
        expclip_rows_score(logits, n, NULL, model, classes, NULL),
        expclip_rows_score(logits, n, features, NULL, classes, NULL),
        expclip_rows_score(logits, n, features, model, NULL, NULL),
    };
    for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++)
        assert_int_equal(statuses[i], EXPCLIP_ERROR_ARGUMENT);
    assert_int_equal(
        expclip_rows_score(logits, n, undone, model, classes, &err),
        EXPCLIP_ERROR_STATE);
    assert_string_equal(err.message, "features: 0 of 23 items are done");
    expclip_rows_free(undone);
    expclip_classes_free(classes);
}

/* Both heads in turn, so that nothing is at hand. */
static int32_t score_both(void *classes)
{
    expclip_classes *const *both = classes;
    float logits[N * N_CLASSES], rows[N * SMALL_HEAD];
    expclip_status status;

    if ((status = expclip_rows_score(logits, N * N_CLASSES, features, model,
                                     both[0], NULL)) ||
        (status = expclip_rows_score(logits, N * N_CLASSES, features, headless,
                                     both[1], NULL)))
        return status;
    return expclip_rows_embed(rows, N * SMALL_HEAD, features, model, NULL,
                              NULL);
}

static void test_feature_scores__out_of_memory_is_an_error(void **state)
{
    expclip_classes *both[] = { make_classes(model, "type1", 0),
                                make_classes(headless, "type1", 0) };

    (void)state;
    sweep_allocations(score_both, both);
    expclip_classes_free(both[0]);
    expclip_classes_free(both[1]);
    expect_scores(model, "type1", EXPCLIP_POOLING_LOGITS);
}

/* ---- what all tests use ---- */

/* The same encoder; the head of the other is scaled, row by row. */
static int write_other_head(void)
{
    const int64_t shape[] = { SMALL_HEAD + 3, SMALL_DIM };
    float values[(SMALL_HEAD + 3) * SMALL_DIM];
    expclip__tensors_writer *w = NULL;
    const int fd = mkstemp(other_path);
    uint32_t random = 99;

    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
        values[i] = small_random(&random);
    if (fd < 0 || close(fd) || expclip__tensors_create(&w, other_path, NULL) ||
        expclip__tensors_describe(w, "mlp.weight", EXPCLIP__F32, 2, shape,
                                  NULL) ||
        expclip__tensors_write_f32(w, values, sizeof(values) / sizeof(*values),
                                   NULL) ||
        expclip__tensors_commit(w, NULL))
        return -1;
    expclip__tensors_free(w);
    return 0;
}

static int load(void **state)
{
    char bad[16];

    if (feature_model_write() || write_other_head() || scratch_begin(state))
        return -1;
    model = feature_model(feature_model_path, "auto");
    headless = feature_model(feature_model_path, "none");
    other_head = feature_model(feature_model_path, other_path);
    snprintf(bad, sizeof(bad), "%04d.bmp", FAILED + 1);
    data = feature_images(N, bad);
    features = feature_create(model, data, "", BATCH);
    feature_finish(features, N);
    return scratch_end(state);
}

static int unload(void **state)
{
    (void)state;
    expclip_rows_free(features);
    expclip_dataset_free(data);
    expclip_model_free(model);
    expclip_model_free(headless);
    expclip_model_free(other_head);
    return unlink(other_path) | unlink(feature_model_path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_feature_scores__they_are_those_of_the_embeddings),
        cmocka_unit_test(
            test_feature_scores__every_head_of_the_encoder_is_served),
        cmocka_unit_test(test_feature_scores__rows_of_failed_items_are_nan),
        SCRATCH_TEST(test_feature_scores__without_a_good_item_all_is_nan),
        cmocka_unit_test(test_feature_scores__another_encoder_is_refused),
        SCRATCH_TEST(
            test_feature_scores__a_head_that_gives_nothing_is_an_error),
        cmocka_unit_test(test_feature_scores__wrong_arguments_are_refused),
        cmocka_unit_test(test_feature_scores__out_of_memory_is_an_error),
    };

    return cmocka_run_group_tests(tests, load, unload);
}
