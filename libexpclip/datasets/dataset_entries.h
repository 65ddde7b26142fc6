/* SPDX-License-Identifier: MIT */
/*
 * dataset_entries.h - the names in a folder, and what they are names of.
 */
#ifndef EXPCLIP_DATASET_ENTRIES_H
#define EXPCLIP_DATASET_ENTRIES_H

#include <expclip.h>

/** The names in a folder, sorted by bytes, hidden ones left out. */
typedef struct expclip__entries {
    char **names;
    size_t n;
} expclip__entries;

/**
 * List a folder.
 *
 * @param keep  which names, NULL = all
 */
expclip_status expclip__entries_list(expclip__entries *out, const char *folder,
                                     int (*keep)(const char *name),
                                     expclip_error *err);
/** The hidden ones, too. */
expclip_status expclip__entries_list_all(expclip__entries *out,
                                         const char *folder,
                                         expclip_error *err);
void expclip__entries_free(expclip__entries *entries);

/** By their endings; see expclip__is_image_file() too. */
int expclip__is_image_name(const char *name);
int expclip__is_video_name(const char *name);

#endif
