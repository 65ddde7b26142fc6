/* SPDX-License-Identifier: MIT */
/*
 * test_hash.c - fingerprints: stable, and moved by every bit.
 */
#include "unit/scratch.h"

#include "base/hash.h"

static void test_hash__changes_with_every_bit(void **state)
{
    unsigned char bytes[19] = { 0 };
    const uint64_t first = expclip__hash(EXPCLIP__HASH_START, bytes, 19);

    (void)state;
    for (int i = 0; i < 19 * 8; i++) {
        bytes[i / 8] ^= (unsigned char)(1 << i % 8);
        assert_true(expclip__hash(EXPCLIP__HASH_START, bytes, 19) != first);
        bytes[i / 8] ^= (unsigned char)(1 << i % 8);
    }
    assert_true(expclip__hash(EXPCLIP__HASH_START, bytes, 19) == first);
}

static void test_hash__changes_with_the_length(void **state)
{
    const unsigned char zeros[32] = { 0 };
    uint64_t seen[33];

    (void)state;
    for (size_t n = 0; n <= 32; n++) {
        seen[n] = expclip__hash(EXPCLIP__HASH_START, zeros, n);
        for (size_t i = 0; i < n; i++)
            assert_true(seen[i] != seen[n]);
    }
}

static void test_hash__is_written_as_16_digits(void **state)
{
    char text[17];

    (void)state;
    expclip__hash_text(text, UINT64_C(0x0123456789abcdef));
    assert_string_equal(text, "0123456789abcdef");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hash__changes_with_every_bit),
        cmocka_unit_test(test_hash__changes_with_the_length),
        cmocka_unit_test(test_hash__is_written_as_16_digits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
