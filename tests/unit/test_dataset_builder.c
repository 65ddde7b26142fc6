/* SPDX-License-Identifier: MIT */
/*
 * test_dataset_builder.c - paths, parts of a layout, and what becomes of a
 * failure under each policy.
 */
#include "unit/data_tree.h"

#include "base/error.h"
#include "datasets/dataset_builder.h"

static void expect_join(const char *folder, const char *name,
                        const char *expected)
{
    char *path = expclip__path_join(folder, name);

    assert_string_equal(path, expected);
    expclip__free(path);
}

static void test_builder__paths_have_one_slash_between(void **state)
{
    (void)state;
    expect_join("a", "b", "a/b");
    expect_join("a/", "b", "a/b");
    expect_join("/", "b", "/b");
    expect_join("", "b", "b");
    expect_join("a", "", "a");
}

static void test_builder__the_first_part_that_is_there_is_found(void **state)
{
    static const char *const names[] = { "no", "file", "folder", NULL };
    expclip__builder b = { .path = scratch_folder };
    char expected[128];
    char *path = NULL;

    (void)state;
    tree_file("file", "");
    tree_file("folder/x", "");
    assert_int_equal(expclip__path_kind(scratch_path("no")), EXPCLIP__NOTHING);
    assert_int_equal(expclip__path_kind(scratch_path("file")), EXPCLIP__FILE);
    assert_int_equal(expclip__path_kind(scratch_folder), EXPCLIP__FOLDER);
    assert_int_equal(
        expclip__find_part(&path, &b, names, EXPCLIP__FOLDER, NULL), 0);
    snprintf(expected, sizeof(expected), "%s/folder", scratch_folder);
    assert_string_equal(path, expected);
    expclip__free(path);
    assert_int_equal(
        expclip__find_part(&path, &b, names + 3, EXPCLIP__FILE, NULL), 0);
    assert_null(path);
}

static expclip_status add_problem(int32_t policy, expclip_status code)
{
    char *lists[] = { (char[]){ "a.txt" } };
    expclip_dataset d = { .lists = lists, .n_lists = 1 };
    expclip_dataset_options options = EXPCLIP_DATASET_OPTIONS_INIT;
    expclip__builder b = { .dataset = &d, .options = &options };
    expclip_error why;
    expclip_status status;

    options.policy = policy;
    expclip__fail(&why, code, "reason");
    status = expclip__add_problem(&b, 0, 7, &why, &tree_error);
    assert_int_equal(d.n_problems, status == 0);
    if (!status) {
        assert_string_equal(d.problems[0].text, "a.txt, line 7: reason");
        assert_int_equal(d.problems[0].line, 7);
        expclip__free(d.problems[0].text);
        expclip__free(d.problems);
    }
    return status;
}

static void test_builder__only_wrong_text_may_be_skipped(void **state)
{
    (void)state;
    assert_int_equal(add_problem(EXPCLIP_POLICY_SKIP, EXPCLIP_ERROR_FORMAT), 0);
    assert_int_equal(add_problem(EXPCLIP_POLICY_SKIP, EXPCLIP_ERROR_LIMIT), 0);
    expect_tree_error(add_problem(EXPCLIP_POLICY_SKIP, EXPCLIP_ERROR_IO),
                      EXPCLIP_ERROR_IO, "reason");
    expect_tree_error(add_problem(EXPCLIP_POLICY_SKIP, EXPCLIP_ERROR_MEMORY),
                      EXPCLIP_ERROR_MEMORY, "reason");
    expect_tree_error(add_problem(EXPCLIP_POLICY_STOP, EXPCLIP_ERROR_FORMAT),
                      EXPCLIP_ERROR_FORMAT, "a.txt, line 7: reason");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_builder__paths_have_one_slash_between),
        TREE_TEST(test_builder__the_first_part_that_is_there_is_found),
        cmocka_unit_test(test_builder__only_wrong_text_may_be_skipped),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
