/* SPDX-License-Identifier: MIT */
/*
 * test_metrics_json.c - the public functions on predictions: what they write,
 * and which arguments they refuse.
 */
#include "unit/scratch.h"

#include <expclip_eval.h>
#include <jansson.h>
#include <math.h>

enum { ITEMS = 6, CLASSES = 3 };

/* Found: 0 0 1 1 0, and one that failed. Class 2 is never true. */
static const float logits[ITEMS * CLASSES] = {
    3.0f, 1.0f, 2.0f, 3.0f, 2.0f, 1.0f, 0.0f, 5.0f, 1.0f,
    1.0f, 2.0f, 0.0f, 4.0f, 4.0f, 4.0f, NAN,  NAN,  NAN,
};
static const int32_t labels[ITEMS] = { 0, 0, 1, 0, 1, 1 };
static const int32_t folds[ITEMS] = { 0, 0, 0, 2, 2, 1 };
/* A name may hold what JSON must escape. */
static const char *const names[CLASSES] = { "happy", "l\xc3\xa4\"\\\n", "c" };

static json_t *parse(expclip_string *text)
{
    json_t *root = json_loads(expclip_string_data(text), 0, NULL);

    assert_non_null(root);
    assert_int_equal(strlen(expclip_string_data(text)),
                     expclip_string_size(text));
    expclip_string_free(text);
    return root;
}

static json_t *metrics(const int32_t *in, const expclip_metrics_options *o)
{
    expclip_string *text = NULL;
    expclip_error err = { 0, "" };

    if (expclip_metrics_compute(&text, logits, ITEMS * CLASSES, labels, ITEMS,
                                in, in ? ITEMS : 0, names, CLASSES, o, NULL,
                                &err))
        fail_msg("%s", err.message);
    return parse(text);
}

/* A number at a path of keys "a.b" and indexes "a.0"; NaN for null. */
static double at(json_t *value, const char *path)
{
    while (*path) {
        const size_t n = strcspn(path, ".");
        char key[32];

        snprintf(key, sizeof(key), "%.*s", (int)n, path);
        value = json_is_array(value)
                    ? json_array_get(value, (size_t)(key[0] - '0'))
                    : json_object_get(value, key);
        path += n + (path[n] == '.');
    }
    if (json_is_null(value))
        return (double)NAN;
    assert_true(json_is_number(value));
    return json_number_value(value);
}

static void check(json_t *root, const char *path, double expected)
{
    const double found = at(root, path);

    if (!(fabs(found - expected) < 1e-12) && !(isnan(found) && isnan(expected)))
        fail_msg("%s: %g, expected %g", path, found, expected);
}

static void test_metrics_json__all_items_by_hand(void **state)
{
    json_t *m = metrics(NULL, NULL);

    (void)state;
    check(m, "n", 5);
    check(m, "n_failed", 1);
    check(m, "war", 60);
    check(m, "uar", 100 * (2.0 / 3 + 1.0 / 2) / 2);
    check(m, "recall.happy", 100 * 2.0 / 3);
    check(m, "recall.c", (double)NAN);
    check(m, "precision.happy", 100 * 2.0 / 3);
    check(m, "f1.l\xc3\xa4\"\\\n", 50);
    check(m, "macro_f1", 100 * (2.0 / 3 + 1.0 / 2) / 2);
    check(m, "support.happy", 3);
    check(m, "support.c", 0);
    assert_string_equal(json_string_value(json_array_get(
                            json_object_get(m, "missing_classes"), 0)),
                        "c");
    check(m, "top_k.1", 60);
    check(m, "top_k.2", 100);
    check(m, "top_k.3", 100);
    assert_null(json_object_get(json_object_get(m, "top_k"), "4"));
    check(m, "confusion.0.0", 2);
    check(m, "confusion.0.1", 1);
    check(m, "confusion.1.0", 1);
    check(m, "confusion.2.2", 0);
    json_decref(m);
}

static void test_metrics_json__folds_are_averaged(void **state)
{
    json_t *m = metrics(folds, NULL);

    (void)state;
    /* Fold 0: all 3 right. Fold 1: failed. Fold 2: both wrong. */
    check(m, "uar", 50);
    check(m, "war", 50);
    check(m, "pooled.war", 60);
    check(m, "folds.0.uar", 100);
    check(m, "folds.1.n", 0);
    check(m, "folds.1.n_failed", 1);
    check(m, "folds.1.uar", (double)NAN);
    check(m, "folds.1.war", (double)NAN);
    assert_int_equal(
        json_array_size(json_object_get(
            json_array_get(json_object_get(m, "folds"), 1), "missing_classes")),
        3);
    check(m, "folds.2.war", 0);
    check(m, "folds.2.confusion.1.0", 1);
    json_decref(m);
}

static void test_metrics_json__one_fold_is_no_folds(void **state)
{
    static const int32_t zeros[ITEMS] = { 0 };
    json_t *a = metrics(NULL, NULL), *b = metrics(zeros, NULL);

    (void)state;
    assert_true(json_equal(a, b));
    check(a, "interval.confidence", 0.95);
    assert_true(at(a, "interval.war.0") <= 60 && at(a, "interval.war.1") >= 60);
    json_decref(a);
    json_decref(b);
}

static void test_metrics_json__samples_may_be_left_out(void **state)
{
    expclip_metrics_options o = EXPCLIP_METRICS_OPTIONS_INIT;
    json_t *m;

    (void)state;
    o.n_bootstrap = 0;
    o.n_bins = 4;
    m = metrics(NULL, &o);
    assert_true(json_is_null(json_object_get(m, "interval")));
    assert_int_equal(json_array_size(json_object_get(
                         json_object_get(m, "calibration"), "bins")),
                     4);
    check(m, "calibration.bins.0.n", 0);
    check(m, "calibration.bins.0.confidence", (double)NAN);
    check(m, "calibration.bins.1.n", 1); /* three equal logits */
    check(m, "calibration.bins.1.confidence", 1.0 / 3);
    json_decref(m);
}

static void test_metrics_json__one_item_of_one_class_is_enough(void **state)
{
    const float one[] = { 0.5f };
    const int32_t zero[] = { 0 };
    const char *const name[] = { "" };
    expclip_string *text = NULL;
    json_t *m;

    (void)state;
    assert_int_equal(expclip_metrics_compute(&text, one, 1, zero, 1, NULL, 0,
                                             name, 1, NULL, NULL, NULL),
                     EXPCLIP_OK);
    m = parse(text);
    check(m, "uar", 100);
    check(m, "interval.uar.0", 100);
    check(m, "calibration.temperature", 1);
    check(m, "calibration.ece", 0);
    check(m, "calibration.ece_calibrated", (double)NAN);
    json_decref(m);
}

/* ---- refused ---- */

static expclip_error refused;

static expclip_status call(const int32_t *of, const int32_t *in,
                           const char *const *called,
                           const expclip_metrics_options *o)
{
    expclip_string *text = NULL;
    expclip_status status = expclip_metrics_compute(
        &text, logits, ITEMS * CLASSES, of, ITEMS, in, in ? ITEMS : 0, called,
        CLASSES, o, NULL, &refused);

    assert_null(text);
    return status;
}

static void test_metrics_json__a_bad_label_is_named(void **state)
{
    const int32_t high[ITEMS] = { 0, 0, 1, 3, 1, 1 };
    const int32_t low[ITEMS] = { 0, -1, 1, 0, 1, 1 };

    (void)state;
    assert_int_equal(call(high, NULL, names, NULL), EXPCLIP_ERROR_ARGUMENT);
    assert_string_equal(refused.message, "labels[3]: 3, expected 0 to 2");
    assert_int_equal(call(low, NULL, names, NULL), EXPCLIP_ERROR_ARGUMENT);
    assert_string_equal(refused.message, "labels[1]: -1, expected 0 to 2");
    assert_int_equal(call(labels, low, names, NULL), EXPCLIP_ERROR_ARGUMENT);
    assert_non_null(strstr(refused.message, "folds[1]: -1"));
}

static void test_metrics_json__too_many_folds_are_refused(void **state)
{
    int32_t in[ITEMS] = { 0, 4000000 };

    (void)state;
    assert_int_equal(call(labels, in, names, NULL), EXPCLIP_ERROR_LIMIT);
    in[1] = INT32_MAX;
    assert_int_equal(call(labels, in, names, NULL), EXPCLIP_ERROR_ARGUMENT);
}

static void test_metrics_json__names_are_utf8_and_each_another(void **state)
{
    const char *const twice[] = { "a", "b", "a" };
    const char *const bytes[] = { "a", "\xff", "b" };
    const char *const none[] = { "a", "b", NULL };

    (void)state;
    assert_int_equal(call(labels, NULL, twice, NULL), EXPCLIP_ERROR_ARGUMENT);
    assert_non_null(strstr(refused.message, "class_names[2]: \"a\""));
    assert_int_equal(call(labels, NULL, bytes, NULL), EXPCLIP_ERROR_ARGUMENT);
    assert_int_equal(call(labels, NULL, none, NULL), EXPCLIP_ERROR_ARGUMENT);
}

static void test_metrics_json__options_out_of_range_are_named(void **state)
{
    static const struct {
        const char *name;
        int32_t n_bootstrap, n_bins;
        double confidence;
        int64_t seed;
    } bad[] = {
        { "n_bootstrap", -1, 15, 0.95, 1 }, { "n_bins", 1, 0, 0.95, 1 },
        { "n_bins", 1, 10001, 0.95, 1 },    { "confidence", 1, 15, 0.0, 1 },
        { "confidence", 1, 15, 1.0, 1 },    { "confidence", 1, 15, NAN, 1 },
        { "seed", 1, 15, 0.95, -1 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        expclip_metrics_options o = EXPCLIP_METRICS_OPTIONS_INIT;

        o.n_bootstrap = bad[i].n_bootstrap;
        o.n_bins = bad[i].n_bins;
        o.confidence = bad[i].confidence;
        o.seed = bad[i].seed;
        assert_int_equal(call(labels, NULL, names, &o), EXPCLIP_ERROR_ARGUMENT);
        assert_memory_equal(refused.message, bad[i].name, strlen(bad[i].name));
    }
}

static void test_metrics_json__sizes_must_agree(void **state)
{
    expclip_string *text = NULL;

    (void)state;
    assert_int_equal(expclip_metrics_compute(&text, logits, 17, labels, ITEMS,
                                             NULL, 0, names, CLASSES, NULL,
                                             NULL, NULL),
                     EXPCLIP_ERROR_ARGUMENT);
    assert_int_equal(expclip_metrics_compute(&text, logits, ITEMS * CLASSES,
                                             labels, ITEMS, folds, 5, names,
                                             CLASSES, NULL, NULL, NULL),
                     EXPCLIP_ERROR_ARGUMENT);
    assert_int_equal(expclip_metrics_compute(&text, logits, 0, labels, SIZE_MAX,
                                             NULL, 0, names, CLASSES, NULL,
                                             NULL, NULL),
                     EXPCLIP_ERROR_ARGUMENT);
    assert_int_equal(expclip_metrics_compute(&text, NULL, 0, NULL, 0, NULL, 0,
                                             NULL, 0, NULL, NULL, NULL),
                     EXPCLIP_ERROR_ARGUMENT);
    assert_int_equal(expclip_metrics_compute(&text, NULL, 0, NULL, 0, NULL, 0,
                                             names, CLASSES, NULL, NULL, NULL),
                     EXPCLIP_ERROR_STATE);
    assert_null(text);
}

static void test_metrics_json__all_failed_is_a_state(void **state)
{
    const float failed[] = { NAN, 1.0f, 1.0f, NAN };
    const char *const two[] = { "a", "b" };
    expclip_string *text = NULL;
    float t = -1.0f;

    (void)state;
    assert_int_equal(expclip_metrics_compute(&text, failed, 4, labels, 2, NULL,
                                             0, two, 2, NULL, NULL, NULL),
                     EXPCLIP_ERROR_STATE);
    assert_int_equal(
        expclip_metrics_fit_temperature(&t, failed, 4, labels, 2, NULL),
        EXPCLIP_ERROR_STATE);
    assert_int_equal(
        expclip_metrics_compare(&text, failed, 4, failed, 4, labels, 2, NULL),
        EXPCLIP_ERROR_STATE);
    assert_null(text);
    assert_true(t == -1.0f);
}

static void test_metrics_json__a_raised_token_ends_it(void **state)
{
    expclip_cancel *cancel = NULL;
    expclip_string *text = NULL;

    (void)state;
    assert_int_equal(expclip_cancel_create(&cancel, NULL), EXPCLIP_OK);
    expclip_cancel_request(cancel);
    assert_int_equal(expclip_metrics_compute(&text, logits, ITEMS * CLASSES,
                                             labels, ITEMS, NULL, 0, names,
                                             CLASSES, NULL, cancel, NULL),
                     EXPCLIP_ERROR_CANCELLED);
    assert_null(text);
    expclip_cancel_free(cancel);
}

/* ---- two runs ---- */

static void
test_metrics_json__items_that_either_run_failed_are_left_out(void **state)
{
    /*                       right failed right wrong right wrong */
    const float first[] = { 2, 1, NAN, 1, 2, 1, 1, 2, 2, 1, 1, 2 };
    const float second[] = { 1, 2, 2, 1, 2, 1, 2, 1, NAN, NAN, 1, 2 };
    const int32_t zeros[6] = { 0 };
    expclip_string *text = NULL;
    json_t *c;

    (void)state;
    assert_int_equal(
        expclip_metrics_compare(&text, first, 12, second, 12, zeros, 6, NULL),
        EXPCLIP_OK);
    c = parse(text);
    check(c, "n", 4);
    check(c, "only_first", 1);
    check(c, "only_second", 1);
    check(c, "p", 1);
    json_decref(c);
}

static void
test_metrics_json__runs_without_a_common_item_are_a_state(void **state)
{
    const float first[] = { 2, 1, NAN, 1 }, second[] = { NAN, 1, 2, 1 };
    const int32_t zeros[2] = { 0 };
    expclip_string *text = NULL;
    expclip_error err;

    (void)state;
    assert_int_equal(
        expclip_metrics_compare(&text, first, 4, second, 4, zeros, 2, &err),
        EXPCLIP_ERROR_STATE);
    assert_int_equal(
        expclip_metrics_compare(&text, first, 4, second, 3, zeros, 2, &err),
        EXPCLIP_ERROR_ARGUMENT);
    assert_null(text);
}

/* ---- memory ---- */

static int32_t make_metrics(void *data)
{
    expclip_metrics_options o = EXPCLIP_METRICS_OPTIONS_INIT;
    expclip_string *text = NULL;
    expclip_status status;

    (void)data;
    o.n_bootstrap = 3;
    status =
        expclip_metrics_compute(&text, logits, ITEMS * CLASSES, labels, ITEMS,
                                folds, ITEMS, names, CLASSES, &o, NULL, NULL);
    assert_true(status == EXPCLIP_OK || text == NULL);
    expclip_string_free(text);
    return status;
}

static int32_t make_comparison(void *data)
{
    expclip_string *text = NULL;
    expclip_status status =
        expclip_metrics_compare(&text, logits, ITEMS * CLASSES, logits,
                                ITEMS * CLASSES, labels, ITEMS, NULL);

    (void)data;
    expclip_string_free(text);
    return status;
}

static int32_t make_temperature(void *data)
{
    float t;

    (void)data;
    return expclip_metrics_fit_temperature(&t, logits, ITEMS * CLASSES, labels,
                                           ITEMS, NULL);
}

static void test_metrics_json__memory_may_run_out_anywhere(void **state)
{
    (void)state;
    sweep_allocations(make_metrics, NULL);
    sweep_allocations(make_comparison, NULL);
    sweep_allocations(make_temperature, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_metrics_json__all_items_by_hand),
        cmocka_unit_test(test_metrics_json__folds_are_averaged),
        cmocka_unit_test(test_metrics_json__one_fold_is_no_folds),
        cmocka_unit_test(test_metrics_json__samples_may_be_left_out),
        cmocka_unit_test(test_metrics_json__one_item_of_one_class_is_enough),
        cmocka_unit_test(test_metrics_json__a_bad_label_is_named),
        cmocka_unit_test(test_metrics_json__too_many_folds_are_refused),
        cmocka_unit_test(test_metrics_json__names_are_utf8_and_each_another),
        cmocka_unit_test(test_metrics_json__options_out_of_range_are_named),
        cmocka_unit_test(test_metrics_json__sizes_must_agree),
        cmocka_unit_test(test_metrics_json__all_failed_is_a_state),
        cmocka_unit_test(test_metrics_json__a_raised_token_ends_it),
        cmocka_unit_test(
            test_metrics_json__items_that_either_run_failed_are_left_out),
        cmocka_unit_test(
            test_metrics_json__runs_without_a_common_item_are_a_state),
        cmocka_unit_test(test_metrics_json__memory_may_run_out_anywhere),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
