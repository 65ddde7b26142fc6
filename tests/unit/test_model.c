/* SPDX-License-Identifier: MIT */
/*
 * test_model.c - loading a small model whole and broken, and what an embedding
 * does not depend on.
 */
#define _GNU_SOURCE
#include <math.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "expression/model.h"
#include "unit/small_model.h"

#define FLOATS (3 * SMALL_IMAGE * SMALL_IMAGE)

static char path[] = "/tmp/expclip-test-model-XXXXXX";

static expclip_model *load_with(const expclip_load_options *options)
{
    expclip_model *model = NULL;
    expclip_error err = { 0, "" };

    if (expclip_model_load(&model, path, options, &err))
        fail_msg("%s", err.message);
    return model;
}

static expclip_status embed_text(float *out, const expclip_model *model,
                                 const char *text, expclip_error *err)
{
    return expclip_model_embed_texts(out, SMALL_HEAD, NULL, 0, model, &text, 1,
                                     NULL, NULL, err);
}

static expclip_status embed_pixels(const expclip_model *model, float *out,
                                   const float *pixels, size_t n,
                                   const expclip_embed_options *options,
                                   const expclip_cancel *cancel,
                                   expclip_error *err)
{
    float *plain = malloc(n * SMALL_HEAD * sizeof(*plain));
    expclip_status status =
        expclip__model_encode_images(model, plain, pixels, n, cancel, err);

    if (!status)
        status = expclip__model_finish(model, out, plain, n, options, err);
    free(plain);
    return status;
}

/* An image of its own for each number. */
static void draw(float *pixels, uint32_t number)
{
    uint32_t random = number * 2654435761u + 1;

    for (int i = 0; i < FLOATS; i++)
        pixels[i] = 0.5f + 0.5f * small_random(&random);
}

static void test_model__dimensions_come_from_shapes(void **state)
{
    expclip_model *model = load_with(NULL);

    (void)state;
    assert_int_equal(expclip_model_embedding_dim(model), SMALL_DIM);
    assert_int_equal(expclip_model_projected_dim(model), SMALL_HEAD);
    assert_int_equal(expclip_model_image_size(model), SMALL_IMAGE);
    assert_int_equal(expclip_model_context_length(model), SMALL_CONTEXT);
    assert_int_equal(expclip_model_vocabulary_size(model), SMALL_VOCABULARY);
    assert_int_equal(expclip_model_has_head(model), 1);
    assert_string_equal(expclip_model_preprocess(model), "expclip");
    assert_float_equal(expclip_model_logit_scale(model), expf(3.0f), 1e-3f);
    assert_int_equal(strlen(expclip_model_fingerprint(model)), 16);
    expclip_model_free(model);
}

static void test_model__head_none_is_plain_clip(void **state)
{
    expclip_load_options options = EXPCLIP_LOAD_OPTIONS_INIT;
    expclip_model *with = load_with(NULL), *without;

    (void)state;
    options.head = "none";
    without = load_with(&options);
    assert_int_equal(expclip_model_has_head(without), 0);
    assert_int_equal(expclip_model_projected_dim(without), SMALL_DIM);
    assert_string_equal(expclip_model_preprocess(without), "clip");
    assert_string_not_equal(expclip_model_fingerprint(with),
                            expclip_model_fingerprint(without));
    expclip_model_free(with);
    expclip_model_free(without);
}

static void test_model__every_missing_or_misshaped_tensor_is_named(void **state)
{
    static small_tensor list[80];
    const size_t n = small_model_tensors(list);
    char broken[] = "/tmp/expclip-test-broken-XXXXXX";
    int fd = mkstemp(broken);

    (void)state;
    close(fd);
    for (size_t i = 0; i < n; i++)
        for (const char *change = "ms"; *change; change++) {
            expclip_model *model = NULL;
            expclip_error err = { 0, "" };

            if (strcmp(list[i].name, "mlp.weight") == 0)
                continue; /* a model may have no head, of any height */
            if (*change == 's' &&
                (strstr(list[i].name, "token_embedding") ||
                 strcmp(list[i].name, "positional_embedding") == 0))
                continue; /* their first dimensions are free */
            assert_int_equal(
                small_model_write(broken, list[i].name, *change, &err),
                EXPCLIP_OK);
            if (expclip_model_load(&model, broken, NULL, &err) !=
                    EXPCLIP_ERROR_SHAPE &&
                err.code != EXPCLIP_ERROR_UNSUPPORTED)
                fail_msg("%s, %c: %d %s", list[i].name, *change, err.code,
                         err.message);
            assert_null(model);
        }
    unlink(broken);
}

static void test_model__not_finite_weights_are_named(void **state)
{
    char broken[] = "/tmp/expclip-test-broken-XXXXXX";
    expclip_load_options options = EXPCLIP_LOAD_OPTIONS_INIT;
    expclip_model *model = NULL;
    expclip_error err;
    int fd = mkstemp(broken);

    (void)state;
    close(fd);
    assert_int_equal(small_model_write(broken, "visual.proj", 'n', &err),
                     EXPCLIP_OK);
    assert_int_equal(expclip_model_load(&model, broken, NULL, &err),
                     EXPCLIP_ERROR_NONFINITE);
    assert_non_null(strstr(err.message, "visual.proj"));
    assert_non_null(strstr(err.message, "element 0 is NaN"));
    assert_null(model);
    options.check_finite = 0;
    assert_int_equal(expclip_model_load(&model, broken, &options, NULL),
                     EXPCLIP_OK);
    expclip_model_free(model);
    unlink(broken);
}

static void test_model__embeddings_do_not_depend_on_the_batch(void **state)
{
    enum { N = 19 };
    const expclip_embed_options options = EXPCLIP_EMBED_OPTIONS_INIT;
    static float pixels[N * FLOATS], together[N * SMALL_HEAD];
    expclip_model *model = load_with(NULL);
    float alone[SMALL_HEAD];

    (void)state;
    for (uint32_t i = 0; i < N; i++)
        draw(pixels + i * FLOATS, i);
    assert_int_equal(
        embed_pixels(model, together, pixels, N, &options, NULL, NULL),
        EXPCLIP_OK);
    for (size_t i = 0; i < N; i++) {
        assert_int_equal(embed_pixels(model, alone, pixels + i * FLOATS, 1,
                                      &options, NULL, NULL),
                         EXPCLIP_OK);
        for (size_t j = 0; j < SMALL_HEAD; j++)
            assert_float_equal(alone[j], together[i * SMALL_HEAD + j], 2e-6f);
    }
    expclip_model_free(model);
}

static void test_model__deterministic_is_equal_to_the_last_bit(void **state)
{
    enum { N = 11 };
    expclip_load_options load = EXPCLIP_LOAD_OPTIONS_INIT;
    const expclip_embed_options options = EXPCLIP_EMBED_OPTIONS_INIT;
    static float pixels[N * FLOATS], together[N * SMALL_HEAD];
    expclip_model *model;
    float alone[SMALL_HEAD];

    (void)state;
    load.deterministic = 1;
    model = load_with(&load);
    for (uint32_t i = 0; i < N; i++)
        draw(pixels + i * FLOATS, i);
    assert_int_equal(
        embed_pixels(model, together, pixels, N, &options, NULL, NULL),
        EXPCLIP_OK);
    for (size_t i = 0; i < N; i++) {
        assert_int_equal(embed_pixels(model, alone, pixels + i * FLOATS, 1,
                                      &options, NULL, NULL),
                         EXPCLIP_OK);
        assert_memory_equal(alone, together + i * SMALL_HEAD, sizeof(alone));
    }
    expclip_model_free(model);
}

static void test_model__texts_do_not_depend_on_their_neighbours(void **state)
{
    const expclip_embed_options options = EXPCLIP_EMBED_OPTIONS_INIT;
    expclip__input_text texts[] = {
        { "joy", 3, 0 },
        { "a much longer text", 18, 0 },
        { "", 0, 0 },
        { "this one is longer than the context of the model", 48, 0 },
    };
    expclip_model *model = load_with(NULL);
    float together[4 * SMALL_HEAD], alone[SMALL_HEAD];

    (void)state;
    assert_int_equal(expclip__model_embed_texts(model, together, texts, 4,
                                                &options, NULL, NULL),
                     EXPCLIP_OK);
    assert_int_equal(texts[1].truncated, 0);
    assert_int_equal(texts[3].truncated, 1);
    for (size_t i = 0; i < 4; i++) {
        int32_t truncated = 9;

        assert_int_equal(
            expclip_model_embed_texts(alone, SMALL_HEAD, &truncated, 1, model,
                                      &texts[i].text, 1, NULL, NULL, NULL),
            EXPCLIP_OK);
        assert_int_equal(truncated, texts[i].truncated);
        for (size_t j = 0; j < SMALL_HEAD; j++)
            assert_float_equal(alone[j], together[i * SMALL_HEAD + j], 2e-6f);
    }
    expclip_model_free(model);
}

static void test_model__cancel_stops_between_passes(void **state)
{
    expclip_cancel *cancel = NULL;
    const expclip_embed_options options = EXPCLIP_EMBED_OPTIONS_INIT;
    expclip_model *model = load_with(NULL);
    float pixels[FLOATS], out[SMALL_HEAD];

    (void)state;
    draw(pixels, 1);
    assert_int_equal(expclip_cancel_create(&cancel, NULL), EXPCLIP_OK);
    expclip_cancel_request(cancel);
    assert_int_equal(
        embed_pixels(model, out, pixels, 1, &options, cancel, NULL),
        EXPCLIP_ERROR_CANCELLED);
    expclip_cancel_reset(cancel);
    assert_int_equal(
        embed_pixels(model, out, pixels, 1, &options, cancel, NULL),
        EXPCLIP_OK);
    expclip_cancel_free(cancel);
    expclip_model_free(model);
}

static void test_model__a_forked_child_is_told_at_once(void **state)
{
    expclip_load_options options = EXPCLIP_LOAD_OPTIONS_INIT;
    expclip_model *model = load_with(NULL), *own = NULL;
    float out[SMALL_HEAD];
    int how;
    pid_t child;

    (void)state;
    child = fork();
    if (child == 0) {
        alarm(10);
        options.threads = 2;
        if (embed_text(out, model, "x", NULL) != EXPCLIP_ERROR_FORK)
            _exit(1);
        if (expclip_model_load(&own, path, &options, NULL) !=
            EXPCLIP_ERROR_FORK)
            _exit(2);
        options.threads = 1;
        if (expclip_model_load(&own, path, &options, NULL) ||
            embed_text(out, own, "x", NULL))
            _exit(3);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &how, 0), child);
    assert_true(WIFEXITED(how) && WEXITSTATUS(how) == 0);
    expclip_model_free(model);
}

#define N_THREADS 16

static void *embed_many(void *argument)
{
    const expclip_model *model = argument;
    static const char text[] = "an expression of joy";
    float *out = malloc(SMALL_HEAD * sizeof(*out));

    for (int i = 0; i < 20; i++)
        if (embed_text(out, model, text, NULL))
            break;
    return out;
}

static void test_model__threads_share_it_and_get_the_same(void **state)
{
    expclip_load_options options = EXPCLIP_LOAD_OPTIONS_INIT;
    pthread_t threads[N_THREADS];
    expclip_model *model;
    float *expected;

    (void)state;
    options.threads = 1;
    model = load_with(&options);
    expected = embed_many(model);
    for (int i = 0; i < N_THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, embed_many, model),
                         0);
    for (int i = 0; i < N_THREADS; i++) {
        void *out;

        pthread_join(threads[i], &out);
        assert_memory_equal(out, expected, SMALL_HEAD * sizeof(float));
        free(out);
    }
    free(expected);
    expclip_model_free(model);
}

/* Every allocation of our own fails once, and from then on for ever. */
static void test_model__out_of_memory_is_an_error_everywhere(void **state)
{
    (void)state;
    for (int for_ever = 0; for_ever < 2; for_ever++)
        for (int64_t n = 0;; n++) {
            expclip_model *model = NULL;
            expclip_error err = { 0, "" };
            expclip_status status;
            float out[SMALL_HEAD];

            expclip__alloc_fail_after(n, for_ever);
            status = expclip_model_load(&model, path, NULL, &err);
            if (!status)
                status = embed_text(out, model, "x", &err);
            expclip__alloc_fail_after(-1, 0);
            expclip_model_free(model);
            if (!status)
                break;
            if (status != EXPCLIP_ERROR_MEMORY)
                fail_msg("allocation %d: %d %s", (int)n, status, err.message);
        }
}

static int write_model(void **state)
{
    expclip_error err;
    int fd = mkstemp(path);

    (void)state;
    close(fd);
    return small_model_write(path, NULL, 0, &err);
}

static int remove_model(void **state)
{
    (void)state;
    return unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_model__dimensions_come_from_shapes),
        cmocka_unit_test(test_model__head_none_is_plain_clip),
        cmocka_unit_test(
            test_model__every_missing_or_misshaped_tensor_is_named),
        cmocka_unit_test(test_model__not_finite_weights_are_named),
        cmocka_unit_test(test_model__embeddings_do_not_depend_on_the_batch),
        cmocka_unit_test(test_model__deterministic_is_equal_to_the_last_bit),
        cmocka_unit_test(test_model__texts_do_not_depend_on_their_neighbours),
        cmocka_unit_test(test_model__cancel_stops_between_passes),
        cmocka_unit_test(test_model__a_forked_child_is_told_at_once),
        cmocka_unit_test(test_model__threads_share_it_and_get_the_same),
        cmocka_unit_test(test_model__out_of_memory_is_an_error_everywhere),
    };

    return cmocka_run_group_tests(tests, write_model, remove_model);
}
