/* SPDX-License-Identifier: MIT */
/*
 * demo_model.c - the model "demo": where its bytes are in the library.
 */
#include "expression/demo_model.h"

/* Set by demo_bytes.S. */
extern const uint8_t expclip__demo_start[];
extern const uint8_t expclip__demo_end[];

const uint8_t *expclip__demo_model(size_t *size)
{
    *size = (size_t)(expclip__demo_end - expclip__demo_start);
    return expclip__demo_start;
}
