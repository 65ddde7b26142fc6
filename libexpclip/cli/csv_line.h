/* SPDX-License-Identifier: MIT */
/*
 * csv_line.h - fields of comma-separated values (RFC 4180, with line feeds).
 */
#ifndef EXPCLIP_CLI_CSV_LINE_H
#define EXPCLIP_CLI_CSV_LINE_H

#include <stdio.h>

/** Write a text, in quotes where it needs them. */
void csv_field(FILE *f, const char *text);

#endif
