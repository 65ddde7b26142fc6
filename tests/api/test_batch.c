/* SPDX-License-Identifier: MIT */
/*
 * test_batch.c - a batch keeps every input in its place, whatever it was.
 */
#include <expclip.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define N_CLASSES 7u

static expclip_model *model;
static expclip_classes *classes;

static expclip_batch *new_batch(void)
{
    expclip_batch *batch = NULL;

    assert_int_equal(expclip_batch_create(&batch, model, NULL), EXPCLIP_OK);
    return batch;
}

static void test_batch__a_bad_image_loses_only_itself(void **state)
{
    static const uint8_t grey[4 * 4] = { 200 };
    const char *face = EXPCLIP_FACES "/anger_1.png";
    expclip_batch *batch = new_batch();
    float logits[4 * N_CLASSES];
    expclip_error err;

    (void)state;
    assert_int_equal(expclip_batch_add_file(batch, face, NULL, &err),
                     EXPCLIP_OK);
    assert_int_equal(
        expclip_batch_add_bytes(batch, (const uint8_t *)"BM", 2, NULL, &err),
        EXPCLIP_ERROR_TRUNCATED);
    assert_int_equal(
        expclip_batch_add_file(batch, "/no/such/face.png", NULL, &err),
        EXPCLIP_ERROR_NOT_FOUND);
    assert_int_equal(expclip_batch_add_pixels(batch, grey, sizeof(grey), 4, 4,
                                              0, EXPCLIP_PIXELS_GREY, NULL,
                                              &err),
                     EXPCLIP_OK);
    assert_int_equal(expclip_batch_count(batch), 4);
    assert_int_equal(expclip_batch_status(batch, 1), EXPCLIP_ERROR_TRUNCATED);
    assert_int_equal(expclip_batch_status(batch, 2), EXPCLIP_ERROR_NOT_FOUND);
    assert_non_null(strstr(expclip_batch_message(batch, 2), "face.png"));
    assert_string_equal(expclip_batch_message(batch, 3), "");

    assert_int_equal(expclip_model_score_images(logits, 4 * N_CLASSES, model,
                                                classes, batch, NULL, &err),
                     EXPCLIP_OK);
    assert_int_equal(expclip_logits_argmax(logits, N_CLASSES), 3); /* anger */
    assert_int_equal(expclip_logits_argmax(logits + N_CLASSES, N_CLASSES),
                     N_CLASSES);
    assert_true(isnan(logits[2 * N_CLASSES]) ? 1 : 0);
    assert_true(isnan(logits[3 * N_CLASSES]) ? 0 : 1);
    expclip_batch_free(batch);
}

static void test_batch__wrong_arguments_add_no_item(void **state)
{
    static const uint8_t rgb[2 * 2 * 3];
    static const struct {
        size_t size;
        int32_t width, height;
        int64_t stride;
        int32_t layout;
    } wrong[] = {
        { 12, 0, 2, 0, EXPCLIP_PIXELS_RGB },
        { 12, 2, -1, 0, EXPCLIP_PIXELS_RGB },
        { 11, 2, 2, 0, EXPCLIP_PIXELS_RGB },
        { 12, 2, 2, 5, EXPCLIP_PIXELS_RGB },
        { 12, 2, 2, -6, EXPCLIP_PIXELS_RGB },
        { 12, 2, 2, INT64_MAX, EXPCLIP_PIXELS_RGB },
        { 12, 2, 2, 0, EXPCLIP_PIXELS_RGBA },
        { 12, 2, 2, 0, 9 },
        { 12, 2, 2, 0, -1 },
    };
    expclip_image_options flat = EXPCLIP_IMAGE_OPTIONS_INIT;
    expclip_batch *batch = new_batch();

    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        assert_int_equal(
            expclip_batch_add_pixels(batch, rgb, wrong[i].size, wrong[i].width,
                                     wrong[i].height, wrong[i].stride,
                                     wrong[i].layout, NULL, NULL),
            EXPCLIP_ERROR_ARGUMENT);
    assert_int_equal(expclip_batch_add_file(batch, NULL, NULL, NULL),
                     EXPCLIP_ERROR_ARGUMENT);
    flat.box_width = 5;
    assert_int_equal(
        expclip_batch_add_pixels(batch, rgb, 12, 2, 2, 0, 0, &flat, NULL),
        EXPCLIP_ERROR_ARGUMENT);
    assert_int_equal(expclip_batch_count(batch), 0);
    expclip_batch_free(batch);
}

static void test_batch__an_image_over_a_limit_is_an_item(void **state)
{
    static const uint8_t grey[4];
    expclip_batch *batch = new_batch();

    (void)state;
    assert_int_equal(expclip_batch_add_pixels(batch, grey, 4, INT32_MAX,
                                              INT32_MAX, 0, EXPCLIP_PIXELS_GREY,
                                              NULL, NULL),
                     EXPCLIP_ERROR_LIMIT);
    assert_int_equal(expclip_batch_count(batch), 1);
    assert_int_equal(expclip_batch_status(batch, 0), EXPCLIP_ERROR_LIMIT);
    expclip_batch_free(batch);
}

static void test_batch__arrays_of_no_elements_may_be_null(void **state)
{
    expclip_batch *batch = new_batch();

    (void)state;
    assert_int_equal(
        expclip_model_score_images(NULL, 0, model, classes, batch, NULL, NULL),
        0);
    assert_int_equal(
        expclip_model_embed_images(NULL, 0, model, batch, NULL, NULL, NULL), 0);
    assert_int_equal(expclip_model_embed_texts(NULL, 0, NULL, 0, model, NULL, 0,
                                               NULL, NULL, NULL),
                     0);
    assert_int_equal(
        expclip_classes_score_embeddings(NULL, 0, classes, NULL, 0, NULL, NULL),
        0);
    assert_int_equal(expclip_logits_softmax(NULL, 0, NULL, 0, 1.0f, NULL), 0);
    assert_int_equal(expclip_batch_add_bytes(batch, NULL, 0, NULL, NULL),
                     EXPCLIP_ERROR_FORMAT);
    expclip_batch_free(batch);
}

static void test_batch__classes_tell_their_prompts(void **state)
{
    expclip_prompts *prompts = NULL;

    (void)state;
    assert_int_equal(expclip_classes_prompts(&prompts, classes, NULL), 0);
    assert_int_equal(expclip_prompts_class_count(prompts), N_CLASSES);
    assert_string_equal(expclip_prompts_class_name(prompts, 0), "happiness");
    assert_int_equal(expclip_prompts_count(prompts, 0), 1);
    assert_string_equal(expclip_prompts_text(prompts, 0, 0),
                        "an expression of happiness.");
    assert_string_equal(expclip_prompts_text(prompts, 0, 1), "");
    assert_string_equal(expclip_prompts_class_name(prompts, N_CLASSES), "");
    assert_int_equal(expclip_prompts_count(prompts, N_CLASSES), 0);
    assert_string_equal(expclip_prompts_text(NULL, 0, 0), "");
    expclip_prompts_free(prompts);
}

static void test_batch__it_keeps_its_model_alive(void **state)
{
    expclip_model *own = NULL;
    expclip_batch *batch = NULL;

    (void)state;
    assert_int_equal(expclip_model_load(&own, "demo", NULL, NULL), EXPCLIP_OK);
    assert_int_equal(expclip_batch_create(&batch, own, NULL), EXPCLIP_OK);
    expclip_model_free(own);
    assert_int_equal(
        expclip_batch_add_file(batch, EXPCLIP_FACES "/fear_1.png", NULL, NULL),
        EXPCLIP_OK);
    expclip_batch_free(batch);
}

static void test_batch__objects_of_other_models_are_refused(void **state)
{
    expclip_load_options plain = EXPCLIP_LOAD_OPTIONS_INIT;
    expclip_model *other = NULL;
    expclip_batch *batch = new_batch();
    float logits[N_CLASSES];
    expclip_error err;

    (void)state;
    plain.head = "none";
    assert_int_equal(expclip_model_load(&other, "demo", &plain, NULL),
                     EXPCLIP_OK);
    assert_int_equal(
        expclip_batch_add_file(batch, EXPCLIP_FACES "/fear_1.png", NULL, NULL),
        EXPCLIP_OK);
    assert_int_equal(expclip_model_score_images(logits, N_CLASSES, other,
                                                classes, batch, NULL, &err),
                     EXPCLIP_ERROR_STATE);
    assert_int_equal(expclip_model_score_images(logits, N_CLASSES - 1, model,
                                                classes, batch, NULL, &err),
                     EXPCLIP_ERROR_ARGUMENT);
    assert_non_null(strstr(err.message, "logits_size: 6, expected 7"));
    expclip_model_free(other);
    expclip_batch_free(batch);
}

static void test_batch__null_is_an_error_and_never_a_crash(void **state)
{
    float one[1];
    int32_t top[1];

    (void)state;
    expclip_model_free(NULL);
    expclip_batch_free(NULL);
    expclip_batch_clear(NULL);
    expclip_classes_free(NULL);
    expclip_prompts_free(NULL);
    expclip_cancel_free(NULL);
    expclip_cancel_request(NULL);
    assert_int_equal(expclip_model_embedding_dim(NULL), 0);
    assert_string_equal(expclip_model_name(NULL), "");
    assert_int_equal(expclip_batch_count(NULL), 0);
    assert_int_equal(expclip_batch_status(NULL, 0), EXPCLIP_ERROR_ARGUMENT);
    assert_string_equal(expclip_classes_name(classes, N_CLASSES), "");
    assert_int_equal(expclip_model_load(NULL, "demo", NULL, NULL),
                     EXPCLIP_ERROR_ARGUMENT);
    assert_int_equal(
        expclip_model_score_images(NULL, 0, model, classes, NULL, NULL, NULL),
        EXPCLIP_ERROR_ARGUMENT);
    assert_int_equal(expclip_logits_softmax(one, 1, NULL, 1, 1.0f, NULL),
                     EXPCLIP_ERROR_ARGUMENT);
    assert_int_equal(expclip_logits_top_k(top, 1, NULL, 1, NULL),
                     EXPCLIP_ERROR_ARGUMENT);
}

static int load(void **state)
{
    expclip_prompts *prompts = NULL;
    expclip_status status;

    (void)state;
    status = expclip_model_load(&model, "demo", NULL, NULL);
    if (!status)
        status = expclip_prompts_builtin(&prompts, "type2", N_CLASSES, NULL);
    if (!status)
        status =
            expclip_classes_create(&classes, model, prompts, NULL, NULL, NULL);
    expclip_prompts_free(prompts);
    return status;
}

static int unload(void **state)
{
    (void)state;
    expclip_model_free(model);
    expclip_classes_free(classes);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_batch__a_bad_image_loses_only_itself),
        cmocka_unit_test(test_batch__wrong_arguments_add_no_item),
        cmocka_unit_test(test_batch__an_image_over_a_limit_is_an_item),
        cmocka_unit_test(test_batch__arrays_of_no_elements_may_be_null),
        cmocka_unit_test(test_batch__classes_tell_their_prompts),
        cmocka_unit_test(test_batch__it_keeps_its_model_alive),
        cmocka_unit_test(test_batch__objects_of_other_models_are_refused),
        cmocka_unit_test(test_batch__null_is_an_error_and_never_a_crash),
    };

    return cmocka_run_group_tests(tests, load, unload);
}
