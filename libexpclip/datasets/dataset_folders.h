/* SPDX-License-Identifier: MIT */
/*
 * dataset_folders.h - what is in a folder, and folders that are classes.
 */
#ifndef EXPCLIP_DATASET_FOLDERS_H
#define EXPCLIP_DATASET_FOLDERS_H

#include "datasets/dataset_builder.h"

/** The names in a folder, sorted by bytes, hidden ones left out. */
typedef struct expclip__entries {
    char **names;
    size_t n;
    size_t capacity;
} expclip__entries;

/**
 * List a folder.
 *
 * @param keep  which names, NULL = all
 */
expclip_status expclip__entries_list(expclip__entries *out, const char *folder,
                                     int (*keep)(const char *name),
                                     expclip_error *err);
void expclip__entries_free(expclip__entries *entries);

/** By their endings; see expclip__is_picture_file() too. */
int expclip__is_picture_name(const char *name);
int expclip__is_video_name(const char *name);

enum { EXPCLIP__PICTURES = 1, EXPCLIP__CLIPS = 2 };

/**
 * Add what is in the folders of a folder, which are named by classes or codes.
 *
 * @param kinds  EXPCLIP__PICTURES or EXPCLIP__CLIPS (folders of frames, video
 *               files), or both
 */
expclip_status expclip__add_class_folders(expclip__builder *b,
                                          const char *folder, int kinds,
                                          expclip_error *err);

#endif
