/* SPDX-License-Identifier: MIT */
/*
 * yunet_weights.c - where YuNet's weights are in the library.
 */
#include "faces/yunet.h"

/* Set by yunet_bytes.S. */
extern const uint8_t expclip__yunet_start[];
extern const uint8_t expclip__yunet_end[];

const uint8_t *expclip__yunet_bytes(size_t *size)
{
    *size = (size_t)(expclip__yunet_end - expclip__yunet_start);
    return expclip__yunet_start;
}
