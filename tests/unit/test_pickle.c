/* SPDX-License-Identifier: MIT */
/*
 * test_pickle.c - the words of the stack machine, their order and limits.
 */
#include "unit/pickle_words.h"
#include "unit/scratch.h"

#include <pthread.h>

#include "base/text.h"
#include "weights/pickle.h"

/* A literal with NULs inside, and its size. */
#define P(text) (const uint8_t *)(text), sizeof(text) - 1

static expclip_status read_status(const uint8_t *bytes, size_t size,
                                  expclip_error *err)
{
    expclip__pickle *p = NULL;
    uint8_t *exact = malloc(size + 1); /* so that a sanitizer sees the end */
    expclip_status status;

    memcpy(exact, bytes, size);
    status = expclip__pickle_read(&p, exact, size, err);
    assert_int_equal(status == 0, p != NULL);
    expclip__pickle_free(p);
    free(exact);
    return status;
}

static void test_pickle__reads_a_dictionary(void **state)
{
    static const char text[] =
        PROTO "}q\0(" TEXT("\1", "a") "K\7" TEXT("\1", "b") "]q\1(NN\x88"
                                                            "eu" STOP;
    expclip__pickle *p;
    const expclip__pickle_node *root, *value;
    const expclip__pickle_item *item;

    (void)state;
    assert_int_equal(expclip__pickle_read(&p, P(text), NULL), 0);
    root = &p->nodes[p->root];
    assert_int_equal(root->kind, EXPCLIP__PICKLE_DICT);
    assert_int_equal(root->is.items.count, 2);
    item = &p->items[root->is.items.first];
    assert_int_equal(p->nodes[item->key].is.string.size, 1);
    assert_int_equal(p->nodes[item->key].is.string.text[0], 'a');
    assert_int_equal(p->nodes[item->value].is.integer, 7);
    item = &p->items[item->next];
    value = &p->nodes[item->value];
    assert_int_equal(value->kind, EXPCLIP__PICKLE_LIST);
    assert_int_equal(value->is.items.count, 3);
    assert_int_equal(item->next, 0);
    expclip__pickle_free(p);
    expclip__pickle_free(NULL);
}

static void test_pickle__reads_numbers_of_all_sizes(void **state)
{
    static const struct {
        const char *word;
        size_t size;
        int64_t value;
    } cases[] = {
        { "K\xff", 2, 255 },
        { "M\xff\xff", 3, 65535 },
        { "J\xff\xff\xff\xff", 5, -1 },
        { "J\x00\x00\x00\x80", 5, INT32_MIN },
        { "\x8a\0", 2, 0 },
        { "\x8a\1\xff", 3, -1 },
        { "\x8a\5\0\0\0\0\1", 7, INT64_C(1) << 32 },
        { "\x8a\10\xff\xff\xff\xff\xff\xff\xff\x7f", 10, INT64_MAX },
        { "\x8a\10\0\0\0\0\0\0\0\x80", 10, INT64_MIN },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint8_t text[16] = PROTO;
        expclip__pickle *p;

        memcpy(text + 2, cases[i].word, cases[i].size);
        text[2 + cases[i].size] = '.';
        assert_int_equal(
            expclip__pickle_read(&p, text, 3 + cases[i].size, NULL), 0);
        assert_true(p->nodes[p->root].is.integer == cases[i].value);
        expclip__pickle_free(p);
    }
}

/* One line of a table: a pickle and what comes of it. */
typedef struct line {
    const char *text;
    size_t size;
    expclip_status status;
} line;

#define LINE(text, status)                                                     \
    {                                                                          \
        text, sizeof(text) - 1, EXPCLIP_##status                               \
    }

static void check_lines(const line *lines, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        expclip_error err = { 0 };
        const expclip_status status =
            read_status((const uint8_t *)lines[i].text, lines[i].size, &err);

        if (status != lines[i].status)
            print_error("line %zu: %s\n", i, err.message);
        assert_int_equal(status, lines[i].status);
    }
}

static void test_pickle__takes_what_is_sound(void **state)
{
    static const line lines[] = {
        LINE(PROTO "N.", OK),
        LINE(PROTO "G\0\0\0\0\0\0\0\0.", OK),
        LINE(PROTO "N\x85.", OK),
        LINE(PROTO "NN\x86.", OK),
        LINE(PROTO "NNN\x87.", OK),
        LINE(PROTO "(t.", OK),
        LINE(PROTO "]Na.", OK),
        LINE(PROTO "](e.", OK),
        LINE(PROTO "}(u.", OK),
        LINE(PROTO "}NNs.", OK),
        LINE(PROTO "Nq\xffh\xff\x86.", OK),
        LINE(PROTO "Nr\0\1\0\0j\0\1\0\0\x86.", OK),
        LINE(PROTO "Nr\xff\xff\x0f\0.", OK),
        LINE("\x80\3C\1\0.", OK),
        LINE("\x80\4\x95\2\0\0\0\0\0\0\0N.", OK),
        LINE("\x80\5\x96\1\0\0\0\0\0\0\0\0.", OK),
        LINE("\x80\4\x8c\1a\x94h\0\x86.", OK),
        LINE("\x80\4N\x94q\1N\x94h\2\x87.", OK), /* 0, 1, 2 */
        LINE("\x80\4\x8d\1\0\0\0\0\0\0\0a.", OK),
        LINE("\x80\4\x8e\1\0\0\0\0\0\0\0\xff.", OK),
        LINE("\x80\3B\1\0\0\0\xff.", OK),
        LINE("\x80\4\x8f\x94(K\1K\2\x90.", OK), /* {1, 2} */
        LINE("\x80\4(K\1\x91.", OK),
        LINE("\x80\4\x8c\5torch\x8c\4Size\x93.", OK),
        LINE(PROTO "U\1a.", OK),
        LINE(PROTO "X\1\0\0\0\0.", OK), /* a text with a NUL: bytes */
        LINE(PROTO "\x8a\11\0\0\0\0\0\0\0\0\1.", OK), /* 2^64 */
        LINE(PROTO "\x8b\1\0\0\0\1.", OK),
        LINE(PROTO "}NN\x86Ns.", OK),   /* a tuple as key */
        LINE(PROTO "]q\0h\0\x86.", OK), /* the same list twice in a tuple */
    };

    (void)state;
    check_lines(lines, sizeof(lines) / sizeof(lines[0]));
}

static void test_pickle__refuses_what_is_damaged(void **state)
{
    static const line lines[] = {
        LINE("", ERROR_TRUNCATED),
        LINE(PROTO, ERROR_TRUNCATED),
        LINE(PROTO "N", ERROR_TRUNCATED),
        LINE(PROTO "K", ERROR_TRUNCATED),
        LINE(PROTO "X\4\0\0\0abc", ERROR_TRUNCATED),
        LINE(PROTO "cos", ERROR_FORMAT),
        LINE(PROTO ".", ERROR_FORMAT),     /* nothing */
        LINE(PROTO "NN.", ERROR_FORMAT),   /* two values */
        LINE(PROTO "N.N", ERROR_FORMAT),   /* more after the end */
        LINE(PROTO "N(.", ERROR_FORMAT),   /* an open mark */
        LINE(PROTO "t.", ERROR_FORMAT),    /* no mark */
        LINE(PROTO "\x85.", ERROR_FORMAT), /* empty stack */
        LINE(PROTO "N\x86.", ERROR_FORMAT),
        LINE(PROTO "N(\x85.", ERROR_FORMAT), /* below the mark */
        LINE(PROTO "](a.", ERROR_FORMAT),
        LINE(PROTO "(e.", ERROR_FORMAT),
        LINE(PROTO "}(Nu.", ERROR_FORMAT), /* a key without value */
        LINE(PROTO "(u.", ERROR_FORMAT),
        LINE(PROTO "}]Ns.", ERROR_FORMAT), /* a list as key */
        LINE(PROTO "h\0.", ERROR_FORMAT),  /* memo not set */
        LINE(PROTO "Nq\1h\0.", ERROR_FORMAT),
        LINE(PROTO "j\xff\xff\xff\xff.", ERROR_FORMAT),
        LINE(PROTO "q\0.", ERROR_FORMAT), /* nothing to remember */
        LINE(PROTO "X\1\0\0\0\xff.", ERROR_FORMAT),
        LINE(PROTO "U\1\xff.", ERROR_FORMAT),
        LINE(PROTO "\x8c\2ab", ERROR_TRUNCATED),
        LINE(PROTO "\x8c\3ab.", ERROR_TRUNCATED),
        LINE(PROTO "\x8c", ERROR_TRUNCATED),
        LINE(PROTO "\x8d\xff\xff\xff\xff\xff\xff\xff\xff", ERROR_TRUNCATED),
        LINE(PROTO "\x8d\1\0\0\0\0\0\0.", ERROR_TRUNCATED),
        LINE(PROTO "\x8e\xff\xff\xff\xff\xff\xff\xff\xff", ERROR_TRUNCATED),
        LINE(PROTO "\x96\2\0\0\0\0\0\0\0.", ERROR_TRUNCATED),
        LINE(PROTO "B\2\0\0\0.", ERROR_TRUNCATED),
        LINE(PROTO "C\2.", ERROR_TRUNCATED),
        LINE(PROTO "\x95\2\0\0\0\0\0\0\0N", ERROR_TRUNCATED),
        LINE(PROTO "\x95\xff\xff\xff\xff\xff\xff\xff\xffN.", ERROR_TRUNCATED),
        LINE(PROTO "\x95\2\0\0\0", ERROR_TRUNCATED),
        LINE(PROTO "\x8b\1\0\0\0", ERROR_TRUNCATED),
        LINE(PROTO "\x95\1\0\0\0\0\0\0\0K\1.", ERROR_FORMAT), /* across */
        LINE(PROTO "\x95\xa\0\0\0\0\0\0\0\x95\0\0\0\0\0\0\0\0N.", ERROR_FORMAT),
        LINE(PROTO "\x94.", ERROR_FORMAT),   /* nothing to remember */
        LINE(PROTO "\x90.", ERROR_FORMAT),   /* no mark */
        LINE(PROTO "(N\x90.", ERROR_FORMAT), /* no set under it */
        LINE(PROTO "\x91.", ERROR_FORMAT),
        LINE(PROTO "\x93.", ERROR_FORMAT),
        LINE(PROTO "\x8c\1a\x93.", ERROR_FORMAT),
        LINE(PROTO "NN\x93.", ERROR_FORMAT), /* names that are no texts */
        LINE(PROTO "\x92.", ERROR_FORMAT),
        LINE(PROTO "}(](\x85u.", ERROR_FORMAT),
        LINE(PROTO "}]\x85Ns.", ERROR_FORMAT),           /* a list in a key */
        LINE(PROTO "]q\0h\0a.", ERROR_FORMAT),           /* a list in itself */
        LINE(PROTO "]q\0\x85q\1h\0h\1a.", ERROR_FORMAT), /* and one deeper */
    };

    (void)state;
    check_lines(lines, sizeof(lines) / sizeof(lines[0]));
}

static void test_pickle__refuses_other_protocols(void **state)
{
    static const line lines[] = {
        LINE("N.", ERROR_UNSUPPORTED),
        LINE("(dp0\n.", ERROR_UNSUPPORTED), /* protocol 0 */
        LINE("\x80\x01N.", ERROR_UNSUPPORTED),
        LINE("\x80\x06N.", ERROR_UNSUPPORTED),
        LINE(PROTO PROTO "N.", ERROR_UNSUPPORTED),
    };

    (void)state;
    check_lines(lines, sizeof(lines) / sizeof(lines[0]));
}

static void test_pickle__refuses_every_other_word(void **state)
{
    static const char known[] = "().BCGJKMNQRUX]abcehjqrstu}";
    expclip_error err;

    (void)state;
    for (int word = 0; word < 256; word++) {
        uint8_t text[4] = { 0x80, 2, (uint8_t)word, '.' };

        if ((word && word < 128 && strchr(known, word)) ||
            (word >= 0x80 && word <= 0x81) || (word >= 0x85 && word <= 0x96))
            continue;
        assert_int_equal(read_status(text, 4, &err), EXPCLIP_ERROR_UNSAFE);
        assert_non_null(strstr(err.message, "byte 2"));
    }
}

static void test_pickle__refuses_what_is_too_much(void **state)
{
    static const line lines[] = {
        LINE(PROTO "\x8b\1\20\0\0", ERROR_LIMIT), /* 4097 bytes */
        LINE(PROTO "\x8b\xff\xff\xff\xff", ERROR_LIMIT),
        LINE(PROTO "Nr\xff\xff\xff\xff.", ERROR_LIMIT),
        LINE(PROTO "Nr\0\0\x10\0.", ERROR_LIMIT),
    };

    (void)state;
    check_lines(lines, sizeof(lines) / sizeof(lines[0]));
}

/* PROTO, `first` once, `piece` again and again, `last`. */
static expclip_status repeat(const char *first, const char *piece,
                             size_t piece_size, size_t n, const char *last)
{
    expclip__buffer b = { 0 };
    expclip_status status;

    expclip__buffer_add_string(&b, PROTO);
    expclip__buffer_add_string(&b, first);
    for (size_t i = 0; i < n; i++)
        expclip__buffer_add(&b, piece, piece_size);
    expclip__buffer_add_string(&b, last);
    assert_false(b.failed);
    status = read_status((const uint8_t *)b.data, b.size, NULL);
    expclip__buffer_free(&b);
    return status;
}

static void test_pickle__bombs_hit_a_limit(void **state)
{
    (void)state;
    /* values on the stack */
    assert_int_equal(repeat("", "N", 1, 65535, "\x85."), EXPCLIP_ERROR_FORMAT);
    assert_int_equal(repeat("", "N", 1, 4000000, "."), EXPCLIP_ERROR_LIMIT);
    /* marks */
    assert_int_equal(repeat("N", "(", 1, 1001, "."), EXPCLIP_ERROR_LIMIT);
    /* nested tuples: 500,000 are fine, two million are not */
    assert_int_equal(repeat("N", "\x85", 1, 500000, "."), EXPCLIP_OK);
    assert_int_equal(repeat("N", "\x85", 1, 2000000, "."), EXPCLIP_ERROR_LIMIT);
    /* each tuple holds the one before twice: 2^100000 values, seen once */
    assert_int_equal(repeat("N", "q\0h\0\x86", 5, 100000, "."), EXPCLIP_OK);
    /* values in one list */
    assert_int_equal(repeat("]", "Na", 2, 2000000, "."), EXPCLIP_ERROR_LIMIT);
}

static void *read_deep(void *data)
{
    (void)data;
    return (void *)(intptr_t)repeat("N", "\x85", 1, 500000, ".");
}

static void test_pickle__needs_little_stack(void **state)
{
    pthread_attr_t attributes;
    pthread_t thread;
    void *status;

    (void)state;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, 256 << 10);
    assert_int_equal(pthread_create(&thread, &attributes, read_deep, NULL), 0);
    pthread_join(thread, &status);
    pthread_attr_destroy(&attributes);
    assert_int_equal((intptr_t)status, EXPCLIP_OK);
}

static int32_t read_and_free(void *data)
{
    static const char text[] =
        PROTO "}(" TEXT("\1", "a") TENSOR(FLOATS, "K\0", "K\2", "K\1") "u.";
    expclip__pickle *p = NULL;
    expclip_status status = expclip__pickle_read(&p, P(text), NULL);

    (void)data;
    expclip__pickle_free(p);
    return status;
}

static void test_pickle__survives_every_failing_allocation(void **state)
{
    (void)state;
    sweep_allocations(read_and_free, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pickle__reads_a_dictionary),
        cmocka_unit_test(test_pickle__reads_numbers_of_all_sizes),
        cmocka_unit_test(test_pickle__takes_what_is_sound),
        cmocka_unit_test(test_pickle__refuses_what_is_damaged),
        cmocka_unit_test(test_pickle__refuses_other_protocols),
        cmocka_unit_test(test_pickle__refuses_every_other_word),
        cmocka_unit_test(test_pickle__refuses_what_is_too_much),
        cmocka_unit_test(test_pickle__bombs_hit_a_limit),
        cmocka_unit_test(test_pickle__needs_little_stack),
        cmocka_unit_test(test_pickle__survives_every_failing_allocation),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
