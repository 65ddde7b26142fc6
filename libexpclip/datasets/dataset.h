/* SPDX-License-Identifier: MIT */
/*
 * dataset.h - what an open dataset is: its items, whatever layout they came
 * from.
 */
#ifndef EXPCLIP_DATASETS_DATASET_H
#define EXPCLIP_DATASETS_DATASET_H

#include <expclip_eval.h>

#include "base/threads.h"
#include "image/image.h"

/** One image or clip. */
typedef struct expclip__item {
    char *path;       /* of an image, a folder of frames or a video file */
    int32_t label;    /* class, in the dataset's order */
    int32_t fold;     /* which fold tests it */
    int64_t n_frames; /* 0 = an image; of a clip as its list says, or -1 */
    int32_t box_x;    /* face box, as in expclip_image_options: 0, 0, 0, 0 = */
    int32_t box_y;    /* the whole image */
    int32_t box_width;
    int32_t box_height;
    uint64_t pixels_at; /* pixels_size > 0: `path` is a table (FER2013) that */
    size_t pixels_size; /* holds the grey levels here, as decimal numbers */
    int32_t list;       /* which of `lists` named it, -1 = none */
    size_t line;        /* in that list, from 1 */
} expclip__item;

/** A line or a file that was left out. */
typedef struct expclip__problem {
    char *text;   /* "FILE, line N: reason" */
    int32_t list; /* which of `lists`, -1 = none */
    size_t line;  /* from 1, 0 = none */
} expclip__problem;

typedef enum expclip__note_kind {
    EXPCLIP__NOTE_LEFT_OUT, /* something that lies there was left out */
    EXPCLIP__NOTE_READ_AS,  /* a name was read as a class */
    EXPCLIP__NOTE_QUIET     /* left out, as everybody expects; the last ones */
} expclip__note_kind;

/** What the opening did on its own, said in a sentence. */
typedef struct expclip__note {
    char *text; /* "FOLDER: what was done" */
    expclip__note_kind kind;
} expclip__note;

struct expclip_dataset {
    expclip__refcount refs;
    const char *name;                   /* static text */
    const struct expclip__known *known; /* its row of the table */
    int is_train;                       /* 1 = not the published test part */
    expclip__item *items;
    size_t n_items;
    int32_t shard; /* which part of a whole this is, and of how many */
    int32_t n_shards;
    uint64_t whole_hash; /* of the whole; unset when this is it */
    int32_t n_folds;
    char **class_names; /* [n_classes] */
    size_t n_classes;
    char **lists; /* [n_lists], files that were read */
    size_t n_lists;
    expclip__problem *problems; /* [n_problems] */
    size_t n_problems;
    expclip__note *notes; /* [n_notes] */
    size_t n_notes;
};

/** As expclip_dataset_shard(). */
expclip_status expclip__dataset_shard(expclip_dataset **out,
                                      const expclip_dataset *dataset,
                                      int32_t shard, int32_t n_shards,
                                      expclip_error *err);
expclip_dataset *expclip__dataset_retain(const expclip_dataset *dataset);
void expclip__dataset_release(expclip_dataset *dataset);

/** A number that changes with the items' paths, frames, boxes, labels and
 * order: features of one dataset are not those of another. Of a part it is the
 * whole's. */
uint64_t expclip__dataset_hash(const expclip_dataset *dataset);
/** A number that changes with the sizes of its files and, if wanted, with their
 * times; of a folder of frames with its time alone. */
uint64_t expclip__dataset_hash_files(const expclip_dataset *dataset,
                                     int with_times);

/** The image of an item with pixels_size > 0: 48x48, grey as RGB. */
expclip_status expclip__item_pixels(expclip__image *out,
                                    const expclip__item *item,
                                    expclip_error *err);

/** As expclip_dataset_check(). *out is for jansson's free(), that is free(). */
expclip_status expclip__dataset_check(char **out,
                                      const expclip_dataset *dataset,
                                      const expclip_cancel *cancel,
                                      expclip_error *err);

#endif
