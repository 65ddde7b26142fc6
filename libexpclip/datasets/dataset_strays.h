/* SPDX-License-Identifier: MIT */
/*
 * dataset_strays.h - what lies in people's folders and is no data: it is left
 * out, and said.
 */
#ifndef EXPCLIP_DATASET_STRAYS_H
#define EXPCLIP_DATASET_STRAYS_H

#include "datasets/dataset_builder.h"

/**
 * What a folder is that holds no data, such as "a hidden folder" or "an earlier
 * report"; NULL when it may hold some.
 */
const char *expclip__stray_folder(const char *path, const char *name);
/** Note that a folder is left out, and why. */
expclip_status expclip__note_stray(expclip__builder *b, const char *path,
                                   const char *why, expclip_error *err);

/** Is a file an image that is read? By its ending; with an ending that is none
 * of theirs by its first bytes. */
int expclip__is_image_file(const char *path, const char *name);
/** Count a file that is no item. */
void expclip__leave_out(expclip__builder *b, const char *path,
                        const char *name);
/** Note how many were left out, if any. */
expclip_status expclip__note_left_out(expclip__builder *b, expclip_error *err);

/** Is a folder named like a part of a dataset: test, Train_AFEW, my_val? */
int expclip__is_split_name(const char *name);
/** Is a folder named like a place for images, such as "images" or "Frames"? */
int expclip__is_holder_name(const char *name);
/** Is there anything in a folder that is not hidden? */
int expclip__has_entries(const char *path);

#endif
