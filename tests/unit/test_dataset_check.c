/* SPDX-License-Identifier: MIT */
/*
 * test_dataset_check.c - what the check of a dataset finds, and what not.
 */
#include "unit/data_tree.h"

#include <jansson.h>

static json_t *root;

static json_t *check(const expclip_dataset *d)
{
    char *text = NULL;

    json_decref(root);
    assert_int_equal(expclip__dataset_check(&text, d, NULL, &tree_error), 0);
    root = json_loads(text, 0, NULL);
    assert_non_null(root);
    free(text);
    return root;
}

/* Check a list, or two as folds; the scratch folder is the dataset's. */
static json_t *check_lists(const char *name, const char *one, const char *two)
{
    char a[512], b[512];
    const char *const lists[] = { a, b };
    expclip_dataset *d = NULL;

    tree_file("1.txt", one);
    strcpy(a, scratch_path("1.txt"));
    if (two)
        tree_file("2.txt", two);
    strcpy(b, scratch_path("2.txt"));
    if (expclip_dataset_open(&d, name, scratch_folder, lists, two ? 2 : 1, NULL,
                             &tree_error))
        fail_msg("%s", tree_error.message);
    check(d);
    expclip_dataset_free(d);
    return root;
}

static json_int_t count_of(const char *kind)
{
    return json_integer_value(
        json_object_get(json_object_get(root, "counts"), kind));
}

/* The one finding of a kind. */
static const json_t *finding_of(const char *kind)
{
    const json_t *found = NULL;
    size_t i;
    json_t *f;

    json_array_foreach (json_object_get(root, "findings"), i, f)
        if (strcmp(json_string_value(json_object_get(f, "kind")), kind) == 0) {
            assert_null(found);
            found = f;
        }
    if (!found)
        fail_msg("no finding %s", kind);
    assert_int_equal(count_of(kind), 1);
    return found;
}

static void expect_finding(const char *kind, const char *severity,
                           const char *path_end, json_int_t line,
                           const char *message)
{
    const json_t *f = finding_of(kind);
    const char *path = json_string_value(json_object_get(f, "path"));
    const char *text = json_string_value(json_object_get(f, "message"));

    assert_string_equal(json_string_value(json_object_get(f, "severity")),
                        severity);
    if (path_end)
        assert_string_equal(path + strlen(path) - strlen(path_end), path_end);
    else
        assert_null(path);
    assert_int_equal(json_integer_value(json_object_get(f, "line")), line);
    if (!strstr(text, message))
        fail_msg("\"%s\" is not in \"%s\"", message, text);
}

static void test_check__a_clean_data_set_has_no_finding(void **state)
{
    (void)state;
    tree_file("happy/1.png", "");
    tree_file("sad/2.png", "");
    tree_clip("sad/clip", 17);
    check_lists("list",
                "happy/1.png 0 0\nsad/2.png 0 1\nsad/clip 17 1\n"
                "sad/clip/001.jpg 0 2\nsad/clip/002.jpg 0 3\n"
                "sad/clip/003.jpg 0 4\nsad/clip/004.jpg 0 5\n"
                "sad/clip/005.jpg 0 6\n",
                NULL);
    assert_int_equal(json_array_size(json_object_get(root, "findings")), 0);
    assert_int_equal(json_object_size(json_object_get(root, "counts")), 12);
    assert_string_equal(json_string_value(json_object_get(root, "dataset")),
                        "list");
    assert_int_equal(json_integer_value(json_object_get(root, "n")), 8);
    assert_int_equal(json_integer_value(json_object_get(root, "n_classes")), 7);
    assert_int_equal(json_integer_value(json_object_get(root, "n_folds")), 1);
}

static void test_check__files_and_folders_that_lack_are_missing(void **state)
{
    (void)state;
    tree_file("clip.mp4", "");
    tree_file("a.png", "");
    tree_clip("clip", 17);
    check_lists("list", "clip 17 0\nno 20 1\n", NULL);
    expect_finding("missing", "error", "/no", 2, "no such file or folder");
    check_lists("list", "clip 0 0\n", NULL);
    expect_finding("missing", "error", "/clip", 1, "expected an image");
    check_lists("list", "a.png 20 0\n", NULL);
    expect_finding("missing", "error", "/a.png", 1, "expected a folder");
    check_lists("list", "clip.mp4 20 0\n", NULL);
    assert_int_equal(count_of("missing"), 0);
}

static void test_check__frames_are_held_against_the_list(void **state)
{
    (void)state;
    tree_clip("clip", 17);
    mkdir(scratch_path("empty"), 0777);
    check_lists("list", "clip 18 0\n", NULL);
    expect_finding("missing_frames", "error", "/clip", 1,
                   "17 frames in the folder, 18 in the list");
    check_lists("list", "\nclip 16 0\n", NULL);
    expect_finding("extra_frames", "warning", "/clip", 2,
                   "17 frames in the folder, 16 in the list");
    expect_finding("short_clip", "warning", "/clip", 2, "16 frames");
    check_lists("list", "empty 20 0\n", NULL);
    expect_finding("missing_frames", "error", "/empty", 1, "no frame");
}

static void test_check__frames_may_be_gif_and_webp(void **state)
{
    (void)state;
    mkdir(scratch_path("clip"), 0777);
    for (int i = 0; i < 20; i++) {
        char name[32];

        snprintf(name, sizeof(name), "clip/%02d.%s", i, i % 2 ? "gif" : "WebP");
        tree_file(name, "");
    }
    check_lists("list", "clip 20 0\n", NULL);
    assert_int_equal(count_of("missing_frames"), 0);
}

static void test_check__clips_of_16_frames_are_short(void **state)
{
    expclip_dataset *d;

    (void)state;
    tree_clip("sad/clip", 16);
    tree_clip("happy/clip", 17);
    d = tree_open("folder", "test");
    check(d);
    expclip_dataset_free(d);
    expect_finding("short_clip", "warning", "sad/clip", 0, "16 frames");
}

static void test_check__frames_in_another_order_are_found(void **state)
{
    expclip_dataset *d;

    (void)state;
    tree_clip("sad/padded", 20);
    for (int i = 1; i <= 20; i++) {
        char name[32];

        snprintf(name, sizeof(name), "happy/clip/%d.jpg", i);
        tree_file(name, "");
    }
    d = tree_open("folder", "test");
    check(d);
    expclip_dataset_free(d);
    expect_finding("order", "warning", "happy/clip", 0,
                   "\"19.jpg\" comes before \"2.jpg\"");
}

static void test_check__items_that_come_twice_are_found(void **state)
{
    (void)state;
    tree_file("a.png", "");
    tree_file("b.png", "");
    check_lists("list", "a.png 0 3\nb.png 0 1\na.png 0 0\n", NULL);
    expect_finding("duplicate", "error", "/a.png", 3,
                   "in fold 1 twice, before in line 1 as anger");
    assert_int_equal(count_of("leak"), 0);
    check_lists("list", "a.png 0 0\n", "b.png 0 1\na.png 0 0\n");
    expect_finding("leak", "error", "/a.png", 2, "in fold 1 and in fold 2");
    assert_int_equal(count_of("duplicate"), 0);
}

static void test_check__rows_of_a_table_are_not_one_item(void **state)
{
    expclip_dataset *d;

    (void)state;
    tree_file("fer2013.csv", "emotion,pixels,Usage\n0,1,PrivateTest\n"
                             "1,1,PrivateTest\n1,1,PrivateTest\n");
    d = tree_open("FER2013", "test");
    check(d);
    expclip_dataset_free(d);
    assert_int_equal(count_of("duplicate"), 0);
    assert_int_equal(count_of("missing"), 0);
    assert_int_equal(count_of("empty_class"), 5);
    expect_finding("count", "error", NULL, 0,
                   "fold 1: 3 items, 3589 published");
}

static void test_check__counts_are_held_against_what_is_published(void **state)
{
    const json_t *folds, *classes;

    (void)state;
    tree_file("a.png", "");
    check_lists("AFEW", "a.png 0 0\n", NULL);
    assert_int_equal(count_of("count"), 7);
    folds = json_object_get(root, "folds");
    assert_int_equal(json_integer_value(
                         json_object_get(json_array_get(folds, 0), "expected")),
                     381);
    classes = json_object_get(json_array_get(folds, 0), "classes");
    assert_int_equal(json_object_size(classes), 7);
    assert_int_equal(json_integer_value(json_object_get(classes, "happiness")),
                     1);
    /* which of five folds one list is cannot be told */
    check_lists("DFEW", "a.png 0 0\n", NULL);
    assert_int_equal(count_of("count"), 0);
    assert_true(json_is_null(json_object_get(
        json_array_get(json_object_get(root, "folds"), 0), "expected")));
    assert_int_equal(count_of("empty_class"), 6);
}

static void test_check__skipped_lines_and_odd_names_are_told(void **state)
{
    expclip_dataset_options options = EXPCLIP_DATASET_OPTIONS_INIT;
    expclip_dataset *d = NULL;
    char path[512];
    const char *missing;

    (void)state;
    tree_file("l", "\xff\n\xfe.png 0 0\n");
    strcpy(path, scratch_path("l"));
    options.policy = EXPCLIP_POLICY_SKIP;
    assert_int_equal(
        expclip_dataset_open(&d, "list", path, NULL, 0, &options, NULL), 0);
    check(d);
    expclip_dataset_free(d);
    expect_finding("skipped_line", "error", NULL, 1, "/l, line 1: row");
    missing = json_string_value(json_object_get(finding_of("missing"), "path"));
    assert_non_null(strstr(missing, "\xEF\xBF\xBD.png"));
}

static void test_check__lists_1000_findings_and_counts_all(void **state)
{
    FILE *f = fopen(scratch_path("l"), "wb");
    expclip_dataset *d = NULL;
    char path[512];

    (void)state;
    strcpy(path, scratch_path("l"));
    for (int i = 0; i < 2500; i++)
        fprintf(f, "no%d 20 %d\n", i, i % 7);
    fclose(f);
    assert_int_equal(
        expclip_dataset_open(&d, "list", path, NULL, 0, NULL, NULL), 0);
    check(d);
    expclip_dataset_free(d);
    assert_int_equal(count_of("missing"), 2500);
    assert_int_equal(json_array_size(json_object_get(root, "findings")), 1000);
}

static void test_check__stops_when_told(void **state)
{
    expclip_cancel *cancel = NULL;
    expclip_string *out = NULL;
    expclip_dataset *d;

    (void)state;
    tree_file("sad/1.png", "");
    d = tree_open("folder", "test");
    assert_int_equal(expclip_cancel_create(&cancel, NULL), 0);
    expclip_cancel_request(cancel);
    assert_int_equal(expclip_dataset_check(&out, d, cancel, NULL),
                     EXPCLIP_ERROR_CANCELLED);
    assert_null(out);
    expclip_cancel_free(cancel);
    expclip_dataset_free(d);
}

static int32_t check_and_free(void *data)
{
    expclip_string *out = NULL;
    const expclip_status status = expclip_dataset_check(&out, data, NULL, NULL);

    expclip_string_free(out);
    return status;
}

static void test_check__survives_failing_allocations(void **state)
{
    expclip_dataset *d;

    (void)state;
    tree_clip("sad/clip", 3);
    tree_file("happy/\xff.png", "");
    tree_file("bored/1.png", "");
    d = tree_open("folder", "test");
    sweep_allocations(check_and_free, d);
    expclip_dataset_free(d);
}

static int end_group(void **state)
{
    (void)state;
    json_decref(root);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TREE_TEST(test_check__a_clean_data_set_has_no_finding),
        TREE_TEST(test_check__files_and_folders_that_lack_are_missing),
        TREE_TEST(test_check__frames_are_held_against_the_list),
        TREE_TEST(test_check__frames_may_be_gif_and_webp),
        TREE_TEST(test_check__clips_of_16_frames_are_short),
        TREE_TEST(test_check__frames_in_another_order_are_found),
        TREE_TEST(test_check__items_that_come_twice_are_found),
        TREE_TEST(test_check__rows_of_a_table_are_not_one_item),
        TREE_TEST(test_check__counts_are_held_against_what_is_published),
        TREE_TEST(test_check__skipped_lines_and_odd_names_are_told),
        TREE_TEST(test_check__lists_1000_findings_and_counts_all),
        TREE_TEST(test_check__stops_when_told),
        TREE_TEST(test_check__survives_failing_allocations),
    };

    return cmocka_run_group_tests(tests, NULL, end_group);
}
