/* SPDX-License-Identifier: MIT */
/*
 * scoring_settings.h - the options that `expclip score` and `expclip clip`
 * share, beside those of the model, the classes and the images.
 */
#ifndef EXPCLIP_CLI_SCORING_SETTINGS_H
#define EXPCLIP_CLI_SCORING_SETTINGS_H

#include "options/class_settings.h"
#include "options/model_settings.h"

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

#endif
