/* SPDX-License-Identifier: MIT */
/*
 * test_codes.c - UTF-8 to code points and back.
 */
#include "text_samples.h"

static void test_codes__every_code_point_survives(void **state)
{
    expclip__codes c = { 0 };

    (void)state;
    for (int32_t code = 0; code < 0x110000; code++) {
        uint8_t text[4];
        const size_t n = expclip__code_to_utf8(text, code);

        if (code >= 0xd800 && code < 0xe000)
            continue;
        c.size = 0;
        expclip__codes_add_utf8(&c, (const char *)text, n);
        assert_int_equal(c.size, 1);
        assert_int_equal(c.data[0], code);
    }
    expclip__codes_free(&c);
}

/* Expected: Python's bytes.decode("utf-8", "replace"). */
static void test_codes__damage_is_replaced_as_python_does(void **state)
{
    static const sample samples[] = {
        { "a\xff"
          "b",
          "a\xef\xbf\xbd"
          "b" },
        { "\x80\x80", "\xef\xbf\xbd\xef\xbf\xbd" },
        { "\xe2\x82", "\xef\xbf\xbd" },
        { "\xe2\x28\xa1", "\xef\xbf\xbd(\xef\xbf\xbd" },
        { "\xf0\x9f\x98"
          "a",
          "\xef\xbf\xbd"
          "a" },
        { "\xc0\xaf", "\xef\xbf\xbd\xef\xbf\xbd" },
        { "\xe0\x80\xaf", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
        { "\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
        { "\xf4\x90\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(samples); i++) {
        expclip__codes c = codes_of(samples[i].before);

        assert_text(&c, samples[i].after);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_codes__every_code_point_survives),
        cmocka_unit_test(test_codes__damage_is_replaced_as_python_does),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
