/* SPDX-License-Identifier: MIT */
/*
 * test_unescape.c - HTML's character references. Expected: Python 3.11's
 * html.unescape() and ftfy 6.3's fixes.unescape_html().
 */
#include "tokens/html_entities.h"
#include "tokens/unescape.h"
#include "text_samples.h"

static void test_unescape__reads_what_html_5_reads(void **state)
{
    static const sample samples[] = {
        { "&amp;lt;", "&lt;" },
        { "&eacute;&eacute", "éé" },
        { "&notit; &notin;", "¬it; ∉" },
        { "&NotEqualTilde;", "≂̸" },
        { "&EACUTE;", "&EACUTE;" },
        { "&CounterClockwiseContourIntegral;", "∳" },
        { "&#233;&#xE9;&#Xe9", "ééé" },
        { "&#0;&#xD800;&#x110000;&#99999999999999999999;",
          "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
        { "&#128;&#x81;", "€\xc2\x81" },
        { "a&#1;b&#xFFFE;c&#xfdd0;d", "abcd" },
        { "&", "&" },
        { "&#", "&#" },
        { "&#x", "&#x" },
        { "&#x;", "&#x;" },
        { "&;", "&;" },
        { "&&&amp", "&&&" },
        { "&am&amp;p;", "&am&p;" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(samples); i++) {
        expclip__codes c = codes_of(samples[i].before);

        expclip__unescape(&c);
        assert_text(&c, samples[i].after);
    }
}

static void test_unescape__strict_wants_semicolons(void **state)
{
    static const sample samples[] = {
        { "&amp; &amp &EACUTE; &SZLIG;", "& &amp É SS" },
        { "&notit;", "&notit;" },
        { "&CounterClockwiseContourIntegral;",
          "&CounterClockwiseContourIntegral;" }, /* 24 letters at most */
        { "&#233; &#233", "é &#233" },
        { "&#59;", "&#59;" }, /* ftfy sees its semicolon as one left over */
        { "&#12ab;", "&#12ab;" },
        { "&#1;", "" },
        { "&#0000000000000000000000233;", "&#0000000000000000000000233;" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(samples); i++) {
        expclip__codes c = codes_of(samples[i].before);

        expclip__unescape_strict(&c);
        assert_text(&c, samples[i].after);
    }
}

static void test_unescape__the_names_are_in_order(void **state)
{
    (void)state;
    for (size_t i = 1; i < expclip__n_entities; i++)
        assert_true(strcmp(expclip__entities[i - 1].name,
                           expclip__entities[i].name) < 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_unescape__reads_what_html_5_reads),
        cmocka_unit_test(test_unescape__strict_wants_semicolons),
        cmocka_unit_test(test_unescape__the_names_are_in_order),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
