/* SPDX-License-Identifier: MIT */
/*
 * test_text.c - buffers, UTF-8 and whole numbers.
 */
#include "unit/scratch.h"

#include "base/text.h"

static void test_text__buffer_grows_and_stays_ended(void **state)
{
    expclip__buffer b = { 0 };

    (void)state;
    for (int i = 0; i < 1000; i++) {
        expclip__buffer_add_format(&b, "%d,", i % 10);
        assert_int_equal(strlen(b.data), b.size);
    }
    expclip__buffer_add(&b, NULL, 0);
    expclip__buffer_add_string(&b, "end");
    assert_int_equal(b.size, 2003);
    assert_string_equal(b.data + 1998, "9,end");
    expclip__buffer_free(&b);
    assert_null(b.data);
}

static void test_text__buffer_keeps_a_failure(void **state)
{
    expclip__buffer b = { 0 };

    (void)state;
    expclip__alloc_fail_after(0, 0);
    expclip__buffer_add_string(&b, "lost");
    expclip__buffer_add_string(&b, "not added");
    assert_int_equal(b.failed, 1);
    assert_int_equal(b.size, 0);
    expclip__buffer_free(&b);
    expclip__buffer_add(&b, "x", SIZE_MAX / 2);
    assert_int_equal(b.failed, 1);
    expclip__buffer_free(&b);
}

static void test_text__copies(void **state)
{
    char *a = expclip__strdup("abc"), *b = expclip__strndup("abc", 2);

    (void)state;
    assert_string_equal(a, "abc");
    assert_string_equal(b, "ab");
    assert_null(expclip__strndup("abc", SIZE_MAX));
    expclip__free(a);
    expclip__free(b);
}

static void test_text__utf8_follows_rfc_3629(void **state)
{
    static const struct {
        const char *text;
        size_t length;
    } cases[] = {
        { "a", 1 },
        { "\xc2\x80", 2 },
        { "\xdf\xbf", 2 },
        { "\xe0\xa0\x80", 3 },
        { "\xed\x9f\xbf", 3 },
        { "\xef\xbf\xbf", 3 },
        { "\xf0\x90\x80\x80", 4 },
        { "\xf4\x8f\xbf\xbf", 4 },
        { "\x80", 0 },     /* a tail alone */
        { "\xc0\x80", 0 }, /* too long a form */
        { "\xc1\xbf", 0 },
        { "\xe0\x9f\xbf", 0 },
        { "\xed\xa0\x80", 0 }, /* a surrogate */
        { "\xf0\x8f\xbf\xbf", 0 },
        { "\xf4\x90\x80\x80", 0 }, /* above U+10FFFF */
        { "\xf5\x80\x80\x80", 0 },
        { "\xe2\x82", 0 }, /* cut */
        { "\xf0\x9f\x98", 0 },
        { "\xc3(", 0 },
        { "\xff", 0 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const size_t n = strlen(cases[i].text);

        assert_int_equal(expclip__utf8_length(cases[i].text, n),
                         cases[i].length);
        assert_int_equal(expclip__utf8_valid(cases[i].text, n),
                         cases[i].length == n);
    }
    assert_int_equal(expclip__utf8_length("", 0), 0);
    assert_int_equal(expclip__utf8_valid("", 0), 1);
}

static void test_text__parses_digits_only(void **state)
{
    static const struct {
        const char *text;
        int good;
        uint64_t value;
    } cases[] = {
        { "0", 1, 0 },
        { "007", 1, 7 },
        { "18446744073709551615", 1, UINT64_MAX },
        { "18446744073709551616", 0, 0 },
        { "99999999999999999999", 0, 0 },
        { "", 0, 0 },
        { "-1", 0, 0 },
        { "+1", 0, 0 },
        { " 1", 0, 0 },
        { "1 ", 0, 0 },
        { "1e1", 0, 0 },
        { "1.0", 0, 0 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint64_t value = 5;

        assert_int_equal(
            expclip__parse_u64(cases[i].text, strlen(cases[i].text), &value),
            cases[i].good);
        assert_true(value == (cases[i].good ? cases[i].value : 5));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text__buffer_grows_and_stays_ended),
        cmocka_unit_test(test_text__buffer_keeps_a_failure),
        cmocka_unit_test(test_text__copies),
        cmocka_unit_test(test_text__utf8_follows_rfc_3629),
        cmocka_unit_test(test_text__parses_digits_only),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
