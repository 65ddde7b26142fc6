/* SPDX-License-Identifier: MIT */
/*
 * test_svg_text.c - cairo's SVG made short: files stay whole, pages share their
 * letters, and titles are XML whatever they are made of.
 */
#define _GNU_SOURCE /* open_memstream() */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "plots/svg_text.h"

#define HEAD "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
#define GLYPH(name, path)                                                      \
    "<symbol overflow=\"visible\" id=\"" name "\">\n"                          \
    "<path style=\"stroke:none;\" d=\"" path "\"/>\n</symbol>\n"
#define USE(name, x)                                                           \
    "  <use xlink:href=\"#" name "\" x=\"" x "\" y=\"20.123456\"/>\n"

static const char drawing[] = HEAD
    "<svg width=\"90pt\" version=\"1.1\">\n"
    "<defs>\n" GLYPH("glyph0-0", "M 0.640625 2.265625 L -1.5 0 Z M 0 0 ") GLYPH(
        "glyph0-1", "") "</defs>\n"
                        "<g id=\"surface1\">\n"
                        "<g style=\"fill:rgb(100%,0%,20%);"
                        "fill-opacity:1;\">\n" USE("glyph0-0", "10.996000")
                            USE("glyph0-1", "12") "</g>\n"
                                                  "</g>\n</svg>\n";

static char *print(const char *svg, const char *title, json_t *glyphs)
{
    char *text = NULL;
    size_t size;
    FILE *f = open_memstream(&text, &size);

    assert_non_null(f);
    svg_print(f, svg, title, glyphs);
    assert_int_equal(fclose(f), 0);
    return text;
}

static void test_svg_text__a_file_keeps_all_but_what_holds_anyhow(void **state)
{
    char *text = print(drawing, "plot", NULL);
    char name[32] = "";
    char *use;

    (void)state;
    assert_memory_equal(text, HEAD, strlen(HEAD));
    assert_non_null(
        strstr(text, "<svg role=\"img\" aria-label=\"plot\" width"));
    assert_non_null(strstr(text, "d=\"M0.6406 2.27L-1.5 0Z\""));
    assert_non_null(strstr(text, "fill:#ff0033;\""));
    assert_non_null(strstr(text, "x=\"11\" y=\"20.12\""));
    assert_null(strstr(text, "opacity"));
    assert_null(strstr(text, "surface"));
    /* A letter is found under the name that it is given. */
    use = strstr(text, "href=\"#");
    assert_non_null(use);
    snprintf(name, sizeof(name), "id=\"%.*s\"", (int)strcspn(use + 7, "\""),
             use + 7);
    assert_non_null(strstr(text, name));
    assert_null(strstr(name, "\"glyph"));
    free(text);
}

static void test_svg_text__drawings_of_a_page_share_their_letters(void **state)
{
    json_t *glyphs = json_object();
    char *first = print(drawing, "one", glyphs);
    char *second = print(drawing, "two", glyphs);

    (void)state;
    assert_int_equal(json_object_size(glyphs), 2); /* one of them is a space */
    assert_non_null(json_object_get(glyphs, "M0.6406 2.27L-1.5 0Z"));
    assert_memory_equal(first, "<svg role", 9);
    assert_non_null(strstr(first, "data-glyphs='0,11,20.12 1,12,20.12'></g>"));
    assert_non_null(strstr(second, "data-glyphs='0,11,20.12 1,12,20.12'></g>"));
    assert_null(strstr(first, "symbol"));
    assert_null(strstr(first, "use"));
    free(first);
    free(second);
    json_decref(glyphs);
}

static void test_svg_text__a_title_holds_only_what_xml_allows(void **state)
{
    static const struct {
        const char *title;
        const char *label;
    } cases[] = {
        { "a<b & \"c\" 'd'", "a&lt;b &amp; &quot;c&quot; 'd'" },
        { "\xE8\xA1\xA8", "\xE8\xA1\xA8" },
        { "a\x1B[31m\xFF", "a\xEF\xBF\xBD[31m\xEF\xBF\xBD" },
        { "\xEF\xBF\xBE\xEF\xB7\x90", "\xEF\xBF\xBD\xEF\xBF\xBD" },
        { "", "" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char *text = print(drawing, cases[i].title, NULL);
        char wanted[96];

        snprintf(wanted, sizeof(wanted), "aria-label=\"%s\" width",
                 cases[i].label);
        assert_non_null(strstr(text, wanted));
        free(text);
    }
}

static void test_svg_text__what_is_no_svg_gives_nothing(void **state)
{
    char *text = print("<html>", "plot", NULL);

    (void)state;
    assert_string_equal(text, "");
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_svg_text__a_file_keeps_all_but_what_holds_anyhow),
        cmocka_unit_test(test_svg_text__drawings_of_a_page_share_their_letters),
        cmocka_unit_test(test_svg_text__a_title_holds_only_what_xml_allows),
        cmocka_unit_test(test_svg_text__what_is_no_svg_gives_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
