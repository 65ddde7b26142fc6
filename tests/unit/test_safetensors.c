/* SPDX-License-Identifier: MIT */
/*
 * test_safetensors.c - headers with one defect each, and the largest ones.
 */
#include "unit/scratch.h"

#include <pthread.h>
#include <time.h>

#include "base/text.h"
#include "weights/weights.h"

#define F32(name, shape, begin, end)                                           \
    "\"" name "\":{\"dtype\":\"F32\",\"shape\":" shape                         \
    ",\"data_offsets\":[" begin "," end "]}"

/* A file of a header and n zero bytes. */
static uint8_t *make_file(const char *header, size_t n, size_t *size)
{
    const size_t length = strlen(header);
    uint8_t *file = calloc(8 + length + n, 1);

    for (int i = 0; i < 8; i++)
        file[i] = (uint8_t)(length >> (8 * i));
    memcpy(file + 8, header, length);
    *size = 8 + length + n;
    return file;
}

/* Open it; the set is freed unless `out` is given. */
static expclip_status open_header(expclip__weights **out, const char *header,
                                  size_t n, expclip_error *err)
{
    expclip__weights *ws = NULL;
    size_t size;
    uint8_t *file = make_file(header, n, &size);
    expclip_status status =
        expclip__weights_open_bytes(&ws, file, size, "x", err);

    if (out)
        *out = ws;
    else
        expclip__weights_free(ws);
    free(file);
    return status;
}

static void test_safetensors__reads_names_shapes_and_metadata(void **state)
{
    expclip__weights *ws;
    const expclip__weight *w;

    (void)state;
    assert_int_equal(
        open_header(
            &ws,
            "{\"__metadata__\":{\"k\":\"v\",\"l\":\"\"}," F32(
                "b", "[2,3]", "4", "28") "," F32("a", "[]", "0", "4") "}   ",
            28, NULL),
        0);
    assert_string_equal(expclip__weights_format(ws), "safetensors");
    assert_int_equal(expclip__weights_count(ws), 2);
    w = expclip__weights_find(ws, "b");
    assert_ptr_equal(w, expclip__weights_at(ws, 0));
    assert_int_equal(w->n_dims, 2);
    assert_int_equal(w->shape[1], 3);
    assert_int_equal(w->n_elements, 6);
    assert_int_equal(expclip__weights_find(ws, "a")->n_elements, 1);
    assert_null(expclip__weights_find(ws, "c"));
    assert_int_equal(expclip__weights_n_metadata(ws), 2);
    assert_string_equal(expclip__weights_metadata(ws, "k"), "v");
    assert_null(expclip__weights_metadata(ws, "m"));
    expclip__weights_free(ws);
}

static void test_safetensors__refuses_each_defect(void **state)
{
    static const struct {
        const char *header;
        size_t n;
        expclip_status status;
        const char *message; /* a part of it */
    } cases[] = {
        { "{" F32("a", "[1]", "0", "4") "}", 3, EXPCLIP_ERROR_TRUNCATED,
          "\"a\": ends at byte 4" },
        { "{" F32("a", "[1]", "0", "4") "}", 5, EXPCLIP_ERROR_FORMAT,
          "1 bytes after the last tensor" },
        { "{" F32("a", "[1]", "4", "8") "}", 8, EXPCLIP_ERROR_FORMAT,
          "begins at byte" },
        { "{" F32("a", "[1]", "0", "4") "," F32("b", "[1]", "2", "6") "}", 6,
          EXPCLIP_ERROR_FORMAT, "begins at byte" },
        { "{" F32("a", "[1]", "0", "4") "," F32("b", "[1]", "8", "12") "}", 12,
          EXPCLIP_ERROR_FORMAT, "begins at byte" },
        { "{" F32("a", "[1]", "0", "4") "," F32("b", "[1]", "0", "4") "}", 4,
          EXPCLIP_ERROR_FORMAT, "begins at byte" },
        { "{" F32("a", "[2]", "0", "4") "}", 4, EXPCLIP_ERROR_FORMAT,
          "expected 2 elements" },
        { "{" F32("a", "[1]", "4", "0") "}", 4, EXPCLIP_ERROR_FORMAT,
          "bytes 4 to 0" },
        { "{" F32("a", "[1]", "0", "4") "," F32("a", "[1]", "4", "8") "}", 8,
          EXPCLIP_ERROR_FORMAT, "there twice" },
        /* 4194305 * 4194305 * 211106198978564 is 4 modulo 2^64 */
        { "{" F32("a", "[4194305,4194305,211106198978564]", "0", "16") "}", 16,
          EXPCLIP_ERROR_FORMAT, "too many elements" },
        { "{" F32("a", "[0,5444444444444444444,84]", "0", "0") "}", 0,
          EXPCLIP_ERROR_FORMAT, "too many elements" },
        { "{" F32("a", "[-1]", "0", "4") "}", 4, EXPCLIP_ERROR_FORMAT,
          "whole number" },
        { "{" F32("a", "[1.0]", "0", "4") "}", 4, EXPCLIP_ERROR_FORMAT,
          "whole number" },
        { "{" F32("a", "[1]", "0", "4e0") "}", 4, EXPCLIP_ERROR_FORMAT,
          "whole number" },
        { "{" F32("a", "1", "0", "4") "}", 4, EXPCLIP_ERROR_FORMAT,
          "expected [" },
        { "{" F32("a", "[1,1,1,1,1,1,1,1,1]", "0", "4") "}", 4,
          EXPCLIP_ERROR_LIMIT, "more than 8 dimensions" },
        { "{" F32("a", "[1]", "0", "4,4") "}", 4, EXPCLIP_ERROR_FORMAT,
          "not [begin" },
        { "{\"a\":{\"dtype\":\"F8_E4M3\",\"shape\":[1],\"data_offsets\":[0,1]}"
          "}",
          1, EXPCLIP_ERROR_UNSUPPORTED, "dtype F8_E4M3" },
        { "{\"a\":{\"dtype\":\"F32\",\"shape\":[1]}}", 4, EXPCLIP_ERROR_FORMAT,
          "expected dtype, shape" },
        { "{\"a\":{\"dtype\":\"F32\",\"dtype\":\"F32\",\"shape\":[1],"
          "\"data_offsets\":[0,4]}}",
          4, EXPCLIP_ERROR_FORMAT, "each once" },
        { "{\"a\":[]}", 0, EXPCLIP_ERROR_FORMAT, "expected {" },
        { "{\"__metadata__\":{\"k\":1}}", 0, EXPCLIP_ERROR_FORMAT,
          "expected a text" },
        { "{\"__metadata__\":{\"k\":\"\",\"k\":\"\"}}", 0, EXPCLIP_ERROR_FORMAT,
          "\"k\": there twice" },
        { "{\"__metadata__\":{},\"__metadata__\":{}}", 0, EXPCLIP_ERROR_FORMAT,
          "there twice" },
        { "{" F32("\\u0000", "[1]", "0", "4") "}", 4, EXPCLIP_ERROR_FORMAT,
          "NUL" },
        { "{" F32("\xff", "[1]", "0", "4") "}", 4, EXPCLIP_ERROR_FORMAT,
          "UTF-8" },
        { "{" F32("a", "[1]", "0", "4") "} x", 4, EXPCLIP_ERROR_FORMAT,
          "nothing more" },
        { "{" F32("a", "[1]", "0", "4"), 4, EXPCLIP_ERROR_FORMAT,
          "closing bracket" },
        { "{[[[[[[", 4, EXPCLIP_ERROR_FORMAT, "header, byte 9" },
        { "\xef\xbb\xbf{}", 0, EXPCLIP_ERROR_UNSUPPORTED, "neither" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        expclip_error err = { 0 };

        assert_int_equal(open_header(NULL, cases[i].header, cases[i].n, &err),
                         cases[i].status);
        assert_int_equal(err.code, cases[i].status);
        assert_non_null(strstr(err.message, cases[i].message));
    }
}

static void test_safetensors__refuses_impossible_header_lengths(void **state)
{
    static const struct {
        uint64_t length;
        expclip_status status;
    } cases[] = {
        { 0, EXPCLIP_ERROR_FORMAT },
        { 1, EXPCLIP_ERROR_FORMAT },
        { 3, EXPCLIP_ERROR_TRUNCATED }, /* the file has 2 */
        { 1u << 24, EXPCLIP_ERROR_TRUNCATED },
        { (1u << 24) + 1, EXPCLIP_ERROR_LIMIT },
        { UINT64_C(1) << 63, EXPCLIP_ERROR_LIMIT },
        { UINT64_MAX - 7, EXPCLIP_ERROR_LIMIT },
        { UINT64_MAX, EXPCLIP_ERROR_LIMIT },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        expclip__weights *ws = NULL;
        uint8_t file[10] = "";

        for (int k = 0; k < 8; k++)
            file[k] = (uint8_t)(cases[i].length >> (8 * k));
        memcpy(file + 8, "{}", 2);
        assert_int_equal(expclip__weights_open_bytes(&ws, file, 10, "x", NULL),
                         cases[i].status);
        assert_null(ws);
    }
}

static void test_safetensors__every_cut_is_refused(void **state)
{
    size_t size;
    uint8_t *file = make_file("{" F32("a", "[2]", "0", "8") "}", 8, &size);

    (void)state;
    for (size_t n = 0; n < size; n++) {
        expclip__weights *ws = NULL;
        uint8_t *cut = malloc(n + 1); /* so that a sanitizer sees the end */

        memcpy(cut, file, n);
        assert_int_not_equal(
            expclip__weights_open_bytes(&ws, cut, n, "x", NULL), 0);
        assert_null(ws);
        free(cut);
    }
    free(file);
}

static double seconds(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* The header of n empty tensors. */
static char *many(int n)
{
    expclip__buffer b = { 0 };

    expclip__buffer_add_string(&b, "{");
    for (int i = 0; i < n; i++)
        expclip__buffer_add_format(&b,
                                   "%s\"%06d\":{\"dtype\":\"F32\",\"shape\":"
                                   "[0],\"data_offsets\":[0,0]}",
                                   i ? "," : "", i);
    expclip__buffer_add_string(&b, "}");
    assert_false(b.failed);
    return b.data;
}

static void test_safetensors__takes_65536_tensors_in_linear_time(void **state)
{
    static const struct {
        int n;
        expclip_status status;
    } cases[] = {
        { 65536, EXPCLIP_OK },
        { 65537, EXPCLIP_ERROR_LIMIT },
        { 200000, EXPCLIP_ERROR_LIMIT },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char *header = many(cases[i].n);
        const double start = seconds();

        assert_int_equal(open_header(NULL, header, 0, NULL), cases[i].status);
        assert_true(seconds() - start < 5.0); /* 0.05; valgrind 1.5 */
        expclip__free(header);
    }
}

static int32_t open_and_free(void *data)
{
    return open_header(NULL, data, 8, NULL);
}

static void test_safetensors__survives_every_failing_allocation(void **state)
{
    (void)state;
    sweep_allocations(
        open_and_free,
        "{\"__metadata__\":{\"k\":\"v\"}," F32("a", "[1]", "0", "4") "," F32(
            "b", "[1]", "4", "8") "}");
}

static void *open_deep(void *data)
{
    return (void *)(intptr_t)open_header(NULL, data, 0, NULL);
}

static void test_safetensors__needs_little_stack(void **state)
{
    static char header[100001] = "{\"a\":";
    pthread_attr_t attributes;
    pthread_t thread;
    void *status;

    (void)state;
    memset(header + 5, '[', sizeof(header) - 6);
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, 256 << 10);
    assert_int_equal(pthread_create(&thread, &attributes, open_deep, header),
                     0);
    pthread_join(thread, &status);
    pthread_attr_destroy(&attributes);
    assert_int_equal((intptr_t)status, EXPCLIP_ERROR_FORMAT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_safetensors__reads_names_shapes_and_metadata),
        cmocka_unit_test(test_safetensors__refuses_each_defect),
        cmocka_unit_test(test_safetensors__refuses_impossible_header_lengths),
        cmocka_unit_test(test_safetensors__every_cut_is_refused),
        cmocka_unit_test(test_safetensors__takes_65536_tensors_in_linear_time),
        cmocka_unit_test(test_safetensors__survives_every_failing_allocation),
        cmocka_unit_test(test_safetensors__needs_little_stack),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
