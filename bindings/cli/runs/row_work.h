/* SPDX-License-Identifier: MIT */
/*
 * row_work.h - what `expclip features` and `expclip targets` share: pictures
 * without labels, shards, the disk space needed, and the work itself, step by
 * step into a file that an interruption leaves whole.
 */
#ifndef EXPCLIP_CLI_ROW_WORK_H
#define EXPCLIP_CLI_ROW_WORK_H

#include <expclip_eval.h>

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
                 "The file that the rows are kept in. Required. After an "     \
                 "interruption the same command continues with it."),          \
        OPT_TEXT(type, r.shard, "shard", 0, "I/N",                             \
                 "Do only part I of N, for example one per machine, into the " \
                 "file FILE-0000I-of-0000N. \"expclip train\" takes them all " \
                 "by the name FILE.")

/** The pictures and the file of a run. */
typedef struct row_job {
    expclip_dataset *dataset;
    char *path;
    size_t n;
} row_job;

/** Check the settings and open the data. @return 0 or an exit code */
int row_job_open(row_job *out, const char *name, const row_settings *s);
void row_job_close(row_job *job);

/** A step object of the library, seen from here. */
typedef struct row_maker {
    void *object;
    size_t (*done)(const void *object);
    expclip_status (*step)(void *object, const expclip_cancel *cancel,
                           expclip_error *err);
    int32_t (*status)(const void *object, size_t index);
    const char *(*message)(const void *object, size_t index);
} row_maker;

/** Fail early when the disk has no room for what is to come. */
int row_job_check_space(const row_job *job, size_t done, size_t dim);
/** Do the work, with a bar; report failures. @return an exit code */
int row_job_run(const row_job *job, const row_maker *maker);

#endif
