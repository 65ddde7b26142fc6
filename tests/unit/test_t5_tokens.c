/* SPDX-License-Identifier: MIT */
/*
 * test_t5_tokens.c - the module that sees SentencePiece, where it is built.
 * What ids it gives is held against SentencePiece's own Python in
 * tests/reference.
 */
#include "unit/scratch.h"

#include "tokens/t5_tokens.h"

static void test_t5_tokens__a_file_that_is_not_there_is_named(void **state)
{
    expclip__t5_tokens *t = NULL;
    expclip_error err;
    const expclip_status status =
        expclip__t5_tokens_load(&t, "nowhere/spiece.model", &err);

    (void)state;
    if (status == EXPCLIP_ERROR_UNSUPPORTED)
        assert_non_null(strstr(err.message, "libexpclip-sentencepiece.so"));
    else
        assert_int_equal(status, EXPCLIP_ERROR_NOT_FOUND);
    assert_non_null(strstr(err.message, "nowhere/spiece.model"));
    assert_null(t);
}

static void test_t5_tokens__a_file_that_is_no_model_is_refused(void **state)
{
    expclip__t5_tokens *t = NULL;
    expclip_error err;
    const char *path = scratch_write("spiece.model", "no model", 8);
    const expclip_status status = expclip__t5_tokens_load(&t, path, &err);

    (void)state;
    assert_true(status == EXPCLIP_ERROR_FORMAT ||
                status == EXPCLIP_ERROR_UNSUPPORTED);
    assert_null(t);
    expclip__t5_tokens_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_t5_tokens__a_file_that_is_not_there_is_named),
        SCRATCH_TEST(test_t5_tokens__a_file_that_is_no_model_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
