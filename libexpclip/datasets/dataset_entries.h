/* SPDX-License-Identifier: MIT */
/*
 * dataset_entries.h - what the names in a folder are names of.
 */
#ifndef EXPCLIP_DATASET_ENTRIES_H
#define EXPCLIP_DATASET_ENTRIES_H

#include "base/entries.h"

/** By its ending; names of images: shared/formats.h. */
int expclip__is_video_name(const char *name);

#endif
