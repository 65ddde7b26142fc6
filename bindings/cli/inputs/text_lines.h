/* SPDX-License-Identifier: MIT */
/*
 * text_lines.h - texts from the command line, or from stdin as one JSON string
 * a line, so that a text may hold line breaks.
 */
#ifndef EXPCLIP_CLI_TEXT_LINES_H
#define EXPCLIP_CLI_TEXT_LINES_H

#include <jansson.h>

#include "inputs/lines.h"

typedef struct text_lines {
    char **operands; /* NULL: stdin */
    int n_operands;
    size_t n_read;
    lines lines; /* of stdin */
    json_t *string;
    const char *text; /* the present one, valid until the next */
    size_t size;
    const char *problem; /* why the line is no text, or NULL */
} text_lines;

/**
 * @param from_stdin  1 = read stdin
 * @return 0, or EXIT_USAGE when it is said both ways or not at all, reported
 */
int text_lines_open(text_lines *t, const char *command_name, int from_stdin,
                    int n_operands, char **operands);
/** Step to the next text or problem. @return 0 at the end or when stdin cannot
 * be read any more, which text_lines_close() tells */
int text_lines_next(text_lines *t);
/** @return 0, or an exit code when stdin could not be read, reported */
int text_lines_close(text_lines *t);

#endif
