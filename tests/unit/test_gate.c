/* SPDX-License-Identifier: MIT */
/*
 * test_gate.c - the end of the process: who is inside comes out, nobody gets
 * in.
 */
#include "unit/scratch.h"

#include <pthread.h>
#include <stdatomic.h>
#include <sys/wait.h>
#include <time.h>

#include "base/gate.h"

static atomic_int is_inside, is_out;

static void pause_ms(long ms)
{
    const struct timespec t = { ms / 1000, ms % 1000 * 1000000 };

    nanosleep(&t, NULL);
}

static void *stay_inside(void *ms)
{
    assert_int_equal(expclip__gate_enter(NULL), EXPCLIP_OK);
    atomic_store(&is_inside, 1);
    pause_ms(*(const long *)ms);
    atomic_store(&is_out, 1);
    expclip__gate_leave();
    return NULL;
}

static pthread_t send_inside(const long *ms)
{
    pthread_t thread;

    atomic_store(&is_inside, 0);
    atomic_store(&is_out, 0);
    assert_int_equal(
        pthread_create(&thread, NULL, stay_inside, (void *)(uintptr_t)ms), 0);
    while (!atomic_load(&is_inside))
        pause_ms(1);
    return thread;
}

static void test_gate__closing_waits_for_those_inside(void **state)
{
    static const long ms = 100;
    const pthread_t thread = send_inside(&ms);

    (void)state;
    expclip__gate_close();
    assert_true(atomic_load(&is_out));
    pthread_join(thread, NULL);
    expclip__gate_open();
}

static void test_gate__a_closed_gate_lets_nobody_in(void **state)
{
    expclip_error err = { 0 };

    (void)state;
    expclip__gate_close();
    assert_int_equal(expclip__gate_enter(&err), EXPCLIP_ERROR_CANCELLED);
    assert_string_equal(err.message,
                        "the process is ending, or the library was closed");
    expclip__gate_open();
    assert_int_equal(expclip__gate_enter(&err), EXPCLIP_OK);
    expclip__gate_leave();
}

static void test_gate__one_inside_may_enter_again_and_close(void **state)
{
    (void)state;
    assert_int_equal(expclip__gate_enter(NULL), EXPCLIP_OK);
    expclip__gate_close(); /* exit() in a call does not wait for itself */
    assert_int_equal(expclip__gate_enter(NULL), EXPCLIP_OK);
    expclip__gate_leave();
    expclip__gate_leave();
    assert_int_equal(expclip__gate_enter(NULL), EXPCLIP_ERROR_CANCELLED);
    expclip__gate_open();
}

static void test_gate__a_forked_child_does_not_wait_for_its_parent(void **state)
{
    static const long ms = 2000;
    const pthread_t thread = send_inside(&ms);
    int status = 0;
    pid_t child;

    (void)state;
    child = fork();
    if (child == 0) {
        alarm(1);
        expclip__gate_close();
        _exit(7);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 7);
    pthread_join(thread, NULL);
}

/* Registered before the gate's handler, so called after it. */
static void linger(void)
{
    pause_ms(200);
}

static void *enter_for_ever(void *unused)
{
    for (;;) {
        if (expclip__gate_enter(NULL))
            _exit(3); /* as a host may do that takes errors for fatal */
        expclip__gate_leave();
    }
    return unused;
}

static void test_gate__who_is_late_waits_for_the_end(void **state)
{
    int status = 0;
    pid_t child;

    (void)state;
    child = fork();
    if (child == 0) {
        pthread_t thread;

        alarm(8);
        atexit(linger);
        expclip__gate_watch();
        if (pthread_create(&thread, NULL, enter_for_ever, NULL))
            _exit(4);
        pause_ms(20);
        exit(7);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_gate__closing_waits_for_those_inside),
        cmocka_unit_test(test_gate__a_closed_gate_lets_nobody_in),
        cmocka_unit_test(test_gate__one_inside_may_enter_again_and_close),
        cmocka_unit_test(
            test_gate__a_forked_child_does_not_wait_for_its_parent),
        cmocka_unit_test(test_gate__who_is_late_waits_for_the_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
