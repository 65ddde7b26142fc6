/* SPDX-License-Identifier: MIT */
/*
 * console.h - words for people: messages, colours and progress on stderr, and
 * text that is safe to print.
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

/** A bar on stderr, when that is a terminal and the work takes a second. */
typedef struct progress {
    const char *unit; /* "images" */
    double total;     /* 0 = unknown */
    double start;
    double drawn; /* time of the last drawing, 0 = nothing is there */
} progress;

void progress_start(progress *p, const char *unit, double total);
/** Draw the bar when 0.1 s passed. */
void progress_show(progress *p, double done);
enum { PROGRESS_SIZE = 512 };

/** What is drawn in a terminal of so many columns. It leaves the last one free,
 * where many terminals would begin a new line. */
void progress_text(char out[PROGRESS_SIZE], const progress *p, double done,
                   double seconds, size_t columns);
/** Remove the bar, so that lines can be printed. */
void progress_hide(progress *p);

#endif
