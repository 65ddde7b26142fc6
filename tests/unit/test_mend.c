/* SPDX-License-Identifier: MIT */
/*
 * test_mend.c - damaged text put right.
 * Expected: ftfy 6.3's fix_text(text, fix_encoding=False).
 */
#include "base/alloc.h"
#include "tokens/mend.h"
#include "text_samples.h"

static void assert_mended(const sample *samples, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        expclip__codes c = codes_of(samples[i].before);

        assert_int_equal(expclip__mend(&c, NULL), EXPCLIP_OK);
        assert_text(&c, samples[i].after);
    }
}

static void test_mend__characters_take_their_usual_form(void **state)
{
    static const sample samples[] = {
        { "ﬃ ŉ ＡＢ　Ｃ ￣ ﾊﾞ", "ffi 'n AB C  \xcc\x84 バ" },
        { "“a” ‘b’ ʼ", "\"a\" 'b' '" },
        { "\xc2\x93hi\xc2\x94 \xc2\x81", "\"hi\" \xc2\x81" },
        { "e\xcc\x81 \xcc\x81\xcc\x96", "é \xcc\x96\xcc\x81" },
        { "각", "각" },
    };

    (void)state;
    assert_mended(samples, COUNT(samples));
}

static void test_mend__controls_and_escapes_go(void **state)
{
    static const sample samples[] = {
        { "a\r\nb\rc\xe2\x80\xa8"
          "d\xc2\x85"
          "e",
          "a\nb\nc\nd…e" },
        { "\x1b[31mred\x1b[0m \x1b[x1", "red 1" },
        { "\x1b[0;1", "[0;1" },
        { "\x1b[\x01m", "[m" },
        { "a\x01"
          "b\x7f\xef\xbb\xbf"
          "c\xef\xbf\xb9"
          "d",
          "abcd" },
    };

    (void)state;
    assert_mended(samples, COUNT(samples));
}

static void test_mend__html_is_read_until_a_tag_is_met(void **state)
{
    static const sample samples[] = {
        { "&lt;b&gt; &amp;amp;", "<b> &" },
        { "<b>\n&amp;", "<b>\n&amp;" },
        { "&amp;\n<b>\n&amp;", "&\n<b>\n&amp;" },
        { "&&#110;ot;", "¬" }, /* what one round made the next one reads */
    };

    (void)state;
    assert_mended(samples, COUNT(samples));
}

/* "&#38;#38;...": every round reads one; without end it would take a day. */
static void test_mend__text_escaped_over_and_over_is_refused(void **state)
{
    expclip__codes c = codes_of("&");
    expclip_error err;

    (void)state;
    for (int i = 0; i < 1000; i++)
        expclip__codes_add_all(&c, (const int32_t[]){ '#', '3', '8', ';' }, 4);
    assert_int_equal(expclip__mend(&c, &err), EXPCLIP_ERROR_LIMIT);
    assert_int_equal(c.size, 4001); /* as it was */
    expclip__codes_free(&c);
}

/* A million marks in the wrong order: sorted, not bubbled. */
static void test_mend__a_long_run_of_marks_is_put_in_order(void **state)
{
    expclip__codes c = codes_of("a");

    (void)state;
    for (int i = 0; i < 200000; i++)
        expclip__codes_add_all(&c, (const int32_t[]){ 0x301, 0x316 }, 2);
    assert_int_equal(expclip__mend(&c, NULL), EXPCLIP_OK);
    assert_int_equal(c.size, 400000); /* one acute is in the letter */
    assert_int_equal(c.data[0], 0xe1);
    assert_int_equal(c.data[1], 0x316);
    assert_int_equal(c.data[200001], 0x301);
    expclip__codes_free(&c);
}

static void test_mend__a_failed_allocation_is_reported(void **state)
{
    (void)state;
    for (int n = 0, done = 0; !done; n++) {
        expclip__codes c = codes_of("e\xcc\x81\xcc\x96\xcc\x81 ﬃ &amp;");
        expclip_status status;

        expclip__alloc_fail_after(n, 1);
        status = expclip__mend(&c, NULL);
        expclip__alloc_fail_after(-1, 0);
        done = status == EXPCLIP_OK;
        if (!done)
            assert_int_equal(status, EXPCLIP_ERROR_MEMORY);
        expclip__codes_free(&c);
        assert_in_range(n, 0, 100);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_mend__characters_take_their_usual_form),
        cmocka_unit_test(test_mend__controls_and_escapes_go),
        cmocka_unit_test(test_mend__html_is_read_until_a_tag_is_met),
        cmocka_unit_test(test_mend__text_escaped_over_and_over_is_refused),
        cmocka_unit_test(test_mend__a_long_run_of_marks_is_put_in_order),
        cmocka_unit_test(test_mend__a_failed_allocation_is_reported),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
