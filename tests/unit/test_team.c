/* SPDX-License-Identifier: MIT */
/*
 * test_team.c - work shared out among threads.
 */
#define _GNU_SOURCE
#include <stdatomic.h>
#include <sys/resource.h>

#include "base/team.h"
#include "unit/scratch.h"

enum { STEPS = 20, PARTS = 7 };

static atomic_int done[STEPS][PARTS];
static atomic_int wrong;

/* Each part once, and none before all of the step before it. */
static void count(void *data, int32_t step, int32_t part, int32_t me)
{
    const int32_t *n_threads = data;

    if (me < 0 || me >= *n_threads)
        atomic_fetch_add(&wrong, 1);
    for (int i = 0; step && i < PARTS; i++)
        if (atomic_load(&done[step - 1][i]) != 1)
            atomic_fetch_add(&wrong, 1);
    atomic_fetch_add(&done[step][part], 1);
}

static void assert_work(int32_t n_threads)
{
    expclip__team_work work = { .n_steps = STEPS,
                                .part = count,
                                .data = &n_threads };

    for (int s = 0; s < STEPS; s++) {
        work.n_parts[s] = PARTS;
        for (int i = 0; i < PARTS; i++)
            atomic_store(&done[s][i], 0);
    }
    expclip__team_run(n_threads, &work);
    assert_int_equal(atomic_load(&wrong), 0);
    for (int s = 0; s < STEPS; s++)
        for (int i = 0; i < PARTS; i++)
            assert_int_equal(atomic_load(&done[s][i]), 1);
}

static void test_team__each_part_is_done_once_and_in_its_step(void **state)
{
    const int32_t n_threads[] = { 1, 2, 5, 64, 1000 };

    (void)state;
    for (int i = 0; i < 5; i++)
        assert_work(n_threads[i]);
}

/* As where no thread can be started. */
static void test_team__one_alone_does_it_all(void **state)
{
    struct rlimit before, none;

    (void)state;
    if (getenv("EXPCLIP_SANITIZED")) /* which need memory for themselves */
        skip();
    assert_int_equal(getrlimit(RLIMIT_AS, &before), 0);
    none = before;
    none.rlim_cur = 1;
    assert_int_equal(setrlimit(RLIMIT_AS, &none), 0);
    assert_work(4);
    assert_int_equal(setrlimit(RLIMIT_AS, &before), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_team__each_part_is_done_once_and_in_its_step),
        cmocka_unit_test(test_team__one_alone_does_it_all),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
