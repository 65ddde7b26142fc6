/* SPDX-License-Identifier: MIT */
/*
 * options.h - the option parser, and the help that comes from the same table.
 *
 * --name value, --name=value, -o value, flags, --json and --csv with an
 * optional =FILE, "--" to end the options;
 * options and operands in any order; the last of equals counts. A wrong word is
 * answered with the nearest right one.
 */
#ifndef EXPCLIP_CLI_OPTIONS_H
#define EXPCLIP_CLI_OPTIONS_H

#include "commands/command.h"

/** What options_parse() returns when the command shall run. */
#define OPTIONS_RUN (-1)

/**
 * Fill `settings` from the words after the command's name. Operands are moved
 * to the front of argv in their order.
 *
 * @return OPTIONS_RUN, or the exit code when that was all: after --help, or
 *         after a message about a wrong option
 */
int options_parse(const command *c, void *settings, int argc, char **argv,
                  int *n_operands);

/** Print the command's --help. */
void options_help(const command *c);

/** Print the command's options a line, "--dtype fp32|bf16", for the shell. */
void options_words(const command *c);

/** The nearest of `words` (ends with NULL) to a mistyped one, or NULL. */
const char *options_nearest(const char *word, const char *const *words);

#endif
