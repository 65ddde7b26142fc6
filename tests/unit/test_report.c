/* SPDX-License-Identifier: MIT */
/*
 * test_report.c - results sorted into the paper's grid and printed as tables
 * and as a page.
 */
#define _GNU_SOURCE
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "report/report_files.h"

/** Append a result of two classes. */
static void add(json_t *results, const char *dataset, const char *model,
                const char *head, const char *prompts, double uar, double war)
{
    json_t *result = json_pack(
        "{ss ss ss ss sf sf s{si si} s[s] s{sf ss s[ff] s[ff]}"
        " s[{sf sf} {sf sf}] s{sf sf}}",
        "dataset", dataset, "model", model, "head", head, "prompt_set", prompts,
        "uar", uar, "war", war, "support", "joy_1", 3, "no <b>", 0,
        "missing_classes", "no <b>", "interval", "confidence", 0.95, "method",
        "percentile bootstrap", "uar", uar - 1, uar + 1, "war", war - 2,
        war + 2, "folds", "uar", uar - 5, "war", war - 5, "uar", uar + 5, "war",
        war + 5, "pooled", "uar", uar + 0.5, "war", war + 0.5);

    assert_non_null(result);
    assert_int_equal(json_array_append_new(results, result), 0);
}

/** The tables as text, for free(). */
static char *print(const table_form *form, const json_t *results)
{
    report_view view;
    char *text = NULL;
    size_t size;
    FILE *f = open_memstream(&text, &size);

    assert_non_null(f);
    report_view_create(&view, results);
    report_tables(f, form, &view);
    report_view_free(&view);
    assert_int_equal(fclose(f), 0);
    return text;
}

static void expect(const char *text, const char *part)
{
    if (!strstr(text, part))
        fail_msg("found no \"%s\" in:\n%s", part, text);
}

static void
test_reference_run__knows_the_logged_runs_and_the_paper(void **state)
{
    run_figures f;

    (void)state;
    assert_int_equal(reference_backbone("ViT-L/14"), 2);
    assert_int_equal(reference_backbone("CLIP ViT-B-32"), 0);
    assert_int_equal(reference_backbone("ViT-L/14@336px"), -1);
    assert_int_equal(reference_backbone("demo"), -1);
    assert_int_equal(reference_dataset("AFEW"), 7);
    assert_int_equal(reference_dataset("CAER-S"), -1);
    assert_true(reference_logged(&f, 2, "type3", 0));
    assert_float_equal(f.uar, 57.93, 1e-9);
    assert_float_equal(f.war, 65.94, 1e-9);
    assert_true(reference_logged(&f, 0, "type5", 7));
    assert_float_equal(f.war, 34.12, 1e-9);
    assert_false(reference_logged(&f, 0, "type6", 7));
    assert_false(reference_logged(&f, 0, "type12", 7));
    assert_false(reference_logged(&f, -1, "type1", 0));
    assert_true(reference_paper(&f, 1, 0, 6));
    assert_float_equal(f.uar, 15.45, 1e-9);
}

static void test_report_view__columns_follow_the_paper(void **state)
{
    json_t *results = json_array();
    report_view v;

    (void)state;
    add(results, "CAER-S", "m", "none", "type1", 1, 1);
    add(results, "AFEW", "m", "none", "type1", 1, 1);
    add(results, "RAFDB", "m", "none", "type1", 1, 1);
    report_view_create(&v, results);
    assert_int_equal(v.n_rows, 1);
    assert_int_equal(v.n_columns, 3);
    assert_string_equal(v.columns[0].title, "RAF-DB");
    assert_string_equal(v.columns[1].title, "AFEW");
    assert_string_equal(v.columns[2].title, "CAER-S");
    assert_ptr_equal(report_at(&v, 0, 1), &v.results[1]);
    report_view_free(&v);
    json_decref(results);
}

static void test_report_view__two_alike_get_a_row_each(void **state)
{
    json_t *results = json_array();
    report_view v;

    (void)state;
    add(results, "RAFDB", "m", "none", "type1", 10.001, 20);
    add(results, "RAFDB", "m", "none", "type1", 10.004, 19);
    report_view_create(&v, results);
    assert_int_equal(v.n_rows, 2);
    /* What reads the same is as good. */
    assert_true(report_is_best_uar(&v, &v.results[0]));
    assert_true(report_is_best_uar(&v, &v.results[1]));
    assert_true(report_is_best_war(&v, &v.results[0]));
    assert_false(report_is_best_war(&v, &v.results[1]));
    report_view_free(&v);
    json_decref(results);
}

static void test_report_view__names_are_safe_and_no_others(void **state)
{
    json_t *results = json_array();
    report_view v;
    char longest[1000];

    (void)state;
    memset(longest, 'x', sizeof(longest) - 1);
    longest[sizeof(longest) - 1] = '\0';
    add(results, "RAFDB", "ViT-B/32", "/h/ExpCLIP_B32.pth", "type1", 1, 1);
    add(results, "RAFDB", "vit-b/32", "/H/expclip_b32.pth", "type1", 1, 1);
    add(results, "\xD1\x8F", "../..", "", "a {}?", 1, 1);
    add(results, "RAFDB", longest, longest, longest, 1, 1);
    report_view_create(&v, results);
    assert_string_equal(v.results[0].name,
                        "ViT-B-32-ExpCLIP_B32.pth-RAF-DB-type1");
    assert_int_equal(v.results[0].stem_size, strlen("ViT-B-32-ExpCLIP_B32.pth"
                                                    "-RAF-DB"));
    assert_string_equal(v.results[1].name,
                        "vit-b-32-expclip_b32.pth-RAF-DB-type1-2");
    assert_true(strspn(v.results[2].name, "abcdefghijklmnopqrstuvwxyz-0") ==
                strlen(v.results[2].name));
    assert_true(strlen(v.results[3].name) < 200);
    report_view_free(&v);
    json_decref(results);
}

static void test_report_tables__the_log_stands_under_its_row(void **state)
{
    json_t *results = json_array();
    char *text;

    (void)state;
    add(results, "RAFDB", "ViT-L/14", "/h/L14.pth", "type3", 58, 65);
    add(results, "RAFDB", "ViT-L/14", "none", "type3", 40, 66);
    text = print(&table_markdown, results);
    expect(text, "| ViT-L/14 | L14.pth | type3 | **58.00**/65.00 |\n"
                 "|  | reference's log |  | 57.93/65.94 |\n"
                 "|  | difference |  | +0.07/-0.94 |\n"
                 "| ViT-L/14 | none | type3 | 40.00/**66.00** |\n"
                 "| | | | |\n"
                 "| ViT-L/14 | paper, CLIP | not stated | 47.22/41.13 |\n"
                 "| ViT-L/14 | paper, Exp-CLIP | not stated | 58.70/65.37 |\n");
    expect(text, "57.00\xE2\x80\x93"
                 "59.00/63.00\xE2\x80\x93"
                 "67.00 |\n");
    expect(text, "| Fold 1 | Fold 2 | Mean | All items |\n");
    expect(text, "| 53.00/60.00 | 63.00/70.00 | 58.00/65.00 | 58.50/65.50 |\n");
    expect(text, "no item of: no &lt;b\\>.");
    free(text);
    json_decref(results);
}

static void test_report_tables__an_unknown_figure_is_a_dash(void **state)
{
    json_t *results = json_array();
    char *text;

    (void)state;
    add(results, "RAFDB", "m", "none", "type1", 1, 1);
    json_object_set_new(json_array_get(results, 0), "uar", json_null());
    json_object_set_new(json_array_get(results, 0), "interval", json_null());
    text = print(&table_markdown, results);
    expect(text, "| \xE2\x80\x93/1.00 |\n");
    assert_null(strstr(text, "Intervals"));
    free(text);
    json_decref(results);
}

static void test_report_tables__latex_takes_any_text(void **state)
{
    json_t *results = json_array();
    char *text;

    (void)state;
    add(results, "RAFDB", "ViT-B/16", "/h/a_b&c%$#{}~^\\.pth", "type1", 40, 50);
    text = print(&table_latex, results);
    expect(text, "ViT-B/16 & a\\_b\\&c\\%\\$\\#\\{\\}\\textasciitilde{}"
                 "\\textasciicircum{}\\textbackslash{}.pth & type1 &"
                 " 40.00/50.00 \\\\\n");
    expect(text, "$-$1.57/$+$2.87 \\\\\n");
    expect(text, "39.00--41.00/48.00--52.00");
    expect(text, "no item of: no \\textless{}b\\textgreater{}.");
    free(text);
    json_decref(results);
}

static size_t count(const char *text, const char *part)
{
    size_t n = 0;

    for (; (text = strstr(text, part)); text += strlen(part))
        n++;
    return n;
}

static char *print_page(const json_t *results)
{
    report_view view;
    char *text = NULL;
    size_t size;
    FILE *f = open_memstream(&text, &size);

    assert_non_null(f);
    report_view_create(&view, results);
    report_page(f, &view);
    report_view_free(&view);
    assert_int_equal(fclose(f), 0);
    return text;
}

/** The JSON in the page's element of this name. */
static json_t *data_of(const char *page, const char *name)
{
    char start[64];
    const char *found;
    const char *end;
    json_error_t error;
    json_t *json;

    snprintf(start, sizeof(start),
             "<script type=\"application/json\" id=\"%s\">", name);
    assert_int_equal(count(page, start), 1);
    found = strstr(page, start) + strlen(start);
    end = strstr(found, "</script>");
    assert_non_null(end);
    json = json_loadb(found, (size_t)(end - found), 0, &error);
    if (!json)
        fail_msg("%s: %s", name, error.text);
    return json;
}

static void test_report_page__text_from_outside_stays_text(void **state)
{
    json_t *results = json_array();
    json_t *found;
    char *text;

    (void)state;
    add(results, "</script><b>", "<i>", "<!-- <script>", "a & {{style}}", 40,
        50);
    json_object_set_new(
        json_array_get(results, 0), "provenance",
        json_pack("{ss s{s[s]}}", "data", "<u>", "prompts", "<s>", "<q>"));
    text = print_page(results);
    expect(text, "\\u003c/script>\\u003cb>");
    assert_int_equal(count(text, "<script>"), 1); /* its own */
    assert_int_equal(count(text, "</script>"), 3);
    assert_int_equal(count(text, "<!--"), 0);
    assert_int_equal(count(text, "<i>"), 0);
    assert_int_equal(count(text, "<u>"), 0);
    assert_int_equal(count(text, "<s>"), 0);
    assert_int_equal(count(text, "<q>"), 0);
    found = data_of(text, "results");
    assert_true(json_equal(found, results));
    json_decref(found);
    free(text);
    json_decref(results);
}

static void test_report_page__has_the_results_and_what_they_lack(void **state)
{
    json_t *results = json_array();
    json_t *found;
    json_t *card;
    char *text;

    (void)state;
    add(results, "DFEW", "ViT-B/16", "/h/B16.pth", "type1", 40.125, 1.0 / 3);
    add(results, "RAFDB", "ViT-B/16", "/h/B16.pth", "type1", 41, 50);
    text = print_page(results);
    found = data_of(text, "results");
    assert_true(json_equal(found, results));
    json_decref(found);
    found = data_of(text, "view");
    card = json_array_get(json_object_get(found, "cards"), 0);
    assert_string_equal(report_text(card, "name"),
                        "ViT-B-16-B16.pth-DFEW-type1");
    assert_float_equal(report_number(card, "row"), 0, 0);
    assert_float_equal(report_number(card, "column"), 1, 0);
    assert_string_equal(
        json_string_value(json_array_get(json_object_get(card, "classes"), 1)),
        "no <b>");
    assert_float_equal(report_number(json_object_get(card, "logged"), "uar"),
                       22.96, 1e-9);
    expect(text, "{\"name\":\"Exp-CLIP ViT-B/16\",\"uar\":48.96");
    json_decref(found);
    free(text);
    json_decref(results);
}

static void test_report_page__needs_no_network_and_is_closed(void **state)
{
    static const char *const tags[] = { "details",  "div",   "section",
                                        "table",    "tbody", "tr",
                                        "template", "th",    "span",
                                        "figure",   "p",     "script" };
    json_t *results = json_array();
    char *text;

    (void)state;
    add(results, "DFEW", "demo", "none", "type1", 40, 50);
    text = print_page(results);
    /* A namespace's name is no address. */
    assert_int_equal(count(text, "http"),
                     count(text, "http-equiv") +
                         count(text, "http://www.w3.org/"));
    assert_int_equal(count(text, "src="), 0);
    assert_int_equal(count(text, "@import"), 0);
    assert_int_equal(count(text, "innerHTML"), 0);
    assert_int_equal(count(text, "{{"), 0);
    expect(text, "script-src 'sha256-");
    expect(text, "<noscript>");
    for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++) {
        char open[2][16];
        char close[16];
        snprintf(open[0], sizeof(open[0]), "<%s>", tags[i]);
        snprintf(open[1], sizeof(open[1]), "<%s ", tags[i]);
        snprintf(close, sizeof(close), "</%s>", tags[i]);
        if (count(text, open[0]) + count(text, open[1]) != count(text, close))
            fail_msg("<%s> is not closed", tags[i]);
    }
    free(text);
    json_decref(results);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            test_reference_run__knows_the_logged_runs_and_the_paper),
        cmocka_unit_test(test_report_view__columns_follow_the_paper),
        cmocka_unit_test(test_report_view__two_alike_get_a_row_each),
        cmocka_unit_test(test_report_view__names_are_safe_and_no_others),
        cmocka_unit_test(test_report_tables__the_log_stands_under_its_row),
        cmocka_unit_test(test_report_tables__an_unknown_figure_is_a_dash),
        cmocka_unit_test(test_report_tables__latex_takes_any_text),
        cmocka_unit_test(test_report_page__text_from_outside_stays_text),
        cmocka_unit_test(test_report_page__has_the_results_and_what_they_lack),
        cmocka_unit_test(test_report_page__needs_no_network_and_is_closed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
