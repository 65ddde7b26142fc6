/* SPDX-License-Identifier: MIT */
/*
 * row_work.h - what `expclip features` and `expclip targets` share: images
 * without labels, shards, the disk space needed, and the work itself, step by
 * step into a file that an interruption leaves whole.
 */
#ifndef EXPCLIP_CLI_ROW_WORK_H
#define EXPCLIP_CLI_ROW_WORK_H

#include <expclip_rows.h>

#include "commands/command.h"

typedef struct row_settings {
    const char *images; /* DIR or LIST */
    const char *data;   /* NAME=PATH[,LIST]... instead */
    const char *split;
    const char *labels; /* as in data_settings */
    const char *output;
    const char *shard; /* "i/n", or NULL */
} row_settings;

#define ROW_SETTINGS_DEFAULT                                                   \
    {                                                                          \
        .split = "train"                                                       \
    }

/* Rows of a command's option table; `r` is the row_settings in `type`. */
#define ROW_OPTIONS(type, r)                                                   \
    OPT_HEADING("Images"),                                                     \
        OPT_TEXT(type, r.images, "images", 'i', "DIR|LIST",                    \
                 "All images in a folder and its subfolders, or those in a "   \
                 "file with one path per line."),                              \
        OPT_TEXT(type, r.data, "data", 'd', "NAME=PATH[,LIST]...",             \
                 "A dataset instead, as for \"expclip evaluate\"."),           \
        OPT_CHOICE(type, r.split, "split", "train|test",                       \
                   "Which part of a dataset is read."),                        \
        OPT_TEXT(type, r.labels, "labels", 0, "NAME=CLASS,...",                \
                 "The classes of the folders of folder=DIR, as for \"expclip " \
                 "evaluate\"."),                                               \
        OPT_TEXT(type, r.output, "output", 'o', "FILE",                        \
                 "The file that keeps the rows. Required. After an "           \
                 "interruption the same command continues with it."),          \
        OPT_TEXT(type, r.shard, "shard", 0, "I/N",                             \
                 "Compute only part I of N, for example one per machine, and " \
                 "keep it in FILE-0000I-of-0000N. \"expclip train\" reads "    \
                 "all parts by the name FILE.")

/** What the rows are made of, their file, and they. */
typedef struct row_job {
    expclip_dataset *dataset;
    char *path;
    expclip_rows *rows;
    size_t dim; /* numbers in a row */
} row_job;

/**
 * Begin the rows of a command's settings: make job->rows, say job->dim.
 *
 * @return 0 or an exit code, reported
 */
typedef int row_begin(row_job *job, const void *settings);
/** The exit code of rows that could not be begun, after the message; 0 for a
 * call that worked. */
int row_work_check(expclip_status status, const expclip_error *err);
/** All that a command does, whose name it is. @return an exit code */
int row_work(const char *name, const row_settings *s, row_begin *begin,
             const void *settings);

/** Do the steps that are left, with a bar of so many `items` ("images"). */
expclip_status row_steps_run(expclip_rows *rows, size_t n, const char *items,
                             expclip_error *err);
/** Say which items failed or, clips, lost frames. @return how many did */
size_t row_steps_report(const expclip_rows *rows,
                        const expclip_dataset *dataset, const char *title);

#endif
