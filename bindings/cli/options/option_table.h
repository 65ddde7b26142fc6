/* SPDX-License-Identifier: MIT */
/*
 * option_table.h - what the rows of the option tables say, for all who read
 * them: --help, the man page and the completions of the shells.
 */
#ifndef EXPCLIP_CLI_OPTION_TABLE_H
#define EXPCLIP_CLI_OPTION_TABLE_H

#include "commands/command.h"

enum { OPTION_TEXT_MAX = 1024 };

/** Options of every command; their settings are the console's. */
typedef struct common_settings {
    int32_t help;
    int32_t quiet;
    int32_t force;
} common_settings;

extern const command_option common_options[];
extern const common_settings common_defaults;

/**
 * What is said of an option: its own words and its default.
 *
 * @param defaults  the settings that the defaults are read from
 */
void option_describe(char out[OPTION_TEXT_MAX], const command_option *o,
                     const void *defaults);

/**
 * The words among the values of an option that can be typed as they are:
 * "auto none" of "FILE|auto|none", with spaces between. Names in capitals stand
 * for what only the user knows.
 */
void option_value_words(char out[OPTION_TEXT_MAX], const command_option *o);

/** Is the value in the settings another one than the default? */
int option_is_changed(const command_option *o, const void *settings,
                      const void *defaults);

/** Is a file or a folder among the values of this option? */
int option_takes_file(const command_option *o);

#endif
