/* SPDX-License-Identifier: MIT */
/*
 * set.h - what an expclip__weights is made of, for the readers that fill one.
 */
#ifndef EXPCLIP_WEIGHTS_SET_H
#define EXPCLIP_WEIGHTS_SET_H

#include "base/io.h"
#include "weights/weight.h"
#include "weights/zip.h"

#define EXPCLIP__MAX_TENSORS 65536

/** A file that tensors lie in. */
typedef struct expclip__source {
    expclip__file file;
    void *archive; /* what archive.c keeps; NULL for safetensors */
} expclip__source;

typedef struct expclip__metadata_entry {
    char *key;
    char *value;
} expclip__metadata_entry;

struct expclip__weights {
    const char *format;
    char *folder; /* of the files, for config.json; NULL for bytes */
    expclip__source *sources;
    size_t n_sources;
    expclip__weight *tensors;
    size_t n_tensors;
    size_t tensors_capacity;
    expclip__metadata_entry *metadata;
    size_t n_metadata;
    uint32_t *buckets; /* hash table: 1 + index of a tensor, 0 = free */
    size_t n_buckets;  /* a power of two, at least twice n_tensors */
};

/** Take over an open file as the next source; closes it on failure. */
expclip_status expclip__set_add_source(expclip__weights *ws,
                                       expclip__file *file, expclip_error *err);
/**
 * Add a tensor; its name is copied. FORMAT when there is one of that name,
 * LIMIT when there are too many.
 */
expclip_status expclip__set_add_tensor(expclip__weights *ws,
                                       const expclip__weight *w,
                                       expclip_error *err);
/** Strings are copied. */
expclip_status expclip__set_add_metadata(expclip__weights *ws, const char *key,
                                         const char *value, expclip_error *err);

/**
 * Read what an open file holds, told by its content; takes the file over and
 * sets ws->format.
 */
expclip_status expclip__set_read_source(expclip__weights *ws,
                                        expclip__file *file,
                                        expclip_error *err);

/** Product of a shape. @return 1, or 0 when a dimension is negative, or a
 * product of those that are not 0 overflows */
int expclip__shape_count(int32_t n_dims, const int64_t *shape, int64_t *out);

/** Read the header of source number `source`; adds tensors and metadata. */
expclip_status expclip__safetensors_read(expclip__weights *ws, int32_t source,
                                         expclip_error *err);
/** The same for a torch zip archive; sets ws->format. */
expclip_status expclip__archive_read(expclip__weights *ws, int32_t source,
                                     expclip_error *err);
/** The same for a file of torch.save() before torch 1.6; sets ws->format. */
expclip_status expclip__legacy_read(expclip__weights *ws, int32_t source,
                                    expclip_error *err);
/** The archive's entry with a tensor's storage, NULL when its checksum was
 * compared before. */
const expclip__zip_entry *
expclip__archive_unchecked(const expclip__source *source,
                           const expclip__weight *w);
/** The checksum of a tensor's storage is right. */
void expclip__archive_set_checked(const expclip__source *source,
                                  const expclip__weight *w);
/** Takes NULL. */
void expclip__archive_close(void *p);
/** Read an index of shards: opens every shard as a source. */
expclip_status expclip__shards_read(expclip__weights *ws, const char *path,
                                    expclip_error *err);

#endif
