/* SPDX-License-Identifier: MIT */
/*
 * test_dataset_ckplus.c - CK+ in miniature, as it is published.
 */
#include "unit/data_tree.h"

/* A sequence of two frames; emotion NULL = without a code. */
static void write_sequence(const char *name, const char *subject,
                           const char *emotion)
{
    char path[128];

    for (int frame = 1; frame <= 2; frame++) {
        snprintf(path, sizeof(path), "cohn-kanade-images/%s/%s_0000%04d.png",
                 name, subject, 8 + frame);
        tree_file(path, "");
    }
    snprintf(path, sizeof(path), "Emotion/%s/%s_00000010_emotion.txt", name,
             subject);
    if (emotion)
        tree_file(path, emotion);
}

static int has_note(const expclip_dataset *d, const char *part)
{
    for (size_t i = 0; i < expclip_dataset_note_count(d); i++)
        if (strstr(expclip_dataset_note(d, i), part))
            return 1;
    return 0;
}

static void test_ckplus__the_peak_has_the_sequences_code(void **state)
{
    static const int expected[] = { 2, 3, 7, 5, 6, 0, 1, 4 };
    expclip_dataset *d;
    char name[64], emotion[32];

    (void)state;
    for (int code = 0; code < 8; code++) {
        snprintf(name, sizeof(name), "S00%d/00%d", code / 2, code);
        snprintf(emotion, sizeof(emotion), "   %d.0000000e+00\n", code);
        write_sequence(name, name + 5, code < 7 ? emotion : "7");
    }
    write_sequence("S999/001", "S999_001", NULL);
    tree_file("Emotion/S999/001/.keep", "");
    write_sequence("S998/002", "S998_002", NULL);
    tree_file("cohn-kanade-images/.DS_Store", "");
    tree_file("cohn-kanade-images/readme.txt", "");
    d = tree_open("ckplus", "test");
    assert_string_equal(expclip_dataset_name(d), "CKPlus");
    assert_int_equal(expclip_dataset_class_count(d), 8);
    assert_int_equal(expclip_dataset_count(d), 8);
    for (int code = 0; code < 8; code++) {
        snprintf(name, sizeof(name), "/S00%d/00%d/00%d_00000010.png", code / 2,
                 code, code);
        assert_int_equal(tree_item(d, name)->label, expected[code]);
        assert_int_equal(tree_item(d, name)->n_frames, 0);
    }
    assert_true(has_note(d, "is its last frame, the peak"));
    assert_true(has_note(d, "left out: 2 of 10 sequences"));
    expclip_dataset_free(d);
}

static void test_ckplus__what_is_wrong_is_named(void **state)
{
    static const char *const wrong[] = { "", "8", "x", "3.5000000e+00",
                                         "3.0000000e+01" };
    expclip_dataset *d = NULL;

    (void)state;
    expect_tree_error(tree_try(&d, "CKPlus", "", "test", 0),
                      EXPCLIP_ERROR_NOT_FOUND, "\"cohn-kanade-images\"");
    tree_file("extended-cohn-kanade-images/cohn-kanade-images/S1/1/1.png", "");
    expect_tree_error(tree_try(&d, "CKPlus", "", "test", 0),
                      EXPCLIP_ERROR_NOT_FOUND, "\"Emotion\"");
    expect_tree_error(tree_try(&d, "CKPlus", "", "train", 0),
                      EXPCLIP_ERROR_NOT_FOUND, "CK+ has no parts");
    tree_file("Emotion_labels/Emotion/S2/1/1_emotion.txt", "1");
    expect_tree_error(tree_try(&d, "CKPlus", "", "test", 0),
                      EXPCLIP_ERROR_FORMAT, "left out: 1 of 1 sequences");
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        tree_file("Emotion_labels/Emotion/S1/1/1_emotion.txt", wrong[i]);
        expect_tree_error(tree_try(&d, "CKPlus", "", "test", 0),
                          EXPCLIP_ERROR_FORMAT, "1_emotion.txt: ");
    }
    tree_file("Emotion_labels/Emotion/S1/1/1_emotion.txt", "1");
    assert_int_equal(tree_try(&d, "CKPlus", "", "test", 0), 0);
    expclip_dataset_free(d);
    d = NULL;
    unlink(scratch_path("extended-cohn-kanade-images/cohn-kanade-images/S1/1/"
                        "1.png"));
    expect_tree_error(tree_try(&d, "CKPlus", "", "test", 0),
                      EXPCLIP_ERROR_FORMAT, "S1/1: no frame");
    assert_null(d);
}

static int32_t open_and_free(void *data)
{
    expclip_dataset *d = NULL;
    const expclip_status status =
        tree_try(&d, data, "", "test", EXPCLIP_POLICY_SKIP);

    expclip_dataset_free(d);
    return status;
}

static void test_ckplus__survives_failing_allocations(void **state)
{
    (void)state;
    write_sequence("S005/001", "S005_001", "3.0000000e+00");
    write_sequence("S006/001", "S006_001", "9.0000000e+00");
    write_sequence("S007/001", "S007_001", NULL);
    sweep_allocations(open_and_free, "CKPlus");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TREE_TEST(test_ckplus__the_peak_has_the_sequences_code),
        TREE_TEST(test_ckplus__what_is_wrong_is_named),
        TREE_TEST(test_ckplus__survives_failing_allocations),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
