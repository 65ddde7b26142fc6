/* SPDX-License-Identifier: MIT */
/*
 * data_settings.h - datasets as a command line names them, and the options
 * that say how they are read.
 */
#ifndef EXPCLIP_CLI_DATA_SETTINGS_H
#define EXPCLIP_CLI_DATA_SETTINGS_H

#include <expclip_eval.h>

#include "commands/command.h"

typedef struct data_settings {
    const char *root_map; /* "OLD=NEW", or NULL */
    const char *split;
    const char *policy;
    const char *labels; /* "1=surprise,...", or NULL */
} data_settings;

#define DATA_SETTINGS_DEFAULT                                                  \
    {                                                                          \
        .split = "test", .policy = "stop"                                      \
    }

/* Rows of a command's option table; `d` is the data_settings in `type`. */
#define DATA_OPTIONS(type, d)                                                  \
    OPT_HEADING("Reading datasets"),                                           \
        OPT_TEXT(type, d.root_map, "root-map", 0, "OLD=NEW",                   \
                 "Paths in lists that begin with the folder OLD begin with "   \
                 "NEW instead."),                                              \
        OPT_TEXT(type, d.labels, "labels", 0, "NAME=CLASS,...",                \
                 "The classes of the folders of folder=DIR, or of the labels " \
                 "in lists, such as 1=surprise,2=fear. A number beside the "   \
                 "name of a class, as in 0_happy, needs none."),               \
        OPT_CHOICE(type, d.split, "split", "test|train",                       \
                   "Which part of a dataset is read. The test part of "        \
                   "AffectNet and AFEW is their published validation set."),   \
        OPT_CHOICE(type, d.policy, "policy", "stop|skip",                      \
                   "What happens at a line that cannot be read: stop ends "    \
                   "the work; skip leaves the line out and counts it.")

/**
 * Open the dataset of an operand NAME=PATH[,LIST]... A PATH with commas in it
 * is taken whole when it exists. Reports what is wrong.
 *
 * @return 0 or an exit code
 */
int data_settings_open(expclip_dataset **out, const char *spec,
                       const data_settings *s);
/** The same where a dataset that cannot be read shall not end the work: then
 * the exit code is EXIT_SOME_FAILED. */
int data_settings_try(expclip_dataset **out, const char *spec,
                      const data_settings *s);
/** Say on stderr what the opening left out, and which names it read. */
void data_settings_tell(const expclip_dataset *data);

#endif
