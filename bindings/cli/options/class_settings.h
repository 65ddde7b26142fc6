/* SPDX-License-Identifier: MIT */
/*
 * class_settings.h - the options that say which classes are told apart.
 */
#ifndef EXPCLIP_CLI_CLASS_SETTINGS_H
#define EXPCLIP_CLI_CLASS_SETTINGS_H

#include "commands/command.h"

typedef struct class_settings {
    const char *classes; /* NULL = not given */
    const char *prompts;
    const char *class_set;    /* a saved file to load, or NULL */
    const char *save_classes; /* a file to write, or NULL */
    const char *pooling;
} class_settings;

#define CLASS_SETTINGS_DEFAULT                                                 \
    {                                                                          \
        .pooling = "logits"                                                    \
    }

#define CLASS_OPTIONS(type, c)                                                 \
    OPT_HEADING("Classes"),                                                    \
        OPT_TEXT(type, c.classes, "classes", 'c', "7|8|11|a,b,c",              \
                 "The first 7, 8 or 11 of happiness, sadness, neutral, "       \
                 "anger, surprise, disgust, fear, contempt, anxiety, "         \
                 "helplessness, disappointment; or any names. Default: 7"),    \
        OPT_TEXT(                                                              \
            type, c.prompts, "prompts", 'p', "SET|FILE|TEMPLATE",              \
            "How a class is put into words. type1 is the class name alone; "   \
            "type2 is \"an expression of {}.\"; type3 is \"a photo of a face " \
            "with an expression of {}.\"; type4 has five descriptions per "    \
            "class, and type5 ten. A TEMPLATE has {} in the place of the "     \
            "class name. A FILE is a JSON object {\"class\": [\"prompt\", "    \
            "...]}, or has lines of class, tab, prompt. Default: type3"),      \
        OPT_CHOICE(type, c.pooling, "pooling", "logits|embeddings",            \
                   "How the prompts of a class give one score. logits takes "  \
                   "the mean of their logits, as the paper does; embeddings "  \
                   "takes the mean of their embeddings, scaled to unit "       \
                   "length, as open_clip does."),                              \
        OPT_TEXT(type, c.class_set, "class-set", 0, "FILE",                    \
                 "Use the classes in a file that --save-classes wrote. The "   \
                 "text encoder is then not needed."),                          \
        OPT_TEXT(type, c.save_classes, "save-classes", 0, "FILE",              \
                 "Save the names of the classes, their prompts and their "     \
                 "embeddings.")

/** The set, template or file in use, for people to read. */
const char *class_settings_prompts(const class_settings *s);

/**
 * Check the settings and make the prompts, before a model is loaded: NULL when
 * a saved class set shall be used. Reports what is wrong.
 *
 * @return 0 or an exit code
 */
int class_settings_read(expclip_prompts **out, const class_settings *s);

/** Embed the prompts, or load the set; save it if wanted. */
int class_settings_create(expclip_classes **out, const class_settings *s,
                          const expclip_model *model,
                          const expclip_prompts *prompts);

#endif
