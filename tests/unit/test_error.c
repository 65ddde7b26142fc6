/* SPDX-License-Identifier: MIT */
/*
 * test_error.c - messages are safe to print, whatever is in them.
 */
#include "unit/scratch.h"

#include "base/error.h"
#include "base/text.h"

static void test_error__writes_code_and_message(void **state)
{
    expclip_error err = { 0 };

    (void)state;
    assert_int_equal(
        expclip__fail(&err, EXPCLIP_ERROR_SHAPE, "%s: %d of %d", "x", 2, 3),
        EXPCLIP_ERROR_SHAPE);
    assert_int_equal(err.code, EXPCLIP_ERROR_SHAPE);
    assert_string_equal(err.message, "x: 2 of 3");
}

static void test_error__takes_null(void **state)
{
    (void)state;
    assert_int_equal(expclip__fail(NULL, EXPCLIP_ERROR_IO, "x"),
                     EXPCLIP_ERROR_IO);
    assert_int_equal(expclip__fail_memory(NULL, "x"), EXPCLIP_ERROR_MEMORY);
}

static void test_error__escapes_what_could_forge_a_line(void **state)
{
    static const struct {
        const char *text;
        const char *expected;
    } cases[] = {
        { "a\nb", "a\\x0ab" },
        { "\x1b[31m", "\\x1b[31m" },
        { "\x7f", "\\x7f" },
        { "\xff", "\xef\xbf\xbd" },
        { "\xc3", "\xef\xbf\xbd" },
        { "gr\xc3\xb6\xc3\x9f"
          "e",
          "gr\xc3\xb6\xc3\x9f"
          "e" },
        { "", "" },
    };
    expclip_error err;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        expclip__fail(&err, EXPCLIP_ERROR_IO, "%s", cases[i].text);
        assert_string_equal(err.message, cases[i].expected);
    }
}

static void test_error__cuts_long_messages_at_a_character(void **state)
{
    char text[1000];
    expclip_error err;

    (void)state;
    for (size_t n = 490; n < 900; n++) {
        /* Two-byte characters after one or no single byte. */
        memset(text, 'x', sizeof(text));
        for (size_t i = n % 2; i + 2 <= n; i += 2)
            memcpy(text + i, "\xc3\xa9", 2);
        text[n] = '\0';
        expclip__fail(&err, EXPCLIP_ERROR_IO, "%s", text);
        assert_true(strlen(err.message) < sizeof(err.message));
        assert_true(expclip__utf8_valid(err.message, strlen(err.message)));
        if (strlen(text) > 507)
            assert_string_equal(err.message + strlen(err.message) - 3, "...");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_error__writes_code_and_message),
        cmocka_unit_test(test_error__takes_null),
        cmocka_unit_test(test_error__escapes_what_could_forge_a_line),
        cmocka_unit_test(test_error__cuts_long_messages_at_a_character),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
