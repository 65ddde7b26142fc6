/* SPDX-License-Identifier: MIT */
/*
 * test_dataset_lines.c - lines and fields of lists.
 */
#include "unit/scratch.h"

#include "base/error.h"
#include "datasets/dataset_lines.h"

static expclip__lines lines;
static expclip_error err;

static void open_text(const char *text, size_t size)
{
    assert_int_equal(
        expclip__lines_open(&lines, scratch_write("l", text, size), NULL), 0);
}

static void expect_line(size_t number, uint64_t offset, const char *text)
{
    assert_int_equal(expclip__lines_next(&lines, &err), 0);
    assert_non_null(lines.text);
    assert_string_equal(lines.text, text);
    assert_int_equal(lines.size, strlen(text));
    assert_int_equal(lines.number, number);
    assert_int_equal(lines.offset, offset);
}

static void expect_end(void)
{
    assert_int_equal(expclip__lines_next(&lines, &err), 0);
    assert_null(lines.text);
    expclip__lines_close(&lines);
}

static void test_lines__any_line_end_and_a_bom_are_fine(void **state)
{
    static const char text[] = "\xEF\xBB\xBF"
                               "a b\r\n\n \t\r\nc\nd";

    (void)state;
    open_text(text, sizeof(text) - 1);
    expect_line(1, 3, "a b");
    expect_line(4, 13, "c");
    expect_line(5, 15, "d");
    expect_end();
    open_text("", 0);
    expect_end();
    open_text("\n", 1);
    expect_end();
}

static void test_lines__a_nul_is_an_error_of_its_line_alone(void **state)
{
    (void)state;
    open_text("a\n1\0002\nb\n", 8);
    expect_line(1, 0, "a");
    assert_int_equal(expclip__lines_next(&lines, &err), EXPCLIP_ERROR_FORMAT);
    assert_int_equal(lines.number, 2);
    expect_line(3, 6, "b");
    expect_end();
}

static void test_lines__a_long_line_is_an_error_of_its_line_alone(void **state)
{
    const size_t size = 10 * 1000 * 1000;
    char *text = malloc(size + 4);

    (void)state;
    memset(text, 'x', size);
    memcpy(text, "a\n", 2);
    memcpy(text + size, "\nb\n", 3);
    open_text(text, size + 3);
    expect_line(1, 0, "a");
    assert_int_equal(expclip__lines_next(&lines, &err), EXPCLIP_ERROR_LIMIT);
    assert_int_equal(lines.number, 2);
    assert_true(lines.capacity <= 4 * (size_t)EXPCLIP__MAX_LINE);
    expect_line(3, size + 1, "b");
    expect_end();

    open_text(text + 2, size - 2); /* without an end */
    assert_int_equal(expclip__lines_next(&lines, &err), EXPCLIP_ERROR_LIMIT);
    expect_end();
    free(text);
}

static void test_lines__the_longest_line_is_read(void **state)
{
    char *text = malloc(EXPCLIP__MAX_LINE + 2);

    (void)state;
    memset(text, 'x', EXPCLIP__MAX_LINE + 1);
    open_text(text, EXPCLIP__MAX_LINE);
    assert_int_equal(expclip__lines_next(&lines, &err), 0);
    assert_int_equal(lines.size, EXPCLIP__MAX_LINE);
    expect_end();
    open_text(text, EXPCLIP__MAX_LINE + 1);
    assert_int_equal(expclip__lines_next(&lines, &err), EXPCLIP_ERROR_LIMIT);
    expect_end();
    free(text);
}

static void test_lines__words_come_off_both_ends(void **state)
{
    char text[] = " a b.txt \t 12\t3 ";
    expclip__field line = { text, sizeof(text) - 1 };
    expclip__field word;

    (void)state;
    assert_true(expclip__take_last(&word, &line));
    assert_true(expclip__field_is(&word, "3"));
    assert_true(expclip__take_last(&word, &line));
    assert_true(expclip__field_is(&word, "12"));
    assert_true(expclip__field_is(&line, "a b.txt"));
    assert_true(expclip__take_first(&word, &line));
    assert_true(expclip__field_is(&word, "a"));
    assert_true(expclip__take_first(&word, &line));
    assert_true(expclip__field_is(&word, "b.txt"));
    assert_false(expclip__take_first(&word, &line));
    assert_false(expclip__take_last(&word, &line));
}

static void expect_csv(const char *text, size_t n, const char *const *expected)
{
    expclip__field fields[4];
    char copy[64];

    strcpy(copy, text);
    assert_int_equal(expclip__cut_csv(fields, 4, copy, strlen(copy)), n);
    for (size_t i = 0; i < n && i < 4; i++)
        if (!expclip__field_is(&fields[i], expected[i]))
            fail_msg("%s: field %zu is not %s", text, i, expected[i]);
}

static void test_lines__a_table_has_quotes(void **state)
{
    (void)state;
    expect_csv("", 1, (const char *const[]){ "" });
    expect_csv("a, b ,", 3, (const char *const[]){ "a", "b", "" });
    expect_csv("x,\"(0, 0)\",1", 3,
               (const char *const[]){ "x", "(0, 0)", "1" });
    expect_csv("\"a\"\"b\",c", 2, (const char *const[]){ "a\"b", "c" });
    expect_csv("\"a,b", 1, (const char *const[]){ "a,b" });
    expect_csv("1,2,3,4,5,6", 6, (const char *const[]){ "1", "2", "3", "4" });
}

static void test_lines__numbers_are_digits(void **state)
{
    static const char *const bad[] = { "",    "-",   "1e1",
                                       "+1",  "0x1", "1.0",
                                       "- 1", "1,0", "--1",
                                       "11",  "-3",  "99999999999999999999" };
    int64_t n = 7;

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        expclip__field f = { (char *)(uintptr_t)bad[i], strlen(bad[i]) };
        char expected[80];

        assert_int_equal(expclip__field_number(&n, "label", &f, -2, 10, &err),
                         EXPCLIP_ERROR_FORMAT);
        snprintf(expected, sizeof(expected),
                 "label \"%s\", expected a whole number from -2 to 10", bad[i]);
        assert_string_equal(err.message, expected);
        assert_int_equal(n, 7);
    }
    assert_int_equal(
        expclip__field_number(&n, "x", &(expclip__field){ (char[]){ "-2" }, 2 },
                              -2, 10, &err),
        0);
    assert_int_equal(n, -2);
}

static void test_lines__paths_stay_inside(void **state)
{
    static const struct {
        const char *path;
        int inside, anywhere;
    } cases[] = { { "", 0, 0 },        { "..", 0, 0 },   { "a/../b", 0, 0 },
                  { "../a", 0, 0 },    { "a/..", 0, 0 }, { "/a", 0, 1 },
                  { "/a/../b", 0, 0 }, { "a/b", 1, 1 },  { "..a/b..", 1, 1 },
                  { "...", 1, 1 },     { "\xff", 1, 1 } };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        expclip__field f = { (char *)(uintptr_t)cases[i].path,
                             strlen(cases[i].path) };

        assert_int_equal(!expclip__field_path(&f, 0, &err), cases[i].inside);
        assert_int_equal(!expclip__field_path(&f, 1, &err), cases[i].anywhere);
    }
}

static int32_t read_all(void *data)
{
    expclip_status status = expclip__lines_open(&lines, data, NULL);

    if (status)
        return status;
    do
        status = expclip__lines_next(&lines, NULL);
    while (!status && lines.text);
    expclip__lines_close(&lines);
    return status;
}

static void test_lines__survive_failing_allocations(void **state)
{
    char *text = malloc(300000);
    char path[512];

    (void)state;
    memset(text, 'x', 300000);
    strcpy(path, scratch_write("l", text, 300000));
    free(text);
    sweep_allocations(read_all, path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCRATCH_TEST(test_lines__any_line_end_and_a_bom_are_fine),
        SCRATCH_TEST(test_lines__a_nul_is_an_error_of_its_line_alone),
        SCRATCH_TEST(test_lines__a_long_line_is_an_error_of_its_line_alone),
        SCRATCH_TEST(test_lines__the_longest_line_is_read),
        cmocka_unit_test(test_lines__words_come_off_both_ends),
        cmocka_unit_test(test_lines__a_table_has_quotes),
        cmocka_unit_test(test_lines__numbers_are_digits),
        cmocka_unit_test(test_lines__paths_stay_inside),
        SCRATCH_TEST(test_lines__survive_failing_allocations),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
