/* SPDX-License-Identifier: MIT */
/*
 * test_tokenizer.c - text to ids. Expected: OpenAI's simple_tokenizer.py.
 * 100,000 texts more are compared in tests/reference/test_tokens.py.
 */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "tokens/tokenizer.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define START 49406
#define END 49407
#define MOST 64

static expclip_tokenizer *tokenizer;

static int create(void **state)
{
    (void)state;
    return expclip__tokenizer_create(&tokenizer, EXPCLIP__VOCABULARY, NULL);
}

static int destroy(void **state)
{
    (void)state;
    expclip__tokenizer_free(tokenizer);
    return 0;
}

/* ids without start and end; 0 after the last. */
static void assert_ids(const char *text, const int32_t *expected)
{
    int32_t ids[MOST], truncated = 7;
    size_t n = 0, n_expected = 0;

    while (expected[n_expected])
        n_expected++;
    assert_int_equal(expclip__tokenizer_encode(ids, MOST, &n, &truncated,
                                               tokenizer, text, strlen(text),
                                               NULL),
                     EXPCLIP_OK);
    assert_int_equal(n, n_expected + 2);
    assert_int_equal(ids[0], START);
    assert_memory_equal(ids + 1, expected, n_expected * sizeof(*ids));
    assert_int_equal(ids[n - 1], END);
    assert_int_equal(truncated, 0);
}

static const struct {
    const char *text;
    int32_t ids[12];
} texts[] = {
    { "a photo of a cat", { 320, 1125, 539, 320, 2368 } },
    { "", { 0 } },
    { "Hello, World's", { 3306, 267, 1002, 568 } },
    { "don't I'll we've", { 847, 713, 328, 1342, 649, 1200 } },
    { "it'S 'ſ x's", { 585, 568, 6, 129, 379, 343, 568 } },
    { "3rd of 1234", { 274, 1973, 539, 272, 273, 274, 275 } },
    { "日本語", { 39121, 44353, 34002, 508 } },
    { "😀👍🏽", { 12832, 43722 } },
    { "résumé", { 29106, 7054, 4166 } },
    { "ΑΣ İ", { 138, 109, 139, 480, 328, 16384 } },
    { "&amp;amp; “q”", { 261, 257, 336, 257 } },
    { "a ͅb", { 320, 321 } },
};

static void test_tokenizer__ids_are_those_of_openai(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(texts); i++)
        assert_ids(texts[i].text, texts[i].ids);
}

static void test_tokenizer__the_locale_changes_nothing(void **state)
{
    if (!setlocale(LC_ALL, "tr_TR.UTF-8") && !setlocale(LC_ALL, "C.UTF-8"))
        skip();
    test_tokenizer__ids_are_those_of_openai(state);
    setlocale(LC_ALL, "C");
}

/* An early end token would be taken for the end of the text. */
static void test_tokenizer__special_tokens_in_a_text_are_text(void **state)
{
    static const char *const special[] = { "<|endoftext|>", "<|startoftext|>",
                                           "<end_of_text>" };
    int32_t ids[MOST], truncated;
    size_t n;

    (void)state;
    for (size_t i = 0; i < COUNT(special); i++) {
        assert_int_equal(expclip__tokenizer_encode(ids, MOST, &n, &truncated,
                                                   tokenizer, special[i],
                                                   strlen(special[i]), NULL),
                         EXPCLIP_OK);
        assert_true(n > 3);
        for (size_t k = 1; k + 1 < n; k++)
            assert_in_range(ids[k], 0, START - 1);
    }
}

static void test_tokenizer__a_long_text_is_cut_and_says_so(void **state)
{
    static const char text[] = "one two three four five";
    int32_t all[MOST], ids[MOST], truncated;
    size_t n;

    (void)state;
    assert_int_equal(expclip__tokenizer_encode(all, 7, &n, &truncated,
                                               tokenizer, text, 23, NULL),
                     0);
    assert_int_equal(n, 7);
    assert_int_equal(truncated, 0);
    for (size_t size = 2; size < 7; size++) {
        memset(ids, 0, sizeof(ids));
        assert_int_equal(expclip__tokenizer_encode(ids, size, &n, &truncated,
                                                   tokenizer, text, 23, NULL),
                         EXPCLIP_OK);
        assert_int_equal(n, size);
        assert_int_equal(truncated, 1);
        assert_memory_equal(ids, all, (size - 1) * sizeof(*ids));
        assert_int_equal(ids[size - 1], END);
        assert_int_equal(ids[size], 0); /* untouched */
    }
}

static void test_tokenizer__nul_and_damage_are_text(void **state)
{
    int32_t ids[MOST], replaced[MOST], truncated;
    size_t n, n_replaced;

    (void)state;
    assert_int_equal(expclip__tokenizer_encode(ids, MOST, &n, &truncated,
                                               tokenizer, "a\0b", 3, NULL),
                     0);
    assert_int_equal(n, 3); /* "ab": ftfy takes a NUL out */
    assert_int_equal(expclip__tokenizer_encode(ids, MOST, &n, &truncated,
                                               tokenizer, "a \xff", 3, NULL),
                     EXPCLIP_OK);
    assert_int_equal(expclip__tokenizer_encode(replaced, MOST, &n_replaced,
                                               &truncated, tokenizer,
                                               "a \xef\xbf\xbd", 5, NULL),
                     EXPCLIP_OK);
    assert_int_equal(n, n_replaced);
    assert_memory_equal(ids, replaced, n * sizeof(*ids));
}

static void test_tokenizer__a_small_vocabulary_has_its_own_end(void **state)
{
    expclip_tokenizer *small = NULL;
    int32_t ids[MOST], truncated;
    size_t n;

    (void)state;
    assert_int_equal(
        expclip__tokenizer_from_merges(&small, "#version\nc a\nca t</w>\nd o\n",
                                       28, 516, NULL),
        EXPCLIP_OK);
    assert_int_equal(expclip__tokenizer_encode(ids, MOST, &n, &truncated, small,
                                               "cat do", 6, NULL),
                     0);
    assert_int_equal(n, 5);
    assert_int_equal(ids[0], 514);
    assert_int_equal(ids[1], 513);       /* "cat</w>" */
    assert_int_equal(ids[2], 'd' - '!'); /* its merge is cut off */
    assert_int_equal(ids[3], 256 + 'o' - '!');
    assert_int_equal(ids[4], 515);
    expclip__tokenizer_free(small);
    small = NULL;
    assert_int_equal(expclip__tokenizer_create(&small, 513, NULL),
                     EXPCLIP_ERROR_ARGUMENT);
    assert_int_equal(expclip__tokenizer_create(&small, 49409, NULL),
                     EXPCLIP_ERROR_ARGUMENT);
    assert_null(small);
}

static void
test_tokenizer__a_failed_allocation_leaves_all_as_it_was(void **state)
{
    (void)state;
    for (int n_allowed = 0, done = 0; !done; n_allowed++) {
        int32_t ids[4] = { -1, -1, -1, -1 }, truncated = -1;
        size_t n = 99;
        expclip_status status;

        expclip__alloc_fail_after(n_allowed, 1);
        status = expclip__tokenizer_encode(ids, 4, &n, &truncated, tokenizer,
                                           "an é &amp; more", 16, NULL);
        expclip__alloc_fail_after(-1, 0);
        done = status == EXPCLIP_OK;
        if (!done) {
            assert_int_equal(status, EXPCLIP_ERROR_MEMORY);
            assert_int_equal(n, 99);
            assert_int_equal(ids[0], -1);
            assert_int_equal(ids[1], -1);
            assert_int_equal(truncated, -1);
        }
        assert_in_range(n_allowed, 0, 100);
    }
}

static void test_tokenizer__owners_may_let_go_in_any_order(void **state)
{
    expclip_tokenizer *t = NULL, *other;

    (void)state;
    assert_int_equal(expclip__tokenizer_create(&t, 600, NULL), EXPCLIP_OK);
    other = expclip__tokenizer_retain(t);
    expclip__tokenizer_free(t);
    expclip__tokenizer_free(other);
    expclip__tokenizer_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tokenizer__ids_are_those_of_openai),
        cmocka_unit_test(test_tokenizer__the_locale_changes_nothing),
        cmocka_unit_test(test_tokenizer__special_tokens_in_a_text_are_text),
        cmocka_unit_test(test_tokenizer__a_long_text_is_cut_and_says_so),
        cmocka_unit_test(test_tokenizer__nul_and_damage_are_text),
        cmocka_unit_test(test_tokenizer__a_small_vocabulary_has_its_own_end),
        cmocka_unit_test(
            test_tokenizer__a_failed_allocation_leaves_all_as_it_was),
        cmocka_unit_test(test_tokenizer__owners_may_let_go_in_any_order),
    };

    return cmocka_run_group_tests(tests, create, destroy);
}
