/* SPDX-License-Identifier: MIT */
/*
 * zip.h - the directory of a zip archive, read-only and distrustful.
 *
 * Every entry lies inside the file, no two share a byte or a name, and the
 * local headers say the same as the directory: what one reader of the file
 * sees, all see. Only stored entries can be read, so nothing can inflate.
 */
#ifndef EXPCLIP_WEIGHTS_ZIP_H
#define EXPCLIP_WEIGHTS_ZIP_H

#include "base/io.h"

typedef struct expclip__zip_entry {
    const char *name; /* owned by the zip */
    uint64_t header;  /* where its local header is */
    uint64_t start;   /* where its bytes are */
    uint64_t size;    /* of its bytes in the file */
    uint32_t crc;     /* CRC-32 of what they hold */
    int stored;       /* 0 = compressed: can be listed, not read */
} expclip__zip_entry;

/** Entries in the order of their names. Immutable. */
typedef struct expclip__zip {
    expclip__zip_entry *entries;
    size_t n_entries;
    char *names;
} expclip__zip;

/** The file must outlive the zip only while entries are read from it. */
expclip_status expclip__zip_open(expclip__zip **out, const expclip__file *file,
                                 expclip_error *err);
/** Takes NULL. */
void expclip__zip_free(expclip__zip *zip);
/** Index of an entry, -1 when there is none of that name. */
int32_t expclip__zip_find(const expclip__zip *zip, const char *name);
/** All bytes of an entry of at most `limit`, checked; for expclip__free(). */
expclip_status expclip__zip_read(uint8_t **out, size_t *size,
                                 const expclip__zip *zip, int32_t entry,
                                 const expclip__file *file, uint64_t limit,
                                 expclip_error *err);

#endif
