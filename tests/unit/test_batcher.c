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
#include "expression/batcher.h"
#include "unit/small_model.h"

#define N_THREADS 16
#define N_ROUNDS 10
#define N_CLASSES 7
#define FAR_AWAY 10000000 /* microseconds: no test waits that long */
#define NS_A_MS 1000000
#define FLOATS (3 * SMALL_IMAGE * SMALL_IMAGE)

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

/* A batch of n images of one colour each. */
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
    float rows[4 * SMALL_HEAD];
    int n_failed;
    expclip_status status; /* of the last call */
} caller;

static void *score_once(void *argument)
{
    caller *c = argument;

    c->status = expclip_batcher_score_images(
        c->logits, expclip_batch_count(c->batch) * N_CLASSES, c->batcher,
        classes, c->batch, c->cancel, NULL);
    return NULL;
}

static void *embed_often(void *argument)
{
    caller *c = argument;
    const size_t size = expclip_batch_count(c->batch) * SMALL_HEAD;

    for (int i = 0; i < N_ROUNDS && !c->status; i++)
        c->status = expclip_batcher_embed_images(c->rows, size, c->batcher,
                                                 c->batch, NULL, NULL, NULL);
    return NULL;
}

/* The encoder alone: all memory that it allocates, the worker allocates. */
static void *encode_often(void *argument)
{
    static const float pixels[FLOATS];
    caller *c = argument;

    for (int i = 0; i < N_ROUNDS; i++) {
        c->status =
            expclip__batcher_encode(c->batcher, c->rows, pixels, 1, NULL, NULL);
        c->n_failed += c->status != EXPCLIP_OK;
    }
    return NULL;
}

static void start(caller *c, void *(*work)(void *), expclip_batcher *batcher,
                  expclip_batch *batch, const expclip_cancel *cancel)
{
    memset(c, 0, sizeof(*c));
    c->batcher = batcher;
    c->batch = batch;
    c->cancel = cancel;
    assert_int_equal(pthread_create(&c->thread, NULL, work, c), 0);
}

static int64_t now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / NS_A_MS;
}

static void wait_until_waiting(const expclip_batcher *batcher, int64_t n)
{
    const struct timespec pause = { 0, NS_A_MS };

    while (expclip_batcher_waiting_count(batcher) != n)
        nanosleep(&pause, NULL);
}

/* Neighbours change a unit vector by no more than tests/reference allows. */
static void assert_rows_equal(const float *a, const float *b, size_t n)
{
    for (size_t i = 0; i < n; i++)
        assert_true(fabsf(a[i] - b[i]) <= 2e-6f);
}

static void assert_embeds_as_alone(const float *found, expclip_batch *batch)
{
    const size_t size = expclip_batch_count(batch) * SMALL_HEAD;
    float alone[4 * SMALL_HEAD];

    assert_int_equal(
        expclip_model_embed_images(alone, size, model, batch, NULL, NULL, NULL),
        0);
    assert_rows_equal(found, alone, size);
}

/* The same of logits, which are cosines times the scale. */
static void assert_scores_as_alone(const float *found, expclip_batch *batch)
{
    const size_t size = expclip_batch_count(batch) * N_CLASSES;
    const float most = 2e-6f * expclip_model_logit_scale(model);
    float alone[4 * N_CLASSES];

    assert_int_equal(expclip_model_score_images(alone, size, model, classes,
                                                batch, NULL, NULL),
                     0);
    for (size_t i = 0; i < size; i++)
        assert_true(isnan(alone[i]) ? isnan(found[i])
                                    : fabsf(found[i] - alone[i]) <= most);
}

static void test_batcher__threads_get_what_they_would_get_alone(void **state)
{
    expclip_batcher *batcher = new_batcher(5, 1000, 1000);
    caller callers[N_THREADS];

    (void)state;
    for (int i = 0; i < N_THREADS; i++)
        start(&callers[i], embed_often, batcher,
              new_batch(1 + i % 3, (uint8_t)(10 * i)), NULL);
    for (int i = 0; i < N_THREADS; i++) {
        pthread_join(callers[i].thread, NULL);
        assert_int_equal(callers[i].status, 0);
        assert_embeds_as_alone(callers[i].rows, callers[i].batch);
        expclip_batch_free(callers[i].batch);
    }
    assert_int_equal(expclip_batcher_waiting_count(batcher), 0);
    assert_int_equal(expclip_batcher_image_count(batcher), 31 * N_ROUNDS);
    assert_true(expclip_batcher_pass_count(batcher) < N_THREADS * N_ROUNDS);
    expclip_batcher_free(batcher);
}

static void test_batcher__a_full_pass_is_shared_and_starts_at_once(void **state)
{
    const int64_t began = now_ms();
    expclip_batcher *batcher = new_batcher(4, FAR_AWAY, 64);
    caller callers[4];

    (void)state;
    for (int i = 0; i < 4; i++)
        start(&callers[i], score_once, batcher, new_batch(1, (uint8_t)(50 * i)),
              NULL);
    for (int i = 0; i < 4; i++) {
        pthread_join(callers[i].thread, NULL);
        assert_int_equal(callers[i].status, 0);
        assert_scores_as_alone(callers[i].logits, callers[i].batch);
        expclip_batch_free(callers[i].batch);
    }
    assert_true(now_ms() - began < FAR_AWAY / 1000 / 2);
    assert_int_equal(expclip_batcher_pass_count(batcher), 1);
    assert_int_equal(expclip_batcher_image_count(batcher), 4);
    expclip_batcher_free(batcher);
}

static void test_batcher__a_call_without_company_waits_its_delay(void **state)
{
    expclip_batcher *batcher = new_batcher(8, 50000, 64);
    expclip_batch *batch = new_batch(1, 7);
    float logits[N_CLASSES];
    int64_t began, took;

    (void)state;
    began = now_ms();
    assert_int_equal(expclip_batcher_score_images(logits, N_CLASSES, batcher,
                                                  classes, batch, NULL, NULL),
                     0);
    took = now_ms() - began;
    assert_in_range(took, 49, 5000); /* now_ms() cuts the fraction */
    expclip_batch_free(batch);
    expclip_batcher_free(batcher);
}

static void test_batcher__a_call_larger_than_a_pass_takes_several(void **state)
{
    expclip_batcher *batcher = new_batcher(3, 0, 2);
    expclip_batch *batch = new_batch(4, 7);
    float out[4 * SMALL_HEAD];

    (void)state;
    assert_int_equal(expclip_batcher_embed_images(out, 4 * SMALL_HEAD, batcher,
                                                  batch, NULL, NULL, NULL),
                     0);
    assert_embeds_as_alone(out, batch);
    assert_int_equal(expclip_batcher_pass_count(batcher), 2);
    expclip_batch_free(batch);
    expclip_batcher_free(batcher);
}

static void test_batcher__a_full_queue_is_busy_and_others_finish(void **state)
{
    expclip_batcher *batcher = new_batcher(3, FAR_AWAY, 3);
    expclip_batch *early = new_batch(2, 7), *late = new_batch(2, 90);
    float logits[2 * N_CLASSES];
    expclip_error err;
    caller first;

    (void)state;
    start(&first, score_once, batcher, early, NULL);
    wait_until_waiting(batcher, 2);
    assert_int_equal(expclip_batcher_score_images(logits, 2 * N_CLASSES,
                                                  batcher, classes, late, NULL,
                                                  &err),
                     EXPCLIP_ERROR_BUSY);
    assert_int_equal(err.code, EXPCLIP_ERROR_BUSY);
    assert_non_null(strstr(err.message, "2 images wait"));
    expclip_batch_free(late);
    late = new_batch(1, 90);
    assert_int_equal(expclip_batcher_score_images(logits, N_CLASSES, batcher,
                                                  classes, late, NULL, &err),
                     0);
    pthread_join(first.thread, NULL);
    assert_int_equal(first.status, 0);
    assert_scores_as_alone(first.logits, early);
    assert_scores_as_alone(logits, late);
    expclip_batch_free(early);
    expclip_batch_free(late);
    expclip_batcher_free(batcher);
}

static void
test_batcher__a_cancelled_call_leaves_the_others_waiting(void **state)
{
    expclip_batcher *batcher = new_batcher(3, FAR_AWAY, 64);
    expclip_cancel *cancel = NULL;
    int64_t began;
    caller callers[3];

    (void)state;
    assert_int_equal(expclip_cancel_create(&cancel, NULL), 0);
    for (int i = 0; i < 2; i++) {
        start(&callers[i], score_once, batcher, new_batch(1, 7),
              i == 0 ? cancel : NULL);
        wait_until_waiting(batcher, i + 1);
    }
    began = now_ms();
    expclip_cancel_request(cancel);
    pthread_join(callers[0].thread, NULL);
    assert_true(now_ms() - began < 1000); /* 10, were this machine idle */
    assert_int_equal(callers[0].status, EXPCLIP_ERROR_CANCELLED);
    assert_int_equal(expclip_batcher_waiting_count(batcher), 1);
    assert_int_equal(expclip_batcher_pass_count(batcher), 0);
    start(&callers[2], score_once, batcher, new_batch(2, 7), NULL);
    for (int i = 1; i < 3; i++) {
        pthread_join(callers[i].thread, NULL);
        assert_int_equal(callers[i].status, 0);
        assert_scores_as_alone(callers[i].logits, callers[i].batch);
    }
    for (int i = 0; i < 3; i++)
        expclip_batch_free(callers[i].batch);
    expclip_cancel_free(cancel);
    expclip_batcher_free(batcher);
}

static void test_batcher__a_bad_image_is_a_row_of_nan(void **state)
{
    expclip_batcher *batcher = new_batcher(2, FAR_AWAY, 64);
    expclip_batch *bad = new_batch(1, 7), *good = new_batch(1, 90);
    caller callers[2];

    (void)state;
    expclip_batch_add_bytes(bad, (const uint8_t *)"no", 2, NULL, NULL);
    start(&callers[0], score_once, batcher, bad, NULL);
    start(&callers[1], score_once, batcher, good, NULL);
    for (int i = 0; i < 2; i++) {
        pthread_join(callers[i].thread, NULL);
        assert_int_equal(callers[i].status, 0);
        assert_scores_as_alone(callers[i].logits, callers[i].batch);
    }
    assert_true(isnan(callers[0].logits[N_CLASSES]) != 0);
    assert_true(isfinite(callers[1].logits[0]) != 0);
    assert_int_equal(expclip_batcher_pass_count(batcher), 1);
    expclip_batch_clear(bad);
    assert_int_equal(expclip_batcher_score_images(NULL, 0, batcher, classes,
                                                  bad, NULL, NULL),
                     0);
    expclip_batch_free(bad);
    expclip_batch_free(good);
    expclip_batcher_free(batcher);
}

static void test_batcher__a_failed_pass_fails_its_own_calls_only(void **state)
{
    expclip_batcher *batcher = new_batcher(4, 1000, 1000);
    caller callers[N_THREADS];
    int n_failed = 0;

    (void)state;
    expclip__alloc_fail_after(20, 0); /* there are 40 passes or more */
    for (int i = 0; i < N_THREADS; i++)
        start(&callers[i], encode_often, batcher, NULL, NULL);
    for (int i = 0; i < N_THREADS; i++) {
        pthread_join(callers[i].thread, NULL);
        n_failed += callers[i].n_failed;
    }
    expclip__alloc_fail_after(-1, 0);
    assert_in_range(n_failed, 1, 4);
    assert_int_equal(expclip_batcher_waiting_count(batcher), 0);
    expclip_batcher_free(batcher);
}

static void test_batcher__a_failed_call_takes_no_further_pass(void **state)
{
    static const float pixels[7 * FLOATS];
    expclip_batcher *batcher = new_batcher(2, 0, 64);
    float rows[7 * SMALL_DIM];

    (void)state;
    expclip__alloc_fail_after(0, 0);
    assert_int_equal(
        expclip__batcher_encode(batcher, rows, pixels, 7, NULL, NULL),
        EXPCLIP_ERROR_MEMORY);
    assert_int_equal(expclip_batcher_pass_count(batcher), 1);
    assert_int_equal(expclip_batcher_waiting_count(batcher), 0);
    assert_int_equal(
        expclip__batcher_encode(batcher, rows, pixels, 7, NULL, NULL), 0);
    assert_int_equal(expclip_batcher_pass_count(batcher), 5);
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

static void *come_and_go(void *argument)
{
    caller *c = argument;

    for (int i = 0; i < 25 && !c->status; i++) {
        c->status = expclip_batcher_create(&c->batcher, model, NULL, NULL);
        if (!c->status && i % 2)
            score_once(c);
        expclip_batcher_free(c->batcher);
        c->batcher = NULL;
    }
    return NULL;
}

static void test_batcher__many_come_and_go_at_once(void **state)
{
    caller callers[4];

    (void)state;
    for (int i = 0; i < 4; i++)
        start(&callers[i], come_and_go, NULL, new_batch(1, 7), NULL);
    for (int i = 0; i < 4; i++) {
        pthread_join(callers[i].thread, NULL);
        assert_int_equal(callers[i].status, 0);
        expclip_batch_free(callers[i].batch);
    }
}

static void test_batcher__it_keeps_its_model(void **state)
{
    expclip_model *shared = model;
    expclip_batcher *batcher;
    expclip_batch *batch;
    float rows[SMALL_HEAD];

    (void)state;
    model = NULL;
    assert_int_equal(expclip_model_load(&model, path, NULL, NULL), 0);
    batcher = new_batcher(8, 0, 64);
    batch = new_batch(1, 7);
    expclip_model_free(model);
    model = shared;
    assert_int_equal(expclip_batcher_embed_images(rows, SMALL_HEAD, batcher,
                                                  batch, NULL, NULL, NULL),
                     0);
    expclip_batch_free(batch);
    expclip_batcher_free(batcher);
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
        expclip_batcher *own = NULL;

        alarm(10);
        if (expclip_batcher_score_images(logits, N_CLASSES, batcher, classes,
                                         batch, NULL,
                                         NULL) != EXPCLIP_ERROR_FORK)
            _exit(1);
        expclip_batcher_free(batcher);
        /* Its worker would be one that nobody can stop. */
        if (expclip_batcher_create(&own, model, NULL, NULL) !=
            EXPCLIP_ERROR_FORK)
            _exit(2);
        _exit(own == NULL ? 0 : 3);
    }
    assert_int_equal(waitpid(child, &how, 0), child);
    assert_true(WIFEXITED(how));
    assert_int_equal(WEXITSTATUS(how), 0);
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
        cmocka_unit_test(
            test_batcher__a_full_pass_is_shared_and_starts_at_once),
        cmocka_unit_test(test_batcher__a_call_without_company_waits_its_delay),
        cmocka_unit_test(test_batcher__a_call_larger_than_a_pass_takes_several),
        cmocka_unit_test(test_batcher__a_full_queue_is_busy_and_others_finish),
        cmocka_unit_test(
            test_batcher__a_cancelled_call_leaves_the_others_waiting),
        cmocka_unit_test(test_batcher__a_bad_image_is_a_row_of_nan),
        cmocka_unit_test(test_batcher__a_failed_pass_fails_its_own_calls_only),
        cmocka_unit_test(test_batcher__a_failed_call_takes_no_further_pass),
        cmocka_unit_test(test_batcher__wrong_arguments_are_refused),
        cmocka_unit_test(test_batcher__many_come_and_go_at_once),
        cmocka_unit_test(test_batcher__it_keeps_its_model),
        cmocka_unit_test(test_batcher__a_forked_child_is_told_at_once),
        cmocka_unit_test(test_batcher__out_of_memory_is_an_error_everywhere),
    };

    return cmocka_run_group_tests(tests, load, unload);
}
