/* SPDX-License-Identifier: MIT */
/*
 * inputs.h - the images that a command line names, in order.
 *
 * An operand is an image, a folder (its images, sorted as people count:
 * 2 before 10), a list (a .txt file, one path a line, optionally followed by a
 * tab and a face box), or "-", a list on stdin. What cannot be read becomes an
 * input with a problem, so that the others are still done.
 */
#ifndef EXPCLIP_CLI_INPUTS_H
#define EXPCLIP_CLI_INPUTS_H

#include <expclip.h>

/** x,y,w,h[,margin]; width 0 = the whole image. */
typedef struct face_box {
    int32_t x, y, width, height;
    float margin;
} face_box;

typedef struct input {
    char *path;
    const char *list; /* the file that named it, NULL = the command line */
    size_t line;      /* in the list, from 1 */
    face_box box;
    expclip_status status; /* not OK: it has a problem and is not opened */
    char *problem;
} input;

typedef struct inputs {
    input *items;
    size_t n;
    size_t capacity;
} inputs;

/**
 * @param recursive  1 = folders in folders too
 * @return 0 or EXIT_RESOURCES (the system refuses), reported
 */
int inputs_collect(inputs *out, int n_operands, char **operands,
                   int32_t recursive);
void inputs_free(inputs *in);

/** Read "x,y,w,h" or "x,y,w,h,margin". @return 1 when it is well formed */
int face_box_parse(face_box *out, const char *text);

/** A library's message about an input, without the path it starts with. */
const char *input_reason(const input *in, const char *message);

/** Report a failed input on stderr: where it was named, and why. */
void input_report(const input *in, expclip_status status, const char *message);

#endif
