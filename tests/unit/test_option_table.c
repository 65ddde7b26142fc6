/* SPDX-License-Identifier: MIT */
/*
 * test_option_table.c - what the rows of the option tables say.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "options/option_table.h"

typedef struct settings {
    float x;
    const char *word;
} settings;

static const settings defaults = { 0.1f, "auto" };
static const command_option number =
    OPT_REAL(settings, x, "number", 0, 1, "A number.");

static void test_option_describe__a_default_is_as_typed(void **state)
{
    const command_option word =
        OPT_TEXT(settings, word, "word", 0, "FILE|auto", "A word.");
    char text[OPTION_TEXT_MAX];

    (void)state;
    option_describe(text, &number, &defaults);
    assert_string_equal(text, "A number. Default: 0.1");
    option_describe(text, &word, &defaults);
    assert_string_equal(text, "A word. Default: auto");
}

static void test_option_describe__a_default_out_of_range_is_none(void **state)
{
    const settings none = { -1.0f, NULL };
    char text[OPTION_TEXT_MAX];

    (void)state;
    option_describe(text, &number, &none);
    assert_string_equal(text, "A number.");
}

static void test_option_value_words__names_in_capitals_are_none(void **state)
{
    static const struct {
        const char *value, *words;
    } cases[] = {
        { "fp32|bf16", "fp32 bf16" },
        { "FILE|auto|none[,...]", "auto none" },
        { "cpu|cuda|cuda:N", "cpu cuda" },
        { "7|8|11|a,b,c", "7 8 11" },
        { "X,Y,W,H[,MARGIN]", "" },
        { "clip-squash|quick_gelu", "clip-squash quick_gelu" },
    };
    char words[OPTION_TEXT_MAX];

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const command_option o = { OPTION_TEXT,    "x", 0, 0,
                                   cases[i].value, 0,   0, "" };
        option_value_words(words, &o);
        assert_string_equal(words, cases[i].words);
    }
}

static void test_option_takes_file__by_the_name_of_its_value(void **state)
{
    static const struct {
        const char *value;
        int takes;
    } cases[] = { { "FILE.npy", 1 },
                  { "DIR|LIST", 1 },
                  { "NAME=PATH[,LIST]...", 1 },
                  { "N", 0 } };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const command_option o = { OPTION_TEXT,    "x", 0, 0,
                                   cases[i].value, 0,   0, "" };
        assert_int_equal(option_takes_file(&o), cases[i].takes);
    }
}

static void test_option_is_changed__by_the_value_alone(void **state)
{
    const settings same = { 0.1f, defaults.word };
    const settings other = { 0.2f, NULL };
    const command_option word =
        OPT_TEXT(settings, word, "word", 0, "FILE|auto", "A word.");
    const command_option heading = OPT_HEADING("Words");

    (void)state;
    assert_false(option_is_changed(&number, &same, &defaults));
    assert_false(option_is_changed(&word, &same, &defaults));
    assert_false(option_is_changed(&heading, &other, &defaults));
    assert_true(option_is_changed(&number, &other, &defaults));
    assert_true(option_is_changed(&word, &other, &defaults));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_option_describe__a_default_is_as_typed),
        cmocka_unit_test(test_option_describe__a_default_out_of_range_is_none),
        cmocka_unit_test(test_option_value_words__names_in_capitals_are_none),
        cmocka_unit_test(test_option_takes_file__by_the_name_of_its_value),
        cmocka_unit_test(test_option_is_changed__by_the_value_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
