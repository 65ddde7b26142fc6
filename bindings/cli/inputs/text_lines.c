/* SPDX-License-Identifier: MIT */
/*
 * text_lines.c - texts from the command line, or from stdin as one JSON string
 * a line.
 */
#include "inputs/text_lines.h"

#include <string.h>

#include "terminal/failure.h"
#include "terminal/console.h"
#include "terminal/stop.h"

int text_lines_open(text_lines *t, const char *command_name, int from_stdin,
                    int n_operands, char **operands)
{
    memset(t, 0, sizeof(*t));
    if (from_stdin && n_operands) {
        console_error("%s: --stdin takes no operand, found \"%s\"",
                      command_name, operands[0]);
        return EXIT_USAGE;
    }
    if (!from_stdin && !n_operands) {
        console_error("%s: no text given, neither as operand nor by --stdin",
                      command_name);
        return EXIT_USAGE;
    }
    t->operands = from_stdin ? NULL : operands;
    t->n_operands = n_operands;
    lines_open_stdin(&t->lines);
    return 0;
}

static void read_json(text_lines *t)
{
    /* A text may hold NUL; the rest of JSON is no text. */
    t->string = json_loadb(t->lines.text, t->lines.size,
                           JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
    if (json_is_string(t->string)) {
        t->text = json_string_value(t->string);
        t->size = json_string_length(t->string);
    } else {
        t->problem = "expected a JSON string, such as \"a face\"";
    }
}

int text_lines_next(text_lines *t)
{
    json_decref(t->string);
    t->string = NULL;
    t->problem = NULL;
    t->text = "";
    t->size = 0;
    if (stop_wanted())
        return 0;
    if (!t->operands) {
        if (!lines_next(&t->lines))
            return 0;
        read_json(t);
    } else {
        if (t->n_read == (size_t)t->n_operands)
            return 0;
        t->text = t->operands[t->n_read];
        t->size = strlen(t->text);
    }
    t->n_read++;
    return 1;
}

int text_lines_close(text_lines *t)
{
    const int rc = lines_report(&t->lines);

    json_decref(t->string);
    lines_close(&t->lines);
    return rc;
}
