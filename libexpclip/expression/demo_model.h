/* SPDX-License-Identifier: MIT */
/*
 * demo_model.h - the model "demo", which the library carries.
 */
#ifndef EXPCLIP_EXPRESSION_DEMO_MODEL_H
#define EXPCLIP_EXPRESSION_DEMO_MODEL_H

#include <stddef.h>
#include <stdint.h>

/** The bytes of the model "demo", compiled in; *size is 0 without them. */
const uint8_t *expclip__demo_model(size_t *size);

#endif
