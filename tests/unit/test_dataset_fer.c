/* SPDX-License-Identifier: MIT */
/*
 * test_dataset_fer.c - FER2013 and FERPlus in miniature: labels, votes, parts,
 * and the images in the table.
 */
#include "unit/data_tree.h"

enum { SIDE = 48, N_PIXELS = SIDE * SIDE, ROW = N_PIXELS * 4 + 64 };

/* Append a row of FER2013; pixel i is (i + first) % 256. */
static void add_image(char *table, int emotion, int first, const char *usage)
{
    char *at = table + strlen(table);

    at += sprintf(at, "%d,", emotion);
    for (int i = 0; i < N_PIXELS; i++)
        at += sprintf(at, "%s%d", i ? " " : "", (i + first) % 256);
    sprintf(at, ",%s\n", usage);
}

/* A training row, a public one, then the private ones; for free(). */
static char *make_table(const char *name, int n_private)
{
    char *table = calloc((size_t)n_private + 3, ROW);

    strcpy(table, "emotion,pixels,Usage\n");
    add_image(table, 3, 0, "Training");
    add_image(table, 4, 1, "PublicTest");
    for (int i = 0; i < n_private; i++)
        add_image(table, i % 7, 100 + i, "PrivateTest");
    tree_file(name, table);
    return table;
}

static void expect_pixels(const expclip__item *item, int first)
{
    expclip__image image;

    assert_int_equal(expclip__item_pixels(&image, item, &tree_error), 0);
    assert_int_equal(image.width, SIDE);
    assert_int_equal(image.height, SIDE);
    for (int i = 0; i < 3 * N_PIXELS; i++)
        assert_int_equal(image.rgb[i], (i / 3 + first) % 256);
    expclip__image_clear(&image);
}

/* ---- FER2013 ---- */

static void test_fer__fer2013_labels_become_the_papers_order(void **state)
{
    static const int expected[] = { 3, 5, 6, 0, 1, 4, 2 };
    expclip_dataset *d;

    (void)state;
    free(make_table("fer2013.csv", 7));
    d = tree_open("FER-2013", "test");
    assert_string_equal(expclip_dataset_name(d), "FER2013");
    assert_int_equal(expclip_dataset_class_count(d), 7);
    assert_int_equal(expclip_dataset_count(d), 7);
    for (int i = 0; i < 7; i++) {
        assert_int_equal(d->items[i].label, expected[i]);
        assert_int_equal(d->items[i].line, i + 4);
        assert_string_equal(d->items[i].path, scratch_path("fer2013.csv"));
        expect_pixels(&d->items[i], 100 + i);
    }
    expclip_dataset_free(d);
    d = tree_open("FER2013", "train");
    assert_int_equal(expclip_dataset_count(d), 1);
    assert_int_equal(d->items[0].label, 0);
    expect_pixels(&d->items[0], 0);
    expclip_dataset_free(d);
}

static void test_fer__the_table_itself_may_be_named(void **state)
{
    char *table = make_table("fer2013.csv", 2);
    char *marked = malloc(strlen(table) + 16);
    expclip_dataset *d = NULL;

    (void)state;
    assert_int_equal(tree_try(&d, "FER2013", "fer2013.csv", "test", 0), 0);
    expect_pixels(&d->items[1], 101);
    expclip_dataset_free(d);

    /* a BOM and CRLF move the pixels */
    sprintf(marked,
            "\xEF\xBB\xBF"
            "emotion,pixels,Usage\r\n%s",
            strchr(table, '\n') + 1);
    tree_file("fer2013.csv", marked);
    d = tree_open("FER2013", "test");
    expect_pixels(&d->items[0], 100);
    expclip_dataset_free(d);
    free(marked);
    free(table);
}

static void test_fer__fer2013_wrong_rows_are_refused(void **state)
{
    static const struct {
        const char *row, *reason;
    } cases[] = {
        { "7,1 2,PrivateTest", "label \"7\"" },
        { "-1,1 2,PrivateTest", "label \"-1\"" },
        { "1,1 2,Private", "Usage \"Private\"" },
        { "1,,PrivateTest", "pixels: 0 bytes" },
        { "1,1 2", "\"Usage\" is not among them" },
    };
    expclip_dataset *d = NULL;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char text[256];

        snprintf(text, sizeof(text), "emotion,pixels,Usage\n1,1,Training\n%s\n",
                 cases[i].row);
        tree_file("fer2013.csv", text);
        expect_tree_error(tree_try(&d, "FER2013", "", "test", 0),
                          EXPCLIP_ERROR_FORMAT, cases[i].reason);
        expect_tree_error(EXPCLIP_ERROR_FORMAT, EXPCLIP_ERROR_FORMAT,
                          "fer2013.csv, line 3: ");
    }
    tree_file("fer2013.csv", "emotion,Usage\n1,Training\n");
    expect_tree_error(tree_try(&d, "FER2013", "", "test", 0),
                      EXPCLIP_ERROR_FORMAT, "line 1: no column \"pixels\"");
    unlink(scratch_path("fer2013.csv"));
    expect_tree_error(tree_try(&d, "FER2013", "", "test", 0),
                      EXPCLIP_ERROR_NOT_FOUND, "found no \"fer2013.csv\"");
    assert_null(d);
}

static void test_fer__wrong_pixels_are_found_when_read(void **state)
{
    static const char *const wrong[] = { "1 2 3", "256", "x", "-1" };
    expclip_dataset *d = NULL;

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        char text[256];
        expclip__image image;

        snprintf(text, sizeof(text), "emotion,pixels,Usage\n1,%s,PrivateTest\n",
                 wrong[i]);
        tree_file("fer2013.csv", text);
        d = tree_open("FER2013", "test");
        expect_tree_error(
            expclip__item_pixels(&image, &d->items[0], &tree_error),
            EXPCLIP_ERROR_FORMAT, "fer2013.csv, line 2: pixels");
        tree_file("fer2013.csv", "");
        expect_tree_error(
            expclip__item_pixels(&image, &d->items[0], &tree_error),
            EXPCLIP_ERROR_TRUNCATED, "fer2013.csv");
        expclip_dataset_free(d);
    }
}

/* ---- FERPlus ---- */

#define VOTES_HEADER                                                           \
    "Usage,Image name,neutral,happiness,surprise,sadness,anger,"               \
    "disgust,fear,contempt,unknown,NF\n"

static void test_fer__ferplus_reads_both_tables(void **state)
{
    static const int expected[] = { 2, 0, 4, 1, 3, 5, 6, 7 };
    char votes[4096] = VOTES_HEADER "Training,fer0000000.png,"
                                    "0,9,0,0,0,0,0,0,1,0\n"
                                    "PublicTest,a.png,9,0,0,0,0,0,0,0,0,1\n";
    expclip_dataset *d;

    (void)state;
    free(make_table("fer2013.csv", 12));
    for (int i = 0; i < 10; i++) { /* the last two are unknown and no face */
        strcat(votes, "PrivateTest,");
        for (int j = 0; j < 10; j++)
            sprintf(votes + strlen(votes), ",%d", j == i ? 8 : j == 0);
        strcat(votes, "\n");
    }
    /* the first of equals */
    strcat(votes, "PrivateTest,,0,5,0,5,0,0,0,0,0,0\n"
                  "PrivateTest,,0,0,0,5,0,0,0,0,5,0\n");
    tree_file("fer2013new.csv", votes);
    d = tree_open("FERPlus", "test");
    assert_int_equal(expclip_dataset_class_count(d), 8);
    assert_int_equal(expclip_dataset_count(d), 10);
    for (int i = 0; i < 8; i++) {
        assert_int_equal(d->items[i].label, expected[i]);
        expect_pixels(&d->items[i], 100 + i);
    }
    assert_int_equal(d->items[8].label, 0);
    assert_int_equal(d->items[9].label, 1);
    expect_pixels(&d->items[9], 111);
    expclip_dataset_free(d);
    d = tree_open("ferplus", "train");
    assert_int_equal(expclip_dataset_count(d), 1);
    assert_int_equal(d->items[0].label, 0);
    expclip_dataset_free(d);
}

static void test_fer__ferplus_wrong_rows_are_refused(void **state)
{
    static const struct {
        const char *row, *reason;
    } cases[] = {
        { "PrivateTest,,0,0,0,0,0,0,0,0,0,0", "no vote" },
        { "PrivateTest,,1,0,0,0,0,0,0,0,0", "11 columns, expected 12" },
        { "PrivateTest,,1,0,0,0,0,0,0,0,0,0,0", "13 columns, expected 12" },
        { "PrivateTest,,1,0,0,-1,0,0,0,0,0,0", "vote \"-1\"" },
        { "PrivateTest,,1,0,0,x,0,0,0,0,0,0", "vote \"x\"" },
        { "Training,,1,0,0,0,0,0,0,0,0,0", "as in fer2013.csv" },
        { "Private,,1,0,0,0,0,0,0,0,0,0", "Usage \"Private\"" },
    };
    expclip_dataset *d = NULL;

    (void)state;
    tree_file("fer2013.csv", "emotion,pixels,Usage\n1,1,PrivateTest\n");
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char text[512];

        snprintf(text, sizeof(text), VOTES_HEADER "%s\n", cases[i].row);
        tree_file("fer2013new.csv", text);
        expect_tree_error(tree_try(&d, "FERPlus", "", "test", 0),
                          EXPCLIP_ERROR_FORMAT, cases[i].reason);
        expect_tree_error(EXPCLIP_ERROR_FORMAT, EXPCLIP_ERROR_FORMAT,
                          "fer2013new.csv, line 2: ");
    }
    tree_file("fer2013new.csv",
              VOTES_HEADER "PrivateTest,,1,0,0,0,0,0,0,0,0,0\n"
                           "PrivateTest,,1,0,0,0,0,0,0,0,0,0\n");
    expect_tree_error(tree_try(&d, "FERPlus", "", "test", 0),
                      EXPCLIP_ERROR_FORMAT, "line 3: ");
    unlink(scratch_path("fer2013.csv"));
    expect_tree_error(tree_try(&d, "FERPlus", "", "test", 0),
                      EXPCLIP_ERROR_NOT_FOUND, "\"fer2013.csv\" beside");
    unlink(scratch_path("fer2013new.csv"));
    expect_tree_error(tree_try(&d, "FERPlus", "", "test", 0),
                      EXPCLIP_ERROR_NOT_FOUND, "\"fer2013new.csv\"");
    assert_null(d);
}

static void test_fer__ferplus_of_folders_has_boxes(void **state)
{
    const expclip__item *item;
    expclip_dataset *d = NULL;

    (void)state;
    tree_file("FER2013Test/label.csv",
              "fer0032220.png,\"(0, 0, 48, 48)\",4,0,0,1,3,2,0,0,0,0\n"
              "fer0032221.png,\"(2, 3, 40, 48)\",0,9,0,1,0,0,0,0,0,0\n"
              "fer0032222.png,\"(0, 0, 48, 48)\",0,1,0,1,0,0,0,0,8,0\n");
    tree_file("FER2013Train/label.csv",
              "fer0000001.png,\"(0, 0, 48, 48)\",0,0,0,0,0,0,9,0,0,0\n");
    d = tree_open("FERPlus", "test");
    assert_int_equal(expclip_dataset_count(d), 2);
    item = tree_item(d, "/FER2013Test/fer0032220.png");
    assert_int_equal(item->label, 2);
    assert_int_equal(item->box_width, 48);
    assert_int_equal(item->pixels_size, 0);
    item = tree_item(d, "/FER2013Test/fer0032221.png");
    assert_int_equal(item->label, 0);
    assert_int_equal(item->box_x, 2);
    assert_int_equal(item->box_y, 3);
    assert_int_equal(item->box_width, 38);
    assert_int_equal(item->box_height, 45);
    expclip_dataset_free(d);
    d = tree_open("FERPlus", "train");
    assert_int_equal(tree_item(d, "/FER2013Train/fer0000001.png")->label, 6);
    expclip_dataset_free(d);
    d = NULL;
    tree_file("FER2013Test/label.csv",
              "fer0032220.png,\"(0, 0, 48)\",4,0,0,1,3,2,0,0,0,0\n");
    expect_tree_error(tree_try(&d, "FERPlus", "", "test", 0),
                      EXPCLIP_ERROR_FORMAT, "line 1: box \"(0, 0, 48)\"");
    assert_null(d);
}

static int32_t open_and_free(void *data)
{
    expclip_dataset *d = NULL;
    expclip__image image = { 0 };
    expclip_status status = tree_try(&d, data, "", "test", 0);

    if (!status && d->items[0].pixels_size)
        status = expclip__item_pixels(&image, &d->items[0], NULL);
    expclip__image_clear(&image);
    expclip_dataset_free(d);
    return status;
}

static void test_fer__survive_failing_allocations(void **state)
{
    (void)state;
    tree_file("FER2013Test/label.csv",
              "fer0032220.png,\"(0, 0, 48, 48)\",4,0,0,1,3,2,0,0,0,0\n");
    sweep_allocations(open_and_free, "FERPlus");
    free(make_table("fer2013.csv", 1));
    sweep_allocations(open_and_free, "FER2013");
    tree_file("fer2013new.csv",
              VOTES_HEADER "Training,,1,0,0,0,0,0,0,0,0,0\n"
                           "PublicTest,,1,0,0,0,0,0,0,0,0,0\n"
                           "PrivateTest,,1,0,0,0,0,0,0,0,0,0\n");
    sweep_allocations(open_and_free, "FERPlus");
}

static void test_fer__other_copies_of_fer2013_are_read_too(void **state)
{
    expclip_dataset *d = NULL;

    (void)state;
    tree_file("test/disgust/1.jpg", "");
    d = tree_open("FER2013", "test");
    assert_int_equal(tree_item(d, "disgust/1.jpg")->label, 5);
    expclip_dataset_free(d);
    tree_end(NULL);
    scratch_begin(NULL);
    tree_file("icml_face_data.csv", "emotion, Usage, pixels\n"
                                    "3,PrivateTest,1 2\n");
    d = tree_open("FER2013", "test");
    assert_int_equal(d->items[0].label, 0);
    expclip_dataset_free(d);
    tree_end(NULL);
    scratch_begin(NULL);
    tree_file("train.csv", "emotion,pixels\n3,1 2\n");
    tree_file("test.csv", "pixels\n1 2\n");
    d = tree_open("FER2013", "train");
    assert_int_equal(d->items[0].label, 0);
    expclip_dataset_free(d);
    expect_tree_error(tree_try(&d, "FER2013", "", "test", 0),
                      EXPCLIP_ERROR_FORMAT, "test.csv, line 1: no column");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TREE_TEST(test_fer__other_copies_of_fer2013_are_read_too),
        TREE_TEST(test_fer__fer2013_labels_become_the_papers_order),
        TREE_TEST(test_fer__the_table_itself_may_be_named),
        TREE_TEST(test_fer__fer2013_wrong_rows_are_refused),
        TREE_TEST(test_fer__wrong_pixels_are_found_when_read),
        TREE_TEST(test_fer__ferplus_reads_both_tables),
        TREE_TEST(test_fer__ferplus_wrong_rows_are_refused),
        TREE_TEST(test_fer__ferplus_of_folders_has_boxes),
        TREE_TEST(test_fer__survive_failing_allocations),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
