/* SPDX-License-Identifier: MIT */
/*
 * test_features.c - embeddings of datasets, done once: the numbers of the
 * functions for single images and clips, and what a cache file is refused for.
 */
#include "unit/mixed_data.h"

/* ---- rows ---- */

static void test_features__rows_are_those_of_single_items(void **state)
{
    static const int32_t batches[] = { 1, 2, 4, 16, 4096 };

    (void)state;
    for (size_t i = 0; i < sizeof(batches) / sizeof(batches[0]); i++) {
        expclip_rows *f = done(mixed, batches[i]);

        assert_are_mixed(f);
        expclip_rows_free(f);
    }
}

static void test_features__a_step_is_a_batch_or_a_clip(void **state)
{
    static const size_t borders[] = { 3, 4, 8, 11, 12, 13 };
    expclip_rows *f = create(mixed, "", 4);

    (void)state;
    for (size_t i = 0; i < sizeof(borders) / sizeof(borders[0]); i++) {
        assert_int_equal(expclip_rows_status(f, borders[i] - 1),
                         EXPCLIP_ERROR_STATE);
        assert_int_equal(expclip_rows_step(f, NULL, NULL), 0);
        assert_int_equal(expclip_rows_done_count(f), borders[i]);
    }
    assert_int_equal(expclip_rows_step(f, NULL, NULL), 0);
    assert_int_equal(expclip_rows_done_count(f), N_ITEMS);
    expclip_rows_free(f);
}

static void test_features__a_failed_item_says_why(void **state)
{
    expclip_rows *f = done(mixed, 4);
    const char *message = expclip_rows_message(f, DAMAGED);

    (void)state;
    assert_true(*message && message[0] != '/'); /* the path is not repeated */
    assert_string_equal(expclip_rows_message(f, 0), "");
    assert_string_equal(expclip_rows_message(f, N_ITEMS), "");
    assert_int_equal(expclip_rows_status(f, N_ITEMS), EXPCLIP_ERROR_ARGUMENT);
    expclip_rows_free(f);
}

static void test_features__a_damaged_frame_loses_only_itself(void **state)
{
    expclip_features_options o = EXPCLIP_FEATURES_OPTIONS_INIT;
    expclip_rows *f, *stopped = NULL;
    expclip_dataset *data;
    expclip_error err;

    (void)state;
    make_folder("broken");
    make_folder("broken/anger");
    add_greys("broken/anger/clip", 20);
    write_file("broken/anger/clip/17.bmp", "BM", 2);
    write_file("broken/anger/clip/18.bmp", "BM", 2);
    data = open_data("folder", "broken");
    f = done(data, 16);
    assert_int_equal(expclip_rows_failed_count(f), 0);
    assert_int_equal(expclip_rows_status(f, 0), 0);
    assert_non_null(strstr(expclip_rows_message(f, 0),
                           "of 16 frames left out, the first: 1"));
    expclip_rows_free(f);
    o.policy = EXPCLIP_POLICY_STOP;
    assert_int_equal(
        expclip_rows_create_features(&stopped, model, data, &o, NULL), 0);
    assert_int_not_equal(expclip_rows_step(stopped, NULL, &err), 0);
    assert_non_null(strstr(err.message, ".bmp: "));
    expclip_rows_free(stopped);
    expclip_dataset_free(data);
}

/* Three grey levels as 48 x 48 numbers each. */
static void write_table(void)
{
    FILE *f = fopen(in_root("fer2013.csv"), "w");

    assert_non_null(f);
    fputs("emotion,pixels,Usage\n", f);
    for (int i = 0; i < 3; i++) {
        fprintf(f, "%d,", i);
        for (int j = 0; j < 48 * 48; j++)
            fprintf(f, j ? " %d" : "%d", (60 * i + j) % 256);
        fputs(",PrivateTest\n", f);
    }
    fclose(f);
}

static void test_features__a_table_s_images_are_embedded_too(void **state)
{
    float rows[3 * SMALL_DIM], expected[3 * SMALL_DIM];
    uint8_t grey[48 * 48];
    expclip_batch *batch = NULL;
    expclip_dataset *data;
    expclip_rows *f;

    (void)state;
    write_table();
    data = open_data("FER2013", "fer2013.csv");
    f = done(data, 2);
    assert_int_equal(expclip_batch_create(&batch, model, NULL), 0);
    for (int i = 0; i < 3; i++) {
        for (int j = 0; j < 48 * 48; j++)
            grey[j] = (uint8_t)(60 * i + j);
        assert_int_equal(expclip_batch_add_pixels(batch, grey, sizeof(grey), 48,
                                                  48, 0, EXPCLIP_PIXELS_GREY,
                                                  NULL, NULL),
                         0);
    }
    assert_int_equal(expclip_model_embed_images(expected, 3 * SMALL_DIM, model,
                                                batch, &plain, NULL, NULL),
                     0);
    assert_int_equal(
        expclip_rows_embed(rows, 3 * SMALL_DIM, f, model, &plain, NULL), 0);
    assert_close(rows, expected, 3 * SMALL_DIM);
    expclip_batch_free(batch);
    expclip_rows_free(f);
    expclip_dataset_free(data);
}

static void test_features__weights_that_overflow_end_the_step(void **state)
{
    expclip_features_options o = options_of("", 4);
    expclip_rows *f = NULL;
    expclip_model *broken;
    expclip_error err;

    (void)state;
    assert_int_equal(
        small_model_write(in_root("nan.safetensors"), "visual.proj", 'n', NULL),
        0);
    broken = load_model("nan.safetensors", "auto", "expclip");
    assert_int_equal(expclip_rows_create_features(&f, broken, mixed, &o, NULL),
                     0);
    assert_int_equal(expclip_rows_step(f, NULL, &err), EXPCLIP_ERROR_NONFINITE);
    assert_non_null(strstr(err.message, "faces/anger/a.png"));
    assert_int_equal(expclip_rows_done_count(f), 0);
    expclip_rows_free(f);
    expclip_model_free(broken);
}

/* ---- refused ---- */

static void refuse_cache(const expclip_model *m, const expclip_dataset *data,
                         const expclip_features_options *options,
                         const char *why)
{
    expclip_features_options o = *options;
    expclip_rows *f = NULL;
    expclip_error err;

    o.cache = in_root("cache");
    assert_int_equal(expclip_rows_create_features(&f, m, data, &o, &err),
                     EXPCLIP_ERROR_STATE);
    assert_null(f);
    if (!strstr(err.message, why))
        fail_msg("%s: not \"%s\"", err.message, why);
}

static void test_features__a_cache_is_of_its_options(void **state)
{
    expclip_model *other = load_model("model.safetensors", "auto", "clip");
    expclip_features_options o = options_of("", 4), changed = o;
    expclip_rows *f = create(mixed, "cache", 4);

    (void)state;
    refuse_cache(model, mixed, &o, "in use");
    expclip_rows_free(f);
    refuse_cache(other, mixed, &o, "made with encoder: ");
    changed.batch = 5;
    refuse_cache(model, mixed, &changed,
                 "made with batch: 4, expected batch: 5");
    changed = o;
    changed.sampling = EXPCLIP_SAMPLING_SPREAD;
    refuse_cache(model, mixed, &changed, "expected sampling: spread 16");
    changed = o;
    changed.n_samples = 8;
    refuse_cache(model, mixed, &changed, "expected sampling: exact 8");
    changed = o;
    changed.order = EXPCLIP_ORDER_NATURAL;
    refuse_cache(model, mixed, &changed, "expected order: natural");
    changed = o;
    changed.exif = 1;
    refuse_cache(model, mixed, &changed, "expected exif: 1");
    changed = o;
    changed.cache = in_root("cache");
    changed.policy = EXPCLIP_POLICY_STOP; /* the rows are the same */
    assert_int_equal(
        expclip_rows_create_features(&f, model, mixed, &changed, NULL), 0);
    expclip_rows_free(f);
    expclip_model_free(other);
}

static void test_features__a_cache_is_of_its_files(void **state)
{
    expclip_features_options o = options_of("", 4);
    expclip_dataset *data;

    (void)state;
    unlink(in_root("cache"));
    make_folder("changing");
    make_folder("changing/anger");
    add_face("changing/anger/1.png", "anger_1");
    data = open_data("folder", "changing");
    expclip_rows_free(create(data, "cache", 4));
    add_face("changing/anger/1.png", "anger_2"); /* another size */
    refuse_cache(model, data, &o, "made with sizes and times of its files: ");
    expclip_dataset_free(data);
    add_face("changing/anger/2.png", "anger_3");
    data = open_data("folder", "changing");
    refuse_cache(model, data, &o,
                 "made with number of items: 1, expected number of items: 2");
    expclip_dataset_free(data);
}

static void refuse_options(const expclip_features_options *o, const char *name)
{
    expclip_rows *f = NULL;
    expclip_error err;

    assert_int_equal(expclip_rows_create_features(&f, model, mixed, o, &err),
                     EXPCLIP_ERROR_ARGUMENT);
    if (!strstr(err.message, name))
        fail_msg("%s: not \"%s\"", err.message, name);
}

static void test_features__wrong_options_are_refused(void **state)
{
    expclip_features_options o = options_of("", 0);

    (void)state;
    refuse_options(&o, "batch: 0, expected 1 to 4096");
    o = options_of("", 4097);
    refuse_options(&o, "batch");
    o = options_of("", 1);
    o.cache = NULL;
    refuse_options(&o, "cache");
    o = options_of("", 1);
    o.sampling = 3;
    refuse_options(&o, "sampling");
    o = options_of("", 1);
    o.n_samples = 0;
    refuse_options(&o, "n_samples");
    o = options_of("", 1);
    o.order = 2;
    refuse_options(&o, "order");
    o = options_of("", 1);
    o.policy = -1;
    refuse_options(&o, "policy");
    o = options_of("", 1);
    o.exif = 2;
    refuse_options(&o, "exif");
}

static void test_features__wrong_arguments_are_refused(void **state)
{
    expclip_rows *f = NULL;

    (void)state;
    assert_int_equal(
        expclip_rows_create_features(NULL, model, mixed, NULL, NULL),
        EXPCLIP_ERROR_ARGUMENT);
    assert_int_equal(expclip_rows_create_features(&f, NULL, mixed, NULL, NULL),
                     EXPCLIP_ERROR_ARGUMENT);
    assert_int_equal(expclip_rows_create_features(&f, model, NULL, NULL, NULL),
                     EXPCLIP_ERROR_ARGUMENT);
    assert_null(f);
    assert_string_equal(expclip_model_encoder_fingerprint(NULL), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_features__rows_are_those_of_single_items),
        cmocka_unit_test(test_features__a_step_is_a_batch_or_a_clip),
        cmocka_unit_test(test_features__a_failed_item_says_why),
        cmocka_unit_test(test_features__a_damaged_frame_loses_only_itself),
        cmocka_unit_test(test_features__a_table_s_images_are_embedded_too),
        cmocka_unit_test(test_features__weights_that_overflow_end_the_step),
        cmocka_unit_test(test_features__a_cache_is_of_its_options),
        cmocka_unit_test(test_features__a_cache_is_of_its_files),
        cmocka_unit_test(test_features__wrong_options_are_refused),
        cmocka_unit_test(test_features__wrong_arguments_are_refused),
    };

    return cmocka_run_group_tests(tests, load, unload);
}
