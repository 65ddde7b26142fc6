/* SPDX-License-Identifier: MIT */
/*
 * test_page.c - a page of HTML, put together from its files and its data.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "views/page.h"

/** What a page prints, for free(); `rest` is what follows it. */
static char *print(const page_files *files, const page_data *data, size_t n,
                   const char **rest)
{
    char *text = NULL;
    size_t size;
    FILE *f = open_memstream(&text, &size);

    assert_non_null(f);
    *rest = page_print(f, files, files->html, data, n);
    assert_int_equal(fclose(f), 0);
    return text;
}

static void test_page_print__files_and_data_stand_in_their_slots(void **state)
{
    const page_files files = { "a{{style}}b{{script}}c{{x}}{d}", "S{{script}}",
                               "J" };
    json_t *json = json_pack("[s f]", "</script><!-- \"", 0.1);
    const page_data data = { "x", json };
    const char *rest;
    char *text = print(&files, &data, 1, &rest);

    (void)state;
    assert_string_equal(text, "aS{{script}}bJc[\"\\u003c/script>\\u003c!-- "
                              "\\\"\",0.10000000000000001]{d}");
    assert_string_equal(rest, "");
    free(text);
    json_decref(json);
}

static void test_page_print__stops_at_a_slot_for_others(void **state)
{
    const page_files files = { "a{{items}}b{{style}}", "S", "J" };
    const char *rest;
    char *text = print(&files, NULL, 0, &rest);

    (void)state;
    assert_string_equal(text, "a");
    assert_string_equal(rest, "b{{style}}");
    free(text);
}

/** The digest of "abc" is FIPS 180-2's. */
static void test_page_print__the_policy_gets_the_digest(void **state)
{
    const page_files files = { "{{digest}}", "", "abc" };
    const char *rest;
    char *text = print(&files, NULL, 0, &rest);

    (void)state;
    assert_string_equal(text, "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=");
    free(text);
}

static void test_page_files__no_script_or_style_can_end_itself(void **state)
{
    const char *const texts[] = { page_report_style, page_report_script,
                                  page_sheet_style, page_sheet_script };

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        assert_true(strlen(texts[i]) > 500);
        assert_null(strstr(texts[i], "</"));
        assert_null(strstr(texts[i], "<!--"));
        assert_null(strstr(texts[i], "innerHTML"));
    }
}

static void test_page_base64__pads_as_rfc_4648_shows(void **state)
{
    static const struct {
        const char *plain;
        const char *coded;
    } cases[] = {
        { "", "" },        { "f", "Zg==" },        { "fo", "Zm8=" },
        { "foo", "Zm9v" }, { "foob", "Zm9vYg==" }, { "fooba", "Zm9vYmE=" }
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char *text = NULL;
        size_t size;
        FILE *f = open_memstream(&text, &size);

        assert_non_null(f);
        page_base64(f, (const unsigned char *)cases[i].plain,
                    strlen(cases[i].plain));
        assert_int_equal(fclose(f), 0);
        assert_string_equal(text, cases[i].coded);
        free(text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_page_print__files_and_data_stand_in_their_slots),
        cmocka_unit_test(test_page_print__stops_at_a_slot_for_others),
        cmocka_unit_test(test_page_print__the_policy_gets_the_digest),
        cmocka_unit_test(test_page_files__no_script_or_style_can_end_itself),
        cmocka_unit_test(test_page_base64__pads_as_rfc_4648_shows),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
