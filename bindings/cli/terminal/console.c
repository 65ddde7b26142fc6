/* SPDX-License-Identifier: MIT */
/*
 * console.c - words for people: messages and colours on stderr, and text that
 * is safe to print.
 */
#define _GNU_SOURCE
#include "terminal/console.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "terminal/characters.h"

enum { COLUMNS_ELSEWHERE = 100 };

/* Of the process, as stdout and stderr are; used by the main thread only. */
static int32_t is_quiet;
static int flush_cause;

/* ------------------------------------------------------------------------
 * Text
 */

static size_t shown_width(character c)
{
    return character_is_shown(c.point) ? character_width(c.point)
                                       : 4 * c.size; /* \xNN */
}

void console_print(FILE *f, const char *text)
{
    while (*text) {
        const character c = character_at(text);
        if (character_is_shown(c.point))
            fwrite(text, 1, c.size, f);
        else
            for (size_t i = 0; i < c.size; i++)
                fprintf(f, "\\x%02X", (unsigned char)text[i]);
        text += c.size;
    }
}

size_t console_width(const char *text)
{
    size_t width = 0;

    while (*text) {
        const character c = character_at(text);
        width += shown_width(c);
        text += c.size;
    }
    return width;
}

void console_print_fit(FILE *f, const char *text, size_t width)
{
    size_t left = console_width(text);

    if (left > width) {
        fputs("…", f);
        while (left + 1 > width && *text) {
            const character c = character_at(text);
            left -= shown_width(c);
            text += c.size;
        }
        left++;
    }
    console_print(f, text);
    fprintf(f, "%*s", (int)(width > left ? width - left : 0), "");
}

/* ------------------------------------------------------------------------
 * Messages
 */

static void print_message(const char *format, va_list args)
{
    char *text = NULL;

    if (vasprintf(&text, format, args) < 0)
        return;
    fputs("expclip: ", stderr);
    console_print(stderr, text);
    fputc('\n', stderr);
    free(text);
}

void console_error(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    print_message(format, args);
    va_end(args);
}

void console_note(const char *format, ...)
{
    va_list args;

    if (is_quiet)
        return;
    va_start(args, format);
    print_message(format, args);
    va_end(args);
}

void console_set_quiet(int32_t quiet)
{
    is_quiet = quiet;
}

int32_t console_is_quiet(void)
{
    return is_quiet;
}

int console_flush(void)
{
    if (flush_cause)
        return flush_cause;
    errno = 0;
    if (fflush(stdout) || ferror(stdout))
        flush_cause = errno ? errno : EIO;
    return flush_cause;
}

/* ------------------------------------------------------------------------
 * Terminal
 */

int console_has_colour(FILE *f)
{
    const char *no = getenv("NO_COLOR"); /* no-color.org: set and not empty */
    const char *term = getenv("TERM");

    return isatty(fileno(f)) && !(no && *no) &&
           !(term && strcmp(term, "dumb") == 0);
}

size_t console_columns(FILE *f)
{
    struct winsize size;

    if (ioctl(fileno(f), TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        return size.ws_col;
    return COLUMNS_ELSEWHERE;
}

double console_seconds(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}
