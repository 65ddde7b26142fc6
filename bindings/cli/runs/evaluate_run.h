/* SPDX-License-Identifier: MIT */
/*
 * evaluate_run.h - what `expclip evaluate` holds while it runs, and the parts
 * that its work is made of.
 */
#ifndef EXPCLIP_CLI_EVALUATE_RUN_H
#define EXPCLIP_CLI_EVALUATE_RUN_H

#include "options/comma_words.h"
#include "options/model_settings.h"
#include "runs/labelled_data.h"

typedef struct evaluate_settings {
    option_texts data;   /* NAME=PATH[,LIST]... */
    option_texts models; /* each may have several, with commas between */
    option_texts heads;
    const char *prompts;
    const char *output;
    const char *pooling;
    const char *sampling;
    expclip_metrics_options metrics;
    int32_t batch;
    int32_t json;
    int32_t compare;
    int32_t no_predictions;
    data_settings reading;
    face_settings faces;  /* `margin` may have several, with commas between */
    model_settings model; /* but for which model and head */
} evaluate_settings;

/** The logits of a dataset's and prompt set's first result. */
typedef struct evaluated_logits {
    size_t data;
    size_t prompts;
    size_t result; /* where in the results */
    float *logits;
} evaluated_logits;

typedef struct evaluate_run {
    const evaluate_settings *settings;
    labelled_data *data; /* [n_data] */
    size_t n_data;
    size_t n_prompts; /* sets; each dataset has as many */
    comma_words models;
    comma_words heads;
    expclip_model *model;     /* the one in use */
    const char *head;         /* its head, as the user wrote it */
    expclip_classes *classes; /* all prompts, by this model */
    evaluated_logits *logits; /* [n_logits], when they are compared */
    size_t n_logits;
    json_t *results;
    json_t *comparisons;
    size_t n_failed; /* items, each counted once a dataset and encoder */
    int worst;       /* exit code of what failed while the rest went on */
} evaluate_run;

/** "DIR/name", for free(). */
char *evaluate_path(const evaluate_run *run, const char *name);
/** A text with every character that a file name should not have as "-". */
char *evaluate_file_name(const char *text);

/** Read the prompt sets in words of every dataset's classes. */
int evaluate_read_prompts(evaluate_run *run);
/** Embed all of them by the model in use. */
int evaluate_embed_prompts(evaluate_run *run);
/** Class vectors of one set. */
int evaluate_classes(expclip_classes **out, const evaluate_run *run,
                     const prompt_set *set);

/** Score and measure; the result is appended and its predictions written. */
int evaluate_prompt_set(evaluate_run *run, size_t data, size_t prompts);
/** Report a file in DIR that the results must not replace, before the work.
 * @return 0 or EXIT_USAGE */
int evaluate_check_files(const evaluate_run *run);
/** results.json, results.csv, comparisons.json. @return 0 or an exit code */
int evaluate_write(const evaluate_run *run);

#endif
