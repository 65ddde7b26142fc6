/* SPDX-License-Identifier: MIT */
/*
 * prompts.h - class names and the prompts that stand for each.
 */
#ifndef EXPCLIP_PROMPTS_H
#define EXPCLIP_PROMPTS_H

#include <expclip.h>

typedef struct expclip__class_prompts {
    char *name;
    char **prompts; /* [n_prompts] */
    size_t n_prompts;
} expclip__class_prompts;

struct expclip_prompts {
    expclip__class_prompts *classes; /* [n_classes], in order */
    size_t n_classes;
};

/* As the functions of expclip.h, arguments already checked for NULL. */
expclip_status expclip__prompts_create(expclip_prompts **out,
                                       expclip_error *err);
expclip_status expclip__prompts_builtin(expclip_prompts **out, const char *set,
                                        int32_t n_classes, expclip_error *err);
expclip_status expclip__prompts_load(expclip_prompts **out, const char *path,
                                     expclip_error *err);
expclip_status expclip__prompts_add(expclip_prompts *p, const char *class_name,
                                    const char *prompt, expclip_error *err);
expclip_status expclip__prompts_add_class(expclip_prompts *p,
                                          const char *class_name,
                                          const char *set_or_template,
                                          expclip_error *err);
expclip_status expclip__prompts_copy(expclip_prompts **out,
                                     const expclip_prompts *p,
                                     expclip_error *err);
void expclip__prompts_free(expclip_prompts *p);

/** Parse the text of a prompt file; `path` is for messages. */
expclip_status expclip__prompts_parse(expclip_prompts **out, const char *text,
                                      size_t size, const char *path,
                                      expclip_error *err);
/** All prompts of all classes. */
size_t expclip__prompts_total(const expclip_prompts *p);

#endif
