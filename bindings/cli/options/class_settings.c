/* SPDX-License-Identifier: MIT */
/*
 * class_settings.c - the options that say which classes are told apart.
 */
#include "options/class_settings.h"

#include <stdlib.h>
#include <string.h>

#include "options/comma_words.h"
#include "options/prompt_sets.h"
#include "terminal/console.h"
#include "terminal/failure.h"
#include "terminal/memory.h"
#include "terminal/stop.h"
#include "views/outfile.h"

static const char default_prompts[] = "type3"; /* as the paper's reference */

/* The order of the paper's reference, models/Text.py; 7, 8 or 11 of them. */
static const char *const paper_classes[] = {
    "happiness", "sadness",      "neutral",        "anger",
    "surprise",  "disgust",      "fear",           "contempt",
    "anxiety",   "helplessness", "disappointment",
};

static int fail_classes(const char *found)
{
    console_error("--classes: found \"%s\", expected 7, 8, 11 or at least two "
                  "names separated by commas",
                  found);
    return EXIT_USAGE;
}

/** 7, 8 or 11; 0 when the text is something else. */
static size_t paper_count(const char *text)
{
    static const struct {
        const char *text;
        size_t n;
    } counts[] = { { "7", 7 }, { "8", 8 }, { "11", 11 } };

    for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
        if (strcmp(counts[i].text, text) == 0)
            return counts[i].n;
    return 0;
}

/** Add 7, 8 or 11 classes, or those of "a,b,c". A name that comes twice is the
 * library's error. */
static int add_classes(expclip_prompts *p, const char *classes,
                       const char *set_or_template, expclip_error *err)
{
    const size_t n = paper_count(classes);
    comma_words names = { NULL, 0 };
    int rc = 0;

    for (size_t i = 0; i < n; i++)
        comma_words_add(&names, paper_classes[i]);
    if (n == 0)
        comma_words_add(&names, classes);
    if (names.n < 2)
        rc = fail_classes(classes);
    for (size_t i = 0; i < names.n && !rc; i++)
        if (!*names.items[i])
            rc = fail_classes(classes);
        else if (expclip_prompts_add_class(p, names.items[i], set_or_template,
                                           err))
            rc = failure_report_as(err, EXIT_USAGE);
    comma_words_free(&names);
    return rc;
}

static int read_file(expclip_prompts **out, const class_settings *s,
                     expclip_error *err)
{
    expclip_status status;

    status = expclip_prompts_load(out, s->prompts, err);
    if (status == EXPCLIP_ERROR_NOT_FOUND) {
        console_error("--prompts: found \"%s\", expected type1 to type5, a"
                      " template with {}, or an existing file",
                      s->prompts);
        return EXIT_USAGE;
    }
    if (status)
        return failure_report_as(err, EXIT_USAGE);
    if (s->classes) {
        console_error("--prompts %s names its own classes; leave out --classes",
                      s->prompts);
        expclip_prompts_free(*out);
        *out = NULL;
        return EXIT_USAGE;
    }
    return 0;
}

const char *class_settings_prompts(const class_settings *s)
{
    return s->class_set ? s->class_set
           : s->prompts ? s->prompts
                        : default_prompts;
}

int class_settings_read(expclip_prompts **out, const class_settings *s)
{
    const char *prompts = class_settings_prompts(s);
    expclip_prompts *p = NULL;
    expclip_error err;
    int rc;

    *out = NULL;
    if (s->class_set && (s->classes || s->prompts)) {
        console_error("--class-set brings its classes and prompts; leave out"
                      " --classes and --prompts");
        return EXIT_USAGE;
    }
    outfile_protect(s->class_set);
    outfile_protect(prompts);
    if (s->save_classes &&
        outfile_check(s->save_classes, EXPCLIP__FILE_TENSORS))
        return EXIT_USAGE;
    if (s->class_set)
        return 0;
    if (!prompt_sets_is_words(prompts))
        return read_file(out, s, &err);
    if (expclip_prompts_create(&p, &err))
        return failure_report_as(&err, EXIT_RESOURCES);
    rc = add_classes(p, s->classes ? s->classes : "7", prompts, &err);
    if (rc)
        expclip_prompts_free(p);
    else
        *out = p;
    return rc;
}

static expclip_status write(const char *name, const void *data,
                            expclip_error *err)
{
    return expclip_classes_save(data, name, err);
}

int class_settings_create(expclip_classes **out, const class_settings *s,
                          const expclip_model *model,
                          const expclip_prompts *prompts)
{
    expclip_classes_options options = EXPCLIP_CLASSES_OPTIONS_INIT;
    expclip_classes *classes = NULL;
    expclip_error err;
    int rc;

    options.pooling = strcmp(s->pooling, "logits") == 0
                          ? EXPCLIP_POOLING_LOGITS
                          : EXPCLIP_POOLING_EMBEDDINGS;
    if (s->class_set) {
        if (expclip_classes_load(&classes, s->class_set, &err))
            return failure_report_as(&err, EXIT_MODEL);
    } else {
        if (expclip_classes_create(&classes, model, prompts, &options,
                                   stop_token(), &err))
            return failure_report(&err);
    }
    prompt_sets_tell_cut(classes, model);
    rc = s->save_classes
             ? outfile_library(s->save_classes, EXPCLIP__FILE_TENSORS, write,
                               classes)
             : 0;
    if (rc)
        expclip_classes_free(classes);
    else
        *out = classes;
    return rc;
}
