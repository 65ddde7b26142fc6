/* SPDX-License-Identifier: MIT */
/*
 * dataset_folders.h - folders that are classes.
 */
#ifndef EXPCLIP_DATASET_FOLDERS_H
#define EXPCLIP_DATASET_FOLDERS_H

#include "datasets/dataset_builder.h"

enum { EXPCLIP__IMAGES = 1, EXPCLIP__CLIPS = 2 };

/**
 * Add what is in the folders of a folder, which are named by classes or codes.
 *
 * @param kinds  EXPCLIP__IMAGES or EXPCLIP__CLIPS (folders of frames, video
 *               files), or both
 */
expclip_status expclip__add_class_folders(expclip__builder *b,
                                          const char *folder, int kinds,
                                          expclip_error *err);

#endif
