/* SPDX-License-Identifier: MIT */
/*
 * test_options.c - options: INIT equals init() byte for byte, sizes are frozen,
 * and callers with an older or a newer header are told apart.
 */
#include <expclip_tools.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

/* The ABI: a change here needs an "ABI" entry in CHANGELOG.md. */
_Static_assert(sizeof(expclip_error) == 512, "frozen");
_Static_assert(offsetof(expclip_error, message) == 4, "frozen");
_Static_assert(sizeof(expclip_load_options) == 72, "frozen");
_Static_assert(offsetof(expclip_load_options, threads) == 48, "frozen");
_Static_assert(sizeof(expclip_image_options) == 48, "frozen");
_Static_assert(offsetof(expclip_image_options, max_pixels) == 40, "frozen");
_Static_assert(sizeof(expclip_classes_options) == 16, "frozen");
_Static_assert(sizeof(expclip_embed_options) == 16, "frozen");
_Static_assert(sizeof(expclip_convert_options) == 48, "frozen");

/* Padding is cleared first: it has no value of its own. */
#define CHECK_INIT(type, INIT)                      \
    do {                                            \
        type by_macro, by_function;                 \
        memset(&by_macro, 0, sizeof(by_macro));     \
        memset(&by_function, 0, sizeof(by_function)); \
        by_macro = (type)INIT;                      \
        type##_init(&by_function);                  \
        assert_memory_equal(&by_macro, &by_function, sizeof(type)); \
        type##_init(NULL);                          \
    } while (0)

static void test_options__macro_and_function_agree(void **state)
{
    (void)state;
    CHECK_INIT(expclip_load_options, EXPCLIP_LOAD_OPTIONS_INIT);
    CHECK_INIT(expclip_image_options, EXPCLIP_IMAGE_OPTIONS_INIT);
    CHECK_INIT(expclip_classes_options, EXPCLIP_CLASSES_OPTIONS_INIT);
    CHECK_INIT(expclip_embed_options, EXPCLIP_EMBED_OPTIONS_INIT);
    CHECK_INIT(expclip_convert_options, EXPCLIP_CONVERT_OPTIONS_INIT);
}

static void test_options__a_newer_or_unset_struct_is_refused(void **state)
{
    expclip_load_options options = EXPCLIP_LOAD_OPTIONS_INIT;
    expclip_model *model = NULL;
    expclip_error err;

    (void)state;
    options.struct_size = sizeof(options) + 8;
    assert_int_equal(expclip_model_load(&model, "demo", &options, &err),
                     EXPCLIP_ERROR_ARGUMENT);
    assert_non_null(strstr(err.message, "struct_size"));
    options.struct_size = 0;
    assert_int_equal(expclip_model_load(&model, "demo", &options, &err),
                     EXPCLIP_ERROR_ARGUMENT);
    assert_null(model);
}

static void test_options__an_older_struct_gets_defaults(void **state)
{
    expclip_load_options options = EXPCLIP_LOAD_OPTIONS_INIT;
    expclip_model *model = NULL;

    (void)state;
    options.struct_size = offsetof(expclip_load_options, device);
    options.device = "not looked at";
    assert_int_equal(expclip_model_load(&model, "demo", &options, NULL),
                     EXPCLIP_OK);
    expclip_model_free(model);
}

static void test_options__wrong_values_name_themselves(void **state)
{
    static const struct {
        size_t offset;
        const char *value;
    } texts[] = {
        { offsetof(expclip_load_options, head), NULL },
        { offsetof(expclip_load_options, preprocess), "sepia" },
        { offsetof(expclip_load_options, activation), "relu" },
        { offsetof(expclip_load_options, device), "tpu" },
        { offsetof(expclip_load_options, dtype), "fp8" },
    };
    expclip_model *model = NULL;
    expclip_error err;

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        expclip_load_options options = EXPCLIP_LOAD_OPTIONS_INIT;

        memcpy((char *)&options + texts[i].offset, &texts[i].value,
               sizeof(const char *));
        assert_int_equal(expclip_model_load(&model, "demo", &options, &err),
                         EXPCLIP_ERROR_ARGUMENT);
        assert_non_null(strstr(err.message, texts[i].value ? texts[i].value
                                                           : "head: NULL"));
        assert_null(model);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_options__macro_and_function_agree),
        cmocka_unit_test(test_options__a_newer_or_unset_struct_is_refused),
        cmocka_unit_test(test_options__an_older_struct_gets_defaults),
        cmocka_unit_test(test_options__wrong_values_name_themselves),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
