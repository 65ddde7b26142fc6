/* SPDX-License-Identifier: MIT */
/*
 * console.h - words for people: messages and colours on stderr, and text that
 * is safe to print.
 *
 * Names of files are any bytes; what is printed of them has control characters
 * shown as \xNN, so that a name cannot drive the terminal.
 */
#ifndef EXPCLIP_CLI_CONSOLE_H
#define EXPCLIP_CLI_CONSOLE_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/** Print "expclip: ..." and a line break on stderr. */
void console_error(const char *format, ...)
    __attribute__((format(printf, 1, 2)));
/** The same, but for --quiet. */
void console_note(const char *format, ...)
    __attribute__((format(printf, 1, 2)));
void console_set_quiet(int32_t quiet);
/** 1 with --quiet. */
int32_t console_is_quiet(void);

/**
 * Hand the results so far to their reader.
 *
 * @return 0, or the errno of the first time that this failed: nobody reads on,
 *         so the command may stop
 */
int console_flush(void);

/** 1 when colours are welcome: a terminal, and no NO_COLOR. */
int console_has_colour(FILE *f);

/** Columns of the terminal behind `f`, or 100 when it is none. */
size_t console_columns(FILE *f);

/** Print UTF-8 text with control characters and stray bytes as \xNN. */
void console_print(FILE *f, const char *text);
/**
 * Print text in `width` columns: the end of a longer one behind an ellipsis,
 * since paths differ there; spaces after a shorter one.
 */
void console_print_fit(FILE *f, const char *text, size_t width);
/** Columns that console_print() takes. */
size_t console_width(const char *text);

/** Seconds of a clock that never goes back. */
double console_seconds(void);

#endif
