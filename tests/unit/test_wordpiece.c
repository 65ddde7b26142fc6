/* SPDX-License-Identifier: MIT */
/*
 * test_wordpiece.c - words cut into the longest pieces of a small vocabulary;
 * tests/reference compares a real one with transformers.
 */
#include "unit/scratch.h"

#include "tokens/wordpiece.h"

static const char vocabulary[] = "[PAD]\n[UNK]\n[CLS]\n[SEP]\nel\n##an\n##a\n##"
                                 "n\n!\nel\r\ncafe\n\xe4\xb8\xad\nEL\n";
enum { UNKNOWN = 1, START = 2, END = 3 };

static expclip__wordpiece *load(const char *text, int lower)
{
    expclip__wordpiece *w = NULL;
    expclip_error err;

    scratch_write("vocab.txt", text, strlen(text));
    assert_int_equal(
        expclip__wordpiece_load(&w, scratch_path("vocab.txt"), lower, &err),
        EXPCLIP_OK);
    return w;
}

static void expect(const expclip__wordpiece *w, const char *text,
                   const int32_t *ids, size_t n)
{
    int32_t *found = NULL;
    size_t n_found = 0;

    assert_int_equal(expclip__wordpiece_encode(&found, &n_found, w, text,
                                               strlen(text), NULL),
                     EXPCLIP_OK);
    assert_int_equal(n_found, n + 2);
    assert_int_equal(found[0], START);
    assert_memory_equal(found + 1, ids, n * sizeof(*ids));
    assert_int_equal(found[n + 1], END);
    expclip__free(found);
}

static void test_wordpiece__the_longest_pieces_from_the_left(void **state)
{
    expclip__wordpiece *w = load(vocabulary, 1);

    (void)state;
    assert_int_equal(expclip__wordpiece_count(w), 13);
    expect(w, "", NULL, 0);
    /* Of two equal lines the last one counts. */
    expect(w, " \xc3\x89lan! ", (int32_t[]){ 9, 5, 8 }, 3);
    expect(w, "elnaan", (int32_t[]){ 9, 7, 6, 5 }, 4);
    expect(w, "Caf\xc3\xa9\xe4\xb8\xad", (int32_t[]){ 10, 11 }, 2);
    expect(w, "elx el", (int32_t[]){ UNKNOWN, 9 }, 2);
    expclip__wordpiece_free(w);
}

static void test_wordpiece__a_cased_one_keeps_letters(void **state)
{
    expclip__wordpiece *w = load(vocabulary, 0);

    (void)state;
    expect(w, "EL el \xc3\x89lan", (int32_t[]){ 12, 9, UNKNOWN }, 3);
    expclip__wordpiece_free(w);
}

static void
test_wordpiece__a_word_of_more_than_100_letters_is_unknown(void **state)
{
    expclip__wordpiece *w = load(vocabulary, 1);
    int32_t pieces[99];
    char text[103] = "el";

    (void)state;
    memset(text + 2, 'n', 98);
    pieces[0] = 9;
    for (int i = 1; i < 99; i++)
        pieces[i] = 7;
    expect(w, text, pieces, 99);
    memset(text + 2, 'n', 99);
    expect(w, text, (int32_t[]){ UNKNOWN }, 1);
    expclip__wordpiece_free(w);
}

static void test_wordpiece__bytes_that_are_no_text_are_left_out(void **state)
{
    expclip__wordpiece *w = load(vocabulary, 1);

    (void)state;
    expect(w, "el\xff\x01!\xe2\x80\x8b", (int32_t[]){ 9, 8 }, 2);
    expclip__wordpiece_free(w);
}

static void test_wordpiece__a_file_without_its_tokens_is_refused(void **state)
{
    expclip__wordpiece *w = NULL;
    expclip_error err;

    (void)state;
    scratch_write("vocab.txt", "[UNK]\n[CLS]\nel\n", 15);
    assert_int_equal(
        expclip__wordpiece_load(&w, scratch_path("vocab.txt"), 1, &err),
        EXPCLIP_ERROR_FORMAT);
    assert_non_null(strstr(err.message, "no token [SEP] among its 3 lines"));
    scratch_write("vocab.txt", "", 0);
    assert_int_equal(
        expclip__wordpiece_load(&w, scratch_path("vocab.txt"), 1, &err),
        EXPCLIP_ERROR_FORMAT);
    assert_int_equal(
        expclip__wordpiece_load(&w, scratch_path("none.txt"), 1, &err),
        EXPCLIP_ERROR_NOT_FOUND);
    assert_null(w);
}

static int32_t load_and_encode(void *data)
{
    expclip__wordpiece *w = NULL;
    int32_t *ids = NULL;
    size_t n = 0;
    expclip_status status =
        expclip__wordpiece_load(&w, scratch_path("vocab.txt"), 1, NULL);

    (void)data;
    if (!status)
        status = expclip__wordpiece_encode(&ids, &n, w, "elan el!", 8, NULL);
    expclip__free(ids);
    expclip__wordpiece_free(w);
    return status;
}

static void test_wordpiece__every_allocation_may_fail(void **state)
{
    (void)state;
    scratch_write("vocab.txt", vocabulary, sizeof(vocabulary) - 1);
    sweep_allocations(load_and_encode, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCRATCH_TEST(test_wordpiece__the_longest_pieces_from_the_left),
        SCRATCH_TEST(test_wordpiece__a_cased_one_keeps_letters),
        SCRATCH_TEST(
            test_wordpiece__a_word_of_more_than_100_letters_is_unknown),
        SCRATCH_TEST(test_wordpiece__bytes_that_are_no_text_are_left_out),
        SCRATCH_TEST(test_wordpiece__a_file_without_its_tokens_is_refused),
        SCRATCH_TEST(test_wordpiece__every_allocation_may_fail),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
