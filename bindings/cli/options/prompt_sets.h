/* SPDX-License-Identifier: MIT */
/*
 * prompt_sets.h - several ways of saying the classes of a dataset in words.
 */
#ifndef EXPCLIP_CLI_PROMPT_SETS_H
#define EXPCLIP_CLI_PROMPT_SETS_H

#include <expclip_eval.h>

typedef struct prompt_set {
    char *name; /* as the user wrote it */
    expclip_prompts *prompts;
} prompt_set;

typedef struct prompt_sets {
    prompt_set *sets;
    size_t n;
} prompt_sets;

/**
 * Read sets, templates and files for the classes of `data`: those of `list`,
 * which is cut at commas unless it is all one existing path, then one an
 * operand; type1 to type5 when there are none. Reports what is wrong.
 *
 * @param list  may be NULL
 * @return 0 or an exit code
 */
int prompt_sets_read(prompt_sets *out, const char *list, int n_operands,
                     char **operands, const expclip_dataset *data);
void prompt_sets_free(prompt_sets *sets);

/** Every prompt of every set, once a class. @return 0 or an exit code */
int prompt_sets_join(expclip_prompts **out, const prompt_sets *sets);

/** Prompts of the class that has most. */
size_t prompt_set_positions(const expclip_prompts *prompts);
/**
 * All prompts but the one at `position` of each class; a class that has no
 * other keeps it.
 *
 * @return 0 or an exit code
 */
int prompt_set_without(expclip_prompts **out, const expclip_prompts *prompts,
                       size_t position);

/** Is it a set of the paper or a template with {}? Else it is a file. */
int prompt_sets_is_words(const char *name);
/** Note how many prompts were too long for the text encoder, if any. */
void prompt_sets_tell_cut(const expclip_classes *classes,
                          const expclip_model *model);

#endif
