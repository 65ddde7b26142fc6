/* SPDX-License-Identifier: MIT */
/*
 * outfile.h - a file that gets its name only when all of it is written.
 *
 * A regular file is written beside its name and renamed over it. A device or a
 * pipe, such as /dev/stdout, is written as it is. What is not ours is replaced
 * with --force only: a file that does not begin like one that we write of that
 * kind (shared/replaceable.h). An input of the command is never replaced.
 */
#ifndef EXPCLIP_CLI_OUTFILE_H
#define EXPCLIP_CLI_OUTFILE_H

#include <expclip.h>
#include <stdio.h>

#include "shared/replaceable.h"

typedef struct outfile outfile;

/**
 * Start a file. A wrong place (no such folder, a folder itself, somebody else's
 * file) is reported.
 *
 * @return 0, EXIT_USAGE or EXIT_RESOURCES
 */
int outfile_open(outfile **out, const char *path, expclip__file_kind kind);
/**
 * Report a place where the library cannot write a file of its own, which it
 * renames over the name: a folder, a device, a pipe, no folder at all, somebody
 * else's file.
 *
 * @return 0 or EXIT_USAGE
 */
int outfile_check(const char *path, expclip__file_kind kind);
/**
 * Have the library write a file of its own. What it refuses to replace is
 * written beside it with --force, and then takes its name.
 *
 * @param write  gets the name for the library, and `data`
 * @return 0; EXIT_USAGE for a wrong place or argument, EXIT_RESOURCES when the
 *         file could not be written, EXIT_MODEL when what it is made from could
 *         not be used; reported
 */
int outfile_library(const char *path, expclip__file_kind kind,
                    expclip_status (*write)(const char *name, const void *data,
                                            expclip_error *err),
                    const void *data);

/** A file that is printed in one go. */
typedef struct outfile_part {
    const char *name; /* in its folder */
    expclip__file_kind kind;
    void (*print)(FILE *f, const void *data);
} outfile_part;

/** Report a file in the folder that must not be replaced.
 * @return 0 or EXIT_USAGE */
int outfile_check_parts(const char *folder, const outfile_part *parts,
                        size_t n);
/** Write one after the other. @return 0 or an exit code, reported */
int outfile_write_parts(const char *folder, const outfile_part *parts, size_t n,
                        const void *data);
/** --force was given. */
void outfile_set_force(int32_t force);
/** No output of this command may replace this file. Takes NULL and names that
 * are no files. */
void outfile_protect(const char *path);
/** Results that go to stdout go to a file from now on. @return as open */
int outfile_redirect(const char *path, expclip__file_kind kind);
/** The end of that: the file gets its name. @return 0 or EXIT_RESOURCES */
int outfile_end_redirection(void);
/** Or it gets none. */
void outfile_drop_redirection(void);
/** Where to write; errors are found by outfile_commit(). */
FILE *outfile_stream(outfile *o);
/** What the file is called until then, for another program that writes it. */
const char *outfile_name(const outfile *o);
/** Report what was not written so far. @return 0 or EXIT_RESOURCES */
int outfile_failure(outfile *o);
/** Write what is left, give the file its name, free `o`. Reports failure. */
int outfile_commit(outfile *o);
/** Leave no trace and free `o`; takes NULL. */
void outfile_abort(outfile *o);

#endif
