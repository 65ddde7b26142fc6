/* SPDX-License-Identifier: MIT */
/*
 * scoring.h - what `expclip score` and `expclip clip` share: their settings,
 * the model and classes, and the form of the results.
 */
#ifndef EXPCLIP_CLI_SCORING_H
#define EXPCLIP_CLI_SCORING_H

#include "inputs/inputs.h"
#include "options/class_settings.h"
#include "options/model_settings.h"
#include "views/score_view.h"

typedef struct scoring_settings {
    model_settings model;
    class_settings classes;
    image_settings images;
    float temperature;
    int32_t top;
    int32_t batch;
    int32_t json;
    int32_t csv;
} scoring_settings;

#define SCORING_SETTINGS_DEFAULT                                               \
    {                                                                          \
        .model = MODEL_SETTINGS_DEFAULT, .classes = CLASS_SETTINGS_DEFAULT,    \
        .images = IMAGE_SETTINGS_DEFAULT, .temperature = 1.0f, .batch = 8      \
    }

/* Rows of a command's option table; `s` is the scoring_settings in `type`. */
#define SCORING_CSV_OPTION(type, s)                                            \
    OPT_RESULTS(                                                               \
        type, s.csv, "csv",                                                    \
        "Print comma-separated values: path, status, label, then one column "  \
        "per class. A text that begins with = + - @, a tab or a carriage "     \
        "return gets a ' in front, so that spreadsheets do not compute it.")
#define SCORING_NUMBER_OPTIONS(type, s)                                        \
    OPT_INT(type, s.top, "top", 1, 1000000, "Show only the N best classes."),  \
        OPT_REAL(type, s.temperature, "temperature", 1e-3, 1e6,                \
                 "Divide the logits by X. A value above 1 makes the "          \
                 "probabilities less confident.")

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
/** Show a result, of logits [n_classes] unless `r` has failed. */
void scoring_show(scoring *run, score_result *r, const float *logits);
/** Free what the run holds. @return `rc`, or whether inputs failed */
int scoring_end(scoring *run, int rc);

#endif
