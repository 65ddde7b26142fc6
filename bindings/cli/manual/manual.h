/* SPDX-License-Identifier: MIT */
/*
 * manual.h - what is printed from the option tables for others to install: the
 * man page and the completions of the shells.
 */
#ifndef EXPCLIP_CLI_MANUAL_H
#define EXPCLIP_CLI_MANUAL_H

#include "commands/command.h"

/** The commands of the program, in the order of `expclip --help`. */
typedef struct command_list {
    const command *const *items;
    size_t n;
} command_list;

void manual_print_man(const command_list *list);
void manual_print_bash(const command_list *list);
void manual_print_zsh(const command_list *list);
void manual_print_fish(const command_list *list);

/** The document of this name: "man", "bash", "zsh" or "fish"; 0 when there is
 * none. */
int manual_print(const char *name, const command_list *list);

/* What the completions share. */

/** Call `print` for each option of a command, those of every command too. */
void manual_each_option(const command *c,
                        void (*print)(const command *c,
                                      const command_option *o));
/** Print a text for between single quotes, with a backslash before the letters
 * in `special`, and `quote` for each single quote. */
void manual_put_quoted(const char *text, size_t size, const char *special,
                       const char *quote);
/** How long the first sentence of a help text is, without its full stop. */
size_t manual_first_sentence(const char *text);

#endif
