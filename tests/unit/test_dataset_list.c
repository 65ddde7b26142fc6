/* SPDX-License-Identifier: MIT */
/*
 * test_dataset_list.c - lists of `path frames label`: what is read, what is
 * refused and where, and how paths are mapped.
 */
#include "unit/data_tree.h"

static expclip_dataset_options options;

/* Open the list "l" that was written. */
static expclip_status open_list(expclip_dataset **out)
{
    char path[512];

    strcpy(path, scratch_path("l"));
    memset(&tree_error, 0, sizeof(tree_error));
    return expclip_dataset_open(out, "list", path, NULL, 0, &options,
                                &tree_error);
}

static int begin(void **state)
{
    options = (expclip_dataset_options)EXPCLIP_DATASET_OPTIONS_INIT;
    return scratch_begin(state);
}

#define LIST_TEST(f) cmocka_unit_test_setup_teardown(f, begin, tree_end)

static void test_list__rows_are_path_frames_label(void **state)
{
    expclip_dataset *d = NULL;
    char expected[600];

    (void)state;
    tree_file("l", "\xEF\xBB\xBF/data/a b/c 12 3\r\n"
                   "\n"
                   "/x.png 0 0\n"
                   "sub/d\t8640000\t6");
    assert_int_equal(open_list(&d), 0);
    assert_int_equal(expclip_dataset_count(d), 3);
    assert_string_equal(expclip_dataset_path(d, 0), "/data/a b/c");
    assert_int_equal(expclip_dataset_frame_count(d, 0), 12);
    assert_int_equal(expclip_dataset_label(d, 0), 3);
    assert_int_equal(d->items[0].line, 1);
    assert_string_equal(expclip_dataset_path(d, 1), "/x.png");
    assert_int_equal(expclip_dataset_frame_count(d, 1), 0);
    assert_int_equal(d->items[1].line, 3);
    snprintf(expected, sizeof(expected), "%s/sub/d", scratch_folder);
    assert_string_equal(expclip_dataset_path(d, 2), expected);
    assert_int_equal(expclip_dataset_frame_count(d, 2), 8640000);
    assert_int_equal(expclip_dataset_fold_count(d), 1);
    assert_string_equal(expclip_dataset_name(d), "list");
    expclip_dataset_free(d);
}

static void test_list__classes_are_7_8_or_11_by_the_largest_label(void **state)
{
    static const int expected[] = { 7, 7, 7, 7, 7, 7, 7, 8, 11, 11, 11 };

    (void)state;
    for (int label = 0; label < 11; label++) {
        expclip_dataset *d = NULL;
        char row[32];

        snprintf(row, sizeof(row), "/a 1 %d\n/b 1 0", label);
        tree_file("l", row);
        assert_int_equal(open_list(&d), 0);
        assert_int_equal(expclip_dataset_class_count(d), expected[label]);
        assert_string_equal(expclip_dataset_class_name(d, 6), "fear");
        expclip_dataset_free(d);
    }
}

/* Reliability: each of these is refused, with its line, and nothing is made. */
static void test_list__wrong_rows_are_refused_with_their_line(void **state)
{
    static const struct {
        const char *row;
        const char *reason;
    } cases[] = {
        { "/b 1 -1", "label \"-1\", expected a whole number from 0 to 10" },
        { "/b 1 2147483648", "label \"2147483648\", expected" },
        { "/b 1 1e1", "label \"1e1\", expected" },
        { "/b 1 11", "label \"11\", expected" },
        { "/b 1 1.0", "label \"1.0\", expected" },
        { "/b 1 x", "label \"x\", expected" },
        { "/b -1 1", "frames \"-1\", expected" },
        { "/b 1e9 1", "frames \"1e9\", expected" },
        { "/b 1000000000 1", "frames \"1000000000\", expected" },
        { "/b,1,1", "spaces for its commas" },
        { "/b;1;1", "spaces for its semicolons" },
        { "/b 1", "row \"/b 1\", expected path, frames and label" },
        { "/b", "expected path, frames and label" },
        { " 1 1", "row \" 1 1\", expected path" },
        { "../b 1 1", "path \"../b\", expected no \"..\" in it" },
        { "/a/../b 1 1", "expected no \"..\" in it" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        expclip_dataset *d = NULL;
        char text[128];

        snprintf(text, sizeof(text), "/a 1 1\n%s\n/c 1 1\n", cases[i].row);
        tree_file("l", text);
        expect_tree_error(open_list(&d), EXPCLIP_ERROR_FORMAT, cases[i].reason);
        expect_tree_error(EXPCLIP_ERROR_FORMAT, EXPCLIP_ERROR_FORMAT,
                          "/l, line 2: ");
        assert_null(d);

        options.policy = EXPCLIP_POLICY_SKIP;
        assert_int_equal(open_list(&d), 0);
        assert_int_equal(expclip_dataset_count(d), 2);
        assert_int_equal(expclip_dataset_problem_count(d), 1);
        assert_non_null(strstr(expclip_dataset_problem(d, 0), "/l, line 2: "));
        assert_non_null(strstr(expclip_dataset_problem(d, 0), cases[i].reason));
        assert_int_equal(d->problems[0].line, 2);
        expclip_dataset_free(d);
        options.policy = EXPCLIP_POLICY_STOP;
    }
}

static void test_list__nul_and_long_lines_are_refused(void **state)
{
    const size_t size = 10 * 1000 * 1000;
    char *text = malloc(size);
    expclip_dataset *d = NULL;

    (void)state;
    tree_bytes("l", "/a 1 1\n/b\0 1 1\n", 15);
    expect_tree_error(open_list(&d), EXPCLIP_ERROR_FORMAT, "line 2: a NUL");
    memset(text, 'x', size);
    memcpy(text, "/a 1 1\n", 7);
    memcpy(text + size - 8, "\n/c 1 1\n", 8);
    tree_bytes("l", text, size);
    expect_tree_error(open_list(&d), EXPCLIP_ERROR_LIMIT, "line 2: longer");
    options.policy = EXPCLIP_POLICY_SKIP;
    assert_int_equal(open_list(&d), 0);
    assert_int_equal(expclip_dataset_count(d), 2);
    expclip_dataset_free(d);
    free(text);
}

static void test_list__bytes_that_are_no_text_may_be_in_a_path(void **state)
{
    expclip_dataset *d = NULL;

    (void)state;
    tree_file("l", "/\xff\xfe 1 1\n");
    assert_int_equal(open_list(&d), 0);
    assert_string_equal(expclip_dataset_path(d, 0), "/\xff\xfe");
    expclip_dataset_free(d);
}

static void test_list__without_items_is_refused(void **state)
{
    expclip_dataset *d = NULL;

    (void)state;
    tree_file("l", "\n\n");
    expect_tree_error(open_list(&d), EXPCLIP_ERROR_FORMAT, "no item");
    tree_file("l", "x\ny\n");
    options.policy = EXPCLIP_POLICY_SKIP;
    expect_tree_error(open_list(&d), EXPCLIP_ERROR_FORMAT,
                      "no item in the test part; first problem: ");
    assert_null(d);
}

static void test_list__roots_are_mapped_at_a_folders_border(void **state)
{
    static const struct {
        const char *from, *to, *path, *expected; /* "@" = the scratch folder */
    } cases[] = {
        { "/data", "/mnt", "/data/a", "/mnt/a" },
        { "/data/", "/mnt/", "/data/a", "/mnt/a" },
        { "/data/", "/mnt", "/data/a", "/mnt/a" },
        { "/data", "/mnt", "/database/a", "/database/a" },
        { "/data", "/mnt", "/data", "/mnt" },
        { "/data", "/mnt", "/x/data/a", "/x/data/a" },
        { "/", "/mnt", "/data/a", "/mnt/data/a" },
        { "/data", "new", "/data/a", "@/new/a" },
        { "/data", "", "/data/a", "@/a" },
        { "old", "new", "old/a", "@/new/a" },
        { "old", "/new", "old/a", "/new/a" },
        { "", "", "old/a", "@/old/a" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        expclip_dataset *d = NULL;
        char text[128], expected[256];
        const char *e = cases[i].expected;

        snprintf(text, sizeof(text), "%s 1 1", cases[i].path);
        tree_file("l", text);
        options.map_from = cases[i].from;
        options.map_to = cases[i].to;
        assert_int_equal(open_list(&d), 0);
        snprintf(expected, sizeof(expected), "%s%s",
                 *e == '@' ? scratch_folder : "", e + (*e == '@'));
        assert_string_equal(expclip_dataset_path(d, 0), expected);
        expclip_dataset_free(d);
    }
}

static void test_list__lists_are_folds_of_any_data_set(void **state)
{
    char one[512], two[512], expected[600];
    const char *lists[] = { one, two };
    expclip_dataset *d = NULL;

    (void)state;
    tree_file("1", "a 3 0\nb 4 6\n");
    tree_file("2", "c 5 1");
    strcpy(one, scratch_path("1"));
    strcpy(two, scratch_path("2"));
    assert_int_equal(expclip_dataset_open(&d, "dfew", scratch_folder, lists, 2,
                                          NULL, &tree_error),
                     0);
    assert_string_equal(expclip_dataset_name(d), "DFEW");
    assert_int_equal(expclip_dataset_fold_count(d), 2);
    assert_int_equal(expclip_dataset_fold(d, 0), 0);
    assert_int_equal(expclip_dataset_fold(d, 2), 1);
    assert_int_equal(expclip_dataset_class_count(d), 7);
    snprintf(expected, sizeof(expected), "%s/c", scratch_folder);
    assert_string_equal(expclip_dataset_path(d, 2), expected);
    expclip_dataset_free(d);

    tree_file("2", "c 5 7"); /* DFEW has 7 classes */
    expect_tree_error(expclip_dataset_open(&d, "DFEW", scratch_folder, lists, 2,
                                           NULL, &tree_error),
                      EXPCLIP_ERROR_FORMAT, "/2, line 1: label \"7\"");
    unlink(two);
    expect_tree_error(expclip_dataset_open(&d, "DFEW", scratch_folder, lists, 2,
                                           NULL, &tree_error),
                      EXPCLIP_ERROR_NOT_FOUND, "/2");
}

static void write_rows(size_t n)
{
    FILE *f = fopen(scratch_path("l"), "wb");

    for (size_t i = 0; i < n; i++)
        fprintf(f, "/data/clips/%07zu %zu %zu\n", i, 17 + i % 9, i % 11);
    fclose(f);
}

/* Allocations and bytes grow with the rows, not faster. */
static void test_list__100000_rows_are_read(void **state)
{
    expclip_dataset *d = NULL;

    (void)state;
    write_rows(100000);
    assert_int_equal(open_list(&d), 0);
    assert_int_equal(expclip_dataset_count(d), 100000);
    assert_int_equal(d->items[99999].line, 100000);
    assert_int_equal(d->items[99999].label, 99999 % 11);
    expclip_dataset_free(d);
}

static int32_t open_and_free(void *data)
{
    expclip_dataset *d = NULL;
    const expclip_status status = open_list(&d);

    (void)data;
    expclip_dataset_free(d);
    return status;
}

static void test_list__survives_failing_allocations(void **state)
{
    (void)state;
    tree_file("l", "a 1 1\nb 1 12\nc 1 8\nd 1 x\n");
    options.policy = EXPCLIP_POLICY_SKIP;
    sweep_allocations(open_and_free, NULL);
    write_rows(600);
    sweep_allocations(open_and_free, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        LIST_TEST(test_list__rows_are_path_frames_label),
        LIST_TEST(test_list__classes_are_7_8_or_11_by_the_largest_label),
        LIST_TEST(test_list__wrong_rows_are_refused_with_their_line),
        LIST_TEST(test_list__nul_and_long_lines_are_refused),
        LIST_TEST(test_list__bytes_that_are_no_text_may_be_in_a_path),
        LIST_TEST(test_list__without_items_is_refused),
        LIST_TEST(test_list__roots_are_mapped_at_a_folders_border),
        LIST_TEST(test_list__lists_are_folds_of_any_data_set),
        LIST_TEST(test_list__100000_rows_are_read),
        LIST_TEST(test_list__survives_failing_allocations),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
