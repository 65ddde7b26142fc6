/* SPDX-License-Identifier: MIT */
/*
 * csv_field.h - one field of CSV (RFC 4180, with line feeds).
 */
#ifndef EXPCLIP_CLI_CSV_FIELD_H
#define EXPCLIP_CLI_CSV_FIELD_H

#include <stdio.h>

/** Print a text, in quotes where it needs them. */
void csv_field_print(FILE *f, const char *text);

#endif
