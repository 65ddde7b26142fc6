/* SPDX-License-Identifier: MIT */
/*
 * prompt_tables.h - the prompts of the paper's reference.
 */
#ifndef EXPCLIP_PROMPT_TABLES_H
#define EXPCLIP_PROMPT_TABLES_H

#include <stddef.h>

#define EXPCLIP__N_PROMPT_SETS 5

typedef struct expclip__prompt_set {
    const char *name;             /* "type1" ... "type5" */
    size_t n_prompts;             /* of a class */
    const char *const *templates; /* [n_prompts]; "{}" is the class name */
} expclip__prompt_set;

extern const expclip__prompt_set expclip__prompt_sets[EXPCLIP__N_PROMPT_SETS];

/** The paper's own words for a class's prompt, NULL = the template's. */
const char *expclip__prompt_exception(const expclip__prompt_set *set,
                                      const char *class_name, size_t prompt);

#endif
