/* SPDX-License-Identifier: MIT */
/*
 * raw_settings.h - `expclip clip --raw`, which takes frames from stdin and not
 * all of the options that clips have.
 */
#ifndef EXPCLIP_CLI_RAW_SETTINGS_H
#define EXPCLIP_CLI_RAW_SETTINGS_H

#include "commands/command.h"
#include "inputs/raw_frames.h"

/** The settings of a command with the option --raw. */
typedef struct raw_settings {
    const char *raw; /* NULL = not given */
    const command_option *options;
    const void *settings;
    const void *defaults;
} raw_settings;

/**
 * Translate; or report a format that is none, an operand that is not stdin, or
 * an option that would have no effect. Nothing to do when --raw was not given.
 *
 * @return 0 or EXIT_USAGE
 */
int raw_settings_read(raw_format *out, const raw_settings *s, int n_operands,
                      char **operands);

#endif
