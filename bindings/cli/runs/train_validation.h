/* SPDX-License-Identifier: MIT */
/*
 * train_validation.h - rates on labelled data while a head is learned: of
 * plain CLIP first, then of the head after each epoch. Nothing is learned from
 * them.
 */
#ifndef EXPCLIP_CLI_TRAIN_VALIDATION_H
#define EXPCLIP_CLI_TRAIN_VALIDATION_H

#include <expclip_train.h>

#include "options/model_settings.h"
#include "runs/labelled_data.h"
#include "runs/train_log.h"

typedef struct validation_settings {
    option_texts data;   /* NAME=PATH[,LIST]...; n = 0: none */
    const char *prompts; /* one set, file or template */
    data_settings reading;
    model_settings model; /* its encoder made the training's features */
} validation_settings;

/* Pixels as `expclip features` makes them. */
#define VALIDATION_SETTINGS_DEFAULT                                            \
    {                                                                          \
        .prompts = "type3", .reading = DATA_SETTINGS_DEFAULT,                  \
        .model = ENCODER_SETTINGS_DEFAULT                                      \
    }

typedef struct train_validation train_validation;

/** Open the data and read the prompts, before anything costly. *out stays NULL
 * when no data were given. @return 0 or an exit code, reported */
int train_validation_open(train_validation **out, const validation_settings *s);
/**
 * Load the model, compute the features or read them from `folder`, and rate
 * plain CLIP, or the head when training goes on after a whole epoch.
 *
 * @param log  may be NULL
 * @return 0 or an exit code, reported
 */
int train_validation_start(train_validation *v, const expclip_trainer *trainer,
                           train_log *log, const char *folder);
/** Rate the head as it stands. @return 0 or an exit code, reported */
int train_validation_run(train_validation *v, const expclip_trainer *trainer,
                         train_log *log);
/** Items that failed, of all data. */
size_t train_validation_failed(const train_validation *v);
void train_validation_close(train_validation *v);

#endif
