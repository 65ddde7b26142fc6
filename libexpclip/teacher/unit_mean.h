/* SPDX-License-Identifier: MIT */
/*
 * unit_mean.h - one vector of a language model's states.
 */
#ifndef EXPCLIP_TEACHER_UNIT_MEAN_H
#define EXPCLIP_TEACHER_UNIT_MEAN_H

#include <expclip_base.h>

/** states [tokens, width] -> out [width]: their mean, unit length. NONFINITE
 * when it has none. */
expclip_status expclip__unit_mean(float *out, const float *states,
                                  size_t tokens, size_t width,
                                  expclip_error *err);

#endif
