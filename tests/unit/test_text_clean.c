/* SPDX-License-Identifier: MIT */
/*
 * test_text_clean.c - text before it is split into words.
 * Expected: OpenAI's basic_clean(), whitespace_clean() and str.lower().
 */
#include "base/alloc.h"
#include "tokens/text_clean.h"
#include "text_samples.h"

static void assert_clean(const sample *samples, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        expclip__codes c = { 0 };

        assert_int_equal(expclip__text_clean(&c, samples[i].before,
                                             strlen(samples[i].before), NULL),
                         EXPCLIP_OK);
        assert_text(&c, samples[i].after);
    }
}

static void test_text_clean__spaces_are_squeezed(void **state)
{
    static const sample samples[] = {
        { "  a \t b\r\n\r\nc\xc2\xa0\xe3\x80\x80", "a b c" },
        { "", "" },
        { " \n ", "" },
        { "a&nbsp;&nbsp;b", "a b" },
    };

    (void)state;
    assert_clean(samples, COUNT(samples));
}

static void test_text_clean__letters_are_lowered_as_python_does(void **state)
{
    static const sample samples[] = {
        { "Straße ÀÉ ΑΣ ΑΣΑ", "straße àé ας ασα" },
        { "Σ ΑΣ. ΑΣ'Α Α'Σ", "σ ας. ασ'α α'ς" },
        { "İ", "i\xcc\x87" },
        { "ⒶΣ ªΣ ㊂Σ", "ⓐς ªς ㊂σ" },
    };

    (void)state;
    assert_clean(samples, COUNT(samples));
}

static void test_text_clean__references_are_read_twice_more(void **state)
{
    static const sample samples[] = {
        { "<b>&amp;amp;lt;", "<b>&lt;" },
        { "&eacute", "é" },
    };

    (void)state;
    assert_clean(samples, COUNT(samples));
}

static void test_text_clean__the_size_is_limited(void **state)
{
    expclip__codes c = { 0 };

    (void)state;
    assert_int_equal(expclip__text_clean(&c, "", (16u << 20) + 1, NULL),
                     EXPCLIP_ERROR_LIMIT);
    assert_null(c.data);
}

static void test_text_clean__a_failed_allocation_is_reported(void **state)
{
    static const char text[] = "Résumé &amp; ΑΣ";

    (void)state;
    for (int n = 0, done = 0; !done; n++) {
        expclip__codes c = { 0 };
        expclip_status status;

        expclip__alloc_fail_after(n, 1);
        status = expclip__text_clean(&c, text, sizeof(text) - 1, NULL);
        expclip__alloc_fail_after(-1, 0);
        done = status == EXPCLIP_OK;
        if (!done) {
            assert_int_equal(status, EXPCLIP_ERROR_MEMORY);
            assert_null(c.data);
        }
        expclip__codes_free(&c);
        assert_in_range(n, 0, 100);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text_clean__spaces_are_squeezed),
        cmocka_unit_test(test_text_clean__letters_are_lowered_as_python_does),
        cmocka_unit_test(test_text_clean__references_are_read_twice_more),
        cmocka_unit_test(test_text_clean__the_size_is_limited),
        cmocka_unit_test(test_text_clean__a_failed_allocation_is_reported),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
