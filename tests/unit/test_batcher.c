/* SPDX-License-Identifier: MIT */
/*
 * test_batcher.c - calls of many threads joined: the same numbers, fewer
 * passes, and nobody waits for ever.
 */
#define _GNU_SOURCE
#include <expclip_batcher.h>
#include <math.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "unit/small_model.h"

#define N_THREADS 16
#define N_ROUNDS 10
#define N_CLASSES 7

static char path[] = "/tmp/expclip-test-batcher-XXXXXX";
static expclip_model *model;
static expclip_classes *classes;

static expclip_batcher *new_batcher(int32_t max_batch, int32_t max_delay_us,
                                    int32_t queue_size)
{
    expclip_batcher_options options = EXPCLIP_BATCHER_OPTIONS_INIT;
    expclip_batcher *batcher = NULL;
    expclip_error err;

    options.max_batch = max_batch;
    options.max_delay_us = max_delay_us;
    options.queue_size = queue_size;
    if (expclip_batcher_create(&batcher, model, &options, &err))
        fail_msg("%s", err.message);
    return batcher;
}

/* A batch of n pictures of one colour each. */
static expclip_batch *new_batch(int n, uint8_t colour)
{
    uint8_t pixels[4 * 4 * 3];
    expclip_batch *batch = NULL;

    assert_int_equal(expclip_batch_create(&batch, model, NULL), 0);
    for (int i = 0; i < n; i++) {
        memset(pixels, colour + 20 * i, sizeof(pixels));
        assert_int_equal(expclip_batch_add_pixels(batch, pixels, sizeof(pixels),
                                                  4, 4, 0, EXPCLIP_PIXELS_RGB,
                                                  NULL, NULL),
                         0);
    }
    return batch;
}

typedef struct caller {
    pthread_t thread;
    expclip_batcher *batcher;
    expclip_batch *batch;
    const expclip_cancel *cancel;
    float logits[4 * N_CLASSES];
    int n_rounds;
    expclip_status status;
} caller;

static void *call(void *argument)
{
    caller *c = argument;
    const size_t size = expclip_batch_count(c->batch) * N_CLASSES;

    for (int i = 0; i < c->n_rounds && !c->status; i++)
        c->status = expclip_batcher_score_images(
            c->logits, size, c->batcher, classes, c->batch, c->cancel, NULL);
    return NULL;
}

static void start(caller *c, expclip_batcher *batcher, expclip_batch *batch,
                  int n_rounds)
{
    memset(c, 0, sizeof(*c));
    c->batcher = batcher;
    c->batch = batch;
    c->n_rounds = n_rounds;
    assert_int_equal(pthread_create(&c->thread, NULL, call, c), 0);
}

static void wait_until_waiting(const expclip_batcher *batcher, int64_t n)
{
    const struct timespec pause = { 0, 1000000 };

    while (expclip_batcher_waiting_count(batcher) < n)
        nanosleep(&pause, NULL);
}

static void assert_rows_equal(const float *a, const float *b, size_t n)
{
    for (size_t i = 0; i < n; i++)
        assert_true(fabsf(a[i] - b[i]) < 1e-4f);
}

static void test_batcher__threads_get_what_they_would_get_alone(void **state)
{
    expclip_batcher *batcher = new_batcher(5, 1000, 1000);
    caller callers[N_THREADS];
    float alone[3 * N_CLASSES];

    (void)state;
    for (int i = 0; i < N_THREADS; i++)
        start(&callers[i], batcher, new_batch(1 + i % 3, (uint8_t)(10 * i)),
              N_ROUNDS);
    for (int i = 0; i < N_THREADS; i++) {
        const size_t n = (size_t)(1 + i % 3) * N_CLASSES;

        pthread_join(callers[i].thread, NULL);
        assert_int_equal(callers[i].status, 0);
        assert_int_equal(expclip_score_images(alone, n, model, classes,
                                              callers[i].batch, NULL, NULL),
                         0);
        assert_rows_equal(callers[i].logits, alone, n);
        expclip_batch_free(callers[i].batch);
    }
    assert_int_equal(expclip_batcher_waiting_count(batcher), 0);
    assert_int_equal(expclip_batcher_picture_count(batcher), 31 * N_ROUNDS);
    expclip_batcher_free(batcher);
}

static void test_batcher__calls_that_wait_share_a_pass(void **state)
{
    expclip_batcher *batcher = new_batcher(4, 5000000, 64);
    expclip_batch *batch = new_batch(1, 7);
    caller callers[4];

    (void)state;
    for (int i = 0; i < 4; i++)
        start(&callers[i], batcher, batch, 1);
    for (int i = 0; i < 4; i++)
        pthread_join(callers[i].thread, NULL);
    assert_int_equal(expclip_batcher_pass_count(batcher), 1);
    assert_int_equal(expclip_batcher_picture_count(batcher), 4);
    expclip_batch_free(batch);
    expclip_batcher_free(batcher);
}

static void test_batcher__a_call_larger_than_a_pass_takes_several(void **state)
{
    expclip_batcher *batcher = new_batcher(3, 0, 2);
    expclip_batch *batch = new_batch(4, 7);
    float out[4 * SMALL_HEAD], alone[4 * SMALL_HEAD];

    (void)state;
    assert_int_equal(expclip_batcher_embed_images(out, 4 * SMALL_HEAD, batcher,
                                                  batch, NULL, NULL, NULL),
                     0);
    assert_int_equal(expclip_embed_images(alone, 4 * SMALL_HEAD, model, batch,
                                          NULL, NULL, NULL),
                     0);
    assert_rows_equal(out, alone, 4 * SMALL_HEAD);
    assert_int_equal(expclip_batcher_pass_count(batcher), 2);
    expclip_batch_free(batch);
    expclip_batcher_free(batcher);
}

static void test_batcher__a_full_queue_is_busy_and_others_finish(void **state)
{
    expclip_batcher *batcher = new_batcher(8, 400000, 2);
    expclip_batch *two = new_batch(2, 7);
    float logits[2 * N_CLASSES];
    expclip_error err;
    caller first;

    (void)state;
    start(&first, batcher, two, 1);
    wait_until_waiting(batcher, 2);
    assert_int_equal(expclip_batcher_score_images(logits, 2 * N_CLASSES,
                                                  batcher, classes, two, NULL,
                                                  &err),
                     EXPCLIP_ERROR_BUSY);
    assert_non_null(strstr(err.message, "2 pictures wait"));
    pthread_join(first.thread, NULL);
    assert_int_equal(first.status, 0);
    assert_int_equal(expclip_batcher_score_images(logits, 2 * N_CLASSES,
                                                  batcher, classes, two, NULL,
                                                  &err),
                     0);
    expclip_batch_free(two);
    expclip_batcher_free(batcher);
}

static void test_batcher__a_waiting_call_can_be_cancelled(void **state)
{
    expclip_batcher *batcher = new_batcher(8, 10000000, 64);
    expclip_batch *batch = new_batch(1, 7);
    expclip_cancel *cancel = NULL;
    caller c = { .batcher = batcher, .batch = batch, .n_rounds = 1 };

    (void)state;
    assert_int_equal(expclip_cancel_create(&cancel, NULL), 0);
    c.cancel = cancel;
    assert_int_equal(pthread_create(&c.thread, NULL, call, &c), 0);
    wait_until_waiting(batcher, 1);
    expclip_cancel_request(cancel);
    pthread_join(c.thread, NULL);
    assert_int_equal(c.status, EXPCLIP_ERROR_CANCELLED);
    assert_int_equal(expclip_batcher_waiting_count(batcher), 0);
    assert_int_equal(expclip_batcher_pass_count(batcher), 0);
    expclip_cancel_free(cancel);
    expclip_batch_free(batch);
    expclip_batcher_free(batcher);
}

static void test_batcher__a_bad_picture_is_a_row_of_nan(void **state)
{
    expclip_batcher *batcher = new_batcher(8, 0, 64);
    expclip_batch *batch = new_batch(1, 7);
    float logits[2 * N_CLASSES];

    (void)state;
    expclip_batch_add_bytes(batch, (const uint8_t *)"no", 2, NULL, NULL);
    assert_int_equal(expclip_batcher_score_images(logits, 2 * N_CLASSES,
                                                  batcher, classes, batch, NULL,
                                                  NULL),
                     0);
    assert_true(isfinite(logits[0]) != 0);
    assert_true(isnan(logits[N_CLASSES]) != 0);
    expclip_batch_clear(batch);
    assert_int_equal(expclip_batcher_score_images(NULL, 0, batcher, classes,
                                                  batch, NULL, NULL),
                     0);
    expclip_batch_free(batch);
    expclip_batcher_free(batcher);
}

static void test_batcher__wrong_arguments_are_refused(void **state)
{
    expclip_batcher_options o = EXPCLIP_BATCHER_OPTIONS_INIT;
    expclip_batcher *batcher = NULL;

    (void)state;
    o.max_batch = 0;
    assert_int_equal(expclip_batcher_create(&batcher, model, &o, NULL),
                     EXPCLIP_ERROR_ARGUMENT);
    o.max_batch = 1;
    o.max_delay_us = -1;
    assert_int_equal(expclip_batcher_create(&batcher, model, &o, NULL),
                     EXPCLIP_ERROR_ARGUMENT);
    o.max_delay_us = 0;
    o.queue_size = 0;
    assert_int_equal(expclip_batcher_create(&batcher, model, &o, NULL),
                     EXPCLIP_ERROR_ARGUMENT);
    assert_int_equal(expclip_batcher_create(&batcher, NULL, NULL, NULL),
                     EXPCLIP_ERROR_ARGUMENT);
    assert_int_equal(
        expclip_batcher_score_images(NULL, 0, NULL, classes, NULL, NULL, NULL),
        EXPCLIP_ERROR_ARGUMENT);
    assert_int_equal(expclip_batcher_pass_count(NULL), 0);
    expclip_batcher_free(NULL);
}

static void test_batcher__it_comes_and_goes_often(void **state)
{
    expclip_batch *batch = new_batch(1, 7);
    float logits[N_CLASSES];

    (void)state;
    for (int i = 0; i < 100; i++) {
        expclip_batcher *batcher = new_batcher(1 + i % 3, 0, 8);

        if (i % 2)
            assert_int_equal(expclip_batcher_score_images(logits, N_CLASSES,
                                                          batcher, classes,
                                                          batch, NULL, NULL),
                             0);
        expclip_batcher_free(batcher);
    }
    expclip_batch_free(batch);
}

static void test_batcher__a_forked_child_is_told_at_once(void **state)
{
    expclip_batcher *batcher = new_batcher(8, 0, 64);
    expclip_batch *batch = new_batch(1, 7);
    float logits[N_CLASSES];
    int how;
    pid_t child;

    (void)state;
    child = fork();
    if (child == 0) {
        expclip_status status;

        alarm(10);
        status = expclip_batcher_score_images(logits, N_CLASSES, batcher,
                                              classes, batch, NULL, NULL);
        expclip_batcher_free(batcher);
        _exit(status == EXPCLIP_ERROR_FORK ? 0 : 1);
    }
    assert_int_equal(waitpid(child, &how, 0), child);
    assert_true(WIFEXITED(how) && WEXITSTATUS(how) == 0);
    expclip_batch_free(batch);
    expclip_batcher_free(batcher);
}

static void test_batcher__out_of_memory_is_an_error_everywhere(void **state)
{
    expclip_batch *batch = new_batch(1, 7);
    float logits[N_CLASSES];

    (void)state;
    for (int64_t n = 0;; n++) {
        expclip_batcher *batcher = NULL;
        expclip_status status;

        expclip__alloc_fail_after(n, 0);
        status = expclip_batcher_create(&batcher, model, NULL, NULL);
        if (!status)
            status = expclip_batcher_score_images(logits, N_CLASSES, batcher,
                                                  classes, batch, NULL, NULL);
        expclip__alloc_fail_after(-1, 0);
        expclip_batcher_free(batcher);
        if (!status)
            break;
        assert_int_equal(status, EXPCLIP_ERROR_MEMORY);
    }
    expclip_batch_free(batch);
}

static int load(void **state)
{
    expclip_prompts *prompts = NULL;
    expclip_error err = { 0, "" };
    int fd = mkstemp(path);

    (void)state;
    if (fd < 0 || close(fd))
        return -1;
    if (small_model_write(path, NULL, 0, &err) ||
        expclip_model_load(&model, path, NULL, &err) ||
        expclip_prompts_builtin(&prompts, "type1", N_CLASSES, &err) ||
        expclip_classes_create(&classes, model, prompts, NULL, NULL, &err))
        print_error("%s\n", err.message);
    expclip_prompts_free(prompts);
    return classes ? 0 : -1;
}

static int unload(void **state)
{
    (void)state;
    expclip_classes_free(classes);
    expclip_model_free(model);
    return unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_batcher__threads_get_what_they_would_get_alone),
        cmocka_unit_test(test_batcher__calls_that_wait_share_a_pass),
        cmocka_unit_test(test_batcher__a_call_larger_than_a_pass_takes_several),
        cmocka_unit_test(test_batcher__a_full_queue_is_busy_and_others_finish),
        cmocka_unit_test(test_batcher__a_waiting_call_can_be_cancelled),
        cmocka_unit_test(test_batcher__a_bad_picture_is_a_row_of_nan),
        cmocka_unit_test(test_batcher__wrong_arguments_are_refused),
        cmocka_unit_test(test_batcher__it_comes_and_goes_often),
        cmocka_unit_test(test_batcher__a_forked_child_is_told_at_once),
        cmocka_unit_test(test_batcher__out_of_memory_is_an_error_everywhere),
    };

    return cmocka_run_group_tests(tests, load, unload);
}
