/* SPDX-License-Identifier: MIT */
/*
 * test_json_scan.c - what is JSON, and what is not.
 */
#include "unit/scratch.h"

#include "weights/json_scan.h"

static expclip__json scan(const char *text, size_t size)
{
    return (expclip__json){ .text = text, .size = size };
}

/* Is the text one JSON value? */
static int is_json(const char *text, size_t size)
{
    expclip__json j = scan(text, size);

    expclip__json_skip(&j);
    expclip__json_end(&j);
    expclip__buffer_free(&j.word);
    return !j.why;
}

static void test_json_scan__takes_json(void **state)
{
    static const char *const good[] = {
        "{}",
        "[]",
        " [ ] ",
        "null",
        "true",
        "false",
        "\"\"",
        "0",
        "-0",
        "12.5e-3",
        "1E+9",
        "[1,2,[3]]",
        "{\"a\":{\"b\":[{}]},\"c\":null}",
        "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\ud83d\\ude00\"",
        "[[],{},[{}]]",
        "{\"a\":1,\"a\":2}",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
        assert_true(is_json(good[i], strlen(good[i])));
}

static void test_json_scan__refuses_what_is_not(void **state)
{
    static const char *const bad[] = {
        "",
        " ",
        "{",
        "[",
        "[1,]",
        "[,1]",
        "[1 2]",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1,}",
        "{a:1}",
        "{1:1}",
        "[}",
        "{]",
        "NaN",
        "Infinity",
        "nul",
        "01",
        "-",
        "1.",
        ".5",
        "1e",
        "+1",
        "0x1",
        "'a'",
        "\"",
        "\"\\\"",
        "\"\\x\"",
        "\"\\u12\"",
        "\"\\u00g0\"",
        "\"\\u0000\"",
        "\"\\ud800\"",
        "\"\\ud800\\u0041\"",
        "\"\\udc00\"",
        "\"\n\"",
        "\"\xff\"",
        "\"\xed\xa0\x80\"",
        "1 1",
        "{}{}",
        "[]x",
        "\xef\xbb\xbf{}",
        "/* */1",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_false(is_json(bad[i], strlen(bad[i])));
    assert_false(is_json("1\0", 2));
    assert_false(is_json("[\0]", 3));
    assert_false(is_json("\"\0\"", 3));
}

static void test_json_scan__goes_64_levels_deep(void **state)
{
    static char text[200002];

    (void)state;
    for (size_t n = 1; n < 100; n++) {
        memset(text, '[', n);
        memset(text + n, ']', n);
        assert_int_equal(is_json(text, 2 * n), n <= 64);
    }
    memset(text, '[', sizeof(text));
    assert_false(is_json(text, sizeof(text)));
}

static void test_json_scan__decodes_texts(void **state)
{
    static const char text[] =
        "\"a\\n\\u0041\\u00E9\\u20ac\\ud83d\\ude00\xc3\xb6\"";
    expclip__json j = scan(text, strlen(text));

    (void)state;
    assert_string_equal(expclip__json_string(&j),
                        "a\nA\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\xc3\xb6");
    assert_null(j.why);
    expclip__buffer_free(&j.word);
}

static void test_json_scan__reads_sizes_exactly(void **state)
{
    static const struct {
        const char *text;
        int good;
        int64_t value;
    } cases[] = {
        { "0", 1, 0 },
        { "9007199254740993", 1, INT64_C(9007199254740993) }, /* 2^53 + 1 */
        { "9223372036854775807", 1, INT64_MAX },
        { "9223372036854775808", 0, 0 },
        { "-1", 0, 0 },
        { "1.0", 0, 0 },
        { "1e3", 0, 0 },
        { "00", 0, 0 },
        { "\"1\"", 0, 0 },
        { "", 0, 0 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        expclip__json j = scan(cases[i].text, strlen(cases[i].text));

        assert_true(expclip__json_size(&j) == cases[i].value);
        assert_int_equal(!j.why, cases[i].good);
    }
}

static void test_json_scan__walks_objects(void **state)
{
    static const char text[] = "{\"a\":[1,2],\"b\":{\"x\":[]},\"c\":3} ";
    expclip__json j = scan(text, strlen(text));
    int64_t sum = 0;
    int n = 0;

    (void)state;
    expclip__json_open(&j, '{');
    while (expclip__json_more(&j, '}')) {
        const char *key = expclip__json_key(&j);

        n++;
        if (strcmp(key, "a") == 0) {
            expclip__json_open(&j, '[');
            while (expclip__json_more(&j, ']'))
                sum += expclip__json_size(&j);
        } else if (strcmp(key, "b") == 0) {
            expclip__json_skip(&j);
        } else {
            sum += 10 * expclip__json_size(&j);
        }
    }
    expclip__json_end(&j);
    assert_null(j.why);
    assert_int_equal(n, 3);
    assert_int_equal(sum, 33);
    expclip__buffer_free(&j.word);
}

static void test_json_scan__says_where_it_failed(void **state)
{
    expclip__json j = scan("{\"a\" 1}", 7);

    (void)state;
    expclip__json_skip(&j);
    assert_string_equal(j.why, "expected :");
    assert_int_equal(j.at, 5);
    expclip__buffer_free(&j.word);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_json_scan__takes_json),
        cmocka_unit_test(test_json_scan__refuses_what_is_not),
        cmocka_unit_test(test_json_scan__goes_64_levels_deep),
        cmocka_unit_test(test_json_scan__decodes_texts),
        cmocka_unit_test(test_json_scan__reads_sizes_exactly),
        cmocka_unit_test(test_json_scan__walks_objects),
        cmocka_unit_test(test_json_scan__says_where_it_failed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
