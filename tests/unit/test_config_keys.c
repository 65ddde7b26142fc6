/* SPDX-License-Identifier: MIT */
/*
 * test_config_keys.c - every key of the tables of configurations, and models
 * beside which a configuration lies.
 */
#include "unit/scratch.h"

#include "encoders/config_read.h"
#include "encoders/config_keys.h"
#include "encoders/families.h"
#include "unit/small_model.h"

/* Room for any struct that a table's places mean. */
typedef union any_keys {
    expclip__model_keys model;
    expclip__pixel_keys pixels;
} any_keys;

/* Read {"name": value} by a table; the value is JSON. */
static expclip_status read_one(const expclip__key_section *section,
                               const char *name, const char *value,
                               expclip_error *err)
{
    any_keys out = { 0 };
    json_t *object = json_object();
    json_t *v = json_loads(value, JSON_DECODE_ANY, NULL);
    expclip_status status;

    assert_non_null(v);
    json_object_set_new(object, name, v);
    memset(err, 0, sizeof(*err));
    status = expclip__keys_read(&out, object, section, "f: ", err);
    assert_int_equal(err->code, status);
    json_decref(object);
    return status;
}

static void expect(const expclip__key_section *section, const char *name,
                   const char *value, expclip_status expected)
{
    expclip_error err;
    const expclip_status status = read_one(section, name, value, &err);

    if (status != expected)
        print_error("%s = %s: %s\n", name, value, err.message);
    assert_int_equal(status, expected);
    if (status)
        assert_non_null(strstr(err.message, name));
}

static const char *const wrong_types[] = { "\"3\"", "{\"a\":1}", "true",
                                           "[1,2,3,4]" };

static void check_choices(const expclip__key_section *section,
                          const expclip__key *key)
{
    char copy[256];

    snprintf(copy, sizeof(copy), "%s", key->values);
    for (char *one = strtok(copy, "|"); one; one = strtok(NULL, "|"))
        expect(section, key->name, one, EXPCLIP_OK);
    expect(section, key->name, "\"no such\"", EXPCLIP_ERROR_UNSUPPORTED);
    expect(section, key->name, "{\"a\":1}", EXPCLIP_ERROR_UNSUPPORTED);
    expect(section, key->name, "-7", EXPCLIP_ERROR_UNSUPPORTED);
}

static void check_section(const expclip__key_section *section);

static void check_key(const expclip__key_section *section,
                      const expclip__key *key)
{
    const int family = key->values != NULL;

    switch (key->kind) {
    case EXPCLIP__KEY_HARMLESS:
        for (size_t i = 0; i < 4; i++)
            expect(section, key->name, wrong_types[i], EXPCLIP_OK);
        break;
    case EXPCLIP__KEY_ONLY:
        expect(section, key->name, "null", EXPCLIP_OK);
        check_choices(section, key);
        break;
    case EXPCLIP__KEY_CHOICE:
        check_choices(section, key);
        break;
    case EXPCLIP__KEY_FAMILY:
        expect(section, key->name, "null", EXPCLIP_OK);
        for (size_t i = 0; i < 4; i++)
            expect(section, key->name, wrong_types[i],
                   EXPCLIP_ERROR_UNSUPPORTED);
        break;
    case EXPCLIP__KEY_NUMBER:
        expect(section, key->name, "0.5", EXPCLIP_OK);
        expect(section, key->name, "0", EXPCLIP_ERROR_FORMAT);
        for (size_t i = 0; i < 4; i++)
            expect(section, key->name, wrong_types[i], EXPCLIP_ERROR_FORMAT);
        break;
    case EXPCLIP__KEY_INTEGER:
        expect(section, key->name, "3", EXPCLIP_OK);
        expect(section, key->name, "-1", EXPCLIP_ERROR_FORMAT);
        expect(section, key->name, "1.5", EXPCLIP_ERROR_FORMAT);
        expect(section, key->name, "9223372036854775807", EXPCLIP_ERROR_FORMAT);
        for (size_t i = 0; i < 3; i++)
            expect(section, key->name, wrong_types[i], EXPCLIP_ERROR_FORMAT);
        expect(section, key->name, "[1,2]",
               family ? EXPCLIP_ERROR_UNSUPPORTED : EXPCLIP_ERROR_FORMAT);
        break;
    case EXPCLIP__KEY_FLAG:
        expect(section, key->name, "false", EXPCLIP_OK);
        expect(section, key->name, "1", EXPCLIP_ERROR_FORMAT);
        expect(section, key->name, "\"true\"", EXPCLIP_ERROR_FORMAT);
        break;
    case EXPCLIP__KEY_THREE:
        expect(section, key->name, "[0.1, 1, 2]", EXPCLIP_OK);
        expect(section, key->name, "0.4", EXPCLIP_OK);
        expect(section, key->name, "[0.1, 1, \"2\"]", EXPCLIP_ERROR_FORMAT);
        for (size_t i = 0; i < 4; i++)
            expect(section, key->name, wrong_types[i], EXPCLIP_ERROR_FORMAT);
        break;
    case EXPCLIP__KEY_SIZE:
        expect(section, key->name, "224", EXPCLIP_OK);
        expect(section, key->name, "[224, 225]", EXPCLIP_OK);
        expect(section, key->name, "{\"height\": 2, \"width\": 2}", EXPCLIP_OK);
        expect(section, key->name, "{\"longest_edge\": 2}",
               EXPCLIP_ERROR_UNSUPPORTED);
        expect(section, key->name, "{\"shortest_edge\": \"2\"}",
               EXPCLIP_ERROR_FORMAT);
        expect(section, key->name, "[]", EXPCLIP_ERROR_FORMAT);
        expect(section, key->name, "[2, -2]", EXPCLIP_ERROR_FORMAT);
        expect(section, key->name, "\"224\"", EXPCLIP_ERROR_FORMAT);
        break;
    case EXPCLIP__KEY_SECTION:
        expect(section, key->name, "null", EXPCLIP_OK);
        expect(section, key->name, "{}", EXPCLIP_OK);
        expect(section, key->name, "3", EXPCLIP_ERROR_FORMAT);
        check_section(key->section);
        break;
    }
}

static void check_section(const expclip__key_section *section)
{
    for (size_t i = 0; i < section->n_keys; i++) {
        check_key(section, &section->keys[i]);
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(section->keys[i].name,
                                    section->keys[j].name);
        if (section->nulls)
            expect(section, section->keys[i].name, "null", EXPCLIP_OK);
    }
    expect(section, "unknown", "3",
           section->closed ? EXPCLIP_ERROR_UNSUPPORTED : EXPCLIP_OK);
    expect(section, "unknown", "false", EXPCLIP_OK);
    expect(section, "unknown", "null", EXPCLIP_OK);
}

static void every_key_takes_its_values_and_refuses_others(void **state)
{
    (void)state;
    check_section(&expclip__keys_open_clip);
    check_section(&expclip__keys_open_clip_pixels);
    check_section(&expclip__keys_hugging_face);
    check_section(&expclip__keys_hugging_face_pixels);
}

static void a_refusal_names_key_value_and_expectation(void **state)
{
    expclip_error err;

    (void)state;
    assert_int_equal(read_one(&expclip__keys_open_clip, "vision_cfg",
                              "{\"pool_type\": \"avg\"}", &err),
                     EXPCLIP_ERROR_UNSUPPORTED);
    assert_string_equal(err.message,
                        "f: vision_cfg.pool_type is \"avg\", expected \"tok\", "
                        "the only kind of model that this library computes; "
                        "use another model");
    read_one(&expclip__keys_open_clip, "vision_cfg",
             "{\"timm_model_name\": \"vit_base_patch16_siglip_224\"}", &err);
    assert_non_null(strstr(err.message, "a SigLIP"));
}

/* ---- beside a model ---- */

/* The small model in `naming` of open_clip with a configuration, or none. */
static expclip_status config_of(const char *open_clip, expclip__config *c,
                                expclip_error *err)
{
    static small_tensor list[80];
    const size_t n = small_model_tensors(list);
    char path[512];
    expclip__weights *ws = NULL;
    expclip_status status;

    snprintf(path, sizeof(path), "%s", scratch_path("m.safetensors"));
    assert_int_equal(small_write(path, list, n, NULL, NULL, 0, NULL), 0);
    if (open_clip)
        scratch_write("open_clip_config.json", open_clip, strlen(open_clip));
    assert_int_equal(expclip__weights_open(&ws, path, NULL), 0);
    memset(err, 0, sizeof(*err));
    status = expclip__config_read(c, ws, err);
    expclip__weights_free(ws);
    return status;
}

#define WITH(vision, text)                                                     \
    "{\"model_cfg\": {\"vision_cfg\": {\"head_width\": 8" vision "}, "         \
    "\"text_cfg\": {\"heads\": 4" text "}}, \"preprocess_cfg\": {}}"

static void a_configuration_beside_the_weights_is_used(void **state)
{
    static const char *const wrong[][2] = {
        { WITH(", \"width\": 32", ""), "width is 32, expected 16" },
        { WITH(", \"image_size\": 16", ""), "side of an image is 16" },
        { WITH(", \"image_size\": [8, 16]", ""), "side of an image" },
        { WITH(", \"head_width\": 3", ""), "twice" },
        { WITH("", ", \"norm_kwargs\": {\"eps\": 0.1}"), "for images and" },
        { WITH("", ", \"pool_type\": \"eos\", \"eos_id\": 2"), "eos" },
        { "{}", "model_cfg" },
        { "[]", "expected a JSON object" },
        { "{\"model_cfg\": 3}", "model_cfg" },
        { "{", "open_clip_config.json" },
    };
    expclip__config c;
    expclip_error err;

    (void)state;
    assert_int_equal(config_of(WITH("", ""), &c, &err), EXPCLIP_OK);
    assert_int_equal(c.vision.heads, 2);
    assert_int_equal(c.text.heads, 4);
    assert_int_equal(c.quick_gelu, 0);
    assert_string_equal(c.source, "open_clip_config.json");
    assert_int_equal(config_of("\xEF\xBB\xBF" WITH("", ""), &c, &err), 0);
    assert_int_equal(c.vision.heads, 2);
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        const expclip_status status = config_of(wrong[i][0], &c, &err);

        assert_true(status == EXPCLIP_ERROR_UNSUPPORTED ||
                    status == EXPCLIP_ERROR_FORMAT);
        if (strcmp(wrong[i][1], "twice") != 0)
            assert_non_null(strstr(err.message, wrong[i][1]));
    }
}

static void heads_that_nothing_says_are_refused(void **state)
{
    expclip__config c = { .vision = { .width = 1280 },
                          .text = { .width = 1024 } };
    expclip_error err;

    (void)state;
    assert_int_equal(expclip__families_heads(&c, &err), EXPCLIP_OK);
    assert_int_equal(c.vision.heads, 16);
    assert_int_equal(c.text.heads, 16);
    c.vision = (expclip__tower_config){ .width = 1152 };
    assert_int_equal(expclip__families_heads(&c, &err),
                     EXPCLIP_ERROR_UNSUPPORTED);
    assert_non_null(strstr(err.message, "width 1152"));
    assert_int_equal(config_of(NULL, &c, &err), EXPCLIP_ERROR_UNSUPPORTED);
    assert_non_null(strstr(err.message, "config.json beside the weights"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_key_takes_its_values_and_refuses_others),
        cmocka_unit_test(a_refusal_names_key_value_and_expectation),
        SCRATCH_TEST(a_configuration_beside_the_weights_is_used),
        SCRATCH_TEST(heads_that_nothing_says_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
