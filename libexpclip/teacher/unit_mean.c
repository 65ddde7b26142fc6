/* SPDX-License-Identifier: MIT */
/*
 * unit_mean.c - one vector of a language model's states: their mean over the
 * tokens, at unit length (reference BLIP2_T5.py; sentence-transformers).
 */
#include "teacher/unit_mean.h"

#include <math.h>

#include "base/error.h"

expclip_status expclip__unit_mean(float *out, const float *states,
                                  size_t tokens, size_t width,
                                  expclip_error *err)
{
    double length = 0.0;

    for (size_t j = 0; j < width; j++) {
        double sum = 0.0;

        for (size_t i = 0; i < tokens; i++)
            sum += (double)states[i * width + j];
        out[j] = (float)(sum / (double)tokens);
        length += (double)out[j] * (double)out[j];
    }
    length = sqrt(length);
    if (!(length > 0.0 && isfinite(length)))
        return expclip__fail(err, EXPCLIP_ERROR_NONFINITE,
                             "target: length %g, expected a finite one above 0",
                             length);
    for (size_t j = 0; j < width; j++)
        out[j] = (float)((double)out[j] / length);
    return EXPCLIP_OK;
}
