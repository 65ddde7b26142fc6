/* SPDX-License-Identifier: MIT */
/*
 * io.c - files: bounded reads at an offset, and writes that are all or nothing.
 *
 * Reads use pread and never mmap, so a file that another process cuts is an
 * error and not a SIGBUS. Opening does not block on FIFOs and devices.
 */
#define _GNU_SOURCE
#include "base/io.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/error.h"
#include "shared/temporary.h"
#include "base/text.h"

/* "path: Permission denied"; a missing file has a code of its own. */
static expclip_status fail_errno(expclip_error *err, const char *path,
                                 const char *doing)
{
    const int code = errno;
    char buffer[128];

    return expclip__fail(
        err, code == ENOENT ? EXPCLIP_ERROR_NOT_FOUND : EXPCLIP_ERROR_IO,
        "%s: %s: %s", path, doing, strerror_r(code, buffer, sizeof(buffer)));
}

/* ---- reading ---- */

static expclip_status take(expclip__file *out, int fd, const char *path,
                           expclip_error *err)
{
    struct stat s;
    char *copy;
    expclip_status status;

    if (fd < 0)
        return fail_errno(err, path, "cannot open");
    if (fstat(fd, &s) != 0) {
        status = fail_errno(err, path, "cannot look at");
    } else if (!S_ISREG(s.st_mode)) {
        status =
            expclip__fail(err, EXPCLIP_ERROR_UNSUPPORTED,
                          "%s: %s, expected a regular file%s", path,
                          S_ISDIR(s.st_mode)    ? "a folder"
                          : S_ISFIFO(s.st_mode) ? "a pipe"
                                                : "a device or socket",
                          S_ISFIFO(s.st_mode)
                              ? "; save what comes out of it and give that file"
                              : "");
    } else if (!(copy = expclip__strdup(path))) {
        status = expclip__fail_memory(err, "path");
    } else {
        *out = (expclip__file){ .fd = fd,
                                .size = (uint64_t)s.st_size,
                                .path = copy };
        return EXPCLIP_OK;
    }
    close(fd);
    return status;
}

expclip_status expclip__file_open(expclip__file *out, const char *path,
                                  expclip_error *err)
{
    return take(out, open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC), path, err);
}

expclip_status expclip__check_file_name(const char *name, expclip_error *err)
{
    if (name[0] && name[0] != '.' && !strchr(name, '/'))
        return EXPCLIP_OK;
    return expclip__fail(err, EXPCLIP_ERROR_UNSAFE,
                         "\"%s\": expected a plain file name", name);
}

expclip_status expclip__file_open_beside(expclip__file *out, const char *folder,
                                         const char *name, expclip_error *err)
{
    expclip_status status = expclip__check_file_name(name, err);
    char *path;

    if (status)
        return status;
    path = expclip__path_join(folder, name);
    status = path ? expclip__file_open(out, path, err)
                  : expclip__fail_memory(err, "path");
    expclip__free(path);
    return status;
}

expclip_status expclip__file_from_bytes(expclip__file *out,
                                        const uint8_t *bytes, size_t size,
                                        const char *name, expclip_error *err)
{
    char *copy = expclip__strdup(name);

    if (!copy)
        return expclip__fail_memory(err, "name");
    *out =
        (expclip__file){ .fd = -1, .bytes = bytes, .size = size, .path = copy };
    return EXPCLIP_OK;
}

void expclip__file_close(expclip__file *file)
{
    if (file->path && file->fd >= 0)
        close(file->fd);
    expclip__free(file->path);
    memset(file, 0, sizeof(*file));
    file->fd = -1;
}

static expclip_status fail_short(const expclip__file *file, uint64_t offset,
                                 size_t size, expclip_error *err)
{
    return expclip__fail(err, EXPCLIP_ERROR_TRUNCATED,
                         "%s: ends before byte %llu, expected %zu bytes from "
                         "byte %llu",
                         file->path, (unsigned long long)offset + size, size,
                         (unsigned long long)offset);
}

expclip_status expclip__file_read(const expclip__file *file, uint64_t offset,
                                  void *out, size_t size, expclip_error *err)
{
    unsigned char *p = out;
    size_t done = 0;

    if (offset > file->size || size > file->size - offset)
        return fail_short(file, offset, size, err);
    if (file->fd < 0) {
        if (size)
            memcpy(out, file->bytes + offset, size);
        return EXPCLIP_OK;
    }
    while (done < size) {
        ssize_t n =
            pread(file->fd, p + done, size - done, (off_t)(offset + done));

        if (n > 0)
            done += (size_t)n;
        else if (n == 0)
            return fail_short(file, offset, size, err);
        else if (errno != EINTR)
            return fail_errno(err, file->path, "cannot read");
    }
    return EXPCLIP_OK;
}

expclip_status expclip__read_file(uint8_t **out, size_t *size, const char *path,
                                  uint64_t limit, expclip_error *err)
{
    expclip__file file;
    uint8_t *bytes = NULL;
    expclip_status status = expclip__file_open(&file, path, err);

    if (status)
        return status;
    if (file.size > limit) {
        status = expclip__fail(
            err, EXPCLIP_ERROR_LIMIT, "%s: %llu bytes, expected at most %llu",
            path, (unsigned long long)file.size, (unsigned long long)limit);
        goto done;
    }
    bytes = expclip__alloc((size_t)file.size + 1, 1);
    status = bytes ? expclip__file_read(&file, 0, bytes, (size_t)file.size, err)
                   : expclip__fail_memory(err, path);
    if (status) {
        expclip__free(bytes);
        goto done;
    }
    bytes[file.size] = '\0';
    *out = bytes;
    *size = (size_t)file.size;
done:
    expclip__file_close(&file);
    return status;
}

/* ---- writing ---- */

struct expclip__writer {
    int fd;
    char *path;
    char *temporary; /* beside it, so that rename() stays on one disk */
};

static void free_writer(expclip__writer *w)
{
    if (w->fd >= 0)
        close(w->fd);
    expclip__free(w->path);
    expclip__free(w->temporary);
    expclip__free(w);
}

/* rename() would replace a device by a file, were we root. */
static expclip_status check_target(const char *path, expclip__file_kind kind,
                                   expclip_error *err)
{
    struct stat s;
    char why[256];

    if (stat(path, &s) != 0 || S_ISREG(s.st_mode)) {
        if (expclip__is_replaceable(path, kind, why, sizeof(why)))
            return EXPCLIP_OK;
        return expclip__fail(err, EXPCLIP_ERROR_ARGUMENT,
                             "%s: not written: %s; give another name, or "
                             "remove it first",
                             path, why);
    }
    return expclip__fail(err, EXPCLIP_ERROR_ARGUMENT,
                         "%s: %s, expected a file or a new name", path,
                         S_ISDIR(s.st_mode) ? "a folder" : "a device or pipe");
}

static expclip_status create_temporary(expclip__writer *w, const char *path,
                                       expclip_error *err)
{
    w->temporary = expclip__alloc(expclip__temporary_size(path), 1);
    if (!w->temporary)
        return expclip__fail_memory(err, "file writer");
    w->fd = expclip__temporary_open(w->temporary, path);
    return w->fd >= 0 ? EXPCLIP_OK : fail_errno(err, path, "cannot create");
}

expclip_status expclip__writer_open(expclip__writer **out, const char *path,
                                    expclip__file_kind kind, expclip_error *err)
{
    expclip_status status = check_target(path, kind, err);
    expclip__writer *w;

    if (status)
        return status;
    w = expclip__alloc_zero(1, sizeof(*w));
    if (!w)
        return expclip__fail_memory(err, "file writer");
    w->fd = -1;
    w->path = expclip__strdup(path);
    status = w->path ? create_temporary(w, path, err)
                     : expclip__fail_memory(err, "file writer");
    if (status)
        free_writer(w);
    else
        *out = w;
    return status;
}

expclip_status expclip__writer_add(expclip__writer *w, const void *data,
                                   size_t size, expclip_error *err)
{
    const unsigned char *p = data;

    while (size > 0) {
        ssize_t n = write(w->fd, p, size);

        if (n < 0 && errno != EINTR)
            return fail_errno(err, w->path, "cannot write");
        if (n > 0) {
            p += n;
            size -= (size_t)n;
        }
    }
    return EXPCLIP_OK;
}

/* Some file systems cannot; that is no loss of data, so failures are not
 * errors. */
void expclip__sync_folder(const char *path)
{
    const char *slash = strrchr(path, '/');
    const int size = slash ? (int)(slash - path) + 1 : 1;
    char folder[PATH_MAX];
    int fd;

    if (size >= PATH_MAX)
        return;
    snprintf(folder, sizeof(folder), "%.*s", size, slash ? path : ".");
    fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd >= 0) {
        fsync(fd);
        close(fd);
    }
}

expclip_status expclip__writer_commit(expclip__writer *w, expclip_error *err)
{
    expclip_status status = EXPCLIP_OK;
    const int held = expclip__temporary_hold(w->fd); /* until it is renamed */
    int closed;

    if (fsync(w->fd) != 0)
        status = fail_errno(err, w->path, "cannot write");
    closed = close(w->fd);
    w->fd = -1;
    if (!status && closed != 0)
        status = fail_errno(err, w->path, "cannot write");
    if (!status && rename(w->temporary, w->path) != 0)
        status = fail_errno(err, w->path, "cannot put in place");
    if (status)
        unlink(w->temporary);
    else
        expclip__sync_folder(w->path); /* makes the rename durable */
    if (held >= 0)
        close(held);
    free_writer(w);
    return status;
}

void expclip__writer_abort(expclip__writer *w)
{
    if (!w)
        return;
    unlink(w->temporary);
    free_writer(w);
}
