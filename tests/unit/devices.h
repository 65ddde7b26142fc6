/* SPDX-License-Identifier: MIT */
/*
 * devices.h - what the tests of the seam share: four devices (fp32 and bf16,
 * portable and packed), numbers, comparisons.
 */
#ifndef EXPCLIP_TEST_DEVICES_H
#define EXPCLIP_TEST_DEVICES_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tensor/tensor.h"

#define COUNT(array) ((int64_t)(sizeof(array) / sizeof((array)[0])))
#define N_DEVICES 4
#define MAX 20000

static tensor_device *devices[N_DEVICES];
/* bf16 keeps 8 bits: inputs, weights and results are each off by 2^-9. */
static const double tolerance[N_DEVICES] = { 1e-5, 1e-5, 0.02, 0.02 };

static inline int open_devices(void **state)
{
    (void)state;
    for (int i = 0; i < N_DEVICES; i++) {
        const tensor_device_options o = {
            .name = "cpu",
            .dtype = i < 2 ? EXPCLIP__F32 : EXPCLIP__BF16,
            .n_threads = 2,
            .packed = i % 2,
        };
        expclip_error err = { 0 };

        if (tensor_device_open(&devices[i], &o, &err) != EXPCLIP_OK) {
            fprintf(stderr, "%s\n", err.message);
            return -1;
        }
    }
    printf("%s\n", tensor_runtime_info());
    return 0;
}

static inline int close_devices(void **state)
{
    (void)state;
    for (int i = 0; i < N_DEVICES; i++)
        tensor_device_close(devices[i]);
    return 0;
}

/* Numbers in -1..1, the same on every machine. */
static inline float *numbers(int64_t n, uint32_t seed)
{
    static float ring[8][MAX];
    static int turn;
    float *out = ring[turn = (turn + 1) % 8];

    assert_true(n <= MAX);
    for (int64_t i = 0; i < n; i++) {
        seed = seed * 1664525u + 1013904223u;
        out[i] = (float)(seed >> 8) / 8388608.0f - 1.0f;
    }
    return out;
}

/* Largest difference, relative to the largest expected number. */
static inline void assert_near(const float *found, const float *expected,
                               int64_t n, double limit)
{
    double largest = 1e-30;

    for (int64_t i = 0; i < n; i++)
        largest = fmax(largest, fabs(expected[i]));
    for (int64_t i = 0; i < n; i++)
        if (!(fabs((double)found[i] - expected[i]) <= limit * largest))
            fail_msg("[%lld]: %g, expected %g (largest %g)", (long long)i,
                     (double)found[i], (double)expected[i], largest);
}

static inline tensor_scope *begin(int device, expclip_error *err)
{
    tensor_scope *s;

    memset(err, 0, sizeof(*err));
    s = tensor_scope_begin(devices[device], err);
    assert_non_null(s);
    return s;
}

static inline void end(tensor_scope *s, const expclip_error *err)
{
    if (tensor_scope_end(s) != EXPCLIP_OK)
        fail_msg("%s", err->message);
}

/* Read out t, compare, end the scope. */
static inline void finish(tensor_scope *s, const expclip_error *err,
                          const tensor *t, const float *expected, int64_t n,
                          double limit)
{
    static float found[MAX];

    tensor_to_f32(s, t, found, n);
    end(s, err);
    assert_near(found, expected, n, limit);
}

static inline tensor_linear *linear(int device, const float *w, const float *b,
                                    int64_t n_out, int64_t n_in)
{
    tensor_linear *out = NULL;
    expclip_error err;

    assert_int_equal(
        tensor_linear_create(&out, devices[device], w, b, n_out, n_in, &err),
        EXPCLIP_OK);
    return out;
}

#endif
