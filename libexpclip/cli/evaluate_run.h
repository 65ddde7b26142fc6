/* SPDX-License-Identifier: MIT */
/*
 * evaluate_run.h - what `expclip evaluate` holds while it runs, and the parts
 * that its work is made of.
 */
#ifndef EXPCLIP_CLI_EVALUATE_RUN_H
#define EXPCLIP_CLI_EVALUATE_RUN_H

#include <expclip_eval.h>
#include <jansson.h>

#include "data_settings.h"
#include "model_settings.h"
#include "prompt_sets.h"

typedef struct evaluate_settings {
    option_texts data;   /* NAME=PATH[,LIST]... */
    option_texts models; /* each may have several, with commas between */
    option_texts heads;
    const char *prompts;
    const char *output;
    const char *pooling;
    const char *sampling;
    int32_t n_bootstrap;
    int32_t batch;
    int32_t seed;
    int32_t json;
    int32_t compare;
    int32_t no_predictions;
    data_settings reading;
    model_settings model; /* but for model and head */
} evaluate_settings;

/** Texts, each for free(). */
typedef struct evaluate_words {
    char **items;
    size_t n;
} evaluate_words;

/** A data set and its features by the encoder that was used last. */
typedef struct evaluated_data {
    expclip_dataset *dataset;
    char *name; /* in results: "folder", of the second one "folder-2" */
    char *spec;
    size_t n;
    size_t n_classes;
    int32_t *labels;    /* [n] */
    int32_t *folds;     /* [n] */
    const char **names; /* [n_classes] */
    prompt_sets sets;   /* for its classes */
    expclip_features *features;
    char fingerprint[17]; /* of their encoder */
} evaluated_data;

/** Class vectors by their prompts, so that a text is embedded once a model. */
typedef struct evaluated_classes {
    char *key;
    expclip_classes *classes;
} evaluated_classes;

/** One result's logits, for comparisons. */
typedef struct evaluated_logits {
    size_t data;    /* which data set */
    size_t prompts; /* which prompt set */
    size_t result;  /* where in the results */
    float *logits;
} evaluated_logits;

typedef struct evaluate_run {
    const evaluate_settings *settings;
    evaluated_data *data; /* [n_data] */
    size_t n_data;
    evaluate_words models; /* as the user wrote them */
    evaluate_words heads;
    evaluate_words names;       /* of the models so far: "ViT-B/32" */
    evaluate_words files;       /* of predictions */
    expclip_model *model;       /* the one in use */
    const char *name;           /* its name */
    const char *head;           /* its head, as the user wrote it */
    evaluated_classes *classes; /* [n_classes] of this model */
    size_t n_classes;
    evaluated_logits *logits; /* [n_logits] */
    size_t n_logits;
    json_t *results;
    json_t *comparisons;
    size_t n_failed; /* items, each counted once a data set and encoder */
    int worst;       /* exit code of what failed while the rest went on */
} evaluate_run;

/** "DIR/name", for free(). */
char *evaluate_path(const evaluate_run *run, const char *name);
/** The first of `text`, `text`-2, `text`-3 ... that is new; owned by `words`.
 */
const char *evaluate_new_word(evaluate_words *words, const char *text);
/** Add the words of "a,b,c"; one that exists as a file stays with its commas.
 */
void evaluate_split(evaluate_words *words, const char *text);
void evaluate_free_words(evaluate_words *words);

/** Open the data sets, and word their classes. What cannot be read is reported
 * and left out. @return 0 or an exit code */
int evaluate_open_data(evaluate_run *run, int n_folders, char **folders);
void evaluate_close_data(evaluate_run *run);

/** Features of a data set by the model in use: computed, or read. @return 0 or
 * an exit code, reported */
int evaluate_features(evaluate_run *run, evaluated_data *data);
/** Class vectors of a data set's classes; owned by the run. */
int evaluate_classes(const expclip_classes **out, evaluate_run *run,
                     const evaluated_data *data, size_t prompts);
/** Forget the class vectors of the model. */
void evaluate_forget_classes(evaluate_run *run);

/** Score and measure; the result is appended and its predictions written. */
int evaluate_prompt_set(evaluate_run *run, size_t data, size_t prompts);
/** results.json, results.csv, comparisons.json. @return 0 or an exit code */
int evaluate_write(const evaluate_run *run);

#endif
