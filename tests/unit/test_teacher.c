/* SPDX-License-Identifier: MIT */
/*
 * test_teacher.c - loading a teacher: which kind it is, and what is refused.
 * tests/reference compares what it says with transformers.
 */
#include "unit/small_teacher.h"

static const teacher_kind kinds[] = { SMALL_BLIP2, SMALL_T5, SMALL_BERT };
enum { N_KINDS = 3 };

static expclip_status try_load(expclip_error *err)
{
    expclip_teacher_options o = EXPCLIP_TEACHER_OPTIONS_INIT;
    expclip_teacher *t = NULL;
    expclip_status status;

    o.threads = 1;
    status = expclip_teacher_create(&t, scratch_folder, &o, err);
    assert_true(status ? t == NULL : t != NULL);
    expclip_teacher_free(t);
    return status;
}

static void expect_refused(expclip_status status, const char *message)
{
    expclip_error err = { 0 };

    assert_int_equal(try_load(&err), status);
    if (!strstr(err.message, message))
        fail_msg("\"%s\", expected \"%s\"", err.message, message);
}

static void test_teacher__its_weights_tell_what_it_is(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_KINDS; i++) {
        expclip_teacher *t;

        teacher_write(kinds[i]);
        t = teacher_load(NULL);
        assert_int_equal(expclip_teacher_dim(t), TEACHER_DIM);
        assert_string_equal(expclip_teacher_reads(t),
                            kinds[i] == SMALL_BLIP2 ? "images" : "texts");
        assert_int_equal(strlen(expclip_teacher_fingerprint(t)), 16);
        assert_int_equal(expclip_teacher_token_count(t) > 0,
                         kinds[i] == SMALL_BLIP2);
        expclip_teacher_free(t);
    }
}

static void test_teacher__the_end_is_a_token_of_the_instruction(void **state)
{
    expclip_teacher_options o = EXPCLIP_TEACHER_OPTIONS_INIT;
    expclip_teacher *t;

    (void)state;
    teacher_write(SMALL_BLIP2);
    o.instruction = "ab c";
    t = teacher_load(&o); /* _ a b _ c </s> */
    assert_int_equal(expclip_teacher_token_count(t), 6);
    expclip_teacher_free(t);
}

/* Rows of tables: their number is what the file says. */
static int is_table(const char *name)
{
    return strstr(name, "shared.weight") || strstr(name, "attention_bias") ||
           strstr(name, "word_embeddings") ||
           strstr(name, "position_embeddings.");
}

/* Without it the file is of another kind. */
static int tells_the_kind(const char *name, teacher_kind kind)
{
    return strcmp(name, "query_tokens") == 0 ||
           strstr(name, "attention_bias") ||
           strcmp(name, "embeddings.word_embeddings.weight") == 0 ||
           (kind == SMALL_T5 &&
            strcmp(name, "encoder.block.0.layer.0.SelfAttention.q.weight") ==
                0);
}

static expclip_status expected_of(const char *name, teacher_kind kind,
                                  char change)
{
    if (change == 'n')
        return EXPCLIP_ERROR_NONFINITE;
    if (change == 's' && is_table(name))
        return EXPCLIP_OK;
    if (change == 'm' && tells_the_kind(name, kind))
        return EXPCLIP_ERROR_UNSUPPORTED;
    return EXPCLIP_ERROR_SHAPE;
}

static void
test_teacher__every_missing_or_misshaped_tensor_is_found(void **state)
{
    static small_tensor list[128];

    (void)state;
    for (size_t k = 0; k < N_KINDS; k++) {
        const size_t n = teacher_tensors(list, kinds[k]);

        for (size_t i = 0; i < n; i++)
            for (const char *change = "msn"; *change; change++) {
                expclip_error err = { 0 };
                expclip_status status,
                    expected = expected_of(list[i].name, kinds[k], *change);

                teacher_write_broken(kinds[k], list[i].name, *change);
                status = try_load(&err);
                if (status != expected)
                    fail_msg("%s, '%c': %d %s", list[i].name, *change, status,
                             err.message);
                if (status && !strstr(err.message, "tensor") &&
                    status != EXPCLIP_ERROR_UNSUPPORTED &&
                    !strstr(err.message, "width"))
                    fail_msg("%s: %s", list[i].name, err.message);
            }
    }
}

static void test_teacher__a_change_is_another_fingerprint(void **state)
{
    const expclip_teacher_options plain = EXPCLIP_TEACHER_OPTIONS_INIT;
    expclip_teacher_options changed[5];
    char first[17];
    expclip_teacher *t;

    (void)state;
    teacher_write(SMALL_BLIP2);
    t = teacher_load(&plain);
    strcpy(first, expclip_teacher_fingerprint(t));
    expclip_teacher_free(t);
    for (size_t i = 0; i < 5; i++)
        changed[i] = plain;
    changed[1].instruction = "say what you see";
    changed[2].activation = "gelu_new";
    changed[3].preprocess = "clip-squash";
    changed[4].dtype = "bf16";
    for (size_t i = 0; i < 5; i++) {
        t = teacher_load(&changed[i]);
        assert_int_equal(strcmp(first, expclip_teacher_fingerprint(t)) != 0,
                         i > 0);
        expclip_teacher_free(t);
    }
}

static void test_teacher__what_is_none_is_refused(void **state)
{
    expclip_error err = { 0 };

    (void)state;
    assert_int_equal(try_load(&err), EXPCLIP_ERROR_NOT_FOUND);
    assert_int_equal(
        small_model_write(scratch_path("model.safetensors"), NULL, 0, NULL), 0);
    expect_refused(EXPCLIP_ERROR_UNSUPPORTED,
                   "no teacher, expected the weights of a BLIP-2");
    teacher_write_broken(
        SMALL_BLIP2,
        "language_model.encoder.block.0.layer.0.SelfAttention.relative_"
        "attention_bias.weight",
        'm');
    expect_refused(EXPCLIP_ERROR_UNSUPPORTED, "not a T5");
    teacher_write(SMALL_BERT);
    teacher_write_text("config.json", "{\"num_attention_heads\": 2,"
                                      " \"hidden_act\": \"relu\"}");
    expect_refused(EXPCLIP_ERROR_UNSUPPORTED,
                   "hidden_act is \"relu\", expected \"gelu\"");
}

static void test_teacher__a_bad_config_is_refused(void **state)
{
    (void)state;
    teacher_write(SMALL_BERT);
    teacher_write_text("config.json", "{");
    expect_refused(EXPCLIP_ERROR_FORMAT, "config.json");
    teacher_write_text("config.json", "{\"num_attention_heads\": 5}");
    expect_refused(EXPCLIP_ERROR_SHAPE, "width 12, expected a multiple of its "
                                        "5 heads");
    teacher_write_text("config.json", "{\"num_attention_heads\": 2,"
                                      " \"num_hidden_layers\": 3}");
    expect_refused(EXPCLIP_ERROR_SHAPE, "2 layers, expected 3");
    /* Buckets of far positions would lie before the table. */
    teacher_write(SMALL_T5);
    teacher_write_text("config.json",
                       "{\"relative_attention_max_distance\": 1}");
    expect_refused(EXPCLIP_ERROR_SHAPE, "up to a distance of 1");
}

static void test_teacher__a_bad_tokenizer_is_refused(void **state)
{
    (void)state;
    teacher_write(SMALL_T5);
    unlink(scratch_path("spiece.model"));
    expect_refused(EXPCLIP_ERROR_NOT_FOUND, "spiece.model");
    teacher_write_text("spiece.model", "no such thing");
    expect_refused(EXPCLIP_ERROR_FORMAT, "spiece.model");
    teacher_write(SMALL_BERT);
    unlink(scratch_path("vocab.txt"));
    expect_refused(EXPCLIP_ERROR_NOT_FOUND, "vocab.txt");
    teacher_write_text("vocab.txt", "a\nb\n");
    expect_refused(EXPCLIP_ERROR_FORMAT, "vocab.txt");
}

static void test_teacher__an_instruction_has_a_longest_length(void **state)
{
    char letters[509] = ""; /* and a word's beginning and the end; 3 queries */
    expclip_teacher_options o = EXPCLIP_TEACHER_OPTIONS_INIT;
    expclip_teacher *t = NULL;
    expclip_error err = { 0 };

    (void)state;
    memset(letters, 'a', 507);
    teacher_write(SMALL_BLIP2);
    o.instruction = letters;
    t = teacher_load(&o);
    assert_int_equal(expclip_teacher_token_count(t), 509);
    expclip_teacher_free(t);
    letters[507] = 'a';
    assert_int_equal(expclip_teacher_create(&t, scratch_folder, &o, &err),
                     EXPCLIP_ERROR_LIMIT);
    assert_non_null(
        strstr(err.message, "instruction: 510 tokens, expected at most 509"));
}

static void test_teacher__wrong_options_are_refused(void **state)
{
    expclip_teacher_options wrong[7];
    expclip_error err = { 0 };
    expclip_teacher *t = NULL;

    (void)state;
    teacher_write(SMALL_BLIP2);
    for (size_t i = 0; i < 7; i++)
        wrong[i] = (expclip_teacher_options)EXPCLIP_TEACHER_OPTIONS_INIT;
    wrong[0].activation = "relu";
    wrong[1].preprocess = "clip";
    wrong[2].dtype = "fp16";
    wrong[3].threads = -1;
    wrong[4].instruction = NULL;
    wrong[5].instruction = "";
    wrong[6].reserved = 1;
    for (size_t i = 0; i < 7; i++)
        assert_int_equal(
            expclip_teacher_create(&t, scratch_folder, &wrong[i], &err),
            EXPCLIP_ERROR_ARGUMENT);
    assert_int_equal(expclip_teacher_create(&t, NULL, NULL, &err),
                     EXPCLIP_ERROR_ARGUMENT);
    assert_int_equal(expclip_teacher_create(NULL, "x", NULL, &err),
                     EXPCLIP_ERROR_ARGUMENT);
    assert_null(t);
    assert_int_equal(expclip_teacher_dim(NULL), 0);
    assert_string_equal(expclip_teacher_reads(NULL), "");
    expclip_teacher_free(NULL);
}

static int32_t load_once(void *data)
{
    expclip_error err = { 0 };

    (void)data;
    return try_load(&err);
}

static void test_teacher__survives_any_failed_allocation(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_KINDS; i++) {
        teacher_write(kinds[i]);
        sweep_allocations(load_once, NULL);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCRATCH_TEST(test_teacher__its_weights_tell_what_it_is),
        SCRATCH_TEST(test_teacher__the_end_is_a_token_of_the_instruction),
        SCRATCH_TEST(test_teacher__every_missing_or_misshaped_tensor_is_found),
        SCRATCH_TEST(test_teacher__a_change_is_another_fingerprint),
        SCRATCH_TEST(test_teacher__what_is_none_is_refused),
        SCRATCH_TEST(test_teacher__a_bad_config_is_refused),
        SCRATCH_TEST(test_teacher__a_bad_tokenizer_is_refused),
        SCRATCH_TEST(test_teacher__an_instruction_has_a_longest_length),
        SCRATCH_TEST(test_teacher__wrong_options_are_refused),
        SCRATCH_TEST(test_teacher__survives_any_failed_allocation),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
