/* SPDX-License-Identifier: MIT */
/*
 * command.h - what a command is: its name, its options and its function.
 *
 * One table of options a command is the source of three things: the parser, the
 * text of --help, and the words that the shell completes (see options.h).
 * A command's settings are a plain struct; the parser starts from `defaults`
 * and writes each value at the option's place in it. Settings hold the option
 * structs of the library and start from their INIT, so that a default stands in
 * one place, the public header; --help prints what it finds there.
 */
#ifndef EXPCLIP_CLI_COMMAND_H
#define EXPCLIP_CLI_COMMAND_H

#include <expclip.h>
#include <stddef.h>

#include "terminal/failure.h"

typedef enum option_kind {
    OPTION_END,
    OPTION_HEADING, /* a line of --help */
    OPTION_FLAG,    /* int32_t, set to 1 */
    OPTION_OFF,     /* int32_t, set to 0 */
    OPTION_RESULTS, /* int32_t, set to 1; with =FILE, stdout goes there */
    OPTION_TEXT,    /* const char * */
    OPTION_TEXTS,   /* option_texts: each time that it is given counts */
    OPTION_CHOICE,  /* const char *, one of the words in `value` */
    OPTION_INT,     /* int32_t, min to max */
    OPTION_LONG,    /* int64_t, min to max */
    OPTION_REAL,    /* float, min to max */
    OPTION_DOUBLE   /* double, min to max */
} option_kind;

/** The values of an option that may be repeated. */
typedef struct option_texts {
    const char *items[64];
    int32_t n;
} option_texts;

typedef struct command_option {
    option_kind kind;
    const char *name;  /* without "--" */
    char letter;       /* 'o' for -o, or 0 */
    size_t place;      /* offset in the settings */
    const char *value; /* what --help calls it; of a choice "fp32|bf16" */
    double min;
    double max;
    const char *help;
} command_option;

#define OPT_ROW(kind, name, letter, place, ...)                                \
    {                                                                          \
        OPTION_##kind, name, letter, place, __VA_ARGS__                        \
    }
#define OPT_END OPT_ROW(END, NULL, 0, 0, NULL, 0, 0, NULL)
#define OPT_HEADING(text) OPT_ROW(HEADING, text, 0, 0, NULL, 0, 0, NULL)
#define OPT_FLAG(type, field, name, letter, help)                              \
    OPT_ROW(FLAG, name, letter, offsetof(type, field), NULL, 0, 0, help)
#define OPT_OFF(type, field, name, letter, help)                               \
    OPT_ROW(OFF, name, letter, offsetof(type, field), NULL, 0, 0, help)
#define OPT_RESULTS(type, field, name, help)                                   \
    OPT_ROW(RESULTS, name, 0, offsetof(type, field), NULL, 0, 0, help)
#define OPT_TEXT(type, field, name, letter, value, help)                       \
    OPT_ROW(TEXT, name, letter, offsetof(type, field), value, 0, 0, help)
#define OPT_TEXTS(type, field, name, letter, value, help)                      \
    OPT_ROW(TEXTS, name, letter, offsetof(type, field), value, 0, 0, help)
#define OPT_CHOICE(type, field, name, words, help)                             \
    OPT_ROW(CHOICE, name, 0, offsetof(type, field), words, 0, 0, help)
#define OPT_INT(type, field, name, min, max, help)                             \
    OPT_ROW(INT, name, 0, offsetof(type, field), "N", min, max, help)
#define OPT_LONG(type, field, name, min, max, help)                            \
    OPT_ROW(LONG, name, 0, offsetof(type, field), "N", min, max, help)
#define OPT_REAL(type, field, name, min, max, help)                            \
    OPT_ROW(REAL, name, 0, offsetof(type, field), "X", min, max, help)
#define OPT_DOUBLE(type, field, name, value, min, max, help)                   \
    OPT_ROW(DOUBLE, name, 0, offsetof(type, field), value, min, max, help)

typedef struct command {
    const char *name;
    const char *operands; /* "IMAGE|DIR|LIST...", "" when it takes none */
    const char *summary;  /* one line */
    const char *details;  /* paragraphs of --help, or NULL */
    const command_option *options;
    const void *defaults;
    size_t settings_size;
    /** @return an exit code */
    int (*run)(const void *settings, int n_operands, char **operands);
} command;

extern const command score_command;
extern const command clip_command;
extern const command detect_command;
extern const command embed_command;
extern const command tokenize_command;
extern const command preprocess_command;
extern const command inspect_command;
extern const command convert_command;
extern const command prompts_command;
extern const command doctor_command;
extern const command pull_command;
extern const command evaluate_command;
extern const command check_list_command;
extern const command features_command;
extern const command targets_command;
extern const command train_command;

#endif
