/* SPDX-License-Identifier: MIT */
/*
 * test_threads.c - reference counts, fork, cancelling.
 */
#include "unit/scratch.h"

#include <sys/wait.h>

#include "base/threads.h"

static void test_threads__the_last_reference_frees(void **state)
{
    expclip__refcount r;

    (void)state;
    expclip__ref_init(&r);
    expclip__ref_take(&r);
    assert_int_equal(expclip__ref_drop(&r), 0);
    assert_int_equal(expclip__ref_drop(&r), 1);
}

static void test_threads__there_is_a_core(void **state)
{
    (void)state;
    assert_true(expclip__n_cores() >= 1);
}

/* Exit status: 0 when the child is told apart. */
static int look_in_child(uint64_t generation)
{
    expclip_error err;

    return expclip__fork_check(generation, &err) != EXPCLIP_ERROR_FORK ||
           expclip__fork_check(expclip__fork_generation(), &err) != EXPCLIP_OK;
}

static void test_threads__a_child_is_another_generation(void **state)
{
    const uint64_t generation = expclip__fork_generation();
    int status = -1;
    pid_t child;

    (void)state;
    assert_int_equal(expclip__fork_check(generation, NULL), EXPCLIP_OK);
    child = fork();
    if (child == 0)
        _exit(look_in_child(generation));
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    assert_int_equal(expclip__fork_check(generation, NULL), EXPCLIP_OK);
}

static void test_threads__a_raised_token_cancels(void **state)
{
    struct expclip_cancel token = { 0 };
    expclip_error err;

    (void)state;
    assert_int_equal(expclip__cancel_check(NULL, &err), EXPCLIP_OK);
    assert_int_equal(expclip__cancel_check(&token, &err), EXPCLIP_OK);
    atomic_store(&token.requested, 1);
    assert_int_equal(expclip__cancel_check(&token, &err),
                     EXPCLIP_ERROR_CANCELLED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_threads__the_last_reference_frees),
        cmocka_unit_test(test_threads__there_is_a_core),
        cmocka_unit_test(test_threads__a_child_is_another_generation),
        cmocka_unit_test(test_threads__a_raised_token_cancels),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
