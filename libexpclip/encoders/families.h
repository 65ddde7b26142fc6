/* SPDX-License-Identifier: MIT */
/*
 * families.h - models that are not a plain CLIP, each by its name.
 */
#ifndef EXPCLIP_FAMILIES_H
#define EXPCLIP_FAMILIES_H

#include "encoders/config.h"

/** The family that a model's or an encoder's name is of; `otherwise` when the
 * name is NULL or no family's. */
const char *expclip__family_of(const char *name, const char *otherwise);

/** UNSUPPORTED with the family's name when the tensors are one's. */
expclip_status expclip__families_check(const expclip__weights *ws,
                                       expclip_error *err);

/**
 * Set the number of heads where no configuration says it: of widths that one
 * published model has, else UNSUPPORTED.
 */
expclip_status expclip__families_heads(expclip__config *config,
                                       expclip_error *err);

#endif
