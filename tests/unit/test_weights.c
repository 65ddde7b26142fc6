/* SPDX-License-Identifier: MIT */
/*
 * test_weights.c - what kind of file is it, and which one of a folder?
 */
#include "unit/scratch.h"

#include "weights/weights.h"

#define WEIGHTS EXPCLIP_TEST_DATA "/weights/"

static expclip_status open_path(const char *path, expclip_error *err)
{
    expclip__weights *ws = NULL;
    const expclip_status status = expclip__weights_open(&ws, path, err);

    assert_int_equal(status == 0, ws != NULL);
    expclip__weights_free(ws);
    return status;
}

/* Copy a test file to another name in the scratch folder. */
static void copy(const char *from, const char *name)
{
    size_t size;
    uint8_t *bytes = scratch_read(from, &size);

    scratch_write(name, bytes, size);
    free(bytes);
}

static void test_weights__content_decides_not_the_name(void **state)
{
    expclip__weights *ws = NULL;

    (void)state;
    copy(WEIGHTS "state_dict.pt", "x.safetensors");
    assert_int_equal(
        expclip__weights_open(&ws, scratch_path("x.safetensors"), NULL), 0);
    assert_string_equal(expclip__weights_format(ws), "torch archive");
    expclip__weights_free(ws);
    copy(WEIGHTS "model.safetensors", "x.pt");
    assert_int_equal(expclip__weights_open(&ws, scratch_path("x.pt"), NULL), 0);
    assert_string_equal(expclip__weights_format(ws), "safetensors");
    expclip__weights_free(ws);
}

static void test_weights__tells_what_it_cannot_read(void **state)
{
    static const struct {
        const char *text;
        size_t size;
        expclip_status status;
    } cases[] = {
        { "", 0, EXPCLIP_ERROR_TRUNCATED },
        { "PK", 2, EXPCLIP_ERROR_TRUNCATED },
        { "PK\3\4", 4, EXPCLIP_ERROR_TRUNCATED },
        { "\0\0\0\0\0\0\0\0", 8, EXPCLIP_ERROR_TRUNCATED },
        { "\x80\x02\x8a\nl\xfc\x9c"
          "F\xf9 j\xa8P\x19.",
          15, EXPCLIP_ERROR_TRUNCATED }, /* torch before 1.6 */
        { "hello, this is text", 19, EXPCLIP_ERROR_UNSUPPORTED },
        { "{\"weight_map\":", 14, EXPCLIP_ERROR_FORMAT },
        { " \n{}", 4, EXPCLIP_ERROR_FORMAT },
        { "{}", 2, EXPCLIP_ERROR_FORMAT },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_int_equal(
            open_path(scratch_write("f", cases[i].text, cases[i].size), NULL),
            cases[i].status);
}

static void test_weights__a_folder_of_another_kind_is_named(void **state)
{
    static const struct {
        const char *file, *message;
    } cases[] = {
        { "none", "name the file" },
        { "config.json", "without weights" },
        { "tf_model.h5", "TensorFlow" },
        { "adapter_config.json", "merge_and_unload" },
    };
    expclip_error err;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        scratch_write(cases[i].file, "x", 1);
        assert_int_equal(open_path(scratch_folder, &err),
                         EXPCLIP_ERROR_NOT_FOUND);
        assert_non_null(strstr(err.message, cases[i].message));
    }
    assert_int_equal(symlink("nowhere", scratch_path("model.safetensors")), 0);
    assert_int_equal(open_path(scratch_folder, &err), EXPCLIP_ERROR_NOT_FOUND);
    assert_non_null(strstr(err.message, "model.safetensors: cannot open"));
}

static void test_weights__a_configuration_of_another_kind_is_named(void **state)
{
    static const char text[] = "version https://git-lfs.github.com/spec/v1\n";
    expclip__weights *ws = NULL;
    expclip_error err;
    char *found = NULL;
    size_t size = 0;

    (void)state;
    copy(WEIGHTS "model.safetensors", "m");
    scratch_write("config.json", text, sizeof(text) - 1);
    assert_int_equal(expclip__weights_open(&ws, scratch_path("m"), NULL), 0);
    assert_int_equal(
        expclip__weights_read_beside(&found, &size, ws, "config.json", &err),
        EXPCLIP_ERROR_FORMAT);
    assert_null(found);
    assert_non_null(strstr(err.message, "git lfs pull"));
    expclip__weights_free(ws);
}

/* The length of a header may look like the brace of an index. */
static void test_weights__a_header_of_123_bytes_is_no_index(void **state)
{
    static const char json[] = "{\"a\":{\"dtype\":\"F32\",\"shape\":[0],"
                               "\"data_offsets\":[0,0]}}";
    char file[8 + 123];

    (void)state;
    memset(file, ' ', sizeof(file));
    memcpy(file, "{\0\0\0\0\0\0\0", 8);
    memcpy(file + 8, json, sizeof(json) - 1);
    assert_int_equal(open_path(scratch_write("f", file, sizeof(file)), NULL),
                     0);
}

static void test_weights__finds_the_file_of_a_folder(void **state)
{
    expclip__weights *ws = NULL;
    expclip_error err;

    (void)state;
    assert_int_equal(open_path(scratch_folder, &err), EXPCLIP_ERROR_NOT_FOUND);
    assert_non_null(strstr(err.message, "model.safetensors"));
    copy(WEIGHTS "state_dict.pt", "pytorch_model.bin");
    assert_int_equal(open_path(scratch_folder, NULL), 0);
    copy(WEIGHTS "model.safetensors", "model.safetensors");
    assert_int_equal(expclip__weights_open(&ws, scratch_folder, NULL), 0);
    assert_string_equal(expclip__weights_format(ws), "safetensors");
    expclip__weights_free(ws);
    assert_int_equal(open_path(scratch_path("none"), NULL),
                     EXPCLIP_ERROR_NOT_FOUND);
    assert_int_equal(open_path("/dev/zero", NULL), EXPCLIP_ERROR_UNSUPPORTED);
}

static void test_weights__reads_settings_beside(void **state)
{
    expclip__weights *ws = NULL;
    char *text = NULL;
    size_t size = 0;

    (void)state;
    copy(WEIGHTS "model.safetensors", "m");
    scratch_write("config.json", "{}", 2);
    assert_int_equal(expclip__weights_open(&ws, scratch_path("m"), NULL), 0);
    assert_int_equal(
        expclip__weights_read_beside(&text, &size, ws, "config.json", NULL), 0);
    assert_int_equal(size, 2);
    assert_string_equal(text, "{}");
    expclip__free(text);
    assert_int_equal(
        expclip__weights_read_beside(&text, &size, ws, "none.json", NULL), 0);
    assert_null(text);
    assert_int_equal(
        expclip__weights_read_beside(&text, &size, ws, "../config.json", NULL),
        EXPCLIP_ERROR_UNSAFE);
    expclip__weights_free(ws);
}

static void test_weights__reads_bytes_in_memory(void **state)
{
    expclip__weights *ws = NULL;
    size_t size, text_size;
    uint8_t *bytes = scratch_read(WEIGHTS "model.safetensors", &size);
    char *text;
    float scale;

    (void)state;
    assert_int_equal(
        expclip__weights_open_bytes(&ws, bytes, size, "demo", NULL), 0);
    assert_int_equal(
        expclip__weights_read_f32(ws, expclip__weights_find(ws, "logit_scale"),
                                  &scale, 1, 1, NULL),
        0);
    assert_true(scale == 2.5f);
    assert_int_equal(expclip__weights_read_beside(&text, &text_size, ws,
                                                  "config.json", NULL),
                     0);
    assert_null(text); /* bytes lie beside nothing */
    expclip__weights_free(ws);
    expclip__weights_free(NULL);
    free(bytes);
}

static int32_t open_folder(void *data)
{
    return open_path(data, NULL);
}

static void test_weights__survives_every_failing_allocation(void **state)
{
    (void)state;
    copy(WEIGHTS "model.safetensors", "open_clip_model.safetensors");
    sweep_allocations(open_folder, scratch_folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCRATCH_TEST(test_weights__content_decides_not_the_name),
        SCRATCH_TEST(test_weights__tells_what_it_cannot_read),
        SCRATCH_TEST(test_weights__a_header_of_123_bytes_is_no_index),
        SCRATCH_TEST(test_weights__finds_the_file_of_a_folder),
        SCRATCH_TEST(test_weights__a_folder_of_another_kind_is_named),
        SCRATCH_TEST(test_weights__a_configuration_of_another_kind_is_named),
        SCRATCH_TEST(test_weights__reads_settings_beside),
        SCRATCH_TEST(test_weights__reads_bytes_in_memory),
        SCRATCH_TEST(test_weights__survives_every_failing_allocation),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
