/* SPDX-License-Identifier: MIT */
/*
 * test_foreign.c - files that are none of ours, and what is said of them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/foreign.h"

static const expclip__foreign *find(const char *bytes, size_t size)
{
    return expclip__foreign_find((const uint8_t *)bytes, size);
}

static void test_foreign__each_kind_is_named_with_its_cure(void **state)
{
    static const struct {
        const char *bytes;
        size_t size;
        const char *name;
        const char *cure;
    } cases[] = {
        { "", 0, "empty", "anew" },
        { "\0\0\0\0\0\0\0\0\0\0\0", 11, "zeros", "anew" },
        { "version https://git-lfs.github.com/spec/v1\n", 43, "Git LFS",
          "git lfs pull" },
        { "\xef\xbb\xbf\r\n <!DOCTYPE HTML>", 21, "web page", "anew" },
        { "<HTML><body>", 12, "web page", "anew" },
        { "{\"error\":\"no\"}", 14, "server", "anew" },
        { "PK\3\4....", 8, "zip", "unpack" },
        { "\x1f\x8b\x08.", 4, "gzip", "unpack" },
        { "GGUF\3\0\0\0", 8, "GGUF", "safetensors" },
        { "\x89HDF\r\n\x1a\n", 8, "HDF5", "safetensors" },
        { "\x08\x07\x12\x07pytorch", 11, "ONNX", "safetensors" },
        { "\0\5\x16\7\0\2\0\0Mac OS X", 16, "AppleDouble", "leave it out" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const expclip__foreign *f = find(cases[i].bytes, cases[i].size);

        assert_non_null(f);
        assert_non_null(strstr(f->name, cases[i].name));
        assert_non_null(strstr(f->cure, cases[i].cure));
    }
}

static void test_foreign__a_tar_file_is_told_by_its_header(void **state)
{
    char bytes[600];

    (void)state;
    memset(bytes, 'a', sizeof(bytes));
    assert_null(find(bytes, sizeof(bytes)));
    memcpy(bytes + 257, "ustar", 5);
    assert_string_equal(find(bytes, sizeof(bytes))->name, "a tar file");
    assert_null(find(bytes, 261));
}

static void test_foreign__what_is_not_known_has_no_name(void **state)
{
    (void)state;
    assert_null(find("hello, this is text", 19));
    assert_null(find("{\"model_type\": \"clip\"}", 22));
    assert_null(find(" ", 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_foreign__each_kind_is_named_with_its_cure),
        cmocka_unit_test(test_foreign__a_tar_file_is_told_by_its_header),
        cmocka_unit_test(test_foreign__what_is_not_known_has_no_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
