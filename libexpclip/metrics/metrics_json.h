/* SPDX-License-Identifier: MIT */
/*
 * metrics_json.h - what a table needs to know of predictions, as JSON.
 */
#ifndef EXPCLIP_METRICS_METRICS_JSON_H
#define EXPCLIP_METRICS_METRICS_JSON_H

#include <expclip_eval.h>

#include "metrics/predictions.h"

/** As expclip_metrics_compute(), arguments checked: names are UTF-8 and each
 * another. The text is for free(). */
expclip_status expclip__metrics_json(char **out, const expclip__scored *scored,
                                     const char *const *names,
                                     const expclip_metrics_options *options,
                                     const expclip_cancel *cancel,
                                     expclip_error *err);

/** As expclip_metrics_compare(), arguments checked: same labels and sizes. */
expclip_status expclip__compare_json(char **out, const expclip__scored *scored,
                                     const float *other_logits,
                                     expclip_error *err);

#endif
