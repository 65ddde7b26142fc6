/* SPDX-License-Identifier: MIT */
/*
 * progress.c - where progress is drawn: a bar on stderr.
 */
#define _GNU_SOURCE
#include "terminal/progress.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "terminal/console.h"

enum { BAR_WIDTH = 24, BAR_LEAST = 4, AMOUNT_SIZE = 64 };

void progress_start(progress *p, const char *unit, double total)
{
    p->unit = unit;
    p->total = total;
    p->start = console_seconds();
    p->drawn = 0;
}

/** Bytes as MB, anything else as it is. */
static void write_amount(char text[AMOUNT_SIZE], double n, const char *unit)
{
    if (strcmp(unit, "B") == 0)
        snprintf(text, AMOUNT_SIZE, "%.1f MB", n * 1e-6);
    else if (n < 1 && n > 0) /* a teacher takes seconds per image */
        snprintf(text, AMOUNT_SIZE, "%.2g %s", n, unit);
    else
        snprintf(text, AMOUNT_SIZE, "%.*f %s",
                 n < 10 && n != (double)(long)n ? 1 : 0, n, unit);
}

static void write_time_left(char text[AMOUNT_SIZE], double seconds)
{
    const double minutes = seconds / 60;

    if (seconds < 120)
        snprintf(text, AMOUNT_SIZE, ", %.0f s left", seconds);
    else if (minutes < 120)
        snprintf(text, AMOUNT_SIZE, ", %.0f min left", minutes);
    else
        snprintf(text, AMOUNT_SIZE, ", %.0f h left", minutes / 60);
}

/** Append a bar of `width` columns, full up to `fraction`. */
static void append_bar(char *out, double fraction, int width)
{
    const int full = (int)(fraction * width);

    for (int i = 0; i < width; i++)
        strcat(out, i < full ? "█" : "░");
    strcat(out, "  ");
}

void progress_text(char out[PROGRESS_SIZE], const progress *p, double done,
                   double seconds, size_t columns)
{
    const double rate = done / (seconds + 1e-9);
    const int room = columns > 1 ? (int)columns - 1 : 0;
    char amount[AMOUNT_SIZE], speed[AMOUNT_SIZE], left[AMOUNT_SIZE] = "";
    char percent[AMOUNT_SIZE] = "";
    int used, bar;

    if (p->total > 0)
        snprintf(percent, sizeof(percent), "%3.0f %% ",
                 done < p->total ? 100 * done / p->total : 100.0);
    write_amount(amount, done, p->unit);
    write_amount(speed, rate, p->unit);
    if (p->total > done && rate > 0)
        write_time_left(left, (p->total - done) / rate);
    /* What matters least goes first: the bar, the rate, the time left. */
    used = (int)(strlen(percent) + strlen(amount));
    if (used + (int)strlen(left) > room)
        left[0] = '\0';
    used += (int)strlen(left);
    if (used + (int)strlen(speed) + 4 > room)
        speed[0] = '\0';
    used += speed[0] ? (int)strlen(speed) + 4 : 0;
    bar = room - used - 2 < BAR_WIDTH ? room - used - 2 : BAR_WIDTH;
    snprintf(out, PROGRESS_SIZE, "%.*s", room, percent);
    if (percent[0] && bar >= BAR_LEAST)
        append_bar(out, done < p->total ? done / p->total : 1.0, bar);
    if ((int)(strlen(percent) + strlen(amount)) > room)
        return; /* no room for more than percent */
    strcat(out, amount);
    if (speed[0])
        strcat(strcat(strcat(out, ", "), speed), "/s");
    strcat(out, left);
}

void progress_show(progress *p, double done)
{
    const double now = console_seconds();
    char text[PROGRESS_SIZE];

    if (console_is_quiet() || now - p->start < 1.0 || now - p->drawn < 0.1 ||
        !isatty(STDERR_FILENO))
        return;
    progress_text(text, p, done, now - p->start, console_columns(stderr));
    fprintf(stderr, "\r\033[K%s", text);
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
