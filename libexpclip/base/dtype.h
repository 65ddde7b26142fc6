/* SPDX-License-Identifier: MIT */
/*
 * dtype.h - the number formats of tensors in files and in memory.
 */
#ifndef EXPCLIP_BASE_DTYPE_H
#define EXPCLIP_BASE_DTYPE_H

#include <stddef.h>
#include <stdint.h>

typedef enum expclip__dtype {
    EXPCLIP__F64,
    EXPCLIP__F32,
    EXPCLIP__F16,
    EXPCLIP__BF16,
    EXPCLIP__I64,
    EXPCLIP__I32,
    EXPCLIP__I16,
    EXPCLIP__I8,
    EXPCLIP__U8,
    EXPCLIP__BOOL,
    EXPCLIP__N_DTYPES
} expclip__dtype;

/** Bytes of one element. */
size_t expclip__dtype_size(expclip__dtype dtype);
/** As safetensors spells it: "F32", "BF16"... */
const char *expclip__dtype_name(expclip__dtype dtype);
/** As users spell it: "fp32", "fp16" or "bf16"; N_DTYPES for another. */
expclip__dtype expclip__dtype_find(const char *name);
/** Convert n elements (unaligned bytes, little endian) to float. */
void expclip__dtype_to_f32(float *out, const void *in, size_t n,
                           expclip__dtype dtype);
/** Round n floats to F32, F16 or BF16 (nearest even). */
void expclip__dtype_from_f32(void *out, const float *in, size_t n,
                             expclip__dtype dtype);

#endif
