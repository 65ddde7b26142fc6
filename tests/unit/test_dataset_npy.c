/* SPDX-License-Identifier: MIT */
/*
 * test_dataset_npy.c - the one number in a NumPy file.
 */
#include "unit/data_tree.h"

#include "datasets/dataset_layouts.h"

/* A file with this header, padded as NumPy does, and these bytes. */
static expclip_status read_file(int64_t *n, int version, const char *header,
                                const char *data, size_t data_size)
{
    const size_t start = version == 1 ? 10 : 12;
    char bytes[256] = "\x93NUMPY";

    bytes[6] = (char)version;
    bytes[8] = (char)(128 - start);
    memset(bytes + start, ' ', 128 - start);
    memcpy(bytes + start, header, strlen(header));
    bytes[127] = '\n';
    if (data_size)
        memcpy(bytes + 128, data, data_size);
    tree_bytes("n.npy", bytes, 128 + data_size);
    return expclip__read_npy_number(n, scratch_path("n.npy"), &tree_error);
}

#define HEADER(descr, shape)                                                   \
    "{'descr': '" descr "', 'fortran_order': False, 'shape': " shape ", }"

static void test_npy__text_and_integers_are_read(void **state)
{
    static const struct {
        const char *header;
        const char *data;
        size_t size;
        int64_t expected;
    } cases[] = {
        { HEADER("<U1", "()"), "7\0\0", 4, 7 },
        { HEADER("<U2", "()"), "1\0\0\0000\0\0", 8, 10 },
        { HEADER("<U2", "(1,)"), "7\0\0\0\0\0\0", 8, 7 },
        { HEADER("|S1", "()"), "3", 1, 3 },
        { HEADER("|S3", "(1,)"), "3\0\0", 3, 3 },
        { HEADER("<i8", "()"), "\x06\0\0\0\0\0\0", 8, 6 },
        { HEADER("<i4", "(1,)"), "\x06\0\0", 4, 6 },
        { HEADER("|u1", "()"), "\x05", 1, 5 },
        { HEADER("<f4", "()"), "\0\0\x40\x40", 4, 3 },
        { HEADER("<f8", "(1,)"), "\0\0\0\0\0\0\x08\x40", 8, 3 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        for (int version = 1; version <= 3; version++) {
            int64_t n = -1;

            assert_int_equal(read_file(&n, version, cases[i].header,
                                       cases[i].data, cases[i].size),
                             0);
            assert_int_equal(n, cases[i].expected);
        }
}

static void test_npy__all_else_is_refused(void **state)
{
    static const struct {
        const char *header;
        const char *data;
        size_t size;
    } cases[] = {
        { HEADER("<U1", "()"), "7\0\0", 3 },
        { HEADER("<U1", "()"), "7\0\0\0", 5 },
        { HEADER("<U1", "()"), "x\0\0", 4 },
        { HEADER("<U1", "()"), "\0\0\0", 4 },
        { HEADER("<U1", "()"), "7\0\0\1", 4 },
        { HEADER("<U2", "()"), "\0\0\0\0007\0\0", 8 },
        { HEADER("|S3", "()"), "1\0002", 3 },
        { HEADER("<i8", "()"), "\xff\xff\xff\xff\xff\xff\xff\xff", 8 },
        { HEADER("<i3", "()"), "\1\0", 3 },
        { HEADER("<f4", "()"), "\0\0\0\x3f", 4 },
        { HEADER(">i4", "()"), "\0\0\0\7", 4 },
        { HEADER("|O1", "()"), "\x80", 1 },
        { HEADER("<i4", "(2,)"), "\1\0\0\0\1\0\0", 8 },
        { HEADER("<i4", "(1, 1)"), "\1\0\0", 4 },
        { HEADER("<i4", "()") "x", "\1\0\0", 4 },
        { "", "\1\0\0", 4 },
        { "{'descr': '", "\1\0\0", 4 },
    };
    int64_t n = -1;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        expect_tree_error(
            read_file(&n, 1, cases[i].header, cases[i].data, cases[i].size),
            EXPCLIP_ERROR_FORMAT,
            "n.npy: expected a NumPy file of one whole number");
    assert_int_not_equal(read_file(&n, 4, HEADER("|u1", "()"), "\1", 1), 0);
    assert_int_equal(n, -1);
}

static void test_npy__cut_files_are_refused(void **state)
{
    char bytes[129];
    int64_t n = -1;
    FILE *f;

    (void)state;
    assert_int_equal(read_file(&n, 1, HEADER("|u1", "()"), "\5", 1), 0);
    f = fopen(scratch_path("n.npy"), "rb");
    assert_int_equal(fread(bytes, 1, sizeof(bytes), f), sizeof(bytes));
    fclose(f);
    for (size_t size = 0; size < sizeof(bytes); size++) {
        tree_bytes("n.npy", bytes, size);
        assert_int_equal(
            expclip__read_npy_number(&n, scratch_path("n.npy"), NULL),
            EXPCLIP_ERROR_FORMAT);
    }
    assert_int_equal(expclip__read_npy_number(&n, scratch_path("no"), NULL),
                     EXPCLIP_ERROR_NOT_FOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TREE_TEST(test_npy__text_and_integers_are_read),
        TREE_TEST(test_npy__all_else_is_refused),
        TREE_TEST(test_npy__cut_files_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
