/* SPDX-License-Identifier: MIT */
/*
 * csv_line.h - fields of comma-separated values (RFC 4180, with line feeds).
 */
#ifndef EXPCLIP_CLI_CSV_LINE_H
#define EXPCLIP_CLI_CSV_LINE_H

#include <stdio.h>

/**
 * Write a text, in quotes where it needs them. One that begins with = + - @, a
 * tab or CR gets ' in front of it, so that a spreadsheet shows it instead of
 * computing it: names of files and classes are strangers' words.
 */
void csv_field(FILE *f, const char *text);
/** Write texts, each with a comma in front. */
void csv_fields(FILE *f, const char *const *texts, size_t n);

#endif
