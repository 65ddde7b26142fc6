/* SPDX-License-Identifier: MIT */
/*
 * test_dataset_names.c - which class a folder's name means, and labels that say
 * it.
 */
#include "unit/data_tree.h"

#include "datasets/dataset_names.h"

static expclip_dataset *opened;

/* Open the scratch folder with labels. */
static expclip_status open_told(const char *name, const char *part,
                                const char *labels)
{
    expclip_dataset_options o = EXPCLIP_DATASET_OPTIONS_INIT;
    char path[512];

    snprintf(path, sizeof(path), "%s",
             *part ? scratch_path(part) : scratch_folder);
    o.labels = labels;
    opened = NULL;
    return expclip_dataset_open(&opened, name, path, NULL, 0, &o, &tree_error);
}

static void expect_class(size_t i, const char *name)
{
    assert_string_equal(expclip_dataset_class_name(opened, i), name);
}

static void expect_note(const char *part)
{
    for (size_t i = 0; i < expclip_dataset_note_count(opened); i++)
        if (strstr(expclip_dataset_note(opened, i), part))
            return;
    fail_msg("no note \"%s\"", part);
}

static void test_names__numbers_beside_a_class_are_cut_off(void **state)
{
    static const struct {
        const char *folder;
        const char *name;
    } cases[] = {
        { "0_happiness", "happiness" }, { "01_happy", "happiness" },
        { "1-sad", "sadness" },         { "happiness_0", "happiness" },
        { "3angry", "anger" },          { "Afraid 12", "fear" },
        { "4.Surprised", "surprise" },  { "2_disgusted_2", "disgust" },
        { "6 neutral", "neutral" },     { "07_Contempt", "contempt" },
    };
    char file[64], said[96];

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        scratch_begin(NULL);
        snprintf(file, sizeof(file), "%s/1.png", cases[i].folder);
        snprintf(said, sizeof(said), "/%s: read as %s", cases[i].folder,
                 cases[i].name);
        tree_file(file, "");
        assert_int_equal(open_told("folder", "", ""), 0);
        expect_class(0, cases[i].name);
        expect_note(said);
        expclip_dataset_free(opened);
        tree_end(NULL);
    }
    scratch_begin(NULL);
}

static void test_names__what_is_not_certain_is_refused(void **state)
{
    static const char *const folders[] = {
        "3", "007", "1_bored", "bored_2", "1_2_3", "--", "4-1", "12_cat_3"
    };
    char file[64];

    (void)state;
    for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
        scratch_begin(NULL);
        snprintf(file, sizeof(file), "%s/1.png", folders[i]);
        tree_file(file, "");
        assert_int_equal(open_told("folder", "", ""), EXPCLIP_ERROR_FORMAT);
        expect_tree_error(tree_error.code, EXPCLIP_ERROR_FORMAT, folders[i]);
        expect_tree_error(tree_error.code, EXPCLIP_ERROR_FORMAT, "labels");
        tree_end(NULL);
    }
    scratch_begin(NULL);
    tree_file("0_happy/1.png", "");
    tree_file("1_happiness/1.png", "");
    expect_tree_error(open_told("folder", "", ""), EXPCLIP_ERROR_FORMAT,
                      "\"0_happy\" and \"1_happiness\" are both happiness");
}

static void test_names__parts_of_a_data_set_are_no_classes(void **state)
{
    static const char *const folders[] = { "fold1", "Subject01", "S003",
                                           "session12", "class7" };
    char file[64];

    (void)state;
    for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
        scratch_begin(NULL);
        snprintf(file, sizeof(file), "%s/1.png", folders[i]);
        tree_file(file, "");
        expect_tree_error(open_told("folder", "", ""), EXPCLIP_ERROR_FORMAT,
                          folders[i]);
        snprintf(file, sizeof(file), "%s=fear", folders[i]);
        assert_int_equal(open_told("folder", "", file), 0);
        expect_class(0, "fear");
        expclip_dataset_free(opened);
        tree_end(NULL);
    }
    scratch_begin(NULL);
}

static void test_names__spaces_around_a_name_count_for_nothing(void **state)
{
    (void)state;
    tree_file(" happy /1.png", "");
    tree_file("odd/1.png", "");
    assert_int_equal(open_told("folder", "", "odd = fear , happy=anger"), 0);
    expect_class(0, "anger");
    expect_class(1, "fear");
    expclip_dataset_free(opened);
}

static void test_names__a_name_that_is_not_utf8_is_told_with_its_place(void **s)
{
    (void)s;
    tree_file("sad/1.png", "");
    tree_file("hap\xffpy/1.png", "");
    expect_tree_error(open_told("folder", "", ""), EXPCLIP_ERROR_FORMAT,
                      "not UTF-8, expected the name of a class; rename it");
}

static void test_names__labels_are_shown_as_they_were_written(void **state)
{
    (void)state;
    tree_file("sad/1.png", "");
    expect_tree_error(open_told("folder", "", "surprise,fear"),
                      EXPCLIP_ERROR_ARGUMENT, "found \"surprise\", expected");
    expect_tree_error(open_told("folder", "", "sad="), EXPCLIP_ERROR_ARGUMENT,
                      "found \"sad=\", expected");
}

static void test_names__own_words_stay_as_they_are(void **state)
{
    (void)state;
    tree_file("au12/1.png", "");
    tree_file("\xE9\xAB\x98\xE5\x85\xB4/1.png", "");
    tree_file("Happy/1.png", "");
    assert_int_equal(open_told("folder", "", ""), 0);
    expect_class(0, "happiness");
    expect_class(1, "au12");
    expect_class(2, "\xE9\xAB\x98\xE5\x85\xB4");
    assert_int_equal(expclip_dataset_note_count(opened), 0);
    expclip_dataset_free(opened);
}

static void test_names__labels_say_what_folders_are(void **state)
{
    (void)state;
    tree_file("1/1.png", "");
    tree_file("2/1.png", "");
    tree_file("3/1.png", "");
    tree_file("4/1.png", "");
    tree_file("train/1.png", "");
    assert_int_equal(open_told("folder", "",
                               "1=Surprised,2=fear,3=bored,4=bored,"
                               "train=determined"),
                     0);
    assert_int_equal(expclip_dataset_class_count(opened), 4);
    expect_class(0, "surprise");
    expect_class(1, "fear");
    expect_class(2, "bored");
    expect_class(3, "determined");
    assert_int_equal(tree_item(opened, "/4/1.png")->label, 2);
    expect_note("/1: read as surprise");
    expect_note("/3: read as bored");
    expclip_dataset_free(opened);
}

/* Else the folder that was meant would be a class of its own. */
static void test_names__labels_of_no_folder_are_an_error(void **state)
{
    (void)state;
    tree_file("Joyful/1.png", "");
    tree_file("2/1.png", "");
    expect_tree_error(open_told("folder", "", "2=fear,Joyfull=happiness"),
                      EXPCLIP_ERROR_ARGUMENT, "no folder \"Joyfull\" in ");
    assert_non_null(strstr(tree_error.message, "\"Joyful\""));
    assert_non_null(strstr(tree_error.message, "Joyfull=happiness"));
}

static void test_names__labels_say_what_lists_hold(void **state)
{
    (void)state;
    tree_file("l.txt", "a.png 0 1\nb.png 0 angry-face\n");
    assert_int_equal(open_told("list", "l.txt", "1=surprise,angry-face=anger"),
                     0);
    assert_int_equal(opened->items[0].label, 4);
    assert_int_equal(opened->items[1].label, 3);
    expclip_dataset_free(opened);
    expect_tree_error(open_told("list", "l.txt", "1=surprise"),
                      EXPCLIP_ERROR_FORMAT, "line 2: label \"angry-face\"");
    expect_tree_error(open_told("list", "l.txt", "1=bored"),
                      EXPCLIP_ERROR_FORMAT, "class \"bored\"");
}

static void test_names__labels_of_another_form_are_refused(void **state)
{
    static const char *const labels[] = {
        "1", "=sad", "1=", "1=2", "1=sad,,2=fear", "1=sad,1=fear"
    };

    (void)state;
    tree_file("happy/1.png", "");
    for (size_t i = 0; i < sizeof(labels) / sizeof(labels[0]); i++) {
        expect_tree_error(open_told("folder", "", labels[i]),
                          EXPCLIP_ERROR_ARGUMENT, "labels: ");
    }
    expect_tree_error(open_told("RAFDB", "", "1=sad"), EXPCLIP_ERROR_ARGUMENT,
                      "labels: \"1=sad\" for RAFDB");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TREE_TEST(test_names__numbers_beside_a_class_are_cut_off),
        TREE_TEST(test_names__what_is_not_certain_is_refused),
        TREE_TEST(test_names__parts_of_a_data_set_are_no_classes),
        TREE_TEST(test_names__spaces_around_a_name_count_for_nothing),
        TREE_TEST(test_names__a_name_that_is_not_utf8_is_told_with_its_place),
        TREE_TEST(test_names__labels_are_shown_as_they_were_written),
        TREE_TEST(test_names__own_words_stay_as_they_are),
        TREE_TEST(test_names__labels_say_what_folders_are),
        TREE_TEST(test_names__labels_of_no_folder_are_an_error),
        TREE_TEST(test_names__labels_say_what_lists_hold),
        TREE_TEST(test_names__labels_of_another_form_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
