/* SPDX-License-Identifier: MIT */
/*
 * test_dataset.c - opening datasets: lists line by line, folders, parts, and
 * memory that ends at any moment. The published layouts are laid out in
 * tests/reference/miniatures.py, apart from the library's own tables.
 */
#include "unit/scratch.h"

#include "datasets/dataset.h"

static expclip_dataset *data;

static expclip_status open_list(const char *text, size_t size, int32_t policy,
                                expclip_error *err)
{
    expclip_dataset_options o = EXPCLIP_DATASET_OPTIONS_INIT;

    o.policy = policy;
    return expclip_dataset_open(&data, "list", scratch_write("l", text, size),
                                NULL, 0, &o, err);
}

static void test_dataset__a_list_is_read_as_users_write_it(void **state)
{
    static const char text[] = "\xef\xbb\xbf"
                               "a b.png 0 0\r\n"
                               "\r\n"
                               "/abs/clip 17\t6\r\n"
                               "last one 3 2";

    (void)state;
    assert_int_equal(open_list(text, sizeof(text) - 1, 0, NULL), 0);
    assert_int_equal(expclip_dataset_count(data), 3);
    assert_non_null(strstr(expclip_dataset_path(data, 0), "/a b.png"));
    assert_string_equal(expclip_dataset_path(data, 1), "/abs/clip");
    assert_int_equal(expclip_dataset_frame_count(data, 0), 0);
    assert_int_equal(expclip_dataset_frame_count(data, 1), 17);
    assert_int_equal(expclip_dataset_label(data, 1), 6);
    assert_int_equal(expclip_dataset_label(data, 2), 2);
    assert_int_equal(expclip_dataset_class_count(data), 7);
    assert_string_equal(expclip_dataset_class_name(data, 6), "fear");
    assert_int_equal(expclip_dataset_label(data, 3), -1);
    assert_string_equal(expclip_dataset_path(data, 3), "");
    expclip_dataset_free(data);
}

static void test_dataset__a_bad_line_is_named_or_left_out(void **state)
{
    static const char *const lines[] = {
        "p 0 -1", "p 0 2147483648", "p 0 1e1", "p 0 11",
        "p -1 0", "p 1000000000 0", "p 0",     "p",
        "0 0",    "p 0 zero",       "p 0x1 0",
    };
    expclip_error err;
    char text[128];

    (void)state;
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        const int n =
            snprintf(text, sizeof(text), "good 0 1\n%s\nalso 0 2\n", lines[i]);

        data = NULL;
        assert_int_equal(open_list(text, (size_t)n, 0, &err),
                         EXPCLIP_ERROR_FORMAT);
        assert_null(data);
        assert_non_null(strstr(err.message, "line 2: "));
        assert_int_equal(open_list(text, (size_t)n, 1, NULL), 0);
        assert_int_equal(expclip_dataset_count(data), 2);
        assert_int_equal(expclip_dataset_problem_count(data), 1);
        assert_non_null(strstr(expclip_dataset_problem(data, 0), "line 2: "));
        expclip_dataset_free(data);
    }
}

static void test_dataset__a_name_is_found_in_any_spelling(void **state)
{
    expclip_error err;

    (void)state;
    assert_int_equal(
        expclip_dataset_open(&data, "caers", "/nowhere", NULL, 0, NULL, &err),
        EXPCLIP_ERROR_NOT_FOUND);
    assert_non_null(strstr(err.message, "CAER-S: /nowhere"));
    assert_int_not_equal(
        expclip_dataset_open(&data, "other", "/", NULL, 0, NULL, &err), 0);
    assert_non_null(strstr(err.message, "expected RAFDB"));
}

static void
test_dataset__parts_follow_each_other_and_make_the_whole(void **state)
{
    static const char text[] = "a 0 0\nb 0 1\nc 0 2\nd 0 3\ne 0 4\n";
    expclip_dataset *part;
    size_t k = 0;

    (void)state;
    assert_int_equal(open_list(text, sizeof(text) - 1, 0, NULL), 0);
    for (int32_t i = 0; i < 3; i++) {
        assert_int_equal(expclip_dataset_shard(&part, data, i, 3, NULL), 0);
        assert_in_range(expclip_dataset_count(part), 1, 2);
        assert_true(expclip__dataset_hash(part) == expclip__dataset_hash(data));
        for (size_t j = 0; j < expclip_dataset_count(part); j++, k++) {
            assert_string_equal(expclip_dataset_path(part, j),
                                expclip_dataset_path(data, k));
            assert_int_equal(expclip_dataset_label(part, j), (int32_t)k);
        }
        expclip_dataset_free(part);
    }
    assert_int_equal(k, 5);
    assert_int_equal(expclip_dataset_shard(&part, data, 0, 6, NULL),
                     EXPCLIP_ERROR_STATE);
    assert_int_equal(expclip_dataset_shard(&part, data, 3, 3, NULL),
                     EXPCLIP_ERROR_ARGUMENT);
    expclip_dataset_free(data);
}

static int32_t open_and_cut(void *unused)
{
    static const char text[] = "a 0 0\nb 3 1\nbad\nc 0 2\n";
    expclip_dataset *part = NULL;
    expclip_string *found = NULL;
    expclip_status status;

    (void)unused;
    data = NULL;
    status = open_list(text, sizeof(text) - 1, EXPCLIP_POLICY_SKIP, NULL);
    if (!status)
        status = expclip_dataset_shard(&part, data, 1, 2, NULL);
    if (!status)
        status = expclip_dataset_check(&found, data, NULL, NULL);
    expclip_string_free(found);
    expclip_dataset_free(part);
    expclip_dataset_free(data);
    return status;
}

static void test_dataset__out_of_memory_is_an_error(void **state)
{
    (void)state;
    sweep_allocations(open_and_cut, NULL);
}

static void test_dataset__many_lines_are_read_in_linear_memory(void **state)
{
    enum { N = 100000, WIDTH = 26 };
    char *text = malloc(N * WIDTH + 1);

    (void)state;
    for (unsigned i = 0; i < N; i++)
        snprintf(text + i * WIDTH, WIDTH + 1, "folder/clip_%06u 16 %u\n\n\n",
                 i % 1000000, i % 7);
    assert_int_equal(open_list(text, N * WIDTH, 0, NULL), 0);
    assert_int_equal(expclip_dataset_count(data), N);
    assert_int_equal(expclip_dataset_label(data, N - 1), (N - 1) % 7);
    expclip_dataset_free(data);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCRATCH_TEST(test_dataset__a_list_is_read_as_users_write_it),
        SCRATCH_TEST(test_dataset__a_bad_line_is_named_or_left_out),
        SCRATCH_TEST(test_dataset__a_name_is_found_in_any_spelling),
        SCRATCH_TEST(test_dataset__parts_follow_each_other_and_make_the_whole),
        SCRATCH_TEST(test_dataset__out_of_memory_is_an_error),
        SCRATCH_TEST(test_dataset__many_lines_are_read_in_linear_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
