/* SPDX-License-Identifier: MIT */
/*
 * set.c - named tensors: adding and finding.
 */
#include "weights/set.h"

#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/text.h"

int expclip__shape_count(int32_t n_dims, const int64_t *shape, int64_t *out)
{
    int64_t n = 1, without_zeros = 1; /* strides are products of parts */

    for (int32_t i = 0; i < n_dims; i++) {
        if (shape[i] < 0 ||
            __builtin_mul_overflow(without_zeros, shape[i] ? shape[i] : 1,
                                   &without_zeros))
            return 0;
        n = shape[i] ? n : 0;
    }
    *out = n ? without_zeros : 0;
    return without_zeros <= INT64_MAX / 8;
}

/* ---- adding ---- */

expclip_status expclip__set_add_source(expclip__weights *ws,
                                       expclip__file *file, expclip_error *err)
{
    expclip__source *grown =
        expclip__grown(ws->sources, ws->n_sources, sizeof(*grown));

    if (!grown) {
        expclip__file_close(file);
        return expclip__fail_memory(err, "weights");
    }
    ws->sources = grown;
    grown[ws->n_sources++] = (expclip__source){ .file = *file };
    return EXPCLIP_OK;
}

/* Where `name` is in the table, or the free place for it. */
static size_t find_bucket(const expclip__weights *ws, const char *name)
{
    const uint64_t hash =
        expclip__hash(EXPCLIP__HASH_START, name, strlen(name));
    size_t i = (size_t)hash & (ws->n_buckets - 1);

    while (ws->buckets[i] &&
           strcmp(ws->tensors[ws->buckets[i] - 1].name, name) != 0)
        i = (i + 1) & (ws->n_buckets - 1);
    return i;
}

/* Twice the room, with all names entered anew. */
static int grow(expclip__weights *ws)
{
    const size_t capacity =
        ws->tensors_capacity ? 2 * ws->tensors_capacity : 64;
    uint32_t *buckets = expclip__alloc_zero(2 * capacity, sizeof(*buckets));
    expclip__weight *tensors =
        expclip__realloc(ws->tensors, capacity, sizeof(*tensors));

    if (tensors)
        ws->tensors = tensors;
    if (!buckets || !tensors) {
        expclip__free(buckets);
        return 0;
    }
    expclip__free(ws->buckets);
    ws->buckets = buckets;
    ws->n_buckets = 2 * capacity;
    ws->tensors_capacity = capacity;
    for (size_t i = 0; i < ws->n_tensors; i++)
        buckets[find_bucket(ws, tensors[i].name)] = (uint32_t)i + 1;
    return 1;
}

/*
 * Words that wrappers of modules put between others, wherever a module was
 * wrapped: torch.compile(model.visual), FullyShardedDataParallel, activation
 * checkpoints, DistributedDataParallel(model.visual). They say nothing of the
 * tensor. A first "module" may be a dictionary's key, beside others.
 */
static const char *const wrappers[] = { "_orig_mod.", "_fsdp_wrapped_module.",
                                        "_checkpoint_wrapped_module.",
                                        "module." };

static int is_wrapper(const char *name, const char *at)
{
    return at == name ? at[0] == '_' : at[-1] == '.';
}

static void remove_wrappers(char *name)
{
    for (size_t i = 0; i < sizeof(wrappers) / sizeof(wrappers[0]); i++) {
        const size_t size = strlen(wrappers[i]);
        char *at = name;

        while ((at = strstr(at, wrappers[i])))
            if (is_wrapper(name, at))
                memmove(at, at + size, strlen(at + size) + 1);
            else
                at += size;
    }
}

static expclip_status add_named(expclip__weights *ws, const expclip__weight *w,
                                char *name, expclip_error *err)
{
    const size_t bucket = find_bucket(ws, name);

    if (ws->buckets[bucket])
        return expclip__fail(err, EXPCLIP_ERROR_FORMAT,
                             "tensor \"%s\": there twice", w->name);
    ws->tensors[ws->n_tensors] = *w;
    ws->tensors[ws->n_tensors].name = name;
    ws->buckets[bucket] = (uint32_t)++ws->n_tensors;
    return EXPCLIP_OK;
}

expclip_status expclip__set_add_tensor(expclip__weights *ws,
                                       const expclip__weight *w,
                                       expclip_error *err)
{
    expclip_status status;
    char *name;

    if (ws->n_tensors == EXPCLIP__MAX_TENSORS)
        return expclip__fail(err, EXPCLIP_ERROR_LIMIT, "more than %d tensors",
                             EXPCLIP__MAX_TENSORS);
    if (ws->n_tensors == ws->tensors_capacity && !grow(ws))
        return expclip__fail_memory(err, "weights");
    name = expclip__strdup(w->name);
    if (!name)
        return expclip__fail_memory(err, "weights");
    remove_wrappers(name);
    status = add_named(ws, w, name, err);
    if (status)
        expclip__free(name);
    return status;
}

expclip_status expclip__set_add_metadata(expclip__weights *ws, const char *key,
                                         const char *value, expclip_error *err)
{
    expclip__metadata_entry *grown =
        expclip__grown(ws->metadata, ws->n_metadata, sizeof(*grown));

    if (!grown)
        return expclip__fail_memory(err, "metadata");
    ws->metadata = grown;
    grown[ws->n_metadata++] =
        (expclip__metadata_entry){ expclip__strdup(key),
                                   expclip__strdup(value) };
    if (!grown[ws->n_metadata - 1].key || !grown[ws->n_metadata - 1].value)
        return expclip__fail_memory(err, "metadata");
    return EXPCLIP_OK;
}

void expclip__weights_free(expclip__weights *ws)
{
    if (!ws)
        return;
    for (size_t i = 0; i < ws->n_sources; i++) {
        expclip__archive_close(ws->sources[i].archive);
        expclip__file_close(&ws->sources[i].file);
    }
    for (size_t i = 0; i < ws->n_tensors; i++)
        expclip__free((char *)(uintptr_t)ws->tensors[i].name);
    for (size_t i = 0; i < ws->n_metadata; i++) {
        expclip__free(ws->metadata[i].key);
        expclip__free(ws->metadata[i].value);
    }
    expclip__free(ws->sources);
    expclip__free(ws->tensors);
    expclip__free(ws->metadata);
    expclip__free(ws->buckets);
    expclip__free(ws->folder);
    expclip__free(ws);
}

/* ---- finding ---- */

const char *expclip__weights_format(const expclip__weights *ws)
{
    return ws->format;
}

size_t expclip__weights_count(const expclip__weights *ws)
{
    return ws->n_tensors;
}

const expclip__weight *expclip__weights_at(const expclip__weights *ws,
                                           size_t index)
{
    return &ws->tensors[index];
}

const expclip__weight *expclip__weights_find(const expclip__weights *ws,
                                             const char *name)
{
    char plain[1024]; /* an index of shards has the wrappers' words, too */
    uint32_t found;

    if (strlen(name) < sizeof(plain)) {
        memcpy(plain, name, strlen(name) + 1);
        remove_wrappers(plain);
        name = plain;
    }
    found = ws->n_buckets ? ws->buckets[find_bucket(ws, name)] : 0;
    return found ? &ws->tensors[found - 1] : NULL;
}

size_t expclip__weights_n_metadata(const expclip__weights *ws)
{
    return ws->n_metadata;
}

const char *expclip__weights_metadata_key(const expclip__weights *ws,
                                          size_t index)
{
    return ws->metadata[index].key;
}

const char *expclip__weights_metadata(const expclip__weights *ws,
                                      const char *key)
{
    for (size_t i = 0; i < ws->n_metadata; i++)
        if (strcmp(ws->metadata[i].key, key) == 0)
            return ws->metadata[i].value;
    return NULL;
}
