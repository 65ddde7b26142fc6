/* SPDX-License-Identifier: MIT */
/*
 * labelled_data.h - a dataset whose true classes are known, the features of
 * its items, and rates of scores of them.
 */
#ifndef EXPCLIP_CLI_LABELLED_DATA_H
#define EXPCLIP_CLI_LABELLED_DATA_H

#include <expclip_rows.h>
#include <jansson.h>

#include "options/data_settings.h"
#include "options/face_settings.h"
#include "options/prompt_sets.h"

/** One dataset; its features are of the encoder that was used last. */
typedef struct labelled_data {
    expclip_dataset *dataset;
    const char *spec; /* NAME=PATH[,LIST]..., borrowed */
    char *name;       /* as in results: with the framing, when there is one */
    char *title;      /* the same, or with its path when it has no name */
    face_framing framing; /* of the faces in its items */
    size_t n;
    size_t n_classes;
    int32_t *labels;    /* [n] */
    int32_t *folds;     /* [n] */
    const char **names; /* [n_classes] */
    prompt_sets sets;   /* in words of its classes */
    expclip_rows *features;
    char fingerprint[17]; /* of their encoder */
} labelled_data;

/** How features are made and kept. */
typedef struct labelled_settings {
    const char *file;   /* that keeps them; "" = none; NULL = one of its own */
    const char *folder; /* in this folder, which exists */
    const data_settings *reading;
    const char *sampling; /* exact or spread */
    int32_t batch;
} labelled_settings;

/**
 * Open a dataset and look that every item has a class.
 *
 * @param d        zeroed; for labelled_data_close() in any case
 * @param framing  NULL = items are taken whole
 * @return 0 or an exit code, reported; EXIT_SOME_FAILED as data_settings_try()
 */
int labelled_data_open(labelled_data *d, const char *spec,
                       const data_settings *reading,
                       const face_framing *framing);
void labelled_data_close(labelled_data *d);

/**
 * Features by a model: those there are, else computed, from where the file of
 * them ends, with a progress bar.
 *
 * @param n_failed  items that failed or lost frames are added to it
 * @return 0 or an exit code, reported
 */
int labelled_data_embed(labelled_data *d, const expclip_model *model,
                        const labelled_settings *s, size_t *n_failed);

/** Rates of scores [n, n_classes], as expclip_metrics_compute() says them.
 * @return 0 or an exit code, reported */
int labelled_data_measure(json_t **out, const labelled_data *d,
                          const float *logits,
                          const expclip_metrics_options *options);

#endif
