/* SPDX-License-Identifier: MIT */
/*
 * test_archive.c - torch archives: real ones, and ones with a defect.
 */
#include "unit/pickle_words.h"
#include "unit/zip_maker.h"

#include "weights/weights.h"

#define WEIGHTS EXPCLIP_TEST_DATA "/weights/"
/** {"a": tensor} */
#define ONE(tensor) PROTO "}(" TEXT("\1", "a") tensor "u" STOP
#define ALL TENSOR(FLOATS, "K\0", "K\20", "K\1")

static const uint8_t storage[64] = { 0 };

/* An archive around a pickle and a storage of 16 floats. */
static zip_maker make_archive(const char *pickle, size_t size)
{
    zip_maker z = { 0 };

    zip_add(&z, "t/data.pkl", pickle, size);
    zip_add(&z, "t/data/0", storage, sizeof(storage));
    return z;
}

/* Open what was made; NULL frees the set too. */
static expclip_status finish(expclip__weights **out, zip_maker *z,
                             expclip_error *err)
{
    expclip__weights *ws = NULL;
    expclip_status status;

    zip_finish(z);
    status = expclip__weights_open_bytes(&ws, (const uint8_t *)z->b.data,
                                         z->b.size, "x", err);
    if (out)
        *out = ws;
    else
        expclip__weights_free(ws);
    return status;
}

static void check_model(const char *path, const char *format,
                        expclip__dtype dtype)
{
    expclip__weights *ws = NULL;
    const expclip__weight *w;
    float scale;

    assert_int_equal(expclip__weights_open(&ws, path, NULL), 0);
    assert_string_equal(expclip__weights_format(ws), format);
    assert_int_equal(expclip__weights_count(ws), 4);
    w = expclip__weights_find(ws, "visual.conv1.weight");
    assert_non_null(w);
    assert_int_equal(w->n_dims, 4);
    assert_int_equal(w->n_elements, 24);
    assert_int_equal(w->dtype, dtype);
    assert_non_null(expclip__weights_find(ws, "visual.mlp.0.bias"));
    w = expclip__weights_find(ws, "logit_scale");
    assert_int_equal(w->n_dims, 0);
    assert_int_equal(expclip__weights_read_f32(ws, w, &scale, 1, 1, NULL), 0);
    assert_true(scale == 2.5f);
    expclip__weights_free(ws);
}

static void test_archive__reads_what_torch_writes(void **state)
{
    (void)state;
    check_model(WEIGHTS "state_dict.pt", "torch archive", EXPCLIP__F32);
    check_model(WEIGHTS "nested.pt", "torch archive", EXPCLIP__F32);
    check_model(WEIGHTS "torchscript.pt", "TorchScript archive", EXPCLIP__F16);
}

static void test_archive__reads_a_made_one(void **state)
{
    static const char pickle[] = ONE(ALL);
    zip_maker z = make_archive(pickle, sizeof(pickle) - 1);
    expclip__weights *ws = NULL;
    float values[16];

    (void)state;
    assert_int_equal(finish(&ws, &z, NULL), 0);
    assert_int_equal(expclip__weights_read_f32(ws, expclip__weights_at(ws, 0),
                                               values, 16, 1, NULL),
                     0);
    expclip__weights_free(ws);
    expclip__buffer_free(&z.b);
}

static void test_archive__refuses_each_defect(void **state)
{
    static const struct {
        const char *pickle;
        size_t size;
        expclip_status status;
        const char *message;
    } cases[] = {
#define CASE(text, status, message)                                            \
    { text, sizeof(text) - 1, EXPCLIP_ERROR_##status, message }
        CASE(PROTO "cos\nsystem\n" TEXT("\4", "true") "\x85R.", UNSAFE,
             "os.system"),
        CASE(ONE(TENSOR(STORAGE("FloatStorage", "1", "K\20"), "K\0", "", "")),
             FORMAT, "no entry data/1"),
        CASE(ONE(TENSOR(STORAGE("FloatStorage", "0", "K\17"), "K\0", "", "")),
             FORMAT, "64 bytes in data/0, expected 60"),
        CASE(ONE(TENSOR(STORAGE("HalfStorage", "0", "K\20"), "K\0", "", "")),
             FORMAT, "expected 32"),
        CASE(PROTO "}(" TEXT("\1", "a") ALL TEXT("\1", "b")
                 TENSOR(STORAGE("IntStorage", "0", "K\20"), "K\0", "", "") "u.",
             FORMAT, "two types"),
        CASE(PROTO "}(" TEXT("\1", "a") ALL TEXT("\1", "a") ALL "u.", FORMAT,
             "there twice"),
        CASE(PROTO "}(K\1" ALL "u.", FORMAT, "its key is not a text"),
        CASE(PROTO "}(" TEXT("\0", "") ALL "u.", FORMAT,
             "its key is not a text"),
        CASE(PROTO "}.", UNSUPPORTED, "no named tensors"),
        CASE(PROTO "].", UNSUPPORTED, "neither a state dict"),
        CASE(PROTO ALL ".", UNSUPPORTED, "neither a state dict"),
        CASE("", TRUNCATED, "byte 0"),
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        zip_maker z = make_archive(cases[i].pickle, cases[i].size);
        expclip_error err = { 0 };
        const expclip_status status = finish(NULL, &z, &err);

        if (status != cases[i].status || !strstr(err.message, cases[i].message))
            print_error("case %zu: %s\n", i, err.message);
        assert_int_equal(status, cases[i].status);
        assert_non_null(strstr(err.message, cases[i].message));
        expclip__buffer_free(&z.b);
    }
}

static void test_archive__refuses_other_entries(void **state)
{
    static const char pickle[] = ONE(ALL);
    static const struct {
        const char *name;
        const char *text;
        expclip_status status;
    } cases[] = {
        { "t/byteorder", "little", EXPCLIP_OK },
        { "t/byteorder", "big", EXPCLIP_ERROR_UNSUPPORTED },
        { "t/byteorder", "little and more bytes", EXPCLIP_ERROR_LIMIT },
        { "u/data.pkl", "N.", EXPCLIP_ERROR_FORMAT }, /* which one? */
        { "t/u/data.pkl", "N.", EXPCLIP_OK },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        zip_maker z = make_archive(pickle, sizeof(pickle) - 1);

        zip_add(&z, cases[i].name, cases[i].text, strlen(cases[i].text));
        assert_int_equal(finish(NULL, &z, NULL), cases[i].status);
        expclip__buffer_free(&z.b);
    }
}

static void test_archive__a_zip_of_something_else_is_told(void **state)
{
    zip_maker z = { 0 };
    expclip_error err;

    (void)state;
    zip_add(&z, "word/document.xml", "<x/>", 4);
    assert_int_equal(finish(NULL, &z, &err), EXPCLIP_ERROR_UNSUPPORTED);
    assert_non_null(strstr(err.message, "without data.pkl"));
    expclip__buffer_free(&z.b);
}

static void test_archive__a_wrong_checksum_is_found(void **state)
{
    static const char pickle[] = ONE(ALL);
    zip_maker z = make_archive(pickle, sizeof(pickle) - 1);
    expclip__weights *ws = NULL;
    expclip_error err;
    float values[16];

    (void)state;
    z.b.data[z.entries[1].header + 30 + 8 + 60] ^= 1;
    assert_int_equal(finish(&ws, &z, NULL), 0);
    assert_int_equal(expclip__weights_read_f32(ws, expclip__weights_at(ws, 0),
                                               values, 16, 0, &err),
                     EXPCLIP_ERROR_FORMAT);
    assert_non_null(strstr(err.message, "wrong checksum"));
    expclip__weights_free(ws);
    z.b.data[z.entries[0].header + 30 + 10 + 4] ^= 1;
    assert_int_equal(expclip__weights_open_bytes(&ws, (const uint8_t *)z.b.data,
                                                 z.b.size, "x", &err),
                     EXPCLIP_ERROR_FORMAT);
    assert_non_null(strstr(err.message, "\"t/data.pkl\": wrong checksum"));
    expclip__buffer_free(&z.b);
}

/*
 * Forty modules, each holding the one before it twice: 2^40 paths. All are
 * made in one tuple, whose last one is the root's only attribute.
 */
static void test_archive__a_tree_of_shared_modules_hits_a_limit(void **state)
{
    static const char module[] = "c__torch__\nC\n)\x81}(" TEXT(
        "\1", "a") "h\0" TEXT("\1", "b") "h\0ubq\0";
    static const char begin[] = PROTO
        "c__torch__\nC\n)\x81q\1}(" TEXT("\1", "l") "(c__torch__\nC\n)\x81q\0";
    static const char end[] = "t" TEXT("\1", "m") "h\0ub" STOP;
    expclip__buffer b = { 0 };
    expclip_error err;
    zip_maker z;

    (void)state;
    expclip__buffer_add(&b, begin, sizeof(begin) - 1);
    for (int i = 0; i < 40; i++)
        expclip__buffer_add(&b, module, sizeof(module) - 1);
    expclip__buffer_add(&b, end, sizeof(end) - 1);
    z = make_archive(b.data, b.size);
    assert_int_equal(finish(NULL, &z, &err), EXPCLIP_ERROR_LIMIT);
    assert_non_null(strstr(err.message, "values"));
    expclip__buffer_free(&b);
    expclip__buffer_free(&z.b);
}

static int32_t open_and_read(void *data)
{
    expclip__weights *ws = NULL;
    float values[64];
    expclip_status status = expclip__weights_open(&ws, data, NULL);

    for (size_t i = 0; !status && i < expclip__weights_count(ws); i++) {
        const expclip__weight *w = expclip__weights_at(ws, i);

        status =
            expclip__weights_read_f32(ws, w, values, w->n_elements, 1, NULL);
    }
    expclip__weights_free(ws);
    return status;
}

static void test_archive__survives_every_failing_allocation(void **state)
{
    char state_dict[] = WEIGHTS "state_dict.pt";
    char script[] = WEIGHTS "torchscript.pt";

    (void)state;
    sweep_allocations(open_and_read, state_dict);
    sweep_allocations(open_and_read, script);
}

static void test_archive__every_cut_is_refused(void **state)
{
    size_t size;
    uint8_t *bytes = scratch_read(WEIGHTS "state_dict.pt", &size);

    (void)state;
    for (size_t n = 0; n < size; n++) {
        expclip__weights *ws = NULL;

        assert_int_not_equal(
            expclip__weights_open_bytes(&ws, bytes, n, "x", NULL), 0);
        assert_null(ws);
    }
    free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_archive__reads_what_torch_writes),
        cmocka_unit_test(test_archive__reads_a_made_one),
        cmocka_unit_test(test_archive__refuses_each_defect),
        cmocka_unit_test(test_archive__refuses_other_entries),
        cmocka_unit_test(test_archive__a_zip_of_something_else_is_told),
        cmocka_unit_test(test_archive__a_wrong_checksum_is_found),
        cmocka_unit_test(test_archive__a_tree_of_shared_modules_hits_a_limit),
        cmocka_unit_test(test_archive__survives_every_failing_allocation),
        cmocka_unit_test(test_archive__every_cut_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
