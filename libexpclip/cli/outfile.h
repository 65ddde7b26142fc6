/* SPDX-License-Identifier: MIT */
/*
 * outfile.h - a file that gets its name only when all of it is written.
 *
 * A regular file is written beside its name and renamed over it. A device or a
 * pipe, such as /dev/stdout, is written as it is.
 */
#ifndef EXPCLIP_CLI_OUTFILE_H
#define EXPCLIP_CLI_OUTFILE_H

#include <stdio.h>

typedef struct outfile outfile;

/**
 * Start a file. A wrong place (no such folder, a folder itself) is reported.
 *
 * @return 0, EXIT_USAGE or EXIT_RESOURCES
 */
int outfile_open(outfile **out, const char *path);
/**
 * Report a place where the library cannot write a file of its own, which it
 * renames over the name: a folder, a device, a pipe, no folder at all.
 *
 * @return 0 or EXIT_USAGE
 */
int outfile_check(const char *path);
/** Where to write; errors are found by outfile_commit(). */
FILE *outfile_stream(outfile *o);
/** Write what is left, give the file its name, free `o`. Reports failure. */
int outfile_commit(outfile *o);
/** Leave no trace and free `o`; takes NULL. */
void outfile_abort(outfile *o);

#endif
