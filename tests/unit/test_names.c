/* SPDX-License-Identifier: MIT */
/*
 * test_names.c - models behind prefixes, and files with more than one.
 */
#include "unit/scratch.h"

#include "encoders/config_read.h"
#include "encoders/names.h"
#include "unit/small_model.h"

static int is_text_name(const char *name)
{
    return strncmp(name, "visual.", 7) != 0 &&
           strcmp(name, "logit_scale") != 0 && strcmp(name, "mlp.weight") != 0;
}

/* Add a small model whose names have prefixes. */
static void add_model(small_tensor *list, size_t *n, const char *prefix,
                      const char *text_prefix)
{
    static small_tensor plain[80];
    const size_t count = small_model_tensors(plain);

    for (size_t i = 0; i < count; i++) {
        list[*n] = plain[i];
        snprintf(list[*n].name, sizeof(list[*n].name), "%s%s",
                 is_text_name(plain[i].name) ? text_prefix : prefix,
                 plain[i].name);
        ++*n;
    }
}

/* Write the tensors and recognise the model in them. */
static expclip_status recognise(expclip__config *out, small_tensor *list,
                                size_t n, expclip_error *err)
{
    const char *path = scratch_path("m.safetensors");
    expclip__weights *ws = NULL;
    expclip_status status;

    assert_int_equal(small_write(path, list, n, "[2, 4]", NULL, 0, NULL), 0);
    assert_int_equal(expclip__weights_open(&ws, path, NULL), 0);
    status = expclip__config_read(out, ws, err);
    expclip__weights_free(ws);
    return status;
}

static void
test_names__a_prefix_is_what_stands_before_the_class_embedding(void **state)
{
    static const struct {
        const char *prefix, *text;
    } cases[] = {
        { "", "" },
        { "module.", "module." },
        { "state_dict.model.clip.", "state_dict.model.clip." },
        { "net.backbone.", "net.backbone.text." },
        { "image_encoder.", "text_encoder." },
    };
    static small_tensor list[80];

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        expclip__config c;
        size_t n = 0;

        add_model(list, &n, cases[i].prefix, cases[i].text);
        assert_int_equal(recognise(&c, list, n, NULL), 0);
        assert_string_equal(c.prefix, cases[i].prefix);
        assert_string_equal(c.text_prefix, cases[i].text);
        assert_int_equal(c.vision.layers, 2);
        assert_int_equal(c.text.layers, 1);
    }
}

static void test_names__of_two_models_the_main_one_is_meant(void **state)
{
    static const char *const main_ones[] = { "state_dict.", "model_state_dict.",
                                             "model." };
    static small_tensor list[160];

    (void)state;
    for (size_t i = 0; i < sizeof(main_ones) / sizeof(main_ones[0]); i++) {
        expclip__config c;
        size_t n = 0;

        add_model(list, &n, "model_ema.", "model_ema.");
        add_model(list, &n, main_ones[i], main_ones[i]);
        assert_int_equal(recognise(&c, list, n, NULL), 0);
        assert_string_equal(c.prefix, main_ones[i]);
    }
}

static void test_names__two_other_models_are_refused_by_name(void **state)
{
    static const char *const pairs[][2] = { { "student.", "teacher." },
                                            { "", "teacher." },
                                            { "model.a.", "model.b." } };
    static small_tensor list[160];

    (void)state;
    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
        expclip_error err;
        expclip__config c;
        char name[96];
        size_t n = 0;

        add_model(list, &n, pairs[i][0], pairs[i][0]);
        add_model(list, &n, pairs[i][1], pairs[i][1]);
        assert_int_equal(recognise(&c, list, n, &err),
                         EXPCLIP_ERROR_UNSUPPORTED);
        for (size_t k = 0; k < 2; k++) {
            snprintf(name, sizeof(name), "\"%svisual.class_embedding\"",
                     pairs[i][k]);
            assert_non_null(strstr(err.message, name));
        }
    }
}

static void test_names__a_word_is_whole_and_a_prefix_is_bounded(void **state)
{
    static small_tensor list[80];
    expclip_error err;
    expclip__config c;
    size_t n = 0;

    (void)state;
    add_model(list, &n, "x", "x"); /* "xvisual.class_embedding" */
    assert_int_equal(recognise(&c, list, n, &err), EXPCLIP_ERROR_UNSUPPORTED);
    assert_non_null(strstr(err.message, "not a CLIP"));
    n = 0;
    small_add(list, &n, "", 1, SMALL_WIDTH, 0);
    memset(list[0].name, 'a', sizeof(list[0].name));
    strcpy(list[0].name + 70, ".visual.class_embedding");
    assert_int_equal(recognise(&c, list, n, &err), EXPCLIP_ERROR_SHAPE);
}

/* Such a model's embeddings are other ones, whatever the rest says. */
static void test_names__a_tensor_that_is_not_used_is_refused(void **state)
{
    static const struct {
        const char *name;
        expclip_status status;
        const char *message;
    } cases[] = {
        { "visual.prompt_embeddings", EXPCLIP_ERROR_SHAPE, "not part" },
        { "visual.conv1.bias", EXPCLIP_ERROR_SHAPE, "not part" },
        { "visual.ln_mid.weight", EXPCLIP_ERROR_SHAPE, "not part" },
        { "transformer.ln.weight", EXPCLIP_ERROR_SHAPE, "not part" },
        { "transformer.resblocks.9.ln_1.bias", EXPCLIP_ERROR_SHAPE,
          "not part" },
        { "text_projection.bias", EXPCLIP_ERROR_SHAPE, "not part" },
        { "x.lora_A.weight", EXPCLIP_ERROR_UNSUPPORTED, "merge_and_unload" },
        { "x.qweight", EXPCLIP_ERROR_UNSUPPORTED, "quantised" },
        { "x.SCB", EXPCLIP_ERROR_UNSUPPORTED, "quantised" },
        { "transformer.attn_mask", 0, NULL },
        { "text_model.embeddings.position_ids", 0, NULL },
        { "classifier.weight", 0, NULL },
        { "optimizer.visual.conv1.bias", 0, NULL },
    };
    static small_tensor list[80];

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        expclip__config c;
        expclip_error err;
        size_t n = 0;

        add_model(list, &n, "", "");
        list[n] = list[0];
        snprintf(list[n].name, sizeof(list[n].name), "%s", cases[i].name);
        assert_int_equal(recognise(&c, list, n + 1, &err), cases[i].status);
        if (cases[i].message)
            assert_non_null(strstr(err.message, cases[i].message));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            test_names__a_prefix_is_what_stands_before_the_class_embedding),
        cmocka_unit_test(test_names__of_two_models_the_main_one_is_meant),
        cmocka_unit_test(test_names__two_other_models_are_refused_by_name),
        cmocka_unit_test(test_names__a_word_is_whole_and_a_prefix_is_bounded),
        cmocka_unit_test(test_names__a_tensor_that_is_not_used_is_refused),
    };

    return cmocka_run_group_tests(tests, scratch_begin, scratch_end);
}
