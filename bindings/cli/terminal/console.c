/* SPDX-License-Identifier: MIT */
/*
 * console.c - words for people: messages, colours and progress on stderr, and
 * text that is safe to print.
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

enum { BAR_WIDTH = 24, COLUMNS_ELSEWHERE = 100 };

/* Of the process, as stdout and stderr are; used by the main thread only. */
static int32_t is_quiet;
static int flush_cause;

/* ------------------------------------------------------------------------
 * Text
 */

static int is_shown(character c)
{
    return c.point != CHARACTER_STRAY && !character_is_control(c.point);
}

static size_t shown_width(character c)
{
    return is_shown(c) ? character_width(c.point) : 4 * c.size; /* \xNN */
}

void console_print(FILE *f, const char *text)
{
    while (*text) {
        const character c = character_at(text);
        if (is_shown(c))
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

/* ------------------------------------------------------------------------
 * Progress
 */

void progress_start(progress *p, const char *unit, double total)
{
    p->unit = unit;
    p->total = total;
    p->start = console_seconds();
    p->drawn = 0;
}

/** Bytes as MB, anything else as it is. */
static void print_amount(double n, const char *unit)
{
    if (strcmp(unit, "B") == 0)
        fprintf(stderr, "%.1f MB", n * 1e-6);
    else if (n < 1 && n > 0) /* a teacher takes seconds a picture */
        fprintf(stderr, "%.2g %s", n, unit);
    else
        fprintf(stderr, "%.*f %s", n < 10 && n != (double)(long)n ? 1 : 0, n,
                unit);
}

static void print_time_left(double seconds)
{
    const double minutes = seconds / 60;

    if (seconds < 120)
        fprintf(stderr, ", %.0f s left", seconds);
    else if (minutes < 120)
        fprintf(stderr, ", %.0f min left", minutes);
    else
        fprintf(stderr, ", %.0f h left", minutes / 60);
}

static void print_bar(double share)
{
    const int full = (int)(share * BAR_WIDTH);

    fprintf(stderr, "%3.0f %% ", share * 100);
    for (int i = 0; i < BAR_WIDTH; i++)
        fputs(i < full ? "█" : "░", stderr);
    fputs("  ", stderr);
}

void progress_show(progress *p, double done)
{
    const double now = console_seconds();
    const double rate = done / (now - p->start + 1e-9);

    if (is_quiet || now - p->start < 1.0 || now - p->drawn < 0.1 ||
        !isatty(STDERR_FILENO))
        return;
    fputs("\r\033[K", stderr);
    if (p->total > 0)
        print_bar(done < p->total ? done / p->total : 1.0);
    print_amount(done, p->unit);
    fputs(", ", stderr);
    print_amount(rate, p->unit);
    fputs("/s", stderr);
    if (p->total > done && rate > 0)
        print_time_left((p->total - done) / rate);
    fflush(stderr);
    p->drawn = now;
}

void progress_hide(progress *p)
{
    if (p->drawn == 0)
        return;
    fputs("\r\033[K", stderr);
    fflush(stderr);
    p->drawn = 0;
}
