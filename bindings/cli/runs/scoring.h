/* SPDX-License-Identifier: MIT */
/*
 * scoring.h - what a run of `expclip score` and of `expclip clip` shares: the
 * model and classes, and the form of the results.
 */
#ifndef EXPCLIP_CLI_SCORING_H
#define EXPCLIP_CLI_SCORING_H

#include "inputs/inputs.h"
#include "options/scoring_settings.h"
#include "views/score_view.h"

/** All that a run holds. */
typedef struct scoring {
    const scoring_settings *settings;
    const score_form *form;
    inputs in;
    expclip_image_options image;
    expclip_prompts *prompts;
    expclip_model *model;
    expclip_classes *classes;
    score_view view;
    const char **names;   /* [n_classes] */
    float *probabilities; /* [n_classes] */
    int32_t *order;       /* [n_classes] */
    size_t n_done;
    size_t n_failed;
    double start;
} scoring;

/**
 * Check what the user may have mistyped, before a model is loaded. The run is
 * for scoring_end() also after a failure.
 *
 * @param what  an input is: "image"
 * @return 0 or an exit code, reported
 */
int scoring_open(scoring *out, const scoring_settings *s, const char *name,
                 const char *what, int n_operands);
/** Load the model and make the classes. @return 0 or an exit code, reported */
int scoring_load(scoring *run);
/** Show a result, of logits [n_classes] unless `r` has failed, and count its
 * failure. */
void scoring_show(scoring *run, score_result *r, const float *logits);
/** Free what the run holds. @return `rc`, or whether inputs failed */
int scoring_end(scoring *run, int rc);

#endif
