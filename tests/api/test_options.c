/* SPDX-License-Identifier: MIT */
/*
 * test_options.c - options: INIT equals init(), and callers with an older or
 * a newer header are told apart.
 */
#include <expclip.h>
#include <expclip_batcher.h>
#include <expclip_eval.h>
#include <expclip_tools.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

/*
 * Two option structs are the same: texts that follow struct_size, then bytes.
 * Equal texts of two files need not have one address.
 */
static void check_equal(const void *a, const void *b, size_t size,
                        size_t n_texts)
{
    const char *const *texts_of_a = (const char *const *)a + 1;
    const char *const *texts_of_b = (const char *const *)b + 1;
    size_t start = sizeof(size_t) + n_texts * sizeof(const char *);

    assert_memory_equal(a, b, sizeof(size_t));
    for (size_t i = 0; i < n_texts; i++)
        assert_string_equal(texts_of_a[i], texts_of_b[i]);
    assert_memory_equal((const char *)a + start, (const char *)b + start,
                        size - start);
}

/* Static structs are zero where they have padding, which has no value. */
#define CHECK_INIT(type, INIT, n_texts)                                        \
    do {                                                                       \
        static const type by_macro = INIT;                                     \
        static type by_function;                                               \
        type##_init(&by_function, sizeof(by_function));                        \
        check_equal(&by_macro, &by_function, sizeof(type), n_texts);           \
        type##_init(NULL, 0);                                                  \
    } while (0)

static void test_options__macro_and_function_agree(void **state)
{
    (void)state;
    CHECK_INIT(expclip_load_options, EXPCLIP_LOAD_OPTIONS_INIT, 5);
    CHECK_INIT(expclip_image_options, EXPCLIP_IMAGE_OPTIONS_INIT, 0);
    CHECK_INIT(expclip_classes_options, EXPCLIP_CLASSES_OPTIONS_INIT, 0);
    CHECK_INIT(expclip_embed_options, EXPCLIP_EMBED_OPTIONS_INIT, 0);
    CHECK_INIT(expclip_convert_options, EXPCLIP_CONVERT_OPTIONS_INIT, 4);
    CHECK_INIT(expclip_metrics_options, EXPCLIP_METRICS_OPTIONS_INIT, 0);
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
        assert_non_null(strstr(err.message,
                               texts[i].value ? texts[i].value : "head: NULL"));
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
