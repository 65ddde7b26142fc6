/* SPDX-License-Identifier: MIT */
/*
 * test_dataset_clips.c - DFEW, FERV39k, MAFW and AFEW in miniature, as they are
 * published: labels, folds, parts.
 */
#include "unit/data_tree.h"

static void write_dfew(const char *part, int fold, const char *rows)
{
    char name[128], text[512];

    snprintf(name, sizeof(name),
             "EmoLabel_DataSplit/%s(single-labeled)/set_%d.csv", part, fold);
    snprintf(text, sizeof(text), "video_name,label\n%s", rows);
    tree_file(name, text);
}

static void test_clips__dfew_has_five_folds(void **state)
{
    expclip_dataset *d;

    (void)state;
    tree_clip("Clip/clip_224x224/00001", 1);
    write_dfew("test", 1, "1,1\n2,2\n3,3\n14,4\n155,5\n1666,6\n16372,7\n");
    for (int fold = 2; fold <= 5; fold++) {
        char row[32];

        snprintf(row, sizeof(row), "%d,%d\n", 100 * fold, fold);
        write_dfew("test", fold, row);
        write_dfew("train", fold, "7,1\n");
    }
    write_dfew("train", 1, "7,1\n");
    d = tree_open("DFEW", "test");
    assert_int_equal(expclip_dataset_fold_count(d), 5);
    assert_int_equal(expclip_dataset_class_count(d), 7);
    assert_int_equal(expclip_dataset_count(d), 11);
    for (int i = 0; i < 7; i++) {
        assert_int_equal(d->items[i].label, i);
        assert_int_equal(d->items[i].fold, 0);
        assert_int_equal(d->items[i].n_frames, -1);
    }
    assert_int_equal(tree_item(d, "/Clip/clip_224x224/00001")->label, 0);
    assert_int_equal(tree_item(d, "/Clip/clip_224x224/16372")->label, 6);
    assert_int_equal(tree_item(d, "/Clip/clip_224x224/00300")->fold, 2);
    assert_int_equal(tree_item(d, "/00500")->fold, 4);
    expclip_dataset_free(d);
    d = tree_open("DFEW", "train");
    assert_int_equal(expclip_dataset_count(d), 5);
    expclip_dataset_free(d);
}

static void test_clips__dfew_lacks_and_errors_are_named(void **state)
{
    static const char *const rows[] = { "1,0", "1,8",   "x,1", "100000,1",
                                        "1",   "1,2,3", "-1,1" };
    expclip_dataset *d = NULL;

    (void)state;
    expect_tree_error(tree_try(&d, "DFEW", "", "test", 0),
                      EXPCLIP_ERROR_NOT_FOUND, "\"Clip/clip_224x224\"");
    tree_clip("Clip/jpg_256/00001", 1);
    write_dfew("test", 1, "1,1\n");
    expect_tree_error(tree_try(&d, "DFEW", "", "test", 0),
                      EXPCLIP_ERROR_NOT_FOUND,
                      "\"EmoLabel_DataSplit/test(single-labeled)/set_2.csv\"");
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        write_dfew("test", 1, rows[i]);
        expect_tree_error(tree_try(&d, "DFEW", "", "test", 0),
                          EXPCLIP_ERROR_FORMAT, "set_1.csv, line 2: ");
    }
    assert_null(d);
}

static void test_clips__ferv39k_lists_classes_by_name(void **state)
{
    static const char *const classes[] = { "Happy", "Sad",      "Neutral",
                                           "Angry", "Surprise", "Disgust",
                                           "Fear" };
    char text[512] = "";
    expclip_dataset *d = NULL;

    (void)state;
    tree_clip("2_ClipsforFaceCrop/Action/Happy/0015", 1);
    for (int i = 0; i < 7; i++)
        sprintf(text + strlen(text), "Action/%s/%04d %s\n", classes[i], i,
                classes[i]);
    tree_file("4_setups/All_scenes/test_All.csv", text);
    tree_file("4_setups/All_scenes/train_All.csv", "War/Fear/0001 Fear");
    d = tree_open("ferv39k", "test");
    assert_string_equal(expclip_dataset_name(d), "FERV39k");
    assert_int_equal(expclip_dataset_fold_count(d), 1);
    assert_int_equal(expclip_dataset_count(d), 7);
    for (int i = 0; i < 7; i++) {
        assert_int_equal(d->items[i].label, i);
        assert_int_equal(d->items[i].n_frames, -1);
    }
    tree_item(d, "/2_ClipsforFaceCrop/Action/Angry/0003");
    expclip_dataset_free(d);
    d = tree_open("FERV39k", "train");
    assert_int_equal(tree_item(d, "/War/Fear/0001")->label, 6);
    expclip_dataset_free(d);
    d = NULL;
    tree_file("4_setups/All_scenes/test_All.csv",
              "a/b/1 Happy\na/b/2 Contempt");
    expect_tree_error(tree_try(&d, "FERV39k", "", "test", 0),
                      EXPCLIP_ERROR_FORMAT,
                      "test_All.csv, line 2: label \"Contempt\"");
    tree_file("4_setups/All_scenes/test_All.csv", "a/b/1 1\n");
    expect_tree_error(tree_try(&d, "FERV39k", "", "test", 0),
                      EXPCLIP_ERROR_FORMAT, "label \"1\"");
    tree_file("4_setups/All_scenes/test_All.csv", "a/b/1\n");
    expect_tree_error(tree_try(&d, "FERV39k", "", "test", 0),
                      EXPCLIP_ERROR_FORMAT, "expected a path and a label");
    unlink(scratch_path("4_setups/All_scenes/test_All.csv"));
    expect_tree_error(tree_try(&d, "FERV39k", "", "test", 0),
                      EXPCLIP_ERROR_NOT_FOUND,
                      "\"4_setups/All_scenes/test_All.csv\"");
    assert_null(d);
}

static void test_clips__mafw_has_names_or_numbers_and_captions(void **state)
{
    static const char *const classes[] = {
        "anger",   "disgust",      "fear",           "happiness",
        "neutral", "sadness",      "surprise",       "contempt",
        "anxiety", "helplessness", "disappointment",
    };
    static const int expected[] = { 3, 5, 6, 0, 2, 1, 4, 7, 8, 9, 10 };
    char names[1024] = "", codes[1024] = "";
    expclip_dataset *d = NULL;
    char name[128];

    (void)state;
    tree_clip("data/faces/00025", 1);
    for (int i = 0; i < 11; i++) { /* captions in GBK */
        sprintf(names + strlen(names), "%05d.mp4 %s\n", i, classes[i]);
        sprintf(codes + strlen(codes), "%05d.mp4\t%d \xc5\xae\xd7\xd3 x\r\n",
                i + 20, i + 1);
    }
    for (int fold = 1; fold <= 5; fold++) {
        snprintf(name, sizeof(name),
                 "Train_Test_Set/single/no_caption_new/set_%d/test.txt", fold);
        tree_file(name, fold == 1 ? names : fold == 2 ? codes : "00099.mp4 1");
    }
    d = tree_open("MAFW", "test");
    assert_int_equal(expclip_dataset_class_count(d), 11);
    assert_int_equal(expclip_dataset_fold_count(d), 5);
    assert_int_equal(expclip_dataset_count(d), 25);
    for (int i = 0; i < 22; i++) {
        assert_int_equal(d->items[i].label, expected[i % 11]);
        assert_int_equal(d->items[i].fold, i / 11);
    }
    tree_item(d, "/data/faces/00003");
    tree_item(d, "/data/faces/00023");
    expclip_dataset_free(d);
    d = NULL;
    expect_tree_error(tree_try(&d, "MAFW", "", "train", 0),
                      EXPCLIP_ERROR_NOT_FOUND, "set_1/train.txt");
    tree_file("Train_Test_Set/single/no_caption_new/set_1/test.txt",
              "00001.mp4 1\n00002.mp4 12\n");
    expect_tree_error(tree_try(&d, "MAFW", "", "test", 0), EXPCLIP_ERROR_FORMAT,
                      "set_1/test.txt, line 2: label \"12\"");
    tree_file("Train_Test_Set/single/no_caption_new/set_1/test.txt",
              "../00002.mp4 1\n");
    expect_tree_error(tree_try(&d, "MAFW", "", "test", 0), EXPCLIP_ERROR_FORMAT,
                      "path \"../00002.mp4\"");
    assert_null(d);
}

static void test_clips__afew_means_its_validation_part(void **state)
{
    static const char *const old[] = { "Happy", "Sad",      "Neutral",
                                       "Angry", "Surprise", "Disgust",
                                       "Fear" };
    static const char *const new[] = { "Happiness", "Sadness",  "Neutral",
                                       "Anger",     "Surprise", "Disgust",
                                       "Fear" };
    expclip_dataset *d = NULL;
    char name[128];

    (void)state;
    expect_tree_error(tree_try(&d, "AFEW", "", "test", 0),
                      EXPCLIP_ERROR_NOT_FOUND, "\"AFEW_Face/validation\"");
    for (int i = 0; i < 7; i++) {
        snprintf(name, sizeof(name), "AFEW_Face/validation/%s/1_1_%d", new[i],
                 i);
        tree_clip(name, 1);
        snprintf(name, sizeof(name), "AFEW_Face/train/%s/2_%d", old[i], i);
        tree_clip(name, 1);
    }
    tree_file("AFEW_Face/validation/Fear/stray.jpg", "");
    d = tree_open("AFEW", "test");
    assert_int_equal(expclip_dataset_count(d), 7);
    for (int i = 0; i < 7; i++) {
        snprintf(name, sizeof(name), "/validation/%s/1_1_%d", new[i], i);
        assert_int_equal(tree_item(d, name)->label, i);
        assert_int_equal(tree_item(d, name)->n_frames, -1);
    }
    expclip_dataset_free(d);
    d = tree_open("AFEW", "train");
    for (int i = 0; i < 7; i++) {
        snprintf(name, sizeof(name), "/train/%s/2_%d", old[i], i);
        assert_int_equal(tree_item(d, name)->label, i);
    }
    expclip_dataset_free(d);
}

static int32_t open_and_free(void *data)
{
    expclip_dataset *d = NULL;
    const expclip_status status =
        tree_try(&d, data, "", "test", EXPCLIP_POLICY_SKIP);

    expclip_dataset_free(d);
    return status;
}

static void test_clips__survive_failing_allocations(void **state)
{
    char name[128];

    (void)state;
    tree_clip("Clip/clip_224x224/00001", 1);
    tree_clip("data/faces/00001", 1);
    tree_clip("2_ClipsforFaceCrop/Action/Happy/0001", 1);
    tree_clip("AFEW_Face/validation/Fear/1", 1);
    tree_file("4_setups/All_scenes/test_All.csv", "Action/Happy/0001 Happy\nx");
    for (int fold = 1; fold <= 5; fold++) {
        write_dfew("test", fold, "1,1\n2,x\n");
        snprintf(name, sizeof(name),
                 "Train_Test_Set/single/with_caption_new/set_%d/test.txt",
                 fold);
        tree_file(name, "00001.mp4 anger\n");
    }
    sweep_needed_allocations(open_and_free, "DFEW");
    sweep_needed_allocations(open_and_free, "MAFW");
    sweep_needed_allocations(open_and_free, "FERV39k");
    sweep_needed_allocations(open_and_free, "AFEW");
}

static void test_clips__other_copies_are_read_too(void **state)
{
    expclip_dataset *d;

    (void)state;
    tree_clip("Val_AFEW/Angry/000046280", 2);
    d = tree_open("AFEW", "test");
    assert_int_equal(tree_item(d, "Angry/000046280")->label, 3);
    expclip_dataset_free(d);
    tree_clip("2_ClipsforFaceCrop/War/Fear/0001", 1);
    tree_file("4_setups/All_scenes/test_All.csv", "War/Fear/0001,Fear\n");
    d = tree_open("FERV39k", "test");
    assert_int_equal(tree_item(d, "War/Fear/0001")->label, 6);
    expclip_dataset_free(d);
}

static void test_clips__videos_stand_for_folders_of_frames(void **state)
{
    expclip_dataset *d;
    char name[128];

    (void)state;
    for (int fold = 1; fold <= 5; fold++) {
        write_dfew("test", fold, fold == 1 ? "1,1\n22,2\n333,3\n" : "9,1\n");
        snprintf(name, sizeof(name),
                 "Train & Test Set/single/no_caption/set_%d/test.txt", fold);
        tree_file(name, fold == 1 ? "00001.mp4 anger\n00002.mp4 fear\n"
                                  : "00003.mp4 fear\n");
    }
    tree_file("Clip/original/1.mp4", ""); /* as the videos are called */
    tree_file("Clip/original/00022.mp4", "");
    d = tree_open("DFEW", "test");
    assert_int_equal(expclip_dataset_count(d), 7);
    assert_int_equal(tree_item(d, "/Clip/original/1.mp4")->label, 0);
    assert_int_equal(tree_item(d, "/1.mp4")->n_frames, -1);
    assert_int_equal(tree_item(d, "/Clip/original/00022.mp4")->label, 1);
    tree_item(d, "/Clip/original/00333"); /* missing, by its folder's name */
    expclip_dataset_free(d);
    tree_file("Clip/clip_224x224_avi/00001.avi", "");
    d = tree_open("DFEW", "test");
    tree_item(d, "/Clip/clip_224x224_avi/00001.avi");
    expclip_dataset_free(d);
    tree_clip("Clip/clip_224x224/00001", 1);
    tree_file("Clip/clip_224x224/00022.mp4", "");
    d = tree_open("DFEW", "test");
    tree_item(d, "/Clip/clip_224x224/00001");
    tree_item(d, "/Clip/clip_224x224/00022.mp4");
    expclip_dataset_free(d);
    tree_file("data/clips/00001.mp4", "");
    tree_file("data/clips/00002.avi", "");
    d = tree_open("MAFW", "test");
    assert_int_equal(expclip_dataset_count(d), 6);
    assert_int_equal(tree_item(d, "/data/clips/00001.mp4")->label, 3);
    assert_int_equal(tree_item(d, "/data/clips/00002.avi")->label, 6);
    expclip_dataset_free(d);
    tree_file("data/clips/unzip/00001.mp4", "");
    d = tree_open("MAFW", "test");
    tree_item(d, "/data/clips/unzip/00001.mp4");
    expclip_dataset_free(d);
}

static void test_clips__afew_has_folders_of_other_names_and_videos(void **state)
{
    expclip_dataset *d = NULL;

    (void)state;
    tree_clip("Train_AFEW/Happy/000046280", 2);
    tree_file("Train_AFEW/Sad/000046281.avi", "");
    tree_clip("Val_AFEW/3_x/1", 1);
    d = tree_open("AFEW", "train");
    assert_int_equal(expclip_dataset_count(d), 2);
    assert_int_equal(tree_item(d, "Train_AFEW/Happy/000046280")->label, 0);
    assert_int_equal(tree_item(d, "Train_AFEW/Sad/000046281.avi")->label, 1);
    expclip_dataset_free(d);
    d = NULL;
    expect_tree_error(tree_try(&d, "AFEW", "", "test", 0), EXPCLIP_ERROR_FORMAT,
                      "rename it after its class");
    assert_null(strstr(tree_error.message, "labels"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TREE_TEST(test_clips__other_copies_are_read_too),
        TREE_TEST(test_clips__videos_stand_for_folders_of_frames),
        TREE_TEST(test_clips__afew_has_folders_of_other_names_and_videos),
        TREE_TEST(test_clips__dfew_has_five_folds),
        TREE_TEST(test_clips__dfew_lacks_and_errors_are_named),
        TREE_TEST(test_clips__ferv39k_lists_classes_by_name),
        TREE_TEST(test_clips__mafw_has_names_or_numbers_and_captions),
        TREE_TEST(test_clips__afew_means_its_validation_part),
        TREE_TEST(test_clips__survive_failing_allocations),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
