/* SPDX-License-Identifier: MIT */
/*
 * test_classes_select.c - classes made of prompts that are embedded already.
 */
#include "unit/scratch.h"

#include <expclip_eval.h>
#include <math.h>

#include "expression/classes.h"

/* Three classes in the plane; two of them share a prompt. */
static expclip_classes *source(void)
{
    static const float vectors[] = { 1.0f, 0.0f, 0.0f, 1.0f,
                                     0.6f, 0.8f, 1.0f, 0.0f };
    expclip_classes *c = expclip__alloc_zero(1, sizeof(*c));

    assert_int_equal(expclip__prompts_create(&c->prompts, NULL), EXPCLIP_OK);
    expclip__prompts_add(c->prompts, "one", "right", NULL);
    expclip__prompts_add(c->prompts, "two", "up", NULL);
    expclip__prompts_add(c->prompts, "two", "slope", NULL);
    expclip__prompts_add(c->prompts, "three", "right", NULL);
    c->dim = 2;
    c->logit_scale = 10.0f;
    strcpy(c->fingerprint, "0123456789abcdef");
    c->prompt_vectors = expclip__alloc(8, sizeof(float));
    memcpy(c->prompt_vectors, vectors, sizeof(vectors));
    c->truncated = expclip__alloc_zero(4, 1);
    c->truncated[2] = 1;
    c->n_truncated = 1;
    assert_int_equal(expclip__classes_pool(c, NULL), EXPCLIP_OK);
    return c;
}

static expclip_prompts *wanted(void)
{
    expclip_prompts *p = NULL;

    assert_int_equal(expclip_prompts_create(&p, NULL), EXPCLIP_OK);
    expclip_prompts_add(p, "other", "up", NULL);
    expclip_prompts_add(p, "other", "right", NULL);
    expclip_prompts_add(p, "another", "right", NULL);
    return p;
}

static void test_classes_select__vectors_follow_their_texts(void **state)
{
    expclip_classes *from = source(), *c = NULL;
    expclip_prompts *p = wanted();

    (void)state;
    assert_int_equal(expclip_classes_select(&c, from, p, NULL, NULL),
                     EXPCLIP_OK);
    expclip_prompts_free(p);
    expclip_classes_free(from);
    assert_int_equal(expclip_classes_count(c), 2);
    assert_string_equal(expclip_classes_name(c, 1), "another");
    assert_string_equal(expclip_classes_model_fingerprint(c),
                        "0123456789abcdef");
    assert_int_equal(expclip_classes_dim(c), 2);
    assert_int_equal(expclip_classes_truncated_count(c), 0);
    assert_true(c->class_vectors[0] == 0.5f && c->class_vectors[1] == 0.5f);
    assert_true(c->class_vectors[2] == 1.0f && c->class_vectors[3] == 0.0f);
    assert_true(c->logit_scale == 10.0f);
    expclip_classes_free(c);
}

static void test_classes_select__another_pooling_may_be_chosen(void **state)
{
    expclip_classes_options options = EXPCLIP_CLASSES_OPTIONS_INIT;
    expclip_classes *from = source(), *c = NULL;
    expclip_prompts *p = wanted();

    (void)state;
    options.pooling = EXPCLIP_POOLING_EMBEDDINGS;
    assert_int_equal(expclip_classes_select(&c, from, p, &options, NULL),
                     EXPCLIP_OK);
    assert_true(fabsf(c->class_vectors[0] - sqrtf(0.5f)) < 1e-6f);
    expclip_classes_free(c);
    options.pooling = 2;
    c = NULL;
    assert_int_equal(expclip_classes_select(&c, from, p, &options, NULL),
                     EXPCLIP_ERROR_ARGUMENT);
    assert_null(c);
    expclip_prompts_free(p);
    expclip_classes_free(from);
}

static void test_classes_select__its_own_prompts_give_the_same(void **state)
{
    expclip_classes *from = source(), *c = NULL;
    expclip_prompts *p = NULL;

    (void)state;
    assert_int_equal(expclip_classes_prompts(&p, from, NULL), EXPCLIP_OK);
    assert_int_equal(expclip_classes_select(&c, from, p, NULL, NULL),
                     EXPCLIP_OK);
    assert_memory_equal(c->class_vectors, from->class_vectors,
                        6 * sizeof(float));
    assert_int_equal(expclip_classes_truncated_count(c), 1);
    expclip_prompts_free(p);
    expclip_classes_free(c);
    expclip_classes_free(from);
}

static void test_classes_select__a_saved_set_keeps_its_count(void **state)
{
    expclip_classes *from = source(), *c = NULL;
    expclip_prompts *p = wanted();

    (void)state;
    expclip__free(from->truncated);
    from->truncated = NULL;
    assert_int_equal(expclip_classes_select(&c, from, p, NULL, NULL),
                     EXPCLIP_OK);
    assert_int_equal(expclip_classes_truncated_count(c), 1);
    expclip_prompts_free(p);
    expclip_classes_free(c);
    expclip_classes_free(from);
}

static void test_classes_select__an_unknown_prompt_is_named(void **state)
{
    expclip_classes *from = source(), *c = NULL;
    expclip_prompts *p = wanted(), *empty = NULL;
    expclip_error err;

    (void)state;
    expclip_prompts_add(p, "another", "down", NULL);
    assert_int_equal(expclip_classes_select(&c, from, p, NULL, &err),
                     EXPCLIP_ERROR_NOT_FOUND);
    assert_non_null(strstr(err.message, "\"down\""));
    assert_int_equal(expclip_prompts_create(&empty, NULL), EXPCLIP_OK);
    assert_int_equal(expclip_classes_select(&c, from, empty, NULL, &err),
                     EXPCLIP_ERROR_ARGUMENT);
    assert_int_equal(expclip_classes_select(&c, NULL, p, NULL, &err),
                     EXPCLIP_ERROR_ARGUMENT);
    assert_null(c);
    expclip_prompts_free(empty);
    expclip_prompts_free(p);
    expclip_classes_free(from);
}

typedef struct selection {
    expclip_classes *from;
    expclip_prompts *prompts;
} selection;

static int32_t choose(void *data)
{
    const selection *s = data;
    expclip_classes *c = NULL;
    expclip_status status =
        expclip_classes_select(&c, s->from, s->prompts, NULL, NULL);

    expclip_classes_free(c);
    return status;
}

static void test_classes_select__memory_may_run_out_anywhere(void **state)
{
    selection s = { source(), wanted() };

    (void)state;
    sweep_allocations(choose, &s);
    expclip_prompts_free(s.prompts);
    expclip_classes_free(s.from);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_classes_select__vectors_follow_their_texts),
        cmocka_unit_test(test_classes_select__another_pooling_may_be_chosen),
        cmocka_unit_test(test_classes_select__its_own_prompts_give_the_same),
        cmocka_unit_test(test_classes_select__a_saved_set_keeps_its_count),
        cmocka_unit_test(test_classes_select__an_unknown_prompt_is_named),
        cmocka_unit_test(test_classes_select__memory_may_run_out_anywhere),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
