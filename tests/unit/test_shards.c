/* SPDX-License-Identifier: MIT */
/*
 * test_shards.c - indexes: only files of their own folder, and all agree.
 */
#define _GNU_SOURCE
#include "unit/scratch.h"

#include "base/text.h"
#include "weights/weights.h"
#include "weights/writer.h"

/* A shard with scalars of these names, one letter each. */
static void write_shard(const char *path, const char *names)
{
    const float value = 1;
    expclip__tensors_writer *w = NULL;

    assert_int_equal(expclip__tensors_create(&w, path, NULL), 0);
    for (const char *p = names; *p; p++)
        assert_int_equal(expclip__tensors_describe(w, (const char[]){ *p, 0 },
                                                   EXPCLIP__F32, 0, NULL, NULL),
                         0);
    for (const char *p = names; *p; p++)
        assert_int_equal(expclip__tensors_write_f32(w, &value, 1, NULL), 0);
    assert_int_equal(expclip__tensors_commit(w, NULL), 0);
    expclip__tensors_free(w);
}

static expclip_status open_index(expclip__weights **out, const char *text,
                                 expclip_error *err)
{
    expclip__weights *ws = NULL;
    expclip_status status = expclip__weights_open(
        &ws, scratch_write("i.json", text, strlen(text)), err);

    assert_int_equal(status == 0, ws != NULL);
    if (out)
        *out = ws;
    else
        expclip__weights_free(ws);
    return status;
}

#define MAP(lines)                                                             \
    "{\"metadata\":{\"x\":[1.5,null]},\"weight_map\":{" lines "}}"

static void test_shards__joins_the_files(void **state)
{
    expclip__weights *ws;
    float value = 0;

    (void)state;
    write_shard(scratch_path("1"), "ac");
    write_shard(scratch_path("2"), "b");
    assert_int_equal(
        open_index(&ws, MAP("\"a\":\"1\",\"b\":\"2\",\"c\":\"1\""), NULL), 0);
    assert_string_equal(expclip__weights_format(ws), "safetensors index");
    assert_int_equal(expclip__weights_count(ws), 3);
    assert_int_equal(expclip__weights_read_f32(ws,
                                               expclip__weights_find(ws, "b"),
                                               &value, 1, 1, NULL),
                     0);
    assert_true(value == 1);
    expclip__weights_free(ws);
}

static void test_shards__refuses_each_defect(void **state)
{
    static const struct {
        const char *text;
        expclip_status status;
        const char *message;
    } cases[] = {
        { MAP("\"a\":\"../1\""), EXPCLIP_ERROR_UNSAFE, "\"../1\"" },
        { MAP("\"a\":\"/etc/passwd\""), EXPCLIP_ERROR_UNSAFE, "plain file" },
        { MAP("\"a\":\"x/1\""), EXPCLIP_ERROR_UNSAFE, "plain file" },
        { MAP("\"a\":\"\""), EXPCLIP_ERROR_UNSAFE, "plain file" },
        { MAP("\"a\":\".\""), EXPCLIP_ERROR_UNSAFE, "plain file" },
        { MAP("\"a\":\"..\""), EXPCLIP_ERROR_UNSAFE, "plain file" },
        { MAP("\"a\":\"1\\u0000\""), EXPCLIP_ERROR_FORMAT, "NUL" },
        { MAP("\"a\":\"none\""), EXPCLIP_ERROR_NOT_FOUND, "none" },
        { MAP("\"a\":1"), EXPCLIP_ERROR_FORMAT, "expected a text" },
        { MAP(""), EXPCLIP_ERROR_FORMAT, "an empty one" },
        { "{}", EXPCLIP_ERROR_FORMAT, "no weight_map" },
        { "{\"weight_map\":[]}", EXPCLIP_ERROR_FORMAT, "expected {" },
        { "{\"weight_map\":{},\"weight_map\":{}}", EXPCLIP_ERROR_FORMAT,
          "there twice" },
        { MAP("\"a\":\"1\",\"b\":\"1\"") "x", EXPCLIP_ERROR_FORMAT,
          "nothing more" },
        { MAP("\"a\":\"1\",\"a\":\"1\",\"b\":\"1\""), EXPCLIP_ERROR_FORMAT,
          "\"a\": there twice" },
        { MAP("\"a\":\"1\",\"b\":\"1\",\"c\":\"1\",\"d\":\"1\""),
          EXPCLIP_ERROR_SHAPE,
          "2 tensors are not in the file that the index "
          "says: \"c\", \"d\"" },
        { MAP("\"a\":\"1\""), EXPCLIP_ERROR_SHAPE,
          "1 tensors are in a file but not in the index: \"b\"" },
        { MAP("\"a\":\"1\",\"b\":\"2\""), EXPCLIP_ERROR_FORMAT,
          "\"b\": there twice" }, /* both files have one */
        { MAP("\"a\":\"1\",\"b\":\"fifo\""), EXPCLIP_ERROR_UNSUPPORTED,
          "a pipe" },
        { MAP("\"a\":\"1\",\"b\":\"i.json\""), EXPCLIP_ERROR_UNSUPPORTED,
          "neither" }, /* an index in an index */
    };

    (void)state;
    write_shard(scratch_path("1"), "ab");
    write_shard(scratch_path("2"), "b");
    assert_int_equal(mkfifo(scratch_path("fifo"), 0600), 0);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        expclip_error err = { 0 };
        const expclip_status status = open_index(NULL, cases[i].text, &err);

        if (status != cases[i].status || !strstr(err.message, cases[i].message))
            print_error("case %zu: %s\n", i, err.message);
        assert_int_equal(status, cases[i].status);
        assert_non_null(strstr(err.message, cases[i].message));
    }
}

static void test_shards__links_stay_in_the_folder(void **state)
{
    char outside[] = "/tmp/expclip_outside_XXXXXX";
    const int fd = mkstemp(outside);

    (void)state;
    assert_true(fd >= 0);
    close(fd);
    write_shard(outside, "a");
    write_shard(scratch_path("real"), "a");
    assert_int_equal(symlink("real", scratch_path("inside")), 0);
    assert_int_equal(symlink(outside, scratch_path("out")), 0);
    assert_int_equal(symlink("loop", scratch_path("loop")), 0);
    assert_int_equal(open_index(NULL, MAP("\"a\":\"inside\""), NULL), 0);
    assert_int_equal(open_index(NULL, MAP("\"a\":\"out\""), NULL),
                     EXPCLIP_ERROR_UNSAFE);
    assert_int_equal(open_index(NULL, MAP("\"a\":\"loop\""), NULL),
                     EXPCLIP_ERROR_IO);
    unlink(outside);
}

/* Hugging Face's cache: snapshots/x/name -> ../../blobs/hash. */
static void test_shards__links_to_blobs_are_followed(void **state)
{
    char root[] = "/tmp/expclip_hub_XXXXXX", path[100], command[100];
    static const char map[] = MAP("\"a\":\"s\"");
    expclip__weights *ws = NULL;
    FILE *f;

    (void)state;
    assert_non_null(mkdtemp(root));
    snprintf(path, sizeof(path), "%s/blobs", root);
    assert_int_equal(mkdir(path, 0700), 0);
    snprintf(path, sizeof(path), "%s/snapshots", root);
    assert_int_equal(mkdir(path, 0700), 0);
    snprintf(path, sizeof(path), "%s/snapshots/x", root);
    assert_int_equal(mkdir(path, 0700), 0);
    snprintf(path, sizeof(path), "%s/blobs/h", root);
    write_shard(path, "a");
    snprintf(path, sizeof(path), "%s/snapshots/x/s", root);
    assert_int_equal(symlink("../../blobs/h", path), 0);
    snprintf(path, sizeof(path), "%s/snapshots/x/i", root);
    f = fopen(path, "wb");
    assert_non_null(f);
    fputs(map, f);
    fclose(f);
    assert_int_equal(expclip__weights_open(&ws, path, NULL), 0);
    expclip__weights_free(ws);
    snprintf(command, sizeof(command), "rm -r %s", root);
    assert_int_equal(system(command), 0);
}

static void test_shards__opens_at_most_512_files(void **state)
{
    expclip__buffer b = { 0 };
    expclip_error err;

    (void)state;
    expclip__buffer_add_string(&b, "{\"weight_map\":{");
    for (int i = 0; i < 10000; i++)
        expclip__buffer_add_format(&b, "%s\"%d\":\"s%d\"", i ? "," : "", i, i);
    expclip__buffer_add_string(&b, "}}");
    assert_int_equal(open_index(NULL, b.data, &err), EXPCLIP_ERROR_LIMIT);
    assert_non_null(strstr(err.message, "more than 512 files"));
    expclip__buffer_free(&b);
}

static int32_t open_and_free(void *data)
{
    expclip__weights *ws = NULL;
    expclip_status status = expclip__weights_open(&ws, data, NULL);

    expclip__weights_free(ws);
    return status;
}

static void test_shards__survives_every_failing_allocation(void **state)
{
    char folder[] = EXPCLIP_TEST_DATA "/weights/sharded";

    (void)state;
    sweep_allocations(open_and_free, folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCRATCH_TEST(test_shards__joins_the_files),
        SCRATCH_TEST(test_shards__refuses_each_defect),
        SCRATCH_TEST(test_shards__links_stay_in_the_folder),
        SCRATCH_TEST(test_shards__links_to_blobs_are_followed),
        SCRATCH_TEST(test_shards__opens_at_most_512_files),
        SCRATCH_TEST(test_shards__survives_every_failing_allocation),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
