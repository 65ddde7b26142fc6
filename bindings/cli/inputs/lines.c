/* SPDX-License-Identifier: MIT */
/*
 * lines.c - lines of text from a file or from stdin, one at a time.
 */
#define _GNU_SOURCE /* O_CLOEXEC */
#include "inputs/lines.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "terminal/failure.h"
#include "terminal/console.h"
#include "terminal/stop.h"

enum { FIRST_CAPACITY = 64 * 1024 };

static int fail(lines *l, expclip_status status, const char *problem)
{
    l->status = status;
    snprintf(l->problem, sizeof(l->problem), "%s", problem);
    return 0;
}

static void start(lines *out, const char *name, int fd)
{
    memset(out, 0, sizeof(*out));
    out->name = name;
    out->fd = fd;
}

expclip_status lines_open(lines *out, const char *path)
{
    start(out, path, open(path, O_RDONLY | O_CLOEXEC));
    if (out->fd < 0)
        fail(out, errno == ENOENT ? EXPCLIP_ERROR_NOT_FOUND : EXPCLIP_ERROR_IO,
             strerror(errno));
    return out->status;
}

void lines_open_stdin(lines *out)
{
    start(out, "stdin", STDIN_FILENO);
}

/** Room behind `end` for a byte and a NUL: what is there moves to the front, or
 * the buffer grows. */
static int make_room(lines *l)
{
    const size_t wanted = l->capacity ? 2 * l->capacity : FIRST_CAPACITY;
    char *grown;

    if (l->start) {
        memmove(l->buffer, l->buffer + l->start, l->end - l->start);
        l->end -= l->start;
        l->start = 0;
    }
    if (l->end + 1 < l->capacity)
        return 1;
    /* Not memory_resize(): files in work are to be removed on the way out. */
    grown = realloc(l->buffer, wanted);
    if (!grown)
        return fail(l, EXPCLIP_ERROR_MEMORY, "no memory for a line");
    l->buffer = grown;
    l->capacity = wanted;
    return 1;
}

/** Read on. @return bytes, 0 at the end, after a failure or when stopped */
static size_t fill(lines *l)
{
    if (!make_room(l))
        return 0;
    while (!stop_wanted()) {
        ssize_t n;

        /* A signal ends this wait; read() would go on with its own. */
        if (poll(&(struct pollfd){ l->fd, POLLIN, 0 }, 1, -1) < 0 &&
            errno == EINTR)
            continue;
        n = read(l->fd, l->buffer + l->end, l->capacity - l->end - 1);
        if (n >= 0) {
            l->end += (size_t)n;
            return (size_t)n;
        }
        if (errno != EAGAIN && errno != EINTR)
            return (size_t)fail(l, EXPCLIP_ERROR_IO, strerror(errno));
    }
    return 0;
}

/** Let `text` be the `size` bytes at `start`. */
static void take(lines *l, size_t size, int has_lf)
{
    static const char bom[] = "\xEF\xBB\xBF";

    l->text = l->buffer + l->start;
    l->start += size + (size_t)has_lf;
    if (l->number == 1 && size >= 3 && memcmp(l->text, bom, 3) == 0) {
        l->text += 3;
        size -= 3;
    }
    while (size && l->text[size - 1] == '\r')
        size--;
    l->text[size] = '\0';
    l->size = size;
}

static int fail_long(lines *l)
{
    char problem[sizeof(l->problem)];

    snprintf(problem, sizeof(problem),
             "a line longer than %d bytes: is this text?", LINES_LONGEST);
    return fail(l, EXPCLIP_ERROR_LIMIT, problem);
}

int lines_next(lines *l)
{
    size_t seen = 0;
    const char *lf = NULL;

    if (l->status || stop_wanted())
        return 0;
    l->number++;
    for (;;) {
        if (l->end > l->start + seen)
            lf = memchr(l->buffer + l->start + seen, '\n',
                        l->end - l->start - seen);
        seen = lf ? (size_t)(lf - l->buffer) - l->start : l->end - l->start;
        if (seen > LINES_LONGEST)
            return fail_long(l);
        if (lf || fill(l) == 0)
            break;
    }
    if (l->status || stop_wanted() || (!lf && seen == 0))
        return 0;
    take(l, seen, lf != NULL);
    return 1;
}

int lines_report(const lines *l)
{
    if (!l->status)
        return 0;
    if (l->number)
        console_error("%s:%zu: cannot be read: %s (%s)", l->name, l->number,
                      l->problem, expclip_status_name(l->status));
    else
        console_error("%s: cannot be read: %s (%s)", l->name, l->problem,
                      expclip_status_name(l->status));
    return exit_code_of(l->status);
}

void lines_close(lines *l)
{
    if (l->fd > STDIN_FILENO)
        close(l->fd);
    free(l->buffer);
    l->buffer = NULL;
    l->fd = -1;
}
