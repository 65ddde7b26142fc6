/* SPDX-License-Identifier: MIT */
/*
 * test_rows.c - rows computed in steps: the same bytes however often the work
 * ended, was cancelled or found no memory. With features; test_targets.c has
 * targets.
 */
#include "unit/mixed_data.h"

#include <sys/syscall.h>
#include <sys/wait.h>

/* ---- one row ---- */

static void test_rows__are_copied_one_by_one(void **state)
{
    expclip_rows *f = create(mixed, "", 4);
    float row[SMALL_DIM], rows[N_ITEMS * SMALL_DIM];
    expclip_error err;

    (void)state;
    assert_int_equal(expclip_rows_copy(row, SMALL_DIM, f, 0, NULL),
                     EXPCLIP_ERROR_STATE); /* not done */
    finish(f);
    assert_int_equal(
        expclip_rows_embed(rows, N_ITEMS * SMALL_DIM, f, model, &plain, NULL),
        0);
    for (size_t i = 0; i < N_ITEMS; i++) {
        assert_int_equal(expclip_rows_copy(row, SMALL_DIM, f, i, &err),
                         expclip_rows_status(f, i));
        if (i == DAMAGED)
            assert_string_equal(err.message, expclip_rows_message(f, i));
        else
            assert_memory_equal(row, rows + i * SMALL_DIM, sizeof(row));
    }
    assert_int_equal(expclip_rows_copy(row, SMALL_DIM, f, N_ITEMS, NULL),
                     EXPCLIP_ERROR_ARGUMENT);
    assert_int_equal(expclip_rows_copy(row, SMALL_DIM + 1, f, 0, NULL),
                     EXPCLIP_ERROR_ARGUMENT);
    expclip_rows_free(f);
}

static void test_rows__of_nothing_are_none(void **state)
{
    float row[1];

    (void)state;
    assert_int_equal(expclip_rows_step(NULL, NULL, NULL),
                     EXPCLIP_ERROR_ARGUMENT);
    assert_int_equal(expclip_rows_copy(row, 1, NULL, 0, NULL),
                     EXPCLIP_ERROR_ARGUMENT);
    assert_int_equal(expclip_rows_done_count(NULL), 0);
    assert_int_equal(expclip_rows_failed_count(NULL), 0);
    assert_int_equal(expclip_rows_status(NULL, 0), EXPCLIP_ERROR_ARGUMENT);
    assert_string_equal(expclip_rows_message(NULL, 0), "");
    expclip_rows_free(NULL);
}

/* ---- going on ---- */

static void test_rows__interrupted_work_gives_the_same_bytes(void **state)
{
    expclip_rows *f = create(mixed, "whole", 4);
    const int n_steps = finish(f);

    (void)state;
    expclip_rows_free(f);
    for (int stop = 0; stop <= n_steps; stop++) {
        unlink(in_root("part"));
        for (int at = 0; at <= stop; at++) {
            f = create(mixed, "part", 4);
            assert_int_equal(expclip_rows_step(f, NULL, NULL), 0);
            expclip_rows_free(f);
        }
        f = create(mixed, "part", 4);
        finish(f);
        assert_are_mixed(f);
        expclip_rows_free(f);
        assert_same_file("part", "whole");
    }
}

/* Killed while records were written: within a batch, too. */
static void test_rows__a_cut_file_gives_the_same_bytes(void **state)
{
    size_t size;
    uint8_t *bytes;
    expclip_rows *f = create(mixed, "whole", 4);

    (void)state;
    finish(f);
    expclip_rows_free(f);
    bytes = scratch_read(in_root("whole"), &size);
    for (size_t cut = 16; cut < size; cut += 151) {
        write_file("part", bytes, cut);
        f = create(mixed, "part", 4);
        finish(f);
        expclip_rows_free(f);
        assert_same_file("part", "whole");
    }
    free(bytes);
}

static void test_rows__cancelled_work_goes_on(void **state)
{
    expclip_rows *f = create(mixed, "cancelled", 2), *whole;
    expclip_cancel *cancel = NULL;

    (void)state;
    assert_int_equal(expclip_cancel_create(&cancel, NULL), 0);
    expclip_cancel_request(cancel);
    while (expclip_rows_done_count(f) < N_ITEMS) {
        const size_t before = expclip_rows_done_count(f);

        assert_int_equal(expclip_rows_step(f, cancel, NULL),
                         EXPCLIP_ERROR_CANCELLED);
        /* Deeper than the door: images were decoded by now. */
        assert_int_equal(expclip__rows_step(f, cancel, NULL),
                         EXPCLIP_ERROR_CANCELLED);
        assert_int_equal(expclip_rows_done_count(f), before);
        assert_int_equal(expclip_rows_step(f, NULL, NULL), 0);
    }
    assert_are_mixed(f);
    expclip_rows_free(f);
    expclip_cancel_free(cancel);
    whole = create(mixed, "uncancelled", 2);
    finish(whole);
    expclip_rows_free(whole);
    assert_same_file("cancelled", "uncancelled");
}

static void test_rows__under_stop_a_failed_item_ends_the_work(void **state)
{
    expclip_features_options o = options_of("stopped", 4);
    expclip_rows *f = NULL;
    expclip_error err;

    (void)state;
    o.policy = EXPCLIP_POLICY_STOP;
    assert_int_equal(expclip_rows_create_features(&f, model, mixed, &o, NULL),
                     0);
    assert_int_equal(expclip_rows_step(f, NULL, NULL), 0);
    assert_int_equal(expclip_rows_step(f, NULL, NULL), 0);
    for (int i = 0; i < 2; i++) {
        assert_int_not_equal(expclip_rows_step(f, NULL, &err), 0);
        assert_non_null(strstr(err.message, "faces/anger/cut.png: "));
        assert_int_equal(expclip_rows_done_count(f), DAMAGED);
        assert_int_equal(expclip_rows_failed_count(f), 0);
    }
    expclip_rows_free(f);
    f = create(mixed, "stopped", 4); /* SKIP goes on */
    assert_int_equal(expclip_rows_done_count(f), DAMAGED);
    finish(f);
    assert_are_mixed(f);
    expclip_rows_free(f);
}

/* ---- threads, processes, memory ---- */

static void test_rows__may_end_while_images_are_decoded(void **state)
{
    (void)state;
    for (int i = 0; i < 40; i++) {
        expclip_rows *f = create(mixed, "", 1 + i % 3);

        assert_int_equal(expclip_rows_step(f, NULL, NULL), 0);
        expclip_rows_free(f);
    }
}

static void test_rows__a_forked_child_is_told(void **state)
{
    expclip_rows *f = create(mixed, "", 2);
    int code;
    pid_t child;

    (void)state;
    assert_int_equal(expclip_rows_step(f, NULL, NULL), 0);
    child = fork();
    if (child == 0) {
        const expclip_status status = expclip_rows_step(f, NULL, NULL);

        alarm(10);
#ifndef __SANITIZE_THREAD__ /* it takes the parent's thread for the child's */
        expclip_rows_free(f);
#endif
        syscall(SYS_exit_group, status != EXPCLIP_ERROR_FORK);
    }
    assert_int_equal(waitpid(child, &code, 0), child);
    assert_int_equal(code, 0);
    finish(f);
    expclip_rows_free(f);
}

/* All of it in turn. A message that was lost counts as no memory. */
static int32_t all_of_it(const expclip_features_options *o)
{
    float rows[N_ITEMS * SMALL_HEAD];
    expclip_rows *f = NULL;
    expclip_status status;

    unlink(o->cache);
    status = expclip_rows_create_features(&f, model, mixed, o, NULL);
    while (!status && expclip_rows_done_count(f) < N_ITEMS)
        status = expclip_rows_step(f, NULL, NULL);
    if (!status)
        status = expclip_rows_embed(rows, N_ITEMS * SMALL_HEAD, f, model, NULL,
                                    NULL);
    if (!status)
        assert_int_equal(expclip_rows_failed_count(f), 1);
    if (!status && !*expclip_rows_message(f, DAMAGED))
        status = EXPCLIP_ERROR_MEMORY;
    expclip_rows_free(f);
    return status;
}

/* In batches of 16 no images follow images, so there is one thread. */
static int32_t in_one_thread(void *nothing)
{
    const expclip_features_options o = options_of("sweep", 16);

    (void)nothing;
    return all_of_it(&o);
}

static void test_rows__survives_any_failed_allocation(void **state)
{
    (void)state;
    sweep_allocations(in_one_thread, NULL);
}

/* Here the thread's allocations fail as well, in no order. */
static void test_rows__survives_failed_allocations_ahead(void **state)
{
    const expclip_features_options o = options_of("sweep", 2);

    (void)state;
    for (int for_ever = 0; for_ever < 2; for_ever++)
        for (int64_t n = 0; n < 400; n += 7) {
            int32_t status;

            expclip__alloc_fail_after(n, for_ever);
            status = all_of_it(&o);
            expclip__alloc_fail_after(-1, 0);
            if (status)
                assert_int_equal(status, EXPCLIP_ERROR_MEMORY);
        }
    assert_int_equal(all_of_it(&o), 0);
}

/* After a step that found no memory the next one does the same items. */
static void test_rows__goes_on_when_there_is_memory_again(void **state)
{
    (void)state;
    for (int64_t n = 0; n < 200; n += 13) {
        expclip_rows *f = create(mixed, "", 2);
        expclip_status status = EXPCLIP_OK;

        expclip__alloc_fail_after(n, 1);
        while (!status && expclip_rows_done_count(f) < N_ITEMS)
            status = expclip_rows_step(f, NULL, NULL);
        expclip__alloc_fail_after(-1, 0);
        finish(f);
        assert_are_mixed(f);
        expclip_rows_free(f);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows__are_copied_one_by_one),
        cmocka_unit_test(test_rows__of_nothing_are_none),
        cmocka_unit_test(test_rows__interrupted_work_gives_the_same_bytes),
        cmocka_unit_test(test_rows__a_cut_file_gives_the_same_bytes),
        cmocka_unit_test(test_rows__cancelled_work_goes_on),
        cmocka_unit_test(test_rows__under_stop_a_failed_item_ends_the_work),
        cmocka_unit_test(test_rows__may_end_while_images_are_decoded),
        cmocka_unit_test(test_rows__a_forked_child_is_told),
        cmocka_unit_test(test_rows__survives_any_failed_allocation),
        cmocka_unit_test(test_rows__survives_failed_allocations_ahead),
        cmocka_unit_test(test_rows__goes_on_when_there_is_memory_again),
    };

    return cmocka_run_group_tests(tests, load, unload);
}
