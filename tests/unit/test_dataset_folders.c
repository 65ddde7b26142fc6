/* SPDX-License-Identifier: MIT */
/*
 * test_dataset_folders.c - the dataset "folder".
 */
#include "unit/data_tree.h"

static void
test_folders__known_classes_come_first_in_the_papers_order(void **state)
{
    static const char *const expected[] = { "happiness", "neutral", "fear",
                                            "bored", "pride" };
    expclip_dataset *d;

    (void)state;
    tree_file("pride/1.png", "");
    tree_file("bored/1.png", "");
    tree_file("Fearful/1.png", "");
    tree_file("NEUTRAL/1.png", "");
    tree_file("happy/1.png", "");
    tree_file("happy/2.JPG", "");
    tree_file("happy/readme.txt", "");
    tree_file("Happiness/3.bmp", "");
    tree_file("list.txt", "");
    tree_file(".git/1.png", "");
    d = tree_open("folder", "test");
    assert_int_equal(expclip_dataset_class_count(d), 5);
    for (size_t i = 0; i < 5; i++)
        assert_string_equal(expclip_dataset_class_name(d, i), expected[i]);
    assert_int_equal(expclip_dataset_count(d), 7);
    assert_int_equal(tree_item(d, "happy/1.png")->label, 0);
    assert_int_equal(tree_item(d, "Happiness/3.bmp")->label, 0);
    assert_int_equal(tree_item(d, "NEUTRAL/1.png")->label, 1);
    assert_int_equal(tree_item(d, "Fearful/1.png")->label, 2);
    assert_int_equal(tree_item(d, "bored/1.png")->label, 3);
    assert_int_equal(tree_item(d, "pride/1.png")->label, 4);
    assert_int_equal(tree_item(d, "pride/1.png")->n_frames, 0);
    assert_int_equal(tree_item(d, "pride/1.png")->list, -1);
    expclip_dataset_free(d);
}

static void test_folders__clips_are_folders_or_videos(void **state)
{
    expclip_dataset *d;

    (void)state;
    tree_clip("sad/clip1", 2);
    tree_file("sad/clip2.mp4", "");
    tree_file("sad/face.png", "");
    d = tree_open("folder", "test");
    assert_int_equal(expclip_dataset_count(d), 3);
    assert_int_equal(tree_item(d, "sad/clip1")->n_frames, -1);
    assert_int_equal(tree_item(d, "sad/clip2.mp4")->n_frames, -1);
    assert_int_equal(tree_item(d, "sad/face.png")->n_frames, 0);
    expclip_dataset_free(d);
}

static void test_folders__links_that_lead_nowhere_do_no_harm(void **state)
{
    expclip_dataset *d;
    char loop[512];

    (void)state;
    tree_file("sad/face.png", "");
    strcpy(loop, scratch_path("sad/loop"));
    assert_int_equal(symlink(loop, loop), 0);
    strcpy(loop, scratch_path("sad/gone.png"));
    assert_int_equal(symlink("nowhere.png", loop), 0);
    d = tree_open("folder", "test");
    assert_int_equal(expclip_dataset_count(d), 2);
    tree_item(d, "sad/gone.png"); /* the check finds it missing */
    expclip_dataset_free(d);
}

static void test_folders__without_classes_are_refused(void **state)
{
    expclip_dataset *d = NULL;

    (void)state;
    tree_file("1.png", "");
    expect_tree_error(tree_try(&d, "folder", "", "test", 0),
                      EXPCLIP_ERROR_NOT_FOUND,
                      "found no folder, expected one a class");
    tree_file("sad/readme.txt", "");
    expect_tree_error(tree_try(&d, "folder", "", "test", 0),
                      EXPCLIP_ERROR_FORMAT, "no item");
    expect_tree_error(tree_try(&d, "folder", "no", "test", 0),
                      EXPCLIP_ERROR_NOT_FOUND, "no such file or folder");
    assert_null(d);
}

/* 1 when the notes of a dataset hold all of `part` in one of them. */
static int has_note(const expclip_dataset *d, const char *part)
{
    for (size_t i = 0; i < expclip_dataset_note_count(d); i++)
        if (strstr(expclip_dataset_note(d, i), part))
            return 1;
    return 0;
}

static void test_folders__a_split_is_no_class(void **state)
{
    static const char *const names[] = { "train",      "TEST", "valid",
                                         "Train_AFEW", "dev",  "validation",
                                         "rafdb-test" };
    expclip_dataset *d = NULL;
    char file[64], told[64];

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        scratch_begin(NULL);
        snprintf(file, sizeof(file), "%s/happy/1.png", names[i]);
        snprintf(told, sizeof(told), "/%s instead of ", names[i]);
        tree_file(file, "");
        tree_file("happy/1.png", "");
        expect_tree_error(tree_try(&d, "folder", "", "test", 1),
                          EXPCLIP_ERROR_FORMAT, told);
        tree_end(NULL);
    }
    scratch_begin(NULL);
    tree_file("Contest/1.png", "");
    tree_file("attest/1.png", "");
    d = tree_open("folder", "test");
    assert_int_equal(expclip_dataset_class_count(d), 2);
    expclip_dataset_free(d);
}

static void test_folders__classes_one_level_deeper_are_told(void **state)
{
    expclip_dataset *d = NULL;

    (void)state;
    tree_file("faces/happy/1.png", "");
    tree_file("faces/sad/1.png", "");
    expect_tree_error(tree_try(&d, "folder", "", "test", 1),
                      EXPCLIP_ERROR_FORMAT, "/faces: holds the folder");
    tree_end(NULL);
    scratch_begin(NULL);
    tree_file("happy/train/1.png", "");
    expect_tree_error(tree_try(&d, "folder", "", "test", 1),
                      EXPCLIP_ERROR_FORMAT, "\"train\"");
    tree_end(NULL);
    scratch_begin(NULL);
    tree_file("happy/happy_001/1.png", ""); /* a clip's own name */
    d = tree_open("folder", "test");
    assert_int_equal(expclip_dataset_count(d), 1);
    expclip_dataset_free(d);
}

static void test_folders__what_is_no_data_is_left_out_and_said(void **state)
{
    static const char *const files[] = {
        "__MACOSX/1.png",   "lost+found/1.png",     ".git/1.png",
        "@eaDir/1.png",     ".ipynb_checkpoints/1", "out/report.html",
        "results/note.txt", "sad/empty/note.txt",   "cut/cache/1",
    };
    static const char *const said[] = {
        "/__MACOSX: left out",
        "/lost+found: left out",
        "/.git: left out: a hidden folder",
        "/@eaDir: left out",
        "/.ipynb_checkpoints: left out",
        "/out: left out: an earlier report",
        "/results: left out: a folder without an image",
        "/sad/empty: left out: a folder without an image",
        "/cut: left out: an earlier report",
        "/train: left out: a folder without an image",
    };
    expclip_dataset *d;

    (void)state;
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
        tree_file(files[i], "");
    tree_file("out/results.json", "");
    tree_file("out/plots/1.png", "");
    tree_file("cut/predictions/1.csv", "");
    tree_file("sad/1.png", "");
    assert_int_equal(mkdir(scratch_path("train"), 0777), 0);
    d = tree_open("folder", "test");
    assert_int_equal(expclip_dataset_class_count(d), 1);
    assert_int_equal(expclip_dataset_count(d), 1);
    for (size_t i = 0; i < sizeof(said) / sizeof(said[0]); i++)
        if (!has_note(d, said[i]))
            fail_msg("no note %s", said[i]);
    assert_string_equal(expclip_dataset_note(d, 1000), "");
    expclip_dataset_free(d);
    d = tree_open("images", "test");
    assert_int_equal(expclip_dataset_count(d), 1);
    expclip_dataset_free(d);
}

static void test_folders__images_one_level_deeper_are_no_clip(void **state)
{
    expclip_dataset *d;

    (void)state;
    tree_file("happy/images/1.png", "");
    tree_file("happy/images/2.png", "");
    expect_tree_error(tree_try(&d, "folder", "", "test", 0),
                      EXPCLIP_ERROR_FORMAT, "holds the folder \"images\" only");
    tree_file("happy/0001/1.png", ""); /* clips, of which one has the name */
    d = tree_open("folder", "test");
    assert_int_equal(expclip_dataset_count(d), 2);
    expclip_dataset_free(d);
}

static void test_folders__images_beside_the_classes_are_counted(void **state)
{
    expclip_dataset *d;

    (void)state;
    tree_file("happy/1.png", "");
    tree_file("1.png", "");
    tree_file("2.mp4", "");
    tree_file("README.md", "");
    d = tree_open("folder", "test");
    assert_int_equal(expclip_dataset_count(d), 1);
    assert_true(has_note(d, "left out: 2 images or videos beside"));
    expclip_dataset_free(d);
}

static void test_folders__content_decides_what_an_image_is(void **state)
{
    static const uint8_t jpeg[] = "\xff\xd8\xff\xe0 and so on, and on";
    static const uint8_t webp[] = "....ftypavif........"; /* by name */
    static const uint8_t bmp[] = "BM\x10\x20\0\0\0\0\0\0\x36\0\0\0\x28\0";
    static const char *const sets[] = { "folder", "images" };
    char fifo[512];

    (void)state;
    tree_bytes("sad/plain", jpeg, sizeof(jpeg));
    tree_bytes("sad/a.img", bmp, sizeof(bmp));
    tree_file("sad/b.jfif", "");
    tree_file("sad/c.JPE", "");
    tree_bytes("sad/d.webp", webp, sizeof(webp));
    tree_bytes("sad/e.WEBP", webp, sizeof(webp));
    tree_bytes("sad/f.tif", "II*\0 and so on, and on", 22);
    tree_file("sad/BMW.txt", "BMW is no image, P1 neither");
    tree_file("sad/notes", "text");
    strcpy(fifo, scratch_path("sad/pipe"));
    assert_int_equal(mkfifo(fifo, 0666), 0);
    for (size_t i = 0; i < 2; i++) {
        expclip_dataset *d = tree_open(sets[i], "test");

        assert_int_equal(expclip_dataset_count(d), 4);
        tree_item(d, "/plain");
        tree_item(d, "/a.img");
        tree_item(d, "/b.jfif");
        tree_item(d, "/c.JPE");
        assert_int_equal(expclip_dataset_note_count(d), 1);
        assert_true(
            has_note(d, "left out: .webp 2, .tif 1, others 2 (not images"));
        expclip_dataset_free(d);
    }
}

static void test_folders__without_an_ending_content_has_the_name(void **state)
{
    expclip_dataset *d;

    (void)state;
    tree_file("sad/1.png", "");
    tree_bytes("sad/plain", "II*\0 and so on, and on", 22);
    tree_bytes("sad/other", "MM\0* and so on, and on", 22);
    tree_bytes("sad/phone.", "....ftypheic........", 20);
    tree_file("sad/noise", "PIC is no image");
    d = tree_open("folder", "test");
    assert_int_equal(expclip_dataset_count(d), 1);
    assert_true(has_note(d, "left out: TIFF 2, HEIC 1, others 1 (not images"));
    expclip_dataset_free(d);
}

static void test_folders__texts_beside_images_are_no_news(void **state)
{
    static const char *const texts[] = { "sad/README.md", "sad/a.JSON",
                                         "sad/b.csv", "sad/LICENSE",
                                         "sad/c.txt" };
    expclip_dataset *d = NULL;
    expclip_string *json = NULL;

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        tree_file(texts[i], "");
    expect_tree_error(tree_try(&d, "images", "", "test", 0),
                      EXPCLIP_ERROR_FORMAT,
                      "left out: LICENSE 1, .md 1, .json 1, .csv 1, .txt 1");
    tree_file("sad/1.png", "");
    d = tree_open("images", "test");
    assert_int_equal(expclip_dataset_note_count(d), 0);
    assert_string_equal(expclip_dataset_note(d, 0), "");
    assert_int_equal(expclip_dataset_check(&json, d, NULL, &tree_error), 0);
    assert_non_null(strstr(expclip_string_data(json), "LICENSE 1, .md 1"));
    expclip_string_free(json);
    expclip_dataset_free(d);
    tree_file("sad/2.webp", "");
    d = tree_open("images", "test");
    assert_int_equal(expclip_dataset_note_count(d), 1);
    assert_true(has_note(d, "left out: .webp 1 (not images"));
    expclip_dataset_free(d);
}

static void test_folders__classes_of_ck48_are_the_papers(void **state)
{
    static const char *const names[] = { "anger", "contempt", "disgust", "fear",
                                         "happy", "sadness",  "surprise" };
    static const int expected[] = { 2, 6, 4, 5, 0, 1, 3 };
    expclip_dataset *d;
    char file[64];

    (void)state;
    for (int i = 0; i < 7; i++) {
        snprintf(file, sizeof(file), "%s/S01%d_004_00000017.png", names[i], i);
        tree_file(file, "");
    }
    d = tree_open("folder", "test");
    assert_int_equal(expclip_dataset_class_count(d), 7);
    assert_int_equal(expclip_dataset_note_count(d), 0);
    for (int i = 0; i < 7; i++) {
        snprintf(file, sizeof(file), "/S01%d_004_00000017.png", i);
        assert_int_equal(tree_item(d, file)->label, expected[i]);
    }
    assert_string_equal(expclip_dataset_class_name(d, 6), "contempt");
    expclip_dataset_free(d);
}

static int32_t open_and_free(void *data)
{
    expclip_dataset *d = NULL;
    const expclip_status status = tree_try(&d, "folder", "", "test", 0);

    (void)data;
    expclip_dataset_free(d);
    return status;
}

static void test_folders__survive_failing_allocations(void **state)
{
    (void)state;
    tree_file("sad/1.png", "");
    tree_file(".git/1.png", "");
    tree_file("empty/1.txt", "");
    tree_clip("bored/2", 1);
    sweep_needed_allocations(open_and_free, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TREE_TEST(test_folders__known_classes_come_first_in_the_papers_order),
        TREE_TEST(test_folders__clips_are_folders_or_videos),
        TREE_TEST(test_folders__links_that_lead_nowhere_do_no_harm),
        TREE_TEST(test_folders__without_classes_are_refused),
        TREE_TEST(test_folders__a_split_is_no_class),
        TREE_TEST(test_folders__classes_one_level_deeper_are_told),
        TREE_TEST(test_folders__what_is_no_data_is_left_out_and_said),
        TREE_TEST(test_folders__images_one_level_deeper_are_no_clip),
        TREE_TEST(test_folders__images_beside_the_classes_are_counted),
        TREE_TEST(test_folders__content_decides_what_an_image_is),
        TREE_TEST(test_folders__without_an_ending_content_has_the_name),
        TREE_TEST(test_folders__texts_beside_images_are_no_news),
        TREE_TEST(test_folders__classes_of_ck48_are_the_papers),
        TREE_TEST(test_folders__survive_failing_allocations),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
