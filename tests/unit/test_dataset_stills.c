/* SPDX-License-Identifier: MIT */
/*
 * test_dataset_stills.c - RAF-DB, AffectNet and CAER-S in miniature, as they
 * are published: labels, boxes, parts.
 */
#include "unit/data_tree.h"

/* ---- RAF-DB ---- */

static void test_stills__rafdb_labels_become_the_papers_order(void **state)
{
    static const int expected[] = { 4, 6, 5, 0, 1, 3, 2 };
    expclip_dataset *d;

    (void)state;
    tree_file("EmoLabel/list_patition_label.txt",
              "train_00001.jpg 5\ntrain_00002.jpg 1\n"
              "test_0001.jpg 1\ntest_0002.jpg 2\ntest_0003.jpg 3\n"
              "test_0004.jpg 4\ntest_0005.jpg 5\ntest_0006.jpg 6\n"
              "test_0007.jpg 7\n");
    tree_file("Image/aligned/test_0001_aligned.jpg", "");
    d = tree_open("RAF-DB", "test");
    assert_string_equal(expclip_dataset_name(d), "RAFDB");
    assert_int_equal(expclip_dataset_class_count(d), 7);
    assert_int_equal(expclip_dataset_count(d), 7);
    for (int i = 0; i < 7; i++) {
        char name[64];

        snprintf(name, sizeof(name), "/Image/aligned/test_%04d_aligned.jpg",
                 i + 1);
        assert_int_equal(tree_item(d, name)->label, expected[i]);
        assert_int_equal(tree_item(d, name)->line, i + 3);
        assert_int_equal(tree_item(d, name)->n_frames, 0);
    }
    expclip_dataset_free(d);
    d = tree_open("rafdb", "train");
    assert_int_equal(expclip_dataset_count(d), 2);
    assert_int_equal(tree_item(d, "/train_00001_aligned.jpg")->label, 1);
    expclip_dataset_free(d);
}

static void test_stills__rafdb_may_lie_in_basic(void **state)
{
    expclip_dataset *d;

    (void)state;
    tree_file("basic/EmoLabel/list_patition_label.txt", "test_0001.jpg 4\n");
    tree_file("basic/Image/aligned/test_0001_aligned.jpg", "");
    d = tree_open("RAFDB", "test");
    assert_int_equal(
        tree_item(d, "basic/Image/aligned/test_0001_aligned.jpg")->label, 0);
    expclip_dataset_free(d);
}

static void test_stills__rafdb_of_kaggle_has_folders_of_codes(void **state)
{
    static const int expected[] = { 4, 6, 5, 0, 1, 3, 2 };
    expclip_dataset *d;
    char name[64];

    (void)state;
    for (int code = 1; code <= 7; code++) {
        snprintf(name, sizeof(name), "DATASET/test/%d/test_%d_aligned.jpg",
                 code, code);
        tree_file(name, "");
    }
    tree_file("DATASET/train/1/train_1_aligned.jpg", "");
    d = tree_open("RAFDB", "test");
    assert_int_equal(expclip_dataset_count(d), 7);
    for (int code = 1; code <= 7; code++) {
        snprintf(name, sizeof(name), "test/%d/test_%d_aligned.jpg", code, code);
        assert_int_equal(tree_item(d, name)->label, expected[code - 1]);
    }
    expclip_dataset_free(d);
    d = tree_open("RAFDB", "train");
    assert_int_equal(expclip_dataset_count(d), 1);
    expclip_dataset_free(d);
}

static void test_stills__rafdb_wrong_rows_are_refused(void **state)
{
    static const char *const rows[] = { "test_1.jpg 0", "test_1.jpg 8",
                                        "test_1.png 1", "val_1.jpg 1",
                                        "test_1.jpg" };
    expclip_dataset *d = NULL;

    (void)state;
    tree_file("Image/aligned/x.jpg", "");
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char text[64];

        snprintf(text, sizeof(text), "test_0.jpg 1\n%s\n", rows[i]);
        tree_file("EmoLabel/list_patition_label.txt", text);
        expect_tree_error(tree_try(&d, "RAFDB", "", "test", 0),
                          EXPCLIP_ERROR_FORMAT,
                          "list_patition_label.txt, line 2: ");
    }
    assert_null(d);
}

static void test_stills__what_a_layout_lacks_is_named(void **state)
{
    expclip_dataset *d = NULL;

    (void)state;
    expect_tree_error(tree_try(&d, "RAFDB", "", "test", 0),
                      EXPCLIP_ERROR_NOT_FOUND,
                      "found no \"EmoLabel/list_patition_label.txt\"");
    expect_tree_error(tree_try(&d, "AffectNet7", "", "test", 0),
                      EXPCLIP_ERROR_NOT_FOUND, "\"validation.csv\"");
    expect_tree_error(tree_try(&d, "AffectNet7", "", "train", 0),
                      EXPCLIP_ERROR_NOT_FOUND, "\"training.csv\"");
    expect_tree_error(tree_try(&d, "CAER-S", "", "test", 0),
                      EXPCLIP_ERROR_NOT_FOUND, "\"test\"");
    tree_file("EmoLabel/list_patition_label.txt", "test_0001.jpg 4\n");
    expect_tree_error(tree_try(&d, "RAFDB", "", "test", 0),
                      EXPCLIP_ERROR_NOT_FOUND, "\"Image/aligned\"");
    assert_null(d);
}

/* ---- AffectNet ---- */

#define HEADER                                                                 \
    "subDirectory_filePath,face_x,face_y,face_width,face_height,"              \
    "facial_landmarks,expression,valence,arousal\n"

static void test_stills__affectnet_table_gives_labels_and_boxes(void **state)
{
    static const int expected[] = { 2, 0, 1, 4, 6, 5, 3, 7 };
    const expclip__item *item;
    expclip_dataset *d;
    char text[2048] = HEADER;

    (void)state;
    for (int code = 0; code <= 10; code++)
        snprintf(text + strlen(text), sizeof(text) - strlen(text),
                 "%d/a%d.jpg,%d,20,130,140,1.5;2;3,%d,-0.5,0.25\n", code, code,
                 code, code);
    strcat(text, "11/none.jpg,NULL,NULL,NULL,NULL,NULL,10,-2,-2\n");
    tree_file("validation.csv", text);
    tree_file("Manually_Annotated_Images/0/a0.jpg", "");
    d = tree_open("AffectNet8", "test");
    assert_int_equal(expclip_dataset_class_count(d), 8);
    assert_int_equal(expclip_dataset_count(d), 8);
    for (int code = 0; code < 8; code++) {
        char name[64];

        snprintf(name, sizeof(name), "/Manually_Annotated_Images/%d/a%d.jpg",
                 code, code);
        item = tree_item(d, name);
        assert_int_equal(item->label, expected[code]);
        assert_int_equal(item->box_x, code);
        assert_int_equal(item->box_y, 20);
        assert_int_equal(item->box_width, 130);
        assert_int_equal(item->box_height, 140);
    }
    expclip_dataset_free(d);
    d = tree_open("affectnet-7", "test");
    assert_string_equal(expclip_dataset_name(d), "AffectNet7");
    assert_int_equal(expclip_dataset_class_count(d), 7);
    assert_int_equal(expclip_dataset_count(d), 7);
    expclip_dataset_free(d);
}

static void test_stills__affectnet_columns_are_found_by_name(void **state)
{
    expclip_dataset *d = NULL;

    (void)state;
    tree_file("Manually_Annotated_Images/1/a.jpg", "");
    tree_file("training.csv", "expression,face_height,face_width,face_y,"
                              "face_x,subDirectory_filePath\n"
                              "1,4,3,2,1,1/a.jpg\n");
    tree_file("validation.csv", "1/a.jpg,1,2,3,4,,1,0,0\n"); /* no header */
    d = tree_open("AffectNet7", "train");
    assert_int_equal(tree_item(d, "1/a.jpg")->box_height, 4);
    expclip_dataset_free(d);
    d = tree_open("AffectNet7", "test");
    assert_int_equal(tree_item(d, "1/a.jpg")->box_height, 4);
    expclip_dataset_free(d);
    d = NULL;
    tree_file("validation.csv",
              "subDirectory_filePath,expression\n1/a.jpg,1\n");
    expect_tree_error(tree_try(&d, "AffectNet7", "", "test", 0),
                      EXPCLIP_ERROR_FORMAT, "line 1: no column \"face_x\"");
    expect_tree_error(
        tree_try(&d, "AffectNet7", "", "test", EXPCLIP_POLICY_SKIP),
        EXPCLIP_ERROR_FORMAT, "line 1: no column \"face_x\"");
    assert_null(d);
}

static void test_stills__affectnet_wrong_rows_are_refused(void **state)
{
    static const struct {
        const char *row, *reason;
    } cases[] = {
        { "a.jpg,1,2,3,4,,11,0,0", "label \"11\"" },
        { "a.jpg,1,2,3,4,,x,0,0", "label \"x\"" },
        { "a.jpg,1,2,0,4,,1,0,0", "face_width \"0\"" },
        { "a.jpg,1,2,3,NULL,,1,0,0", "face_height \"NULL\"" },
        { "a.jpg,1.5,2,3,4,,1,0,0", "face_x \"1.5\"" },
        { "a.jpg,1,2", "\"face_width\" is not among them" },
        { ",1,2,3,4,,1,0,0", "path \"\"" },
        { "../a.jpg,1,2,3,4,,1,0,0", "path \"../a.jpg\"" },
        { "/a.jpg,1,2,3,4,,1,0,0", "inside the dataset's folder" },
    };

    (void)state;
    tree_file("Manually_Annotated_Images/1/a.jpg", "");
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        expclip_dataset *d = NULL;
        char text[512];

        snprintf(text, sizeof(text), HEADER "1/a.jpg,1,2,3,4,,1,0,0\n%s\n",
                 cases[i].row);
        tree_file("validation.csv", text);
        expect_tree_error(tree_try(&d, "AffectNet8", "", "test", 0),
                          EXPCLIP_ERROR_FORMAT, cases[i].reason);
        expect_tree_error(EXPCLIP_ERROR_FORMAT, EXPCLIP_ERROR_FORMAT,
                          "validation.csv, line 3: ");
        assert_null(d);
    }
}

/* A NumPy file of the text of one digit, as numpy.save(str) writes it. */
static void write_npy(const char *name, const char *digits)
{
    const size_t n = strlen(digits);
    uint8_t bytes[128 + 16] = "\x93NUMPY\x01\x00\x76\x00";

    memset(bytes + 10, ' ', 118);
    bytes[127] = '\n';
    bytes[10 + (size_t)snprintf((char *)bytes + 10, 100,
                                "{'descr': '<U%zu', 'fortran_order': False, "
                                "'shape': (), }",
                                n)] = ' ';
    for (size_t i = 0; i < n; i++)
        bytes[128 + 4 * i] = (uint8_t)digits[i];
    tree_bytes(name, bytes, 128 + 4 * n);
}

static void test_stills__affectnet_of_the_later_release(void **state)
{
    static const int expected[] = { 2, 0, 1, 4, 6, 5, 3, 7 };
    expclip_dataset *d = NULL;
    char name[64], digits[8];

    (void)state;
    for (int code = 0; code < 11; code++) {
        snprintf(name, sizeof(name), "val_set/images/%d.jpg", code * 7);
        tree_file(name, "");
        snprintf(name, sizeof(name), "val_set/annotations/%d_exp.npy",
                 code * 7);
        snprintf(digits, sizeof(digits), "%d", code);
        write_npy(name, digits);
    }
    d = tree_open("AffectNet8", "test");
    assert_int_equal(expclip_dataset_count(d), 8);
    for (int code = 0; code < 8; code++) {
        snprintf(name, sizeof(name), "/val_set/images/%d.jpg", code * 7);
        assert_int_equal(tree_item(d, name)->label, expected[code]);
    }
    expclip_dataset_free(d);
    d = NULL;
    write_npy("val_set/annotations/7_exp.npy", "11");
    expect_tree_error(tree_try(&d, "AffectNet7", "", "test", 0),
                      EXPCLIP_ERROR_FORMAT, "7_exp.npy: label \"11\"");
    unlink(scratch_path("val_set/annotations/7_exp.npy"));
    expect_tree_error(tree_try(&d, "AffectNet7", "", "test", 0),
                      EXPCLIP_ERROR_FORMAT, "7_exp.npy");
    assert_int_equal(
        tree_try(&d, "AffectNet7", "", "test", EXPCLIP_POLICY_SKIP), 0);
    assert_int_equal(expclip_dataset_count(d), 6);
    assert_int_equal(expclip_dataset_problem_count(d), 1);
    expclip_dataset_free(d);
}

static void test_stills__affectnet_in_class_folders(void **state)
{
    expclip_dataset *d = NULL;

    (void)state;
    tree_file("val/anger/1.jpg", "");
    tree_file("val/contempt/2.jpg", "");
    tree_file("val/happy/3.jpg", "");
    tree_file("val/6/4.jpg", ""); /* the code of anger */
    tree_file("train/surprise/5.jpg", "");
    d = tree_open("AffectNet8", "test");
    assert_int_equal(expclip_dataset_count(d), 4);
    assert_int_equal(tree_item(d, "anger/1.jpg")->label, 3);
    assert_int_equal(tree_item(d, "contempt/2.jpg")->label, 7);
    assert_int_equal(tree_item(d, "happy/3.jpg")->label, 0);
    assert_int_equal(tree_item(d, "6/4.jpg")->label, 3);
    expclip_dataset_free(d);
    d = tree_open("AffectNet7", "test");
    assert_int_equal(expclip_dataset_count(d), 3);
    expclip_dataset_free(d);
    d = NULL;
    tree_file("val/pride/1.jpg", "");
    expect_tree_error(tree_try(&d, "AffectNet7", "", "test", 0),
                      EXPCLIP_ERROR_FORMAT,
                      "label \"pride\", expected a class");
    assert_int_equal(
        tree_try(&d, "AffectNet7", "", "test", EXPCLIP_POLICY_SKIP), 0);
    assert_int_equal(expclip_dataset_problem_count(d), 1);
    expclip_dataset_free(d);
}

/* ---- CAER-S ---- */

static void test_stills__caers_has_class_folders(void **state)
{
    static const char *const folders[] = { "Anger",   "Disgust", "Fear",
                                           "Happy",   "Neutral", "Sad",
                                           "Surprise" };
    static const int expected[] = { 3, 5, 6, 0, 2, 1, 4 };
    expclip_dataset *d;
    char name[64];

    (void)state;
    for (int i = 0; i < 7; i++) {
        snprintf(name, sizeof(name), "test/%s/0001.png", folders[i]);
        tree_file(name, "");
        snprintf(name, sizeof(name), "train/%s/0001.png", folders[i]);
        tree_file(name, "");
    }
    d = tree_open("caers", "test");
    assert_string_equal(expclip_dataset_name(d), "CAER-S");
    assert_int_equal(expclip_dataset_count(d), 7);
    for (int i = 0; i < 7; i++) {
        snprintf(name, sizeof(name), "/test/%s/0001.png", folders[i]);
        assert_int_equal(tree_item(d, name)->label, expected[i]);
    }
    expclip_dataset_free(d);
    d = tree_open("CAER-S", "train");
    assert_int_equal(expclip_dataset_count(d), 7);
    tree_item(d, "/train/Sad/0001.png");
    expclip_dataset_free(d);
}

/* ---- memory ---- */

static int32_t open_and_free(void *data)
{
    expclip_dataset *d = NULL;
    const expclip_status status =
        tree_try(&d, data, "", "test", EXPCLIP_POLICY_SKIP);

    expclip_dataset_free(d);
    return status;
}

static void test_stills__survive_failing_allocations(void **state)
{
    (void)state;
    tree_file("EmoLabel/list_patition_label.txt", "test_1.jpg 4\nx 1\n");
    tree_file("Image/aligned/x.jpg", "");
    sweep_needed_allocations(open_and_free, "RAFDB");
    tree_file("val/anger/1.jpg", "");
    tree_file("val/pride/1.jpg", "");
    sweep_needed_allocations(open_and_free, "AffectNet7");
    tree_file("val_set/images/7.jpg", "");
    write_npy("val_set/annotations/7_exp.npy", "1");
    sweep_needed_allocations(open_and_free, "AffectNet7");
    tree_file("validation.csv", "1/a.jpg,1,2,3,4,,1,0,0\n");
    tree_file("Manually_Annotated_Images/1/a.jpg", "");
    sweep_needed_allocations(open_and_free, "AffectNet7");
}

static void test_stills__other_copies_of_rafdb_are_read_too(void **state)
{
    expclip_dataset *d;

    (void)state;
    tree_file("EmoLabel/list_partition_label.txt",
              "test_0001.jpg 4 0.9\ntest_0002_aligned.jpg 5\n");
    tree_file("Image/aligned/test_0001.jpg", "");
    tree_file("Image/aligned/test_0002_aligned.jpg", "");
    d = tree_open("RAFDB", "test");
    assert_int_equal(tree_item(d, "/test_0001.jpg")->label, 0);
    assert_int_equal(tree_item(d, "/test_0002_aligned.jpg")->label, 1);
    expclip_dataset_free(d);
}

static void test_stills__rafdbs_list_may_lie_beside_its_folders(void **state)
{
    static const char *const lists[] = { "list_patition_label.txt",
                                         "list_partition_label.txt" };

    (void)state;
    tree_file("Image/aligned/test_0001_aligned.jpg", "");
    for (size_t i = 0; i < 2; i++) {
        expclip_dataset *d;

        tree_file(lists[i], "test_0001.jpg 4\n");
        d = tree_open("RAFDB", "test");
        assert_int_equal(tree_item(d, "/test_0001_aligned.jpg")->label, 0);
        expclip_dataset_free(d);
        unlink(scratch_path(lists[i]));
    }
}

static void test_stills__affectnet_written_by_pandas_is_read(void **state)
{
    const expclip__item *item;
    expclip_dataset *d;

    (void)state;
    tree_file("Manually_Annotated_Images/1/a.jpg", "");
    tree_file("validation.csv",
              ",subDirectory_filePath,face_x,face_y,face_width,face_height,"
              "facial_landmarks,expression,valence,arousal\n"
              "0,1/a.jpg,10.0,20.0,130.0,140.0,1.5;2;3,6.0,-0.5,0.25\n"
              "17,1/b.jpg,0.0,0.0,1.0,1.0,,0.0,-0.5,0.25\n"
              "18,1/c.jpg,,,,,,10.0,,\n");
    d = tree_open("AffectNet7", "test");
    assert_int_equal(expclip_dataset_count(d), 2);
    item = tree_item(d, "1/a.jpg");
    assert_int_equal(item->label, 3);
    assert_int_equal(item->box_x, 10);
    assert_int_equal(item->box_height, 140);
    assert_int_equal(tree_item(d, "1/b.jpg")->label, 2);
    expclip_dataset_free(d);
}

static void test_stills__affectnets_test_folder_is_its_test(void **state)
{
    expclip_dataset *d = NULL;

    (void)state;
    tree_file("Test/anger/1.jpg", "");
    tree_file("Test/Contempt/2.png", "");
    tree_file("Train/surprise/3.jpg", "");
    d = tree_open("AffectNet8", "test");
    assert_int_equal(expclip_dataset_count(d), 2);
    assert_int_equal(tree_item(d, "Test/anger/1.jpg")->label, 3);
    assert_int_equal(tree_item(d, "Test/Contempt/2.png")->label, 7);
    expclip_dataset_free(d);
    d = tree_open("AffectNet8", "train");
    assert_int_equal(tree_item(d, "Train/surprise/3.jpg")->label, 4);
    expclip_dataset_free(d);
    d = NULL;
    tree_file("Test/3_x/1.jpg", "");
    expect_tree_error(tree_try(&d, "AffectNet8", "", "test", 0),
                      EXPCLIP_ERROR_FORMAT,
                      "rename it after its class or its code, 0 to 10");
    assert_null(strstr(tree_error.message, "labels"));
}

static void test_stills__affectnet_labels_may_be_floats(void **state)
{
    uint8_t bytes[136] = "\x93NUMPY\x01\x00\x76\x00"
                         "{'descr': '<f8', 'fortran_order': False, "
                         "'shape': (), }";
    const double code = 6;
    expclip_dataset *d;

    (void)state;
    for (size_t i = strlen((char *)bytes + 10) + 10; i < 127; i++)
        bytes[i] = ' ';
    bytes[127] = '\n';
    memcpy(bytes + 128, &code, sizeof(code));
    tree_file("val_set/images/5.jpg", "");
    tree_bytes("val_set/annotations/5_exp.npy", bytes, sizeof(bytes));
    d = tree_open("AffectNet7", "test");
    assert_int_equal(tree_item(d, "/5.jpg")->label, 3);
    expclip_dataset_free(d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TREE_TEST(test_stills__other_copies_of_rafdb_are_read_too),
        TREE_TEST(test_stills__rafdbs_list_may_lie_beside_its_folders),
        TREE_TEST(test_stills__affectnet_written_by_pandas_is_read),
        TREE_TEST(test_stills__affectnets_test_folder_is_its_test),
        TREE_TEST(test_stills__affectnet_labels_may_be_floats),
        TREE_TEST(test_stills__rafdb_labels_become_the_papers_order),
        TREE_TEST(test_stills__rafdb_may_lie_in_basic),
        TREE_TEST(test_stills__rafdb_of_kaggle_has_folders_of_codes),
        TREE_TEST(test_stills__rafdb_wrong_rows_are_refused),
        TREE_TEST(test_stills__what_a_layout_lacks_is_named),
        TREE_TEST(test_stills__affectnet_table_gives_labels_and_boxes),
        TREE_TEST(test_stills__affectnet_columns_are_found_by_name),
        TREE_TEST(test_stills__affectnet_wrong_rows_are_refused),
        TREE_TEST(test_stills__affectnet_of_the_later_release),
        TREE_TEST(test_stills__affectnet_in_class_folders),
        TREE_TEST(test_stills__caers_has_class_folders),
        TREE_TEST(test_stills__survive_failing_allocations),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
