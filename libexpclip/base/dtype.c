/* SPDX-License-Identifier: MIT */
/*
 * dtype.c - conversions between number formats.
 *
 * Half precision is converted without branches, so that the compiler can do
 * several at a time: models hold a hundred million of them.
 */
#include "base/dtype.h"

#include <string.h>

static const struct {
    const char *name;
    size_t size;
} dtypes[EXPCLIP__N_DTYPES] = {
    [EXPCLIP__F64] = { "F64", 8 }, [EXPCLIP__F32] = { "F32", 4 },
    [EXPCLIP__F16] = { "F16", 2 }, [EXPCLIP__BF16] = { "BF16", 2 },
    [EXPCLIP__I64] = { "I64", 8 }, [EXPCLIP__I32] = { "I32", 4 },
    [EXPCLIP__I16] = { "I16", 2 }, [EXPCLIP__I8] = { "I8", 1 },
    [EXPCLIP__U8] = { "U8", 1 },   [EXPCLIP__BOOL] = { "BOOL", 1 },
};

size_t expclip__dtype_size(expclip__dtype dtype)
{
    return dtypes[dtype].size;
}

const char *expclip__dtype_name(expclip__dtype dtype)
{
    return dtypes[dtype].name;
}

expclip__dtype expclip__dtype_find(const char *name)
{
    static const struct {
        const char *name;
        expclip__dtype dtype;
    } names[] = {
        { "fp32", EXPCLIP__F32 },
        { "fp16", EXPCLIP__F16 },
        { "bf16", EXPCLIP__BF16 },
    };

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (strcmp(names[i].name, name) == 0)
            return names[i].dtype;
    return EXPCLIP__N_DTYPES;
}

static float from_bits(uint32_t bits)
{
    float value;

    memcpy(&value, &bits, sizeof(value));
    return value;
}

static uint32_t to_bits(float value)
{
    uint32_t bits;

    memcpy(&bits, &value, sizeof(bits));
    return bits;
}

/* ---- to float ---- */

/*
 * Half to float: put exponent and mantissa in a float's place, then multiply
 * by 2^112 to move the bias from 15 to 127. The product is exact and turns
 * subnormals into normal numbers; infinity and NaN get their exponent back.
 */
static float half_to_f32(uint16_t half)
{
    const uint32_t sign = (uint32_t)(half & 0x8000u) << 16;
    const uint32_t rest = (uint32_t)(half & 0x7fffu) << 13;
    const uint32_t special = rest >= 0x0f800000u ? 0x7f800000u : 0u;

    return from_bits(to_bits(from_bits(rest) * 0x1p112f) | special | sign);
}

static void halves(float *out, const unsigned char *in, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        uint16_t half;

        memcpy(&half, in + 2 * i, 2);
        out[i] = half_to_f32(half);
    }
}

static void brain_floats(float *out, const unsigned char *in, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        uint16_t upper;

        memcpy(&upper, in + 2 * i, 2);
        out[i] = from_bits((uint32_t)upper << 16);
    }
}

/* One loop for each element type. */
#define CONVERT(type)                                                          \
    for (size_t i = 0; i < n; i++) {                                           \
        type value;                                                            \
        memcpy(&value, (const unsigned char *)in + i * sizeof(value),          \
               sizeof(value));                                                 \
        out[i] = (float)value;                                                 \
    }                                                                          \
    break

void expclip__dtype_to_f32(float *out, const void *in, size_t n,
                           expclip__dtype dtype)
{
    switch (dtype) {
    case EXPCLIP__F32:
        memcpy(out, in, n * sizeof(*out));
        break;
    case EXPCLIP__F16:
        halves(out, in, n);
        break;
    case EXPCLIP__BF16:
        brain_floats(out, in, n);
        break;
    case EXPCLIP__F64:
        CONVERT(double);
    case EXPCLIP__I64:
        CONVERT(int64_t);
    case EXPCLIP__I32:
        CONVERT(int32_t);
    case EXPCLIP__I16:
        CONVERT(int16_t);
    case EXPCLIP__I8:
        CONVERT(int8_t);
    case EXPCLIP__U8:
    case EXPCLIP__BOOL:
        CONVERT(uint8_t);
    case EXPCLIP__N_DTYPES:
        break;
    }
}

/* ---- from float ---- */

/* Round to nearest, ties to even; too large becomes infinity, NaN stays. */
static uint16_t f32_to_half(float value)
{
    const uint32_t bits = to_bits(value), sign = (bits >> 16) & 0x8000u;
    const uint32_t size = bits & 0x7fffffffu;
    uint32_t half;

    if (size > 0x7f800000u)
        half = 0x7e00u;
    else if (size >= 0x477ff000u) /* 65520 and more round to infinity */
        half = 0x7c00u;
    else if (size < 0x38800000u) /* below 2^-14: the sum rounds to 2^-24 */
        half = to_bits(from_bits(size) + 0.5f) - 0x3f000000u;
    else
        half = (size - 0x38000000u + 0xfffu + ((size >> 13) & 1u)) >> 13;
    return (uint16_t)(half | sign);
}

static uint16_t f32_to_brain(float value)
{
    const uint32_t bits = to_bits(value);

    if ((bits & 0x7fffffffu) > 0x7f800000u)
        return (uint16_t)(bits >> 16 | 0x40u);
    return (uint16_t)((bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16);
}

void expclip__dtype_from_f32(void *out, const float *in, size_t n,
                             expclip__dtype dtype)
{
    if (dtype == EXPCLIP__F32) {
        memcpy(out, in, n * sizeof(*in));
        return;
    }
    for (size_t i = 0; i < n; i++) {
        uint16_t value =
            dtype == EXPCLIP__F16 ? f32_to_half(in[i]) : f32_to_brain(in[i]);

        memcpy((unsigned char *)out + 2 * i, &value, sizeof(value));
    }
}
