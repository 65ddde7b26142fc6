/* SPDX-License-Identifier: MIT */
/*
 * lines.h - lines of text from a file or from stdin, one at a time: lists of
 * images, texts, logs of trainings.
 *
 * The end of the text and a failure are different things: a folder, a device
 * error or a line without an end is never taken for an empty list. Memory is
 * bounded by the longest line, whatever comes.
 */
#ifndef EXPCLIP_CLI_LINES_H
#define EXPCLIP_CLI_LINES_H

#include <expclip.h>

enum { LINES_LONGEST = 16 << 20 }; /* bytes */

typedef struct lines {
    const char *name;      /* for messages; borrowed */
    size_t number;         /* of the present line, from 1 */
    char *text;            /* without BOM and line end; ended by NUL; may be
                              changed; valid until the next */
    size_t size;           /* it may hold NUL bytes, too */
    expclip_status status; /* why it ended, 0 = at the end of the text */
    char problem[128];

    int fd;
    char *buffer;
    size_t capacity;
    size_t start; /* what is in the buffer and not yet a line */
    size_t end;
} lines;

/** @return 0, or NOT_FOUND or IO, which `problem` explains; close it always */
expclip_status lines_open(lines *out, const char *path);
void lines_open_stdin(lines *out);
/** Step to the next line. @return 0 at the end, after a failure, or when the
 * program is to stop */
int lines_next(lines *l);
/** Report what made it end early. @return 0 when nothing did, or an exit
 * code */
int lines_report(const lines *l);
void lines_close(lines *l);

#endif
