/* SPDX-License-Identifier: MIT */
/*
 * outfile.c - a file that gets its name only when all of it is written.
 */
#define _GNU_SOURCE
#include "views/outfile.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "shared/temporary.h"
#include "terminal/failure.h"
#include "terminal/console.h"
#include "terminal/memory.h"

struct outfile {
    FILE *stream;
    char *path;      /* links followed */
    char *temporary; /* NULL: written as it is */
    struct outfile *next;
};

enum { WHY_SIZE = 256 };

static int32_t forced;

/* Files that the command reads. */
static struct {
    struct seen {
        dev_t device;
        ino_t inode;
    } * files;
    size_t n;
} inputs_seen;

void outfile_set_force(int32_t force)
{
    forced = force;
}

void outfile_protect(const char *path)
{
    const size_t n = inputs_seen.n;
    struct stat st;

    if (!path || stat(path, &st) || !S_ISREG(st.st_mode))
        return;
    if ((n & (n + 1)) == 0) /* room for 1, 3, 7, ... more */
        inputs_seen.files = memory_resize(inputs_seen.files, 2 * n + 1,
                                          sizeof(*inputs_seen.files));
    inputs_seen.files[inputs_seen.n++] = (struct seen){ st.st_dev, st.st_ino };
}

static int is_input(const char *path)
{
    struct stat st;

    if (stat(path, &st))
        return 0;
    for (size_t i = 0; i < inputs_seen.n; i++)
        if (inputs_seen.files[i].device == st.st_dev &&
            inputs_seen.files[i].inode == st.st_ino)
            return 1;
    return 0;
}

static int report_input(const char *path)
{
    console_error("%s is not written: it is an input of this command; give"
                  " another name",
                  path);
    return EXIT_USAGE;
}

/** Report what must not be replaced. @return 0 or EXIT_USAGE */
static int check_replaced(const char *path, expclip__file_kind kind)
{
    char why[WHY_SIZE];

    if (is_input(path))
        return report_input(path);
    if (forced || expclip__is_replaceable(path, kind, why, sizeof(why)))
        return 0;
    console_error("%s is not written: %s; give another name, or --force to"
                  " replace it",
                  path, why);
    return EXIT_USAGE;
}

/** Files that are written now, which no other output may be. */
static outfile *open_files;

static int is_open(const outfile *o)
{
    for (const outfile *k = open_files; k; k = k->next)
        if (strcmp(k->path, o->path) == 0)
            return 1;
    return 0;
}

static void release(outfile *o)
{
    for (outfile **k = &open_files; *k; k = &(*k)->next)
        if (*k == o) {
            *k = o->next;
            break;
        }
    free(o->path);
    free(o->temporary);
    free(o);
}

/** The file behind links, so that a link stays one; of a new one its folder's
 * own name and its name. */
static char *real_path(const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;
    char *real = realpath(path, NULL);
    char *folder, *is_folder;

    if (real)
        return real;
    folder = memory_text("%.*s.", (int)(name - path), path);
    is_folder = realpath(folder, NULL);
    real = is_folder ? memory_text("%s/%s", is_folder, name)
                     : memory_text("%s", path);
    free(is_folder);
    free(folder);
    return real;
}

int outfile_open(outfile **out, const char *path, expclip__file_kind kind)
{
    outfile *o = memory_new(1, sizeof(*o));
    struct stat st;
    int fd;

    if (check_replaced(path, kind)) {
        free(o);
        return EXIT_USAGE;
    }
    o->path = real_path(path);
    if (is_open(o)) {
        console_error("%s is not written: it is another output of this"
                      " command, too; give another name",
                      path);
        release(o);
        return EXIT_USAGE;
    }
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
    if (o->temporary) {
        o->next = open_files;
        open_files = o;
    }
    *out = o;
    return 0;
}

int outfile_check(const char *path, expclip__file_kind kind)
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
    return wrong || check_replaced(path, kind) ? EXIT_USAGE : 0;
}

int outfile_library(const char *path, expclip__file_kind kind,
                    expclip_status (*write)(const char *name, const void *data,
                                            expclip_error *err),
                    const void *data)
{
    char why[WHY_SIZE];
    expclip_error err;
    char *name;
    int rc = outfile_check(path, kind);

    if (rc)
        return rc;
    name = forced && !expclip__is_replaceable(path, kind, why, sizeof(why))
               ? memory_text("%s.forced-%ld", path, (long)getpid())
               : memory_text("%s", path);
    if (write(name, data, &err)) {
        rc = failure_report_as(
            &err, err.code == EXPCLIP_ERROR_IO ? EXIT_RESOURCES : EXIT_MODEL);
    } else if (strcmp(name, path) != 0 && rename(name, path)) {
        console_error("cannot replace %s: %s", path, strerror(errno));
        unlink(name);
        rc = EXIT_RESOURCES;
    }
    free(name);
    return rc;
}

int outfile_check_parts(const char *folder, const outfile_part *parts, size_t n)
{
    int rc = 0;

    for (size_t i = 0; i < n && !rc; i++) {
        char *path = memory_text("%s/%s", folder, parts[i].name);

        rc = outfile_check(path, parts[i].kind);
        free(path);
    }
    return rc;
}

int outfile_write_parts(const char *folder, const outfile_part *parts, size_t n,
                        const void *data)
{
    int rc = 0;

    for (size_t i = 0; i < n && !rc; i++) {
        char *path = memory_text("%s/%s", folder, parts[i].name);
        outfile *o = NULL;

        rc = outfile_open(&o, path, parts[i].kind);
        free(path);
        if (rc)
            return rc;
        parts[i].print(o->stream, data);
        rc = outfile_commit(o);
    }
    return rc;
}

FILE *outfile_stream(outfile *o)
{
    return o->stream;
}

const char *outfile_name(const outfile *o)
{
    return o->temporary ? o->temporary : o->path;
}

int outfile_failure(outfile *o)
{
    const int cause = errno;

    if (!ferror(o->stream))
        return 0;
    console_error("cannot write %s: %s", o->path,
                  strerror(cause ? cause : EIO));
    return EXIT_RESOURCES;
}

int outfile_commit(outfile *o)
{
    /* Locked until it is renamed. */
    const int held = expclip__temporary_hold(fileno(o->stream));
    int cause = 0;

    if (o->temporary && is_input(o->path)) {
        const int rc = report_input(o->path);

        outfile_abort(o);
        if (held >= 0)
            close(held);
        return rc;
    }

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

/* ---- stdout ---- */

static outfile *redirected;

int outfile_redirect(const char *path, expclip__file_kind kind)
{
    const int rc = outfile_open(&redirected, path, kind);

    if (rc)
        return rc;
    if (dup2(fileno(redirected->stream), STDOUT_FILENO) >= 0)
        return 0;
    console_error("cannot write %s: %s", path, strerror(errno));
    outfile_abort(redirected);
    redirected = NULL;
    return EXIT_RESOURCES;
}

int outfile_end_redirection(void)
{
    outfile *o = redirected;

    redirected = NULL;
    return o ? outfile_commit(o) : 0;
}

void outfile_drop_redirection(void)
{
    outfile_abort(redirected);
    redirected = NULL;
}
