/* SPDX-License-Identifier: MIT */
/*
 * test_prompts.c - prompt sets, templates and files.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "expression/prompts.h"

static expclip_prompts *parse(const char *text, expclip_status expected,
                              expclip_error *err)
{
    expclip_prompts *p = NULL;

    assert_int_equal(
        expclip__prompts_parse(&p, text, strlen(text), "file", err), expected);
    assert_true((p != NULL) == (expected == EXPCLIP_OK));
    return p;
}

static void test_prompts__builtin_sets_have_the_papers_prompts(void **state)
{
    static const struct {
        const char *set;
        size_t n_prompts;
        const char *first_of_sadness;
    } sets[] = {
        { "type1", 1, "sadness." },
        { "type2", 1, "an expression of sadness." },
        { "type3", 1, "a photo of a face with an expression of sadness." },
        { "type4", 5, "an expression of sadness." },
        { "type5", 10, "an expression of sadness." },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(sets) / sizeof(sets[0]); i++) {
        expclip_prompts *p = NULL;

        assert_int_equal(expclip__prompts_builtin(&p, sets[i].set, 11, NULL),
                         EXPCLIP_OK);
        assert_int_equal(p->n_classes, 11);
        assert_string_equal(p->classes[1].name, "sadness");
        assert_int_equal(p->classes[1].n_prompts, sets[i].n_prompts);
        assert_string_equal(p->classes[1].prompts[0], sets[i].first_of_sadness);
        assert_string_equal(p->classes[10].name, "disappointment");
        expclip__prompts_free(p);
    }
}

static void
test_prompts__ensembles_keep_the_references_irregularities(void **state)
{
    expclip_prompts *p = NULL;

    (void)state;
    assert_int_equal(expclip__prompts_builtin(&p, "type5", 8, NULL),
                     EXPCLIP_OK);
    assert_string_equal(p->classes[0].prompts[5],
                        "a photo of a face exuding happiness.");
    assert_string_equal(p->classes[1].prompts[1],
                        "a cropped photo emphasizing a face expressing "
                        "sadness.");
    assert_string_equal(p->classes[2].prompts[7],
                        "a good photo capturing someone's neutral state.");
    assert_string_equal(p->classes[7].prompts[9],
                        "a clean photo showcasing a person's contemptuous "
                        "expression.");
    expclip__prompts_free(p);
}

static void test_prompts__other_counts_and_sets_are_refused(void **state)
{
    expclip_prompts *p = NULL;
    expclip_error err;

    (void)state;
    assert_int_equal(expclip__prompts_builtin(&p, "type3", 9, &err),
                     EXPCLIP_ERROR_ARGUMENT);
    assert_non_null(strstr(err.message, "9, expected 7, 8 or 11"));
    assert_int_equal(expclip__prompts_builtin(&p, "type6", 7, &err),
                     EXPCLIP_ERROR_NOT_FOUND);
    assert_null(p);
}

static void test_prompts__a_class_without_letters_is_no_word(void **state)
{
    static const char *const names[] = { "3", "07", "-", "1.5" };
    expclip_prompts *p;
    expclip_error err;

    (void)state;
    assert_int_equal(expclip__prompts_create(&p, NULL), 0);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        assert_int_equal(expclip__prompts_add_class(p, names[i], "type3", &err),
                         EXPCLIP_ERROR_ARGUMENT);
        assert_non_null(strstr(err.message, "has no letter"));
        assert_int_equal(expclip__prompts_add(p, names[i], "a face", &err), 0);
    }
    expclip__prompts_free(p);
}

static void
test_prompts__own_classes_are_worded_by_set_or_template(void **state)
{
    expclip_prompts *p = NULL;

    (void)state;
    assert_int_equal(expclip__prompts_create(&p, NULL), EXPCLIP_OK);
    assert_int_equal(expclip__prompts_add_class(p, "boredom", "type5", NULL),
                     EXPCLIP_OK);
    assert_int_equal(p->classes[0].n_prompts, 10);
    assert_string_equal(p->classes[0].prompts[5],
                        "a photo of a face displaying boredom.");
    assert_int_equal(expclip__prompts_add_class(p, "joy", "{}, {}!", NULL),
                     EXPCLIP_OK);
    assert_string_equal(p->classes[1].prompts[0], "joy, joy!");
    assert_int_equal(expclip__prompts_add_class(p, "joy", "{}", NULL),
                     EXPCLIP_ERROR_ARGUMENT);
    assert_int_equal(expclip__prompts_add_class(p, "x", "no hole", NULL),
                     EXPCLIP_ERROR_NOT_FOUND);
    assert_int_equal(p->n_classes, 2);
    expclip__prompts_free(p);
}

static void test_prompts__json_and_lines_read_to_the_same(void **state)
{
    expclip_prompts *a =
        parse("{\"b\": [\"x y\", \"z\"], \"a\": [\"w\"]}", EXPCLIP_OK, NULL);
    expclip_prompts *b = parse("\xef\xbb\xbf"
                               "b\tx y\r\n\r\nb\tz\na\tw",
                               EXPCLIP_OK, NULL);

    (void)state;
    assert_int_equal(a->n_classes, 2);
    assert_int_equal(b->n_classes, 2);
    for (size_t i = 0; i < 2; i++) {
        assert_string_equal(a->classes[i].name, b->classes[i].name);
        assert_int_equal(a->classes[i].n_prompts, b->classes[i].n_prompts);
        for (size_t j = 0; j < a->classes[i].n_prompts; j++)
            assert_string_equal(a->classes[i].prompts[j],
                                b->classes[i].prompts[j]);
    }
    expclip__prompts_free(a);
    expclip__prompts_free(b);
}

static void test_prompts__bad_files_name_the_line_or_the_class(void **state)
{
    static const struct {
        const char *text;
        const char *says;
    } files[] = {
        { "", "no prompts" },
        { "\n\n", "no prompts" },
        { "a\tb\nno tab here\n", "line 2" },
        { "a\tb\n\tc\n", "line 2" },
        { "a\tb\nc\t\n", "line 2" },
        { "a\tb\nc\t\xff\n", "line 2" },
        { "{\"a\": [\"b\"", "line 1" },
        { "{\"a\": \"b\"}", "class \"a\"" },
        { "{\"a\": []}", "class \"a\"" },
        { "{\"a\": [1]}", "prompt 1 is not a string" },
        { "{\"a\": [\"x\"], \"a\": [\"y\"]}", "line 1" },
        { "{}", "no prompts" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        expclip_error err = { 0, "" };
        expclip_prompts *p = NULL;

        assert_true(expclip__prompts_parse(&p, files[i].text,
                                           strlen(files[i].text), "file",
                                           &err) < 0);
        assert_null(p);
        if (!strstr(err.message, files[i].says))
            fail_msg("file %zu: \"%s\"", i, err.message);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_prompts__builtin_sets_have_the_papers_prompts),
        cmocka_unit_test(
            test_prompts__ensembles_keep_the_references_irregularities),
        cmocka_unit_test(test_prompts__other_counts_and_sets_are_refused),
        cmocka_unit_test(test_prompts__a_class_without_letters_is_no_word),
        cmocka_unit_test(
            test_prompts__own_classes_are_worded_by_set_or_template),
        cmocka_unit_test(test_prompts__json_and_lines_read_to_the_same),
        cmocka_unit_test(test_prompts__bad_files_name_the_line_or_the_class),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
