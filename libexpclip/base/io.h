/* SPDX-License-Identifier: MIT */
/*
 * io.h - files: bounded reads at an offset, and writes that are all or nothing.
 *
 * Files are opened without blocking, must be regular, and are read with pread:
 * a file that shrinks under a reader is an error and never a signal.
 */
#ifndef EXPCLIP_BASE_IO_H
#define EXPCLIP_BASE_IO_H

#include <expclip.h>

#include "shared/replaceable.h"

/** An open file, or bytes in memory read as one. */
typedef struct expclip__file {
    int fd;               /* -1 for bytes in memory */
    const uint8_t *bytes; /* borrowed, when fd is -1 */
    uint64_t size;        /* at opening */
    char *path;           /* for messages */
} expclip__file;

/** Open a regular file: NOT_FOUND, IO, or UNSUPPORTED for anything else. */
expclip_status expclip__file_open(expclip__file *out, const char *path,
                                  expclip_error *err);
/** UNSAFE unless it is a plain file name. */
expclip_status expclip__check_file_name(const char *name, expclip_error *err);
/** Open `name`, a plain file name, in a folder. UNSAFE for any other name. */
expclip_status expclip__file_open_beside(expclip__file *out, const char *folder,
                                         const char *name, expclip_error *err);
/** Read borrowed bytes as if they were a file. `name` is for messages. */
expclip_status expclip__file_from_bytes(expclip__file *out,
                                        const uint8_t *bytes, size_t size,
                                        const char *name, expclip_error *err);
/** Read exactly `size` bytes at `offset`; TRUNCATED when there are fewer. */
expclip_status expclip__file_read(const expclip__file *file, uint64_t offset,
                                  void *out, size_t size, expclip_error *err);
void expclip__file_close(expclip__file *file);

/** Read a whole file of at most `limit` bytes, for expclip__free(); a NUL that
 * does not count follows them. */
expclip_status expclip__read_file(uint8_t **out, size_t *size, const char *path,
                                  uint64_t limit, expclip_error *err);

/** A file that appears under its name only when it is complete. */
typedef struct expclip__writer expclip__writer;
/** ARGUMENT where a file is that must not be replaced (replaceable.h). */
expclip_status expclip__writer_open(expclip__writer **out, const char *path,
                                    expclip__file_kind kind,
                                    expclip_error *err);
expclip_status expclip__writer_add(expclip__writer *w, const void *data,
                                   size_t size, expclip_error *err);
/** fsync, rename, fsync of the folder; frees the writer in every case. */
expclip_status expclip__writer_commit(expclip__writer *w, expclip_error *err);
/** Make the names in the folder of `path` durable, where that is possible. */
void expclip__sync_folder(const char *path);
/** Remove the temporary file and free the writer; takes NULL. */
void expclip__writer_abort(expclip__writer *w);

#endif
