/* SPDX-License-Identifier: MIT */
/*
 * test_yunet.c - the network, loaded from its bytes; what it finds is held
 * against OpenCV in test_detector.c and in tests/reference.
 */
#define _GNU_SOURCE
#include <math.h>
#include <string.h>

#include "faces/yunet.h"
#include "unit/scratch.h"

static uint8_t *copy_bytes(size_t *size)
{
    const uint8_t *bytes = expclip__yunet_bytes(size);
    uint8_t *copy = malloc(*size);

    assert_non_null(copy);
    memcpy(copy, bytes, *size);
    return copy;
}

/* Load from bytes; the network is closed again. */
static expclip_status load(const uint8_t *bytes, size_t size,
                           expclip_error *err)
{
    expclip__weights *ws = NULL;
    expclip__yunet y;
    expclip_status status;

    status = expclip__weights_open_bytes(&ws, bytes, size, "test", err);
    if (status)
        return status;
    status = expclip__yunet_load(&y, ws, 1, err);
    expclip__yunet_close(&y);
    expclip__weights_free(ws);
    return status;
}

static void test_yunet__a_missing_tensor_is_named(void **state)
{
    size_t size;
    uint8_t *bytes = copy_bytes(&size);
    uint8_t *name = memmem(bytes, size, "neck.16.depth.bias", 18);
    expclip_error err;

    (void)state;
    assert_non_null(name);
    name[0] = 'x';
    assert_int_equal(load(bytes, size, &err), EXPCLIP_ERROR_SHAPE);
    assert_non_null(strstr(err.message, "neck.16.depth.bias"));
    free(bytes);
}

static void test_yunet__a_number_that_is_none_is_refused(void **state)
{
    const float nan = NAN;
    size_t size;
    uint8_t *bytes = copy_bytes(&size);
    expclip_error err;

    (void)state;
    memcpy(bytes + size - sizeof(nan), &nan, sizeof(nan));
    assert_int_equal(load(bytes, size, &err), EXPCLIP_ERROR_NONFINITE);
    free(bytes);
}

static void open_network(expclip__yunet *y, int32_t n_threads)
{
    size_t size;
    const uint8_t *bytes = expclip__yunet_bytes(&size);
    expclip__weights *ws = NULL;
    expclip_error err;

    if (expclip__weights_open_bytes(&ws, bytes, size, "test", &err) ||
        expclip__yunet_load(y, ws, n_threads, &err))
        fail_msg("%s", err.message);
    expclip__weights_free(ws);
}

static void test_yunet__maps_cover_the_image_and_what_is_added(void **state)
{
    static const uint8_t rgb[33 * 65 * 3];
    expclip__yunet_maps maps;
    expclip__yunet y;
    expclip_error err;

    (void)state;
    open_network(&y, 1);
    assert_int_equal(expclip__yunet_run(&maps, &y, rgb, 65, 33, &err), 0);
    for (int i = 0; i < EXPCLIP__YUNET_MAPS; i++) {
        assert_int_equal(maps.map[i].stride, 8 << i);
        assert_int_equal(maps.map[i].columns, 96 >> (3 + i));
        assert_int_equal(maps.map[i].rows, 64 >> (3 + i));
        assert_true(isfinite(maps.map[i].cells[EXPCLIP__YUNET_FACE]));
    }
    expclip__yunet_maps_free(&maps);
    expclip__yunet_close(&y);
}

static void test_yunet__threads_do_not_change_a_bit(void **state)
{
    static uint8_t rgb[200 * 170 * 3];
    const int32_t n_threads[] = { 1, 2, 3, 6, 1000 };
    const size_t n = 21 * (6 * 7 * 16); /* 192 x 224 pixels */
    expclip__yunet_maps first, maps;
    expclip__yunet y;

    (void)state;
    for (size_t i = 0; i < sizeof(rgb); i++)
        rgb[i] = (uint8_t)(i * i >> 5);
    for (size_t i = 0; i < 5; i++) {
        open_network(&y, n_threads[i]);
        assert_int_equal(
            expclip__yunet_run(i ? &maps : &first, &y, rgb, 200, 170, NULL), 0);
        expclip__yunet_close(&y);
        if (i) {
            assert_memory_equal(first.values, maps.values, n * sizeof(float));
            expclip__yunet_maps_free(&maps);
        }
    }
    expclip__yunet_maps_free(&first);
}

static int32_t load_all(void *data)
{
    size_t size;
    const uint8_t *bytes = expclip__yunet_bytes(&size);

    (void)data;
    return load(bytes, size, NULL);
}

static int32_t look(void *data)
{
    static const uint8_t rgb[32 * 32 * 3];
    expclip__yunet_maps maps;
    const expclip_status status =
        expclip__yunet_run(&maps, data, rgb, 32, 32, NULL);

    if (!status)
        expclip__yunet_maps_free(&maps);
    return status;
}

static void test_yunet__survives_failing_allocations(void **state)
{
    expclip__yunet y;

    (void)state;
    sweep_needed_allocations(load_all, NULL);
    open_network(&y, 1);
    sweep_needed_allocations(look, &y);
    expclip__yunet_close(&y);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_yunet__a_missing_tensor_is_named),
        cmocka_unit_test(test_yunet__a_number_that_is_none_is_refused),
        cmocka_unit_test(test_yunet__maps_cover_the_image_and_what_is_added),
        cmocka_unit_test(test_yunet__threads_do_not_change_a_bit),
        cmocka_unit_test(test_yunet__survives_failing_allocations),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
