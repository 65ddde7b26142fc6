/* SPDX-License-Identifier: MIT */
/*
 * json_line.h - JSON Lines: one object a line.
 */
#ifndef EXPCLIP_CLI_JSON_LINE_H
#define EXPCLIP_CLI_JSON_LINE_H

#include <jansson.h>
#include <stdio.h>

/** A string; bytes that are not UTF-8, as file names may have, become U+FFFD.
 */
json_t *json_line_text(const char *text, size_t size);
/** The same of a text that ends with NUL. */
json_t *json_line_string(const char *text);
/** A number with the digits that a float needs; null for NaN and infinity. */
json_t *json_line_number(float number);
/** Write an object and a line break, and free it. */
void json_line_write(FILE *f, json_t *object);
/** The same on stdout. */
void json_line_print(json_t *object);

#endif
