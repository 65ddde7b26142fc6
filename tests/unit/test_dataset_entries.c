/* SPDX-License-Identifier: MIT */
/*
 * test_dataset_entries.c - the names in a folder.
 */
#include "unit/data_tree.h"

#include "datasets/dataset_entries.h"
#include "shared/formats.h"

static void test_entries__names_are_sorted_by_bytes(void **state)
{
    static const char *const expected[] = { "10.jpg", "2.JPG", "B.png",
                                            "a.jpeg" };
    expclip__entries e;

    (void)state;
    tree_file("a.jpeg", "");
    tree_file("2.JPG", "");
    tree_file("10.jpg", "");
    tree_file("B.png", "");
    tree_file(".hidden.png", "");
    tree_file("notes.txt", "");
    assert_int_equal(
        expclip__entries_list(&e, scratch_folder, expclip__is_image_name, NULL),
        0);
    assert_int_equal(e.n, 4);
    for (size_t i = 0; i < 4; i++)
        assert_string_equal(e.names[i], expected[i]);
    expclip__entries_free(&e);
    assert_int_equal(
        expclip__entries_list(&e, scratch_path("no"), NULL, &tree_error),
        EXPCLIP_ERROR_NOT_FOUND);
}

static void test_entries__videos_are_known_by_their_endings(void **state)
{
    static const char *const endings[] = { ".mp4", ".mkv", ".webm", ".avi",
                                           ".mov", ".m4v", ".TS" };

    (void)state;
    for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
        char name[16];

        snprintf(name, sizeof(name), "a%s", endings[i]);
        assert_true(expclip__is_video_name(name));
        assert_false(expclip__is_video_name(endings[i]));
    }
    assert_false(expclip__is_video_name("a.mp3"));
    assert_false(expclip__is_video_name("mp4"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TREE_TEST(test_entries__names_are_sorted_by_bytes),
        TREE_TEST(test_entries__videos_are_known_by_their_endings),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
