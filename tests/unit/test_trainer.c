/* SPDX-License-Identifier: MIT */
/*
 * test_trainer.c - training step by step: the same however it was interrupted,
 * and what it refuses.
 */
#include "unit/matrix_files.h"

#include <expclip_train.h>
#include <math.h>

#include "weights/weights.h"

enum { N = 40, DIM = 5, D = 7 };

static char features[512], targets[512], folder[512];

static int begin(void **state)
{
    if (scratch_begin(state))
        return -1;
    strcpy(features, write_matrix("f.npy", N, DIM, 1));
    strcpy(targets, write_matrix("t.npy", N, D, 2));
    strcpy(folder, scratch_path("checkpoints"));
    return 0;
}

static int end(void **state)
{
    char command[600];

    snprintf(command, sizeof(command), "rm -rf '%s'", folder);
    if (system(command) != 0)
        return -1;
    return scratch_end(state);
}

#define TRAINING_TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

static expclip_trainer_options options_of(const char *checkpoints)
{
    expclip_trainer_options o = EXPCLIP_TRAINER_OPTIONS_INIT;

    o.batch = 8;
    o.epochs = 3;
    o.learning_rate = 0.05;
    o.logit_scale = 10.0;
    o.threads = 1;
    o.checkpoints = checkpoints;
    return o;
}

static expclip_trainer *create(const expclip_trainer_options *o)
{
    expclip_trainer *t = NULL;
    expclip_error err = { 0 };

    if (expclip_trainer_create(&t, features, targets, o, &err))
        fail_msg("%s", err.message);
    return t;
}

static void step(expclip_trainer *t, int n)
{
    expclip_error err = { 0 };

    for (int i = 0; i < n; i++)
        if (expclip_trainer_step(t, NULL, &err))
            fail_msg("%s", err.message);
}

static void copy(float head[D * DIM], const expclip_trainer *t)
{
    assert_int_equal(expclip_trainer_copy_head(head, D * DIM, t, NULL), 0);
}

static void test_trainer__the_loss_falls(void **state)
{
    const expclip_trainer_options o = options_of("");
    expclip_trainer *t = create(&o);
    double first;

    (void)state;
    assert_int_equal(expclip_trainer_epoch_steps(t), 5);
    assert_int_equal(expclip_trainer_total_steps(t), 15);
    assert_true(isnan(expclip_trainer_loss(t)));
    step(t, 1);
    first = expclip_trainer_loss(t);
    step(t, 14);
    assert_int_equal(expclip_trainer_step_count(t), 15);
    assert_true(expclip_trainer_loss(t) < 0.8 * first);
    step(t, 1); /* nothing is left */
    assert_int_equal(expclip_trainer_step_count(t), 15);
    expclip_trainer_free(t);
}

static void test_trainer__goes_on_to_the_same_bits_from_any_step(void **state)
{
    expclip_trainer_options o = options_of("");
    float whole[D * DIM], parts[D * DIM];
    expclip_trainer *t = create(&o);

    (void)state;
    step(t, 15);
    copy(whole, t);
    expclip_trainer_free(t);
    for (int stop = 0; stop <= 15; stop++) {
        char command[600];

        snprintf(command, sizeof(command), "rm -rf '%s'", folder);
        assert_int_equal(system(command), 0);
        o.checkpoints = folder;
        t = create(&o);
        step(t, stop);
        assert_int_equal(expclip_trainer_checkpoint(t, NULL), 0);
        expclip_trainer_free(t);
        t = create(&o);
        assert_int_equal(expclip_trainer_step_count(t), stop);
        step(t, 15 - stop);
        copy(parts, t);
        assert_memory_equal(whole, parts, sizeof(whole));
        expclip_trainer_free(t);
    }
}

static void test_trainer__cancelled_it_keeps_its_state(void **state)
{
    const expclip_trainer_options o = options_of(folder);
    expclip_trainer *t = create(&o);
    expclip_cancel *cancel = NULL;

    (void)state;
    step(t, 3);
    assert_int_equal(expclip_cancel_create(&cancel, NULL), 0);
    expclip_cancel_request(cancel);
    assert_int_equal(expclip_trainer_step(t, cancel, NULL),
                     EXPCLIP_ERROR_CANCELLED);
    assert_int_equal(expclip_trainer_step_count(t), 3);
    expclip_trainer_free(t);
    expclip_cancel_free(cancel);
    t = create(&o);
    assert_int_equal(expclip_trainer_step_count(t), 3);
    expclip_trainer_free(t);
}

static void test_trainer__changed_data_are_not_trained_on(void **state)
{
    const expclip_trainer_options o = options_of(folder);
    expclip_trainer *t = create(&o), *other = NULL;
    expclip_error err;

    (void)state;
    step(t, 5);
    expclip_trainer_free(t);
    write_matrix("t.npy", N, D, 3);
    assert_int_equal(
        expclip_trainer_create(&other, features, targets, &o, &err),
        EXPCLIP_ERROR_STATE);
    assert_null(other);
    assert_non_null(strstr(err.message, "trained with targets: "));
}

static void test_trainer__a_bad_number_leaves_the_head_as_it_was(void **state)
{
    expclip_trainer_options o = options_of("");
    float numbers[N * D], before[D * DIM], after[D * DIM];
    expclip_trainer *t;

    (void)state;
    fill_numbers(numbers, N * D, 2);
    numbers[11 * D + 2] = NAN;
    write_npy("t.npy",
              "{'descr': '<f4', 'fortran_order': False, 'shape': (40, 7), }",
              numbers, sizeof(numbers));
    o.batch = N;
    t = create(&o);
    copy(before, t);
    assert_int_equal(expclip_trainer_step(t, NULL, NULL),
                     EXPCLIP_ERROR_NONFINITE);
    copy(after, t);
    assert_memory_equal(before, after, sizeof(before));
    expclip_trainer_free(t);
}

static void test_trainer__what_cannot_be_trained_is_refused(void **state)
{
    expclip_trainer_options o = options_of("");
    expclip_trainer *t = NULL;
    expclip_error err;
    char other[512];

    (void)state;
    o.batch = N + 1;
    assert_int_equal(expclip_trainer_create(&t, features, targets, &o, &err),
                     EXPCLIP_ERROR_STATE);
    assert_non_null(strstr(err.message, "40 rows, expected at least a batch"));
    o.batch = 8;
    strcpy(other, write_matrix("o.npy", N + 1, D, 2));
    assert_int_equal(expclip_trainer_create(&t, features, other, &o, &err),
                     EXPCLIP_ERROR_SHAPE);
    o.optimizer = "adam";
    assert_int_equal(expclip_trainer_create(&t, features, targets, &o, &err),
                     EXPCLIP_ERROR_ARGUMENT);
    o = options_of("");
    o.schedule = "linear";
    assert_int_equal(expclip_trainer_create(&t, features, targets, &o, &err),
                     EXPCLIP_ERROR_ARGUMENT);
    o = options_of("");
    o.learning_rate = NAN;
    assert_int_equal(expclip_trainer_create(&t, features, targets, &o, &err),
                     EXPCLIP_ERROR_ARGUMENT);
    o = options_of("");
    o.batch = 1;
    assert_int_equal(expclip_trainer_create(&t, features, targets, &o, &err),
                     EXPCLIP_ERROR_ARGUMENT);
    assert_null(t);
}

static void test_trainer__the_head_is_a_head(void **state)
{
    const expclip_trainer_options o = options_of("");
    expclip_trainer *t = create(&o);
    expclip__weights *ws = NULL;
    const expclip__weight *w;
    float head[D * DIM], back[D * DIM];

    (void)state;
    step(t, 2);
    assert_int_equal(expclip_trainer_save_head(t, scratch_path("head"), NULL),
                     0);
    assert_int_equal(expclip__weights_open(&ws, scratch_path("head"), NULL), 0);
    w = expclip__weights_find(ws, "mlp.weight");
    assert_non_null(w);
    assert_int_equal(w->shape[0], D);
    assert_int_equal(w->shape[1], DIM);
    assert_string_equal(expclip__weights_metadata(ws, "preprocess"), "expclip");
    assert_non_null(
        strstr(expclip__weights_metadata(ws, "provenance"), "seed: 1"));
    assert_int_equal(expclip__weights_read_f32(ws, w, back, D * DIM, 1, NULL),
                     0);
    copy(head, t);
    assert_memory_equal(head, back, sizeof(head));
    expclip__weights_free(ws);
    expclip_trainer_free(t);
}

static int32_t train_once(void *data)
{
    const expclip_trainer_options o = options_of(folder);
    expclip_trainer *t = NULL;
    expclip_status status =
        expclip_trainer_create(&t, features, targets, &o, NULL);

    (void)data;
    if (!status)
        status = expclip_trainer_step(t, NULL, NULL);
    if (!status)
        status = expclip_trainer_save_head(t, scratch_path("head"), NULL);
    expclip_trainer_free(t);
    return status;
}

static void test_trainer__out_of_memory_is_an_error(void **state)
{
    (void)state;
    sweep_allocations(train_once, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TRAINING_TEST(test_trainer__the_loss_falls),
        TRAINING_TEST(test_trainer__goes_on_to_the_same_bits_from_any_step),
        TRAINING_TEST(test_trainer__cancelled_it_keeps_its_state),
        TRAINING_TEST(test_trainer__changed_data_are_not_trained_on),
        TRAINING_TEST(test_trainer__a_bad_number_leaves_the_head_as_it_was),
        TRAINING_TEST(test_trainer__what_cannot_be_trained_is_refused),
        TRAINING_TEST(test_trainer__the_head_is_a_head),
        TRAINING_TEST(test_trainer__out_of_memory_is_an_error),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
