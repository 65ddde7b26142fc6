/* SPDX-License-Identifier: MIT */
/*
 * test_descriptions.c - text files beside images.
 */
#include "unit/scratch.h"

#include "base/text.h"
#include "rows/descriptions.h"

static expclip__item item_of(const char *name)
{
    expclip__item item = { 0 };

    item.path = expclip__strdup(scratch_path(name));
    return item;
}

static expclip_status read_of(char **text, const char *name, expclip_error *err)
{
    expclip__item item = item_of(name);
    size_t size = 0;
    const expclip_status status =
        expclip__description_read(text, &size, &item, err);

    if (!status)
        assert_int_equal(size, strlen(*text));
    expclip__free(item.path);
    return status;
}

static void expect(const char *name, const char *content, const char *expected)
{
    char *text = NULL;

    scratch_write("face.txt", content, strlen(content));
    assert_int_equal(read_of(&text, name, NULL), EXPCLIP_OK);
    assert_string_equal(text, expected);
    expclip__free(text);
}

static void
test_descriptions__the_ending_is_replaced_and_blanks_go(void **state)
{
    (void)state;
    expect("face.png", "brows raised", "brows raised");
    expect("face.jpeg", "\xef\xbb\xbf \r\n brows \n raised\t\n",
           "brows \n raised");
    expect("face", "a", "a");
}

static void expect_failure(const char *content, size_t size,
                           expclip_status expected, const char *message)
{
    char *text = NULL;
    expclip_error err;

    scratch_write("face.txt", content, size);
    assert_int_equal(read_of(&text, "face.png", &err), expected);
    assert_non_null(strstr(err.message, message));
    assert_non_null(strstr(err.message, "face.txt"));
    assert_null(text);
}

static void test_descriptions__what_is_no_text_is_refused_by_name(void **state)
{
    char *large = calloc(1, EXPCLIP__DESCRIPTION_SIZE + 1);

    (void)state;
    memset(large, 'a', EXPCLIP__DESCRIPTION_SIZE + 1);
    expect_failure("", 0, EXPCLIP_ERROR_FORMAT, "empty");
    expect_failure(" \n\t", 3, EXPCLIP_ERROR_FORMAT, "empty");
    expect_failure("a\xff", 2, EXPCLIP_ERROR_FORMAT, "no UTF-8");
    expect_failure("a\0b", 3, EXPCLIP_ERROR_FORMAT, "no UTF-8");
    expect_failure(large, EXPCLIP__DESCRIPTION_SIZE + 1, EXPCLIP_ERROR_LIMIT,
                   "");
    free(large);
}

static void test_descriptions__a_missing_one_is_named(void **state)
{
    char *text = NULL;
    expclip_error err;

    (void)state;
    assert_int_equal(read_of(&text, "other.png", &err),
                     EXPCLIP_ERROR_NOT_FOUND);
    assert_non_null(strstr(err.message, "other.txt"));
}

static void
test_descriptions__equal_texts_are_found_and_changes_seen(void **state)
{
    expclip__item items[4];
    const char *const names[] = { "a.png", "b.png", "c.png", "d.png" };
    expclip_dataset d = { .items = items, .n_items = 4 };
    expclip__descriptions before = { 0 }, after = { 0 };

    (void)state;
    for (int i = 0; i < 4; i++)
        items[i] = item_of(names[i]);
    scratch_write("a.txt", "raised", 6);
    scratch_write("b.txt", "closed", 6);
    scratch_write("d.txt", "raised\n", 7);
    assert_int_equal(expclip__descriptions_open(&before, &d, NULL), EXPCLIP_OK);
    assert_int_equal(before.first[0], 0);
    assert_int_equal(before.first[1], 1);
    assert_true(before.first[2] == SIZE_MAX);
    assert_int_equal(before.first[3], 0);

    scratch_write("b.txt", "opened", 6);
    assert_int_equal(expclip__descriptions_open(&after, &d, NULL), EXPCLIP_OK);
    assert_true(before.hash != after.hash);
    expclip__descriptions_close(&before);
    expclip__descriptions_close(&after);
    for (int i = 0; i < 4; i++)
        expclip__free(items[i].path);
}

static int32_t open_one(void *data)
{
    expclip__descriptions all = { 0 };
    const expclip_status status = expclip__descriptions_open(&all, data, NULL);

    expclip__descriptions_close(&all);
    return status;
}

static void test_descriptions__every_allocation_may_fail(void **state)
{
    expclip__item item = item_of("a.png");
    expclip_dataset d = { .items = &item, .n_items = 1 };

    (void)state;
    scratch_write("a.txt", "raised", 6);
    sweep_allocations(open_one, &d);
    expclip__free(item.path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCRATCH_TEST(test_descriptions__the_ending_is_replaced_and_blanks_go),
        SCRATCH_TEST(test_descriptions__what_is_no_text_is_refused_by_name),
        SCRATCH_TEST(test_descriptions__a_missing_one_is_named),
        SCRATCH_TEST(test_descriptions__equal_texts_are_found_and_changes_seen),
        SCRATCH_TEST(test_descriptions__every_allocation_may_fail),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
