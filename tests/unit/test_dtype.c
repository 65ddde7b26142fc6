/* SPDX-License-Identifier: MIT */
/*
 * test_dtype.c - number formats: every half, and the ties of rounding.
 */
#include "unit/scratch.h"

#include <math.h>

#include "base/dtype.h"

/* What IEEE 754 says a half is, by arithmetic. */
static double half_value(uint16_t h)
{
    const int exponent = h >> 10 & 31, mantissa = h & 1023;
    const double sign = h & 0x8000 ? -1 : 1;

    if (exponent == 31)
        return mantissa ? NAN : sign * INFINITY;
    if (exponent == 0)
        return sign * ldexp(mantissa, -24);
    return sign * ldexp(1024 + mantissa, exponent - 25);
}

static void test_dtype__converts_every_half_there_and_back(void **state)
{
    static uint16_t all[65536], back[65536];
    static float values[65536];

    (void)state;
    for (size_t i = 0; i < 65536; i++)
        all[i] = (uint16_t)i;
    expclip__dtype_to_f32(values, all, 65536, EXPCLIP__F16);
    expclip__dtype_from_f32(back, values, 65536, EXPCLIP__F16);
    for (size_t i = 0; i < 65536; i++) {
        const double expected = half_value(all[i]);

        if (isnan(expected)) {
            assert_true(isnan(values[i]));
            assert_true((back[i] & 0x7fff) > 0x7c00);
        } else {
            assert_true((double)values[i] == expected);
            assert_int_equal(signbit(values[i]) != 0, all[i] >> 15);
            assert_int_equal(back[i], all[i]);
        }
    }
}

static void test_dtype__rounds_to_the_nearest_half_ties_to_even(void **state)
{
    static const struct {
        float value;
        uint16_t half;
    } cases[] = {
        { 0x1.002p0f, 0x3c00 },    /* tie, down to even */
        { 0x1.006p0f, 0x3c02 },    /* tie, up to even */
        { 0x1.002002p0f, 0x3c01 }, /* just above the tie */
        { 65519.99f, 0x7bff },     /* largest that stays finite */
        { 65520.0f, 0x7c00 },      /* tie to infinity */
        { -1e30f, 0xfc00 },
        { 0x1p-24f, 0x0001 },   /* smallest subnormal */
        { 0x1p-25f, 0x0000 },   /* tie, down to even */
        { 0x1.8p-24f, 0x0002 }, /* tie, up to even */
        { 0x1.000002p-25f, 0x0001 },
        { -0x1p-40f, 0x8000 },
        { 0x1.ffcp-15f, 0x0400 }, /* rounds up to a normal number */
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint16_t half;

        expclip__dtype_from_f32(&half, &cases[i].value, 1, EXPCLIP__F16);
        assert_int_equal(half, cases[i].half);
    }
}

static void test_dtype__rounds_to_bfloat16(void **state)
{
    static const struct {
        uint32_t bits;
        uint16_t brain;
    } cases[] = {
        { 0x3f800000, 0x3f80 }, { 0x3f808000, 0x3f80 }, { 0x3f818000, 0x3f82 },
        { 0x3f808001, 0x3f81 }, { 0x7f7fffff, 0x7f80 }, { 0xff800000, 0xff80 },
        { 0x80000000, 0x8000 }, { 0x00000001, 0x0000 },
    };
    const uint32_t nan = 0x7f800001;
    uint16_t brain;
    float value;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        memcpy(&value, &cases[i].bits, 4);
        expclip__dtype_from_f32(&brain, &value, 1, EXPCLIP__BF16);
        assert_int_equal(brain, cases[i].brain);
    }
    memcpy(&value, &nan, 4);
    expclip__dtype_from_f32(&brain, &value, 1, EXPCLIP__BF16);
    expclip__dtype_to_f32(&value, &brain, 1, EXPCLIP__BF16);
    assert_true(isnan(value));
}

static void test_dtype__reads_every_type_at_any_address(void **state)
{
    unsigned char bytes[32];
    const double f64 = -2.5;
    const int64_t i64 = -7;
    const int32_t i32 = 1 << 20;
    const int16_t i16 = -300;
    const struct {
        expclip__dtype dtype;
        const void *from;
        float expected;
    } cases[] = {
        { EXPCLIP__F64, &f64, -2.5f },    { EXPCLIP__I64, &i64, -7.0f },
        { EXPCLIP__I32, &i32, 0x1p20f },  { EXPCLIP__I16, &i16, -300.0f },
        { EXPCLIP__I8, "\x80", -128.0f }, { EXPCLIP__U8, "\x80", 128.0f },
        { EXPCLIP__BOOL, "\x01", 1.0f },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        float value;

        memcpy(bytes + 1, cases[i].from, expclip__dtype_size(cases[i].dtype));
        expclip__dtype_to_f32(&value, bytes + 1, 1, cases[i].dtype);
        assert_true(value == cases[i].expected);
    }
}

static void test_dtype__knows_names_and_sizes(void **state)
{
    (void)state;
    assert_string_equal(expclip__dtype_name(EXPCLIP__BF16), "BF16");
    assert_int_equal(expclip__dtype_size(EXPCLIP__BF16), 2);
    assert_int_equal(expclip__dtype_size(EXPCLIP__F64), 8);
    for (int i = 0; i < EXPCLIP__N_DTYPES; i++)
        assert_true(expclip__dtype_name((expclip__dtype)i)[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_dtype__converts_every_half_there_and_back),
        cmocka_unit_test(test_dtype__rounds_to_the_nearest_half_ties_to_even),
        cmocka_unit_test(test_dtype__rounds_to_bfloat16),
        cmocka_unit_test(test_dtype__reads_every_type_at_any_address),
        cmocka_unit_test(test_dtype__knows_names_and_sizes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
