/* SPDX-License-Identifier: MIT */
/*
 * test_dataset_tables.c - the tables of datasets agree with themselves and
 * with the papers' numbers.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "datasets/dataset_tables.h"

static const char *const names[] = { "RAFDB",   "AffectNet7", "AffectNet8",
                                     "FERPlus", "FER2013",    "DFEW",
                                     "FERV39k", "MAFW",       "AFEW",
                                     "CAER-S",  "CKPlus",     "folder",
                                     "list" };

enum { N_NAMES = sizeof(names) / sizeof(names[0]) };

static void
test_tables__names_are_found_in_any_case_without_dashes(void **state)
{
    (void)state;
    for (int i = 0; i < N_NAMES; i++)
        assert_string_equal(expclip__known_find(names[i])->name, names[i]);
    assert_string_equal(expclip__known_find("raf-db")->name, "RAFDB");
    assert_string_equal(expclip__known_find("AFFECTNET-8")->name, "AffectNet8");
    assert_string_equal(expclip__known_find("caers")->name, "CAER-S");
    assert_string_equal(expclip__known_find("-L-ist-")->name, "list");
    assert_null(expclip__known_find(""));
    assert_null(expclip__known_find("RAF"));
    assert_null(expclip__known_find("RAFDBX"));
    assert_null(expclip__known_find("RAF DB"));
}

static void test_tables__every_class_has_one_code(void **state)
{
    (void)state;
    for (int i = 0; i < N_NAMES; i++) {
        const expclip__known *k = expclip__known_find(names[i]);
        int seen[EXPCLIP__MAX_CLASSES] = { 0 };

        for (int c = 0; c < k->n_codes; c++) {
            assert_in_range(k->codes[c] + 1, 0, k->n_classes);
            if (k->codes[c] >= 0)
                seen[k->codes[c]]++;
        }
        for (int c = 0; k->n_codes && c < k->n_classes; c++)
            assert_int_equal(seen[c], 1);
    }
}

static void test_tables__classes_add_up_to_their_fold(void **state)
{
    (void)state;
    for (int i = 0; i < N_NAMES; i++) {
        const expclip__known *k = expclip__known_find(names[i]);

        for (int fold = 0; fold < EXPCLIP__MAX_FOLDS; fold++) {
            int sum = 0;

            for (int c = 0; c < EXPCLIP__MAX_CLASSES; c++)
                sum += k->n_by_class[fold][c];
            assert_true(sum == 0 || sum == k->n_items[fold]);
            assert_true(k->n_items[fold] == 0 || fold < k->n_folds);
        }
    }
}

static void test_tables__all_folds_are_the_whole(void **state)
{
    static const struct {
        const char *name;
        int n;
    } whole[] = { { "RAFDB", 3068 },   { "AffectNet7", 3500 },
                  { "FERV39k", 7847 }, { "AffectNet8", 4000 },
                  { "DFEW", 11697 },   { "MAFW", 9172 },
                  { "AFEW", 381 },     { "FER2013", 3589 },
                  { "CKPlus", 327 } };

    (void)state;
    for (size_t i = 0; i < sizeof(whole) / sizeof(whole[0]); i++) {
        const expclip__known *k = expclip__known_find(whole[i].name);
        int sum = 0;

        for (int fold = 0; fold < k->n_folds; fold++)
            sum += k->n_items[fold];
        assert_int_equal(sum, whole[i].n);
    }
}

static void test_tables__classes_are_known_by_their_other_names(void **state)
{
    static const char *const forms[][3] = {
        { "happiness", "Happy", "JOY" },
        { "sadness", "Sad", "sad" },
        { "neutral", "Neutral", "NEUTRAL" },
        { "anger", "Angry", "Anger" },
        { "surprise", "Surprise", "surprised" },
        { "disgust", "Disgust", "disgusted" },
        { "fear", "Fearful", "afraid" },
        { "contempt", "Contempt", "contemptuous" },
        { "anxiety", "anxious", "Anxiety" },
        { "helplessness", "helpless", "Helplessness" },
        { "disappointment", "disappointed", "Disappointment" },
    };

    (void)state;
    for (int c = 0; c < 11; c++)
        for (int i = 0; i < 3; i++)
            assert_int_equal(
                expclip__class_of_name(forms[c][i], strlen(forms[c][i])), c);
    assert_int_equal(expclip__class_of_name("", 0), -1);
    assert_int_equal(expclip__class_of_name("happ", 4), -1);
    assert_int_equal(expclip__class_of_name("happyy", 6), -1);
    assert_int_equal(expclip__class_of_name("happyy", 5), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            test_tables__names_are_found_in_any_case_without_dashes),
        cmocka_unit_test(test_tables__every_class_has_one_code),
        cmocka_unit_test(test_tables__classes_add_up_to_their_fold),
        cmocka_unit_test(test_tables__all_folds_are_the_whole),
        cmocka_unit_test(test_tables__classes_are_known_by_their_other_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
