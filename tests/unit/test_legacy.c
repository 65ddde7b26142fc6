/* SPDX-License-Identifier: MIT */
/*
 * test_legacy.c - files as torch wrote them before 1.6: made ones, whole and
 * with each defect.
 */
#include "unit/pickle_words.h"
#include "unit/scratch.h"

#include "base/text.h"
#include "weights/weights.h"

#define MAGIC PROTO "\x8a\x0al\xfc\x9c\x46\xf9 j\xa8P\x19."
#define VERSION PROTO "M\xe9\3."
#define SYSTEM PROTO "}."
/** ('storage', type, key, 'cpu', n, None) */
#define OLD(type, key, n)                                                      \
    "(" TEXT("\7", "storage") "ctorch\n" type "\n" TEXT("\1", key)             \
        TEXT("\3", "cpu") n "NtQ"
#define ONE(storage)                                                           \
    PROTO "}(" TEXT("\1", "a") TENSOR(storage, "K\1", "K\2", "K\1") "u."
#define FOUR ONE(OLD("FloatStorage", "7", "K\4"))
#define KEYS PROTO "](" TEXT("\1", "7") "e."
#define COUNT "\4\0\0\0\0\0\0\0"
#define VALUES "\0\0\0\0\0\0\x80\x3f\0\0\0\x40\0\0\x40\x40"
#define GOOD MAGIC VERSION SYSTEM FOUR KEYS COUNT VALUES

static expclip_status open_bytes(const char *text, size_t size,
                                 expclip_error *err)
{
    uint8_t *exact = malloc(size + 1); /* so that a sanitizer sees the end */
    expclip__weights *ws = NULL;
    expclip_status status;

    memcpy(exact, text, size);
    status = expclip__weights_open_bytes(&ws, exact, size, "x", err);
    assert_int_equal(status == 0, ws != NULL);
    expclip__weights_free(ws);
    free(exact);
    return status;
}

static int32_t open_and_read(void *data)
{
    static const char text[] = GOOD;
    expclip__weights *ws = NULL;
    float values[2] = { 0 };
    expclip_status status = expclip__weights_open_bytes(
        &ws, (const uint8_t *)text, sizeof(text) - 1, "x", NULL);

    (void)data;
    if (!status) {
        assert_string_equal(expclip__weights_format(ws),
                            "torch file before 1.6");
        status = expclip__weights_read_f32(ws, expclip__weights_find(ws, "a"),
                                           values, 2, 1, NULL);
    }
    if (!status)
        assert_true(values[0] == 1.0f && values[1] == 2.0f);
    expclip__weights_free(ws);
    return status;
}

static void test_legacy__reads_a_made_one(void **state)
{
    (void)state;
    assert_int_equal(open_and_read(NULL), 0);
}

static void test_legacy__survives_every_failing_allocation(void **state)
{
    (void)state;
    sweep_allocations(open_and_read, NULL);
}

static void test_legacy__every_cut_is_refused(void **state)
{
    static const char text[] = GOOD;

    (void)state;
    for (size_t n = 0; n < sizeof(text) - 1; n++)
        assert_int_not_equal(open_bytes(text, n, NULL), 0);
}

static void test_legacy__refuses_each_defect(void **state)
{
    static const struct {
        const char *text;
        size_t size;
        expclip_status status;
        const char *message;
    } cases[] = {
#define CASE(text, status, message)                                            \
    { text, sizeof(text) - 1, EXPCLIP_ERROR_##status, message }
#define AFTER(rest) MAGIC VERSION SYSTEM rest
        CASE(PROTO "}." VERSION SYSTEM FOUR KEYS COUNT VALUES, UNSUPPORTED,
             "did not write"),
        CASE(PROTO "K\1." VERSION, UNSUPPORTED, "did not write"),
        CASE(MAGIC PROTO "M\xea\3." SYSTEM, UNSUPPORTED, "other than 1001"),
        CASE(MAGIC PROTO "N." SYSTEM, UNSUPPORTED, "other than 1001"),
        CASE(AFTER(PROTO "cos\nsystem\n)R."), UNSAFE, "os.system"),
        CASE(AFTER(FOUR PROTO "cos\nsystem\n)R."), UNSAFE, "os.system"),
        CASE(AFTER(FOUR PROTO "}." COUNT VALUES), FORMAT, "no list"),
        CASE(AFTER(FOUR PROTO "]." COUNT VALUES), FORMAT, "bytes after"),
        CASE(AFTER(FOUR PROTO "]."), FORMAT, "no storage \"7\""),
        CASE(AFTER(FOUR PROTO "](" TEXT("\1", "8") "e." COUNT VALUES), FORMAT,
             "is not that of the tensors"),
        CASE(AFTER(FOUR PROTO "](K\7e." COUNT VALUES), FORMAT,
             "is not that of the tensors"),
        CASE(AFTER(FOUR PROTO "](" TEXT("\1", "7")
                       TEXT("\1", "7") "e." COUNT VALUES COUNT VALUES),
             FORMAT, "is not that of the tensors"),
        CASE(AFTER(FOUR KEYS "\5\0\0\0\0\0\0\0" VALUES VALUES), FORMAT,
             "5 elements, expected 4"),
        CASE(AFTER(FOUR KEYS "\4\0\0\0\0\0\0\x80" VALUES), FORMAT,
             "elements, expected 4"),
        CASE(AFTER(FOUR KEYS COUNT VALUES "x"), FORMAT, "bytes after"),
        CASE(AFTER(ONE(STORAGE("FloatStorage", "7", "K\4")) KEYS COUNT VALUES),
             FORMAT, "a storage is not"),
        CASE(AFTER(ONE(OLD("FloatStorage", "7",
                           "\x8a\10\xff\xff\xff\xff\xff\xff\xff\x0f")) KEYS
                   "\xff\xff\xff\xff\xff\xff\xff\x0f" VALUES),
             TRUNCATED, "16 bytes, expected"),
        CASE(AFTER(PROTO "}(" TEXT("\1", "a") TENSOR(
                 OLD("FloatStorage", "7", "K\4"), "K\0", "", "") TEXT("\1", "b")
                       TENSOR(OLD("IntStorage", "7", "K\4"), "K\0", "",
                              "") "u." KEYS COUNT VALUES),
             FORMAT, "of two types"),
        CASE(AFTER(PROTO "N." PROTO "]."), UNSUPPORTED, "neither a state dict"),
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        expclip_error err = { 0 };
        const expclip_status status =
            open_bytes(cases[i].text, cases[i].size, &err);

        if (status != cases[i].status || !strstr(err.message, cases[i].message))
            print_error("case %zu: %s\n", i, err.message);
        assert_int_equal(status, cases[i].status);
        assert_non_null(strstr(err.message, cases[i].message));
    }
}

static void test_legacy__a_tar_is_told_how_to_convert(void **state)
{
    uint8_t tar[1024] = "storages";
    expclip__weights *ws = NULL;
    expclip_error err;

    (void)state;
    memcpy(tar + 257, "ustar", 5);
    assert_int_equal(
        expclip__weights_open_bytes(&ws, tar, sizeof(tar), "x", &err),
        EXPCLIP_ERROR_UNSUPPORTED);
    assert_non_null(strstr(err.message, "torch.save(torch.load("));
}

static void test_legacy__pickles_without_end_hit_a_limit(void **state)
{
    static const char start[] = MAGIC VERSION PROTO "B\xff\xff\xff\1";
    expclip__buffer b = { 0 };
    expclip_error err;
    const size_t size = (16u << 20) + 100;
    char *zeros = calloc(size, 1);

    (void)state;
    expclip__buffer_add(&b, start, sizeof(start) - 1);
    expclip__buffer_add(&b, zeros, size);
    assert_false(b.failed);
    assert_int_equal(open_bytes(b.data, b.size, &err), EXPCLIP_ERROR_LIMIT);
    assert_non_null(strstr(err.message, "16 MiB"));
    expclip__buffer_free(&b);
    free(zeros);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_legacy__reads_a_made_one),
        cmocka_unit_test(test_legacy__survives_every_failing_allocation),
        cmocka_unit_test(test_legacy__every_cut_is_refused),
        cmocka_unit_test(test_legacy__refuses_each_defect),
        cmocka_unit_test(test_legacy__a_tar_is_told_how_to_convert),
        cmocka_unit_test(test_legacy__pickles_without_end_hit_a_limit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
