/* SPDX-License-Identifier: MIT */
/*
 * test_set.c - adding and finding named tensors.
 */
#include "unit/scratch.h"

#include "weights/set.h"
#include "weights/weights.h"

static expclip__weights *new_set(void)
{
    expclip__weights *ws = expclip__alloc_zero(1, sizeof(*ws));

    assert_non_null(ws);
    return ws;
}

static expclip_status add(expclip__weights *ws, const char *name)
{
    const expclip__weight w = { .name = name };

    return expclip__set_add_tensor(ws, &w, NULL);
}

static void test_set__finds_each_of_65536_and_takes_no_more(void **state)
{
    expclip__weights *ws = new_set();
    char name[16];

    (void)state;
    for (int i = 0; i < EXPCLIP__MAX_TENSORS; i++) {
        snprintf(name, sizeof(name), "t%d", i);
        assert_int_equal(add(ws, name), 0);
    }
    for (int i = 0; i < EXPCLIP__MAX_TENSORS; i++) {
        snprintf(name, sizeof(name), "t%d", i);
        assert_ptr_equal(expclip__weights_find(ws, name),
                         expclip__weights_at(ws, (size_t)i));
    }
    assert_null(expclip__weights_find(ws, "t"));
    assert_int_equal(add(ws, "one more"), EXPCLIP_ERROR_LIMIT);
    expclip__weights_free(ws);
}

static void test_set__refuses_a_name_twice(void **state)
{
    expclip__weights *ws = new_set();

    (void)state;
    assert_null(expclip__weights_find(ws, "a")); /* nothing there at all */
    assert_int_equal(add(ws, "a"), 0);
    assert_int_equal(add(ws, "a"), EXPCLIP_ERROR_FORMAT);
    assert_int_equal(expclip__weights_count(ws), 1);
    expclip__weights_free(ws);
}

static void test_set__words_of_wrappers_are_left_out(void **state)
{
    static const char *const names[] = {
        "visual._orig_mod.class_embedding",
        "visual._fsdp_wrapped_module._checkpoint_wrapped_module.proj",
        "_orig_mod._orig_mod.a",
        "my_orig_mod.b",
    };
    static const char *const plain[] = { "visual.class_embedding",
                                         "visual.proj", "a", "my_orig_mod.b" };
    expclip__weights *ws = new_set();

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(add(ws, names[i]), 0);
        assert_string_equal(expclip__weights_at(ws, i)->name, plain[i]);
        assert_ptr_equal(expclip__weights_find(ws, names[i]),
                         expclip__weights_at(ws, i));
        assert_ptr_equal(expclip__weights_find(ws, plain[i]),
                         expclip__weights_at(ws, i));
    }
    assert_int_equal(add(ws, "a"), EXPCLIP_ERROR_FORMAT);
    expclip__weights_free(ws);
}

static void test_set__keeps_metadata_in_order(void **state)
{
    expclip__weights *ws = new_set();

    (void)state;
    assert_int_equal(expclip__set_add_metadata(ws, "z", "1", NULL), 0);
    assert_int_equal(expclip__set_add_metadata(ws, "a", "2", NULL), 0);
    assert_int_equal(expclip__weights_n_metadata(ws), 2);
    assert_string_equal(expclip__weights_metadata_key(ws, 0), "z");
    assert_string_equal(expclip__weights_metadata(ws, "a"), "2");
    expclip__weights_free(ws);
}

static void test_set__counts_shapes_without_wrapping(void **state)
{
    static const struct {
        int64_t shape[3];
        int good;
        int64_t n;
    } cases[] = {
        { { 2, 3, 4 }, 1, 24 },
        { { 0, 5, 7 }, 1, 0 },
        { { 0, INT64_MAX, 2 }, 0, 0 }, /* its strides have no room */
        { { 1, 1, INT64_MAX / 8 }, 1, INT64_MAX / 8 },
        { { 1, 1, INT64_MAX / 8 + 1 }, 0, 0 },
        { { INT64_MAX, 2, 1 }, 0, 0 },
        { { 4194305, 4194305, INT64_C(211106198978564) }, 0, 0 },
        { { -1, 1, 1 }, 0, 0 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        int64_t n = 0;

        assert_int_equal(expclip__shape_count(3, cases[i].shape, &n),
                         cases[i].good);
        if (cases[i].good)
            assert_true(n == cases[i].n);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_set__finds_each_of_65536_and_takes_no_more),
        cmocka_unit_test(test_set__refuses_a_name_twice),
        cmocka_unit_test(test_set__words_of_wrappers_are_left_out),
        cmocka_unit_test(test_set__keeps_metadata_in_order),
        cmocka_unit_test(test_set__counts_shapes_without_wrapping),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
