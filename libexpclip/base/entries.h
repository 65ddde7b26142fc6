/* SPDX-License-Identifier: MIT */
/*
 * entries.h - the names in a folder.
 */
#ifndef EXPCLIP_BASE_ENTRIES_H
#define EXPCLIP_BASE_ENTRIES_H

#include <expclip_base.h>
#include <stddef.h>

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

#endif
