/* SPDX-License-Identifier: MIT */
/*
 * outfile.c - a file that gets its name only when all of it is written.
 */
#define _GNU_SOURCE
#include "outfile.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/temporary.h"
#include "command.h"
#include "console.h"
#include "memory.h"

struct outfile {
    FILE *stream;
    char *path;      /* links followed */
    char *temporary; /* NULL: written as it is */
};

static void release(outfile *o)
{
    free(o->path);
    free(o->temporary);
    free(o);
}

/** The file behind links, so that a link stays one; `path` when it is new. */
static char *real_path(const char *path)
{
    char *real = realpath(path, NULL);

    return real ? real : memory_text("%s", path);
}

int outfile_open(outfile **out, const char *path)
{
    outfile *o = memory_new(1, sizeof(*o));
    struct stat st;
    int fd;

    o->path = real_path(path);
    if (stat(o->path, &st) == 0 && !S_ISREG(st.st_mode)) {
        fd = open(o->path, O_WRONLY | O_CLOEXEC); /* fails for a folder */
    } else {
        o->temporary = memory_new(expclip__temporary_size(o->path), 1);
        fd = expclip__temporary_open(o->temporary, o->path);
    }
    o->stream = fd < 0 ? NULL : fdopen(fd, "wb");
    if (!o->stream) {
        const int cause = errno;
        console_error("cannot write %s: %s", path, strerror(cause));
        if (fd >= 0) {
            close(fd);
            if (o->temporary)
                unlink(o->temporary);
        }
        release(o);
        return cause == ENOSPC || cause == EMFILE || cause == ENFILE
                   ? EXIT_RESOURCES
                   : EXIT_USAGE;
    }
    *out = o;
    return 0;
}

int outfile_check(const char *path)
{
    const char *slash = strrchr(path, '/');
    char *folder =
        memory_text("%.*s.", slash ? (int)(slash + 1 - path) : 0, path);
    const char *wrong = NULL;
    struct stat st;

    if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
        wrong = "found a folder, expected a regular file";
    else if (stat(path, &st) == 0 && !S_ISREG(st.st_mode))
        wrong = "found a device or pipe, expected a regular file";
    else if (stat(folder, &st))
        wrong = strerror(errno);
    free(folder);
    if (wrong)
        console_error("cannot write %s: %s", path, wrong);
    return wrong ? EXIT_USAGE : 0;
}

FILE *outfile_stream(outfile *o)
{
    return o->stream;
}

int outfile_commit(outfile *o)
{
    /* Locked until it is renamed. */
    const int held = expclip__temporary_hold(fileno(o->stream));
    int cause = 0;

    if (fflush(o->stream) || ferror(o->stream) ||
        (o->temporary && fsync(fileno(o->stream))))
        cause = errno ? errno : EIO;
    if (fclose(o->stream) && !cause)
        cause = errno;
    if (!cause && o->temporary && rename(o->temporary, o->path))
        cause = errno;
    if (cause) {
        console_error("cannot write %s: %s", o->path, strerror(cause));
        if (o->temporary)
            unlink(o->temporary);
    }
    if (held >= 0)
        close(held);
    release(o);
    return cause ? EXIT_RESOURCES : 0;
}

void outfile_abort(outfile *o)
{
    if (!o)
        return;
    fclose(o->stream);
    if (o->temporary)
        unlink(o->temporary);
    release(o);
}
