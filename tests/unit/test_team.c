/* SPDX-License-Identifier: MIT */
/*
 * test_team.c - threads that work together.
 */
#define _GNU_SOURCE
#include <stdatomic.h>
#include <string.h>

#include "base/team.h"
#include "unit/scratch.h"

enum { STEPS = 20 };

static atomic_int done[STEPS];
static atomic_int members, early;

/* Each counts a step, and none is in the next one before all have. */
static void count(void *data, expclip__team *team, int32_t me)
{
    (void)data;
    atomic_fetch_add(&members, 1);
    if (me < 0 || me >= expclip__team_size(team))
        atomic_fetch_add(&early, 1);
    for (int i = 0; i < STEPS; i++) {
        atomic_fetch_add(&done[i], 1);
        expclip__team_wait(team);
        if (atomic_load(&done[i]) != expclip__team_size(team))
            atomic_fetch_add(&early, 1);
    }
}

static void assert_work(int32_t n_threads, int expected)
{
    for (int i = 0; i < STEPS; i++)
        atomic_store(&done[i], 0);
    atomic_store(&members, 0);
    expclip__team_run(n_threads, count, NULL);
    assert_int_equal(atomic_load(&members), expected);
    assert_int_equal(atomic_load(&early), 0);
    for (int i = 0; i < STEPS; i++)
        assert_int_equal(atomic_load(&done[i]), expected);
}

static void test_team__no_thread_is_a_step_ahead(void **state)
{
    (void)state;
    assert_work(1, 1);
    assert_work(2, 2);
    assert_work(5, 5);
}

static void test_team__is_as_large_as_the_largest(void **state)
{
    (void)state;
    assert_work(1000, EXPCLIP__TEAM_MOST);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_team__no_thread_is_a_step_ahead),
        cmocka_unit_test(test_team__is_as_large_as_the_largest),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
